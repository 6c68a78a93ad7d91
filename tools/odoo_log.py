"""What Odoo's log tells: progress, test results, and lines that must not be there."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.console import Progress

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>[\w.]+): (?P<text>.*)"
)
MODULE = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading")
BAD_LEVELS = ("ERROR", "CRITICAL")
# The private PostgreSQL comes without these two; Odoo says so once and goes on.
KNOWN_ERRORS = ("pg_trgm", "unaccent")


@dataclass
class RunLog:
    """The results in the log of a run of Odoo's test runner, read line by line.

    Warnings and errors of the loggers whose name holds `addon_word` are complaints, and so is any
    other error, unless `own_tests` is False: Odoo's own tests log errors that they expect. A
    complaint holds the lines that follow it, a traceback for one.
    """

    addon_word: str
    own_tests: bool = True
    failed: int = 0
    total: int = 0
    skipped: int = 0
    started: int = 0
    current: str = ""
    complaints: list[str] = field(default_factory=list)
    _in_complaint: bool = field(default=False, repr=False)

    def read(self, line: str) -> None:
        """Take one line of the log into account."""
        match = LINE.match(line)
        if not match:
            if self._in_complaint:
                self.complaints[-1] += "\n" + line.rstrip("\n")
            return
        self._in_complaint = False
        level, logger, text = match["level"], match["logger"], match["text"].rstrip()
        result = RESULT.search(text)
        if result:
            failures, errors, total = map(int, result.groups())
            self.failed += failures + errors
            self.total += total
        elif text.startswith("Starting ") and text.endswith(" ..."):
            self.started += 1
            self.current = text.split()[1]
        elif text.startswith("skipped "):
            self.skipped += 1
        elif self._complains(level, logger, text):
            self.complaints.append(line.rstrip("\n"))
            self._in_complaint = True

    def _complains(self, level: str, logger: str, text: str) -> bool:
        if level in BAD_LEVELS and self.own_tests:
            return not any(word in text for word in KNOWN_ERRORS)
        return level in ("WARNING", *BAD_LEVELS) and self.addon_word in logger

    @property
    def passed(self) -> int:
        """The number of tests that ran and held."""
        return max(self.total - self.failed - self.skipped, 0)


def module_counter(progress: Progress) -> Callable[[str], None]:
    """Return a reader of log lines that draws how many modules Odoo has loaded."""

    def read(line: str) -> None:
        match = MODULE.search(line)
        if match:
            name, number, total = match[1], int(match[2]), int(match[3])
            progress.total = total
            progress.update(number, f"{number}/{total} {name}")

    return read
