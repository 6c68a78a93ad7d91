"""The monitor's money, objectives and links."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..engine import reactions
from .flow_campaign_budget import COMMITTED, SPENT
from .flow_campaign_budget_figures import ROWS

SHOWN = ("planned", "actual", "committed", "available")
MOST_OBJECTIVES = 8
MOST_LINKS = 10

# What needs attention comes first.
URGENCY = ("missed", "at_risk", "open", "on_track", "reached", "unknown")


class FlowMonitor(models.AbstractModel):
    _inherit = "flow.monitor"

    @api.model
    def _money(self, campaigns):
        """Return the budget, what is gone of it, and what was left day by day.

        In the currency of the campaigns where they have the same, else in that of the company.
        """
        currency = campaigns.currency_id
        own = len(currency) == 1
        currency = currency if own else self.env.company.currency_id
        amounts, spent = self._money_by_day(campaigns, own, currency)
        amounts["committed"] = sum(amounts[kind] for kind in COMMITTED)
        amounts["available"] = amounts["planned"] - amounts["actual"] - amounts["committed"]
        labels = self.env["flow.campaign"]._figure_labels()
        left, points = amounts["planned"], []
        for day in sorted(spent):
            left -= spent[day]
            points.append(
                {
                    "day": day.isoformat(),
                    "label": format_date(self.env, day, date_format="d MMM"),
                    "left": currency.round(left),
                    "text": formatLang(self.env, left, currency_obj=currency),
                }
            )
        return {
            "planned": currency.round(amounts["planned"]),
            "planned_text": formatLang(self.env, amounts["planned"], currency_obj=currency),
            "figures": [
                {
                    "figure": figure,
                    "label": labels[figure],
                    "text": formatLang(self.env, amounts[figure], currency_obj=currency),
                    "bad": figure == "available"
                    and currency.compare_amounts(amounts[figure], 0) < 0,
                }
                for figure in SHOWN
            ],
            "points": points,
        }

    @api.model
    def _money_by_day(self, campaigns, own, currency):
        """Return the sums of money by kind, and what was spent by day, in one currency."""
        kinds = ("planned", *SPENT)
        money = self.env["flow.money"].with_context(
            flow_money_kinds=kinds, flow_money_of=campaigns.ids
        )
        groups = money._read_group(
            [("campaign_id", "in", campaigns.ids), ("kind", "in", kinds)],
            ["kind", "date:day", "company_id"],
            ["amount:sum" if own else "amount_company:sum"],
        )
        amounts, spent = dict.fromkeys(kinds, 0.0), defaultdict(float)
        today = fields.Date.context_today(self)
        for kind, day, company, amount in groups:
            if not own and company.currency_id != currency:
                amount = company.currency_id._convert(amount, currency, company, today, round=False)
            amounts[kind] += amount
            if kind == "actual":
                spent[fields.Date.to_date(day)] += amount
        return amounts, spent

    @api.model
    def _money_rows(self, figure):
        """Return the kinds of money that a figure is the sum of."""
        return ROWS[figure]

    @api.model
    def _objectives(self, campaigns):
        """Return the objectives, those first that are in danger."""
        aims = campaigns.objective_ids.sorted(lambda aim: URGENCY.index(aim.state))
        states = dict(aims._fields["state"]._description_selection(self.env))
        return {
            "count": len(aims),
            "rows": [
                {
                    "id": aim.id,
                    "campaign": aim.campaign_id.name,
                    "name": aim.display_name,
                    "words": self._objective_in_words(aim),
                    "progress": max(0, min(100, aim.progress)),
                    "state": aim.state,
                    "state_label": states[aim.state],
                }
                for aim in aims[:MOST_OBJECTIVES]
            ],
        }

    @api.model
    def _objective_in_words(self, aim):
        words = {"value": aim.value_in_words, "target": aim._in_words(aim.target)}
        if aim.direction == "at_most":
            return self.env._("%(value)s, at most %(target)s", **words)
        return self.env._("%(value)s of %(target)s", **words)

    @api.model
    def _links(self, campaigns):
        """Return the links that were clicked most."""
        found = reactions.by_link(self.env, campaigns.ids, MOST_LINKS)
        return [{"url": url, "clicks": number} for url, number in found]
