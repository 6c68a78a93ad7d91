"""The ledger: one action for one participant for one visit of a state."""

from odoo import fields, models

from ..engine.execute import Outcome


class FlowStep(models.Model):
    _name = "flow.step"
    _description = "Campaign Step"
    _log_access = False  # millions of rows, written by the engine, with moments of their own
    _order = "due_at desc, id desc"

    participant_id = fields.Many2one(
        "flow.participant", required=True, ondelete="cascade", readonly=True
    )
    campaign_id = fields.Many2one(
        "flow.campaign", required=True, ondelete="cascade", index=True, readonly=True
    )
    action_id = fields.Many2one("flow.action", ondelete="set null", index=True, readonly=True)
    action_key = fields.Char(required=True, readonly=True)
    state_id = fields.Many2one("flow.state", ondelete="set null", readonly=True)
    transition_id = fields.Many2one(
        "flow.transition", ondelete="set null", index="btree_not_null", readonly=True
    )
    visit = fields.Integer(required=True, readonly=True)
    occurrence = fields.Integer(
        required=True,
        default=0,
        readonly=True,
        help="The event for which the action ran, where it runs each time; 0 otherwise.",
    )
    status = fields.Selection(
        [
            ("scheduled", "Scheduled"),
            ("sending", "Being sent"),
            ("done", "Done"),
            ("skipped", "Skipped"),
            ("failed", "Failed"),
            ("uncertain", "Uncertain"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True, help="Why it was skipped, failed or was cancelled.")
    wait_reason = fields.Selection(
        [
            ("hours", "Outside the hours of the action"),
            ("quiet", "Quiet hours"),
            ("now", "Somebody wants it now"),
            ("budget", "The budget is used up"),
            ("rate", "The sending rate is reached"),
            ("phase", "The phase is not open"),
            ("cap", "The contact has had enough messages lately"),
            ("server", "The mail server does not answer"),
            ("test", "It is not known yet which version of the email is better"),
        ],
        string="Waits because",
        readonly=True,
        help="Why a scheduled action does not run before its due moment.",
    )
    due_at = fields.Datetime(string="Due", readonly=True)
    done_at = fields.Datetime(string="Run on", readonly=True)
    attempts = fields.Integer(readonly=True)
    is_message = fields.Boolean(
        required=True,
        default=False,
        readonly=True,
        help="Handed to the outside at most once; the step itself is the outbox.",
    )
    is_call = fields.Boolean(
        required=True,
        default=False,
        readonly=True,
        help="Made at least once, outside the database; the step itself is the outbox.",
    )
    arm = fields.Char(
        "Version",
        readonly=True,
        help="Which version of the email, where versions are tested; from the second test on with"
        " the number of the test.",
    )
    cost = fields.Float(
        digits=(16, 6),
        readonly=True,
        help="What it cost, or what is reserved for it while it is being sent.",
    )
    claimed_by = fields.Integer(readonly=True, help="The worker that has the step in hand.")
    delivery_ids = fields.One2many("flow.delivery", "step_id", string="Attempts to deliver")

    # The insert is the right to act: an action runs once per visit, or once per event in it.
    _once_per_visit = models.Constraint(
        "UNIQUE(participant_id, action_key, visit, occurrence)",
        "An action runs once per visit of a state.",
    )
    # What the engine polls: due work, campaign by campaign; messages and calls, which take their
    # time, apart from the rest. Two flags cost nothing in an entry that is padded anyway.
    # What waits for money is in none of these queues, see `engine.budget`.
    _due = models.Index(
        "(campaign_id, is_message, is_call, due_at, id)"
        " WHERE status = 'scheduled' AND wait_reason IS DISTINCT FROM 'budget'"
    )
    _unpaid = models.Index(
        "(campaign_id, action_id, due_at, id) WHERE status = 'scheduled' AND wait_reason = 'budget'"
    )
    # A step is in one of three queues.
    _one_contract = models.Constraint(
        "CHECK(NOT (is_message AND is_call))", "A step is either a message or a call."
    )
    # Deleting a state of a draft asks whether a step refers to it. A range of pages is left out by
    # the states that occur there, and drafts are new; entering a state pays nothing for it.
    _of_state = models.Index("USING BRIN (state_id) WITH (autosummarize = on)")
    # Who got a version of an email that is tested; the others are not in it.
    _of_arm = models.Index("(campaign_id, action_key) WHERE arm IS NOT NULL")
    # What workers that have died left behind.
    _claimed = models.Index("(claimed_by) WHERE claimed_by IS NOT NULL")

    def _contacts(self):
        """Return the contact of each step, and what becomes of steps whose contact is gone.

        :return: ``{step: record of the campaign's target model}`` and ``{step id: Outcome}``
        """
        contacts = self.env[self.campaign_id.target_model].browse(
            self.participant_id.mapped("res_id")
        )
        contact_of_id = {contact.id: contact for contact in contacts.exists()}
        contact_of, outcomes = {}, {}
        for step in self:
            contact = contact_of_id.get(step.participant_id.res_id)
            if contact:
                contact_of[step] = contact
            else:
                reason = self.env._("The contact was deleted")
                outcomes[step.id] = Outcome("skipped", reason)
        return contact_of, outcomes
