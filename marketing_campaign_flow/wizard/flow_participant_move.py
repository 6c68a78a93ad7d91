"""Move many participants to another state, with a reason."""

import ast

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine import database_clock


class FlowParticipantMove(models.TransientModel):
    _name = "flow.participant.move"
    _description = "Move Participants"

    campaign_id = fields.Many2one("flow.campaign", required=True, readonly=True)
    workflow_id = fields.Many2one(related="campaign_id.workflow_id")
    choice = fields.Text(required=True, readonly=True)
    opened_at = fields.Datetime(readonly=True, default=lambda self: database_clock.now(self.env))
    state_id = fields.Many2one("flow.state", string="They are in", readonly=True)
    target_id = fields.Many2one(
        "flow.state", string="Move to", domain="[('workflow_id', '=', workflow_id)]"
    )
    reason = fields.Char(help="Stands in their timelines.")
    participant_count = fields.Integer(string="Participants", compute="_compute_participant_count")

    @api.depends("choice")
    def _compute_participant_count(self):
        for wizard in self:
            wizard.participant_count = self.env["flow.participant"].search_count(wizard._domain())

    def _domain(self):
        return (
            Domain(ast.literal_eval(self.choice))
            & Domain("campaign_id", "=", self.campaign_id.id)
            & Domain("status", "!=", "ended")
        )

    def action_apply(self):
        """Move those who are still where they were when this was asked.

        :raises UserError: when all of them have gone on meanwhile
        """
        self.ensure_one()
        if not self.target_id:
            raise UserError(self.env._("Say where they shall go."))
        chosen = self.env["flow.participant"].search(self._domain(), order="id")
        chosen._lock()
        here = chosen.filtered(lambda p: p.status != "ended" and p.entered_at <= self.opened_at)
        if not here:
            raise UserError(self.env._("They have gone on or left the campaign meanwhile."))
        here.action_move(self.target_id.id, self.reason)
        gone = len(chosen) - len(here)
        message = (
            self.env._("One participant was moved.")
            if len(here) == 1
            else self.env._("%s participants were moved.", len(here))
        )
        if gone:
            others = self.env._("%s had gone on meanwhile and were left where they are.", gone)
            message = f"{message} {others}"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if gone else "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
