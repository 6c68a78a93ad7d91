"""An action of one's own, in an addon of some thirty lines: it installs, runs and goes."""

import os
from pathlib import Path

import pytest

from tests.test_addon_life import complaints, run_odoo
from tools import databases, places
from tools.demo.client import Client
from tools.odoo_server import OdooInstance

ADDONS = Path(__file__).parent / "addons"
EXAMPLE = "flow_example"
MOST_LINES = 40


@pytest.fixture
def database(environment):
    name = environment.database_name(f"example_{os.getpid()}")
    databases.create(environment, name, [places.CORE_ADDON], demo=False, replace=True)
    yield name
    databases.drop(environment, name)


def test_it_is_short():
    files = [path for path in (ADDONS / EXAMPLE).rglob("*") if path.suffix in (".py", ".xml")]
    assert sum(len(path.read_text().splitlines()) for path in files) < MOST_LINES


def test_its_action_runs_in_a_campaign(environment, database):
    path = f"--addons-path={environment.addons_path},{ADDONS}"
    assert complaints(run_odoo(environment, database, path, f"--init={EXAMPLE}")) == []
    with OdooInstance(environment, database, extra_args=[path, "--max-cron-threads=0"]) as server:
        admin = Client(server.url, database, "admin", "admin")
        contact = admin.create("res.partner", {"name": "Ann", "email": "ann@example.com"})
        people = {"name": "Ann", "partner_ids": [(6, 0, [contact])]}
        campaign = admin.create(
            "flow.campaign",
            {"name": "Remarks", "audience_id": admin.create("flow.audience", people)},
        )
        ours = [("workflow_id.campaign_id", "=", campaign), ("kind", "=", "start")]
        [start] = admin.search("flow.state", ours)
        remark = {"state_id": start, "kind": "remark", "remark": "Seen by the campaign"}
        admin.create("flow.action", remark)
        admin.call("flow.campaign", "action_launch", [campaign])
        [lane, *_] = admin.search("ir.cron", [("cron_name", "=", "Campaign Flow: engine")])
        admin.call("ir.cron", "method_direct_trigger", [lane])
        [row] = admin.read("res.partner", [("id", "=", contact)], ["comment"])
        assert "Seen by the campaign" in row["comment"]
        assert complaints(server.log_path.read_text()) == []
