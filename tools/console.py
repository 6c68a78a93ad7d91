"""What the person at the terminal sees: steps, progress, and one sentence when it fails."""

import sys
import time


class SetupError(Exception):
    """Something is missing or wrong; the text is one sentence that says how to get it right."""


def say(text: str = "") -> None:
    """Print one line at once, also when the output is a pipe."""
    print(text, flush=True)


def fail(error: SetupError) -> int:
    """Print the sentence of `error` to standard error and return the exit status."""
    sys.stdout.flush()
    print(f"error: {error}", file=sys.stderr, flush=True)
    return 1


class Progress:
    """A bar (when the total is known) or a counter for one piece of long work.

    A terminal gets a line that redraws itself; anything else gets a plain line now and then, so
    that a log of a build stays short and still shows that the work goes on.
    """

    BAR_WIDTH = 24
    REDRAW_SECONDS = 0.1
    PLAIN_SECONDS = 5.0

    def __init__(self, title: str, total: float | None = None):
        self.title = title
        self.total = total
        self._terminal = sys.stdout.isatty()
        self._started = time.monotonic()
        self._shown = 0.0

    def __enter__(self) -> "Progress":
        if self._terminal:
            self._draw(self.title + " …")
        else:
            say(f"  {self.title} …")
        self._shown = time.monotonic()
        return self

    def __exit__(self, kind, error, trace) -> None:
        seconds = time.monotonic() - self._started
        outcome = "failed after" if kind else "done in"
        if self._terminal:
            self._draw(f"{self.title}: {outcome} {seconds:.1f} s")
            say()
        else:
            say(f"  {self.title}: {outcome} {seconds:.1f} s")

    def update(self, done: float, note: str = "") -> None:
        """Show that `done` of the total is reached; `note` names the piece at hand."""
        now = time.monotonic()
        if now - self._shown < (self.REDRAW_SECONDS if self._terminal else self.PLAIN_SECONDS):
            return
        self._shown = now
        if self._terminal:
            self._draw(f"{self.title} {self._measure(done)} {note}")
        else:
            say(f"  {self.title}: {self._measure(done)} {note}".rstrip())

    def _measure(self, done: float) -> str:
        if not self.total:
            return f"{done:,.0f}"
        share = min(max(done / self.total, 0.0), 1.0)
        filled = round(share * self.BAR_WIDTH)
        bar = "█" * filled + "░" * (self.BAR_WIDTH - filled)
        return f"{bar} {share:4.0%}" if self._terminal else f"{share:.0%}"

    @staticmethod
    def _draw(text: str) -> None:
        sys.stdout.write("\r\x1b[K  " + text[:110])
        sys.stdout.flush()
