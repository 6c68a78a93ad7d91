"""Release those who wait for a person: along a way by hand, or through the door of a phase.

The engine takes them on, a batch at a time, so that a million are released as quickly as ten.
"""

import ast

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import by_hand, database_clock, version_lock


class FlowRelease(models.TransientModel):
    _name = "flow.release"
    _description = "Release Participants"

    campaign_id = fields.Many2one("flow.campaign", required=True, readonly=True)
    choice = fields.Text(required=True, readonly=True)
    state_id = fields.Many2one("flow.state", string="From", readonly=True)
    way_ids = fields.Many2many("flow.transition", compute="_compute_way_ids")
    transition_id = fields.Many2one(
        "flow.transition",
        string="By the way",
        domain="[('id', 'in', way_ids)]",
        compute="_compute_transition_id",
        store=True,
        readonly=False,
    )
    waiting_count = fields.Integer(string="Waiting in the state", compute="_compute_counts")
    door_count = fields.Integer(string="Waiting at the door", compute="_compute_counts")
    reason = fields.Char(help="Stands in their timelines.")
    in_words = fields.Char(compute="_compute_in_words")

    @api.depends("state_id", "campaign_id")
    def _compute_way_ids(self):
        for wizard in self:
            workflow = wizard.campaign_id.workflow_id
            ways = wizard.state_id.transition_ids | workflow.any_transition_ids
            wizard.way_ids = ways.filtered(lambda way: way.trigger == "manual" and way.target_id)

    @api.depends("way_ids")
    def _compute_transition_id(self):
        for wizard in self:
            wizard.transition_id = wizard.way_ids[:1]

    @api.depends("choice", "state_id", "transition_id")
    def _compute_counts(self):
        participants = self.env["flow.participant"]
        for wizard in self:
            domain = wizard._domain()
            active, held = Domain("status", "=", "active"), Domain("status", "=", "held")
            wizard.waiting_count = participants.search_count(domain & active)
            wizard.door_count = participants.search_count(domain & held)

    @api.depends("waiting_count", "door_count", "transition_id")
    def _compute_in_words(self):
        for wizard in self:
            going = wizard.door_count + (wizard.waiting_count if wizard.transition_id else 0)
            wizard.in_words = self.env["flow.participant"]._release_in_words(going)

    def _domain(self):
        return (
            Domain(ast.literal_eval(self.choice))
            & Domain("campaign_id", "=", self.campaign_id.id)
            & Domain("state_id", "=", self.state_id.id)
        )

    def action_apply(self):
        """Let those go on who still wait there.

        :raises UserError: when nobody does, or the campaign does not run
        """
        self.ensure_one()
        campaign, state = self.campaign_id, self.state_id
        campaign.check_access("write")
        version_lock.share(self.env, campaign, wait=True)
        if campaign.status not in ("running", "paused"):
            raise UserError(self.env._("“%s” does not run.", campaign.name))
        if not state:
            raise UserError(self.env._("Choose participants who are in one state."))
        count = self._release("held", state.key)
        if self.transition_id:
            if self.transition_id not in self.way_ids:
                raise UserError(self.env._("There is a new version of the workflow: try again."))
            count += self._release("active", self.transition_id.key)
        if not count:
            raise UserError(
                self.env._(
                    "Nobody waits there for a person: the state has no way out “By hand”, or they"
                    " have gone on meanwhile."
                )
            )
        campaign._wake_engine()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": state.name,
                "message": self.env._("One contact goes on now.")
                if count == 1
                else self.env._("%s contacts go on now.", count),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _release(self, status, key):
        return by_hand.change(
            self.env,
            by_hand.RELEASE,
            "release",
            database_clock.now(self.env),
            reason=self.reason,
            key=key,
            campaign=self.campaign_id.id,
            state=self.state_id.id,
            status=status,
            chosen=SQL(
                "p.id IN %s", self.env["flow.participant"]._search(self._domain()).subselect()
            ),
        )
