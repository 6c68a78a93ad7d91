"""A new campaign for an audience."""

from odoo import api, fields, models


class FlowAudienceUse(models.TransientModel):
    _name = "flow.audience.use"
    _description = "Use an Audience in a New Campaign"

    audience_id = fields.Many2one("flow.audience", required=True, readonly=True, ondelete="cascade")
    name = fields.Char(string="Campaign", required=True)
    template_id = fields.Many2one(
        "flow.template",
        string="Start from",
        ondelete="cascade",
        help="A ready-made design, with its emails. Empty: a workflow with a beginning and an end.",
    )

    fitting_template_ids = fields.Many2many("flow.template", compute="_compute_fitting")

    @api.depends("audience_id")
    def _compute_fitting(self):
        templates = self.env["flow.template"].search([("active", "=", True)])
        for wizard in self:
            wanted = wizard.audience_id.target_model
            wizard.fitting_template_ids = templates.filtered(
                lambda template, wanted=wanted: (
                    not template.missing and template.target_model == wanted
                )
            )

    def action_create(self):
        """Make the campaign, a draft, and open it."""
        self.ensure_one()
        campaigns = self.env["flow.campaign"]
        values = {"name": self.name, "audience_id": self.audience_id.id}
        if company := self.audience_id.company_id:
            values["company_id"] = company.id
        if self.template_id:
            campaign = self.template_id._make_campaign(**values)
        else:
            campaign = campaigns.create(values)
        return {
            "type": "ir.actions.act_window",
            "res_model": campaign._name,
            "res_id": campaign.id,
            "view_mode": "form",
        }
