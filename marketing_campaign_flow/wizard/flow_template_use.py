"""A new campaign from a template: its name, for whom, and who is responsible."""

from odoo import api, fields, models


class FlowTemplateUse(models.TransientModel):
    _name = "flow.template.use"
    _description = "New Campaign from a Template"

    template_id = fields.Many2one("flow.template", required=True, readonly=True, ondelete="cascade")
    description = fields.Text(related="template_id.description")
    picture = fields.Html(related="template_id.picture", sanitize=False)
    content_words = fields.Char(related="template_id.content_words")
    has_ways_in = fields.Boolean(related="template_id.has_ways_in")
    missing = fields.Text(related="template_id.missing")
    target_model = fields.Char(related="template_id.target_model")
    name = fields.Char(
        string="Campaign",
        required=True,
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
    )
    audience_id = fields.Many2one(
        "flow.audience",
        compute="_compute_from_template",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="cascade",
        domain="[('target_model', '=', target_model)]",
        help="Who takes part. It can also be chosen later, in the campaign.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        default=lambda self: self.env.user,
        ondelete="cascade",
        domain="[('share', '=', False)]",
        help="The campaign acts with the rights of this user.",
    )

    @api.depends("template_id")
    def _compute_from_template(self):
        for wizard in self:
            template = wizard.template_id
            wizard.name = template.name
            wizard.audience_id = not template.has_ways_in and wizard._likely_audience()

    def _likely_audience(self):
        """Return the audience of the user's last campaign, else the newest one of their own."""
        fits = [("target_model", "=", self.target_model)]
        last = self.env["flow.campaign"].search(
            [("user_id", "=", self.env.uid), ("audience_id", "!=", False), *fits],
            order="id desc",
            limit=1,
        )
        own = [("create_uid", "=", self.env.uid), *fits]
        return last.audience_id or self.env["flow.audience"].search(own, order="id desc", limit=1)

    def action_create(self):
        """Make the campaign, a draft, and open it."""
        self.ensure_one()
        values = {"name": self.name, "user_id": self.user_id.id}
        if audience := self.audience_id:
            values["audience_id"] = audience.id
            if audience.company_id:
                values["company_id"] = audience.company_id.id
        campaign = self.template_id._make_campaign(**values)
        return {
            "type": "ir.actions.act_window",
            "res_model": campaign._name,
            "res_id": campaign.id,
            "view_mode": "form",
        }
