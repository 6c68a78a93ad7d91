"""Budget lines: what is planned for which purpose, and when."""

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.spread import even_parts
from .flow_campaign_budget import LATER


class FlowBudgetLine(models.Model):
    _name = "flow.budget.line"
    _description = "Campaign Budget Line"
    _inherit = ["flow.budget.item"]
    _order = "campaign_id, date_from, sequence, id"

    name = fields.Char(string="Description", required=True)
    sequence = fields.Integer(default=10)
    amount = fields.Monetary(required=True)
    date_from = fields.Date(
        string="From",
        copy=False,
        help="When the money is to be spent. Empty: from the launch of the campaign on.",
    )
    date_to = fields.Date(string="To", copy=False)
    is_spreadable = fields.Boolean(compute="_compute_is_spreadable")

    _amount_positive = models.Constraint("CHECK(amount >= 0)", "A budget cannot be negative.")
    _dates_in_order = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "The period of a budget line ends before it begins.",
    )

    @api.depends("date_from", "date_to")
    def _compute_is_spreadable(self):
        for line in self:
            line.is_spreadable = len(line._months()) > 1

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.campaign_id._after_budget_change()
        return lines

    def write(self, vals):
        if "campaign_id" in vals and any(
            line.campaign_id.id != vals["campaign_id"] for line in self
        ):
            raise UserError(self.env._("A budget line stays with its campaign."))
        before = self.campaign_id._budgets()
        result = super().write(vals)
        if "amount" in vals:
            self.campaign_id._after_budget_change(before)
        return result

    def unlink(self):
        before = self.campaign_id._budgets()
        campaigns = self.campaign_id
        result = super().unlink()
        campaigns._after_budget_change(before)
        return result

    def action_spread(self):
        """Replace each line by one per month of its period, with even amounts.

        What cannot be divided goes to the first months, so that the sum stays the same.

        :raises UserError: for a line without a period of several months
        """
        for line in self:
            months = line._months()
            if len(months) < 2:
                raise UserError(self.env._("Enter a period of several months first, from and to."))
            parts = even_parts(line.amount, len(months), line.currency_id.decimal_places)
            first, *others = [
                {"amount": part, "date_from": begin, "date_to": end}
                for part, (begin, end) in zip(parts, months, strict=True)
            ]
            # Together they are what the line was, so the budget stays the same in the end.
            later = line.with_context(flow_budget_check=LATER)
            later.write(first)
            for values in others:
                later.copy(values)

    def _months(self):
        """Return the months of the period of a line, the first and last cut to it."""
        self.ensure_one()
        months, day = [], self.date_from
        while day and self.date_to and day <= self.date_to:
            following = day.replace(day=1) + relativedelta(months=1)
            months.append((day, min(self.date_to, following - relativedelta(days=1))))
            day = following
        return months
