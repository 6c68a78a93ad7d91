"""Named points at which a test may kill, hold or break a worker; inert in production.

The engine calls `reach("advance.claimed")` where a crash would be interesting. Nothing happens
unless the process was started with the environment variable ``FLOW_FAILPOINTS``, which is read
once, here, so nobody can switch a point on from within Odoo:

    FLOW_FAILPOINTS="advance.claimed=kill:3;execute.written=hold:/tmp/gate"

* ``kill:n``: the process kills itself (SIGKILL) when it gets there for the n-th time;
* ``raise:n``: a `FailpointError` is raised the n-th time;
* ``hold:path``: ``path.held`` is written, and the process waits until ``path`` exists.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

VARIABLE = "FLOW_FAILPOINTS"
POLL_SECONDS = 0.01


class FailpointError(Exception):
    """What a point raises when it was told to."""


def reach(name: str) -> None:
    """Say that the engine has come to the point `name`."""
    if _armed is not None and name in _armed:
        _armed[name]()


def parse(text: str) -> dict[str, Callable[[], None]] | None:
    """Return what to do at which point; None where there is nothing.

    :raises ValueError: when the text is not of the form above
    """
    armed = {}
    for part in filter(None, text.split(";")):
        name, _, order = part.partition("=")
        verb, _, argument = order.partition(":")
        if verb not in _ACTIONS or not argument:
            raise ValueError(f"{VARIABLE}: {part!r} is no failpoint")
        armed[name] = _ACTIONS[verb](argument)
    return armed or None


def _at(count: str, act: Callable[[], None]) -> Callable[[], None]:
    left = int(count)

    def countdown():
        nonlocal left
        left -= 1
        if left == 0:
            act()

    return countdown


def _kill(count):
    return _at(count, lambda: os.kill(os.getpid(), signal.SIGKILL))


def _raise(count):
    def act():
        raise FailpointError("told to fail here")

    return _at(count, act)


def _hold(path):
    def act():
        Path(f"{path}.held").touch()
        while not Path(path).exists():
            time.sleep(POLL_SECONDS)

    return act


_ACTIONS = {"kill": _kill, "raise": _raise, "hold": _hold}
_armed = parse(os.environ.get(VARIABLE, ""))
