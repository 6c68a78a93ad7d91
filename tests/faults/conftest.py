"""Fixtures of the fault tests."""

import os

import pytest

from faults.workers import Workers
from tools import databases, places


@pytest.fixture(scope="session")
def database(environment):
    """A database with the addon and without demo data."""
    name = environment.database_name(f"faults_{os.getpid()}")
    databases.create(environment, name, [places.CORE_ADDON], demo=False, replace=True)
    yield name
    databases.drop(environment, name)


@pytest.fixture
def workers(environment, database, tmp_path):
    """Workers on a database without campaigns."""
    with Workers(environment, database, tmp_path) as started:
        yield started
        started.empty()
