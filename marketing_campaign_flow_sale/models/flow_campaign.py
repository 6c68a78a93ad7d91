"""Orders that a campaign brought, by the method of its company."""

from odoo import fields, models


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    order_count = fields.Float(
        "Orders brought",
        digits=(16, 2),
        compute="_compute_orders_brought",
        help="Confirmed orders, counted as the settings of the company say.",
    )
    order_revenue = fields.Monetary(
        "Revenue",
        compute="_compute_orders_brought",
        help="What was ordered, untaxed, less what was given back; in the campaign's currency.",
    )

    def _compute_orders_brought(self):
        brought = self.env["flow.attribution"]._sums("order", self)
        for campaign in self:
            found = brought.get(campaign._origin.id, (0, 0))
            campaign.order_count, campaign.order_revenue = found

    def action_view_orders_brought(self):
        """Open the orders behind the revenue."""
        return self._view_attribution("order")
