"""Work done for a participant: of a state, or of a transition when it fires."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import format_datetime
from odoo.tools.misc import babel_locale_parse, get_lang

from ..engine.clock import NO_DELAY, Delay, Timing, Window, time_of_day

UNIT_SELECTION = [
    ("minutes", "Minutes"),
    ("hours", "Hours"),
    ("days", "Days"),
    ("weeks", "Weeks"),
    ("months", "Months"),
]


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def float_to_clock(hours):
    """Return 9.5 as “9:30”."""
    minutes = round(hours * 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def delay_in_words(record, value, unit):
    """Return “1 day” or “3 days” in the user's language."""
    if value == 1:
        return {
            "minutes": record.env._("1 minute"),
            "hours": record.env._("1 hour"),
            "days": record.env._("1 day"),
            "weeks": record.env._("1 week"),
            "months": record.env._("1 month"),
        }[unit]
    return {
        "minutes": record.env._("%s minutes", value),
        "hours": record.env._("%s hours", value),
        "days": record.env._("%s days", value),
        "weeks": record.env._("%s weeks", value),
        "months": record.env._("%s months", value),
    }[unit]


class FlowAction(models.Model):
    _name = "flow.action"
    _description = "Workflow Action"
    _inherit = ["flow.workflow.part"]
    _order = "workflow_id, sequence, id"
    _OWNERS = ("state_id", "transition_id")
    _ALWAYS_EDITABLE = frozenset()  # the order of actions decides which ones a pause holds up

    sequence = fields.Integer(default=10)
    state_id = fields.Many2one("flow.state", ondelete="cascade", index="btree_not_null")
    transition_id = fields.Many2one("flow.transition", ondelete="cascade", index="btree_not_null")
    kind = fields.Selection([], string="Action", required=True)
    icon = fields.Char(compute="_compute_icon")
    timing = fields.Selection(
        [
            ("entry", "At once"),
            ("delay", "After a delay"),
            ("date", "On a date"),
            ("field", "Around a date of the contact"),
        ],
        default="entry",
        required=True,
        help="A delay counts from the entry into the state, or from the end of the pause above the"
        " action. Days and longer keep the local time of day.",
    )
    delay_value = fields.Integer(string="Delay", default=1)
    delay_unit = fields.Selection(UNIT_SELECTION, default="days", required=True)
    date_at = fields.Datetime(string="Date")
    date_field_id = fields.Many2one(
        "ir.model.fields",
        string="The contact's date",
        ondelete="cascade",
        domain="[('model', '=', target_model), ('store', '=', True),"
        " ('ttype', 'in', ('date', 'datetime'))]",
    )
    date_side = fields.Selection(
        [("before", "before"), ("after", "after")], string="Side", default="before", required=True
    )
    date_yearly = fields.Boolean(
        string="Every year", help="Birthdays and other days that come back. 29 February may be 28."
    )
    skip_past = fields.Boolean(
        string="Skip when past",
        help="Skip the action when its date has passed; else it runs at once.",
    )
    use_window = fields.Boolean(
        string="Only at certain hours",
        help="Outside these hours the action waits for the next opening, in the time zone of the"
        " contact, else of the responsible.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working calendar",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('flexible_hours', '=', False)]",
        help="Only in the working hours of this calendar, in its time zone, and not on its days"
        " off. Empty: the hours below.",
    )
    hour_from = fields.Float(string="From", default=9.0)
    hour_to = fields.Float(
        string="To", default=17.0, help="Hours that end before they begin last into the next day."
    )
    monday = fields.Boolean(default=True)
    tuesday = fields.Boolean(default=True)
    wednesday = fields.Boolean(default=True)
    thursday = fields.Boolean(default=True)
    friday = fields.Boolean(default=True)
    saturday = fields.Boolean()
    sunday = fields.Boolean()
    keep_after_leaving = fields.Boolean(
        string="Even after leaving",
        help="Run the action also when the participant has left the state before it was due.",
    )
    is_manual = fields.Boolean(
        string="Sent by hand", readonly=True, help="A message sent by hand, outside the workflow."
    )

    _unique_key = models.Constraint(
        "UNIQUE(workflow_id, key)", "Two actions of a workflow have the same key."
    )
    _delay_positive = models.Constraint("CHECK(delay_value >= 0)", "A delay cannot be negative.")
    _hours_of_a_day = models.Constraint(
        "CHECK(hour_from >= 0 AND hour_from < 24 AND hour_to >= 0 AND hour_to <= 24)",
        "Hours are between 0:00 and 24:00.",
    )
    _one_owner = models.Constraint(
        "CHECK(num_nonnulls(state_id, transition_id) = CASE WHEN is_manual THEN 0 ELSE 1 END)",
        "An action belongs either to a state or to a way out.",
    )

    @api.depends("kind")
    def _compute_icon(self):
        icons = self._icons()
        for action in self:
            action.icon = icons.get(action.kind, "fa-cog")

    @api.model
    def _icons(self):
        """Return the icon of each kind of action, a class of Font Awesome 4, by kind."""
        return {}

    @api.depends(
        "kind",
        "timing",
        "delay_value",
        "delay_unit",
        "date_at",
        "date_field_id",
        "date_side",
        "use_window",
        "hour_from",
        "hour_to",
        "calendar_id.name",
        *WEEKDAYS,
    )
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for action in self:
            words = ": ".join(filter(None, (kinds.get(action.kind), action._seen_content())))
            when = ", ".join(filter(None, (action._timing_in_words(), action._window_in_words())))
            action.display_name = f"{words} ({when})" if when else words

    def _timing_in_words(self):
        delay = delay_in_words(self, self.delay_value, self.delay_unit)
        match self._timing_kind():
            case "delay" if self.delay_value:
                return self.env._("%s later", delay)
            case "date":
                return format_datetime(self.env, self.date_at, dt_format="short")
            case "field":
                field = self.date_field_id.field_description or ""
                if not self.delay_value:
                    return self.env._("on “%s”", field)
                if self.date_side == "before":
                    return self.env._("%(delay)s before “%(field)s”", delay=delay, field=field)
                return self.env._("%(delay)s after “%(field)s”", delay=delay, field=field)
        return ""

    def _window_in_words(self):
        """Return “Mon–Fri 9:00–17:00”, with the names of days in the user's language."""
        if not self._keeps_hours():
            return ""
        if self.calendar_id:
            return self.calendar_id.sudo().name  # sudo: a name; who sees the action may read it
        days = [number for number, name in enumerate(WEEKDAYS) if self[name]]
        locale = babel_locale_parse(get_lang(self.env).code)
        short = [locale.days["format"]["abbreviated"][day] for day in days]
        if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
            short = [f"{short[0]}–{short[-1]}"]
        if len(days) in (0, 7):
            short = []
        hours = "–".join(float_to_clock(hour) for hour in (self.hour_from, self.hour_to))
        return " ".join(filter(None, (", ".join(short), hours)))

    def _check_draft(self):
        return super(FlowAction, self.filtered(lambda action: not action.is_manual))._check_draft()

    @api.constrains("timing", "date_at", "date_field_id")
    def _check_timing_is_complete(self):
        for action in self:
            if action.timing == "date" and not action.date_at:
                raise ValidationError(self.env._("Say on which date the action runs."))
            if action.timing == "field" and not action.date_field_id:
                raise ValidationError(self.env._("Say around which date of the contact it runs."))

    @api.constrains("calendar_id")
    def _check_calendar_has_hours(self):
        for calendar in self.calendar_id:
            if not calendar._flow_work_lines():
                raise ValidationError(
                    self.env._("The working calendar “%s” has no working hours.", calendar.name)
                )

    @api.constrains("workflow_id", "state_id", "transition_id")
    def _check_same_workflow(self):
        for action in self:
            owners = action.state_id.workflow_id | action.transition_id.workflow_id
            if owners - action.workflow_id:
                raise ValidationError(self.env._("An action belongs to its state's workflow."))

    def _run(self, steps):
        """Run this action for a batch of its steps.

        :param steps: `flow.step` records of this action, with the rights of the responsible
        :return: ``{step id: engine.execute.Outcome}`` for the steps that are not plainly done
        """
        self.ensure_one()
        return getattr(self, f"_run_{self.kind}")(steps)

    def _calls(self, steps):
        """Return what is to be called for a batch of steps of an *idempotent* action.

        :param steps: `flow.step` records of this action, with the rights of the responsible
        :return: by step id either what became of it without a call, an `engine.call_log.Answer`,
            or a function that makes the call and returns the answer. It runs in a thread without a
            database, within seconds, and may be called again for the same step.
        """
        self.ensure_one()
        return getattr(self, f"_calls_{self.kind}")(steps)

    def _contract(self):
        """Return what the kind of action promises about its effect.

        * ``transactional``: it is in this database, and commits with the outcome of the step.
          The kind has a method ``_run_<kind>``.
        * ``idempotent``: it is outside and may happen again, since the receiver can tell. The kind
          has a method ``_calls_<kind>``; `engine.call` makes each call at least once.
        * ``at_most_once``: it is outside and cannot be taken back. `engine.deliver` hands each
          message over, and a person looks at those of which nobody knows whether they arrived.
        """
        return "transactional"

    def _content_missing(self):
        """Return whether something is missing without which the action cannot run."""
        return False

    def _problems(self):
        """Return what else keeps the action from running, as sentences for its designer."""
        self.ensure_one()
        return []

    def _seen_content(self):
        """Return what `_content_in_words` does, nothing where Odoo refuses it to the user.

        This keeps screens open. It hides no name: Odoo tells names of related records to
        whoever sees what they are related to.
        """
        try:
            return self._content_in_words()
        except AccessError:
            return ""

    def _seen_problems(self):
        """Return what `_problems` does, also for who has no right to see what the action uses."""
        try:
            return self._problems()
        except AccessError:
            sentence = self.env._("“%s” uses what you have no right to see.", self.display_name)
            return [sentence]

    def _target(self):
        """Return no record of the model that the contacts of the campaign are of."""
        return self.env[self.target_model]

    def _content_in_words(self):
        """Return what the action does beyond its kind, such as the subject of the email."""
        return ""

    def _copy_content(self, campaign):
        """Return the values that a copy of this action in another campaign has of its own."""
        return {}

    def _timing_kind(self):
        """Actions of a transition run when it fires, those of a state by their timing."""
        return "entry" if self.transition_id else self.timing

    def _plan_timing(self):
        """Return the values of an `engine.clock.Timing`."""
        kind = self._timing_kind()
        delay = NO_DELAY
        if kind in ("delay", "field"):
            delay = Delay(self.delay_value, self.delay_unit)
        return Timing(
            kind=kind,
            delay=delay,
            at=self.date_at if kind == "date" else None,
            date_field=self.date_field_id.name if kind == "field" else None,
            before=self.date_side == "before",
            yearly=self.date_yearly,
            skip_past=self.skip_past and kind in ("date", "field"),
            window=self._plan_window(),
            calendar_id=(self._keeps_hours() and self.calendar_id.id) or None,
        )

    def _keeps_hours(self):
        return self.use_window and not self.transition_id

    def _plan_window(self):
        if not self._keeps_hours() or self.calendar_id:
            return None
        return Window(
            weekdays=frozenset(number for number, name in enumerate(WEEKDAYS) if self[name]),
            opens=time_of_day(self.hour_from),
            closes=time_of_day(self.hour_to),
        )

    def _plan_row(self):
        """Return the values of an `engine.plan.Action`, plus its owner."""
        self.ensure_one()
        return {
            "id": self.id,
            "key": self.key,
            "kind": self.kind,
            "timing": self._plan_timing(),
            "keep_after_leaving": self.keep_after_leaving,
            "content_missing": self._content_missing(),
            "contract": self._contract(),
            "unit_cost": self.unit_cost,
            "state_id": self.state_id.id or None,
            "transition_id": self.transition_id.id or None,
        }

    @api.model
    def _cost_categories(self):
        """Return the cost category of messages by the kind of their action, as external ids."""
        return {"email": "marketing_campaign_flow.cost_category_email"}
