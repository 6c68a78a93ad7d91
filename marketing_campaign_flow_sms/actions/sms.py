"""Send SMS: through Odoo's own queue of SMS, each once."""

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine.cap import Channel
from odoo.addons.marketing_campaign_flow.engine.execute import Outcome
from odoo.exceptions import ValidationError

MAILING_TYPES = {"email": "mail", "sms": "sms"}
SMS = Channel("sms", "sms", "sms_number", "phone_sanitized")


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(selection_add=[("sms", "Send SMS")], ondelete={"sms": "cascade"})

    @api.constrains("kind", "mailing_id")
    def _check_mailing_type(self):
        for action in self.filtered("mailing_id"):
            wanted = MAILING_TYPES.get(action.kind)
            if wanted and action.mailing_id.mailing_type != wanted:
                raise ValidationError(
                    self.env._(
                        "“%s” is not the kind of message that is sent here: one is an email, the"
                        " other an SMS.",
                        action.mailing_id.subject,
                    )
                )

    def _mailing_to_document(self):
        if self.kind != "sms":
            return super()._mailing_to_document()
        mailing = self.mailing_id
        return {
            "subject": mailing.subject,
            "mailing_type": "sms",
            "body_plaintext": mailing.body_plaintext or "",
        }

    @api.model
    def _mailing_from_document(self, message):
        if message.get("mailing_type") != "sms":
            return super()._mailing_from_document(message)
        return {name: message[name] for name in ("subject", "mailing_type", "body_plaintext")}

    def _run_sms(self, steps):
        """Put the SMS of the steps into Odoo's queue. Contract: transactional.

        The row of the queue commits with its step, so that there is one for each step; handing it
        to the provider is Odoo's work. The composer of Odoo works out numbers, consent, texts and
        links, with the rights of the campaign's responsible.
        """
        contacts = self.env[self.campaign_id.target_model]
        present = set(contacts.browse(steps.participant_id.mapped("res_id")).exists().ids)
        step_of = {
            step.participant_id.res_id: step.id
            for step in steps
            if step.participant_id.res_id in present
        }
        outcomes = dict.fromkeys(
            set(steps.ids) - set(step_of.values()),
            Outcome("skipped", self.env._("The contact was deleted")),
        )
        if not step_of:
            return outcomes
        composer = self.env["sms.composer"].with_context(active_id=False, flow_step_of=step_of)
        composer = composer.create(self.mailing_id._send_sms_get_composer_values(list(step_of)))
        composer._action_send_sms_mass()
        return outcomes | self._sms_outcomes(steps)

    def _sms_outcomes(self, steps):
        """Return the outcomes of the steps whose SMS Odoo did not put into its queue."""
        # sudo: traces are the system's; those of these steps are the campaign's own
        traces = self.env["mailing.trace"].sudo()
        refused = traces.search(
            [("flow_step_id", "in", steps.ids), ("trace_status", "in", ("cancel", "error"))]
        )
        reasons = dict(traces._fields["failure_type"]._description_selection(self.env))
        return {
            trace.flow_step_id.id: Outcome(
                "skipped", reasons.get(trace.failure_type) or self.env._("Not sent")
            )
            for trace in refused
        }

    def _channel(self):
        return SMS if self.kind == "sms" else super()._channel()

    def _price(self, company):
        return company.flow_price_sms if self.kind == "sms" else super()._price(company)

    @api.model
    def _icons(self):
        return {**super()._icons(), "sms": "fa-mobile"}

    def _content_missing(self):
        if self.kind == "sms":
            return not (self.mailing_id.body_plaintext or "").strip()
        return super()._content_missing()

    def _content_in_words(self):
        if self.kind == "sms":
            return self.mailing_id.subject or ""
        return super()._content_in_words()

    @api.model
    def _cost_categories(self):
        return {**super()._cost_categories(), "sms": "marketing_campaign_flow.cost_category_sms"}
