"""Each scenario is played to its end over real HTTP and mail, as by `make demo SCENARIO=n`."""

import os

import pytest

from tools import databases, places
from tools.console import SetupError
from tools.demo import playing, story
from tools.demo.__main__ import scenarios_need
from tools.demo.client import Client
from tools.demo.scenarios import SCENARIOS
from tools.odoo_server import OdooInstance
from tools.smtp_sink import SmtpSink


@pytest.fixture(scope="module")
def scenery(environment, tmp_path_factory):
    """Odoo with all addons, a mail server, and Marta, who works in marketing."""
    database = environment.database_name(f"scenarios_{os.getpid()}")
    addons = [places.CORE_ADDON, *scenarios_need()]
    databases.create(environment, database, addons, demo=False, replace=True)
    mail = SmtpSink(tmp_path_factory.mktemp("spool"))
    try:
        with mail, OdooInstance(environment, database) as server:
            admin = Client(server.url, database, "admin", "admin")
            story.set_up_mail(admin, server.url, mail)
            yield admin, playing.staff(admin), mail
    finally:
        databases.drop(environment, database)


@pytest.mark.parametrize("number", SCENARIOS)
def test_scenario_comes_to_its_end(scenery, number):
    admin, marta, mail = scenery
    people = playing.play(SCENARIOS[number], admin, marta, mail)
    assert {name: state for name, (state, _wanted) in people.items()} == {
        name: wanted for name, (_state, wanted) in people.items()
    }


def test_unknown_number_is_refused_with_those_there_are():
    with pytest.raises(SetupError, match="1: Welcome series"):
        playing.chosen("99")
