from odoo import api, models
from odoo.addons.marketing_campaign_flow.models.event_kind import EventKind


class FlowEvent(models.Model):
    _inherit = "flow.event"

    @api.model
    def _kinds(self):
        order = {"detail": self.env._("Number of the order"), "model": "sale.order"}
        amount = {**order, "value": self.env._("Untaxed amount")}
        return {
            **super()._kinds(),
            "quotation_sent": EventKind(self.env._("Quotation sent"), "fa-file-text-o", **amount),
            "quotation_abandoned": EventKind(
                self.env._("Quotation not confirmed"),
                "fa-hourglass-end",
                value=self.env._("Days"),
                **order,
            ),
            "order_confirmed": EventKind(
                self.env._("Order confirmed"), "fa-shopping-cart", **amount
            ),
        }
