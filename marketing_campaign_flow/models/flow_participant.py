"""One run of one contact through one campaign."""

from collections.abc import Collection

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import advance, by_hand, database_clock, undo, version_lock
from .chosen import chosen_domain

END = """
    WITH ended AS (
        UPDATE flow_participant
           SET status = 'ended', end_kind = %(kind)s, ended_at = %(now)s, next_at = NULL
         WHERE id = ANY(%(ids)s) AND status <> 'ended'
    )
    UPDATE flow_step SET status = 'cancelled', reason = %(kind)s, done_at = %(now)s
     WHERE participant_id = ANY(%(ids)s) AND status = 'scheduled' AND NOT id = ANY(%(running)s)
"""


def _campaign_of(domain):
    """Return the id of the only campaign that a domain on participants is about, if it says so."""
    named = [
        {condition.value} if condition.operator == "=" else set(condition.value)
        for condition in Domain(domain).iter_conditions()
        if condition.field_expr == "campaign_id"
        and (
            (condition.operator == "=" and isinstance(condition.value, int))
            or (condition.operator == "in" and isinstance(condition.value, Collection))
        )
    ]
    ids = named[0] if len(named) == 1 else ()
    return next(iter(ids)) if len(ids) == 1 else None


class FlowParticipant(models.Model):
    _name = "flow.participant"
    _description = "Campaign Participant"
    _log_access = False  # millions of rows, written by the engine, with moments of their own
    _order = "id desc"

    campaign_id = fields.Many2one(
        "flow.campaign", required=True, ondelete="cascade", index=True, readonly=True
    )
    state_id = fields.Many2one(
        "flow.state", required=True, ondelete="restrict", group_expand="_read_group_states"
    )
    status = fields.Selection(
        [("held", "Waiting for the phase"), ("active", "Under way"), ("ended", "Ended")],
        required=True,
        readonly=True,
    )
    end_kind = fields.Selection(
        [
            ("goal", "Goal reached"),
            ("exit", "Left"),
            ("done", "Finished"),
            ("left", "No longer in the audience"),
            ("removed", "Taken out"),
            ("runaway", "Went in circles"),
            ("stopped", "Campaign stopped"),
            ("deleted", "Contact deleted"),
            ("guest", "Only written to by hand"),
            ("held_out", "Held out"),
        ],
        string="How it ended",
        readonly=True,
    )
    visit = fields.Integer(readonly=True, help="How many states were entered so far.")
    run_number = fields.Integer(string="Run", readonly=True)
    started_at = fields.Datetime(string="In the campaign since", readonly=True)
    entered_at = fields.Datetime(string="In this state since", readonly=True)
    next_at = fields.Datetime(string="Next look", readonly=True)
    ended_at = fields.Datetime(string="Ended on", readonly=True)
    res_id = fields.Many2oneReference(
        string="Contact ID", model_field="target_model", required=True, readonly=True
    )
    target_model = fields.Selection(related="campaign_id.target_model")
    partner_id = fields.Many2one(
        "res.partner", string="Contact", ondelete="set null", index="btree_not_null", readonly=True
    )
    email_key = fields.Char(string="Email", readonly=True, help="The address at the time of entry.")
    name = fields.Char(required=True, readonly=True)
    # Numbers, not references: figures by country and salesperson say what was the case at the time,
    # and a million newcomers need not be looked up twice each.
    country_ref = fields.Integer(
        "Country at entry", readonly=True, help="The number of the contact's country."
    )
    salesperson_ref = fields.Integer(
        "Salesperson at entry", readonly=True, help="The number of the contact's salesperson."
    )
    is_added = fields.Boolean(
        string="Added",
        readonly=True,
        help="Brought in by another campaign; stays although the audience may not know it.",
    )
    is_paused = fields.Boolean(
        string="Paused", readonly=True, help="Nothing happens to it until somebody resumes it."
    )
    comparison = fields.Selection(
        [("treated", "Takes part"), ("held_out", "Held out")],
        string="In the comparison",
        readonly=True,
        copy=False,  # another run of the same person
        help="Who was held out to see what the campaign brings, and who is compared with them."
        " Empty: came in by hand or once more, or nobody was held out.",
    )
    release_key = fields.Char(
        readonly=True, help="The way, or the door, by which a person lets it go on."
    )
    step_ids = fields.One2many("flow.step", "participant_id", string="Steps")
    event_ids = fields.One2many("flow.event", "participant_id", string="Reactions")

    # A contact, and an address, is on its way through a campaign once at a time.
    _one_run_per_contact = models.UniqueIndex("(campaign_id, res_id) WHERE status <> 'ended'")
    _one_run_per_address = models.UniqueIndex("(campaign_id, email_key) WHERE status <> 'ended'")
    # The history of a contact in a campaign: its runs are numbered.
    _runs_numbered = models.UniqueIndex("(campaign_id, res_id, run_number)")
    # What the engine polls: whoever is due, campaign by campaign. With the id, because everybody
    # who came in at once is due at the same moment, and the claim takes them in order.
    _due = models.Index("(campaign_id, next_at, id) WHERE next_at IS NOT NULL")

    # The newest of a column of the board, and what deleting a state asks.
    _of_state = models.Index("(state_id, id)")

    # Who is compared, and by which address what they do is told; see `contact_events`.
    _compared = models.Index("(campaign_id, email_key) WHERE comparison IS NOT NULL")
    # Whose reactions are told apart from those of the people who take part.
    _held_out = models.Index("(id) WHERE end_kind = 'held_out'")
    # Whose steps are left alone by every claim.
    _paused = models.Index("(campaign_id) WHERE is_paused")

    @api.model
    def _read_group_states(self, states, domain):
        """Show every state of the campaign as a column, in the order of the workflow."""
        campaign_id = _campaign_of(domain) or self.env.context.get("flow_campaign_id")
        workflow = self.env["flow.campaign"].browse(campaign_id or []).workflow_id
        return (states | workflow.state_ids).sorted(lambda state: (state.sequence, state.id))

    def write(self, vals):
        """Dragging a card to another column moves the participant by hand, which can be undone for
        a moment; nothing else may be changed by people."""
        if self.env.su:
            return super().write(vals)
        if vals.keys() - {"state_id"}:
            raise AccessError(self.env._("Participants are kept by the campaign."))
        self.action_move(vals["state_id"])
        undo.hold_back(self.env, self.ids, database_clock.now(self.env))
        return True

    def action_move(self, state_id, reason=None):
        """Move participants to another state by hand.

        A manual transition that leads there fires with its actions; where there is none the
        participants just go.

        :param state_id: id of a state of the same workflow
        :param reason: why, for the timeline
        :raises UserError: with the reason why a participant cannot be moved there
        """
        self.check_access("write")
        now = database_clock.now(self.env)
        for campaign in self.campaign_id:
            version_lock.share(self.env, campaign, wait=True)
            plan = campaign.workflow_id._plan()
            target = plan.states.get(state_id)
            movers = self.filtered(lambda p, campaign=campaign: p.campaign_id == campaign)
            if campaign.status not in ("running", "paused"):
                raise UserError(
                    self.env._(
                        "“%s” is not running: its participants stay where they are.", campaign.name
                    )
                )
            if target is None:
                raise UserError(
                    self.env._(
                        "The workflow of “%s” does not have this state any more.", campaign.name
                    )
                )
            movers._lock()
            if gone := movers.filtered(lambda participant: participant.status == "ended"):
                raise UserError(
                    self.env._(
                        "“%s” has left the campaign and cannot be moved. “Put back” lets them start"
                        " once more.",
                        gone[0].name,
                    )
                )
            for state in movers.state_id:
                group = movers.filtered(lambda p, state=state: p.state_id == state)
                manual = next(
                    (
                        transition
                        for transition in plan.transitions_from(plan.states[state.id])
                        if transition.trigger == "manual" and transition.target_id == state_id
                    ),
                    None,
                )
                advance.move(self.env, campaign, manual, target, group.ids, now, self.env.uid)
            if reason:
                by_hand.note(self.env, movers.ids, "move", now, reason)
            campaign._wake_engine()
        self.env.invalidate_all()

    def action_send_by_hand(self):
        """Open the mail composer for these participants, who are in one campaign."""
        domain = chosen_domain(self)
        campaigns = self.campaign_id
        if len(campaigns) != 1:
            raise UserError(self.env._("Choose participants of one campaign."))
        of_campaign = Domain("campaign_id", "=", campaigns.id)
        return campaigns._compose_by_hand({"participants": list(Domain(domain) & of_campaign)})

    def action_take_out(self):
        """Take participants out of their campaign; they stay out until a person puts them back."""
        self.check_access("write")
        self._lock()
        under_way = self.filtered(lambda participant: participant.status != "ended")
        now = database_clock.now(self.env)
        by_hand.note(self.env, under_way.ids, "take_out", now, None)
        under_way._end("removed", now)

    def action_put_back(self):
        """Let people who have ended start once more, as a new run; their history stays.

        :raises UserError: for those who are on their way, or whose campaign does not run
        """
        self.check_access("write")
        now = database_clock.now(self.env)
        for participant in self:
            campaign = participant.campaign_id
            if campaign.status not in ("running", "paused") or participant.status != "ended":
                raise UserError(
                    self.env._("“%s” cannot be put back into the campaign.", participant.name)
                )
            runs = self.search(
                [("campaign_id", "=", campaign.id), ("res_id", "=", participant.res_id)]
            )
            if any(run.end_kind == "held_out" for run in runs):
                raise UserError(
                    self.env._(
                        "“%s” is held out of this campaign, to see what it brings: who is held out"
                        " stays out.",
                        participant.name,
                    )
                )
            if any(run.status != "ended" for run in runs):
                raise UserError(self.env._("“%s” is in the campaign already.", participant.name))
            contact = campaign._target_values(participant.res_id)
            if not contact:
                raise UserError(self.env._("The contact “%s” was deleted.", participant.name))
            version_lock.share(self.env, campaign, wait=True)
            # sudo: participants are kept by the system; who may write the campaign's may add a run
            participant.sudo().copy(
                {
                    **contact,
                    "state_id": campaign.workflow_id._plan().start.id,
                    "name": contact["name"] or participant.name,
                    "status": "held",
                    "end_kind": False,
                    "ended_at": False,
                    "visit": 0,
                    "run_number": max(runs.mapped("run_number")) + 1,
                    "started_at": now,
                    "entered_at": now,
                    "next_at": now,
                }
            )
            campaign._wake_engine()

    def action_open_contact(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.target_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    def _lock(self):
        """Wait for whoever moves these participants right now, then see them as they are."""
        self.env.cr.execute(
            SQL(
                "SELECT 1 FROM flow_participant WHERE id = ANY(%s) ORDER BY id FOR UPDATE", self.ids
            )
        )
        self.invalidate_recordset()

    def _end(self, end_kind, now, running=()):
        """End the runs of those who are still on their way and cancel what was scheduled.

        :param running: ids of the steps that are being run and do this
        """
        self.env.flush_all()
        self.env.cr.execute(SQL(END, kind=end_kind, now=now, ids=self.ids, running=list(running)))
        self.env["flow.step"].invalidate_model()
        self.invalidate_model()

    @api.model
    def _end_for_deleted(self, contacts):
        """End the runs of contacts that are about to be deleted; their history stays.

        :param contacts: records of a campaign's target model
        """
        self._end_runs_of(contacts, "deleted")

    @api.model
    def _end_runs_of(self, contacts, end_kind):
        # sudo: whoever may change a contact ends its runs, whether they see the campaign or not.
        runs = self.sudo().search(
            [
                ("campaign_id.target_model", "=", contacts._name),
                ("res_id", "in", contacts.ids),
            ]
        )  # those that have ended as well: somebody may have planned a message to them by hand
        if runs:
            runs._end(end_kind, database_clock.now(self.env))
