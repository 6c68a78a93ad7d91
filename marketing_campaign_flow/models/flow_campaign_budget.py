"""The budget of a campaign: what is planned, spent, committed, left and expected."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import formatLang

# In the context, puts off the look at a budget that changes in several pieces. Being compared by
# identity it cannot come from outside.
LATER = object()

# What money counts as, by the kind of its rows.
COMMITTED = ("committed", "reserved")
SPENT = ("actual", *COMMITTED)
FORECAST = (*SPENT, "expected")


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the company"
    )
    budget_line_ids = fields.One2many("flow.budget.line", "campaign_id", copy=True)
    budget_amount = fields.Monetary(
        "Budget",
        compute="_compute_budget_amount",
        store=True,
        readonly=False,
        tracking=True,
        help="The sum of the budget lines where there are any, else what you enter here.",
    )
    cost_total = fields.Monetary(
        "Actual costs",
        compute="_compute_costs",
        help="What was spent: confirmed costs, messages sent, and what accounting has posted.",
    )
    cost_committed = fields.Monetary(
        "Committed",
        compute="_compute_costs",
        help="What is ordered and not yet billed, and messages about to leave.",
    )
    budget_available = fields.Monetary(
        "Available", compute="_compute_costs", help="Budget − committed − actual."
    )
    budget_used = fields.Integer(
        "Budget used (%)",
        compute="_compute_costs",
        help="Actual and committed costs compared with the budget.",
    )
    cost_expected = fields.Monetary(
        "Expected",
        compute="_compute_forecast",
        help="Messages that the participants who are on their way will probably still get.",
    )
    cost_forecast = fields.Monetary(
        "Forecast", compute="_compute_forecast", help="Actual + committed + expected."
    )

    _budget_positive = models.Constraint(
        "CHECK(budget_amount >= 0)", "A budget cannot be negative."
    )

    @api.depends("budget_line_ids.amount")
    def _compute_budget_amount(self):
        for campaign in self:
            lines = campaign.budget_line_ids
            # Without lines it is what was entered, or what the last lines came to.
            campaign.budget_amount = (
                sum(lines.mapped("amount")) if lines else campaign.budget_amount
            )

    @api.depends("budget_amount", "cost_ids.net_amount", "cost_ids.status")
    def _compute_costs(self):
        money = self._money()
        for campaign in self:
            found = money.get(campaign._origin.id, {})
            campaign.cost_total = found.get("actual", 0)
            campaign.cost_committed = sum(found.get(kind, 0) for kind in COMMITTED)
            gone = campaign.cost_total + campaign.cost_committed
            campaign.budget_available = campaign.budget_amount - gone
            used = gone / campaign.budget_amount if campaign.budget_amount else 0
            campaign.budget_used = round(100 * used)

    @api.depends("cost_total", "cost_committed")
    def _compute_forecast(self):
        money = self._money(("expected",))
        for campaign in self:
            campaign.cost_expected = money.get(campaign._origin.id, {}).get("expected", 0)
            campaign.cost_forecast = (
                campaign.cost_total + campaign.cost_committed + campaign.cost_expected
            )

    def _money(self, kinds=SPENT, sources=None, measure="amount"):
        """Add up the money of these campaigns in one statement: ``{id: {kind: sum}}``.

        :param kinds: of `flow.money`; naming them spares the work for the others
        :param sources: narrows it down to some sources
        :param measure: in the currency of the campaign (``amount``) or of the company
        """
        domain = [("campaign_id", "in", self._origin.ids), ("kind", "in", kinds)]
        if sources:
            domain.append(("source", "in", sources))
        rows = self.env["flow.money"].with_context(flow_money_kinds=kinds, flow_money_of=self.ids)
        found = {}
        for campaign, kind, amount in rows._read_group(
            domain, ["campaign_id", "kind"], [f"{measure}:sum"]
        ):
            found.setdefault(campaign.id, {})[kind] = amount
        return found

    # -- what a limit on spending asks -----------------------------------------------------

    def _budget_limit(self):
        """Return what each campaign may spend, None where no budget was set."""
        return {
            campaign: campaign.budget_amount
            if campaign.budget_amount or campaign.budget_line_ids
            else None
            for campaign in self
        }

    def _committed(self):
        """Return for each campaign what is ordered and not yet billed."""
        # sudo: the limit counts all money of the campaign, whoever asks
        money = self.sudo()._money(("committed",))
        return {campaign: money.get(campaign.id, {}).get("committed", 0) for campaign in self}

    def _actual_apart_from_messages(self):
        """Return for each campaign what was spent on anything but messages."""
        sources = [
            source
            for source in self.env["flow.money"]._fields["source"].get_values(self.env)
            if source != "message"
        ]
        # sudo: the limit counts all money of the campaign, whoever asks
        money = self.sudo()._money(("actual",), sources)
        return {campaign: money.get(campaign.id, {}).get("actual", 0) for campaign in self}

    # -- changing it -----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                {name: value for name, value in vals.items() if name != "budget_amount"}
                if vals.get("budget_line_ids")
                else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if "currency_id" in vals:
            self._check_currency_is_free(vals["currency_id"])
            self._convert_prices(self.env["res.currency"].browse(vals["currency_id"]))
        if "budget_line_ids" not in vals and "budget_amount" not in vals:
            return super().write(vals)
        before = self._budgets()
        entered = vals.get("budget_amount")
        if "budget_line_ids" in vals:
            # The lines make the budget; what is entered as well counts where none are left.
            vals = {name: value for name, value in vals.items() if name != "budget_amount"}
        elif any(
            campaign.budget_line_ids
            and campaign.currency_id.compare_amounts(campaign.budget_amount, entered)
            for campaign in self
        ):
            raise UserError(
                self.env._("The budget is the sum of its lines: change the lines instead.")
            )
        later = self.with_context(flow_budget_check=LATER)
        result = super(FlowCampaign, later).write(vals)
        if entered is not None and "budget_line_ids" in vals:
            for campaign in later.filtered(lambda campaign: not campaign.budget_line_ids):
                campaign.budget_amount = entered
        self._after_budget_change(before)
        return result

    def _budgets(self):
        return {campaign: campaign.budget_amount for campaign in self}

    def _after_budget_change(self, before=None):
        """Look at budgets that have changed.

        :param before: what they were, where they may have become lower
        :raises ValidationError: when a budget is lowered below what is gone already
        """
        if self.env.context.get("flow_budget_check") is LATER:
            return
        for campaign in self:
            if before and campaign.budget_amount < before[campaign]:
                campaign._check_budget_covers_costs()

    def _check_budget_covers_costs(self):
        # sudo: all money of the campaign counts, whoever changes its budget
        campaign = self.sudo()
        campaign.invalidate_recordset(["cost_total", "cost_committed", "budget_available"])
        gone = campaign.cost_total + campaign.cost_committed
        if not campaign.budget_amount and not campaign.budget_line_ids:
            return  # no budget at all
        if campaign.currency_id.compare_amounts(campaign.budget_amount, gone) < 0:
            raise ValidationError(
                self.env._(
                    "The budget of “%(campaign)s” cannot be lowered to %(budget)s: %(gone)s are"
                    " spent or committed already.",
                    campaign=campaign.name,
                    budget=campaign._in_currency(campaign.budget_amount),
                    gone=campaign._in_currency(gone),
                )
            )

    def _check_currency_is_free(self, currency_id):
        for campaign in self.filtered(lambda campaign: campaign.currency_id.id != currency_id):
            # sudo: all money of the campaign counts, whoever changes its currency
            rows = self.env["flow.money"].sudo().with_context(flow_money_kinds=SPENT)
            spent = [("campaign_id", "=", campaign.id), ("kind", "in", SPENT)]
            if rows.search_count(spent, limit=1):
                raise UserError(
                    self.env._(
                        "The currency of “%s” cannot be changed any more: money was spent or"
                        " committed in it.",
                        campaign.name,
                    )
                )

    def _convert_prices(self, currency):
        """Let what actions cost be the same in another currency of the campaign.

        :raises UserError: for a workflow that is published, whose prices are frozen
        """
        for campaign in self.filtered(lambda campaign: campaign.currency_id != currency):
            for action in campaign.workflow_ids.action_ids.filtered("unit_cost"):
                if action.workflow_id.status != "draft":
                    raise UserError(
                        self.env._(
                            "The currency of “%s” cannot be changed any more: what its actions cost"
                            " is in the present one.",
                            campaign.name,
                        )
                    )
                action.unit_cost = campaign.currency_id._convert(
                    action.unit_cost,
                    currency,
                    campaign.company_id,
                    fields.Date.context_today(self),
                    round=False,
                )

    @api.constrains("currency_id", "company_id")
    def _check_currency_has_rate(self):
        for campaign in self:
            if campaign.currency_id._flow_without_rate(campaign.company_id):
                raise ValidationError(
                    self.env._(
                        "There is no exchange rate of %(currency)s. Ask an administrator to enter"
                        " one, or choose %(own)s.",
                        currency=campaign.currency_id.name,
                        own=campaign.company_id.currency_id.name,
                    )
                )

    def _in_currency(self, amount):
        """Return an amount in the words of the campaign's currency."""
        return formatLang(self.env, amount, currency_obj=self.currency_id)
