"""Taking back a move by hand, as long as nothing has come of it."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine import by_hand, database_clock, undo, version_lock


class FlowIntervention(models.Model):
    _inherit = "flow.intervention"

    kind = fields.Selection(selection_add=[("undo", "Move undone")], ondelete={"undo": "cascade"})


class FlowParticipant(models.Model):
    _inherit = "flow.participant"

    def action_undo_move(self):
        """Take back the last move, which the current user has made by hand.

        They are where they were, since when they were there, and what was planned there is planned
        again. It stands in their timelines.

        :raises UserError: when something has come of the move of one of them
        """
        self.check_access("write")
        now = database_clock.now(self.env)
        self.env.flush_all()
        for campaign in self.campaign_id:
            version_lock.share(self.env, campaign, wait=True)
            movers = self.filtered(lambda p, campaign=campaign: p.campaign_id == campaign)
            movers._lock()
            left = movers.grouped(lambda participant: participant.state_id.name)
            runs = campaign.status in ("running", "paused")
            if not runs or len(undo.undo(self.env, campaign, movers.ids, now)) < len(movers):
                raise UserError(
                    self.env._(
                        "The move cannot be undone any more: something has come of it, such as an"
                        " email on its way. Move the participant back instead."
                    )
                )
            for name, some in left.items():
                by_hand.note(self.env, some.ids, "undo", now, name)
            campaign._wake_engine()
        self.env.invalidate_all()
