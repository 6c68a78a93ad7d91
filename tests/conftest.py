"""Fixtures of the tests of the whole: the prepared environment and the tools as a program."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools import databases, places
from tools import environment as prepared_environment
from tools.demo import story
from tools.demo.client import Client
from tools.environment import Environment
from tools.odoo_server import OdooInstance
from tools.smtp_sink import SmtpSink


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the repository."""
    return places.REPOSITORY


@pytest.fixture(scope="session")
def environment() -> Iterator[Environment]:
    """Odoo, Python, PostgreSQL and a browser, ready to use."""
    prepared = prepared_environment.prepare(browser=True)
    yield prepared
    prepared.close()


@dataclass(frozen=True)
class CampaignServer:
    """A running Odoo with the addon, its mail server, and its administrator's and Marta's API."""

    odoo: OdooInstance
    mail: SmtpSink
    admin: Client
    marta: Client


@pytest.fixture(scope="session")
def campaign_server(environment) -> Iterator[CampaignServer]:
    """Odoo in prefork mode with the addon, and Marta of marketing; one for all tests."""
    database = environment.database_name(f"browser_{os.getpid()}")
    databases.create(environment, database, [places.CORE_ADDON], replace=True)
    try:
        with (
            # Not pytest's folder, which a run of someone else may tidy up.
            tempfile.TemporaryDirectory() as spool,
            SmtpSink(Path(spool)) as mail,
            OdooInstance(environment, database) as odoo,
        ):
            admin = Client(odoo.url, database, "admin", "admin")
            story.set_up_mail(admin, odoo.url, mail)
            yield CampaignServer(odoo, mail, admin, story.marketing_user(admin))
    finally:
        databases.drop(environment, database)


@pytest.fixture
def own_state(tmp_path: Path) -> dict[str, str]:
    """Environment variables for tools with a state folder of their own and the user's cache."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PG") and name not in ("ODOO_HOME", "ONLY", "PORT")
    }
    return {**variables, "FLOW_STATE_DIR": str(tmp_path / "state")}


@pytest.fixture
def run_tools(repository: Path) -> Callable[..., subprocess.CompletedProcess]:
    """A function that runs `python -m tools` as a person would, to its end."""

    def run(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "tools", *arguments],
            cwd=repository,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run
