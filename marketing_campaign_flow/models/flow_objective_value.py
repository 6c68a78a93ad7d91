"""The history of objectives: what they were each day."""

import json
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..engine import database_clock
from .flow_objective import STATES

# A row per objective and day; the last look of the day stays. What was not measured is no number.
KEEP = """
    INSERT INTO flow_objective_value
           (objective_id, campaign_id, company_id, metric, state, value, target, progress, weight,
            day, is_latest)
    SELECT v.*, %(day)s, TRUE
      FROM unnest(%(objective_id)s::int[], %(campaign_id)s::int[], %(company_id)s::int[],
                  %(metric)s::text[], %(state)s::text[], %(value)s::float8[], %(target)s::float8[],
                  %(progress)s::int[], %(weight)s::float8[]) v
        ON CONFLICT (objective_id, day) DO UPDATE
           SET metric = EXCLUDED.metric, state = EXCLUDED.state, value = EXCLUDED.value,
               target = EXCLUDED.target, progress = EXCLUDED.progress, weight = EXCLUDED.weight,
               is_latest = TRUE
"""
NOT_LATEST = """
    UPDATE flow_objective_value SET is_latest = FALSE
     WHERE is_latest AND objective_id = ANY(%s) AND day <> %s
"""
COLUMNS = (
    "objective_id",
    "campaign_id",
    "company_id",
    "metric",
    "state",
    "value",
    "target",
    "progress",
    "weight",
)

# How long objectives are looked at after the end of their campaign: orders still come in.
AFTER_THE_END = timedelta(days=90)
SHOWN = 90
BATCH = 1000


class FlowObjectiveValue(models.Model):
    _name = "flow.objective.value"
    _description = "Objective on a Day"
    _log_access = False
    _order = "day desc, id desc"
    _rec_name = "metric"

    objective_id = fields.Many2one(
        "flow.objective", required=True, ondelete="cascade", readonly=True
    )
    campaign_id = fields.Many2one(
        "flow.campaign", required=True, ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    metric = fields.Selection("_selection_metric", string="What", required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True)
    day = fields.Date(required=True, readonly=True, help="In UTC.")
    value = fields.Float(readonly=True, aggregator="avg")
    value_in_words = fields.Char("Value in words", compute="_compute_in_words")
    target = fields.Float(readonly=True, aggregator="avg")
    progress = fields.Integer(
        "Progress (%)",
        readonly=True,
        aggregator="avg",
        help="What is not measured is left out of averages.",
    )
    weight = fields.Float(readonly=True)
    is_latest = fields.Boolean("The latest", required=True, readonly=True)

    _one_per_day = models.Constraint(
        "UNIQUE(objective_id, day)", "An objective has one value per day."
    )
    _latest = models.Index("(objective_id) WHERE is_latest")

    @api.model
    def _selection_metric(self):
        return self.env["flow.objective"]._fields["metric"]._description_selection(self.env)

    @api.depends("value", "state", "objective_id")
    def _compute_in_words(self):
        for row in self:
            known = None if row.state == "unknown" else row.value
            row.value_in_words = row.objective_id._in_words(known)


class FlowObjective(models.Model):
    _inherit = "flow.objective"

    history_graph = fields.Text(compute="_compute_history_graph")

    @api.depends("value_ids.value")
    def _compute_history_graph(self):
        """Return the last days as points of Odoo's line chart, in one statement for all."""
        days = self.env["flow.objective.value"].search_fetch(
            [("objective_id", "in", self.ids), ("state", "!=", "unknown")],
            ["objective_id", "day", "value"],
            order="day desc",
            limit=SHOWN * max(1, len(self)),
        )
        points = defaultdict(list)
        for row in days:
            shown = points[row.objective_id.id]
            if len(shown) < SHOWN:
                shown.append({"x": format_date(self.env, row.day), "y": row.value})
        for aim in self:
            values = points.get(aim._origin.id, [])[::-1]
            name = aim.display_name
            aim.history_graph = json.dumps([{"key": name, "title": name, "values": values}])

    def _last_kept(self):
        """Return the values that were kept last, in one statement: ``{objective: number}``.

        What was not measured then is left out.
        """
        rows = self.env["flow.objective.value"].search_fetch(
            [("objective_id", "in", self.ids), ("is_latest", "=", True)],
            ["objective_id", "state", "value"],
        )
        return {row.objective_id: row.value for row in rows if row.state != "unknown"}

    def _keep_values(self):
        """Write down what these objectives are now, as the value of today (UTC)."""
        kept = self.filtered("metric")
        if not kept:
            return
        day = database_clock.now(self.env).date()
        rows = [
            (
                aim.id,
                aim.campaign_id.id,
                aim.campaign_id.company_id.id,
                aim.metric,
                aim.state,
                aim.value if aim.is_measured else None,
                aim.target,
                aim.progress if aim.is_measured else None,
                aim.weight,
            )
            for aim in kept
        ]
        self.env.flush_all()
        columns = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
        self.env.cr.execute(SQL(KEEP, day=day, **columns))
        self.env.cr.execute(SQL(NOT_LATEST, kept.ids, day))
        self.env["flow.objective.value"].invalidate_model()
        self.invalidate_recordset(["value_ids", "history_graph"])

    @api.model
    def _cron_keep_values(self):
        """Keep the values of campaigns that run, or have ended lately."""
        ended = database_clock.now(self.env) - AFTER_THE_END
        looked_at = Domain("campaign_id.status", "in", ("running", "paused")) | (
            Domain("campaign_id.status", "=", "done") & Domain("campaign_id.date_end", ">=", ended)
        )
        aims = self.search(looked_at)
        for start in range(0, len(aims), BATCH):
            aims[start : start + BATCH]._keep_values()


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("status") == "done" and self.objective_ids:
            # sudo: whoever ends a campaign need not know of scheduled jobs
            self.env.ref("marketing_campaign_flow.ir_cron_objectives").sudo()._trigger()
        return result
