from odoo import api, models
from odoo.addons.marketing_campaign_flow.models.event_kind import EventKind


class FlowEvent(models.Model):
    _inherit = "flow.event"

    @api.model
    def _kinds(self):
        _ = self.env._
        order = {"detail": _("number"), "model": "sale.order"}
        amount = {**order, "value": _("Untaxed amount")}
        return {
            **super()._kinds(),
            "quotation_sent": EventKind(_("Quotation sent"), "fa-file-text-o", **amount),
            "quotation_abandoned": EventKind(
                _("Quotation not confirmed"), "fa-hourglass-end", value=_("Days"), **order
            ),
            "order_confirmed": EventKind(_("Order confirmed"), "fa-shopping-cart", **amount),
        }
