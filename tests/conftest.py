"""Fixtures of the tests of the whole: the prepared environment and the tools as a program."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.marta import PATIENCE, log_in
from tools import databases, places
from tools import environment as prepared_environment
from tools.demo import story
from tools.demo.client import Client
from tools.environment import Environment
from tools.odoo_log import RunLog
from tools.odoo_server import OdooInstance
from tools.screenshots import CHROMIUM_OPTIONS, SIZE
from tools.smtp_sink import SmtpSink

# As people's browsers call themselves; Playwright's says that it is a machine.
PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)
HAS_FAILED = pytest.StashKey[bool]()


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
def log(campaign_server) -> Iterator[Path]:
    """What Odoo logs during the test must hold no error, and no warning of the addon."""
    path = campaign_server.odoo.log_path
    start = path.stat().st_size
    yield path
    run = RunLog(places.CORE_ADDON)
    for line in path.read_bytes()[start:].decode().splitlines():
        run.read(line)
    assert run.complaints == []


@pytest.fixture(scope="session")
def browser(environment):
    """Chromium, started once; a setting of a page would not hold for what it tells in leaving."""
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=environment.browser,
            args=[*CHROMIUM_OPTIONS, f"--user-agent={PERSON}"],
        )
        yield started
        started.close()


@pytest.fixture
def page(browser, campaign_server, log, request):
    """Marta's browser, without a past, logged in; at the end its console must hold no error.

    A line that a test expects there is named by ``@pytest.mark.console_tolerates("part of it")``.
    A test that fails keeps a picture of its last screen, by its own name, beside the logs.
    """
    errors = []
    context = browser.new_context(viewport=SIZE)
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    log_in(page, campaign_server.odoo)
    yield page
    tolerated = [
        part for mark in request.node.iter_markers("console_tolerates") for part in mark.args
    ]
    errors = [error for error in errors if not any(part in error for part in tolerated)]
    if errors or request.node.stash.get(HAS_FAILED, False):
        page.screenshot(path=places.LOGS / f"{request.node.name}.png")
    context.close()
    assert errors == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Tell the fixtures of a test whether it has failed."""
    report = yield
    if report.when == "call":
        item.stash[HAS_FAILED] = report.failed
    return report


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
