"""Approvals of budgets: above an amount, a campaign manager agrees before a campaign starts."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine import database_clock
from .finding import Finding

ACTIVITY = "marketing_campaign_flow.mail_activity_type_approval"


class ResCompany(models.Model):
    _inherit = "res.company"

    flow_approval_amount = fields.Monetary(
        string="Budgets that need approval",
        help="A campaign with a larger budget needs the approval of a campaign manager before it is"
        " launched. 0: no campaign does.",
    )

    _flow_approval_amount_positive = models.Constraint(
        "CHECK(flow_approval_amount IS NULL OR flow_approval_amount >= 0)",
        "The amount above which budgets need approval cannot be negative.",
    )


class FlowBudgetApproval(models.Model):
    _name = "flow.budget.approval"
    _description = "Approval of a Campaign Budget"
    _order = "moment desc, id desc"
    _rec_name = "campaign_id"

    campaign_id = fields.Many2one(
        "flow.campaign", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    # Not that of the campaign, which may change: this is what was agreed to.
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(string="Up to", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Approved by", required=True, readonly=True, ondelete="restrict"
    )
    moment = fields.Datetime(string="Approved on", required=True, readonly=True)


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    approval_ids = fields.One2many("flow.budget.approval", "campaign_id", readonly=True, copy=False)
    approved_amount = fields.Monetary("Approved up to", compute="_compute_budget_approval")
    approval_problem = fields.Char(compute="_compute_budget_approval")
    may_approve_budget = fields.Boolean(compute="_compute_budget_approval")

    @api.depends(
        "status",
        "budget_amount",
        "currency_id",
        "approval_ids.amount",
        "company_id.flow_approval_amount",
    )
    @api.depends_context("uid")
    def _compute_budget_approval(self):
        for campaign in self:
            own = campaign.approval_ids.filtered(
                lambda approval, campaign=campaign: approval.currency_id == campaign.currency_id
            )
            campaign.approved_amount = own.sorted("id", reverse=True)[:1].amount
            campaign.approval_problem = campaign._approval_problem()
            campaign.may_approve_budget = (
                bool(campaign.approval_problem) and self._is_decided_by_manager()
            )

    def _free_amount(self):
        """Return up to which budget the campaign needs no approval; None if none ever does."""
        self.ensure_one()
        # sudo: a limit of the company that everybody is told who exceeds it
        company = self.company_id.sudo()
        if not company.flow_approval_amount:
            return None
        return company.currency_id._convert(
            company.flow_approval_amount,
            self.currency_id,
            company,
            database_clock.now(self.env).date(),
        )

    def _approval_problem(self):
        """Return what is missing before so much money may be spent, as a sentence, else False."""
        if self.status == "done" or not self.company_id or not self.currency_id:
            return False
        free = self._free_amount()
        agreed = max(self.approved_amount, free or 0)
        if free is None or self.currency_id.compare_amounts(self.budget_amount, agreed) <= 0:
            return False
        words = {"budget": self._in_currency(self.budget_amount), "free": self._in_currency(free)}
        if not self.approved_amount:
            return self.env._(
                "The budget of %(budget)s needs the approval of a campaign manager, as all above"
                " %(free)s.",
                **words,
            )
        return self.env._(
            "The budget of %(budget)s needs the approval of a campaign manager: up to %(agreed)s"
            " was approved.",
            agreed=self._in_currency(self.approved_amount),
            **words,
        )

    def _problems(self, figures=None):
        problems = super()._problems(figures)
        if self.approval_problem:
            problems.append(Finding(self.approval_problem, self, **self._approval_step()))
        return problems

    def _approval_step(self):
        """Return what this user can do about a missing approval, as a `Finding` has it."""
        if self.may_approve_budget:
            return {"method": "action_approve_budget", "label": self.env._("Approve")}
        if self._approval_activities():
            return {"page": "budget"}
        return {"method": "action_ask_for_approval", "label": self.env._("Ask for approval")}

    def _budget_limit(self):
        """Hold a budget that was raised without approval to what is agreed to."""
        limits = super()._budget_limit()
        for campaign in self:
            # sudo: what is agreed to does not depend on who asks
            campaign = campaign.sudo()
            if campaign.approval_problem:
                limits[self.browse(campaign.id)] = max(
                    campaign.approved_amount, campaign._free_amount()
                )
        return limits

    def action_approve_budget(self):
        """Agree to the budget; written down with the amount, the name and the moment.

        :raises AccessError: for people who are not campaign managers
        :raises UserError: when there is nothing to approve
        """
        if not self._is_decided_by_manager():
            raise AccessError(self.env._("Only a campaign manager approves budgets."))
        self.check_access("write")
        for campaign in self:
            if not campaign.approval_problem:
                raise UserError(self.env._("“%s” needs no approval.", campaign.name))
        # sudo: approvals are made here only, for a manager
        self.env["flow.budget.approval"].sudo().create(
            [
                {
                    "campaign_id": campaign.id,
                    "currency_id": campaign.currency_id.id,
                    "amount": campaign.budget_amount,
                    "user_id": self.env.uid,
                    "moment": database_clock.now(self.env),
                }
                for campaign in self
            ]
        )
        for campaign in self:
            campaign._approval_activities().action_feedback(feedback=self.env._("Approved."))
            campaign.message_post(
                body=self.env._(
                    "The budget of %s was approved.", campaign._in_currency(campaign.budget_amount)
                ),
                author_id=self.env.user.partner_id.id,
            )
        self._budget_changed()

    def action_ask_for_approval(self):
        """Give all campaign managers of the company an activity, once."""
        for campaign in self:
            if campaign.approval_problem and not campaign._approval_activities():
                for manager in campaign._managers():
                    campaign.activity_schedule(
                        ACTIVITY, note=campaign.approval_problem, user_id=manager.id
                    )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The campaign managers have been asked."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _approval_activities(self):
        """Return the open activities of managers; sudo: each of them, whoever approves first."""
        kind = self.env.ref(ACTIVITY)
        return self.sudo().activity_ids.filtered(lambda own: own.activity_type_id == kind)

    def _managers(self):
        """Return who may approve for the company of this campaign."""
        # sudo: which colleagues are managers is no secret to whoever asks them
        group = self.env.ref("marketing_campaign_flow.group_flow_manager").sudo()
        return group.all_user_ids.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )
