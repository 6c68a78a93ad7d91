"""One phase of one campaign: when it opens, and who has agreed to it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_datetime

from ..engine import database_clock

# What only a manager decides, and the fields that say who did.
MANAGED = frozenset({"needs_approval", "approved_by_id", "approved_at"})


class FlowCampaignPhase(models.Model):
    _name = "flow.campaign.phase"
    _description = "Phase of a Campaign"
    _inherit = ["flow.result.rule"]
    _order = "campaign_id, sequence, phase_id"
    _rec_name = "phase_id"

    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", index=True)
    workflow_id = fields.Many2one(related="campaign_id.workflow_id")
    phase_id = fields.Many2one("flow.phase", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(related="phase_id.sequence", store=True)
    opening = fields.Selection(
        [
            ("hand", "By hand"),
            ("date", "On a date"),
            ("tasks", "When the tasks of the phase before are done"),
            ("result", "When the campaign reaches a figure"),
        ],
        string="Opens",
        default="hand",
        required=True,
        help="By hand is always possible. Whatever opens the phase: mandatory tasks of the phase"
        " before must be done, and an approval given where one is needed.",
    )
    date_planned = fields.Datetime(string="Planned for", copy=False)
    look_at = fields.Datetime(string="Next look at the figure", readonly=True, copy=False)
    needs_approval = fields.Boolean(
        compute="_compute_needs_approval",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        string="Needs approval",
        help="A campaign manager has to approve before the phase opens.",
    )
    approved_by_id = fields.Many2one(
        "res.users", string="Approved by", readonly=True, copy=False, ondelete="restrict"
    )
    approved_at = fields.Datetime(string="Approved on", readonly=True, copy=False)
    entered_at = fields.Datetime(string="Entered on", readonly=True, copy=False)
    is_current = fields.Boolean(compute="_compute_is_current")
    opening_in_words = fields.Char(string="Opens when", compute="_compute_opening_in_words")
    may_approve = fields.Boolean(compute="_compute_may_approve")

    _once_per_campaign = models.Constraint(
        "UNIQUE(campaign_id, phase_id)", "A campaign goes through a phase once."
    )
    _approval_is_signed = models.Constraint(
        "CHECK((approved_at IS NULL) = (approved_by_id IS NULL))",
        "An approval has a person and a moment.",
    )

    @api.depends("phase_id")
    def _compute_needs_approval(self):
        for row in self:
            row.needs_approval = row.phase_id.needs_approval

    @api.depends("campaign_id.phase_id")
    def _compute_is_current(self):
        for row in self:
            row.is_current = row.phase_id == row.campaign_id.phase_id

    @api.depends(
        "opening",
        "date_planned",
        "result_metric",
        "result_action_id",
        "result_operator",
        "result_threshold",
    )
    def _compute_opening_in_words(self):
        labels = dict(self._fields["opening"]._description_selection(self.env))
        for row in self:
            words = labels[row.opening or "hand"]
            if row.opening == "date" and row.date_planned:
                day = format_datetime(self.env, row.date_planned, dt_format="short")
                words = self.env._("On %s", day)
            elif row.opening == "result":
                words = row._result_in_words()
            row.opening_in_words = words

    @api.depends_context("uid")
    def _compute_may_approve(self):
        self.may_approve = self._is_manager()

    @api.constrains("opening", "date_planned", "result_metric")
    def _check_opening_is_complete(self):
        for row in self:
            if row.opening == "date" and not row.date_planned:
                raise ValidationError(
                    self.env._("Say on which date the phase “%s” opens.", row.phase_id.name)
                )
        self.filtered(lambda row: row.opening == "result")._check_result_is_complete()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_managed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_managed(vals)
        if vals.keys() & {"opening", "result_metric", "result_threshold", "result_sample"}:
            vals = {"look_at": False, **vals}
        return super().write(vals)

    def copy_data(self, default=None):
        """Dates are not copied: the campaign that is copied has been there."""
        return [
            {**vals, "opening": "hand" if vals.get("opening") == "date" else vals.get("opening")}
            for vals in super().copy_data(default)
        ]

    def action_approve(self):
        """Agree to the opening of the phase; written down with the name and the moment.

        :raises AccessError: for people who are not campaign managers
        """
        self._sign(self.env.user)
        for row in self:
            row._tell(self.env._("The phase “%s” was approved.", row.phase_id.name))

    def action_withdraw(self):
        """Take an approval back, as long as the campaign has not entered the phase."""
        if any(row.phase_id.id in row.campaign_id._open_phase_ids() for row in self):
            raise UserError(self.env._("The campaign has entered this phase already."))
        self._sign(None)
        for row in self:
            row._tell(
                self.env._("The approval of the phase “%s” was withdrawn.", row.phase_id.name)
            )

    def _sign(self, user):
        if not self._is_manager():
            raise AccessError(self.env._("Only a campaign manager approves a phase."))
        self.write(
            {
                "approved_by_id": user and user.id,
                "approved_at": user and database_clock.now(self.env),
                "look_at": False,
            }
        )
        self.env["flow.campaign"]._wake_engine()

    def _tell(self, words):
        self.campaign_id.message_post(body=words, author_id=self.env.user.partner_id.id)

    def _is_manager(self):
        return self.env.su or self.env.user.has_group("marketing_campaign_flow.group_flow_manager")

    def _check_managed(self, vals):
        if MANAGED & vals.keys() and not self._is_manager():
            raise AccessError(self.env._("Only a campaign manager decides on approvals."))
