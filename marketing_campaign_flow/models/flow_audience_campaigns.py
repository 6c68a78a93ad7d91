"""The campaigns of an audience: those that there are, and a new one."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    campaign_count = fields.Integer("Number of campaigns", compute="_compute_campaign_count")

    @api.depends("campaign_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_campaign_count(self):
        counts = self.env["flow.campaign"]._read_group(
            [("audience_id", "in", self.ids)], ["audience_id"], ["__count"]
        )
        by_id = {audience.id: count for audience, count in counts}
        for audience in self:
            audience.campaign_count = by_id.get(audience._origin.id, 0)

    def action_view_campaigns(self):
        """Open the campaigns for this audience."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_campaign_flow.flow_campaign_action"
        )
        # Without the path, which would be that of all campaigns.
        return {
            **action,
            "path": False,
            "display_name": self.env._("Campaigns for %s", self.name),
            "domain": [("audience_id", "=", self.id)],
            "context": {"default_audience_id": self.id},
        }

    def action_use_in_campaign(self):
        """Open the dialog that makes a campaign for this audience.

        :raises UserError: for several audiences
        """
        if len(self) > 1:
            raise UserError(
                self.env._(
                    "A campaign has one audience. Choose one, or make an audience of these:"
                    " its “Other audiences” are put together."
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_campaign_flow.flow_audience_use_action"
        )
        return {**action, "context": {"default_audience_id": self.id}}
