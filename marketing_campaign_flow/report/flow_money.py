"""All money of campaigns in one place: every figure of a budget is a sum over these rows."""

from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import exchange
from .flow_activity_report import NEWEST

LAUNCHED = ("running", "paused")

# What each source gives for one row, in this order.
COLUMNS = (
    "id, campaign_id, kind, source, date, name, category_id, partner_id, state_key, action_key,"
    " amount, currency_id, res_model, res_id"
)

# In which status the steps are that a row of messages adds up.
STEPS = {
    "message": ("done", "uncertain"),
    "reservation": ("scheduled", "sending"),
    "expected": ("scheduled", "sending"),
}

# Amounts come in any currency and are converted in one place, at the rate of their day.
QUERY = """
    SELECT m.id, m.campaign_id, c.company_id, m.kind, m.source, m.date, m.name,
           COALESCE(m.category_id, k.category_id) AS category_id, m.partner_id,
           COALESCE(s.id, fa.state_id) AS state_id, a.id AS action_id, m.res_model,
           m.res_id, c.currency_id, co.currency_id AS company_currency_id, x.amount,
           x.amount_company,
           CASE m.kind WHEN 'planned' THEN x.amount WHEN 'expected' THEN 0 ELSE -x.amount END
               AS available,
           CASE m.kind WHEN 'planned' THEN x.amount ELSE -x.amount END AS balance,
           CASE m.kind WHEN 'planned' THEN x.amount_company ELSE -x.amount_company END
               AS balance_company
      FROM (%(sources)s) m(%(columns)s)
      JOIN flow_campaign c ON c.id = m.campaign_id
      JOIN res_company co ON co.id = c.company_id
      JOIN res_currency own ON own.id = c.currency_id
      JOIN res_currency home ON home.id = co.currency_id
     CROSS JOIN LATERAL (SELECT %(amount)s AS amount, %(amount_company)s AS amount_company) x
      LEFT JOIN (%(states)s) s ON s.campaign_id = m.campaign_id AND s.key = m.state_key
      LEFT JOIN (%(actions)s) a ON a.campaign_id = m.campaign_id AND a.key = m.action_key
      LEFT JOIN flow_action fa ON fa.id = a.id
      LEFT JOIN (VALUES %(categories)s) k(kind, category_id)
        ON k.kind = fa.kind AND m.source IN ('message', 'reservation', 'expected')
"""

LINES = """
    SELECT 16 * l.id, l.campaign_id, 'planned', 'line',
           COALESCE(l.date_from, c.date_start::date, c.create_date::date), l.name, l.category_id,
           NULL::int, l.state_key, l.action_key, l.amount, c.currency_id, 'flow.budget.line', l.id
      FROM flow_budget_line l JOIN flow_campaign c ON c.id = l.campaign_id
"""

# A budget without lines is one amount.
BUDGETS = """
    SELECT 16 * c.id + 1, c.id, 'planned', 'budget', COALESCE(c.date_start, c.create_date)::date,
           NULL, NULL::int, NULL::int, NULL, NULL, c.budget_amount, c.currency_id,
           'flow.campaign', c.id
      FROM flow_campaign c
     WHERE c.budget_amount <> 0
       AND NOT EXISTS (SELECT FROM flow_budget_line l WHERE l.campaign_id = c.id)
"""

COSTS = """
    SELECT 16 * o.id + 2, o.campaign_id, 'actual', 'cost', o.date, o.name, o.category_id,
           o.vendor_id, o.state_key, o.action_key, o.net_amount, c.currency_id, 'flow.cost', o.id
      FROM flow_cost o JOIN flow_campaign c ON c.id = o.campaign_id
     WHERE o.status = 'confirmed'
"""

# What messages have cost, by action and day, and what is reserved for those that are leaving. The
# ids are worked out from what a row is about, because what is counted is summed up now and then.
MESSAGES = """
    SELECT %(id)s, campaign_id, CASE kind WHEN 'spent' THEN 'actual' ELSE 'reserved' END,
           CASE kind WHEN 'spent' THEN 'message' ELSE 'reservation' END,
           COALESCE(day, CURRENT_DATE), NULL, NULL::int, NULL::int, NULL, action_key, sum(amount),
           c.currency_id, 'flow.campaign', campaign_id
      FROM flow_spending f JOIN flow_campaign c ON c.id = f.campaign_id
     WHERE kind = %(kind)s
     GROUP BY campaign_id, action_key, kind, day, c.currency_id
    HAVING sum(amount) <> 0
"""
MESSAGE_ID = """
    16 * ('x' || left(md5(concat_ws(' ', campaign_id, action_key, kind, day)), 12))::bit(48)::bigint
    + 5
"""

# What is expected is worked out for each action and handed over as values.
EXPECTED = """
    SELECT 16 * action_id::bigint + 6, campaign_id::int, 'expected', 'expected', CURRENT_DATE, NULL,
           NULL::int, NULL::int, NULL, action_key::varchar, amount::numeric, currency_id::int,
           'flow.campaign', campaign_id::int
      FROM (VALUES %(rows)s) v(campaign_id, action_id, action_key, amount, currency_id)
"""


class FlowMoney(models.Model):
    _name = "flow.money"
    _description = "Campaign Money"
    _auto = False
    _order = "date desc, id desc"
    # What is written before these rows are read.
    _depends = {
        "flow.campaign": ["budget_amount", "currency_id", "company_id", "date_start"],
        "flow.budget.line": [
            "amount", "campaign_id", "category_id", "date_from", "name", "state_key", "action_key",
        ],
        "flow.cost": [
            "net_amount", "status", "campaign_id", "category_id", "date", "name", "vendor_id",
            "state_key", "action_key",
        ],
    }  # fmt: skip

    campaign_id = fields.Many2one("flow.campaign", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    kind = fields.Selection(
        [
            ("planned", "Planned"),
            ("actual", "Actual"),
            ("committed", "Committed"),
            ("reserved", "About to be spent"),
            ("expected", "Expected"),
        ],
        string="Figure",
        readonly=True,
    )
    source = fields.Selection(
        [
            ("line", "Budget line"),
            ("budget", "Budget"),
            ("cost", "Cost entered by hand"),
            ("message", "Messages sent"),
            ("reservation", "Messages leaving now"),
            ("expected", "Messages still to come"),
        ],
        string="Comes from",
        readonly=True,
    )
    date = fields.Date(readonly=True, help="Of messages: the day in UTC.")
    name = fields.Char(string="Description", readonly=True)
    category_id = fields.Many2one("flow.cost.category", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Vendor", readonly=True)
    state_id = fields.Many2one("flow.state", readonly=True)
    action_id = fields.Many2one("flow.action", readonly=True)
    amount = fields.Monetary(readonly=True, help="In the currency of the campaign.")
    amount_company = fields.Monetary(
        "In company currency",
        currency_field="company_currency_id",
        readonly=True,
        help="Converted at the rate of the date.",
    )
    available = fields.Monetary(
        "Effect on what is available",
        readonly=True,
        help="Planned money adds to what is available, spent and committed money takes from it.",
    )
    balance = fields.Monetary(
        readonly=True,
        help="Planned money less what was spent, is committed and is expected: in total, what will"
        " be left at the end.",
    )
    balance_company = fields.Monetary(
        "Balance (company)",
        currency_field="company_currency_id",
        readonly=True,
        help="Planned money less what was spent, is committed and is expected, converted at the"
        " rate of the date.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)

    @api.model
    def _sources(self):
        """Return where money comes from: for each kind of it, queries with `COLUMNS`.

        Ids are unique over all sources. Amounts are in the currency that the row names. A kind that
        nobody asks for (``flow_money_kinds`` in the context) is not even worked out.
        """
        return {
            "planned": [SQL(LINES), SQL(BUDGETS)],
            "actual": [SQL(COSTS), self._messages("spent")],
            "reserved": [self._messages("reserved")],
            "expected": self._expected(),
        }

    def _messages(self, kind):
        return SQL(MESSAGES, id=SQL(MESSAGE_ID), kind=kind)

    def _expected(self):
        kinds, of = (self.env.context.get(name) for name in ("flow_money_kinds", "flow_money_of"))
        if kinds is not None and "expected" not in kinds:
            return []
        # sudo: figures of campaigns; who sees which rows is decided by the rules of this model
        campaigns = self.env["flow.campaign"].sudo()
        domain = [("status", "in", LAUNCHED)] + ([("id", "in", of)] if of else [])
        rows = [
            SQL("(%s, %s, %s, %s, %s)", one.id, action.id, action.key, amount, one.currency_id.id)
            for one, action, amount in campaigns.search(domain)._expected_costs()
        ]
        return [SQL(EXPECTED, rows=SQL(", ").join(rows))] if rows else []

    @property
    def _table_query(self):
        kinds = self.env.context.get("flow_money_kinds")
        parts = [
            part
            for kind, queries in self._sources().items()
            if kinds is None or kind in kinds
            for part in queries
        ]
        nothing = SQL("SELECT * FROM (%s) nothing WHERE FALSE", SQL(LINES))
        union = SQL(" UNION ALL ").join(parts or [nothing])
        return SQL(
            QUERY,
            sources=union,
            columns=SQL(COLUMNS),
            states=SQL(NEWEST, SQL.identifier("flow_state")),
            actions=SQL(NEWEST, SQL.identifier("flow_action")),
            categories=self._categories(),
            amount=self._converted("c.currency_id", "own.decimal_places"),
            amount_company=self._converted("co.currency_id", "home.decimal_places"),
        )

    @api.model
    def _categories(self):
        """Return as SQL values which category messages of a kind of action belong to."""
        rows = [SQL("(NULL::varchar, NULL::int)")]
        for kind, name in self.env["flow.action"]._cost_categories().items():
            category = self.env["ir.model.data"]._xmlid_to_res_id(name)
            if category:
                rows.append(SQL("(%s, %s)", kind, category))
        return SQL(", ").join(rows)

    @api.model
    def _converted(self, target, digits):
        return exchange.converted(
            SQL("m.amount"),
            SQL("m.currency_id"),
            SQL(target),
            company=SQL("split_part(co.parent_path, '/', 1)::int"),
            day=SQL("m.date"),
            digits=SQL(digits),
        )

    @api.depends("name", "category_id", "source")
    def _compute_display_name(self):
        sources = dict(self._fields["source"]._description_selection(self.env))
        for row in self:
            row.display_name = row.name or row.category_id.name or sources.get(row.source)

    def action_open(self):
        """Open what the row comes from.

        :raises AccessError: for people who may not read it
        """
        self.ensure_one()
        if self.source in STEPS:
            return self._open_steps()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _open_steps(self):
        """Open the ledger of the messages that a row adds up."""
        domain = [
            ("campaign_id", "=", self.campaign_id.id),
            ("action_id.key", "=", self.action_id.key),
            ("status", "in", STEPS[self.source]),
        ]
        if self.source == "message":
            begin = datetime.combine(self.date, time.min)  # in UTC, as messages are added up
            end = begin + timedelta(days=1)
            domain += [("done_at", ">=", begin), ("done_at", "<", end), ("cost", ">", 0)]
        return {
            "type": "ir.actions.act_window",
            "name": self.action_id.display_name or self.display_name,
            "res_model": "flow.step",
            "view_mode": "list,form",
            "domain": domain,
        }
