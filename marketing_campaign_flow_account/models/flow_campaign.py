"""The analytic account of a campaign: what accounting spends on it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

# Remembers the plan that accounts of campaigns are made in.
PLAN_PARAMETER = "marketing_campaign_flow.analytic_plan"


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        ondelete="set null",
        copy=False,
        index="btree_not_null",
        tracking=True,
        domain="[('company_id', 'in', (company_id, False))]",
        help="Vendor bills, credit notes and expenses that are charged to this account are actual"
        " costs of the campaign.",
    )
    may_choose_account = fields.Boolean(compute="_compute_may_choose_account")

    _unique_analytic_account = models.Constraint(
        "UNIQUE(analytic_account_id)", "This analytic account belongs to another campaign already."
    )

    @api.depends_context("uid")
    def _compute_may_choose_account(self):
        self.may_choose_account = self._may_choose_account()

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("analytic_account_id") for vals in vals_list):
            self._check_may_choose_account()
        return super().create(vals_list)

    def write(self, vals):
        if "analytic_account_id" in vals:
            self._check_may_choose_account()
        return super().write(vals)

    def _may_choose_account(self):
        return self.env["account.analytic.line"].has_access("read")

    def _check_may_choose_account(self):
        """The money on an account shows in the campaign: who may not see it does not choose."""
        if not self._may_choose_account():
            raise AccessError(
                self.env._(
                    "Only people with access to analytic accounting choose the analytic account of"
                    " a campaign. “Create the analytic account” makes a new one."
                )
            )

    @api.constrains("analytic_account_id", "company_id")
    def _check_analytic_account(self):
        for campaign in self:
            # sudo: the account may be of a company that the user does not see
            company = campaign.analytic_account_id.sudo().company_id
            if company and company != campaign.company_id:
                raise ValidationError(
                    self.env._(
                        "The analytic account of “%s” belongs to another company.", campaign.name
                    )
                )

    def action_create_analytic_account(self):
        """Give campaigns that have none an analytic account of their own."""
        self.check_access("write")
        plan = self._analytic_plan()
        # sudo: a new account that nothing is charged to yet
        accounts = self.env["account.analytic.account"].sudo()
        for campaign in self.sudo().filtered(lambda campaign: not campaign.analytic_account_id):
            campaign.analytic_account_id = accounts.create(
                {
                    "name": campaign.name,
                    "plan_id": plan.id,
                    "company_id": campaign.company_id.id,
                }
            )

    def action_view_analytic_account(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.analytic.account",
            "res_id": self.analytic_account_id.id,
            "views": [(False, "form")],
        }

    @api.model
    def _analytic_plan(self):
        """Return the plan for accounts of campaigns, which is made when it is first wanted."""
        # sudo: one plan for all, remembered by its id so that it may be renamed
        parameters = self.env["ir.config_parameter"].sudo()
        plans = self.env["account.analytic.plan"].sudo()
        plan = plans.browse(int(parameters.get_param(PLAN_PARAMETER) or 0)).exists()
        if not plan:
            name = self.env._("Campaigns")
            plan = plans.search([("name", "=", name), ("parent_id", "=", False)], limit=1)
            plan = plan or plans.create({"name": name})
            parameters.set_param(PLAN_PARAMETER, plan.id)
        return plan
