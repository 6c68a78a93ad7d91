"""Email: due messages of a campaign, handed over to a mail server on this machine.

Reference: Odoo's own mass mailing of the same text to the same people, queued and sent to the same
server, on a sample. The server is a process of its own that keeps each message in a file.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import odoo
import psutil
from odoo.addons.marketing_campaign_flow.engine import advance, courier, tick
from odoo.fields import Command

from benchmarks import harness, processes
from benchmarks.harness import ROUNDS, Figure
from tools.console import say
from tools.smtp_sink import SmtpSink

SIZE = 10_000
MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of our own in it)
SAMPLE = 1_000  # of the reference, which is slow; rates are compared
BODY = """
<div><h1>Dear <t t-out="object.name">you</t></h1>
<p>We write to <t t-out="object.email"/>, in <t t-out="object.lang"/>.</p>
<p>See <a href="https://shop.example/offer">our offer</a>, or <a href="https://shop.example/new">what
is new</a>.</p><p>Kind regards</p><p><a href="/unsubscribe_from_list">Leave</a></p></div>
"""
CONTACTS = [("email", "=like", "contact%@example.com")]


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures, in messages per second."""
    size = size or SIZE
    harness.make_contacts(env, size)
    with (
        tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as spool,
        SmtpSink(Path(spool), name="bench") as mail,
        processes.Worker(env.cr.dbname, ",".join(odoo.tools.config["addons_path"])) as other,
    ):
        send_through(env, mail)
        reference = median(_mass_mailing(env, mail, min(size, SAMPLE)) for _ in range(ROUNDS))
        ways = {"one": (1, []), "eight": (8, []), "two": (1, [other])}
        # In turn, so that a machine that is slower for a while is slower for each of them.
        rounds = [
            {name: campaign_rate(env, mail, size, *way) for name, way in ways.items()}
            for _ in range(ROUNDS)
        ]
        clean(env)
    rates = {name: median(rates[name] for rates in rounds) for name in ways}
    unit = "messages/s"
    return [
        Figure(f"email {size:,}, 1 in flight", rates["one"], unit, reference, 4, True),
        Figure(f"email {size:,}, 8 in flight", rates["eight"], unit, reference, 6, True),
        Figure(f"email {size:,}, two workers", rates["two"], unit, rates["one"], 1.6, True),
    ]


def send_through(env, mail) -> None:
    env["ir.mail_server"].search([]).unlink()
    env["ir.mail_server"].create(
        {"name": "Bench", "smtp_host": mail.host, "smtp_port": mail.port, "smtp_encryption": "none"}
    )
    env.user.email = "bench@example.org"
    env.cr.commit()


def _mass_mailing(env, mail, size) -> float:
    clean(env)
    before = mail.spool.count()
    mailing = mailing_of(env)
    people = env["res.partner"].search(CONTACTS, limit=size)
    env.cr.commit()
    began = time.perf_counter()
    mailing.action_send_mail(people.ids)
    env["mail.mail"].search([("mailing_id", "=", mailing.id), ("state", "=", "outgoing")]).send(
        auto_commit=True
    )
    env.cr.commit()
    seconds = time.perf_counter() - began
    assert mail.spool.count() - before == size
    return size / seconds


def campaign_rate(env, mail, size, in_flight, others=()) -> float:
    """Return the rate at which due emails leave.

    :param others: `processes.Worker` that help
    """
    clean(env)
    before = mail.spool.count()
    env["ir.config_parameter"].set_param(courier.IN_FLIGHT_PARAMETER, in_flight)
    audience = env["flow.audience"].create(
        {"name": "Benchmark", "use_criteria": True, "domain": repr(CONTACTS)}
    )
    campaign = env["flow.campaign"].create(
        {"name": "Benchmark", "audience_id": audience.id, "keep_in_sync": False}
    )
    start, end = campaign.state_ids
    (start.phase_id, end.phase_id) = (False, False)
    start.transition_ids.write({"trigger": "manual"})
    mailing = mailing_of(env, flow_campaign_id=campaign.id)
    env["flow.action"].create({"state_id": start.id, "kind": "email", "mailing_id": mailing.id})
    campaign.action_launch()
    env.cr.commit()
    campaign._enrol_audience()
    _prepare(env, campaign)
    harness.vacuum(env, "flow_participant", "flow_step")
    meter = processes.CpuMeter(
        worker=[psutil.Process()],
        database=processes.postgres(env),
        mail_server=[psutil.Process(mail.daemon.pid)],
    )
    env.registry.signal_changes()  # Odoo's workers tell each other what they no longer remember
    began = time.perf_counter()
    for other in others:
        other.start()
    tick.run(env)
    for other in others:
        other.wait()
    seconds = time.perf_counter() - began
    shares = {name: f"{used / seconds:.0%}" for name, used in meter.used().items()}
    assert mail.spool.count() - before == size, "each message once"
    workers = 1 + len(others)
    say(
        f"  {workers} worker(s), {in_flight} in flight: {size / seconds:.0f}/s; processor: {shares}"
    )
    return size / seconds


def _prepare(env, campaign) -> None:
    """Let everybody enter, so that all emails are due and nothing else is left to do."""
    env.cr.commit()
    while advance.advance(env, campaign):
        env.cr.commit()
    env.cr.commit()


def mailing_of(env, **values):
    return env["mailing.mailing"].create(
        {
            "subject": "News for you",
            "body_html": BODY,
            "body_arch": BODY,
            "mailing_model_id": env["ir.model"]._get_id("res.partner"),
            "reply_to_mode": "update",
            "contact_list_ids": [Command.clear()],
            **values,
        }
    )


def clean(env) -> None:
    """Take what earlier rounds left behind away, so that each meets the same tables."""
    env.cr.execute("TRUNCATE flow_participant CASCADE")
    env.cr.execute("TRUNCATE mailing_trace, link_tracker_click CASCADE")
    env.cr.execute("DELETE FROM mail_mail")
    env.cr.execute("DELETE FROM mail_message WHERE model = 'res.partner'")
    env.cr.execute("DELETE FROM flow_campaign")
    env.cr.execute("DELETE FROM flow_audience")
    env.cr.commit()
    env.invalidate_all()
