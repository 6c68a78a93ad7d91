from odoo import api, models


class MailingContact(models.Model):
    _inherit = "mailing.contact"

    @api.model_create_multi
    def create(self, vals_list):
        contacts = super().create(vals_list)
        pairs = zip(contacts, vals_list, strict=True)
        listed = contacts.browse([contact.id for contact, vals in pairs if vals.get("list_ids")])
        listed._record_subscriptions_since(self.env["mailing.subscription"])
        self.env["flow.event"]._record("contact_created", contacts)
        return contacts

    def write(self, vals):
        before = self.subscription_ids if "list_ids" in vals else None
        result = super().write(vals)
        if before is not None:
            self._record_subscriptions_since(before)
        return result

    def _record_subscriptions_since(self, before):
        """Record subscriptions that came about through the lists of a contact: Odoo writes those
        straight to the table, past the model of subscriptions."""
        self.invalidate_recordset(["subscription_ids"])
        (self.subscription_ids - before)._record_event("list_subscribed")

    @api.ondelete(at_uninstall=False)
    def _end_campaign_runs(self):
        self.env["flow.participant"]._end_for_deleted(self)
        self.env["flow.visitor"]._forget_contacts(self)
