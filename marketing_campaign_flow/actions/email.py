"""Send email: the mailing goes to the contacts of the steps, through Odoo's own composer."""

from odoo import api, fields, models
from odoo.tools import is_html_empty

from ..engine.execute import Outcome


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(selection_add=[("email", "Send email")], ondelete={"email": "cascade"})
    mailing_id = fields.Many2one(
        "mailing.mailing",
        string="Email",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('flow_campaign_id', '=', campaign_id)]",
        help="What is sent. It is designed in Odoo's email editor and sent by the campaign only.",
    )

    def _run_email(self, steps):
        """Write one message per step into Odoo's outbox. Contract: transactional.

        The messages, their traces and the outcome of the steps commit together; Odoo's mail
        queue sends them afterwards. Consent (blacklist, opt-out, address) is what the composer
        checks; whom it leaves out is skipped with its reason.
        """
        contacts = (
            self.env[self.campaign_id.target_model]
            .browse(steps.participant_id.mapped("res_id"))
            .exists()
        )
        step_of = {step.participant_id.res_id: step.id for step in steps}
        reachable = [contact_id for contact_id in contacts.ids if contact_id in step_of]
        outcomes = {
            step_id: Outcome("skipped", self.env._("The contact was deleted"))
            for contact_id, step_id in step_of.items()
            if contact_id not in reachable
        }
        if reachable:
            step_of = {contact_id: step_of[contact_id] for contact_id in reachable}
            self.mailing_id._flow_compose(step_of)
            outcomes |= self._outcomes_of_traces(list(step_of.values()))
        return outcomes

    def _outcomes_of_traces(self, step_ids):
        """Return the steps whose message the composer left out, with the reason in words."""
        traces = self.env["mailing.trace"].search(
            [("flow_step_id", "in", step_ids), ("trace_status", "in", ("cancel", "error"))]
        )
        reasons = dict(traces._fields["failure_type"]._description_selection(self.env))
        return {
            trace.flow_step_id.id: Outcome(
                "skipped", reasons.get(trace.failure_type) or self.env._("Not sent")
            )
            for trace in traces
        }

    def _content_missing(self):
        if self.kind == "email":
            return is_html_empty(self.mailing_id.body_html)
        return super()._content_missing()

    @api.depends("mailing_id.subject")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "email":
            return self.mailing_id.subject or ""
        return super()._content_in_words()

    def _copy_content(self, campaign):
        values = super()._copy_content(campaign)
        if self.mailing_id:
            values["mailing_id"] = self.mailing_id.copy(
                {
                    "flow_campaign_id": campaign.id,
                    "campaign_id": campaign.utm_campaign_id.id,
                    "subject": self.mailing_id.subject,
                }
            ).id
        return values
