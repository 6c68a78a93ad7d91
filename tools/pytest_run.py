"""A run of pytest that works on its own, and is looked at when there is time for it."""

import subprocess
import sys
import time
import xml.etree.ElementTree
from collections.abc import Iterable

from tools import locks, places
from tools.console import say
from tools.counts import Counts

LOOK_SECONDS = 0.2


class PytestRun:
    """The tests of the whole, started at once; what they print waits in a file.

    Use it in a `with` statement, so that they end when we do.

    :param paths: the files, folders or tests to run
    :param without: files and folders below them that are left out
    :param name: of the log and the report, where several run at once
    """

    def __init__(self, *paths: str, without: Iterable[str] = (), name: str = "pytest"):
        self._title = " ".join(paths)
        self._log = places.LOGS / f"{name}.log"
        self._report = places.LOGS / f"{name}.xml"
        self._report.unlink(missing_ok=True)
        color = "yes" if sys.stdout.isatty() else "no"
        options = [f"--junitxml={self._report}", f"--color={color}"]
        options += [f"--ignore={path}" for path in without]
        with self._log.open("w", encoding="utf-8") as output:
            self._process = subprocess.Popen(
                [str(places.VENV_PYTHON), "-m", "pytest", *paths, *options],
                cwd=places.REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=locks.held(),
            )

    def __enter__(self) -> "PytestRun":
        return self

    def __exit__(self, *_error) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait()

    def follow(self) -> Counts:
        """Print what was and will be printed, until the end; return how many tests passed."""
        say(f"tests {self._title} in pytest")
        with self._log.open(encoding="utf-8", errors="replace") as output:
            while True:
                has_ended = self._process.poll() is not None
                print(output.read(), end="", flush=True)
                if has_ended:
                    break
                time.sleep(LOOK_SECONDS)
        return self._count(self._process.returncode)

    def _count(self, status: int) -> Counts:
        try:
            suites = list(xml.etree.ElementTree.parse(self._report).getroot().iter("testsuite"))
        except (OSError, xml.etree.ElementTree.ParseError):
            return Counts(failed=1)
        total, failures, errors, skipped = (
            sum(int(suite.get(name, 0)) for suite in suites)
            for name in ("tests", "failures", "errors", "skipped")
        )
        failed = failures + errors
        # pytest's status also tells of a run that collected nothing or broke off.
        return Counts(total - failed - skipped, failed or int(status != 0), skipped)
