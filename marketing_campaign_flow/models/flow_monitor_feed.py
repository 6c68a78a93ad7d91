"""The monitor's feed: what people do, the latest first."""

import re

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_datetime

from .flow_monitor import LARGEST_ID

PAGE = 30
PLACEHOLDER = re.compile(r"\{\{.*?\}\}")  # in a subject, where each recipient's own words stand

# The latest of each campaign by its index, however many events there are; then the latest of those.
# Who is held out is looked up for each, which PostgreSQL cannot turn into a join of millions.
LATEST = """
    SELECT e.id FROM unnest(%(campaigns)s::int[]) c(id)
     CROSS JOIN LATERAL (
           SELECT v.id FROM flow_event v
            WHERE v.campaign_id = c.id AND NOT v.is_machine AND v.id < %(before)s
              AND (SELECT p.end_kind FROM flow_participant p WHERE p.id = v.participant_id)
                  IS DISTINCT FROM 'held_out'
            ORDER BY v.id DESC LIMIT %(limit)s) e
     ORDER BY e.id DESC LIMIT %(limit)s
"""


class FlowMonitor(models.AbstractModel):
    _inherit = "flow.monitor"

    @api.model
    def get_feed(self, campaign_ids=None, before=None):
        """Return a page of what people did who take part, the latest first.

        :param campaign_ids: ids of campaigns; none for all that were launched
        :param before: the id of an event; only earlier ones
        :return: the entries, and whether there may be more of them
        :raises UserError: for arguments that the screen does not send
        """
        campaigns = self._campaigns(campaign_ids)
        if before is not None and not (isinstance(before, int) and 0 < before <= LARGEST_ID):
            raise UserError(self.env._("The feed goes on from one of its entries."))
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(LATEST, campaigns=campaigns.ids, before=before or LARGEST_ID, limit=PAGE)
        )
        events = self.env["flow.event"].browse([event_id for (event_id,) in rows])
        return {"entries": self._entries(events), "more": len(events) == PAGE}

    @api.model
    def _entries(self, events):
        kinds = events._kinds()
        actions = self._newest_actions(events)
        return [
            {
                "id": event.id,
                "icon": kinds[event.kind].icon if event.kind in kinds else "fa-circle-o",
                "what": kinds[event.kind].label if event.kind in kinds else event.kind,
                "who": event.participant_id.name,
                "participant_id": event.participant_id.id,
                "campaign": event.campaign_id.name,
                "about": self._about(event, actions),
                "moment": format_datetime(self.env, event.occurred_at, dt_format="short"),
            }
            for event in events
        ]

    @api.model
    def _about(self, event, actions):
        """Return which link, which email, or which detail it was."""
        action = actions.get((event.campaign_id.id, event.action_key))
        subject = action and (action._seen_content() or action.display_name)
        return event.url or event.detail or PLACEHOLDER.sub("…", subject or "")

    @api.model
    def _newest_actions(self, events):
        """Return the actions that events are about, by campaign and key."""
        keys = [key for key in events.mapped("action_key") if key]
        actions = self.env["flow.action"].search(
            [("campaign_id", "in", events.campaign_id.ids), ("key", "in", keys)], order="id"
        )
        return {(action.campaign_id.id, action.key): action for action in actions}
