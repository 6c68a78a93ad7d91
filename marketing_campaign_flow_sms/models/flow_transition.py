from odoo import fields, models


class FlowTransition(models.Model):
    _inherit = "flow.transition"

    event_action_id = fields.Many2one(
        string="Of the message",
        domain="[('workflow_id', '=', workflow_id), ('kind', 'in', ('email', 'sms'))]",
    )
