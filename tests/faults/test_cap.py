"""The frequency cap holds when several workers write to the same people at the same time."""

import os
from collections import Counter

import pytest

from faults import invariants
from faults.test_mail import any_server, build, server  # noqa: F401 (fixtures)

CHAOS = bool(os.environ.get("FLOW_CHAOS"))
SIZE = 3_000 if CHAOS else 80
RACERS = 4
CAMPAIGNS = 3


def statuses(workers) -> Counter:
    return Counter(row[0] for row in workers.sql("SELECT status FROM flow_step"))


@pytest.mark.parametrize(("cap", "in_flight"), [(1, 1), (1, 8), (2, 8)])
def test_racing_campaigns_write_to_nobody_more_often_than_is_allowed(
    workers,
    server,  # noqa: F811
    cap,
    in_flight,
):
    settings = {"cap_email": cap, "cap_email_days": 7, "messages_in_flight": in_flight}
    for _campaign in range(CAMPAIGNS):
        build(workers, server, SIZE, **settings)
    racing = [workers.start("work", batch=10) for _racer in range(RACERS)]
    assert [racer.wait() for racer in racing] == [0] * RACERS
    workers.run("work")
    invariants.check(workers, True, invariants.MAILED)
    assert set(server.recipients().values()) == {cap}
    assert len(server.recipients()) == SIZE
    expected = {"done": SIZE * cap, "skipped": SIZE * (CAMPAIGNS - cap)}
    assert statuses(workers) == expected


def test_racing_campaigns_keep_to_it_with_messages_that_commit_with_their_steps(
    workers,
    server,  # noqa: F811
):
    """As an SMS does, which is put into Odoo's queue."""
    settings = {"cap_email": 1, "cap_email_days": 7}
    for _campaign in range(CAMPAIGNS):
        workers.run("build", tag="fault", contacts=SIZE, parameters=settings)
    racing = [workers.start("work_with_messages", batch=10) for _racer in range(RACERS)]
    assert [racer.wait() for racer in racing] == [0] * RACERS
    workers.run("work_with_messages")
    sent = workers.sql("SELECT email, count(*) FROM mailing_trace GROUP BY 1")
    assert len(sent) == SIZE
    assert {count for _email, count in sent} == {"1"}
    expected = {"done": SIZE, "skipped": SIZE * (CAMPAIGNS - 1)}
    assert statuses(workers) == expected
