"""Launching by itself: a campaign that is planned for a moment is launched then."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import database_clock

CRON = "marketing_campaign_flow.ir_cron_launch"


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    launch_at = fields.Datetime(
        string="Launch on",
        copy=False,
        tracking=True,
        help="The campaign is launched by itself then, if nothing is missing; otherwise its"
        " responsible is told. Empty: it is launched by hand.",
    )
    is_scheduled = fields.Boolean(compute="_compute_is_scheduled", search="_search_is_scheduled")
    starts_at = fields.Datetime(
        string="Launch",
        compute="_compute_starts_at",
        store=True,
        help="When it was launched, or is planned to be.",
    )

    @api.depends("status", "launch_at")
    def _compute_is_scheduled(self):
        for campaign in self:
            campaign.is_scheduled = campaign.status == "draft" and bool(campaign.launch_at)

    def _search_is_scheduled(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("status", "=", "draft"), ("launch_at", "!=", False)]

    @api.depends("date_start", "launch_at")
    def _compute_starts_at(self):
        for campaign in self:
            campaign.starts_at = campaign.date_start or campaign.launch_at

    @api.model_create_multi
    def create(self, vals_list):
        campaigns = super().create(vals_list)
        campaigns.filtered("launch_at")._plan_launch()
        return campaigns

    def write(self, vals):
        result = super().write(vals)
        if vals.get("launch_at"):
            self._plan_launch()
        return result

    def _plan_launch(self):
        """Have the scheduler look when the moment has come.

        :raises AccessError: for a campaign that acts with rights that the user may not decide on
        """
        # sudo: the job is the addon's own, and only woken
        job = self.env.ref(CRON).sudo()
        for campaign in self:
            campaign._check_may_act_for(campaign.user_id)
            if campaign.status != "draft":
                raise UserError(self.env._("“%s” has been launched already.", campaign.name))
            job._trigger(at=campaign.launch_at)

    def _before_launch(self):
        self.launch_at = False
        return super()._before_launch()

    @api.model
    def _cron_launch(self):
        """Launch the campaigns whose moment has come; called by a scheduled job."""
        now = database_clock.now(self.env)
        due = self.search([("status", "=", "draft"), ("launch_at", "<=", now)])
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for campaign in due:
            campaign._launch_as_planned()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _launch_as_planned(self):
        """Launch with the rights of the responsible, who is told when that cannot be done."""
        try:
            with self.env.cr.savepoint():
                self._as_responsible().action_launch()
        except UserError as error:  # also of rights, and of what is not complete
            self.launch_at = False
            self._schedule_trouble(self.env._("The campaign was not launched"), str(error))
