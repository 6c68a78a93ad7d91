"""Costs entered by hand: what was spent on a campaign, and for what."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class FlowCost(models.Model):
    _name = "flow.cost"
    _description = "Campaign Cost"
    _inherit = ["mail.thread.main.attachment", "flow.budget.item"]
    _order = "date desc, id desc"

    # What cannot change once a cost counts.
    _CONFIRMED = frozenset(
        {"amount", "campaign_id", "date", "is_credit", "foreign_amount", "foreign_currency_id"}
    )

    name = fields.Char(string="Description", required=True)
    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="When the money was spent. Amounts in other currencies are converted at the rate of"
        " this day.",
    )
    amount = fields.Monetary(
        tracking=True,
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="In the currency of the campaign.",
    )
    is_credit = fields.Boolean(
        string="Credit",
        tracking=True,
        help="Money that came back, such as a refund: it lowers the costs of the campaign.",
    )
    net_amount = fields.Monetary(
        string="Counts as", compute="_compute_net_amount", store=True, help="Credits are negative."
    )
    foreign_currency_id = fields.Many2one(
        "res.currency",
        string="Other currency",
        help="The currency that was paid in, where it is not that of the campaign.",
    )
    foreign_amount = fields.Monetary(
        string="In that currency",
        currency_field="foreign_currency_id",
        help="The amount that was paid, in the other currency.",
    )
    vendor_id = fields.Many2one("res.partner", ondelete="restrict")
    status = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        help="Only confirmed costs count against the budget.",
    )

    _amount_positive = models.Constraint(
        "CHECK(amount >= 0)", "A cost cannot be negative: tick “Credit” for money that came back."
    )
    _foreign_amount_positive = models.Constraint(
        "CHECK(foreign_amount >= 0)",
        "A cost cannot be negative: tick “Credit” for money that came back.",
    )

    @api.depends("foreign_amount", "foreign_currency_id", "date", "currency_id")
    def _compute_amount(self):
        for cost in self:
            foreign, currency = cost.foreign_currency_id, cost.currency_id
            if not foreign or foreign == currency:
                cost.amount = cost.amount
            elif cost._has_rates():
                cost.amount = foreign._convert(
                    cost.foreign_amount, currency, cost.company_id, cost.date
                )
            else:
                cost.amount = 0  # refused when it is saved

    @api.depends("amount", "is_credit")
    def _compute_net_amount(self):
        for cost in self:
            cost.net_amount = -cost.amount if cost.is_credit else cost.amount

    def _has_rates(self):
        """Return whether the other currency and the campaign's can be converted on the day."""
        currencies = self.foreign_currency_id | self.currency_id
        return not currencies._flow_without_rate(self.company_id, self.date)

    @api.constrains("foreign_currency_id", "foreign_amount", "date", "campaign_id")
    def _check_rates(self):
        for cost in self:
            if not cost.foreign_currency_id or cost.foreign_currency_id == cost.currency_id:
                continue
            currencies = cost.foreign_currency_id | cost.currency_id
            for currency in currencies._flow_without_rate(cost.company_id, cost.date):
                raise ValidationError(
                    self.env._(
                        "There is no exchange rate of %(currency)s on %(date)s or before. Ask an"
                        " administrator to enter one, or enter the amount in %(own)s.",
                        currency=currency.name,
                        date=cost.date,
                        own=cost.currency_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        # What is worked out from another currency is not entered as well.
        return super().create(
            [
                {name: value for name, value in vals.items() if name != "amount"}
                if vals.get("foreign_currency_id") and vals.get("foreign_amount")
                else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if vals.keys() & self._CONFIRMED and "confirmed" in self.mapped("status"):
            raise UserError(self.env._("Reset a confirmed cost to draft before you change it."))
        return super().write(vals)

    def action_confirm(self):
        """Count these costs against the budget."""
        self.write({"status": "confirmed"})

    def action_reset(self):
        """Take these costs back to draft."""
        self.write({"status": "draft"})

    def action_open_document(self):
        """Open the whole cost, with its documents."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if "confirmed" in self.mapped("status"):
            raise UserError(self.env._("Reset a confirmed cost to draft before you delete it."))
