"""What becomes of quotations: events for their customers."""

from datetime import timedelta

from odoo import api, models
from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.addons.marketing_campaign_flow.engine.contact_events import Occurrence

KINDS = {"sent": "quotation_sent", "sale": "order_confirmed"}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._flow_record_states({})
        return orders

    def write(self, vals):
        states = {order: order.state for order in self} if "state" in vals else None
        result = super().write(vals)
        if states is not None:
            self._flow_record_states(states)
        return result

    def _flow_record_states(self, before):
        """Record which of the orders were sent or confirmed just now, one call per kind.

        :param before: the states by order
        """
        for state, kind in KINDS.items():
            reached = self.filtered(
                lambda order, state=state: order.state == state and before.get(order) != state
            )
            self.env["flow.event"]._record_occurrences(
                kind,
                [order._flow_occurrence(value=order._flow_amount()) for order in reached],
            )

    def _flow_occurrence(self, **details):
        return Occurrence.of(
            self.sudo().partner_id,  # sudo: who changes an order tells its customer's campaigns
            detail=self.name,
            record_id=self.id,
            company_id=self.company_id.id,
            **details,
        )

    def _flow_amount(self):
        """Return the untaxed amount in the company's currency."""
        return self.amount_untaxed / (self.currency_rate or 1.0)

    @api.model
    def _cron_flow_abandoned(self):
        """Record which quotations have been waiting for as long as campaigns ask for."""
        now = database_clock.now(self.env)

        def find(days, made_up):
            since = now - timedelta(days=days)
            return self.search(
                [
                    ("state", "in", ("draft", "sent")),
                    ("date_order", "<=", since),
                    ("date_order", ">", since - made_up),
                ]
            )

        return self.env["flow.threshold"]._record(
            "quotation_abandoned", find, lambda order, **details: order._flow_occurrence(**details)
        )
