"""What people ordered who took part in a campaign, and those who were held out."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Whatever they ordered counts, whether it came by the campaign or not: the same for both groups.
ORDERED = """
    SELECT c.participant_id, 1 AS value
      FROM customer c
      JOIN sale_order o ON o.partner_id = c.partner_id
                       AND o.date_order >= c.since AND o.date_order < c.until
     WHERE o.id IN %(orders)s
"""

# Untaxed, less what was given back by posted credit notes; what the company counts in, turned into
# the campaign's currency.
REVENUE = """
    SELECT c.participant_id,
           (o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1)
            - COALESCE(refund.amount, 0)) * %(rate)s AS value
      FROM customer c
      JOIN sale_order o ON o.partner_id = c.partner_id
                       AND o.date_order >= c.since AND o.date_order < c.until
      LEFT JOIN LATERAL (
           SELECT sum(back.balance) AS amount
             FROM account_move_line back JOIN account_move m ON m.id = back.move_id
            WHERE m.move_type = 'out_refund' AND m.state = 'posted'
              AND back.id IN (SELECT r.invoice_line_id
                                FROM sale_order_line l
                                JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                               WHERE l.order_id = o.id)) refund ON TRUE
     WHERE o.id IN %(orders)s
"""


class FlowEffect(models.Model):
    _inherit = "flow.effect"

    outcome = fields.Selection(
        selection_add=[("ordered", "Ordered"), ("revenue", "Revenue")],
        ondelete={"ordered": "cascade", "revenue": "cascade"},
    )


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _outcome_queries(self):
        queries = super()._outcome_queries()
        orders = self.env["sale.order"]
        if not orders.has_access("read"):
            return {**queries, "ordered": None, "revenue": None}
        for model in ("sale.order", "sale.order.line", "account.move", "account.move.line"):
            self.env[model].flush_model()
        found = orders._search(
            Domain("state", "=", "sale") & Domain("company_id", "=", self.company_id.id)
        ).subselect()
        rate = self.env["res.currency"]._get_conversion_rate(
            self.company_id.currency_id,
            self.currency_id,
            self.company_id,
            (self.date_start or fields.Datetime.now()).date(),
        )
        return {
            **queries,
            "ordered": SQL(ORDERED, orders=found),
            "revenue": SQL(REVENUE, orders=found, rate=rate),
        }

    @api.model
    def _outcome_amounts(self):
        return super()._outcome_amounts() | {"revenue"}
