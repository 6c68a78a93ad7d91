"""A campaign and its audience: what it comes to, and what becomes of it at launch."""

from odoo import api, fields, models

from ..engine import enrol
from .finding import about


class FlowCampaign(models.Model):
    _name = "flow.campaign"
    _inherit = ["flow.campaign", "flow.counted"]

    audience_kind = fields.Selection(related="audience_id.kind")

    @api.model
    def _counted_fields(self):
        return ["audience_id", "user_id"]

    def _count(self):
        audience = self._seen_audience()
        return audience._preview() if audience else False

    def _seen_audience(self):
        """Return the audience as the responsible sees it, who acts; for a user who may not act for
        the responsible, as this user sees it."""
        self.ensure_one()
        user = self.env.user
        if user == self.user_id or user.has_group("marketing_campaign_flow.group_flow_manager"):
            return self._as_responsible().audience_id
        return self.with_context(allowed_company_ids=self.company_id.ids).audience_id

    def _addressed_in_words(self, figures):
        return self.env._(
            "People in the audience: %(people)s, reachable by email: %(reachable)s.",
            people=figures["people"],
            reachable=figures["reachable"],
        )

    def _audience_problems(self, figures=None):
        """Return why nobody of the audience would come in, as sentences.

        :param figures: of the audience, where they are known
        """
        if not self.audience_id:
            return []
        figures = figures or self._count()
        if figures["problem"]:
            return about(self.audience_id, [figures["problem"]])
        if not figures["people"]:
            words = self.env._("Nobody is in the audience “%s”.", self.audience_id.name)
            return about(self.audience_id, [words])
        return []

    def _before_launch(self):
        """Fix the list of an audience that is to be a fixed one."""
        if self.audience_id.kind == "static":
            self._check_may_act_for(self.user_id)
            self._as_responsible().audience_id._freeze_at_launch()
        return super()._before_launch()

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
