"""Attribution: whose orders are whose, all of them, and after one more order.

`SIZE` participants have had one email each; there are five events of theirs for each, and one order
for five of them. Reference: a plain join of the same orders with the same emails and events, to the
last one before each order, written into a table with the same columns and indexes.
"""

from benchmarks import harness, orders
from benchmarks.harness import Figure
from tools.console import Progress

SIZE = 1_000_000
ALL_TARGET, MORE_TARGET, SCREEN_TARGET = 8, 0.5, 1.0
PIVOT_TARGET = 3.0

PARTICIPANTS = """
    INSERT INTO flow_participant (campaign_id, state_id, status, visit, run_number, started_at,
                                  entered_at, res_id, partner_id, email_key, name, is_added,
                                  is_paused)
    SELECT %(campaign)s, %(state)s, 'active', 1, 1, now() AT TIME ZONE 'UTC' - interval '20 days',
           now() AT TIME ZONE 'UTC' - interval '20 days', id, id, email_normalized, name, FALSE,
           FALSE
      FROM res_partner WHERE email LIKE 'contact%%@example.com'
"""
STEPS = """
    INSERT INTO flow_step (participant_id, campaign_id, action_id, action_key, state_id, visit,
                           occurrence, status, due_at, done_at, attempts, is_message, is_call)
    SELECT id, campaign_id, %(action)s, %(key)s, state_id, 1, 0, 'done', entered_at,
           entered_at + interval '1 hour', 1, TRUE, FALSE
      FROM flow_participant WHERE campaign_id = %(campaign)s
"""
EVENTS = """
    INSERT INTO flow_event (participant_id, campaign_id, step_id, action_key, state_id, kind,
                            is_machine, is_new, occurred_at)
    SELECT s.participant_id, s.campaign_id, s.id, s.action_key, s.state_id,
           (ARRAY['opened', 'clicked', 'opened', 'delivered', 'opened'])[n], FALSE, FALSE,
           s.done_at + make_interval(hours => n)
      FROM flow_step s CROSS JOIN generate_series(1, 5) n WHERE s.campaign_id = %(campaign)s
"""
ORDERS = """
    INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id, company_id,
                            date_order, state, amount_untaxed, currency_rate, write_date)
    SELECT 'bench' || id, id, id, id, %(company)s,
           now() AT TIME ZONE 'UTC' - make_interval(hours => 72 + (id %% 240)::int), 'sale',
           (id %% 10000) / 100.0, 1, now() AT TIME ZONE 'UTC' - interval '1 day'
      FROM res_partner WHERE email LIKE 'contact%%@example.com' AND id %% 5 = 0
"""
REFERENCE = """
    INSERT INTO bench_attribution (kind, res_model, res_id, method, place, parts, campaign_id,
                                   company_id, participant_id, partner_id, action_key, moment, day,
                                   share, amount)
    SELECT DISTINCT ON (o.id) 'order', 'sale.order', o.id, 'last', 1, 1, p.campaign_id,
           o.company_id, p.id, o.partner_id, s.action_key, o.date_order, o.date_order::date, 1,
           o.amount_untaxed
      FROM sale_order o
      JOIN flow_participant p ON p.partner_id = o.partner_id
      JOIN flow_step s ON s.participant_id = p.id AND s.is_message
      LEFT JOIN flow_event e ON e.step_id = s.id AND e.occurred_at <= o.date_order
     WHERE o.state = 'sale'
     ORDER BY o.id, GREATEST(e.occurred_at, s.done_at) DESC
"""

CHANGE = """
    UPDATE sale_order
       SET amount_untaxed = amount_untaxed + 1, write_date = now() AT TIME ZONE 'UTC'
     WHERE id = (SELECT min(id) FROM sale_order WHERE name LIKE 'bench%')
"""


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures."""
    size = size or SIZE
    campaign = _make(env, size)
    rows = env["flow.attribution"]

    def empty():
        env.cr.execute("TRUNCATE flow_attribution")
        env.cr.execute("DROP TABLE IF EXISTS bench_attribution")
        env.cr.execute("CREATE TABLE bench_attribution (LIKE flow_attribution INCLUDING ALL)")
        env.cr.commit()

    def attribute():
        assert rows._refresh(anew=True)
        env.cr.commit()

    def plain():
        env.cr.execute(REFERENCE)
        env.cr.commit()

    def another():
        env.cr.execute(CHANGE)
        env.cr.commit()

    def follow():
        assert rows._refresh()
        env.cr.commit()

    value, reference = harness.median_seconds_in_turns(attribute, plain, prepare=empty)
    harness.vacuum(env, "flow_attribution")
    anew = harness.median_seconds(lambda: None, attribute)
    more = harness.median_seconds(another, follow)
    aims = env["flow.objective"].create(
        [
            {"campaign_id": campaign.id, "metric": metric, "target": 1}
            for metric in ("orders", "revenue", "open_rate", "participants")
        ]
    )
    env.cr.commit()

    def look():
        env.invalidate_all()
        aims.mapped("value_in_words")

    def pivot():
        env["flow.attribution.report"].formatted_read_group(
            [("method", "=", "last")], ["campaign_id", "action_id"], ["share:sum", "amount:sum"]
        )

    figures = [
        Figure(f"orders of {size:,} participants, {5 * size:,} events, {size // 5:,} orders",
               value, "s", reference, ALL_TARGET),
        Figure("the same the next night, nothing new", anew, "s", reference, ALL_TARGET),
        Figure("one more order", more, "s", reference, MORE_TARGET),
        Figure("four objectives of that campaign", harness.median_seconds(lambda: None, look),
               "s", None, SCREEN_TARGET),
        Figure("pivot of what it brought", harness.median_seconds(lambda: None, pivot),
               "s", None, PIVOT_TARGET),
    ]  # fmt: skip
    env.cr.execute("DROP TABLE bench_attribution")
    env.cr.commit()
    return figures


def _make(env, size):
    """Put a campaign with its people, emails, events and orders into the database, once."""
    found = env["flow.campaign"].search([("name", "=", "Attribution benchmark")])
    if found:
        return found
    countries = env["res.country"].search([], limit=10)
    with Progress(f"{size:,} contacts"):
        env.cr.execute(orders.CONTACTS, {"size": size, "countries": countries.ids})
        # Contacts that the ORM makes are commercial entities of their own.
        env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE email LIKE %s",
                       ["contact%@example.com"])  # fmt: skip
        env.cr.commit()
        harness.vacuum(env, "res_partner")
    campaign = env["flow.campaign"].create({"name": "Attribution benchmark"})
    state = campaign.workflow_id.state_ids[0]
    action = env["flow.action"].create({"state_id": state.id, "kind": "note"})
    values = {
        "campaign": campaign.id,
        "state": state.id,
        "action": action.id,
        "key": action.key,
        "company": env.company.id,
    }
    with Progress(f"{size:,} participants with emails, events and orders"):
        for statement in (PARTICIPANTS, STEPS, EVENTS, ORDERS):
            env.cr.execute(statement, values)
        env.cr.commit()
        harness.vacuum(env, "flow_participant", "flow_step", "flow_event", "sale_order")
    return campaign
