"""Reading an email again that a step has sent."""

from odoo import models
from odoo.exceptions import UserError

from ..engine import sample
from ..engine.time_limit import TooSlowError

SENT = ("sending", "done", "uncertain")


class FlowStep(models.Model):
    _inherit = "flow.step"

    def _with_letter(self):
        """Return those of the steps that have sent an email which can be read."""
        sent = self.filtered(lambda step: step.is_message and step.status in SENT)
        readable = sent.action_id.mailing_id._filtered_access("read")
        emails = readable.filtered(lambda mailing: mailing.mailing_type == "mail")
        return sent.filtered(lambda step: step.action_id.mailing_id in emails)

    def action_read_letter(self):
        """Open the email that this step has sent, as its recipient got it."""
        self.ensure_one()
        self.check_access("read")
        letter = self.env["flow.sent.letter"].create({"step_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Email as it was sent"),
            "res_model": letter._name,
            "res_id": letter.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _sent_letter(self):
        """Return the email of this step, as an `engine.sample.Sample`.

        Texts are those that were sent, which are frozen; what they say of the contact is what is
        known of it now, since nobody keeps a copy of a million emails.

        :raises UserError: when the email or the contact is gone
        """
        self.ensure_one()
        contact = self.env[self.campaign_id.target_model].browse(self.participant_id.res_id)
        mailing = self._sent_mailing()
        if not contact.exists() or not mailing:
            raise UserError(self.env._("The email or the contact was deleted."))
        contact.check_access("read")
        reader = mailing._flow_as_reader()
        try:
            return sample.write(reader, reader.env[contact._name].browse(contact.id))
        except TooSlowError as error:
            raise UserError(str(error)) from error

    def _sent_mailing(self):
        """Return the email that was sent: of several versions and languages, the trace knows."""
        # sudo: which email it was; its text is read with the rights of who asks
        traces = self.env["mailing.trace"].sudo()
        trace = traces.search([("flow_step_id", "=", self.id)], order="id desc", limit=1)
        mailing = trace.mass_mailing_id.sudo(False) or self.action_id.mailing_id
        mailing = mailing.exists()
        mailing.check_access("read")
        return mailing
