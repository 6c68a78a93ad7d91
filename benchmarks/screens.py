"""Screens and reports with a million participants and five million events.

What a browser asks for when a screen opens is asked of the server, as a marketing user: the fields
of the real views, one page of records, the counts. Seconds, not ratios: a person waits for it.
"""

import time
from functools import partial

from lxml import etree
from odoo import SUPERUSER_ID
from odoo.addons.marketing_campaign_flow.engine import fold, reactions
from odoo.tests import new_test_user

from benchmarks import harness
from benchmarks.harness import Figure
from benchmarks.world import Campaign

SIZE = 1_000_000
EVENTS_EACH = 5
SCREEN_SECONDS = 1.0
PIVOT_SECONDS = 3.0
PAGE = 80
# Of one person, of some, of everybody.
SEARCHED = ("contact 123456", "contact 12", "example")

# Figures of the monitor that are opened, with the part of them that is meant.
BEHIND = {
    "participants": {},
    "opened": {},
    "hour": {"kind": "opened", "weekday": 1, "hour": 9},
}

# A quarter has ended at the end, the others are in the first two states; in twenty countries, with
# ten salespeople.
WHO_IS_WHO = """
    UPDATE res_partner p
       SET country_id = c.id, user_id = CASE WHEN p.id %% 3 = 0 THEN NULL ELSE %(seller)s END
      FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM res_country LIMIT 20) c
     WHERE c.number = 1 + p.id %% 20 AND p.email LIKE 'contact%%@example.com'
"""
SPREAD = """
    UPDATE flow_participant
       SET state_id = (%(states)s)[1 + id %% 4 / 2 + (id %% 4 = 3)::int],
           status = CASE id %% 4 WHEN 3 THEN 'ended' ELSE 'active' END,
           end_kind = CASE id %% 4 WHEN 3 THEN 'done' END,
           ended_at = CASE id %% 4 WHEN 3 THEN entered_at + interval '2 days' END,
           next_at = NULL, visit = 1
"""
STEPS = """
    INSERT INTO flow_step
           (participant_id, campaign_id, action_id, action_key, visit, occurrence, status, done_at,
            due_at, attempts, is_message, is_call)
    SELECT id, campaign_id, %(action)s, %(key)s, 1, 0, 'done',
           entered_at + id %% 30 * interval '1 day', entered_at, 1, TRUE, FALSE
      FROM flow_participant
"""
TRACES = """
    INSERT INTO mailing_trace
           (flow_step_id, mass_mailing_id, model, res_id, email, trace_type, trace_status,
            sent_datetime, open_datetime, links_click_datetime, create_date, create_uid)
    SELECT s.id, %(mailing)s, 'res.partner', p.res_id, p.email_key, 'mail', 'sent', s.done_at,
           CASE WHEN s.id %% 3 = 0 THEN s.done_at + interval '1 hour' END,
           CASE WHEN s.id %% 9 = 0 THEN s.done_at + interval '1 hour' END, s.done_at, 1
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
"""
EVENTS = """
    INSERT INTO flow_event
           (participant_id, campaign_id, step_id, action_key, kind, occurred_at, is_machine, is_new)
    SELECT s.participant_id, s.campaign_id, s.id, s.action_key,
           (ARRAY['opened', 'clicked', 'opened', 'visited', 'stayed'])[n],
           s.done_at + n * interval '1 hour', FALSE, FALSE
      FROM flow_step s CROSS JOIN generate_series(1, %(each)s) n
"""
TABLES = (
    "flow_participant", "flow_step", "flow_event", "mailing_trace", "flow_fact",
    "flow_reaction_count",
)  # fmt: skip


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures."""
    size = size or SIZE
    harness.make_contacts(env, size)
    campaign = Campaign(env)
    user = _fill(env, campaign, size)
    watched = env(user=user.id)["flow.campaign"].browse(campaign.campaign.id)
    figures = []
    for name, limit, look in _looks(watched):
        taken = [_seconds(watched.env, look) for _round in range(harness.ROUNDS)]
        figures.append(Figure(f"{name}, {size:,} participants", min(taken), "s", target=limit))
    campaign.remove()
    return figures


def _seconds(env, look) -> float:
    env.invalidate_all()
    began = time.perf_counter()
    look()
    return time.perf_counter() - began


def _fill(env, campaign, size):
    """Make a campaign with its ledger; return its user."""
    user = new_test_user(
        env, "bench_marketing", groups="marketing_campaign_flow.group_flow_user", tz="Europe/Rome"
    )
    env.cr.execute(WHO_IS_WHO, {"seller": user.id})
    env.cr.commit()
    campaign.restart()
    record = campaign.campaign
    record.user_id = user
    states = record.workflow_id.state_ids.sorted("sequence")
    action = states.action_ids[:1]
    mailing = env["mailing.mailing"].create({"subject": "Bench", "body_html": "<p>Hello</p>"})
    campaign.enrol()
    values = {
        "states": states.ids,
        "action": action.id,
        "key": action.key,
        "mailing": mailing.id,
        "each": EVENTS_EACH,
    }
    for statement in (SPREAD, STEPS, TRACES, EVENTS):
        env.cr.execute(statement, values)
        env.cr.commit()
    for counted in (fold, reactions):
        while counted.fold(env):
            env.cr.commit()
    harness.vacuum(env, *TABLES)
    return user


def _looks(campaign):
    """Return what a person opens: its name, how long it may take, and what is asked then."""
    env = campaign.env
    mine = [("campaign_id", "=", campaign.id)]
    people = env["flow.participant"].with_context(flow_campaign_id=campaign.id)
    report, happened = env["flow.report"], env["flow.event"]
    monitor = env["flow.monitor"]
    measures = ["participants:sum", "sent:sum", "open_rate:avg", "goals:sum", "__count"]

    def grouped(model, by, *sums):
        model.formatted_read_grouping_sets(mine, [[], *([name] for name in by), by], list(sums))

    def opened(figure, about):
        """Open what is behind a figure of the monitor."""
        action = monitor.action_view(figure, campaign.ids, about)
        model = env[action["res_model"]].with_context(**action["context"])
        page(model, "list", action["domain"], count_limit=10_001)

    def board(*searched):
        """Open the board, with what somebody searches for."""
        people.web_read_group(
            [*mine, *searched], ["state_id"], ["board_points:sum", "__count"], auto_unfold=True,
            unfold_read_specification=_specification(people, "kanban"),
            unfold_read_default_limit=PAGE,
        )  # fmt: skip

    def page(model, kind, domain, **options):
        model.web_search_read(domain, _specification(model, kind), limit=PAGE, **options)

    return [
        ("campaigns, cards", SCREEN_SECONDS, lambda: page(env["flow.campaign"], "kanban", [])),
        (
            "campaign, form", SCREEN_SECONDS,
            lambda: campaign.web_read(_specification(campaign, "form")),
        ),
        ("participants, board", SCREEN_SECONDS, board),
        *(
            (
                f"participants, board, search “{text}”", SCREEN_SECONDS,
                partial(board, "|", ("name", "ilike", text), ("email_key", "ilike", text)),
            )
            for text in SEARCHED
        ),
        (
            "participants, list", SCREEN_SECONDS,
            lambda: page(people, "list", mine, count_limit=10_001),
        ),
        (
            "participant, form", SCREEN_SECONDS,
            lambda: people.search(mine, limit=1).web_read(_specification(people, "form")),
        ),
        (
            "reactions, list", SCREEN_SECONDS,
            lambda: page(happened, "list", mine, count_limit=10_001),
        ),
        (
            "reactions of all time, graph", SCREEN_SECONDS,
            lambda: happened.formatted_read_group(
                [("is_of_held_out", "=", False)], ["occurred_at:day", "kind"], ["__count"]
            ),
        ),
        (
            "monitor, one campaign", SCREEN_SECONDS,
            lambda: monitor.get_figures(campaign.ids, 90),
        ),
        ("monitor, all campaigns", SCREEN_SECONDS, lambda: monitor.get_figures([], 0)),
        ("monitor, feed", SCREEN_SECONDS, lambda: monitor.get_feed(campaign.ids)),
        *(
            (f"behind the monitor, {figure}", PIVOT_SECONDS, partial(opened, figure, about))
            for figure, about in BEHIND.items()
        ),
        (
            "engine health", SCREEN_SECONDS,
            lambda: env(user=SUPERUSER_ID)["flow.engine.health"].get_health(),
        ),
        (
            "analysis by campaign, pivot", PIVOT_SECONDS,
            lambda: grouped(report, ["campaign_id"], *measures),
        ),
        (
            "analysis by country and salesperson, pivot", PIVOT_SECONDS,
            lambda: grouped(report, ["country_id", "salesperson_id"], *measures),
        ),
        (
            "analysis by email and day, pivot", PIVOT_SECONDS,
            lambda: grouped(report, ["action_id", "day:day"], *measures),
        ),
        (
            "activity by day and metric, pivot", PIVOT_SECONDS,
            lambda: grouped(env["flow.activity.report"], ["day:day", "metric"], "amount:sum"),
        ),
        (
            "reactions by kind and day, pivot", PIVOT_SECONDS,
            lambda: grouped(happened, ["kind", "occurred_at:day"], "__count"),
        ),
    ]  # fmt: skip


def _specification(model, kind: str) -> dict:
    """Return what the browser reads for a view: its fields, names of records that they link to."""
    arch = etree.fromstring(model.get_view(view_type=kind)["arch"])
    found = {}
    for node in arch.iter("field"):
        if any(above.tag == "field" for above in node.iterancestors()):
            continue
        field = model._fields[node.get("name")]
        many2one = field.type == "many2one"
        found[field.name] = {"fields": {"display_name": {}}} if many2one else {}
    return found
