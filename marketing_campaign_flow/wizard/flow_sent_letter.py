"""The dialog that shows an email again that a participant was sent."""

from odoo import fields, models
from odoo.exceptions import AccessError, MissingError, UserError


class FlowSentLetter(models.TransientModel):
    _name = "flow.sent.letter"
    _description = "Email as It Was Sent"

    step_id = fields.Many2one("flow.step", required=True, readonly=True, ondelete="cascade")
    participant_id = fields.Many2one(related="step_id.participant_id", string="To")
    done_at = fields.Datetime(related="step_id.done_at", string="Sent on")
    subject = fields.Char(compute="_compute_letter")
    email_from = fields.Char(string="From", compute="_compute_letter")
    body = fields.Html(compute="_compute_letter", sanitize=False)
    error = fields.Text(compute="_compute_letter")

    def _compute_letter(self):
        for letter in self:
            sent, error = None, False
            try:
                sent = letter.step_id._sent_letter()
            except (UserError, AccessError, MissingError) as refused:
                error = str(refused)
            letter.error = error
            letter.subject = sent and sent.subject
            letter.email_from = sent and sent.email_from
            letter.body = sent and sent.body
