"""New versions of a workflow, published while workers send its emails: nothing is sent twice.

Small numbers here; `make chaos` takes large ones.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from faults import invariants
from faults.mail_server import FaultyMailServer
from faults.test_mail import build
from faults.test_people import hold, wait_for

CHAOS = bool(os.environ.get("FLOW_CHAOS"))
SIZE = 4_000 if CHAOS else 100
VERSIONS = 40 if CHAOS else 5  # fewer than the states that somebody may visit
RACERS = 3
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
def server():
    with FaultyMailServer() as started:
        yield started


def check_all_parked(workers, server, campaign: int, size: int, version: int) -> None:
    """Assert that everybody got both emails once and stands where the last version parks them."""
    invariants.check(workers, True, invariants.MAILED)
    assert invariants.whereabouts(workers, campaign) == {(f"parked{version}", "active", ""): size}
    assert invariants.ledger(workers, campaign) == {
        ("invite", "1", "done"): size,
        ("remind", "2", "done"): size,
    }
    assert set(server.recipients().values()) == {2}
    ids = Counter(message.message_id for message in server.accepted)
    assert len(ids) == len(server.accepted) == 2 * size
    elsewhere = """SELECT p.id FROM flow_participant p JOIN flow_state s ON s.id = p.state_id
                     JOIN flow_workflow w ON w.id = s.workflow_id WHERE w.status <> 'published'"""
    assert workers.sql(elsewhere) == [], "everybody is in a state of the version that runs"


@pytest.mark.parametrize("in_flight", [1, 4])
def test_versions_published_while_workers_send_repeat_and_lose_nothing(workers, server, in_flight):
    campaign = build(workers, server, SIZE, messages_in_flight=in_flight)
    publisher = workers.start("versions.publish", campaign_id=campaign, times=VERSIONS)
    while publisher.status is None:
        racing = [workers.start("work", batch=10) for _racer in range(RACERS)]
        assert [racer.wait() for racer in racing] == [0] * RACERS
    assert publisher.wait() == 0, publisher.log
    workers.run("work")
    check_all_parked(workers, server, campaign, SIZE, VERSIONS - 1)
    assert [line for line in workers.logs() if "deadlock" in line] == []


@pytest.mark.parametrize(
    "moment",
    ["execute.committed", "deliver.prepared", "deliver.handed_over"],
)
def test_version_published_between_a_send_and_the_next_pass(workers, server, tmp_path, moment):
    """Also one that removes the state that those are in whose message has left already."""
    size, gate = 12, tmp_path / "gate"
    campaign = build(workers, server, size)
    workers.run("versions.publish", campaign_id=campaign, times=1)
    holding = workers.start("work", batch=4, failpoints=f"{moment}={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    publisher = workers.start("versions.publish", campaign_id=campaign, times=2, first=1)
    wait_for(lambda: publisher.status is not None or workers.sql(WAITING) != [["0"]])
    gate.touch()
    assert [holding.wait(), publisher.wait()] == [0, 0], publisher.log
    workers.run("work")
    check_all_parked(workers, server, campaign, size, 2)
