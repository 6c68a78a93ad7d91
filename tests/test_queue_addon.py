"""Campaigns whose passes are jobs of queue_job: run by real runners, on workers that are killed."""

import os
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from faults import invariants
from test_addon_life import complaints, run_odoo

from tools import databases, places
from tools.demo import story
from tools.demo.client import Client
from tools.odoo_server import OdooInstance
from tools.smtp_sink import SmtpSink

BRIDGE = f"{places.CORE_ADDON}_queue"
PEOPLE = 600
SECONDS = 90
POLL_SECONDS = 3
RUNNER = {"ODOO_QUEUE_JOB_CHANNELS": "root:2,root.campaign_flow:2"}
BODY = '<p>Dear <t t-out="object.name"/>, <a href="https://shop.example/offer">look</a></p>'


class World:
    """A database with both addons, a mail server, and an Odoo whose cron never runs."""

    def __init__(self, environment, database, mail):
        self.environment, self.database, self.mail = environment, database, mail

    def server(self, name: str) -> OdooInstance:
        """Return an Odoo with a runner and two workers, as on a machine of its own."""
        return OdooInstance(
            self.environment,
            self.database,
            cron_threads=0,
            extra_args=["--load=base,web,queue_job"],
            variables=RUNNER,
            name=f"{self.database}_{name}",
        )

    def sql(self, statement: str) -> list[list[str]]:
        rows = self.environment.postgres.sql(statement, self.database).splitlines()
        return [row.split("|") for row in rows]

    def number(self, statement: str) -> int:
        return int(self.sql(statement)[0][0])

    def launch(self, admin: Client, tag: str) -> int:
        """Launch a campaign that sends everybody an email; return its id."""
        self.sql(
            f"""INSERT INTO res_partner (name, complete_name, email, email_normalized, active, type,
                                         create_uid, create_date, write_uid, write_date)
                SELECT n, n, '{tag}' || n || '@example.com', '{tag}' || n || '@example.com', TRUE,
                       'contact', 1, now(), 1, now() FROM generate_series(1, {PEOPLE}) n"""
        )
        audience = {"name": tag, "use_criteria": True, "domain": f"[('email', '=like', '{tag}%')]"}
        values = {"name": tag, "audience_id": admin.create("flow.audience", audience)}
        campaign = admin.create("flow.campaign", values)
        of_campaign = [("workflow_id.campaign_id", "=", campaign)]
        admin.call(
            "flow.state", "write", admin.search("flow.state", of_campaign), {"phase_id": False}
        )
        start = admin.search("flow.state", [*of_campaign, ("kind", "=", "start")])[0]
        mailing = admin.create("mailing.mailing", {
            "subject": tag,
            "body_html": BODY,
            "body_arch": BODY,
            "mailing_model_id": admin.ref("base.model_res_partner"),
            "email_from": "news@example.com",
            "reply_to_mode": "update",
            "flow_campaign_id": campaign,
        })  # fmt: skip
        admin.create("flow.action", {"state_id": start, "kind": "email", "mailing_id": mailing})
        admin.call("flow.campaign", "action_launch", [campaign])
        return campaign

    def letters(self, tag: str) -> Counter:
        """Return how many messages each address got."""
        found = Counter(one.recipients[0] for one in self.mail.messages())
        return Counter({address: n for address, n in found.items() if address.startswith(tag)})

    def wait(self, what: str, ready) -> None:
        deadline = time.monotonic() + SECONDS
        while not ready():
            states = "SELECT state, count(*) FROM queue_job GROUP BY state"
            assert time.monotonic() < deadline, f"{what}; jobs: {self.sql(states)}"
            time.sleep(0.1)

    def wait_until_served(self, campaign: int, minutes_pass=lambda: None) -> None:
        """Wait until everybody has been dealt with and the lanes rest.

        :param minutes_pass: does what the scheduler does every minute
        """
        polled = time.monotonic()

        def served() -> bool:
            nonlocal polled
            if time.monotonic() > polled + POLL_SECONDS:
                minutes_pass()
                polled = time.monotonic()
            return not self.number(
                f"""SELECT {PEOPLE} - count(*) FROM flow_step WHERE campaign_id = {campaign}
                       AND status IN ('done', 'uncertain') AND claimed_by IS NULL"""
            )

        self.wait("everybody is served", served)
        self.wait("the lanes rest", lambda: not self.jobs("pending", "enqueued", "started"))

    def wait_for_letters(self, count: int) -> None:
        before = self.mail.spool.count()
        self.wait("messages leave", lambda: self.mail.spool.count() >= before + count)

    def jobs(self, *states: str) -> int:
        names = ", ".join(f"'{state}'" for state in states)
        return self.number(f"SELECT count(*) FROM queue_job WHERE state IN ({names})")

    def check(self, campaign: int, tag: str, in_flight: int) -> None:
        """Assert that everybody got the message once; at most so many are in doubt."""
        letters = self.letters(tag)
        assert set(letters.values()) == {1}, "nobody got it twice"
        [(done, doubtful)] = self.sql(
            f"""SELECT count(*) FILTER (WHERE status = 'done'),
                       count(*) FILTER (WHERE status = 'uncertain')
                  FROM flow_step WHERE campaign_id = {campaign}"""
        )
        assert int(doubtful) <= in_flight
        assert int(done) + int(doubtful) == PEOPLE
        assert int(done) <= len(letters) <= PEOPLE
        assert len(letters) >= PEOPLE - in_flight
        idle = {what: self.sql(text.format(now=invariants.NOW)) for what, text in
                invariants.IDLE.items()}  # fmt: skip
        assert not any(idle.values()), idle


def texts(log: str) -> set[str]:
    """Return the complaints of a log, without their times and processes."""
    return {line.split(" ", 5)[5] for line in complaints(log)}


@pytest.fixture(scope="module")
def world(environment):
    """Campaign Flow, to which queue_job comes, and with it the bridge, without a complaint."""
    database = environment.database_name(f"queue_{os.getpid()}")
    databases.create(environment, database, demo=False, replace=True)
    try:
        # What the core has to say of itself is the business of its own test.
        alone = texts(run_odoo(environment, database, f"--init={places.CORE_ADDON}"))
        assert texts(run_odoo(environment, database, "--init=queue_job")) - alone == set()
        with tempfile.TemporaryDirectory() as spool, SmtpSink(Path(spool)) as mail:
            yield World(environment, database, mail)
    finally:
        databases.drop(environment, database)


def test_the_bridge_comes_where_both_addons_are(world):
    assert world.sql(f"SELECT state FROM ir_module_module WHERE name = '{BRIDGE}'") == [
        ["installed"]
    ]


def test_jobs_serve_everybody_once_whatever_is_killed_and_crons_take_over_at_last(world):
    with world.server("a") as first, world.server("b") as second:
        admin = Client(second.url, world.database, "admin", "admin")
        story.set_up_mail(admin, second.url, world.mail)
        [lane, *_] = admin.search("ir.cron", [("cron_name", "=", "Campaign Flow: engine")])

        def minutes_pass() -> None:
            admin.call("ir.cron", "method_direct_trigger", [lane])

        # Two workers share a campaign.
        campaign = world.launch(admin, "alpha")
        world.wait_until_served(campaign)
        world.check(campaign, "alpha", in_flight=0)
        workers = "SELECT count(DISTINCT worker_pid) FROM queue_job WHERE state = 'done'"
        assert world.number(workers) >= 2
        assert world.jobs("failed") == 0

        # A worker is killed while it sends.
        campaign = world.launch(admin, "beta")
        world.wait_for_letters(PEOPLE // 6)
        [victim, *_] = world.sql("SELECT worker_pid FROM queue_job WHERE state = 'started'")
        os.kill(int(victim[0]), signal.SIGKILL)
        world.wait_until_served(campaign, minutes_pass)
        world.check(campaign, "beta", in_flight=1)

        # The machine whose runner is in charge is lost.
        campaign = world.launch(admin, "gamma")
        world.wait_for_letters(PEOPLE // 6)
        workers = world.sql("SELECT worker_pid FROM queue_job WHERE state = 'started'")
        assert {os.getpgid(int(worker[0])) for worker in workers} == {first.pid}
        first.kill()
        world.wait_until_served(campaign, minutes_pass)
        world.check(campaign, "gamma", in_flight=2)
        assert world.jobs("failed") == 0

        module = admin.search("ir.module.module", [("name", "=", BRIDGE)])
        admin.call("ir.module.module", "button_immediate_uninstall", module)
        assert world.jobs("pending", "enqueued") == 0
        assert world.sql("SELECT id FROM queue_job_channel WHERE name = 'campaign_flow'") == []
        assert complaints(second.log_path.read_text().split("updating modules list")[-1]) == []

    # Without the bridge, the lanes are scheduled jobs again.
    with OdooInstance(world.environment, world.database, cron_threads=2, workers=0) as server:
        admin = Client(server.url, world.database, "admin", "admin")
        campaign = world.launch(admin, "delta")
        world.wait_until_served(campaign)
        world.check(campaign, "delta", in_flight=0)
