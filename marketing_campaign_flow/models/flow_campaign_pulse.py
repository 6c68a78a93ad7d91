"""What people change is news for those who watch a campaign, as what the engine does is."""

from odoo import models
from odoo.tools import SQL

from ..engine import pulse

# What of a campaign the monitor shows.
SHOWN = {"name", "status", "phase_id", "active", "budget_amount", "budget_line_ids"}

OF_PARTICIPANTS = "SELECT DISTINCT campaign_id FROM flow_participant WHERE id = ANY(%s)"


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def watch(self):
        """Note that somebody looks at these campaigns, and is to be told what happens in them."""
        self.check_access("read")
        pulse.watch(self.env, [campaign.company_id.id for campaign in self], self.ids)

    def write(self, vals):
        if vals.keys() & SHOWN:
            pulse.beat(self.env, self.ids)
        return super().write(vals)

    def _budget_changed(self):
        pulse.beat(self.env, self.ids)
        return super()._budget_changed()


class FlowParticipant(models.Model):
    _inherit = "flow.participant"

    def action_move(self, state_id, reason=None):
        pulse.beat(self.env, self.campaign_id.ids)
        return super().action_move(state_id, reason)

    def _end(self, end_kind, now, running=()):
        result = super()._end(end_kind, now, running)
        # Not read record by record: they may be many.
        rows = self.env.execute_query(SQL(OF_PARTICIPANTS, self.ids))
        pulse.beat(self.env, [campaign_id for (campaign_id,) in rows])
        return result
