"""Odoo as a server, in prefork mode behind one public port, as in production."""

import os
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools import daemons, places, ports
from tools.console import SetupError
from tools.environment import Environment

READY_SECONDS = 120.0
FRONT_SECONDS = 15.0


def write_configuration(environment: Environment) -> Path:
    """Write the configuration that every Odoo of this state folder reads; return its path."""
    if not places.ODOO_CONFIG.exists():
        fresh = places.ODOO_CONFIG.with_name(f".odoo.conf.{os.getpid()}")
        options = {"admin_passwd": secrets.token_urlsafe(24), "http_interface": ports.LOOPBACK}
        lines = [f"{name} = {value}\n" for name, value in options.items()]
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as configuration:
            configuration.writelines(["[options]\n", *lines])
        fresh.replace(places.ODOO_CONFIG)
    return places.ODOO_CONFIG


def command(environment: Environment, database: str, *options: str) -> list[str]:
    """Return the command line of an Odoo that works on `database`."""
    return environment.odoo_command(
        f"--config={write_configuration(environment)}",
        f"--data-dir={environment.data}",
        f"--addons-path={environment.addons_path}",
        f"--database={database}",
        *options,
    )


class OdooInstance:
    """One Odoo server on the loopback interface; also a context manager that stops it.

    With `workers` it runs in prefork mode, where websockets have a port of their own; a small
    front puts both behind `http_port`; without websockets, `odoo_port` is the shorter way. With
    `workers=0` Odoo itself listens at `http_port`. Several on one database, as on several machines,
    need a `name` each.
    """

    def __init__(
        self,
        environment: Environment,
        database: str,
        http_port: int | None = None,
        workers: int = 2,
        cron_threads: int = 2,
        extra_args: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
        name: str = "",
    ):
        self.environment = environment
        self.database = database
        self.http_port = http_port or ports.free_port()
        self.odoo_port = self.http_port
        self.workers = workers
        self.cron_threads = cron_threads
        self.extra_args = tuple(extra_args)
        self.variables = {**environment.variables(), **(variables or {})}
        self.server = daemons.Daemon(f"odoo-{name or database}")
        self.front = daemons.Daemon(f"front-{name or database}")

    @property
    def url(self) -> str:
        """The address for browsers and clients, without a slash at the end."""
        return f"http://{ports.LOOPBACK}:{self.http_port}"

    @property
    def log_path(self) -> Path:
        """Odoo's log."""
        return self.server.log_path

    @property
    def pid(self) -> int | None:
        """The id of Odoo's main process, None when it does not run."""
        return self.server.pid

    def start(self) -> "OdooInstance":
        """Start Odoo and return when it answers requests; raise SetupError when it does not."""
        self.stop()
        ports.require_free(self.http_port)
        if self.workers:
            self.odoo_port, websocket = ports.free_port(), ports.free_port()
            self._start_front(self.odoo_port, websocket)
        else:
            websocket = self.odoo_port
        options = [f"--http-port={self.odoo_port}", f"--gevent-port={websocket}"]
        options += [f"--workers={self.workers}", f"--max-cron-threads={self.cron_threads}"]
        self.server.start(
            command(self.environment, self.database, *options, *self.extra_args),
            self.variables,
        )
        try:
            self.server.wait_until(
                lambda: self._healthy() and ports.answers(websocket), READY_SECONDS
            )
        except SetupError:
            self.stop()
            raise
        return self

    def stop(self) -> bool:
        """Stop Odoo and its front; return whether it ran."""
        self.front.stop()
        return self.server.stop()

    def kill(self) -> None:
        """Kill Odoo and its workers at once, as a crash would; the front is stopped."""
        self.server.kill()
        self.front.stop()

    def __enter__(self) -> "OdooInstance":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    def _start_front(self, http: int, websocket: int) -> None:
        addresses = [f"--listen={self.http_port}", f"--http={http}", f"--websocket={websocket}"]
        module = [str(self.environment.python), "-m", "tools.front"]
        self.front.start([*module, *addresses], self.variables)
        self.front.wait_until(lambda: ports.answers(self.http_port), FRONT_SECONDS)

    def _healthy(self) -> bool:
        try:
            health = f"{self.url}/web/health?db_server_status=1"
            with urllib.request.urlopen(health, timeout=30) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False
