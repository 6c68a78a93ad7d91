"""How a campaign moves through its phases: what holds it back, and what moves it on."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import database_clock


class FlowPhase(models.Model):
    _inherit = "flow.phase"

    needs_approval = fields.Boolean(
        string="Needs approval",
        help="New campaigns need the approval of a campaign manager before this phase opens.",
    )
    task_ids = fields.One2many(
        "flow.phase.task",
        "phase_id",
        string="Tasks",
        domain=[("campaign_id", "=", False)],
        help="Each campaign that enters the phase gets these as activities.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        phases = super().create(vals_list)
        # sudo: a phase is one of all companies' campaigns
        campaigns = self.env["flow.campaign"].sudo().with_context(active_test=False)
        campaigns.search([("status", "!=", "done")])._add_phase_rows()
        return phases


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    phase_row_ids = fields.One2many(
        "flow.campaign.phase", "campaign_id", string="Phases", copy=True
    )
    phase_task_ids = fields.One2many(
        "flow.phase.task", "campaign_id", string="Tasks of this campaign", copy=True
    )
    next_phase_row_id = fields.Many2one("flow.campaign.phase", compute="_compute_next_phase")
    next_phase_problems = fields.Text(compute="_compute_next_phase")
    may_approve_next_phase = fields.Boolean(compute="_compute_next_phase")
    is_phase_awaited = fields.Boolean(compute="_compute_is_phase_awaited")

    @api.depends(
        "phase_id",
        "phase_row_ids.needs_approval",
        "phase_row_ids.approved_at",
        "phase_task_ids.is_mandatory",
        "activity_ids.active",
    )
    @api.depends_context("uid")
    def _compute_next_phase(self):
        for campaign in self:
            row = campaign._next_phase_row()
            problems = campaign._phase_problems(row.phase_id) if row else []
            campaign.next_phase_row_id = row
            campaign.next_phase_problems = "\n".join(problems)
            campaign.may_approve_next_phase = (
                row.needs_approval and not row.approved_at and row.may_approve
            )

    @api.depends("phase_id", "workflow_id.state_ids.phase_id")
    def _compute_is_phase_awaited(self):
        """Whether the workflow has states that begin with a phase which has not opened yet."""
        phases = self.env["flow.phase"]._in_order().ids
        for campaign in self:
            here = phases.index(campaign.phase_id.id) if campaign.phase_id.id in phases else -1
            awaited = campaign.workflow_id.state_ids.phase_id.ids
            campaign.is_phase_awaited = not set(phases[here + 1 :]).isdisjoint(awaited)

    @api.model_create_multi
    def create(self, vals_list):
        campaigns = super().create(vals_list)
        campaigns._add_phase_rows()
        campaigns._enter_phase()
        return campaigns

    def write(self, vals):
        before = {campaign: campaign.phase_id for campaign in self}
        if vals.get("phase_id"):
            target = self.env["flow.phase"].browse(vals["phase_id"])
            problems = [text for campaign in self for text in campaign._phase_problems(target)]
            if problems:
                raise UserError("\n".join(problems))
        result = super().write(vals)
        if "phase_id" in vals:
            self.filtered(lambda campaign: campaign.phase_id != before[campaign])._enter_phase()
        return result

    def copy(self, default=None):
        """The figures that open phases are those of the copy's own emails."""
        copies = super().copy(default)
        for duplicate in copies:
            duplicate._take_figures_over()
        return copies

    def _take_figures_over(self):
        """Let the figures that open phases be those of the emails of the present workflow.

        Figures go by key, so one of an email that is gone stays as it is.
        """
        self.ensure_one()
        own = {action.key: action for action in self.workflow_id.action_ids}
        for row in self.phase_row_ids.filtered("result_action_id"):
            row.result_action_id = own.get(row.result_action_id.key, row.result_action_id)

    def action_approve_next_phase(self):
        """Approve the opening of the next phase."""
        self.ensure_one()
        self.next_phase_row_id.action_approve()

    def _add_phase_rows(self):
        """Give campaigns a row for each phase that they have none for."""
        phases = self.env["flow.phase"]._in_order()
        # sudo: rows are made by the system, and take over from the phase whether it is approved
        self.env["flow.campaign.phase"].sudo().create(
            [
                {"campaign_id": campaign.id, "phase_id": phase.id}
                for campaign in self
                for phase in phases - campaign.phase_row_ids.phase_id
            ]
        )

    def _enter_phase(self):
        """Note that campaigns have entered their phase, and give people its tasks."""
        now = database_clock.now(self.env)
        for campaign in self:
            campaign._phase_rows(campaign.phase_id).entered_at = now
            campaign._phase_tasks(campaign.phase_id)._plan_for(campaign)

    def _phase_rows(self, phases):
        return self.phase_row_ids.filtered(lambda row: row.phase_id in phases)

    def _phase_tasks(self, phases):
        """Return the tasks that phases have in this campaign."""
        return self.env["flow.phase.task"].search(
            [("phase_id", "in", phases.ids), ("campaign_id", "in", (False, self.id))]
        )

    def _next_phase_row(self):
        """Return the row of the phase after the present one, empty in the last."""
        phases = self.env["flow.phase"]._in_order()
        place = phases.ids.index(self.phase_id.id) if self.phase_id else len(phases)
        return self._phase_rows(phases[place + 1 : place + 2])

    def _phase_problems(self, target):
        """Return what keeps the campaign from moving forward to a phase, as sentences.

        Back it may always go: who is inside a state already stays there.
        """
        self.ensure_one()
        phases = self.env["flow.phase"]._in_order()
        here, there = (phases.ids.index(phase.id) for phase in (self.phase_id, target))
        left, entered = phases[here:there], phases[here + 1 : there + 1]
        return [
            *(
                self.env._(
                    "“%(task)s” is to be done before “%(phase)s” ends.",
                    task=task.name,
                    phase=task.phase_id.name,
                )
                for task in self._unfinished_tasks(left)
            ),
            *(
                self.env._("“%s” needs the approval of a campaign manager.", row.phase_id.name)
                for row in self._phase_rows(entered)
                if row.needs_approval and not row.approved_at
            ),
        ]

    def _unfinished_tasks(self, phases):
        """Return the mandatory tasks of phases that are not done.

        In the present phase that is what people have been given; phases that would be jumped over
        count with all their tasks.
        """
        tasks = self._phase_tasks(phases).filtered("is_mandatory")
        activities = tasks._activities_of(self)
        given = activities.flow_task_id
        is_open = activities.filtered("active").flow_task_id
        return tasks.filtered(
            lambda task: task in is_open or (task.phase_id != self.phase_id and task not in given)
        )

    def _tasks_are_done(self):
        """Return whether the present phase had tasks, and all of them are done."""
        self.ensure_one()
        activities = self._phase_tasks(self.phase_id)._activities_of(self)
        return bool(activities) and not any(activities.mapped("active"))

    def _open_phase(self, row):
        """Move on to the phase of `row` because its moment has come; the chatter says why."""
        self.phase_id = row.phase_id
        self.message_post(
            body=self.env._(
                "“%(phase)s” opened by itself: %(reason)s",
                phase=row.phase_id.name,
                reason=row.opening_in_words,
            )
        )
