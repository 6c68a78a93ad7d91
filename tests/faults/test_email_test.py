"""Versions of an email are tested while workers race and die: decided once, nobody forgotten."""

import pytest

from faults import invariants
from faults.mail_server import FaultyMailServer

SIZE, SAMPLE = 90, 40
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
    campaign = workers.run(
        "build_mail", tag="fault", contacts=SIZE, port=server.port, parameters={}, sample=SAMPLE
    )
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


def race(workers, point):
    """Let workers get in each other's way, kill one, and let the last one finish."""
    racing = [workers.start("work", batch=10, failpoints=f"{point}=kill:1")]
    racing += [workers.start("work", batch=10) for _racer in range(2)]
    for racer in racing:
        racer.wait()
    workers.run("work")
