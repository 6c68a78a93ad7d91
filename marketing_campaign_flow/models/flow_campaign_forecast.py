"""What a campaign will probably still cost: messages to those who are on their way."""

from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..engine import result
from ..engine.forecast import Course, expected_runs
from .flow_campaign_versions import LAUNCHED

# What is reserved is committed already, and not expected any more.
RESERVED = """
    SELECT campaign_id, action_key, sum(amount) FROM flow_spending
     WHERE campaign_id = ANY(%s) AND kind = 'reserved' GROUP BY 1, 2
"""


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _expected_costs(self):
        """Return what actions will probably still cost, in two statements for all campaigns.

        :return: rows of ``(campaign, action, amount)``, in the currency of the campaign
        """
        priced = {
            campaign: campaign.workflow_id.action_ids.filtered("unit_cost")
            for campaign in self
            if campaign.status in LAUNCHED
        }
        priced = {campaign: actions for campaign, actions in priced.items() if actions}
        if not priced:
            return []
        ids = [campaign.id for campaign in priced]
        courses = result.courses(self.env, ids)
        reserved = {
            (campaign_id, key): amount
            for campaign_id, key, amount in self.env.execute_query(SQL(RESERVED, ids))
        }
        found = []
        for campaign, actions in priced.items():
            course = courses.get(campaign.id, defaultdict(dict))
            runs = expected_runs(
                campaign.workflow_id._plan(),
                Course(course["active"], course["held"], course["entered"], course["passed"]),
            )
            for action in actions:
                times = course["step_planned"].get(action.key, 0) + runs.get(action.key, 0)
                taken = float(reserved.get((campaign.id, action.key), 0))
                amount = campaign.currency_id.round(times * action.unit_cost - taken)
                if amount > 0:
                    found.append((campaign, action, amount))
        return found
