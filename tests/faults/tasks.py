"""What a worker does, inside Odoo; every commit is real.

The campaign: who is invited and clicks is won, who does not is reminded after a day and done. Its
actions write down that they acted, in a table that would show it if they did so twice.
"""

import contextlib
import os
import time
from pathlib import Path

import psycopg2
from odoo import SUPERUSER_ID, Command, api, fields
from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.marketing_campaign_flow.engine import (
    advance,
    cap,
    database_clock,
    deliver,
    execute,
    ingest,
    spend,
    tick,
    transaction,
    wind_down,
)
from odoo.addons.marketing_campaign_flow.engine.call import call as make_calls
from odoo.service.model import retrying

EFFECTS = "CREATE TABLE IF NOT EXISTS faults_effect (step_id int, participant_id int, key text)"
ACT = """
    INSERT INTO faults_effect SELECT id, participant_id, action_key FROM flow_step
     WHERE id = ANY(%s) ORDER BY id
"""
CONTACTS = """
    INSERT INTO res_partner
           (name, complete_name, email, email_normalized, active, type,
            create_uid, create_date, write_uid, write_date)
    SELECT w || n, w || n, %(tag)s || n || '@example.com', %(tag)s || n || '@example.com', TRUE,
           'contact', 1, now(), 1, now()
      FROM generate_series(1, %(count)s) n,
           LATERAL (SELECT CASE WHEN n %% %(poison)s = 0 THEN 'Poisoned ' ELSE 'Contact ' END w)
"""
TRACES = """
    INSERT INTO mailing_trace (trace_type, trace_status, model, res_id, email,
                               flow_step_id, sent_datetime, create_date)
    SELECT 'mail', 'sent', 'res.partner', p.res_id, p.email_key, s.id,
           now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
     WHERE s.id = ANY(%(steps)s)
"""
NEVER = 1 << 30
LONG_ENOUGH = 0.3  # seconds
MAIL = """
    <p>Dear <t t-out="object.name"/>, <a href="https://shop.example/offer">look</a>.</p>
    <p>.</p>
"""
RECORD = """
    INSERT INTO flow_event (participant_id, campaign_id, step_id, action_key, state_id, kind,
                            is_new, is_machine, occurred_at)
    SELECT s.participant_id, s.campaign_id, s.id, s.action_key, p.state_id, 'clicked', TRUE, FALSE,
           %s
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
     WHERE s.campaign_id = %s AND s.action_key = 'invite' AND p.res_id %% %s = 0
     ORDER BY random()
"""


def take_small_batches(size: int | None) -> None:
    """Let small numbers make several batches."""
    for work in (
        ingest.ingest,
        advance.advance,
        execute.execute,
        make_calls,
        deliver.deliver,
        spend.spend,
        wind_down.wind_down,
    ):
        work.__defaults__ = (size or work.__defaults__[0],)


@contextlib.contextmanager
def odoo_environment(registry):
    """Yield an environment as Odoo's scheduler has it; commit at the end."""
    registry.check_signaling()
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        type(env["flow.action"])._run_subscription = _act
        yield env
        env.flush_all()
        registry.signal_changes()


def _act(action, steps):
    """Write down that the action was done; contract: transactional."""
    if any(name.startswith("Poisoned") for name in steps.participant_id.mapped("name")):
        raise ValueError("poisoned")
    action.env.cr.execute(ACT, [steps.ids])
    return {}


def build(
    registry,
    tag: str,
    contacts: int,
    poison: int = NEVER,
    hours: bool = False,
    parameters: dict | None = None,
    price: float = 0,
    values: dict | None = None,
) -> int:
    """Launch a campaign; return its id.

    :param poison: every n-th contact makes the actions fail
    :param parameters: system parameters by name, without the addon's
    :param price: of each action
    :param values: of the campaign
    """
    with odoo_environment(registry) as env:
        for name, value in (parameters or {}).items():
            env["ir.config_parameter"].set_param(f"marketing_campaign_flow.{name}", value)
        env.cr.execute(EFFECTS)
        env.cr.execute(CONTACTS, {"tag": tag, "count": contacts, "poison": poison})
        audience = env["flow.audience"].create(
            {"name": tag, "use_criteria": True, "domain": f"[('email', '=like', '{tag}%')]"}
        )
        campaign = env["flow.campaign"].create(
            {"name": tag, "audience_id": audience.id, **(values or {})}
        )
        campaign.workflow_id.state_ids.unlink()
        nobody = env["mailing.list"].create({"name": "Nobody"})
        states = {}
        for key, kind, action in [
            ("invited", "start", "invite"),
            ("interested", "normal", "thank"),
            ("reminded", "normal", "remind"),
            ("won", "goal", None),
            ("over", "done", None),
        ]:
            states[key] = env["flow.state"].create({
                "workflow_id": campaign.workflow_id.id, "name": key, "kind": kind, "key": key,
            })  # fmt: skip
            if action:
                env["flow.action"].create({
                    "state_id": states[key].id,
                    "key": action,
                    "kind": "subscription",
                    "mailing_list_id": nobody.id,
                    "unit_cost": price,
                })  # fmt: skip
        invite = states["invited"].action_ids
        for source, target, trigger, values in [
            ("invited", "interested", "event",
             {"event_kind": "clicked", "event_action_id": invite.id}),
            ("invited", "reminded", "timeout", {"delay_value": 1, "delay_unit": "days"}),
            ("interested", "won", "done", {}),
            ("reminded", "over", "done", {}),
        ]:  # fmt: skip
            env["flow.transition"].create({
                "workflow_id": campaign.workflow_id.id,
                "state_id": states[source].id,
                "target_id": states[target].id,
                "trigger": trigger,
                **values,
            })  # fmt: skip
        campaign.action_launch()
        return campaign.id


def add_contacts(registry, tag: str, contacts: int) -> None:
    """Let more people appear whom a campaign is about."""
    with odoo_environment(registry) as env:
        env.cr.execute(CONTACTS, {"tag": f"{tag}.new", "count": contacts, "poison": NEVER})


def build_points(registry, tag: str, contacts: int) -> list[int]:
    """Launch two campaigns that give the same contacts points; return their ids.

    Each adds ten, both set another group to five, and who has 25 has won.
    """
    with odoo_environment(registry) as env:
        env.cr.execute(CONTACTS, {"tag": tag, "count": contacts, "poison": NEVER})
        audience = env["flow.audience"].create(
            {"name": tag, "use_criteria": True, "domain": f"[('email', '=like', '{tag}%')]"}
        )
        other = env["flow.point.group"].create({"name": tag})
        campaigns = env["flow.campaign"].create(
            [{"name": f"{tag} {n}", "audience_id": audience.id} for n in range(2)]
        )
        for campaign in campaigns:
            start, end = campaign.workflow_id.state_ids
            end.write({"kind": "goal", "key": "end"})
            start.transition_ids.write(
                {"trigger": "condition", "condition": "[('flow_points', '=', 25)]"}
            )
            start.action_ids = [
                fields.Command.create(values)
                for values in (
                    {"kind": "points", "points_amount": 10},
                    {
                        "kind": "points",
                        "points_operation": "set",
                        "points_amount": 5,
                        "points_group_id": other.id,
                    },
                )
            ]
        campaigns.action_launch()
        return campaigns.ids


def build_mail(
    registry,
    tag: str,
    contacts: int,
    port: int,
    parameters: dict,
    trigger: str = "timeout",
    rate: int = 0,
    sample: int = 0,
    price: float = 0,
    values: dict | None = None,
) -> int:
    """Launch a campaign with an invitation by email; return its id.

    :param port: of the mail server
    :param parameters: system parameters by name, without the addon's
    :param trigger: what ends it: ``timeout`` after a month or ``done`` once it is sent
    :param rate: messages an hour
    :param sample: with which share of the people (percent) two versions of it are tested for a day
    :param price: of each message
    :param values: of the campaign
    """
    with odoo_environment(registry) as env:
        env["ir.mail_server"].search([]).unlink()
        server = env["ir.mail_server"].create(
            {"name": "faults", "smtp_host": "127.0.0.1", "smtp_port": port}
        )
        for name, value in parameters.items():
            env["ir.config_parameter"].set_param(f"marketing_campaign_flow.{name}", value)
        env.cr.execute(EFFECTS)
        env.cr.execute(CONTACTS, {"tag": tag, "count": contacts, "poison": NEVER})
        audience = env["flow.audience"].create(
            {"name": tag, "use_criteria": True, "domain": f"[('email', '=like', '{tag}%')]"}
        )
        campaign = env["flow.campaign"].create({
            "name": tag, "audience_id": audience.id, "sending_rate": rate, **(values or {}),
        })  # fmt: skip
        workflow = campaign.workflow_id
        workflow.state_ids.unlink()
        invited, over = (
            env["flow.state"].create(
                {"workflow_id": workflow.id, "name": key, "kind": kind, "key": key}
            )
            for key, kind in (("invited", "start"), ("over", "done"))
        )
        mailing = env["mailing.mailing"].create({
            "subject": "For you",
            "body_html": MAIL,
            "mailing_model_id": env["ir.model"]._get_id("res.partner"),
            "flow_campaign_id": campaign.id,
            "mail_server_id": server.id,
            "reply_to_mode": "update",
        })  # fmt: skip
        invite = env["flow.action"].create(
            {
                "state_id": invited.id,
                "key": "invite",
                "kind": "email",
                "mailing_id": mailing.id,
                "unit_cost": price,
            }
        )
        if sample:
            invite.write({"test_share": sample, "variant_ids": [Command.create({"arm": "B"})]})
        env["flow.transition"].create({
            "workflow_id": workflow.id,
            "state_id": invited.id,
            "target_id": over.id,
            "trigger": trigger,
            **({"delay_value": 30, "delay_unit": "days"} if trigger == "timeout" else {}),
        })  # fmt: skip
        campaign.action_launch()
        return campaign.id


def work(registry) -> None:
    """Run passes, as a lane does, until nothing is due; a lost connection is made again."""
    while True:
        try:
            with odoo_environment(registry) as env:
                handled = env["flow.campaign"]._cron_engine()
            if not handled:
                return
        except (psycopg2.DatabaseError, psycopg2.InterfaceError) as error:
            if not _is_lost_connection(error):
                raise
            time.sleep(0.1)


def _is_lost_connection(error: psycopg2.Error) -> bool:
    """Return whether the server has gone; the pool of Odoo finds that with a nameless error."""
    lost = (psycopg2.OperationalError, psycopg2.InterfaceError)
    return isinstance(error, lost) or "server closed the connection" in str(error)


def work_with_messages(registry) -> None:
    """Run passes in which an action is a message that commits with its step, as an SMS is."""
    with odoo_environment(registry) as env:
        actions = type(env["flow.action"])

    def send(action, steps):
        action.env.cr.execute(TRACES, {"steps": steps.ids})
        return {}

    actions._run_subscription, actions._channel = send, lambda _action: cap.EMAIL
    handled = True
    while handled:
        with registry.cursor() as cr:
            registry.check_signaling()
            handled = api.Environment(cr, SUPERUSER_ID, {})["flow.campaign"]._cron_engine()


def cron(registry) -> None:
    """Let Odoo's scheduler run the lanes that are ready."""
    with odoo_environment(registry) as env:
        database = env.cr.dbname
    IrCron._process_jobs(database)


def make_lanes_ready(registry, count: int) -> None:
    """Have `count` lanes, ready to run."""
    with odoo_environment(registry) as env:
        env["flow.campaign"]._set_lane_count(count)
        env["flow.campaign"]._all_lanes().write({"nextcall": fields.Datetime.now()})


def confirm_cost(registry, campaign_id: int, amount: float) -> None:
    """Write down a cost, as a person does, and confirm it."""
    with odoo_environment(registry) as env:
        cost = {"campaign_id": campaign_id, "name": "Print", "amount": amount}
        env["flow.cost"].create(cost).action_confirm()


def find_trouble(registry, campaign_id: int, gate: str) -> None:
    """Find that a campaign cannot go on, as a worker does, together with the others at the gate."""
    with odoo_environment(registry) as env:
        campaign = env["flow.campaign"].browse(campaign_id)
        campaigns = type(campaign)
        schedule = campaigns._schedule_trouble

        def schedule_slowly(self, *words):
            time.sleep(LONG_ENOUGH)  # so that all have looked before the first has told
            return schedule(self, *words)

        campaigns._schedule_trouble = schedule_slowly
        wait_at(Path(gate))
        tick._tell(env, campaign, "deliver", "The mail server does not answer.")
        transaction.begin(env)
        campaign._warn_of_budget()


def wait_at(gate: Path) -> None:
    """Say that one has come to the gate, and wait until it opens."""
    gate.with_name(f"{gate.name}.{os.getpid()}").touch()
    while not gate.exists():
        time.sleep(0.01)


def pass_days(registry, days: float) -> None:
    """Move the engine's clock."""
    with odoo_environment(registry) as env:
        database_clock.move(env, days * 24 * 3600)


def write(registry, model: str, ids: list[int], values: dict) -> None:
    """Change records as a request of a browser does, again where somebody else was quicker."""
    with odoo_environment(registry) as env:
        retrying(lambda: env[model].browse(ids).write(values), env)


def blacklist(registry, addresses: list[str]) -> None:
    """Let people opt out of everything."""
    with odoo_environment(registry) as env:
        for address in addresses:
            env["mail.blacklist"]._add(address)


def stand_in_the_way(registry, held: str) -> None:
    """Lock participants first and their steps then, while a worker does it the other way round.

    :param held: path of a file that is written once the participants are locked
    """
    with registry.cursor() as cr:
        cr.execute("SELECT FROM flow_participant FOR NO KEY UPDATE")
        Path(held).touch()
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while cr.execute(waiting) or cr.fetchone() == (0,):
            time.sleep(0.01)
        cr.execute("UPDATE flow_step SET reason = reason WHERE status = 'sending'")


def click(registry, campaign_id: int, every: int = 1, times: int = 1) -> None:
    """Record that every n-th contact clicked, each time in a transaction of its own."""
    for _time in range(times):
        with odoo_environment(registry) as env:
            retrying(
                lambda env=env: env.cr.execute(
                    RECORD, [database_clock.now(env), campaign_id, every], log_exceptions=False
                ),
                env,
            )


def call(registry, model: str, ids: list[int], method: str, arguments: list = ()) -> None:
    """Call a method of records, as a request of a person does: again when it has to be."""
    with odoo_environment(registry) as env:
        retrying(lambda: _nothing(getattr(env[model].browse(ids), method)(*arguments)), env)


def _nothing(_result) -> None:
    return None
