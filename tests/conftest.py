"""Fixtures of the tests of the whole: the prepared environment and the tools as a program."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools import environment as prepared_environment
from tools import places
from tools.environment import Environment


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
