"""Workers that race, die and are held up leave the ledger as one undisturbed worker would.

Small numbers here; `make chaos` takes large ones.
"""

import os
import re

import pytest

from faults import invariants
from tools import places

CHAOS = bool(os.environ.get("FLOW_CHAOS"))
KILLS = 20 if CHAOS else 3
RACERS = 4
RACE_ROUNDS = 5 if CHAOS else 2
RACE_SIZE = 10_000 if CHAOS else 2_000
ENGINE = places.REPOSITORY / places.CORE_ADDON / "engine"
WORKS = ("ingest", "enrol", "advance", "execute")


def points() -> list[str]:
    """Return every failpoint of the works that this file disturbs, as the source has them."""
    named = re.findall(
        r'reach\("((?:%s)\.\w+)"\)' % "|".join(WORKS),  # noqa: UP031 (braces abound)
        "".join(path.read_text() for path in sorted(ENGINE.glob("*.py"))),
    )
    return [
        *named,
        "fold.folded",
        *(f"{work}.{when}" for work in WORKS for when in ("worked", "committed")),
    ]


def test_workers_race_and_each_step_is_run_once(workers):
    for number in range(RACE_ROUNDS):
        campaign = workers.run("build", tag=f"fault{number}x", contacts=RACE_SIZE)
        for before in ([], [("click", {"campaign_id": campaign, "every": 3})], ["later"]):
            for step in before:
                task, arguments = step if isinstance(step, tuple) else ("pass_days", {"days": 2})
                workers.run(task, **arguments)
            racing = [workers.start("work", batch=100) for _racer in range(RACERS)]
            assert [racer.wait() for racer in racing] == [0] * RACERS
        workers.run("work")
        invariants.check(workers)
        found = invariants.whereabouts(workers, campaign)
        assert sum(found.values()) == RACE_SIZE
        assert set(found) == {("won", "ended", "goal"), ("over", "ended", "done")}
        steps = invariants.ledger(workers, campaign)
        assert sum(steps.values()) == 2 * RACE_SIZE
        assert {status for _key, _visit, status in steps} == {"done"}
    assert workers.complaints() == []


def test_points_of_racing_campaigns_all_count_and_wake_everybody(workers):
    size = RACE_SIZE // 4
    campaigns = workers.run("build_points", tag="faultp", contacts=size)
    racing = [workers.start("work", batch=50) for _racer in range(RACERS)]
    assert [racer.wait() for racer in racing] == [0] * RACERS
    workers.run("work")
    assert workers.sql(
        "SELECT flow_points, count(*) FROM res_partner WHERE email LIKE 'faultp%' GROUP BY 1"
    ) == [["25", str(size)]]
    assert workers.sql(
        "SELECT g.name->>'en_US', t.points, count(*) FROM flow_point_total t"
        " JOIN flow_point_group g ON g.id = t.group_id GROUP BY 1, 2 ORDER BY 2"
    ) == [["faultp", "5", str(size)], ["Points", "20", str(size)]]
    for campaign in campaigns:
        assert invariants.whereabouts(workers, campaign) == {("end", "ended", "goal"): size}


def test_facts_and_ledger_agree_at_every_moment(workers):
    workers.run("build", tag="faultm", contacts=RACE_SIZE)
    racing = [workers.start("work", batch=50) for _racer in range(RACERS)]
    looks = 0
    while not all(racer.ended.is_set() for racer in racing):
        assert workers.sql(invariants.MISCOUNTED) == []
        looks += 1
    assert looks > 2
    assert [racer.wait() for racer in racing] == [0] * RACERS
    workers.run("work")
    invariants.check(workers)
    [[unfolded, folded]] = workers.sql(
        "SELECT count(*) FILTER (WHERE is_delta), count(*) FILTER (WHERE NOT is_delta)"
        " FROM flow_fact"
    )
    assert (int(unfolded), int(folded) < 20) == (0, True)


@pytest.mark.parametrize("point", points())
def test_killed_workers_leave_nothing_lost_and_nothing_twice(workers, point):
    size = 1200 if CHAOS else 90
    campaign = workers.run("build", tag="faultk", contacts=size)
    kills = 0
    for prepare in (
        None,
        ("click", {"campaign_id": campaign, "every": 3}),
        ("pass_days", {"days": 2}),
    ):
        if prepare:
            workers.run(prepare[0], **prepare[1])
        for attempt in range(KILLS):
            count = 1 + attempt % 2 if kills >= KILLS else 1
            worker = workers.start("work", failpoints=f"{point}=kill:{count}", batch=30)
            if worker.wait() == 0:
                break
            assert worker.status == -9
            kills += 1
            invariants.check(workers, idle=False)
        workers.run("work", batch=30)
    assert kills >= KILLS
    invariants.check(workers)
    won = invariants.whereabouts(workers, campaign)["won", "ended", "goal"]
    assert invariants.whereabouts(workers, campaign) == {
        ("won", "ended", "goal"): won,
        ("over", "ended", "done"): size - won,
    }
    assert invariants.ledger(workers, campaign) == {
        ("invite", "1", "done"): size,
        ("thank", "2", "done"): won,
        ("remind", "2", "done"): size - won,
    }
    assert won == size // 3
