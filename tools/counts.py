"""How many tests passed."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Counts:
    """How many tests passed, failed and were skipped, and what was said of those that failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    complaints: tuple[str, ...] = field(default=(), compare=False)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.complaints + other.complaints,
        )

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"
