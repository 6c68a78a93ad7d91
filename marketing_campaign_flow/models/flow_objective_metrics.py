"""What objectives can be about: figures of participants, emails, points and costs.

A metric is a method `_measure_<metric>()` of many objectives at once, also of different campaigns.
It reads what it needs in one statement and returns a number, None or a reason for each.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import attribution, objective, result
from ..engine.objective import Unmeasured

# The facts that a metric counts, or takes its share of.
FACTS = {
    "participants": ("started",),
    "sent": ("sent",),
    "delivered": ("sent", "bounced"),
    "conversions": ("ended_goal",),
    "conversion_rate": result.SHARES["goal_share"],
    **{share: facts for share, facts in result.SHARES.items() if share != "goal_share"},
}

# Points that a campaign gave, and took.
POINTS = """
    SELECT o.id, sum(p.amount)
      FROM unnest(%(ids)s::int[], %(campaigns)s::int[], %(untils)s::date[])
           o(id, campaign_id, until)
      JOIN flow_point p ON p.campaign_id = o.campaign_id
                       AND (o.until IS NULL OR p.moment::date <= o.until)
     GROUP BY o.id
"""


class FlowObjective(models.Model):
    _inherit = "flow.objective"

    @api.model
    def _units(self):
        rates = {metric: objective.PERCENT for metric in FACTS if metric.endswith("_rate")}
        return {**super()._units(), **rates, "cost_per_conversion": objective.PRICE}

    # -- what metrics are made of --------------------------------------------------------------

    def _asked(self):
        """Return the objectives with the numbers, campaigns and last days that SQL asks by."""
        return [
            (number, aim._campaign_id(), aim.deadline or None) for number, aim in enumerate(self)
        ]

    def _counted(self, *metrics):
        """Return sums of facts up to the deadline, in one statement: ``{objective: {…}}``."""
        found = result.sums_until(self.env, self._asked(), metrics)
        return {aim: found.get(number, {}) for number, aim in enumerate(self)}

    def _brought(self, kind):
        """Return what campaigns brought up to the deadline, in one statement.

        :param kind: a kind of document of `flow.attribution`
        :return: ``{objective: (number of documents, amount in the campaign's currency)}``
        """
        asked = [
            (number, campaign_id, aim.method, until)
            for aim, (number, campaign_id, until) in zip(self, self._asked(), strict=True)
        ]
        found = attribution.sums(self.env, kind, asked)
        return {aim: found.get(number, (0, 0)) for number, aim in enumerate(self)}

    def _measure_documents(self, kind):
        return {aim: documents for aim, (documents, _amount) in self._brought(kind).items()}

    def _measure_amounts(self, kind):
        return {aim: amount for aim, (_documents, amount) in self._brought(kind).items()}

    def _costs(self):
        """Return the actual costs of the campaigns: ``{objective: amount}``, up to now."""
        costs = self.campaign_id._origin._actual_cost()
        return {aim: costs.get(aim._campaign_id(), 0) for aim in self}

    def _shares(self, parts, wholes, reason, factor=100):
        """Return parts of wholes, `factor` times; the reason where there is no whole."""
        return {
            aim: factor * parts[aim] / wholes[aim] if wholes[aim] else Unmeasured(reason)
            for aim in self
        }

    def _returns(self, kind, net):
        """Return what costs brought back by documents of a kind.

        :param net: less the costs, in percent of them (ROI); else how many times the costs
        """
        costs, revenue = self._costs(), self._measure_amounts(kind)
        reason = self.env._("The campaign has no confirmed costs.")
        if net:
            gains = {aim: revenue[aim] - costs[aim] for aim in self}
            return self._shares(gains, costs, reason)
        return self._shares(revenue, costs, reason, factor=1)

    def _cost_per(self, kind, reason):
        """Return the costs for each document of a kind."""
        return self._shares(self._costs(), self._measure_documents(kind), reason, factor=1)

    def _measure_fact(self, metric):
        [fact] = FACTS[metric]
        return {aim: counted.get(fact, 0) for aim, counted in self._counted(fact).items()}

    def _measure_share(self, metric, reason):
        part, whole = FACTS[metric]
        counted = self._counted(part, whole)
        return self._shares(
            {aim: counted[aim].get(part, 0) for aim in self},
            {aim: counted[aim].get(whole, 0) for aim in self},
            reason,
        )

    # -- the metrics -----------------------------------------------------------------------------

    def _measure_participants(self):
        return self._measure_fact("participants")

    def _measure_sent(self):
        return self._measure_fact("sent")

    def _measure_delivered(self):
        counted = self._counted("sent", "bounced")
        return {aim: c.get("sent", 0) - c.get("bounced", 0) for aim, c in counted.items()}

    def _measure_share_of_sent(self, metric):
        return self._measure_share(metric, self.env._("No email has been sent yet."))

    def _measure_open_rate(self):
        return self._measure_share_of_sent("open_rate")

    def _measure_click_rate(self):
        return self._measure_share_of_sent("click_rate")

    def _measure_reply_rate(self):
        return self._measure_share_of_sent("reply_rate")

    def _measure_bounce_rate(self):
        return self._measure_share_of_sent("bounce_rate")

    def _measure_unsubscribe_rate(self):
        return self._measure_share_of_sent("unsubscribe_rate")

    def _measure_conversions(self):
        return self._measure_fact("conversions")

    def _measure_conversion_rate(self):
        return self._measure_share("conversion_rate", self.env._("Nobody has come in yet."))

    def _measure_cost_per_conversion(self):
        reason = self.env._("Nobody has reached a goal yet.")
        return self._shares(self._costs(), self._measure_conversions(), reason, factor=1)

    def _measure_points(self):
        self.env.flush_all()
        ids, campaigns, untils = zip(*self._asked(), strict=True)
        statement = SQL(POINTS, ids=list(ids), campaigns=list(campaigns), untils=list(untils))
        found = dict(self.env.execute_query(statement))
        return {aim: found.get(number, 0) for number, aim in enumerate(self)}

    # -- what is behind them -----------------------------------------------------------------

    def action_view_behind(self):
        """Open what the value is made of."""
        self.ensure_one()
        view = getattr(self, f"_view_{self.metric}", None)
        if view:
            return view()
        if self.metric in self._document_kinds():
            return self._view_documents()
        return self._view_facts()

    def _until(self, field):
        return [(field, "<=", self.deadline)] if self.deadline else []

    def _view_facts(self):
        facts = FACTS.get(self.metric) or FACTS["conversions"]
        view = self.campaign_id._view("flow.activity.report", self.display_name, "list,graph,pivot")
        until = ["|", ("day", "=", False), *self._until("day")] if self.deadline else []
        return {**view, "domain": [*view["domain"], ("metric", "in", facts), *until]}

    def _view_documents(self):
        kind = self._document_kinds()[self.metric]
        view = self.campaign_id._view_attribution(kind)
        domain = [*view["domain"], ("method", "=", self.method), *self._until("day")]
        return {**view, "name": self.display_name, "domain": domain, "context": {}}

    def _view_points(self):
        view = self.campaign_id._view("flow.point", self.display_name, "list,graph,pivot")
        last = self.deadline and f"{self.deadline} 23:59:59"
        return {**view, "domain": view["domain"] + ([("moment", "<=", last)] if last else [])}


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    objective_progress = fields.Integer(
        "Objectives (%)",
        compute="_compute_objective_progress",
        help="The progress of all objectives together, by their weights.",
    )
    objectives_in_words = fields.Char("Objectives", compute="_compute_objective_progress")

    @api.depends("objective_ids.progress", "objective_ids.weight")
    def _compute_objective_progress(self):
        for campaign in self:
            percent = objective.together(
                [
                    (aim.weight, aim.progress if aim.is_measured else None)
                    for aim in campaign.objective_ids
                ]
            )
            campaign.objective_progress = percent or 0
            words = self.env._("n/a") if percent is None else self.env._("%s %%", percent)
            campaign.objectives_in_words = words if campaign.objective_ids else ""

    def _actual_cost(self):
        """Return what campaigns have cost, in one statement: ``{campaign id: amount}``, each in
        its campaign's currency."""
        money = self._money(("actual",))
        return {campaign_id: sums.get("actual", 0) for campaign_id, sums in money.items()}
