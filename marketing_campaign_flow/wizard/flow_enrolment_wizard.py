"""Put the contacts that somebody has chosen into a campaign."""

from odoo import api, fields, models


class FlowEnrolmentWizard(models.TransientModel):
    _name = "flow.enrolment.wizard"
    _description = "Add to Campaign"

    campaign_id = fields.Many2one(
        "flow.campaign",
        required=True,
        domain="[('status', 'in', ('running', 'paused')), ('target_model', '=', target_model)]",
    )
    target_model = fields.Char(readonly=True)
    contact_count = fields.Integer(string="Contacts", readonly=True)

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        values["target_model"] = self.env.context.get("active_model")
        values["contact_count"] = len(self.env.context.get("active_ids", []))
        return values

    def action_add(self):
        """Enrol the chosen contacts and say how many came in."""
        self.ensure_one()
        contacts = self.env[self.target_model].browse(self.env.context.get("active_ids", []))
        contacts.check_access("read")
        enrolments = self.env["flow.enrolment"].create(
            [{"campaign_id": self.campaign_id.id, "res_id": contact.id} for contact in contacts]
        )
        count = len(enrolments.filtered(lambda one: one.result == "entered"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if count else "warning",
                "title": self.campaign_id.name,
                "message": self.env._(
                    "%(count)s of %(all)s came in; the others are in already or may not come in"
                    " again.",
                    count=count,
                    all=len(enrolments),
                )
                if count < len(enrolments)
                else self.env._("%s came in.", count),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
