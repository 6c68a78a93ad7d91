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


@pytest.fixture(scope="session")
def program(environment, database, tmp_path_factory):
    """Odoo loaded once for all tests."""
    with Workers(environment, database, tmp_path_factory.mktemp("workers")) as started:
        yield started


@pytest.fixture
def workers(program):
    """Workers on a database without campaigns."""
    program.empty()
    yield program
    program.empty()
