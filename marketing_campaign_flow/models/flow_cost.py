"""Costs: what was spent on a campaign, by category."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class FlowCostCategory(models.Model):
    _name = "flow.cost.category"
    _description = "Campaign Cost Category"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)


class FlowCost(models.Model):
    _name = "flow.cost"
    _description = "Campaign Cost"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"

    name = fields.Char(string="Description", required=True)
    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    currency_id = fields.Many2one(related="campaign_id.currency_id", store=True)
    category_id = fields.Many2one("flow.cost.category", ondelete="restrict", index=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    amount = fields.Monetary(required=True, tracking=True)
    vendor_id = fields.Many2one("res.partner", ondelete="restrict")
    status = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        help="Only confirmed costs count against the budget.",
    )

    _amount_positive = models.Constraint("CHECK(amount >= 0)", "A cost cannot be negative.")

    def action_confirm(self):
        """Count these costs against the budget."""
        self.write({"status": "confirmed"})

    def action_reset(self):
        """Take these costs back to draft."""
        self.write({"status": "draft"})

    def write(self, vals):
        if vals.keys() & {"amount", "campaign_id"} and "confirmed" in self.mapped("status"):
            raise UserError(self.env._("Reset a confirmed cost to draft before you change it."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if "confirmed" in self.mapped("status"):
            raise UserError(self.env._("Reset a confirmed cost to draft before you delete it."))
