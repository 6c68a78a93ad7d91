"""The bridges come, are upgraded and go, together and each alone, and leave the core at work.

Odoo installs a bridge as soon as what it bridges is there. `make chaos` tries every set of them.
"""

import ast
import os

import pytest

from tests.test_addon_life import complaints, run_odoo
from tools import databases, places
from tools.demo.client import Client
from tools.odoo_server import OdooInstance

# `queue_job` changes how Odoo runs; its bridge has tests of its own.
BRIDGES = [
    name
    for name in places.addons()
    if name not in (places.CORE_ADDON, f"{places.CORE_ADDON}_queue")
]


def _needs(name: str) -> set[str]:
    """Return the bridges that a bridge builds on."""
    manifest = (places.REPOSITORY / name / "__manifest__.py").read_text(encoding="utf-8")
    return set(BRIDGES) & set(ast.literal_eval(manifest)["depends"])


# What builds on other bridges comes and goes with them: Odoo installs it as soon as they are there.
NEEDS = {name: _needs(name) for name in BRIDGES}
ALONE = [name for name in BRIDGES if not NEEDS[name]]


def with_what_builds_on(names) -> set[str]:
    """Return bridges together with those that come by themselves where these are."""
    names = set(names)
    return names | {name for name, needed in NEEDS.items() if needed and needed <= names}


CHAOS = bool(os.environ.get("FLOW_CHAOS"))
DEMO = ("--with-demo",) if CHAOS else ()  # half the time is Odoo's demo data
# What an administrator has to have for what is not Odoo's own to be installed over the web.
SERVER = ("--max-cron-threads=0", "--limit-time-real=900", "--limit-time-cpu=900")


@pytest.fixture
def database(environment):
    """A database with mass_mailing only."""
    name = environment.database_name(f"bridges_{os.getpid()}")
    databases.create(environment, name, demo=CHAOS, replace=True)
    yield name
    databases.drop(environment, name)


class Modules:
    """What an administrator does on the page of apps."""

    def __init__(self, server, database):
        self.log = server.log_path
        self.read_to = 0
        self.admin = Client(server.url, database, "admin", "admin")

    def do(self, button: str, *names: str) -> None:
        """Press a button of modules, and let the engine work: nothing in the log is ours."""
        found = self.admin.search("ir.module.module", [("name", "in", list(names))])
        self.admin.call("ir.module.module", f"button_immediate_{button}", found)
        lanes = self.admin.search("ir.cron", [("cron_name", "=", "Campaign Flow: engine")])
        self.admin.call("ir.cron", "method_direct_trigger", lanes[:1])
        log = self.log.read_text()[self.read_to :]
        self.read_to += len(log)
        assert complaints(log) == [], (button, names)

    def installed(self) -> set[str]:
        domain = [("name", "in", BRIDGES), ("state", "=", "installed")]
        rows = self.admin.read("ir.module.module", domain, ["name"])
        return {row["name"] for row in rows}

    def kinds(self) -> set[str]:
        rows = self.admin.read("flow.action", [], ["kind"])
        return {row["kind"] for row in rows}


def set_up_campaigns(admin) -> int:
    """Run a campaign with an action and an event of each bridge, and one about leads."""
    admin.create("res.partner", {"name": "Ann", "email": "ann@example.com"})
    admin.create("crm.lead", {"name": "Interested", "email_from": "bob@example.com"})
    people = admin.create(
        "flow.audience",
        {"name": "Somebody", "use_criteria": True, "domain": "[('email', '!=', False)]"},
    )
    leads = admin.create(
        "flow.audience",
        {"name": "Leads", "target_model": "crm.lead", "use_criteria": True, "domain": "[]"},
    )
    campaign = admin.create("flow.campaign", {"name": "With everything", "audience_id": people})
    about_leads = admin.create("flow.campaign", {"name": "About leads", "audience_id": leads})
    model = admin.search("ir.model", [("model", "=", "res.partner")])[0]
    sms = {
        "subject": "Short",
        "mailing_type": "sms",
        "body_plaintext": "Hello",
        "mailing_model_id": model,
        "flow_campaign_id": campaign,
    }
    actions = [
        {"kind": "lead_create"},
        {"kind": "lead_update", "lead_priority": "1"},
        {"kind": "lead_close"},
        {
            "kind": "quotation",
            "quotation_template_id": admin.create("sale.order.template", {"name": "Starter"}),
        },
        {
            "kind": "coupon",
            "coupon_program_id": admin.create(
                "loyalty.program", {"name": "Welcome", "program_type": "coupons"}
            ),
        },
        {"kind": "sms", "mailing_id": admin.create("mailing.mailing", sms)},
    ]
    for one, contents in ((campaign, actions), (about_leads, actions[1:2])):
        states = admin.read("flow.state", [("campaign_id", "=", one)], ["kind", "workflow_id"])
        [start] = [state["id"] for state in states if state["kind"] == "start"]
        [end] = [state["id"] for state in states if state["kind"] != "start"]
        for content in contents:
            admin.create("flow.action", {"state_id": start, **content})
        for kind in ("sms_sent", "lead_won", "order_confirmed", "invoice_paid", "custom"):
            admin.create(
                "flow.transition",
                {
                    "workflow_id": states[0]["workflow_id"][0],
                    "state_id": start,
                    "target_id": end,
                    "trigger": "event",
                    "event_kind": kind,
                },
            )
        admin.create("flow.entry", {"campaign_id": one, "event_kind": "lead_created"})
        admin.call("flow.campaign", "action_launch", [one])
    return campaign


def test_bridges_come_are_upgraded_and_go_together_and_alone(environment, database):
    every = ",".join([places.CORE_ADDON, *BRIDGES])
    assert complaints(run_odoo(environment, database, f"--init={every}", *DEMO)) == []
    assert complaints(run_odoo(environment, database, f"--update={places.CORE_ADDON}")) == []
    with OdooInstance(environment, database, workers=0, extra_args=SERVER) as server:
        modules = Modules(server, database)
        campaign = set_up_campaigns(modules.admin)
        assert modules.installed() == set(BRIDGES)
        kinds = modules.kinds()
        for bridge in sorted(BRIDGES, key=ALONE.__contains__):
            modules.do("uninstall", bridge)
            assert bridge not in modules.installed()
        assert modules.installed() == set()
        assert kinds - modules.kinds() >= {"lead_create", "quotation", "coupon", "sms"}
        [kept] = modules.admin.read("flow.campaign", [("id", "=", campaign)], ["status"])
        assert kept["status"] == "running"
        assert modules.admin.count("flow.campaign", [("name", "=", "About leads")]) == 0
        for bridge in ALONE:
            modules.do("install", bridge)
            assert modules.installed() == with_what_builds_on({bridge})
            if CHAOS:  # else together is enough
                modules.do("upgrade", bridge)
            modules.do("uninstall", bridge)
            assert modules.installed() == set()


@pytest.mark.skipif(not CHAOS, reason="takes a quarter of an hour: make chaos")
def test_every_set_of_bridges(environment, database):
    """One bridge comes or goes at a time, so that each set is there once, and is upgraded."""
    every = ",".join([places.CORE_ADDON, *BRIDGES])
    assert complaints(run_odoo(environment, database, f"--init={every}", *DEMO)) == []
    with OdooInstance(environment, database, workers=0, extra_args=SERVER) as server:
        modules = Modules(server, database)
        modules.do("uninstall", *BRIDGES)
        there, seen = set(), []
        for number in range(1, 2 ** len(ALONE)):
            bridge = ALONE[(number & -number).bit_length() - 1]  # a Gray code
            modules.do("uninstall" if bridge in there else "install", bridge)
            there ^= {bridge}
            assert modules.installed() == with_what_builds_on(there)
            modules.do("upgrade", places.CORE_ADDON)
            assert modules.installed() == with_what_builds_on(there)
            seen.append(frozenset(there))
        assert len(set(seen)) == 2 ** len(ALONE) - 1
        modules.do("uninstall", *there)
        assert modules.installed() == set()
