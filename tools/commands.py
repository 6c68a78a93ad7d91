"""Run a helper program to its end, with its output at hand when it fails."""

import collections
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools import locks

# How apt, pip, git, psql and others begin the line that says what is wrong.
ERROR_MARKS = ("E:", "ERROR", "fatal:", "error:", "psql: error:")


class CommandError(Exception):
    """A helper program ended with a non-zero status; `tail` holds its last lines."""

    def __init__(self, command: Sequence[str], status: int, tail: Sequence[str]):
        self.status = status
        self.tail = list(tail)
        super().__init__(f"{Path(command[0]).name} ended with status {status}: {self.reason}")

    @property
    def reason(self) -> str:
        """The line that tells most: the last one that names an error, else the last one."""
        lines = [line.strip() for line in self.tail if line.strip()]
        errors = [line for line in lines if line.startswith(ERROR_MARKS)]
        return (errors or lines or ["no output"])[-1]


def run(
    command: Sequence[str | os.PathLike],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    on_line: Callable[[str], None] | None = None,
    log: Path | None = None,
    pass_fds: Sequence[int] = (),
    user: tuple[int, int] | None = None,
    inherit_locks: bool = True,
) -> str:
    """Run `command`, hand each line it prints to `on_line`, return all of them as one text.

    Standard output and error are read together; standard input is empty. `user` is the user and
    group id to run as; `inherit_locks=False` is for programs that leave a server running. Raises
    CommandError when the status is not zero, FileNotFoundError when there is no such program.
    """
    words = [os.fspath(word) for word in command]
    identity = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
    lines: list[str] = []
    with (log or Path(os.devnull)).open("a", encoding="utf-8") as record:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**(os.environ if env is None else env), "LC_ALL": "C.UTF-8"},
            cwd=cwd,
            text=True,
            encoding="utf-8",
            errors="replace",
            pass_fds=(*(locks.held() if inherit_locks else ()), *pass_fds),
            **identity,
        )
        try:
            for line in process.stdout:
                record.write(line)
                record.flush()
                lines.append(line)
                if on_line:
                    on_line(line.rstrip("\n"))
            status = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
    if status:
        raise CommandError(words, status, collections.deque(lines, maxlen=40))
    return "".join(lines)
