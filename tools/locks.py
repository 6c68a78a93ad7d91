"""Locks between processes, and cache entries that are either whole or not there."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.console import say

_held: set[int] = set()


def held() -> tuple[int, ...]:
    """Return the descriptors of the locks this process holds.

    Helpers we start (apt, pip, an installing Odoo) inherit them: when we are killed, the lock
    stays taken until the helper has ended too, so no later run works beside an orphan.
    """
    return tuple(_held)


@contextlib.contextmanager
def exclusive(lock_file: Path, work: str) -> Iterator[None]:
    """Hold the lock `lock_file`; say what is waited for when another process has it."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  waiting for another process: {work} …")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        _held.add(descriptor)
        yield
    finally:
        _held.discard(descriptor)
        os.close(descriptor)


class SharedUse:
    """Counts the processes that use one thing, by a shared lock that ends with the process."""

    def __init__(self, lock_file: Path):
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def begin(self) -> None:
        """Count this process as a user."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def last(self) -> bool:
        """Return whether nobody uses the thing."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def end(self) -> None:
        """Stop being counted."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)


def place(target: Path, build: Callable[[Path], None], work: str) -> Path:
    """Return the folder `target`, made by `build(temporary folder)` when it is not there.

    The folder appears under its name by one rename, after `build` has returned: a kill leaves at
    most a temporary folder, which the next run removes.
    """
    if target.exists():
        return target
    with exclusive(target.with_name(f"{target.name}.lock"), work):
        if target.exists():
            return target
        for leftover in target.parent.glob(f".{target.name}.*"):
            shutil.rmtree(leftover, ignore_errors=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        temporary.chmod(0o755)
        try:
            build(temporary)
            temporary.rename(target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    return target
