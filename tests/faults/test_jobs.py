"""Campaigns whose passes are jobs of queue_job: run by real runners, on workers that are killed."""

import contextlib
import os
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from test_addon_life import complaints, run_odoo

from faults import invariants
from tools import databases, places
from tools.demo import story
from tools.demo.client import Client
from tools.odoo_server import OdooInstance
from tools.smtp_sink import SmtpSink

BRIDGE = f"{places.CORE_ADDON}_queue"
CHAOS = bool(os.environ.get("FLOW_CHAOS"))
PEOPLE = 600
RACERS = 50_000 if CHAOS else 3_000
RECIPIENTS = 1_200  # so many that both workers are called
ROUNDS = 10 if CHAOS else 1
KILLS = 2  # in a round, which is over before many more could be made
IN_FLIGHT = 4
SECONDS = 900 if CHAOS else 90
POLL_SECONDS = 3
RUNNER = {"ODOO_QUEUE_JOB_CHANNELS": "root:2,root.campaign_flow:2"}
BODY = '<p>Dear <t t-out="object.name"/>, <a href="https://shop.example/offer">look</a></p>'


class World:
    """A database with both addons, a mail server, and an Odoo whose cron never runs."""

    def __init__(self, environment, database, mail):
        self.environment, self.database, self.mail = environment, database, mail
        self.people: dict[int, int] = {}  # of each campaign

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

    def launch(self, admin: Client, tag: str, people: int = PEOPLE, by_mail: bool = True) -> int:
        """Launch a campaign that sends an email, or puts people on a list; return its id."""
        self.sql(
            f"""INSERT INTO res_partner (name, complete_name, email, email_normalized, active, type,
                                         create_uid, create_date, write_uid, write_date)
                SELECT n, n, '{tag}' || n || '@example.com', '{tag}' || n || '@example.com', TRUE,
                       'contact', 1, now(), 1, now() FROM generate_series(1, {people}) n"""
        )
        audience = {"name": tag, "use_criteria": True, "domain": f"[('email', '=like', '{tag}%')]"}
        values = {"name": tag, "audience_id": admin.create("flow.audience", audience)}
        campaign = admin.create("flow.campaign", values)
        of_campaign = [("workflow_id.campaign_id", "=", campaign)]
        admin.call(
            "flow.state", "write", admin.search("flow.state", of_campaign), {"phase_id": False}
        )
        start = admin.search("flow.state", [*of_campaign, ("kind", "=", "start")])[0]
        action = self._email(admin, tag, campaign) if by_mail else self._subscription(admin, tag)
        admin.create("flow.action", {"state_id": start, **action})
        admin.call("flow.campaign", "action_launch", [campaign])
        self.people[campaign] = people
        return campaign

    def _email(self, admin: Client, tag: str, campaign: int) -> dict:
        mailing = admin.create("mailing.mailing", {
            "subject": tag,
            "body_html": BODY,
            "body_arch": BODY,
            "mailing_model_id": admin.ref("base.model_res_partner"),
            "email_from": "news@example.com",
            "reply_to_mode": "update",
            "flow_campaign_id": campaign,
        })  # fmt: skip
        return {"kind": "email", "mailing_id": mailing}

    def _subscription(self, admin: Client, tag: str) -> dict:
        return {
            "kind": "subscription",
            "mailing_list_id": admin.create("mailing.list", {"name": tag}),
        }

    def letters(self, tag: str) -> Counter:
        """Return how many messages each address got."""
        found = Counter(one.recipients[0] for one in self.mail.messages())
        return Counter({address: n for address, n in found.items() if address.startswith(tag)})

    def wait(self, what: str, ready, minutes_pass=lambda: None) -> None:
        """Return when `ready()` is true.

        :param minutes_pass: does what the scheduler does every minute
        """
        deadline, polled = time.monotonic() + SECONDS, time.monotonic()
        while not ready():
            states = "SELECT state, count(*) FROM queue_job GROUP BY state"
            assert time.monotonic() < deadline, f"{what}; jobs: {self.sql(states)}"
            if time.monotonic() > polled + POLL_SECONDS:
                minutes_pass()
                polled = time.monotonic()
            time.sleep(0.1)

    def wait_until_served(self, campaign: int, minutes_pass=lambda: None) -> None:
        """Wait until everybody has been dealt with and the lanes rest."""
        left = f"""SELECT {self.people[campaign]} - count(*) FROM flow_step
                    WHERE campaign_id = {campaign} AND status IN ('done', 'uncertain')
                      AND claimed_by IS NULL"""
        self.wait("everybody is served", lambda: not self.number(left), minutes_pass)
        working = ("pending", "enqueued", "started")
        self.wait("the lanes rest", lambda: not self.jobs(*working), minutes_pass)
        self.wait("nobody waits", lambda: not any(self.idle().values()), minutes_pass)

    def idle(self) -> dict[str, list]:
        """Return what waits for a worker, by kind."""
        return {
            what: self.sql(text.format(now=invariants.NOW))
            for what, text in invariants.IDLE.items()
        }

    def wait_for_letters(self, count: int, minutes_pass=lambda: None) -> None:
        enough = self.mail.spool.count() + count
        self.wait("messages leave", lambda: self.mail.spool.count() >= enough, minutes_pass)

    def kill_a_worker(self) -> bool:
        """Kill one that is at work; return False when none is."""
        at_work = (
            "SELECT worker_pid FROM queue_job WHERE state = 'started' AND worker_pid IS NOT NULL"
        )
        for [pid] in self.sql(at_work):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
                return True
        return False

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
        people = self.people[campaign]
        assert int(done) + int(doubtful) == people
        assert int(done) <= len(letters) <= people
        assert len(letters) >= people - in_flight
        assert not any(self.idle().values()), self.idle()


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


NOTE_WHAT_RUNS = """
    CREATE TABLE faults_run (step_id int);
    CREATE FUNCTION faults_note() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO faults_run VALUES (NEW.id); RETURN NULL; END';
    CREATE TRIGGER faults_note AFTER UPDATE OF status ON flow_step FOR EACH ROW
        WHEN (NEW.status = 'done' AND OLD.status <> 'done') EXECUTE FUNCTION faults_note();
"""
FORGET_WHAT_RAN = (
    "DROP TRIGGER faults_note ON flow_step; DROP FUNCTION faults_note; DROP TABLE faults_run"
)


@pytest.fixture(scope="class")
def admin(world):
    """The administrator of an Odoo whose two workers take jobs side by side."""
    with world.server("two") as server:
        admin = Client(server.url, world.database, "admin", "admin")
        story.set_up_mail(admin, server.url, world.mail)
        yield admin
        set_in_flight(admin, 1)


class TestTwoWorkers:
    """Two job workers, processes of their own; what dies is recovered without a person."""

    def test_workers_race_and_each_step_is_run_once(self, world, admin):
        world.sql(NOTE_WHAT_RUNS)
        campaign = world.launch(admin, "race", RACERS, by_mail=False)
        world.wait_until_served(campaign)
        ran = "SELECT count(*), count(DISTINCT step_id) FROM faults_run"
        assert world.sql(ran) == [[str(RACERS), str(RACERS)]]
        on_the_list = """SELECT count(*), count(DISTINCT contact_id) FROM mailing_subscription s
                           JOIN mailing_list l ON l.id = s.list_id AND l.name = 'race'"""
        assert world.sql(on_the_list) == [[str(RACERS), str(RACERS)]]
        workers = "SELECT count(DISTINCT worker_pid) FROM queue_job WHERE state = 'done'"
        assert world.number(workers) == 2
        assert world.jobs("failed") == 0
        invariants.check(world, effects={})
        world.sql(FORGET_WHAT_RAN)
        # Over: else its people, forgotten here, come in again at the next look at the audience.
        world.sql("UPDATE flow_campaign SET status = 'done'")
        world.sql("TRUNCATE flow_participant, flow_fact CASCADE")

    def test_workers_are_killed_while_they_send(self, world, admin):
        set_in_flight(admin, IN_FLIGHT)
        minutes_pass = scheduler(world, admin)
        for number in range(ROUNDS):
            tag = f"kill{number}x"
            campaign = world.launch(admin, tag, RECIPIENTS)
            for _kill in range(KILLS):
                world.wait_for_letters(RECIPIENTS // 20, minutes_pass)
                world.wait("a worker is at work", world.kill_a_worker, minutes_pass)
            world.wait_until_served(campaign, minutes_pass)
            world.check(campaign, tag, in_flight=KILLS * IN_FLIGHT)
        invariants.check(world, effects=invariants.MAILED)
        assert world.jobs("failed") == 0


def scheduler(world: World, admin: Client):
    """Return a function that does what happens every minute: no test waits a minute for it.

    The scheduler of any server triggers a lane, and the runner looks for jobs whose worker is dead,
    which it does whenever it is told of a job.
    """
    [lane, *_] = admin.search("ir.cron", [("cron_name", "=", "Campaign Flow: engine")])

    def minute_passes():
        admin.call("ir.cron", "method_direct_trigger", [lane])
        world.sql("NOTIFY queue_job, 'nobody'")

    return minute_passes


def set_in_flight(admin: Client, count: int) -> None:
    name = "marketing_campaign_flow.messages_in_flight"
    admin.call("ir.config_parameter", "set_param", name, str(count))


def test_jobs_serve_everybody_once_whatever_is_killed_and_crons_take_over_at_last(world):
    with world.server("a") as first, world.server("b") as second:
        admin = Client(second.url, world.database, "admin", "admin")
        story.set_up_mail(admin, second.url, world.mail)
        minutes_pass = scheduler(world, admin)

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
