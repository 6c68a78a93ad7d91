"""The figures of a budget on the screen, and the rows behind each of them."""

from odoo import api, fields, models

from .flow_campaign_budget import COMMITTED, FORECAST, SPENT

# Which money a figure is the sum of.
ROWS = {
    "planned": ("planned",),
    "actual": ("actual",),
    "committed": COMMITTED,
    "available": ("planned", *SPENT),
    "expected": ("expected",),
    "forecast": FORECAST,
}


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    budget_figures = fields.Json(compute="_compute_budget_figures")

    @api.depends("budget_amount", "currency_id", "cost_total", "cost_committed", "cost_expected")
    def _compute_budget_figures(self):
        labels = self._figure_labels()
        hints = {
            "planned": self._help_of("budget_amount"),
            "actual": self._help_of("cost_total"),
            "committed": self._help_of("cost_committed"),
            "available": self._help_of("budget_available"),
            "forecast": self._help_of("cost_forecast"),
        }
        for campaign in self:
            amounts = campaign._figures()
            notes = campaign._notes()
            campaign.budget_figures = {
                "cards": [
                    {
                        "figure": figure,
                        "label": labels[figure],
                        "amount": campaign._in_currency(amounts[figure]),
                        "hint": hint,
                        "note": notes.get(figure, ""),
                        "bad": figure == "available" and amounts[figure] < 0,
                    }
                    for figure, hint in hints.items()
                ],
                "parts": campaign._parts_of_bar(amounts),
                "words": campaign._budget_in_words(amounts),
                "over": bool(amounts["planned"]) and amounts["forecast"] > amounts["planned"],
            }

    def _figures(self):
        """Return the amounts of all figures, in the currency of the campaign."""
        return {
            "planned": self.budget_amount,
            "actual": self.cost_total,
            "committed": self.cost_committed,
            "available": self.budget_available,
            "expected": self.cost_expected,
            "forecast": self.cost_forecast,
        }

    def _figure_labels(self):
        return {
            "planned": self.env._("Planned"),
            "actual": self.env._("Actual"),
            "committed": self.env._("Committed"),
            "available": self.env._("Available"),
            "expected": self.env._("Expected"),
            "forecast": self.env._("Forecast"),
        }

    def _help_of(self, name):
        return self._fields[name]._description_help(self.env)

    def _notes(self):
        """Return what stands below figures."""
        if not self.cost_expected:
            return {}
        expected = self._in_currency(self.cost_expected)
        return {"forecast": self.env._("%s of it still to come", expected)}

    def _parts_of_bar(self, amounts):
        """Return what fills the bar, in percent of the larger of budget and forecast."""
        whole = max(amounts["planned"], amounts["forecast"])
        labels = self._figure_labels()
        return [
            {
                "figure": figure,
                "label": f"{labels[figure]}: {self._in_currency(amounts[figure])}",
                "share": round(100 * amounts[figure] / whole, 2),
            }
            for figure in ("actual", "committed", "expected")
            if whole > 0 and amounts[figure] > 0
        ]

    def _budget_in_words(self, amounts):
        if not amounts["planned"]:
            return self.env._("No budget is set: enter an amount, or what is planned line by line.")
        over = self.currency_id.round(amounts["forecast"] - amounts["planned"])
        if over > 0:
            return self.env._(
                "The campaign will probably cost %s more than planned.", self._in_currency(over)
            )
        return self.env._(
            "%(used)s %% of the budget are spent or committed, %(left)s are available.",
            used=self.budget_used,
            left=self._in_currency(amounts["available"]),
        )

    def action_view_money(self, figure=None):
        """Open the rows that a figure is the sum of.

        :param figure: a key of `ROWS`; by default that of the context, ``flow_figure``
        """
        figure = figure or self.env.context.get("flow_figure", "actual")
        view = self._view("flow.money", self._figure_labels()[figure], "list,pivot,graph")
        view["views"] = [(False, "list"), (False, "pivot"), (False, "graph")]
        view["domain"] = [*view["domain"], ("kind", "in", ROWS[figure])]
        view["context"] = {
            "flow_figure": figure,
            "flow_money_kinds": ROWS[figure],
            "flow_money_of": self.ids,
        }
        return view

    def action_view_family_money(self):
        """Open the rows of the campaign and all its parts that a figure is the sum of."""
        view = self.action_view_money()
        parts = self._parts()[self.id]
        view["domain"] = [("campaign_id", "in", parts), *view["domain"][1:]]
        view["context"] = {**view["context"], "flow_money_of": parts}
        return view

    def action_view_money_by_activity(self):
        """Open what is planned beside what is spent, by state and action."""
        view = self._view("flow.money", self.env._("Plan and costs by activity"), "pivot,list")
        pivot = self.env.ref("marketing_campaign_flow.flow_money_view_pivot_activity")
        return {
            **view,
            "views": [(pivot.id, "pivot"), (False, "list")],
            "context": {"flow_money_of": self.ids},
        }
