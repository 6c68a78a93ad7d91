"""A limit of time for code that others wrote: templates of emails may run in circles.

A worker that hangs would be ended by Odoo's server, and begin again with the same template. So a
thread watches the one that renders, and stops it by an exception when one letter takes too long.
Python raises it between two of its own instructions: a loop ends, a single call into C does not.
"""

import ctypes
import threading
import time
from contextlib import contextmanager

SECONDS = 3.0  # for one letter; a usual one takes a thousandth of that

raise_in_thread = ctypes.pythonapi.PyThreadState_SetAsyncExc


class TooSlowError(Exception):
    """Code took longer, or more memory, than it may."""


class _StoppedError(TooSlowError):
    """Raised in the middle of the code that is stopped, and where that ends at this very moment."""


class Watch:
    """Watches the thread that made it.

    :param seconds: for what is done from one `begin` to the next
    """

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._thread = threading.get_ident()
        self._changed = threading.Condition()
        self._over = self._stopped = False
        self.begin()

    def begin(self) -> None:
        """Let the time begin anew."""
        self._deadline = time.monotonic() + self._seconds

    def left(self) -> float:
        """Return how many seconds are left."""
        return self._deadline - time.monotonic()

    def run(self) -> None:
        """Wait for the deadline, however often it is put off, or for the end."""
        with self._changed:
            while not self._over:
                left = self.left()
                if left <= 0:
                    self._stopped = True
                    raise_in_thread(ctypes.c_ulong(self._thread), ctypes.py_object(_StoppedError))
                    return
                self._changed.wait(left)

    def end(self) -> bool:
        """Stop watching; return whether the code was stopped."""
        with self._changed:
            self._over = True
            self._changed.notify()
        if self._stopped:  # it may not have been raised yet, and must not be from here on
            raise_in_thread(ctypes.c_ulong(self._thread), None)
        return self._stopped


@contextmanager
def at_most(seconds: float):
    """Stop what is done inside when it takes longer; yields the `Watch`, to begin anew.

    :raises TooSlowError: then, whatever the code inside made of being stopped
    """
    watch, stopped = Watch(seconds), False
    try:
        try:
            threading.Thread(target=watch.run, daemon=True, name="flow-time-limit").start()
            watch.begin()
            yield watch
        finally:
            stopped = watch.end()
    except Exception as error:
        if stopped or isinstance(error, _StoppedError):
            raise TooSlowError from error
        raise
    if stopped:
        raise TooSlowError


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error came of a lack of memory, whatever was raised in its place."""
    cause = error
    while cause:
        if isinstance(cause, MemoryError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
