"""Opens: recipients load the picture of an email, and the transitions that this causes.

Requests over HTTP to a real Odoo in prefork mode, whose scheduled jobs run the engine meanwhile.
Reference: Odoo's own picture, of as many traces, fetched by the same clients from the same server.
How long a transition takes is counted from the event to the moment when others see the participant
moved, by the clock of the database; of a sample, so that looking does not cost what is measured.
"""

import time
from statistics import median

from odoo.addons.marketing_campaign_flow.engine import advance, database_clock, signature

from benchmarks import email, harness
from benchmarks.clients import Clients
from benchmarks.harness import ROUNDS, Figure
from tools import environment, ports
from tools.console import say
from tools.odoo_server import OdooInstance

SIZE = 10_000
WATCHED = 1_000  # participants
LOOK_SECONDS = 0.25  # so much a transition may have been there before it is noticed
PATIENCE_SECONDS = 120
SENT = """
    UPDATE flow_step SET status = 'done', attempts = 1, done_at = {ago} WHERE campaign_id = %(id)s
"""
ENTERED = "UPDATE flow_participant SET entered_at = {ago} WHERE campaign_id = %(id)s"
TRACES = """
    INSERT INTO mailing_trace (trace_type, flow_step_id, mass_mailing_id, model, res_id, email,
                               trace_status, sent_datetime, create_date, write_date)
    SELECT 'mail', s.id, %(mailing)s, 'res.partner', p.res_id, p.email_key, 'sent', {ago}, now(),
           now()
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
     WHERE s.campaign_id = %(id)s
"""
ODOO_TRACES = """
    INSERT INTO mailing_trace (trace_type, mail_mail_id_int, mass_mailing_id, model, res_id, email,
                               trace_status, sent_datetime, create_date, write_date)
    SELECT 'mail', %(first)s + row_number() OVER (ORDER BY id), %(mailing)s, 'res.partner', id,
           email_normalized, 'sent', {ago}, now(), now()
      FROM (SELECT * FROM res_partner WHERE email LIKE 'contact%%@example.com' ORDER BY id
             LIMIT %(size)s) c
    RETURNING mail_mail_id_int
"""
AGO = "(now() AT TIME ZONE 'UTC') - interval '1 hour'"
WATCH = """
    INSERT INTO opens_watched
    SELECT id FROM flow_participant WHERE campaign_id = %s ORDER BY random() LIMIT %s
"""
NOTICE = """
    UPDATE opens_watched SET moment = clock_timestamp() AT TIME ZONE 'UTC'
     WHERE moment IS NULL
       AND EXISTS (SELECT FROM flow_participant p
                    WHERE p.id = opens_watched.id AND p.status = 'ended')
"""
LATE = """
    SELECT percentile_cont(0.95) WITHIN GROUP (
           ORDER BY extract(epoch FROM w.moment - e.occurred_at)), count(*)
      FROM opens_watched w JOIN flow_event e ON e.participant_id = w.id
     WHERE NOT e.is_machine
"""
COUNT = """
    SELECT count(*) FROM flow_participant p JOIN flow_event e ON e.participant_id = p.id
     WHERE p.campaign_id = %s AND p.status = 'ended' AND NOT e.is_machine
"""


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures: requests per second, and seconds until the transition."""
    size = size or SIZE
    harness.make_contacts(env, size)
    email.clean(env)
    # Other benchmarks let days pass; here the clock of the database is the watch.
    env["ir.config_parameter"].set_param(database_clock.OFFSET_PARAMETER, False)
    env.cr.execute("CREATE TEMP TABLE opens_watched (id int PRIMARY KEY, moment timestamp)")
    # All is there before the server starts, so that its jobs find nothing to do until then.
    campaigns = [_campaign_that_was_sent(env, size) for _round in range(ROUNDS)]
    mailings = [_mailing_that_was_sent(env, size, number) for number in range(ROUNDS)]
    harness.vacuum(env, "flow_participant", "flow_step", "mailing_trace")
    rates, references, delays = [], [], []
    prepared = environment.prepare()
    with OdooInstance(prepared, env.cr.dbname) as server:
        for campaign, mailing in zip(campaigns, mailings, strict=True):
            references.append(_fetch(server, mailing))
            rate, delay = _open(env, server, campaign, size)
            rates.append(rate)
            delays.append(delay)
            say(f"  {rate:.0f}/s, Odoo's own {references[-1]:.0f}/s, moved after {delay:.2f} s")
    prepared.close()
    env.cr.execute("DROP TABLE opens_watched")
    email.clean(env)
    name = f"opens {size:,}"
    return [
        Figure(f"{name}, requests", median(rates), "requests/s", median(references), 1, True),
        Figure(f"{name}, until the transition, p95", median(delays), "s", target=5),
    ]


def _campaign_that_was_sent(env, size):
    """Return a campaign whose email everybody got an hour ago; whoever opens it has arrived."""
    audience = env["flow.audience"].create(
        {"name": "Benchmark", "use_criteria": True, "domain": repr(email.CONTACTS)}
    )
    campaign = env["flow.campaign"].create(
        {"name": "Benchmark", "audience_id": audience.id, "keep_in_sync": False}
    )
    start, end = campaign.state_ids
    (start.phase_id, end.phase_id) = (False, False)
    mailing = email.mailing_of(env, flow_campaign_id=campaign.id)
    action = env["flow.action"].create(
        {"state_id": start.id, "kind": "email", "mailing_id": mailing.id}
    )
    start.transition_ids.write(
        {"trigger": "event", "event_kind": "opened", "event_action_id": action.id}
    )
    campaign.action_launch()
    campaign._enrol_audience()
    while advance.advance(env, campaign):
        pass
    values = {"id": campaign.id, "mailing": mailing.id}
    for statement in (SENT, ENTERED, TRACES):
        env.cr.execute(statement.format(ago=AGO), values)
    assert env.cr.rowcount == size
    env.cr.commit()
    return campaign


def _mailing_that_was_sent(env, size, number) -> list[str]:
    """Return the pictures of a mass mailing that everybody got an hour ago."""
    mailing = email.mailing_of(env)
    values = {"mailing": mailing.id, "first": number * size, "size": size}
    env.cr.execute(ODOO_TRACES.format(ago=AGO), values)
    sent = [row[0] for row in env.cr.fetchall()]
    assert len(sent) == size
    env.cr.commit()
    token = env["mail.mail"]._generate_mail_recipient_token
    return [f"/mail/track/{mail}/{token(mail)}/blank.gif" for mail in sent]


def _fetch(server, paths) -> float:
    """Return how many pictures a second the server answers with."""
    return len(paths) / Clients(ports.LOOPBACK, server.odoo_port, paths).seconds()


def _open(env, server, campaign, size) -> tuple[float, float]:
    """Let everybody open the email of a campaign.

    :return: requests per second, and the seconds within which 95 % of the participants had moved
    """
    steps = env["flow.step"].search([("campaign_id", "=", campaign.id)])
    paths = [f"/flow/open/{signature.step_token(env, step)}/blank.gif" for step in steps.ids]
    watched = min(size, WATCHED)
    env.cr.execute("TRUNCATE opens_watched")
    env.cr.execute(WATCH, [campaign.id, watched])
    env.cr.commit()
    clients = Clients(ports.LOOPBACK, server.odoo_port, paths)
    moved, patience = 0, time.monotonic() + PATIENCE_SECONDS
    while moved < watched or clients.busy():
        if clients.busy():
            patience = time.monotonic() + PATIENCE_SECONDS
        assert time.monotonic() < patience, f"{watched - moved} of {watched} have not moved"
        time.sleep(LOOK_SECONDS)
        env.cr.execute(NOTICE)
        moved += env.cr.rowcount
        env.cr.commit()
    env.cr.execute(LATE)
    late, counted = env.cr.fetchone()
    assert counted == watched, "each open is one event of a person"
    assert late >= 0, "nobody moves before the open"
    while _count(env, campaign) < size:
        assert time.monotonic() < patience, "not everybody has moved"
        time.sleep(LOOK_SECONDS)
    assert _count(env, campaign) == size, "each open is one event of a person"
    return size / clients.seconds(), float(late)


def _count(env, campaign) -> int:
    """Return how many opens of participants there are who have moved."""
    env.cr.execute(COUNT, [campaign.id])
    (count,) = env.cr.fetchone()
    env.cr.commit()
    return count
