"""What people and contacts do while workers run: events, pauses, merges, poison, a lost server.

Small numbers here; `make chaos` takes large ones.
"""

import dataclasses
import os
import time
from pathlib import Path

import pytest

from faults import invariants
from faults.workers import Workers
from tools import commands, postgres

CHAOS = bool(os.environ.get("FLOW_CHAOS"))
BATCHES = 50
POISON_SIZE = 50_000 if CHAOS else 2_500
CROWD = 20_000 if CHAOS else 600
CRASH_SIZE = 100_000 if CHAOS else 1_000
CRASHES = 5 if CHAOS else 2
WAIT_SECONDS = 60


def hold(path: Path) -> str:
    return f"hold:{path}"


def wait_for(condition) -> None:
    """Return when `condition()` is true."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def clicks(workers) -> str:
    return workers.sql("SELECT count(*) FROM flow_event")[0][0]


def whereabouts(workers, campaign) -> dict:
    return dict(invariants.whereabouts(workers, campaign))


def test_a_poisoned_contact_in_every_batch_stops_nobody_else(workers):
    size = POISON_SIZE // BATCHES
    campaign = workers.run("build", tag="fault", contacts=POISON_SIZE, poison=size)
    workers.run("make_lanes_ready", count=2)
    for _attempt in range(4):
        workers.run("cron", batch=size)
        workers.run("work", batch=size)
        workers.run("pass_days", days=0.1)
        workers.run("make_lanes_ready", count=2)
    invariants.check(workers)
    assert invariants.ledger(workers, campaign) == {
        ("invite", "1", "done"): POISON_SIZE - BATCHES,
        ("invite", "1", "failed"): BATCHES,
    }
    reasons = workers.sql("SELECT DISTINCT reason FROM flow_step WHERE status = 'failed'")
    assert reasons == [["poisoned"]]
    assert workers.sql("SELECT max(failure_count) FROM ir_cron") == [["0"]]
    workers.run("pass_days", days=2)
    workers.run("work", batch=size)
    reminded = BATCHES, POISON_SIZE - BATCHES
    assert whereabouts(workers, campaign) == {
        ("reminded", "active", ""): reminded[0],
        ("over", "ended", "done"): reminded[1],
    }, "the reminder of the poisoned is tried again later"


def test_ten_times_the_same_click_before_the_step_is_committed_has_one_effect(workers, tmp_path):
    campaign = workers.run("build", tag="fault", contacts=20)
    gate = tmp_path / "gate"
    sender = workers.start("work", failpoints=f"execute.written={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    clicking = [workers.start("click", campaign_id=campaign) for _click in range(10)]
    assert [worker.wait() for worker in clicking] == [0] * 10
    gate.touch()
    assert sender.wait() == 0
    workers.run("work")
    invariants.check(workers)
    assert clicks(workers) == "200"
    assert invariants.ledger(workers, campaign) == {
        ("invite", "1", "done"): 20,
        ("thank", "2", "done"): 20,
    }
    assert workers.complaints() == []


def test_an_event_that_commits_before_the_timeout_wins(workers, tmp_path):
    campaign = workers.run("build", tag="fault", contacts=30)
    workers.run("work")
    workers.run("pass_days", days=2)
    gate = tmp_path / "gate"
    mover = workers.start("work", failpoints=f"advance.claimed={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    workers.run("click", campaign_id=campaign, every=3)
    gate.touch()
    assert mover.wait() == 0
    workers.run("work")
    invariants.check(workers)
    assert whereabouts(workers, campaign) == {
        ("won", "ended", "goal"): 10,
        ("over", "ended", "done"): 20,
    }
    assert workers.complaints() == []


def test_an_event_that_comes_after_the_timeout_is_only_recorded(workers, tmp_path):
    campaign = workers.run("build", tag="fault", contacts=30)
    workers.run("work")
    workers.run("pass_days", days=2)
    gate = tmp_path / "gate"
    mover = workers.start("work", failpoints=f"advance.locked={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    clicker = workers.start("click", campaign_id=campaign, every=3)
    wait_for(lambda: workers.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") != [["0"]])
    assert clicker.status is None, "it waits for the engine"
    gate.touch()
    assert mover.wait() == 0
    assert clicker.wait() == 0
    workers.run("work")
    invariants.check(workers)
    assert whereabouts(workers, campaign) == {("over", "ended", "done"): 30}
    assert clicks(workers) == "10"
    assert workers.complaints() == []


def test_paused_while_workers_run_nothing_further_starts(workers, tmp_path):
    campaign = workers.run("build", tag="fault", contacts=CROWD)
    gate = tmp_path / "gate"
    racing = [
        workers.start("work", batch=20, failpoints=f"execute.claimed={hold(gate)}")
        for _racer in range(2)
    ]
    wait_for(Path(f"{gate}.held").exists)
    workers.run("call", model="flow.campaign", ids=[campaign], method="action_pause")
    gate.touch()
    assert [worker.wait() for worker in racing] == [0, 0]
    done = int(workers.sql("SELECT count(*) FROM faults_effect")[0][0])
    assert done <= 2 * 20, "the batches that had begun, and no other"
    workers.run("work", batch=20)
    invariants.check(workers)
    assert workers.sql("SELECT count(*) FROM faults_effect") == [[str(done)]]
    workers.run("call", model="flow.campaign", ids=[campaign], method="action_resume")
    workers.run("work", batch=200)
    invariants.check(workers)
    assert invariants.ledger(workers, campaign) == {("invite", "1", "done"): CROWD}
    assert workers.complaints() == []


HINTS = """
    SELECT count(*) FROM ir_cron_trigger
     WHERE cron_id = (SELECT min(id) FROM ir_cron WHERE cron_name = 'Campaign Flow: engine')
"""


def test_a_hint_that_comes_during_a_pass_outlives_it(workers, tmp_path):
    """The pass has taken the hints there were, and may have had its last look."""
    workers.sql("DELETE FROM ir_cron_trigger")
    workers.run("build", tag="fault", contacts=10)
    assert workers.sql(HINTS) == [["1"]]
    gate = tmp_path / "gate"
    lane = workers.start("cron", failpoints=f"execute.claimed={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    for _event in range(3):
        workers.run("call", model="flow.campaign", ids=[], method="_wake_engine")
    gate.touch()
    assert lane.wait() == 0
    assert workers.sql(HINTS) == [["1"]]
    workers.run("cron")
    assert workers.sql(HINTS) == [["0"]]


@pytest.mark.parametrize("point", ["enrol.inserted", "advance.moved", "execute.written"])
def test_stopped_while_a_worker_is_at_it_everybody_has_ended(workers, tmp_path, point):
    campaign = workers.run("build", tag="fault", contacts=CROWD)
    gate = tmp_path / "gate"
    worker = workers.start("work", batch=50, failpoints=f"{point}={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    stopper = workers.start("call", model="flow.campaign", ids=[campaign], method="action_stop")
    wait_for(
        lambda: (
            stopper.status is not None
            or workers.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") != [["0"]]
        )
    )
    gate.touch()
    assert worker.wait() == 0
    assert stopper.wait() == 0
    workers.run("work", batch=50)
    invariants.check(workers)
    assert workers.sql("SELECT status, is_winding_down FROM flow_campaign") == [["done", "f"]]
    assert {key[1:] for key in whereabouts(workers, campaign)} <= {("ended", "stopped")}
    assert workers.sql("SELECT count(*) FROM flow_step WHERE status = 'scheduled'") == [["0"]]


def change(workers, contacts: list[int]) -> list:
    """Delete, archive and merge contacts, each in a process of its own."""
    changes = []
    for at in range(0, len(contacts), 4):
        gone, archived, twin, kept = contacts[at : at + 4]
        merge = {"model": "base.partner.merge.automatic.wizard", "ids": [], "method": "_merge"}
        changes += [
            workers.start("call", model="res.partner", ids=[gone], method="unlink"),
            workers.start("call", model="res.partner", ids=[archived], method="action_archive"),
            workers.start("call", **merge, arguments=[[twin, kept]]),
        ]
    return changes


def test_contacts_deleted_merged_and_archived_while_workers_run(workers):
    campaign = workers.run("build", tag="fault", contacts=90)
    found = workers.sql("SELECT id FROM res_partner WHERE email LIKE 'fault%' ORDER BY id")
    contacts = [int(row[0]) for row in found]
    for days, some in ((0, contacts[:20]), (2, contacts[20:40])):
        workers.run("pass_days", days=days)
        racing = [workers.start("work", batch=5) for _racer in range(2)] + change(workers, some)
        assert [worker.wait() for worker in racing] == [0] * len(racing)
        workers.run("work")
    workers.run("work")
    invariants.check(workers)
    ends = f"""SELECT end_kind, count(*) FROM flow_participant
                WHERE campaign_id = {campaign} GROUP BY 1"""
    ends = {kind: int(count) for kind, count in workers.sql(ends)}
    assert set(ends) <= {"done", "deleted", "merged", "archived"}
    assert ends["done"] >= 50, "those whom nobody touched"
    gone = """SELECT p.id FROM flow_participant p LEFT JOIN res_partner c ON c.id = p.res_id
               WHERE c.id IS NULL AND p.end_kind NOT IN ('deleted', 'done')"""
    assert workers.sql(gone) == [], "the runs of a twin follow the contact that stays"


def test_postgresql_crashes_while_workers_advance(environment, database, tmp_path):
    """On a server of its own, because a crash takes everybody along who works on it."""
    server = postgres.PrivateServer(postgres.programs(environment.venv), "crash")
    server.start()
    try:
        client = server.client()
        dump = tmp_path / "dump.sql"
        variables = environment.variables()
        commands.run(
            [client.psql.with_name("pg_dump"), "--no-owner", f"--file={dump}", database],
            env=variables,
        )
        client.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        client.sql(f"CREATE DATABASE \"{database}\" LC_COLLATE 'C' TEMPLATE template0")
        commands.run(
            [client.psql, "-Xq", "-d", database, "-f", dump], env={**variables, **client.variables}
        )
        elsewhere = dataclasses.replace(environment, postgres=client)
        with Workers(elsewhere, database, tmp_path) as workers:
            crash_while_working(workers, server, tmp_path)
    finally:
        server.stop()
        server.release()
        server.forget()


def crash_while_working(workers, server, tmp_path) -> None:
    """One is in the midst of a transaction whenever the server crashes; all go on afterwards."""
    campaign = workers.run("build", tag="fault", contacts=CRASH_SIZE)
    workers.run("work")
    workers.run("click", campaign_id=campaign, every=3)
    workers.run("pass_days", days=2)
    racing, gates = [], []
    for crash in range(CRASHES):
        point = ("advance.moved", "execute.ran")[crash % 2]
        gates.append(tmp_path / f"gate{crash}")
        racing.append(workers.start("work", failpoints=f"{point}={hold(gates[-1])}", batch=20))
        wait_for(gates[-1].with_name(f"{gates[-1].name}.held").exists)
        server.crash()
    for gate in gates:
        gate.touch()
    assert {worker.wait() for worker in racing} == {0}, "they connect again by themselves"
    workers.run("work")
    invariants.check(workers)
    won = whereabouts(workers, campaign)["won", "ended", "goal"]
    assert whereabouts(workers, campaign) == {
        ("won", "ended", "goal"): won,
        ("over", "ended", "done"): CRASH_SIZE - won,
    }
    assert invariants.ledger(workers, campaign) == {
        ("invite", "1", "done"): CRASH_SIZE,
        ("thank", "2", "done"): won,
        ("remind", "2", "done"): CRASH_SIZE - won,
    }


def test_the_slices_of_a_large_campaign_leave_room_for_a_small_one(workers):
    large = workers.run("build", tag="faultl", contacts=CROWD)
    small = workers.run("build", tag="faults", contacts=10)
    workers.run("work", batch=10)
    invariants.check(workers)
    rank = """SELECT max(place) FROM (
                SELECT step_id, row_number() OVER (ORDER BY e.ctid) AS place
                  FROM faults_effect e) ordered JOIN flow_step s ON s.id = ordered.step_id
               WHERE s.campaign_id = %s"""
    assert int(workers.sql(rank % small)[0][0]) <= 40, "among the first batches"
    assert int(workers.sql(rank % large)[0][0]) == CROWD + 10
