"""Who is behind a number of the picture."""

from odoo import models
from odoo.exceptions import UserError

REACTIONS = {"opened", "clicked", "replied"}


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    def action_view_behind(self, part, key, figure):
        """Open the participants, steps or reactions behind a number.

        :param part: ``state``, ``transition`` or ``action``
        :param figure: the name of the number, as `get_canvas` gives it
        """
        self.ensure_one()
        self.check_access("read")
        record = self._part(part, key) if part in ("state", "transition", "action") else None
        campaign = self.campaign_id
        if not (record and campaign):
            raise UserError(self.env._("That part of the workflow is not there any more."))
        if figure in REACTIONS:
            found = [("action_key", "=", key), ("kind", "=", figure)]
            view = campaign.action_view_events()
        elif part == "action":
            statuses = {
                "planned": ["scheduled", "sending"],
                "failed": ["failed", "uncertain"],
            }.get(figure, ["done"])
            found = [("action_key", "=", key), ("status", "in", statuses)]
            view = campaign.action_view_steps()
        else:
            found = self._people_behind(part, key, figure)
            view = {**campaign.action_view_participants(), "view_mode": "list,kanban,form"}
        name = record.name if part == "state" else record.display_name
        views = [(False, kind) for kind in view["view_mode"].split(",")]
        return {**view, "name": name, "views": views, "domain": [*view["domain"], *found]}

    def _people_behind(self, part, key, figure):
        if part == "transition":
            return [("visit_ids.transition_key", "=", key)]
        # A state is the same in every version of the workflow, by its key.
        if figure == "held":
            return [("state_id.key", "=", key), ("status", "=", "held")]
        if figure == "entered":
            return [("visit_ids.state_key", "=", key), ("visit_ids.kind", "=", "entered")]
        return [("state_id.key", "=", key), ("status", "!=", "held")]
