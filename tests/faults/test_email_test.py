"""Versions of an email are tested while workers race and die: decided once, nobody forgotten."""

import os

import pytest

from faults import invariants
from faults.mail_server import FaultyMailServer
from faults.test_people import hold, wait_for

CHAOS = bool(os.environ.get("FLOW_CHAOS"))
SIZE, SAMPLE = (6_000 if CHAOS else 90), 40
RACES = 10 if CHAOS else 1
BLOCKED = "SELECT count(*) FROM pg_locks WHERE NOT granted"
# Whoever got a version got the text of that version.
WRONG_TEXTS = """
    SELECT count(*)
      FROM flow_step s JOIN mailing_trace t ON t.flow_step_id = s.id
      JOIN flow_action a ON a.id = s.action_id
      LEFT JOIN flow_email_variant v ON v.action_id = a.id AND v.arm = left(s.arm, 1)
     WHERE t.mass_mailing_id <> COALESCE(v.mailing_id, a.mailing_id)
"""
DECISIONS = """
    SELECT count(*) FROM mail_message
     WHERE model = 'flow.campaign' AND res_id = {} AND body LIKE '%is sent from now on%'
"""


@pytest.fixture
def server():
    with FaultyMailServer() as started:
        yield started


@pytest.mark.parametrize("point", ["test.worked", "test.committed", "deliver.prepared"])
def test_it_is_decided_once_and_everybody_gets_one_message(workers, server, point):
    campaign = build(workers, server, SIZE)
    race(workers, point)
    sampled = len(server.accepted)
    waiting = int(workers.sql("SELECT count(*) FROM flow_step WHERE wait_reason = 'test'")[0][0])
    assert sampled + waiting == SIZE
    assert sampled > 0 < waiting
    workers.run("pass_days", days=1.1)
    race(workers, point)
    assert workers.sql(DECISIONS.format(campaign)) == [["1"]]
    assert len(server.accepted) == SIZE
    assert set(server.recipients().values()) == {1}
    later = workers.sql(
        """SELECT DISTINCT s.arm, t.winner
             FROM flow_step s JOIN flow_email_test t USING (campaign_id)
            WHERE s.done_at > t.decided_at"""
    )
    assert len(later) == 1
    assert later[0][0] == later[0][1]
    invariants.check(workers, True, invariants.MAILED)


def test_a_person_who_chooses_waits_for_whoever_is_being_put_off(workers, server, tmp_path):
    """And who is put off after that would never be told."""
    build(workers, server, SIZE)
    workers.start("work", batch=10, failpoints="deliver.prepared=kill:2").wait()
    gate = tmp_path / "gate"
    held = workers.start("work", batch=10, failpoints=f"deliver.drawn={hold(gate)}")
    wait_for((tmp_path / "gate.held").exists)
    person = choose(workers, "B")
    wait_for(lambda: workers.sql(BLOCKED) != [["0"]])
    assert not person.ended.is_set()
    gate.touch()
    assert [held.wait(), person.wait()] == [0, 0]
    workers.run("work")
    check_everybody_got_one(workers, server)


@pytest.mark.parametrize("number", range(RACES))
def test_a_person_chooses_while_the_test_ends_and_workers_race(workers, server, number):
    build(workers, server, SIZE)
    workers.run("work", batch=10)
    workers.run("pass_days", days=1.1)
    racing = [workers.start("work", batch=10) for _racer in range(3)]
    person = choose(workers, "B" if number % 2 else "A")
    assert [racer.wait() for racer in (*racing, person)] == [0] * 4
    workers.run("work")
    assert workers.sql("SELECT winner FROM flow_email_test") == [["B" if number % 2 else "A"]]
    check_everybody_got_one(workers, server)


@pytest.mark.parametrize("number", range(RACES))
def test_another_test_begins_while_workers_race(workers, server, number):
    campaign = build(workers, server, SIZE)
    workers.run("work")
    choose(workers, "B").wait()
    workers.run("work")
    actions = workers.sql(f"SELECT id FROM flow_action WHERE key = 'invite' AND {campaign} > 0")
    workers.run("add_contacts", tag="fault", contacts=SIZE)
    workers.run("pass_days", days=0.1)
    racing = [workers.start("work", batch=10) for _racer in range(3)]
    again = workers.start(
        "call", model="flow.action", ids=[int(actions[0][0])], method="action_test_again"
    )
    assert [racer.wait() for racer in (*racing, again)] == [0] * 4
    choose(workers, "A").wait()
    workers.run("work")
    check_everybody_got_one(workers, server, 2 * SIZE)
    [[number_of_test]] = workers.sql("SELECT number FROM flow_email_test")
    assert number_of_test == "2"
    arms = {row[0] for row in workers.sql("SELECT DISTINCT arm FROM flow_step")}
    assert {"A", "B"} <= arms <= {"A", "B", "A2", "B2"}


def build(workers, server, size) -> int:
    return workers.run(
        "build_mail", tag="fault", contacts=size, port=server.port, parameters={}, sample=SAMPLE
    )


def choose(workers, letter):
    """Let a person choose a version, and return without waiting for that."""
    [[arm]] = workers.sql(f"SELECT id FROM flow_email_arm WHERE letter = '{letter}'")
    return workers.start("call", model="flow.email.arm", ids=[int(arm)], method="action_choose")


def check_everybody_got_one(workers, server, size=SIZE):
    assert workers.sql("SELECT status, count(*) FROM flow_step GROUP BY 1") == [["done", str(size)]]
    assert len(server.accepted) == size
    assert set(server.recipients().values()) == {1}
    assert workers.sql(WRONG_TEXTS) == [["0"]]
    invariants.check(workers, True, invariants.MAILED)


def race(workers, point):
    """Let workers get in each other's way, kill one, and let the last one finish."""
    racing = [workers.start("work", batch=10, failpoints=f"{point}=kill:1")]
    racing += [workers.start("work", batch=10) for _racer in range(2)]
    for racer in racing:
        racer.wait()
    workers.run("work")
