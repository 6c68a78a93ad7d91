"""What an action costs for each participant."""

from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    flow_price_email = fields.Float(string="Price of an email", digits=(16, 6))

    _flow_price_email_positive = models.Constraint(
        "CHECK(flow_price_email >= 0)", "A price cannot be negative."
    )


class FlowAction(models.Model):
    _inherit = "flow.action"

    unit_cost = fields.Float(
        string="Costs each time",
        digits=(16, 6),
        compute="_compute_unit_cost",
        store=True,
        readonly=False,
        precompute=True,
        help="What it costs to do this for one participant, in the currency of the campaign. It"
        " counts in the campaign's budget when it is done. 0: it costs nothing.",
    )
    currency_id = fields.Many2one(related="workflow_id.campaign_id.currency_id")

    _unit_cost_positive = models.Constraint("CHECK(unit_cost >= 0)", "A cost cannot be negative.")

    @api.depends("kind")
    def _compute_unit_cost(self):
        """The price that the company has set for the kind, in the currency of the campaign."""
        today = fields.Date.context_today(self)
        for action in self:
            campaign = action.workflow_id.campaign_id
            # sudo: a price, for whoever may write an action
            company = (campaign.company_id or self.env.company).sudo()
            price = action._price(company)
            if price and campaign.currency_id:
                price = company.currency_id._convert(
                    price, campaign.currency_id, company, today, round=False
                )
            action.unit_cost = price

    def _price(self, company):
        """Return what the company has set as the price of one, in its currency.

        Other addons say so of their kinds.
        """
        return company.flow_price_email if self.kind == "email" else 0

    def _copy_content(self, campaign):
        """A copy in a campaign with another currency costs the same."""
        values = super()._copy_content(campaign)
        source = self.campaign_id
        if self.unit_cost and campaign and source.currency_id != campaign.currency_id:
            values["unit_cost"] = source.currency_id._convert(
                self.unit_cost,
                campaign.currency_id,
                campaign.company_id,
                fields.Date.context_today(self),
                round=False,
            )
        return values


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    flow_price_email = fields.Float(
        related="company_id.flow_price_email", readonly=False, digits=(16, 6)
    )
