from odoo import fields, models


class LoyaltyCard(models.Model):
    _inherit = "loyalty.card"

    flow_participant_id = fields.Many2one(
        "flow.participant",
        string="Given by campaign to",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
