"""Each email at most once: workers that die, race and lose their connections, servers that fail.

Small numbers here; `make chaos` takes large ones.
"""

import os
import threading
from collections import Counter
from pathlib import Path

import pytest

from faults import invariants
from faults.mail_server import Fault, FaultyMailServer
from faults.test_people import hold, wait_for

CHAOS = bool(os.environ.get("FLOW_CHAOS"))
KILLS = 20 if CHAOS else 3
SIZE = 5_000 if CHAOS else 150
RACE_SIZE = 5_000 if CHAOS else 300
RACERS = 4
BATCH = 200 if CHAOS else 30
POINTS = ("claimed", "prepared", "begun", "handed_over", "finished")
# Where a window is on its way: when one is on record as finished, the next has begun.
IN_THE_AIR = ("begun", "handed_over", "finished")
MINUTE = 1 / 24 / 60  # days
IN_HAND = """
    SELECT DISTINCT l.pid FROM flow_step s JOIN pg_locks l
        ON l.locktype = 'advisory' AND l.classid = 'flow_step'::regclass::oid
       AND l.objid = s.claimed_by::oid
     WHERE s.status = 'sending'
"""

WRITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


@pytest.fixture(scope="module")
def any_server():
    with FaultyMailServer() as started:
        yield started


@pytest.fixture
def server(any_server):
    any_server.reset()
    return any_server


def build(workers, server, size: int, trigger="timeout", rate=0, **parameters) -> int:
    """Launch a campaign whose invitation is an email to fault1@example.com and so on."""
    return workers.run(
        "build_mail",
        tag="fault",
        contacts=size,
        port=server.port,
        parameters=parameters,
        trigger=trigger,
        rate=rate,
    )


def address(number: int) -> str:
    return f"fault{number}@example.com"


def steps(workers) -> Counter:
    """Return how many messages are in which status."""
    found = workers.sql("SELECT status, count(*) FROM flow_step GROUP BY 1")
    return Counter({status: int(count) for status, count in found})


def attempts(workers, number: int) -> list[str]:
    """Return what became of the attempts for a recipient, and of the message."""
    found = workers.sql(
        f"""SELECT COALESCE(d.status, ''), s.status
              FROM res_partner c JOIN flow_participant p ON p.res_id = c.id
              JOIN flow_step s ON s.participant_id = p.id
              LEFT JOIN flow_delivery d ON d.step_id = s.id
             WHERE c.email = '{address(number)}' ORDER BY d.number"""
    )
    return [row[0] for row in found if row[0]] + [found[-1][1]]


def contact(workers, number: int) -> int:
    return int(workers.sql(f"SELECT id FROM res_partner WHERE email = '{address(number)}'")[0][0])


def check(workers, server, size: int, idle: bool = True) -> None:
    """Assert that nobody got a message twice and no message is lost."""
    invariants.check(workers, idle, invariants.MAILED)
    twice = {who: count for who, count in server.recipients().items() if count > 1}
    assert not twice, "somebody got the message twice"
    ids = [message.message_id for message in server.accepted]
    assert len(ids) == len(set(ids))
    known = workers.sql(
        """SELECT c.email, s.status FROM flow_step s JOIN flow_participant p
               ON p.id = s.participant_id JOIN res_partner c ON c.id = p.res_id"""
    )
    assert len(known) == size or not idle
    arrived = server.recipients()
    lost = [who for who, status in known if status == "done" and not arrived[who]]
    assert not lost, "a message counts as sent and was never accepted"
    early = [who for who, status in known if status == "scheduled" and arrived[who]]
    assert not early, "a message was accepted and would be sent again"


def check_done(workers, server, size: int, uncertain: int) -> int:
    """Assert that all is done but what is uncertain, of which there is as much at most."""
    check(workers, server, size)
    found = steps(workers)
    assert set(found) <= {"done", "uncertain"}
    assert found["uncertain"] <= uncertain
    return found["uncertain"]


@pytest.mark.parametrize("in_flight", [1, 8])
@pytest.mark.parametrize("point", POINTS)
def test_killed_workers_send_nothing_twice_and_lose_nothing(workers, server, point, in_flight):
    build(workers, server, SIZE, messages_in_flight=in_flight)
    for kill in range(KILLS):
        count = 1 + kill % 3
        worker = workers.start("work", failpoints=f"deliver.{point}=kill:{count}", batch=BATCH)
        assert worker.wait() == -9
        check(workers, server, SIZE, idle=False)
    workers.run("work", batch=BATCH)
    dangerous = point in IN_THE_AIR
    uncertain = check_done(workers, server, SIZE, KILLS * in_flight if dangerous else 0)
    assert bool(uncertain) == dangerous
    arrived = SIZE if point == "handed_over" else SIZE - uncertain
    assert len(server.accepted) == arrived
    before = len(server.accepted)
    workers.run("pass_days", days=2)
    workers.run("work")
    assert len(server.accepted) == before, "the uncertain are not sent again by themselves"


@pytest.mark.parametrize("in_flight", [1, 8])
def test_racing_workers_send_each_message_once(workers, server, in_flight):
    build(workers, server, RACE_SIZE, messages_in_flight=in_flight)
    racing = [workers.start("work", batch=20) for _racer in range(RACERS)]
    assert [racer.wait() for racer in racing] == [0] * RACERS
    workers.run("work")
    check_done(workers, server, RACE_SIZE, 0)
    assert len(server.accepted) == RACE_SIZE


def test_workers_that_race_and_are_killed_leave_only_what_was_in_flight_uncertain(workers, server):
    build(workers, server, RACE_SIZE, messages_in_flight=4)
    rounds = 10 if CHAOS else 2
    for number in range(rounds):
        racing = [
            workers.start("work", batch=20, failpoints=f"deliver.{point}=kill:{2 + number % 2}")
            for point in ("begun", "handed_over", "prepared")
        ] + [workers.start("work", batch=20, failpoints="deliver.finished=kill:2")]
        assert {racer.wait() for racer in racing} <= {0, -9}
    workers.run("work", batch=20)
    check_done(workers, server, RACE_SIZE, rounds * 3 * 4)


def test_racing_workers_send_no_more_in_an_hour_than_is_allowed(workers, server):
    build(workers, server, 200, rate=70)
    workers.start("work", failpoints="execute.committed=kill:1").wait()
    workers.start("work", failpoints="deliver.begun=kill:3", batch=20).wait()
    racing = [workers.start("work", batch=20) for _racer in range(RACERS)]
    assert [racer.wait() for racer in racing] == [0] * RACERS
    workers.run("work", batch=20)
    assert len(server.accepted) + steps(workers)["uncertain"] == 70
    check(workers, server, 200, idle=False)


FAULTS = {
    1: (Fault("rcpt", "451 later"), ["retry", "accepted", "done"]),
    2: (Fault("rcpt", "421 closing"), ["retry", "accepted", "done"]),
    3: (Fault("rcpt", "550 no such user"), ["failed", "failed"]),
    4: (Fault("data", "451 later"), ["retry", "accepted", "done"]),
    5: (Fault("data"), ["retry", "accepted", "done"]),
    6: (Fault("dot", "452 disk full"), ["retry", "accepted", "done"]),
    7: (Fault("dot", "421 closing"), ["retry", "accepted", "done"]),
    8: (Fault("dot", "554 spam"), ["failed", "failed"]),
    9: (Fault("dot", accepted=True), ["uncertain", "uncertain"]),
    10: (Fault("dot"), ["uncertain", "uncertain"]),
    11: (Fault("dot", stalls=True, accepted=True), ["uncertain", "uncertain"]),
    12: (Fault("dot", stalls=True), ["uncertain", "uncertain"]),
    13: (Fault("rcpt", stalls=True), ["retry", "accepted", "done"]),
    14: (Fault("rcpt"), ["retry", "accepted", "done"]),
    15: (Fault("rcpt", "571 later"), ["failed", "failed"]),
    16: (Fault("dot", "250-"), ["uncertain", "uncertain"]),
    17: (Fault("dot", "welcome"), ["uncertain", "uncertain"]),
    18: (Fault("data", "530 log in first"), ["retry", "accepted", "done"]),
}  # fmt: skip
HARMLESS = 30


@pytest.mark.parametrize("in_flight", [1, 8])
def test_what_the_server_does_to_one_message_is_known_of_that_message(workers, server, in_flight):
    size = len(FAULTS) + HARMLESS
    for number, (fault, _expected) in FAULTS.items():
        server.plan(address(number), fault)
    build(workers, server, size, messages_in_flight=in_flight, smtp_answer_seconds=0.5)
    workers.run("work", batch=20)
    first = {number: attempts(workers, number) for number in range(1, size + 1)}
    put_off = {n: "scheduled" if e[0] == "retry" else e[0] for n, (_f, e) in FAULTS.items()}
    assert {number: first[number][-1] for number in FAULTS} == put_off
    assert all(first[n] == ["accepted", "done"] for n in range(len(FAULTS) + 1, size + 1))
    check(workers, server, size)
    workers.run("pass_days", days=10 * MINUTE)
    workers.run("work", batch=20)
    workers.run("pass_days", days=2)
    workers.run("work", batch=20)
    assert {number: attempts(workers, number) for number in FAULTS} == {
        number: expected for number, (_fault, expected) in FAULTS.items()
    }
    check(workers, server, size)
    taken = [n for n, (fault, expected) in FAULTS.items() if "done" in expected or fault.accepted]
    harmless = range(len(FAULTS) + 1, size + 1)
    assert set(server.recipients()) == {address(number) for number in (*taken, *harmless)}
    bounced = workers.sql(
        """SELECT c.email FROM flow_event e JOIN flow_participant p ON p.id = e.participant_id
             JOIN res_partner c ON c.id = p.res_id WHERE e.kind = 'bounced' ORDER BY 1"""
    )
    assert bounced == [[address(15)], [address(3)]]


def test_dropped_in_the_middle_of_a_short_message_is_never_sent_twice(workers, server):
    """The client cannot know how much of what it wrote was read, so this may be uncertain."""
    server.plan(address(1), Fault("body"))
    build(workers, server, 5)
    workers.run("work")
    workers.run("pass_days", days=10 * MINUTE)
    workers.run("work")
    check(workers, server, 5)
    assert attempts(workers, 1) in (["uncertain", "uncertain"], ["retry", "accepted", "done"])
    assert len(server.accepted) == 4 + (attempts(workers, 1)[-1] == "done")


@pytest.mark.parametrize("greeting", [None, Fault("greeting", "421 busy"), Fault("greeting")])
def test_server_that_is_away_for_half_an_hour_costs_no_attempt(workers, server, greeting):
    size = 20
    build(workers, server, size)
    server.greeting = greeting
    if not greeting:
        server.stop()
    try:
        for _minute in range(6):
            workers.run("work")
            workers.run("pass_days", days=5 * MINUTE)
            assert steps(workers) == {"scheduled": size}
        assert workers.sql("SELECT count(*) FROM flow_delivery") == [["0"]]
        assert workers.sql("SELECT count(*) FROM flow_mail_outage") == [["1"]]
        assert server.connections <= 6, "it is left alone for a while"
    finally:
        server.greeting = None
        if not greeting:
            server.start()
    workers.run("pass_days", days=15 * MINUTE)
    workers.run("work")
    check_done(workers, server, size, 0)
    assert len(server.accepted) == size
    assert workers.sql("SELECT max(attempts) FROM flow_step") == [["1"]]
    assert workers.sql("SELECT count(*) FROM flow_mail_outage") == [["0"]]


def test_server_that_goes_away_while_workers_send(workers, server, tmp_path):
    size, gate = 40, tmp_path / "gate"
    build(workers, server, size)
    worker = workers.start("work", failpoints=f"deliver.begun={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    server.stop()
    gate.touch()
    try:
        assert worker.wait() == 0
        assert steps(workers) == {"scheduled": size}
        assert workers.sql("SELECT status, count(*) FROM flow_delivery GROUP BY 1") == [
            ["retry", "1"]
        ], "of what was in flight, nothing had been sent"
    finally:
        server.start()
    workers.run("pass_days", days=15 * MINUTE)
    workers.run("work")
    check_done(workers, server, size, 0)
    assert len(server.accepted) == size


@pytest.mark.parametrize("moment", ["execute.committed", "deliver.prepared"])
def test_what_happens_to_a_contact_between_planning_and_delivery(workers, server, tmp_path, moment):
    size, gate = 10, tmp_path / "gate"
    build(workers, server, size)
    worker = workers.start("work", failpoints=f"{moment}={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    moved, silent, gone = (contact(workers, number) for number in (1, 2, 3))
    new = {"email": "faultnew@example.com"}
    workers.run("write", model="res.partner", ids=[moved], values=new)
    workers.run("blacklist", addresses=[address(2)])
    workers.run("call", model="res.partner", ids=[gone], method="unlink")
    gate.touch()
    assert worker.wait() == 0
    workers.run("work")
    prepared = moment == "deliver.prepared"
    others = {address(number) for number in range(4, size + 1)}
    # A letter that is ready keeps its address, for the moment it takes to send a batch.
    assert set(server.recipients()) == others | {address(1) if prepared else new["email"]}
    assert len(server.accepted) == len(others) + 1
    told = dict(
        workers.sql(
            """SELECT p.res_id, s.status FROM flow_step s
                 JOIN flow_participant p ON p.id = s.participant_id"""
        )
    )
    assert told[str(moved)] == "done"
    assert told[str(silent)] == "skipped"
    assert told.get(str(gone), "cancelled") in ("skipped", "cancelled")
    invariants.check(workers, True, invariants.MAILED)


def test_nothing_begins_after_a_pause(workers, server, tmp_path):
    size, racers, in_flight, gate = 100, 3, 2, tmp_path / "gate"
    campaign = build(workers, server, size, messages_in_flight=in_flight)
    workers.start("work", failpoints="execute.committed=kill:1").wait()
    racing = [
        workers.start("work", batch=10, failpoints=f"deliver.begun={hold(gate)}")
        for _racer in range(racers)
    ]
    wait_for(lambda: steps(workers)["sending"] == racers * in_flight)
    workers.run("call", model="flow.campaign", ids=[campaign], method="action_pause")
    gate.touch()
    assert [racer.wait() for racer in racing] == [0] * racers
    assert len(server.accepted) == racers * in_flight, "what had begun, and nothing else"
    workers.run("work")
    check(workers, server, size)
    assert len(server.accepted) == racers * in_flight
    workers.run("call", model="flow.campaign", ids=[campaign], method="action_resume")
    workers.run("work")
    check_done(workers, server, size, 0)
    assert len(server.accepted) == size


@pytest.mark.parametrize("point", POINTS)
def test_lost_database_connection(workers, server, tmp_path, point):
    in_flight, size = 3, 40
    build(workers, server, size, messages_in_flight=in_flight)
    gate = tmp_path / "gate"
    worker = workers.start("work", batch=20, failpoints=f"deliver.{point}={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    lost = workers.sql(
        f"""SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = '{workers.database}' AND pid <> pg_backend_pid()"""
    )
    assert lost != [["0"]]
    gate.touch()
    assert worker.wait() == 0, "it connects again by itself"
    workers.run("work")
    in_the_air = point in IN_THE_AIR
    uncertain = check_done(workers, server, size, in_flight if in_the_air else 0)
    assert uncertain == (in_flight if in_the_air else 0)
    assert len(server.accepted) == size


def test_worker_that_wakes_after_its_work_was_taken_over_writes_nothing(workers, server, tmp_path):
    in_flight, size = 3, 20
    build(workers, server, size, messages_in_flight=in_flight)
    gate = tmp_path / "gate"
    zombie = workers.start("work", failpoints=f"deliver.handed_over={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    [[backend]] = workers.sql(IN_HAND)
    workers.sql(f"SELECT pg_terminate_backend({backend})")
    wait_for(lambda: workers.sql(IN_HAND) == [])
    workers.run("work")
    assert check_done(workers, server, size, in_flight) == in_flight
    assert len(server.accepted) == size
    history = "SELECT id, step_id, number, status, started_at, ended_at FROM flow_delivery"
    before = sorted(workers.sql(history))
    gate.touch()
    assert zombie.wait() == 0
    assert sorted(workers.sql(history)) == before
    check_done(workers, server, size, in_flight)
    assert len(server.accepted) == size


def test_what_a_third_worker_has_taken_over_meanwhile_stays_with_it(workers, server, tmp_path):
    """Two workers find the same one gone; the slower of them comes when all is settled."""
    in_flight, size = 2, 20
    build(workers, server, size, messages_in_flight=in_flight)
    assert workers.start("work", failpoints="deliver.begun=kill:1").wait() == -9
    late, gate = tmp_path / "late", tmp_path / "gate"
    slower = workers.start("work", failpoints=f"deliver.recovering={hold(late)}")
    wait_for(Path(f"{late}.held").exists)
    faster = workers.start("work", failpoints=f"deliver.handed_over={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    late.touch()
    assert slower.wait() == 0
    sending = {"sending": in_flight, "scheduled": size - 2 * in_flight, "uncertain": in_flight}
    assert steps(workers) == sending, "the faster one has claimed all that is left"
    gate.touch()
    assert faster.wait() == 0
    assert check_done(workers, server, size, in_flight) == in_flight
    assert len(server.accepted) == size - in_flight


def test_slow_worker_keeps_what_it_has_in_hand(workers, server, tmp_path):
    size = 20
    build(workers, server, size)
    gate = tmp_path / "gate"
    slow = workers.start("work", batch=5, failpoints=f"deliver.handed_over={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    workers.run("pass_days", days=1)
    workers.run("work", batch=5)
    assert steps(workers) == {"done": size - 5, "sending": 1, "scheduled": 4}
    gate.touch()
    assert slow.wait() == 0
    check_done(workers, server, size, 0)
    assert len(server.accepted) == size


def test_conflict_over_what_became_of_a_message_does_not_lose_it(workers, server, tmp_path):
    size, gate, held = 3, tmp_path / "gate", tmp_path / "held"
    build(workers, server, size, trigger="done")
    worker = workers.start("work", failpoints=f"deliver.handed_over={hold(gate)}")
    wait_for(Path(f"{gate}.held").exists)
    other = workers.start("stand_in_the_way", held=str(held))
    wait_for(held.exists)
    gate.touch()
    assert other.wait() == 0
    assert worker.wait() == 0
    assert "deadlock" in worker.log
    check_done(workers, server, size, 0)


def test_database_with_another_level_of_isolation_of_its_own(workers, server, tmp_path):
    size, gate = 3, tmp_path / "gate"
    default = f"ALTER DATABASE {workers.database}"
    workers.sql(f"{default} SET default_transaction_isolation = 'repeatable read'")
    try:
        build(workers, server, size, trigger="done")
        worker = workers.start("work", failpoints=f"deliver.handed_over={hold(gate)}")
        wait_for(Path(f"{gate}.held").exists)
        write = "UPDATE flow_participant SET name = name; SELECT pg_sleep(1)"
        somebody = threading.Thread(target=workers.sql, args=[write])
        somebody.start()
        wait_for(lambda: workers.sql(WRITING) == [["1"]])
        gate.touch()
        assert worker.wait() == 0
        somebody.join()
    finally:
        workers.sql(f"{default} RESET default_transaction_isolation")
    assert "serialize" not in worker.log
    check_done(workers, server, size, 0)


ODD = (
    "jürgen@example.com",
    "ann@exämple.com",
    "o'neil@example.com",
    "two..dots@example.com",
    "a b@example.com",
    "a@b@example.com",
    "x" * 70 + "@example.com",
    "ann@[127.0.0.1]",
    "nobody",
    "",
    "Ann <ann@example.com>, bob@example.com",
    "\u202eann@example.com",
)


def test_odd_address_stops_nobody_else(workers, server):
    others = 10
    build(workers, server, len(ODD) + others)
    workers.start("work", failpoints="execute.committed=kill:1").wait()
    for number, odd in enumerate(ODD, 1):
        changed = {"ids": [contact(workers, number)], "values": {"email": odd}}
        workers.run("write", model="res.partner", **changed)
    workers.run("work")
    for number in range(len(ODD) + 1, len(ODD) + others + 1):
        assert attempts(workers, number) == ["accepted", "done"]
    invariants.check(workers, True, invariants.MAILED)
    assert set(steps(workers)) <= {"done", "skipped", "failed"}
    told = dict(
        workers.sql(
            """SELECT c.email, s.status FROM flow_step s JOIN flow_participant p
                   ON p.id = s.participant_id JOIN res_partner c ON c.id = p.res_id"""
        )
    )
    assert told["o'neil@example.com"] == told["jürgen@example.com"] == "done"
    assert "jürgen@example.com" in server.recipients()
