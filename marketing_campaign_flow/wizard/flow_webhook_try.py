"""The dialog that makes one sample call of a webhook and shows the answer."""

from odoo import fields, models

SHOWN = 500  # characters of the answer


class FlowWebhookTry(models.TransientModel):
    _name = "flow.webhook.try"
    _description = "Try a Webhook"

    action_id = fields.Many2one("flow.action", required=True, readonly=True, ondelete="cascade")
    target_model = fields.Selection(related="action_id.target_model")
    webhook_url = fields.Char(related="action_id.webhook_url")
    partner_id = fields.Many2one(
        "res.partner", string="Contact", help="Whom the call tells of. Empty: a made-up contact."
    )
    mailing_contact_id = fields.Many2one(
        "mailing.contact", help="Whom the call tells of. Empty: a made-up contact."
    )
    status = fields.Integer(readonly=True)
    is_done = fields.Boolean(readonly=True)
    answer = fields.Text(readonly=True)

    def action_try(self):
        """Call once, with the header X-Campaign-Flow-Test, and show what came back."""
        self.ensure_one()
        self.action_id.check_access("read")
        by_model = {"res.partner": self.partner_id, "mailing.contact": self.mailing_contact_id}
        reply = self.action_id._try_webhook(by_model.get(self.target_model))
        self.write({"status": reply.status, "is_done": reply.is_done, "answer": reply.text[:SHOWN]})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try the webhook"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
