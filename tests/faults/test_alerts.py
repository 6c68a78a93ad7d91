"""Workers that find the same trouble at the same time tell of it once."""

from faults.test_budget import RACERS, money
from faults.test_people import wait_for

TOLD = "SELECT summary FROM mail_activity WHERE res_model = 'flow.campaign' ORDER BY summary"


def test_all_workers_find_the_same_trouble(workers, tmp_path):
    values = {"budget_amount": money(10), "budget_policy": "stop", "budget_warn_percent": 50}
    campaign = workers.run("build", tag="fault", contacts=10, values=values)
    workers.run("confirm_cost", campaign_id=campaign, amount=money(8))
    gate = tmp_path / "gate"
    racing = [
        workers.start("find_trouble", campaign_id=campaign, gate=str(gate))
        for _racer in range(RACERS)
    ]
    wait_for(lambda: len(list(tmp_path.glob("gate.*"))) == RACERS)
    gate.touch()
    assert [racer.wait() for racer in racing] == [0] * RACERS
    assert workers.sql(TOLD) == [["The budget runs short"], ["The campaign cannot go on"]]
    assert workers.complaints() == []
