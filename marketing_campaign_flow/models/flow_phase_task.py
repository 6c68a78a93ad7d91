"""Staff tasks of a phase: they become activities of a campaign when it enters the phase."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import clock, database_clock


class FlowPhaseTask(models.Model):
    _name = "flow.phase.task"
    _description = "Task of a Campaign Phase"
    _order = "phase_id, sequence, id"

    name = fields.Char(string="Task", required=True, translate=True)
    sequence = fields.Integer(default=10)
    phase_id = fields.Many2one("flow.phase", required=True, ondelete="cascade", index=True)
    campaign_id = fields.Many2one(
        "flow.campaign",
        ondelete="cascade",
        index="btree_not_null",
        help="Empty: a task of every campaign that enters the phase.",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Type",
        ondelete="restrict",
        default=lambda self: self.env.ref("mail.mail_activity_data_todo", False),
        domain="[('res_model', 'in', (False, 'flow.campaign'))]",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Assigned to",
        domain="[('share', '=', False)]",
        help="Empty: the responsible of the campaign.",
    )
    days = fields.Integer(
        string="Due after (days)", help="Days from the opening of the phase to the due date."
    )
    is_mandatory = fields.Boolean(
        string="Mandatory", help="The campaign cannot go on to the next phase before this is done."
    )

    _days_positive = models.Constraint("CHECK(days >= 0)", "A task cannot be due before it begins.")

    @api.model_create_multi
    def create(self, vals_list):
        tasks = super().create(vals_list)
        for task in tasks:  # a phase that a campaign is in already gets the task at once
            if task.campaign_id.phase_id == task.phase_id:
                task._plan_for(task.campaign_id)
        return tasks

    def _plan_for(self, campaign):
        """Make these tasks activities of a campaign; those that were made before are left alone."""
        self = self - self._activities_of(campaign).flow_task_id
        now = database_clock.now(self.env)
        today = clock.to_local(now, campaign._timezone()).date()
        for task in self:
            campaign.activity_schedule(
                activity_type_id=task.activity_type_id.id,
                summary=task.name,
                user_id=(task.user_id or campaign.user_id).id,
                date_deadline=today + timedelta(days=task.days),
                flow_task_id=task.id,
            )

    def _activities_of(self, campaign):
        """Return the activities of a campaign that come from these tasks, those done included."""
        # sudo: a mandatory task counts for everybody, whoever may see its activity
        return (
            self.env["mail.activity"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("flow_task_id", "in", self.ids),
                    ("res_model", "=", campaign._name),
                    ("res_id", "=", campaign.id),
                ]
            )
        )

    def _check_may_be_cancelled(self, activities):
        """Refuse to cancel a mandatory task instead of doing it.

        :param activities: `mail.activity` records that are about to be deleted
        :raises UserError: when an unfinished one is mandatory
        """
        if self.env.su:  # the system deletes the activities of a campaign together with it
            return
        # sudo: whoever has the activity may not know the campaign, and the rule holds all the same
        for activity in activities.sudo():
            if activity.active and activity.flow_task_id.is_mandatory:
                raise UserError(
                    self.env._(
                        "“%s” is a mandatory task of the campaign: mark it as done.",
                        activity.summary,
                    )
                )
