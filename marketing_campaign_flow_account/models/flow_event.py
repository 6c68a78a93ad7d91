from odoo import api, models
from odoo.addons.marketing_campaign_flow.models.event_kind import EventKind


class FlowEvent(models.Model):
    _inherit = "flow.event"

    @api.model
    def _kinds(self):
        invoice = {"detail": self.env._("Number of the invoice"), "model": "account.move"}
        amount = {**invoice, "value": self.env._("Total amount")}
        return {
            **super()._kinds(),
            "invoice_posted": EventKind(self.env._("Invoice posted"), "fa-file-o", **amount),
            "invoice_paid": EventKind(self.env._("Invoice paid"), "fa-money", **amount),
            "invoice_overdue": EventKind(
                self.env._("Invoice overdue"),
                "fa-calendar-times-o",
                value=self.env._("Days"),
                **invoice,
            ),
        }
