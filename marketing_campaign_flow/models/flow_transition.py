"""Ways from one state to another, or something that happens inside a state."""

import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_datetime

from ..engine.clock import Delay
from .finding import Finding
from .flow_action import UNIT_SELECTION, delay_in_words
from .flow_workflow_part import TAKEN_OVER


class FlowTransition(models.Model):
    _name = "flow.transition"
    _description = "Way out of a State"
    _inherit = ["flow.workflow.part", "flow.result.rule", "flow.event.rule"]
    _order = "workflow_id, sequence, id"
    _OWNERS = ("state_id",)
    _ALWAYS_EDITABLE = frozenset()  # the order of transitions decides which one wins

    sequence = fields.Integer(
        default=10, help="The first way out that holds wins; those from any state come first."
    )
    state_id = fields.Many2one(
        "flow.state",
        string="From",
        ondelete="cascade",
        index="btree_not_null",
        domain="[('workflow_id', '=', workflow_id)]",
        help="Empty: from any state, looked at before all others.",
    )
    target_id = fields.Many2one(
        "flow.state",
        string="To",
        ondelete="cascade",
        index="btree_not_null",
        domain="[('workflow_id', '=', workflow_id)]",
        help="Empty: the actions below run and the participant stays where it is.",
    )
    trigger = fields.Selection(
        [
            ("event", "Something happens"),
            ("timeout", "Time has passed"),
            ("date", "A date has come"),
            ("condition", "The contact matches a filter"),
            ("result", "The campaign reaches a figure"),
            ("split", "By chance, a share of the people"),
            ("done", "All actions are done"),
            ("manual", "By hand"),
        ],
        string="When",
        default="event",
        required=True,
    )
    event_action_id = fields.Many2one(
        "flow.action",
        string="Of the email",
        ondelete="cascade",
        domain="[('workflow_id', '=', workflow_id), ('kind', '=', 'email')]",
        help="Only reactions to this email count, since it was last sent to the participant. Empty:"
        " any reaction since the state was entered.",
    )
    delay_value = fields.Integer(string="After", default=3)
    delay_unit = fields.Selection(UNIT_SELECTION, default="days", required=True)
    after_action_id = fields.Many2one(
        "flow.action",
        string="Counted from",
        ondelete="cascade",
        domain="[('state_id', '=', state_id)]",
        help="The time counts from when this action ran; empty: from the entry into the state.",
    )
    date_at = fields.Datetime(string="Date")
    condition = fields.Char(
        string="Filter",
        help="Looked at when the state is entered, whenever the contact does something, and at"
        " regular intervals: every hour, unless the settings say otherwise.",
    )
    result_action_id = fields.Many2one(ondelete="cascade")
    weight = fields.Integer(
        string="Share (%)",
        default=50,
        help="The shares of all splits of a state add up to 100. The draw for a participant is the"
        " same each time.",
    )
    repeat = fields.Selection(
        [("once", "Once per visit of the state"), ("each", "Each time")],
        string="Actions run",
        default="once",
        required=True,
        help="For what happens without leaving the state: at the first event only, or at each one.",
    )
    guard = fields.Char(
        string="Only if", help="The contact must also match this filter when the moment has come."
    )
    action_ids = fields.One2many("flow.action", "transition_id", string="Actions", copy=False)
    reason = fields.Char(help="Why participants take this way, for the people who read it later.")

    _unique_key = models.Constraint(
        "UNIQUE(workflow_id, key)", "Two ways out of a workflow have the same key."
    )
    _delay_positive = models.Constraint("CHECK(delay_value >= 0)", "A delay cannot be negative.")

    _share_is_percent = models.Constraint(
        "CHECK(weight BETWEEN 0 AND 100)", "A share is between 0 and 100 %."
    )
    _split_leaves_a_state = models.Constraint(
        "CHECK(trigger <> 'split' OR (state_id IS NOT NULL AND target_id IS NOT NULL))",
        "A split leads from one state to another.",
    )

    @api.constrains("trigger", "event_kind", "date_at", "condition", "result_metric")
    def _check_trigger_is_complete(self):
        asks = {
            "event": ("event_kind", self.env._("Say which event the way out waits for.")),
            "date": ("date_at", self.env._("Say which date the way out waits for.")),
            "condition": ("condition", self.env._("Say which filter the contact has to match.")),
        }
        for transition in self:
            field, question = asks.get(transition.trigger, (None, None))
            if field and not transition[field]:
                raise ValidationError(question)
        self.filtered(lambda t: t.trigger == "result")._check_result_is_complete()

    @api.constrains("workflow_id", "state_id", "target_id")
    def _check_same_workflow(self):
        for transition in self:
            if (transition.state_id | transition.target_id).workflow_id - transition.workflow_id:
                raise ValidationError(
                    self.env._("A way out joins states of one and the same workflow.")
                )

    @api.constrains("guard", "condition")
    def _check_filters(self):
        if self.env.context.get("flow_filters") is TAKEN_OVER:
            return
        asked = self.sudo(False)  # Odoo checks constraints with all rights
        problems = asked._filter_problems(asked.env)
        if problems:
            raise ValidationError("\n".join(problems))

    def _filter_problems(self, env, thorough=True):
        """Return which filters do not work, as sentences for their designer.

        :param env: of whoever asks: a filter on what they may not read does not work
        :param thorough: look for a contact, which may take a while among many
        """
        problems = []
        for transition in self:
            for text in filter(None, (transition.guard, transition.condition)):
                try:
                    with self.env.cr.savepoint():
                        contacts, domain = env[transition.target_model], ast.literal_eval(text)
                        contacts.search(domain, limit=1) if thorough else contacts._search(domain)
                except Exception:
                    words = self.env._("The filter “%s” does not work.", text)
                    problems.append(Finding(words, transition))
        return problems

    @api.depends(
        "trigger",
        "event_kind",
        "event_action_id",
        "delay_value",
        "delay_unit",
        "after_action_id",
        "link_pattern",
        "event_detail",
        "event_least",
        "event_times",
        "event_domain",
        "date_at",
        "weight",
        "result_metric",
        "result_action_id",
        "result_operator",
        "result_threshold",
        "target_id.name",
        "reason",
    )
    def _compute_display_name(self):
        for transition in self:
            words = transition._trigger_in_words()
            if transition.target_id:
                words = f"{words} → {transition.target_id.name}"
            transition.display_name = words

    def _trigger_in_words(self):
        self.ensure_one()
        match self.trigger:
            case "event":
                return self._event_in_words() or self.env._("Something happens")
            case "timeout":
                return self.env._(
                    "After %s", delay_in_words(self, self.delay_value, self.delay_unit)
                )
            case "date":
                day = format_datetime(self.env, self.date_at, dt_format="short")
                return self.env._("On %s", day)
            case "condition":
                return self.reason or self.env._("When the contact matches")
            case "result":
                return self._result_in_words()
            case "split":
                return f"{self.weight} %"
            case "done":
                return self.env._("When done")
            case "manual":
                return self.reason or self.env._("By hand")

    def _runs_each_time(self):
        return self.repeat == "each" and self.trigger == "event" and not self.target_id

    def _plan_row(self):
        """Return the values of an `engine.plan.Transition`, plus its source."""
        self.ensure_one()
        named_action = self.event_action_id if self.trigger == "event" else self.after_action_id
        return {
            "id": self.id,
            "key": self.key,
            "state_id": self.state_id.id or None,
            "target_id": self.target_id.id or None,
            "trigger": self.trigger,
            "event": self._event_rule() if self.trigger == "event" else None,
            "action_key": named_action.key or None,
            "delay": Delay(self.delay_value, self.delay_unit),
            "date_at": self.date_at or None,
            "condition": self.condition or None,
            "weight": self.weight if self.trigger == "split" else 0,
            "result": self._result() if self.trigger == "result" else None,
            "each_time": self._runs_each_time(),
            "guard": self.guard or None,
        }
