"""Each scenario is played to its end over real HTTP and mail, as by `make demo SCENARIO=n`, and an
experiment is replayed, as by `make replay DATA=file.csv`."""

import os

import pytest

from tools import databases, places
from tools.console import SetupError
from tools.demo import playing, story
from tools.demo.__main__ import scenarios_need
from tools.demo.client import Client
from tools.demo.scenarios import SCENARIOS
from tools.odoo_server import OdooInstance
from tools.replay import experiment, halves, independent, play, report
from tools.smtp_sink import SmtpSink

# The published experiment, where it is at hand; a tenth of it, as `make replay LIMIT=6400` takes.
HILLSTROM = places.REPOSITORY.parent / "shared" / "data" / "hillstrom.csv"
TENTH = "6400"


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


def test_experiment_is_measured_as_it_was(scenery, capsys):
    admin, marta, mail = scenery
    real = HILLSTROM.exists()
    chosen = experiment.load(HILLSTROM, TENTH) if real else experiment.made_up(3000)
    campaign_id = play.play(admin, marta, mail, chosen)
    assert report.show(marta, campaign_id, chosen) == []
    shown = capsys.readouterr().out
    for arm in chosen.emails:
        assert f"Ordered: “{arm}” brought" in shown
    [campaign] = marta.read(
        "flow.campaign",
        [("id", "=", campaign_id)],
        ["participant_count", "held_out_count", "sent_count", "effect_open_count"],
    )
    mailed = len(chosen.of(*chosen.emails))
    assert campaign["participant_count"] == campaign["sent_count"] == mailed
    assert campaign["held_out_count"] == len(chosen.of(chosen.control))
    assert campaign["effect_open_count"] == 0


def test_halves_of_a_control_group_seldom_seem_to_differ():
    real = HILLSTROM.exists()
    chosen = experiment.load(HILLSTROM) if real else experiment.made_up(60_000)
    for percent in halves.covered(chosen.of(chosen.control)).values():
        assert 92 <= percent <= 98


def test_another_experiment_gives_its_own_figures():
    first, second = (experiment.made_up(seed=seed) for seed in (1, 2))
    found = [
        independent.compare("ordered", one.of("First"), one.of(one.control))
        for one in (first, second)
    ]
    assert found[0] != found[1]


def test_file_without_a_control_group_is_refused(tmp_path):
    file = tmp_path / "experiment.csv"
    file.write_text("segment,visit,conversion,spend\nMens,1,0,0\nWomens,0,0,0\n")
    with pytest.raises(SetupError, match="control group"):
        experiment.load(file)
    file.write_text("segment,visit\nMens,1\n")
    with pytest.raises(SetupError, match="no column conversion, spend"):
        experiment.load(file)
    with pytest.raises(SetupError, match="Say which"):
        experiment.load("")
