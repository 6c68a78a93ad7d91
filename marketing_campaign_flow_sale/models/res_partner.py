"""What contacts have ordered lately, to filter audiences and conditions by."""

import operator as operators
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.fields import Domain
from odoo.tools import SQL

COMPARE = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
    "in": lambda amount, values: amount in values,
}

# The contacts whose orders add up to what is asked for.
BUYERS = """
    (SELECT o.partner_id FROM sale_order o
      WHERE o.id IN %(orders)s
      GROUP BY o.partner_id HAVING %(holds)s)
"""
AMOUNT = SQL("SUM(o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1))::float8")

GROUPS = "sales_team.group_sale_salesman"
HELP = "Untaxed, in the company's currency: confirmed orders of this very contact."


class ResPartner(models.Model):
    _inherit = "res.partner"

    flow_ordered_30 = fields.Float(
        string="Ordered in the last 30 days",
        compute="_compute_flow_ordered_30",
        search="_search_flow_ordered_30",
        groups=GROUPS,
        help=HELP,
    )
    flow_ordered_90 = fields.Float(
        string="Ordered in the last 90 days",
        compute="_compute_flow_ordered_90",
        search="_search_flow_ordered_90",
        groups=GROUPS,
        help=HELP,
    )
    flow_ordered_365 = fields.Float(
        string="Ordered in the last 365 days",
        compute="_compute_flow_ordered_365",
        search="_search_flow_ordered_365",
        groups=GROUPS,
        help=HELP,
    )

    @api.depends_context("company", "uid")
    def _compute_flow_ordered_30(self):
        self._flow_compute_ordered(30)

    @api.depends_context("company", "uid")
    def _compute_flow_ordered_90(self):
        self._flow_compute_ordered(90)

    @api.depends_context("company", "uid")
    def _compute_flow_ordered_365(self):
        self._flow_compute_ordered(365)

    def _search_flow_ordered_30(self, operator, value):
        return self._flow_search_ordered(30, operator, value)

    def _search_flow_ordered_90(self, operator, value):
        return self._flow_search_ordered(90, operator, value)

    def _search_flow_ordered_365(self, operator, value):
        return self._flow_search_ordered(365, operator, value)

    def _flow_compute_ordered(self, days):
        orders = self._flow_orders(days, Domain("partner_id", "in", self.ids))
        statement = SQL(
            "SELECT o.partner_id, %s FROM sale_order o WHERE o.id IN %s GROUP BY o.partner_id",
            AMOUNT,
            orders.subselect(),
        )
        amounts = dict(self.env.execute_query(statement))
        for contact in self:
            contact[f"flow_ordered_{days}"] = amounts.get(contact._origin.id, 0.0)

    def _flow_search_ordered(self, days, operator, value):
        """Turn an amount into contacts; who has ordered nothing has ordered 0."""
        if operator not in COMPARE:
            return NotImplemented
        if operator == "in":
            value = [number or 0.0 for number in value]
        nothing_will_do = COMPARE[operator](0.0, value)
        holds = (
            SQL("%s = ANY(%s)", AMOUNT, value)
            if operator == "in"
            else SQL("%s %s %s", AMOUNT, SQL(operator), value)
        )
        if nothing_will_do:
            holds = SQL("NOT (%s)", holds)
        buyers = SQL(BUYERS, orders=self._flow_orders(days).subselect(), holds=holds)
        return Domain("id", "not in" if nothing_will_do else "in", buyers)

    @api.model
    def _flow_orders(self, days, domain=Domain.TRUE):
        """Return the `Query` of the confirmed orders of the last days that the user may see."""
        since = database_clock.now(self.env) - timedelta(days=days)
        self.env["sale.order"].flush_model(["amount_untaxed", "currency_rate", "partner_id"])
        return self.env["sale.order"]._search(
            Domain("state", "=", "sale")
            & Domain("date_order", ">=", since)
            & Domain("company_id", "=", self.env.company.id)
            & domain
        )
