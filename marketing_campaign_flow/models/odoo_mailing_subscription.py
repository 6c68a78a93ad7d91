from odoo import api, models

from ..engine.contact_events import Occurrence


class MailingSubscription(models.Model):
    _inherit = "mailing.subscription"

    @api.model_create_multi
    def create(self, vals_list):
        subscriptions = super().create(vals_list)
        subscriptions._record_event("list_subscribed")
        return subscriptions

    def write(self, vals):
        left = self.filtered("opt_out") if "opt_out" in vals else None
        result = super().write(vals)
        if left is not None:
            out = self.filtered("opt_out")
            (out - left)._record_event("list_unsubscribed")
            (left - out)._record_event("list_subscribed")
        return result

    def _record_event(self, kind):
        self.env["flow.event"]._record_occurrences(
            kind,
            [
                Occurrence.of(one.contact_id, detail=one.list_id.name, record_id=one.list_id.id)
                for one in self
                if one.opt_out == (kind == "list_unsubscribed")
            ],
        )
