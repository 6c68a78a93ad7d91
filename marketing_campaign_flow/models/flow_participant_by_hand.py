"""What people do to participants by hand: pause, resume, release, move many, note a response."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import by_hand, database_clock
from .chosen import chosen_domain


class FlowParticipant(models.Model):
    _inherit = "flow.participant"

    @api.model
    def _release_in_words(self, count):
        """Return what the button that lets people go on says."""
        if count == 1:
            return self.env._("Release 1 contact")
        return self.env._("Release %s contacts", count)

    def action_pause(self):
        """Let nothing happen to these participants until they are resumed.

        Time goes on as in a paused campaign: what becomes due meanwhile is done after resuming.

        :raises UserError: when all of them have left, or are paused already
        """
        self._change_by_hand("pause", by_hand.PAUSE)

    def action_resume(self):
        """Let paused participants go on.

        :raises UserError: when none of them is paused
        """
        self._change_by_hand("resume", by_hand.RESUME)
        self.env["flow.campaign"]._wake_engine()

    def _change_by_hand(self, kind, statement):
        self.check_access("write")
        now = database_clock.now(self.env)
        if not by_hand.change(self.env, statement, kind, now, ids=self.ids):
            raise UserError(
                self.env._(
                    "Nothing was changed: they have left the campaign, or it was done already."
                )
            )

    def action_move_by_hand(self):
        """Ask where these participants shall go, and why."""
        return self._ask("flow.participant.move", self.env._("Move participants"))

    def action_release(self):
        """Ask whether these participants shall go on, who wait for a person or at a door."""
        return self._ask("flow.release", self.env._("Release participants"))

    def action_respond(self):
        """Ask what these participants have said or done."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record a response"),
            "res_model": "flow.response",
            "view_mode": "form",
            "target": "new",
            "context": {"active_model": self._name, "active_ids": self.ids},
        }

    def _ask(self, wizard, title):
        self.check_access("write")
        if len(self.campaign_id) != 1:
            raise UserError(self.env._("Choose participants of one campaign."))
        values = {"campaign_id": self.campaign_id.id, "choice": repr(list(chosen_domain(self)))}
        if len(self.state_id) == 1:
            values["state_id"] = self.state_id.id
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": wizard,
            "res_id": self.env[wizard].create(values).id,
            "view_mode": "form",
            "target": "new",
        }


class FlowState(models.Model):
    _inherit = "flow.state"

    release_label = fields.Char(compute="_compute_release_label", compute_sudo=True)

    def _compute_release_label(self):
        """Say how many may wait for a person; empty where nobody does."""
        # sudo (compute_sudo): see `participant_count`
        for state in self:
            campaign = state.workflow_id.campaign_id
            by_hand = state.transition_ids.filtered(
                lambda way: way.trigger == "manual" and way.target_id
            )
            waiting = campaign.status in ("running", "paused") and (
                by_hand or (state.phase_id.id or None) not in campaign._open_phase_ids()
            )
            count = state.participant_count if waiting else 0
            label = self.env["flow.participant"]._release_in_words(count)
            state.release_label = label if count else False

    def action_release(self):
        """Ask whether those who wait in this state, or at its door, shall go on."""
        self.ensure_one()
        campaign = self.workflow_id.campaign_id
        campaign.check_access("write")
        wizard = self.env["flow.release"].create(
            {
                "campaign_id": campaign.id,
                "state_id": self.id,
                "choice": repr([("state_id", "=", self.id)]),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Release participants"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
