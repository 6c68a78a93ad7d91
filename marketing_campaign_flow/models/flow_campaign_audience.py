"""A campaign and its audience: what it comes to, and what becomes of it at launch."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import enrol


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    audience_preview = fields.Json(compute="_compute_audience_preview")
    audience_kind = fields.Selection(related="audience_id.kind")

    @api.depends("audience_id", "user_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_audience_preview(self):
        for campaign in self:
            audience = campaign._seen_audience()
            campaign.audience_preview = audience._preview() if audience else False

    def _seen_audience(self):
        """Return the audience as the responsible sees it, who acts; for a user who may not act for
        the responsible, as this user sees it."""
        self.ensure_one()
        user = self.env.user
        if user == self.user_id or user.has_group("marketing_campaign_flow.group_flow_manager"):
            return self._as_responsible().audience_id
        return self.with_context(allowed_company_ids=self.company_id.ids).audience_id

    def _addressed_in_words(self):
        preview = self._seen_audience()._preview()
        return self.env._(
            "People in the audience: %(people)s, reachable by email: %(reachable)s.",
            people=preview["people"],
            reachable=preview["reachable"],
        )

    def _audience_problems(self):
        """Return why nobody of the audience would come in, as sentences."""
        if not self.audience_id:
            return []
        preview = self._seen_audience()._preview()
        if preview["problem"]:
            return [preview["problem"]]
        if not preview["people"]:
            return [self.env._("Nobody is in the audience “%s”.", self.audience_id.name)]
        return []

    def action_launch(self):
        """Fix the list of an audience that is to be a fixed one, then launch."""
        for campaign in self:
            if campaign.audience_id.kind == "static" and campaign.status == "draft":
                problems = campaign._problems()
                if problems:
                    raise UserError("\n".join(problems))
                campaign._check_may_act_for(campaign.user_id)
                campaign._as_responsible().audience_id._freeze_at_launch()
        return super().action_launch()

    def action_view_people(self):
        """Open the people of the audience, to take them in and out by hand."""
        return self.audience_id.action_view_people()

    def action_view_verdict(self, verdict):
        """Open those people on whom there is this verdict."""
        return self.audience_id.action_view_verdict(verdict)

    def get_sample(self):
        """Return up to 80 people of the audience, as the current user sees them."""
        return self.audience_id.get_sample()

    def _enrol_members(self, now):
        """Enrol whoever is in the audience, and let those go who no longer are."""
        audience = self._as_responsible().audience_id
        count = enrol.enrol(self.env, self, audience._contact_query(self))
        if self.on_leaving == "exit":
            staying = audience._contact_query(self, staying=True)
            gone = self.env["flow.participant"].browse(enrol.left(self.env, self, staying))
            gone._end("left", now)
        return count
