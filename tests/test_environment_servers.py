"""PostgreSQL, databases and Odoo: they start, end, and survive kills."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import websocket

from tools import daemons, databases, ports
from tools.odoo_server import OdooInstance

CREATE = """
import sys
from tools import databases, environment
prepared = environment.prepare()
databases.create(prepared, sys.argv[1], ["contacts"])
"""
POSTMASTER = """
from tools import environment
prepared = environment.prepare()
print(prepared.postgres.server.data, flush=True)
prepared.postgres.sql("CREATE TABLE IF NOT EXISTS kept (id int)")
print(prepared.postgres.sql("SELECT count(*) FROM pg_class WHERE relname = 'kept'"), flush=True)
input()
prepared.close()
"""


@pytest.fixture
def database(environment):
    """The name of a database of this test; it is dropped at the end."""
    name = environment.database_name(f"environment_{os.getpid()}")
    yield name
    databases.drop(environment, name)


@pytest.fixture
def use_private_server(repository, own_state):
    """A function that starts a process which uses the private PostgreSQL of its own state."""
    started = []

    def start() -> tuple[subprocess.Popen, Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", POSTMASTER],
            cwd=repository,
            env=own_state,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        data = Path(process.stdout.readline().strip())
        assert process.stdout.readline() == "1\n"
        return process, data

    yield start
    for process in started:
        process.kill()
        process.communicate()
    subprocess.run(
        [sys.executable, "-m", "tools", "reset"], cwd=repository, env=own_state, check=True
    )


def postmaster(data: Path) -> int:
    return int((data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])


def test_private_server_ends_with_its_last_user(use_private_server):
    first, data = use_private_server()
    second, _ = use_private_server()
    first.communicate("\n")
    assert (data / "postmaster.pid").exists()
    second.communicate("\n")
    assert not (data / "postmaster.pid").exists()


def test_private_server_starts_after_a_kill(use_private_server):
    first, data = use_private_server()
    os.kill(postmaster(data), signal.SIGKILL)
    first.kill()
    first.wait()
    # The id of the killed server may belong to any process by now: let it be this one.
    pid_file = data / "postmaster.pid"
    lines = pid_file.read_text(encoding="utf-8").split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]), encoding="utf-8")
    second, _ = use_private_server()
    assert postmaster(data) != os.getpid()
    second.communicate("\n")
    assert second.returncode == 0


def test_private_server_syncs_and_is_not_on_the_network(environment):
    if not environment.postgres.server:
        pytest.skip("PGHOST names another server")
    assert environment.postgres.sql("SHOW fsync") == "on"
    assert environment.postgres.sql("SHOW listen_addresses") == ""


def test_copy_has_files_and_an_identity_of_its_own(environment, database):
    template = databases.template(environment)
    assert databases.create(environment, database)
    assert not databases.create(environment, database), "an existing database is kept"
    uuid = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'"
    assert environment.postgres.sql(uuid, database) != environment.postgres.sql(uuid, template)
    filestore = environment.data / "filestore"
    assert files(filestore / database) == files(filestore / template) != []
    settings = "SELECT reloptions FROM pg_class WHERE relname = 'ir_module_module'"
    assert "autovacuum_enabled=false" in environment.postgres.sql(settings, database)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_kill_while_installing_leaves_nothing_half_made(environment, database, repository):
    databases.template(environment)
    unfinished = f"{database}{databases.UNFINISHED}"
    process = subprocess.Popen([sys.executable, "-c", CREATE, database], cwd=repository)
    while not databases.exists(environment, unfinished):
        assert process.poll() is None, "the database was made too soon to be killed"
    process.kill()
    process.wait()
    assert not databases.exists(environment, database)
    databases.create(environment, database, ["contacts"])
    installed = "SELECT state FROM ir_module_module WHERE name = 'contacts'"
    assert environment.postgres.sql(installed, database) == "installed"
    assert not databases.exists(environment, unfinished)


def test_odoo_serves_pages_and_websockets_and_survives_a_kill(environment, database):
    databases.create(environment, database)
    with OdooInstance(environment, database) as odoo:
        assert page(odoo) == 200
        assert websocket_connects(odoo)
        assert not reachable_from_outside(odoo.http_port)
        odoo.kill()
        assert odoo.pid is None
        assert not ports.answers(odoo.http_port)
        odoo.start()
        assert page(odoo) == 200
    assert odoo.pid is None
    assert not [daemon for daemon in daemons.running() if database in daemon.name]


def page(odoo: OdooInstance) -> int:
    with urllib.request.urlopen(f"{odoo.url}/web/login", timeout=60) as answer:
        return answer.status


def websocket_connects(odoo: OdooInstance) -> bool:
    address = odoo.url.replace("http", "ws", 1) + "/websocket"
    connection = websocket.create_connection(address, origin=odoo.url, timeout=30)
    connected = connection.connected
    connection.close()
    return connected


def reachable_from_outside(port: int) -> bool:
    """Return whether the port answers at any address of this machine but the loopback's."""
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port)}
    for address in addresses - {"127.0.0.1", "127.0.1.1", "::1"}:
        try:
            with socket.create_connection((address, port), timeout=2):
                return True
        except OSError:
            continue
    return False
