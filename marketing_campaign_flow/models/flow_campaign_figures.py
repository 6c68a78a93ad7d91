"""The figures of a campaign: how many were reached, and what they did."""

from odoo import fields, models

from ..engine import result

# The metric of facts that a figure is the sum of.
FIGURES = {
    "participant_count": "started",
    "goal_count": "ended_goal",
    "sent_count": "sent",
    "opened_count": "opened",
    "clicked_count": "clicked",
    "replied_count": "replied",
    "bounced_count": "bounced",
    "unsubscribed_count": "unsubscribed",
}


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    participant_count = fields.Integer("Participants", compute="_compute_figures")
    ended_count = fields.Integer("Ended", compute="_compute_figures")
    goal_count = fields.Integer("Goal reached", compute="_compute_figures")
    sent_count = fields.Integer("Sent", compute="_compute_figures")
    opened_count = fields.Integer("Opened", compute="_compute_figures")
    clicked_count = fields.Integer("Clicked", compute="_compute_figures")
    replied_count = fields.Integer("Replied", compute="_compute_figures")
    bounced_count = fields.Integer("Bounced", compute="_compute_figures")
    unsubscribed_count = fields.Integer("Unsubscribed", compute="_compute_figures")
    opened_ratio = fields.Integer("Opened (%)", compute="_compute_figures")
    clicked_ratio = fields.Integer("Clicked (%)", compute="_compute_figures")
    replied_ratio = fields.Integer("Replied (%)", compute="_compute_figures")

    def _compute_figures(self):
        """Read the figures of all campaigns from their facts, in one statement."""
        ended = result.ended_metrics(self.env)
        sums = result.sums(self.env, self.ids, {*FIGURES.values(), *ended}) if self.ids else {}
        for campaign in self:
            counted = sums.get(campaign.id, {})
            found = {figure: counted.get(metric, 0) for figure, metric in FIGURES.items()}
            campaign.update(found)
            campaign.ended_count = sum(counted.get(metric, 0) for metric in ended)
            for action in ("opened", "clicked", "replied"):
                share = found[f"{action}_count"] / found["sent_count"] if found["sent_count"] else 0
                campaign[f"{action}_ratio"] = round(100 * share)
