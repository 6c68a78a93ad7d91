"""What happened in campaigns, day by day, with the names that states and actions have now."""

from odoo import api, fields, models
from odoo.tools import SQL

# Parts of a workflow keep their key from version to version: the newest that was published tells
# the name.
NEWEST = """
    SELECT DISTINCT ON (w.campaign_id, part.key) w.campaign_id, part.key, part.id
      FROM %s part JOIN flow_workflow w ON w.id = part.workflow_id
     ORDER BY w.campaign_id, part.key, w.status = 'draft', w.version DESC
"""

# Who has left a state is not counted by itself: who entered it, is not in it and did not end there.
QUERY = """
    SELECT f.id, f.campaign_id, s.id AS state_id, a.id AS action_id, t.id AS transition_id,
           f.metric, f.day, f.amount
      FROM (SELECT 2 * id AS id, campaign_id, state_key, action_key, transition_key, metric, day,
                   amount
              FROM flow_fact
             UNION ALL
            SELECT 2 * id + 1, campaign_id, state_key, action_key, transition_key, 'left', day,
                   CASE metric WHEN 'entered' THEN amount ELSE -amount END
              FROM flow_fact
             WHERE metric IN ('entered', 'active', 'ended_goal', 'ended_exit', 'ended_done')) f
      LEFT JOIN (%(states)s) s ON s.campaign_id = f.campaign_id AND s.key = f.state_key
      LEFT JOIN (%(actions)s) a ON a.campaign_id = f.campaign_id AND a.key = f.action_key
      LEFT JOIN (%(transitions)s) t ON t.campaign_id = f.campaign_id AND t.key = f.transition_key
     WHERE f.amount <> 0
"""


class FlowActivityReport(models.Model):
    _name = "flow.activity.report"
    _description = "Campaign Activity"
    _auto = False
    _order = "day desc, id desc"
    _rec_name = "metric"

    campaign_id = fields.Many2one("flow.campaign", readonly=True)
    state_id = fields.Many2one("flow.state", readonly=True)
    action_id = fields.Many2one("flow.action", readonly=True)
    transition_id = fields.Many2one("flow.transition", readonly=True)
    metric = fields.Selection("_selection_metric", string="What", readonly=True)
    day = fields.Date(readonly=True, help="In UTC; empty for what is planned.")
    amount = fields.Integer(
        string="How many",
        readonly=True,
        help="Of those under way or at a door: how many more, or fewer, than the day before.",
    )

    @api.model
    def _selection_metric(self):
        metric = self.env["flow.fact"]._fields["metric"]
        return [*metric._description_selection(self.env), ("left", self.env._("State left"))]

    @property
    def _table_query(self):
        return SQL(
            QUERY,
            states=SQL(NEWEST, SQL.identifier("flow_state")),
            actions=SQL(NEWEST, SQL.identifier("flow_action")),
            transitions=SQL(NEWEST, SQL.identifier("flow_transition")),
        )
