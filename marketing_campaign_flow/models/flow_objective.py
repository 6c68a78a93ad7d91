"""Objectives: what a campaign is to reach, and how far it is."""

from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import formatLang

from ..engine import database_clock, objective
from ..engine.objective import Aim, Unmeasured
from .flow_attribution import METHODS

METRICS = [
    ("participants", "Participants"),
    ("sent", "Emails sent"),
    ("delivered", "Emails delivered"),
    ("open_rate", "Open rate (%)"),
    ("click_rate", "Click rate (%)"),
    ("reply_rate", "Reply rate (%)"),
    ("bounce_rate", "Bounce rate (%)"),
    ("unsubscribe_rate", "Unsubscribe rate (%)"),
    ("conversions", "Conversions"),
    ("conversion_rate", "Conversion rate (%)"),
    ("cost_per_conversion", "Cost per conversion"),
    ("points", "Points given"),
]

STATES = [
    ("reached", "Reached"),
    ("on_track", "On track"),
    ("at_risk", "At risk"),
    ("missed", "Missed"),
    ("open", "Under way"),
    ("unknown", "n/a"),
]


class FlowObjective(models.Model):
    _name = "flow.objective"
    _description = "Campaign Objective"
    _order = "campaign_id, sequence, id"
    _rec_name = "metric"

    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id")
    currency_id = fields.Many2one(related="campaign_id.currency_id")
    sequence = fields.Integer(default=10)
    metric = fields.Selection(
        METRICS,
        string="What",
        required=True,
        help="Rates of opens, clicks, replies, bounces and unsubscriptions are shares of the emails"
        " sent; a conversion is a participant who reached a goal state.",
    )
    unit = fields.Selection(
        [
            (objective.NUMBER, "Number"),
            (objective.MONEY, "Amount"),
            (objective.PERCENT, "Percent"),
            (objective.PRICE, "Amount for each"),
            (objective.RATIO, "Times"),
        ],
        string="Measured in",
        compute="_compute_unit",
    )
    unit_in_words = fields.Char(string="Unit", compute="_compute_unit")
    is_attributed = fields.Boolean(compute="_compute_unit")
    direction = fields.Selection(
        [("at_least", "at least"), ("at_most", "at most")],
        string="Should be",
        default="at_least",
        required=True,
    )
    target = fields.Float(required=True)
    deadline = fields.Date(
        help="The last day that counts, in UTC. With it you see whether you are on track."
    )
    weight = fields.Float(
        default=1.0,
        help="How much it counts in the progress of the campaign, beside the other objectives."
        " 0: it does not.",
    )
    method = fields.Selection(
        METHODS,
        string="Counted by",
        required=True,
        default=lambda self: self.env.company.flow_attribution_method or "last",
        help="Which campaign counts where several emails came before an order or a lead.",
    )
    is_measured = fields.Boolean(compute="_compute_value")
    value = fields.Float(string="Value now", compute="_compute_value")
    value_in_words = fields.Char(string="Now", compute="_compute_value")
    unmeasured_reason = fields.Char(string="Why there is no figure", compute="_compute_value")
    progress = fields.Integer(
        string="Progress (%)",
        compute="_compute_value",
        help="How much of the way to the target is done.",
    )
    pace_in_words = fields.Char(
        string="Should be by now",
        compute="_compute_value",
        help="The part of the target that belongs to the time since the launch; of rates and of"
        " costs for each, the target itself.",
    )
    projection_in_words = fields.Char(
        string="Expected at the deadline",
        compute="_compute_value",
        help="If it goes on as it did since the launch.",
    )
    state = fields.Selection(
        STATES,
        compute="_compute_value",
        help="Reached: the target is met (a limit: its time is over and it was kept). On track: it"
        " will be met if it goes on like this. At risk: it will not. Missed: the deadline has"
        " passed, or a limit is passed for good. Under way: nobody can tell yet. n/a: there is"
        " nothing to measure.",
    )
    value_ids = fields.One2many("flow.objective.value", "objective_id", string="History")

    _target_positive = models.Constraint("CHECK(target >= 0)", "A target cannot be negative.")
    _weight_positive = models.Constraint("CHECK(weight >= 0)", "A weight cannot be negative.")

    @api.depends("metric")
    def _compute_display_name(self):
        names = dict(self._fields["metric"]._description_selection(self.env))
        for aim in self:
            aim.display_name = names.get(aim.metric) or ""

    @api.depends("metric", "currency_id")
    def _compute_unit(self):
        units, kinds = self._units(), self._document_kinds()
        for aim in self:
            aim.unit = units.get(aim.metric, objective.NUMBER)
            aim.is_attributed = aim.metric in kinds
            aim.unit_in_words = {
                objective.PERCENT: "%",
                objective.MONEY: aim.currency_id.symbol,
                objective.PRICE: aim.currency_id.symbol,
            }.get(aim.unit, "")

    @api.depends(
        "metric",
        "target",
        "direction",
        "deadline",
        "method",
        "campaign_id",
        "campaign_id.date_start",
    )
    def _compute_value(self):
        now = database_clock.now(self.env)
        values = self._measure()
        for aim in self:
            value = values[aim]
            if isinstance(value, Unmeasured):
                aim._set_unmeasured(value)
                continue
            standing = objective.stand(aim._aim(), value, now)
            aim.is_measured, aim.value, aim.unmeasured_reason = True, value, False
            aim.value_in_words = aim._in_words(value)
            aim.progress, aim.state = standing.progress, standing.state
            aim.pace_in_words = aim._in_words(standing.pace)
            aim.projection_in_words = aim._in_words(standing.projection)

    def _set_unmeasured(self, value):
        nothing = self.env._("n/a")
        self.is_measured, self.value, self.progress, self.state = False, 0, 0, "unknown"
        self.value_in_words = self.pace_in_words = self.projection_in_words = nothing
        self.unmeasured_reason = value.reason

    def _in_words(self, value):
        """Return a value with its unit; “n/a” for what is not known."""
        if value is None:
            return self.env._("n/a")
        if self.unit in (objective.MONEY, objective.PRICE):
            return formatLang(self.env, value, currency_obj=self.currency_id)
        if self.unit == objective.PERCENT:
            return f"{formatLang(self.env, value, digits=1)} %"
        if self.unit == objective.RATIO:
            return formatLang(self.env, value, digits=2)
        return formatLang(self.env, value, digits=0 if round(value, 2) == round(value) else 2)

    def _aim(self):
        """Return what is wanted, as a value of `engine.objective`."""
        self.ensure_one()
        end = self.deadline and datetime.combine(self.deadline + timedelta(days=1), time.min)
        return Aim(
            target=self.target,
            at_least=self.direction == "at_least",
            grows=self.unit in objective.GROWING,
            since=self.campaign_id.date_start or None,
            until=end or None,
        )

    # -- measuring ---------------------------------------------------------------------------

    def _measure(self):
        """Measure these objectives: each metric once, however many campaigns there are.

        :return: ``{objective: number, or Unmeasured}``
        """
        nothing = Unmeasured(self.env._("There is nothing to measure yet."))
        values = dict.fromkeys(self, nothing)
        for metric, some in self.grouped("metric").items():
            if metric:
                found = getattr(some, f"_measure_{metric}")()
                values.update({aim: found[aim] for aim in some if found.get(aim) is not None})
        return values

    @api.model
    def _units(self):
        """Return the units of metrics that are no plain numbers, of `engine.objective`."""
        return {}

    @api.model
    def _document_kinds(self):
        """Return the metrics that documents of `flow.attribution` make up, with their kind."""
        return {}

    def _campaign_id(self):
        """Return the id of the campaign as it is stored, also in a form that is being edited."""
        return self.campaign_id._origin.id or None

    # -- screens -----------------------------------------------------------------------------

    def action_view_history(self):
        """Open the values day by day."""
        self.ensure_one()
        self.check_access("read")
        self._keep_values()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "flow.objective.value",
            "view_mode": "graph,list",
            "domain": [("objective_id", "=", self.id)],
            "context": {"search_default_latest": 0},
        }
