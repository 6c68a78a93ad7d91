"""Interventions: the append-only log of what people did to participants by hand, and why."""

from odoo import fields, models


class FlowIntervention(models.Model):
    _name = "flow.intervention"
    _description = "Campaign Intervention"
    _log_access = False  # written by one statement for many participants
    _order = "id desc"
    _rec_name = "kind"

    participant_id = fields.Many2one(
        "flow.participant", required=True, ondelete="cascade", readonly=True
    )
    campaign_id = fields.Many2one(
        "flow.campaign", required=True, ondelete="cascade", index=True, readonly=True
    )
    step_id = fields.Many2one(
        "flow.step", ondelete="cascade", index="btree_not_null", readonly=True
    )
    kind = fields.Selection(
        [
            ("run_now", "Run now"),
            ("skip", "Left out"),
            ("retry", "Tried again"),
            ("pause", "Paused"),
            ("resume", "Resumed"),
            ("release", "Released"),
            ("move", "Moved"),
            ("take_out", "Taken out"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", ondelete="set null", index="btree_not_null", readonly=True
    )
    moment = fields.Datetime(string="When", required=True, readonly=True)

    _of_participant = models.Index("(participant_id, id)")
