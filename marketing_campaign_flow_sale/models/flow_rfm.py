"""RFM: how lately, how often and for how much customers have ordered, as scores from 1 to 5."""

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine import database_clock, sets
from odoo.addons.marketing_campaign_flow.engine.settings import Setting
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

# The rolling period of orders that count; 0: of all time.
PERIOD = Setting("marketing_campaign_flow_sale.rfm_days", "days", 365, 0, 36_500)

SALES = "sales_team.group_sale_salesman_all_leads"
READERS = f"{SALES},marketing_campaign_flow.group_flow_user"
REFRESHERS = ("sales_team.group_sale_manager", "marketing_campaign_flow.group_flow_manager")

# Sorts and sums of a million customers fit into memory with this; PostgreSQL spills what does not.
MEMORY = "SELECT set_config('work_mem', %s, TRUE)"
PLENTY = "256MB"
ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(hashtextextended('flow.rfm', 0))"

# Orders are summed up once, scored, and what is different from the last time is written: one
# statement, whose cost after the first time is that of the sums. A score is 1 plus the number of
# whole fifths of the other customers who are worse, so it goes up where a value is above the one at
# position ⌈k (n - 1) / 5⌉ of all, for k from 1 to 4 (`cuts`). Who is equal has the same score, and
# the order of rows does not matter.
REFRESH = """
    WITH totals AS MATERIALIZED (
        SELECT o.company_id, o.partner_id, COUNT(*)::int AS frequency,
               SUM(CASE WHEN o.currency_rate IN (0, 1) OR o.currency_rate IS NULL
                        THEN o.amount_untaxed
                        ELSE o.amount_untaxed / o.currency_rate END) AS monetary,
               MAX(o.date_order) AS last_order_at
          FROM sale_order o
         WHERE o.state = 'sale' AND o.date_order <= %(now)s AND %(period)s
         GROUP BY o.company_id, o.partner_id
    ), counted AS (
        SELECT company_id, COUNT(*) AS n FROM totals GROUP BY company_id
    ), cuts AS (
        SELECT c.company_id, %(cuts)s
          FROM totals t JOIN counted c ON c.company_id = t.company_id
         GROUP BY c.company_id, c.n
    ), scored AS (
        SELECT t.*, %(scores)s
          FROM totals t JOIN cuts k ON k.company_id = t.company_id
    ), named AS (
        SELECT s.*, (%(grid)s)[s.recency_score][(s.frequency_score + s.monetary_score + 1) / 2]
                    AS segment_id
          FROM scored s
    ), gone AS (
        DELETE FROM flow_rfm old
         WHERE NOT EXISTS (SELECT FROM totals t WHERE t.partner_id = old.partner_id
                                                  AND t.company_id = old.company_id)
    ), renewed AS (
        UPDATE flow_rfm old
           SET last_order_at = n.last_order_at, frequency = n.frequency, monetary = n.monetary,
               recency_score = n.recency_score, frequency_score = n.frequency_score,
               monetary_score = n.monetary_score, segment_id = n.segment_id
          FROM named n
         WHERE old.partner_id = n.partner_id AND old.company_id = n.company_id
           AND (old.last_order_at, old.frequency, old.monetary, old.recency_score,
                old.frequency_score, old.monetary_score, old.segment_id)
               IS DISTINCT FROM (n.last_order_at, n.frequency, n.monetary, n.recency_score,
                                 n.frequency_score, n.monetary_score, n.segment_id)
        RETURNING old.id
    ), added AS (
        INSERT INTO flow_rfm (partner_id, company_id, last_order_at, frequency, monetary,
                              recency_score, frequency_score, monetary_score, segment_id)
        SELECT partner_id, company_id, last_order_at, frequency, monetary,
               recency_score, frequency_score, monetary_score, segment_id
          FROM named n
         WHERE NOT EXISTS (SELECT FROM flow_rfm old WHERE old.partner_id = n.partner_id
                                                      AND old.company_id = n.company_id)
         ORDER BY partner_id, company_id
        RETURNING id
    )
    SELECT (SELECT count(*) FROM renewed) + (SELECT count(*) FROM added)
"""
FORGET = "DELETE FROM flow_rfm WHERE partner_id = ANY(%s)"
SCORED = (
    ("last_order_at", "recency_score"),
    ("frequency", "frequency_score"),
    ("monetary", "monetary_score"),
)


def _cuts(column):
    """Return SQL for the four values between the five scores of a column."""
    # Half a position less keeps off the edges of fractions.
    position = "((GREATEST(CEIL(%s * (c.n - 1) / 5.0), 1) - 0.5) / c.n)::float8"
    return SQL(
        "percentile_disc(ARRAY[%s]) WITHIN GROUP (ORDER BY %s) AS %s",
        SQL(", ").join(SQL(position, number) for number in range(1, 5)),
        SQL.identifier("t", column),
        SQL.identifier(f"{column}_cuts"),
    )


def _score(column, name):
    """Return SQL for the score of a column: 1 and how many of the cuts it is above."""
    value, cuts = SQL.identifier("t", column), SQL.identifier("k", f"{column}_cuts")
    above = (SQL("(%s > (%s)[%s])::int", value, cuts, number) for number in range(1, 5))
    return SQL("1 + %s AS %s", SQL(" + ").join(above), SQL.identifier(name))


class Reference(fields.Many2one):
    """A many2one without a foreign key.

    PostgreSQL checks a key row by row and locks what it refers to, which takes several times as
    long as working out and writing the scores of a million customers. They refer to what the orders
    refer to, whose own keys keep it; see `FlowRfm._forget` and the segments for when it goes.
    """

    def update_db_foreign_key(self, model, column):
        pass


class FlowRfm(models.Model):
    _name = "flow.rfm"
    _description = "Customer Value (RFM)"
    _log_access = False  # one row per customer, written by one statement each night
    _order = "monetary_score desc, frequency_score desc, recency_score desc, id"
    _rec_name = "partner_id"

    partner_id = Reference("res.partner", string="Customer", required=True, readonly=True)
    company_id = Reference("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    last_order_at = fields.Datetime(string="Last order", required=True, readonly=True)
    recency_days = fields.Integer(
        string="Days since the last order", compute="_compute_recency_days"
    )
    frequency = fields.Integer(string="Orders", readonly=True, groups=SALES)
    monetary = fields.Monetary(
        string="Ordered",
        readonly=True,
        groups=SALES,
        help="Untaxed, in the company's currency: confirmed orders of the period.",
    )
    recency_score = fields.Integer(
        string="Recency", readonly=True, aggregator="avg", help="5: ordered most lately."
    )
    frequency_score = fields.Integer(
        string="Frequency", readonly=True, aggregator="avg", help="5: orders most often."
    )
    monetary_score = fields.Integer(
        string="Monetary", readonly=True, aggregator="avg", help="5: orders for most."
    )
    segment_id = Reference("flow.rfm.segment", readonly=True)

    # A customer has one row per company; filters of contacts look it up.
    _one_per_customer = models.Constraint(
        "UNIQUE(partner_id, company_id)", "A customer has one row per company."
    )
    # Who is in a segment?
    _of_segment = models.Index("(company_id, segment_id)")

    @api.depends("last_order_at")
    def _compute_recency_days(self):
        now = database_clock.now(self.env)
        for row in self:
            row.recency_days = (now - row.last_order_at).days if row.last_order_at else 0

    @api.model
    def _refresh(self):
        """Work out all scores anew, for all companies.

        :return: how many customers are new or have other figures; None where somebody else is at it
        """
        self.env.cr.execute(ONE_AT_A_TIME)
        if not self.env.cr.fetchone()[0]:
            return None
        orders = self.env["sale.order"]
        orders.flush_model()
        now, days = database_clock.now(self.env), PERIOD.value(self.env)
        period = SQL("o.date_order > %s", now - days) if days else SQL("TRUE")
        self.env.cr.execute("SHOW work_mem")
        usual = self.env.cr.fetchone()[0]
        self.env.cr.execute(MEMORY, [PLENTY])
        statement = SQL(
            REFRESH,
            now=now,
            period=period,
            cuts=SQL(", ").join(_cuts(column) for column, _name in SCORED),
            scores=SQL(", ").join(_score(column, name) for column, name in SCORED),
            grid=self.env["flow.rfm.segment"]._grid(),
        )
        self.env.cr.execute(statement)
        changed = self.env.cr.fetchone()[0]
        self.env.cr.execute(MEMORY, [usual])
        self.invalidate_model()
        self.env["res.partner"].invalidate_model()
        return changed

    @api.model
    def action_refresh(self):
        """Work out all scores now, for managers of sales or of campaigns.

        :raises AccessError: for others
        :raises UserError: while it is being done
        """
        if not any(self.env.user.has_group(group) for group in REFRESHERS):
            raise AccessError(self.env._("Ask a manager of sales or of campaigns."))
        # sudo: the scores of all companies are worked out together; nothing of them is returned
        if self.sudo()._refresh() is None:
            raise UserError(self.env._("The scores are being worked out right now."))
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _forget(self, contacts):
        """Delete the scores of contacts that are deleted, or merged into another one.

        Rows of a company that goes are out of sight by its record rule, and gone the next night.
        """
        self.env.cr.execute(SQL(FORGET, contacts.ids))
        self.invalidate_model()

    @api.model
    def _cron_refresh(self):
        self._refresh()


def _search_by(column):
    """Return how contacts are found by a column of their scores."""
    return lambda contacts, operator, value: contacts._flow_search_rfm(column, operator, value)


def _score_field(label, column, best):
    """Return the field of a contact that shows one of its scores."""
    return fields.Integer(
        string=label,
        compute="_compute_flow_rfm",
        search=_search_by(column),
        groups=READERS,
        aggregator="avg",
        help=f"1 to 5, 5: {best}. 0: no orders in the period.",
    )


class ResPartner(models.Model):
    _inherit = "res.partner"

    flow_rfm_ids = fields.One2many(
        "flow.rfm", "partner_id", string="Customer value", groups=READERS
    )
    flow_rfm_segment_id = fields.Many2one(
        "flow.rfm.segment",
        string="RFM segment",
        compute="_compute_flow_rfm",
        search=_search_by("segment_id"),
        groups=READERS,
        help="By how lately, how often and for how much the contact has ordered, worked out each"
        " night.",
    )
    flow_rfm_recency = _score_field("RFM recency", "recency_score", "ordered most lately")
    flow_rfm_frequency = _score_field("RFM frequency", "frequency_score", "orders most often")
    flow_rfm_monetary = _score_field("RFM monetary", "monetary_score", "orders for most")

    def unlink(self):
        self.env["flow.rfm"]._forget(self)
        return super().unlink()

    @api.depends_context("company", "uid")
    def _compute_flow_rfm(self):
        own = Domain("partner_id", "in", self.ids) & self._flow_rfm_company()
        rows = {row.partner_id.id: row for row in self.env["flow.rfm"].search(own)}
        for contact in self:
            row = rows.get(contact._origin.id, self.env["flow.rfm"])
            contact.flow_rfm_segment_id = row.segment_id
            contact.flow_rfm_recency = row.recency_score
            contact.flow_rfm_frequency = row.frequency_score
            contact.flow_rfm_monetary = row.monetary_score

    @api.model
    def _flow_rfm_company(self):
        return Domain("company_id", "=", self.env.company.id)

    @api.model
    def _flow_search_rfm(self, field, operator, value):
        """Turn scores into contacts; who has no orders has no segment, and 0 as each score."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        holds = Domain(field, operator, value)
        if not self._flow_nothing_will_do(operator, value):
            return self._flow_customers(holds)
        return sets.without(self, self._flow_customers(~holds))

    @api.model
    def _flow_customers(self, holds):
        """Return the domain of the contacts for whose scores a domain holds."""
        # In a search of contacts, whose own rules say who is seen.
        company = self._flow_rfm_company()
        rows = self.env["flow.rfm"]._search(company & holds, bypass_access=True)
        return sets.among(rows.select(SQL.identifier(rows.table, "partner_id")))

    @api.model
    def _flow_nothing_will_do(self, operator, value):
        """Return whether a condition on a score, or a segment, holds for 0, or for none."""
        match operator:
            case "in":
                return any(not one for one in value)
            case "<":
                return value > 0
            case "<=":
                return value >= 0
            case ">":
                return value < 0
            case ">=":
                return value <= 0
        return False
