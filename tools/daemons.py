"""Servers that outlive the command that started them, each with a record in the state folder."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from tools import places
from tools.bin.launch import started
from tools.console import SetupError

LAUNCHER = places.REPOSITORY / "tools" / "bin" / "launch.py"
POLL_SECONDS = 0.05


class Daemon:
    """One server process and its group, known by a name within the state folder."""

    def __init__(self, name: str):
        self.name = name
        self.record = places.RUN / f"{name}.json"
        self.log_path = places.LOGS / f"{name}.log"
        self._child: subprocess.Popen | None = None

    @property
    def pid(self) -> int | None:
        """The id of the running process, None when it does not run."""
        if self._child and self._child.poll() is None:
            return self._child.pid
        try:
            record = json.loads(self.record.read_text(encoding="utf-8"))
            return record["pid"] if started(record["pid"]) == record["started"] else None
        except (OSError, ValueError, KeyError, IndexError):
            return None

    def start(self, command: Sequence[str | os.PathLike], env: Mapping[str, str]) -> None:
        """Start `command` in a session of its own, its output appended to the log."""
        words = [os.fspath(word) for word in command]
        with self.log_path.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, str(LAUNCHER), str(self.record), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(env),
                cwd=places.REPOSITORY,
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return when `ready()` is true; raise SetupError when the server ended or it is late."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self._child and self._child.poll() is not None:
                raise SetupError(f"{self.name} ended while starting: see {self.log_path}.")
            if time.monotonic() > deadline:
                raise SetupError(
                    f"{self.name} was not ready after {seconds:.0f} s: see {self.log_path}."
                )
            time.sleep(POLL_SECONDS)

    def stop(self, seconds: float = 15.0) -> bool:
        """End the server, gently first; return whether it ran."""
        pid = self.pid
        if pid is None:
            self.record.unlink(missing_ok=True)
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while self.pid is not None and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        self._kill_group(pid)
        return True

    def kill(self) -> None:
        """End the server and its workers at once, as a crash would."""
        pid = self.pid
        if pid is not None:
            self._kill_group(pid)

    def _kill_group(self, pid: int) -> None:
        # The process leads a group of its own, so this reaches its workers and nobody else.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        while self.pid is not None:
            time.sleep(POLL_SECONDS)
        self.record.unlink(missing_ok=True)


def recorded() -> list[Daemon]:
    """Return the servers of this state folder that have a record, running or not."""
    return [Daemon(path.stem) for path in sorted(places.RUN.glob("*.json"))]


def running() -> list[Daemon]:
    """Return the servers of this state folder that run."""
    return [daemon for daemon in recorded() if daemon.pid is not None]
