"""Ask in which campaign a message counts that goes to an audience or to chosen contacts."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.chosen import chosen_domain


class FlowManualSend(models.TransientModel):
    _name = "flow.manual.send"
    _description = "Send Campaign Email"

    campaign_id = fields.Many2one(
        "flow.campaign",
        required=True,
        domain="[('status', 'in', ('running', 'paused')), ('target_model', '=', target_model)]",
        help="The message, its costs and all reactions count there.",
    )
    target_model = fields.Char(readonly=True)
    choice = fields.Text(readonly=True)

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        if "choice" not in values and (model := self.env.context.get("active_model")):
            contacts = self.env[model].browse(self.env.context.get("active_ids", []))
            choice = json.dumps({"contacts": chosen_domain(contacts)})
            values |= {"target_model": model, "choice": choice}
        return values

    def action_write(self):
        """Open the mail composer for those who were chosen."""
        self.ensure_one()
        if self.campaign_id.target_model != self.target_model:
            raise UserError(self.env._("The campaign is about another kind of contacts."))
        return self.campaign_id._compose_by_hand(json.loads(self.choice))


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    def action_send_by_hand(self):
        """Ask in which campaign a message to this audience counts."""
        self.ensure_one()
        campaigns = self.env["flow.campaign"].search(
            [("audience_id", "=", self.id), ("status", "in", ("running", "paused"))], limit=2
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send email"),
            "res_model": "flow.manual.send",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_target_model": self.target_model,
                "default_choice": json.dumps({"audience": self.id}),
                "default_campaign_id": campaigns.id if len(campaigns) == 1 else False,
            },
        }
