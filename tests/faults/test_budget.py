"""Racing and dying workers never send more than the budget pays for, and lose nothing of it.

Small numbers here; `make chaos` takes large ones.
"""

import os
import threading

import pytest

from faults import invariants
from faults.test_mail import any_server, server  # noqa: F401 (fixtures)
from faults.test_people import hold, wait_for

CHAOS = bool(os.environ.get("FLOW_CHAOS"))
DUE, PAID, MORE = (5_000, 1_000, 500) if CHAOS else (300, 100, 50)
KILLS = 20 if CHAOS else 3
SIZE, AFFORDED = (900, 400) if CHAOS else (60, 30)
RACERS = 4
PRICE = 0.07  # a hundred of them are not 7 in floats
DELIVERING = ("claimed", "prepared", "begun", "handed_over", "finished")
FREE = "SELECT pg_try_advisory_xact_lock('flow_spending'::regclass::oid::int, {})"


def money(count: int) -> float:
    """Return what so many messages cost."""
    return round(count * PRICE, 2)


def build(workers, server, size: int, afforded: int, tag: str = "fault", **parameters) -> int:  # noqa: F811
    """Launch a campaign that may spend what `afforded` messages cost."""
    return workers.run(
        "build_mail",
        tag=tag,
        contacts=size,
        port=server.port,
        parameters=parameters,
        price=PRICE,
        values={"budget_amount": money(afforded), "budget_policy": "stop"},
    )


def race(workers, **options) -> None:
    """Let workers race, and one more finish what they left to each other."""
    racing = [workers.start("work", **options) for _racer in range(RACERS)]
    assert [racer.wait() for racer in racing] == [0] * RACERS
    workers.run("work", **options)


def set_budget(workers, campaign: int, count: int) -> None:
    values = {"budget_amount": money(count)}
    workers.run("write", model="flow.campaign", ids=[campaign], values=values)


def used(workers, campaign: int) -> dict:
    """Return for how many messages money was spent, is reserved, and how many wait for it."""
    rows = workers.sql(
        f"""SELECT kind, sum(count), sum(amount) FROM flow_spending
             WHERE campaign_id = {campaign} GROUP BY 1 HAVING sum(count) <> 0"""
    )
    for _kind, count, amount in rows:
        assert float(amount) == money(int(count))
    [[waiting]] = workers.sql(
        f"""SELECT count(*) FROM flow_step WHERE campaign_id = {campaign}
               AND status = 'scheduled' AND wait_reason = 'budget' AND claimed_by IS NULL"""
    )
    return {"waiting": int(waiting)} | {kind: int(count) for kind, count, _amount in rows}


@pytest.mark.parametrize("in_flight", [1, 8])
def test_racing_workers_send_exactly_what_the_budget_pays_for(workers, server, in_flight):  # noqa: F811
    campaign = build(workers, server, DUE, PAID, messages_in_flight=in_flight)
    race(workers, batch=None if CHAOS else 15)
    assert len(server.accepted) == PAID
    assert used(workers, campaign) == {"spent": PAID, "waiting": DUE - PAID}
    invariants.check(workers, True, invariants.MAILED)
    set_budget(workers, campaign, PAID + MORE)
    race(workers, batch=None if CHAOS else 15)
    assert len(server.accepted) == PAID + MORE
    assert set(server.recipients().values()) == {1}
    assert used(workers, campaign) == {"spent": PAID + MORE, "waiting": DUE - PAID - MORE}
    invariants.check(workers, True, invariants.MAILED)
    assert workers.complaints() == []


@pytest.mark.parametrize("point", ["budget.reserved", *(f"deliver.{one}" for one in DELIVERING)])
def test_killed_workers_give_back_what_they_had_reserved(workers, server, point):  # noqa: F811
    campaign = build(workers, server, SIZE, AFFORDED)
    kills = 0
    for attempt in range(KILLS):
        worker = workers.start("work", failpoints=f"{point}=kill:{1 + attempt % 2}", batch=8)
        kills += worker.wait() == -9
        invariants.check(workers, False, invariants.MAILED)
        assert len(server.accepted) <= AFFORDED
    assert kills
    workers.run("work", batch=8)
    found = used(workers, campaign)
    assert found == {"spent": AFFORDED, "waiting": SIZE - AFFORDED}
    uncertain = AFFORDED - len(server.accepted)
    assert 0 <= uncertain <= kills
    invariants.check(workers, True, invariants.MAILED)
    set_budget(workers, campaign, SIZE)
    workers.run("work")
    assert used(workers, campaign) == {"spent": SIZE, "waiting": 0}
    assert len(server.accepted) == SIZE - uncertain


@pytest.mark.parametrize("point", ["claimed", "reserved", "ran", "worked", "committed"])
def test_killed_workers_spend_nothing_twice_on_what_commits_with_its_step(workers, point):
    campaign = workers.run(
        "build",
        tag="fault",
        contacts=SIZE,
        price=PRICE,
        values={"budget_amount": money(AFFORDED), "budget_policy": "stop"},
    )
    kills = 0
    for _attempt in range(KILLS):
        worker = workers.start("work", failpoints=f"spend.{point}=kill:1", batch=8)
        kills += worker.wait() == -9
        invariants.check(workers, idle=False)
    assert kills
    race(workers, batch=8)
    assert used(workers, campaign) == {"spent": AFFORDED, "waiting": SIZE - AFFORDED}
    assert workers.sql("SELECT count(*) FROM faults_effect") == [[str(AFFORDED)]]
    invariants.check(workers)
    set_budget(workers, campaign, SIZE)
    race(workers, batch=8)
    assert used(workers, campaign) == {"spent": SIZE, "waiting": 0}
    invariants.check(workers)


@pytest.mark.parametrize("change", ["cost", "lowered", "raised"])
def test_a_change_while_workers_run_counts_at_once(workers, server, tmp_path, change):  # noqa: F811
    campaign = build(workers, server, SIZE, AFFORDED)
    gate = tmp_path / "gate"
    worker = workers.start("work", failpoints=f"deliver.prepared={hold(gate)}", batch=10)
    wait_for(lambda: (tmp_path / "gate.held").exists() or worker.ended.is_set())
    assert used(workers, campaign)["reserved"] == 10
    if change == "cost":
        workers.run("confirm_cost", campaign_id=campaign, amount=money(15))
        expected = AFFORDED - 15
    else:
        expected = AFFORDED + (15 if change == "raised" else -15)
        set_budget(workers, campaign, expected)
    race_with = [workers.start("work", batch=10) for _racer in range(RACERS - 1)]
    assert [racer.wait() for racer in race_with] == [0] * (RACERS - 1)
    gate.touch()
    assert worker.wait() == 0
    workers.run("work")
    assert used(workers, campaign) == {"spent": expected, "waiting": SIZE - expected}
    assert len(server.accepted) == expected
    invariants.check(workers, True, invariants.MAILED)


def test_the_limit_is_raised_and_lowered_all_the_time(workers, server):  # noqa: F811
    """Never below what is spent already: that nobody could keep."""
    campaign = build(workers, server, DUE // 2, 10)
    stop = threading.Event()
    seen = []

    def look():
        while not stop.is_set():
            seen.extend(workers.sql(invariants.BROKEN[OVERSPENT]))
            stop.wait(0.2)  # for the processor's sake

    watcher = threading.Thread(target=look)
    watcher.start()
    racing = [workers.start("work", batch=10) for _racer in range(RACERS)]
    limit = 10
    for step in (30, -5, 25, -10, 50):
        limit += step
        if step < 0:  # only as far as it is not used yet
            found = used(workers, campaign)
            limit = max(limit, found.get("spent", 0) + found.get("reserved", 0) + 20)
        set_budget(workers, campaign, limit)
    assert [racer.wait() for racer in racing] == [0] * RACERS
    workers.run("work")
    stop.set()
    watcher.join()
    assert seen == []
    assert used(workers, campaign)["spent"] == min(limit, DUE // 2)
    assert len(server.accepted) == min(limit, DUE // 2)
    invariants.check(workers, True, invariants.MAILED)


OVERSPENT = "more is spent and reserved than the budget allows"


def test_two_campaigns_do_not_wait_for_each_other(workers, server, tmp_path):  # noqa: F811
    one = build(workers, server, 10, 5)
    other = build(workers, server, 10, 5, tag="faultb")
    gate = tmp_path / "gate"
    worker = workers.start("work", failpoints=f"budget.reserved={hold(gate)}")
    wait_for(lambda: (tmp_path / "gate.held").exists())
    free = {campaign: workers.sql(FREE.format(campaign)) == [["t"]] for campaign in (one, other)}
    gate.touch()
    assert worker.wait() == 0
    assert sorted(free.values()) == [False, True]
    workers.run("work")
    assert len(server.accepted) == 10
