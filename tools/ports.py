"""TCP ports on the loopback interface."""

import socket

from tools.console import SetupError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a TCP port that nothing on the loopback interface uses at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def require_free(port: int) -> None:
    """Raise SetupError when another program has `port`."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError as error:
            raise SetupError(f"Port {port} needs root: choose one above 1023.") from error
        except OSError as error:
            raise SetupError(
                f"Port {port} is taken by another program: choose another one, for example "
                f"make demo PORT={port + 1}."
            ) from error


def answers(port: int) -> bool:
    """Return whether something accepts connections on `port`."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False
