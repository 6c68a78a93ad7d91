"""Visits: the append-only log of the states that participants entered, or stand at the door of."""

from odoo import fields, models


class FlowVisit(models.Model):
    _name = "flow.visit"
    _description = "Visit of a State"
    _log_access = False  # millions of rows, written by the engine, with moments of their own
    _order = "id"
    _rec_name = "state_key"

    participant_id = fields.Many2one(
        "flow.participant", required=True, ondelete="cascade", readonly=True
    )
    visit = fields.Integer(required=True, readonly=True)
    kind = fields.Selection(
        [("entered", "Entered"), ("held", "Waits at the door")], required=True, readonly=True
    )
    # Keys, not references: history outlives a version of the workflow, and a row costs one lookup
    # less to write.
    state_key = fields.Char(required=True, readonly=True)
    transition_key = fields.Char(readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Moved by", ondelete="set null", index="btree_not_null", readonly=True
    )
    moment = fields.Datetime(string="When", required=True, readonly=True)

    _of_participant = models.Index("(participant_id, id)")
    # Who went a way, or was in a state: with the participant, so that one page of many is found
    # without counting them all.
    _of_way = models.Index("(transition_key, participant_id) WHERE transition_key IS NOT NULL")
    _of_state = models.Index("(state_key, participant_id)")
