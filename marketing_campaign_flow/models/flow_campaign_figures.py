"""The figures of a campaign: how many were reached, what they did, what it cost."""

from odoo import api, fields, models
from odoo.tools import SQL

FIGURES = (
    "participant_count",
    "ended_count",
    "goal_count",
    "sent_count",
    "opened_count",
    "clicked_count",
    "replied_count",
    "bounced_count",
    "unsubscribed_count",
)

PARTICIPANT_FIGURES = """
    SELECT campaign_id,
           count(*) AS participant_count,
           count(*) FILTER (WHERE status = 'ended') AS ended_count,
           count(*) FILTER (WHERE end_kind = 'goal') AS goal_count
      FROM flow_participant WHERE campaign_id = ANY(%s) GROUP BY campaign_id
"""

EMAIL_FIGURES = """
    SELECT s.campaign_id,
           count(t.sent_datetime) AS sent_count,
           count(t.open_datetime) AS opened_count,
           count(t.links_click_datetime) AS clicked_count,
           count(t.reply_datetime) AS replied_count,
           count(*) FILTER (WHERE t.trace_status = 'bounce') AS bounced_count,
           (SELECT count(DISTINCT e.participant_id) FROM flow_event e
             WHERE e.campaign_id = s.campaign_id AND e.kind = 'unsubscribed')
               AS unsubscribed_count
      FROM flow_step s JOIN mailing_trace t ON t.flow_step_id = s.id
     WHERE s.campaign_id = ANY(%s) GROUP BY s.campaign_id
"""


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

    budget_amount = fields.Monetary("Budget", tracking=True)
    cost_total = fields.Monetary("Actual costs", compute="_compute_costs")
    budget_available = fields.Monetary("Available", compute="_compute_costs")
    budget_used = fields.Integer(
        "Budget used (%)", compute="_compute_costs", help="Actual costs compared with the budget."
    )

    _budget_positive = models.Constraint(
        "CHECK(budget_amount >= 0)", "A budget cannot be negative."
    )

    def _compute_figures(self):
        """Count participants and emails of all campaigns in two statements.

        An email counts once per figure, however often it was opened or clicked.
        """
        figures = {campaign_id: dict.fromkeys(FIGURES, 0) for campaign_id in self.ids}
        if figures:
            self.env.flush_all()
            for row in self._participant_figures() + self._email_figures():
                figures[row.pop("campaign_id")].update(row)
        for campaign in self:
            found = figures.get(campaign.id) or dict.fromkeys(FIGURES, 0)
            campaign.update(found)
            for action in ("opened", "clicked", "replied"):
                share = found[f"{action}_count"] / found["sent_count"] if found["sent_count"] else 0
                campaign[f"{action}_ratio"] = round(100 * share)

    def _participant_figures(self):
        return self.env.execute_query_dict(SQL(PARTICIPANT_FIGURES, self.ids))

    def _email_figures(self):
        return self.env.execute_query_dict(SQL(EMAIL_FIGURES, self.ids))

    @api.depends("budget_amount", "cost_ids.amount", "cost_ids.status")
    def _compute_costs(self):
        spent = dict(
            self.env["flow.cost"]._read_group(
                [("campaign_id", "in", self.ids), ("status", "=", "confirmed")],
                ["campaign_id"],
                ["amount:sum"],
            )
        )
        for campaign in self:
            campaign.cost_total = spent.get(campaign._origin, 0)
            campaign.budget_available = campaign.budget_amount - campaign.cost_total
            used = campaign.cost_total / campaign.budget_amount if campaign.budget_amount else 0
            campaign.budget_used = round(100 * used)
