"""Add to or remove from a mailing list."""

from odoo import Command, api, fields, models

from ..engine.execute import Outcome


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("subscription", "Mailing list")], ondelete={"subscription": "cascade"}
    )
    mailing_list_id = fields.Many2one("mailing.list", ondelete="restrict")
    list_operation = fields.Selection(
        [("add", "Add to the list"), ("remove", "Remove from the list")],
        string="Subscription",
        default="add",
        help="Someone who has opted out of the list is never added again by a campaign.",
    )

    def _run_subscription(self, steps):
        """Add the contacts of the steps to the list, or take them off. Contract: transactional."""
        step_of, outcomes = {}, {}
        for step in steps:
            email = step.participant_id.email_key
            if email:
                step_of[email] = step
            else:
                outcomes[step.id] = Outcome("skipped", self.env._("Missing email address"))
        if step_of:
            contacts = self.env["mailing.contact"].search(
                [("email_normalized", "in", list(step_of))]
            )
            if self.list_operation == "remove":
                contacts.subscription_ids.filtered(
                    lambda subscription: subscription.list_id == self.mailing_list_id
                ).unlink()
            else:
                outcomes |= self._subscribe(step_of, contacts)
        return outcomes

    def _subscribe(self, step_of, contacts):
        """Subscribe the addresses that are not on the list; respect those that left it."""
        subscriptions = contacts.subscription_ids.filtered(
            lambda subscription: subscription.list_id == self.mailing_list_id
        )
        opted_out = set(subscriptions.filtered("opt_out").contact_id.mapped("email_normalized"))
        on_list = set(subscriptions.contact_id.mapped("email_normalized"))
        known = {contact.email_normalized: contact for contact in contacts}
        subscribe = [Command.create({"list_id": self.mailing_list_id.id})]
        contacts.create(
            [
                {"name": step.participant_id.name, "email": email, "subscription_ids": subscribe}
                for email, step in step_of.items()
                if email not in known
            ]
        )
        contacts.env["mailing.subscription"].create(
            [
                {"contact_id": contact.id, "list_id": self.mailing_list_id.id}
                for email, contact in known.items()
                if email not in on_list
            ]
        )
        return {
            step_of[email].id: Outcome("skipped", self.env._("Opted out of the list"))
            for email in opted_out
        }

    def _rights_needed(self):
        if self.kind == "subscription":
            return {("mailing.contact", "create")}
        return super()._rights_needed()

    @api.model
    def _icons(self):
        return {**super()._icons(), "subscription": "fa-list-ul"}

    def _content_missing(self):
        if self.kind == "subscription":
            return not self.mailing_list_id
        return super()._content_missing()

    @api.depends("list_operation", "mailing_list_id.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "subscription":
            return (
                f"{'+' if self.list_operation == 'add' else '−'} {self.mailing_list_id.name or ''}"
            )
        return super()._content_in_words()
