"""The monitor's money, objectives and links."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..engine import database_clock, objective, reactions
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
    def _objectives(self, campaigns, is_all=False):
        """Return the objectives, those first that are in danger.

        :param is_all: whether these are all campaigns, of which there may be very many: then those
            that are over come last, with the values that were kept, and are not measured again
        """
        aims = campaigns.objective_ids
        over = aims.filtered(lambda aim: aim.campaign_id.status == "done") if is_all else aims[:0]
        kept = self._kept(over)
        standings = {**self._measured(aims - over), **kept}
        aims = aims.sorted(lambda aim: (aim in kept, URGENCY.index(standings[aim][0])))
        states = dict(aims._fields["state"]._description_selection(self.env))
        rows = []
        for aim in aims[:MOST_OBJECTIVES]:
            state, progress, value = standings[aim]
            rows.append(
                {
                    "id": aim.id,
                    "campaign": aim.campaign_id.name,
                    "name": aim.display_name,
                    "words": self._objective_in_words(aim, value),
                    "progress": max(0, min(100, progress)),
                    "state": state,
                    "state_label": states[state],
                }
            )
        return {"count": len(aims), "rows": rows}

    @api.model
    def _measured(self, aims):
        """Measure objectives: ``{objective: (state, progress in percent, value or None)}``."""
        # Odoo would measure whatever was read together with them, too.
        return {
            aim: (aim.state, aim.progress, aim.value if aim.is_measured else None)
            for aim in aims.with_prefetch()
        }

    @api.model
    def _kept(self, aims):
        """Return where objectives stand by the values that were kept last, as `_measured` does."""
        now, values = database_clock.now(self.env), aims._last_kept()
        standings = dict.fromkeys(aims, ("unknown", 0, None))
        for aim, value in values.items():
            standing = objective.stand(aim._aim(), value, now)
            standings[aim] = standing.state, standing.progress, value
        return standings

    @api.model
    def _objective_in_words(self, aim, value):
        words = {"value": aim._in_words(value), "target": aim._in_words(aim.target)}
        if aim.direction == "at_most":
            return self.env._("%(value)s, at most %(target)s", **words)
        return self.env._("%(value)s of %(target)s", **words)

    @api.model
    def _links(self, campaigns):
        """Return the links that were clicked most."""
        found = reactions.by_link(self.env, campaigns.ids, MOST_LINKS)
        return [{"url": url, "clicks": number} for url, number in found]
