"""Effects: one outcome in one group of people, compared with those who were held out."""

from odoo import api, fields, models
from odoo.tools import formatLang

from ..engine import holdout


class FlowEffect(models.Model):
    _name = "flow.effect"
    _description = "Effect of a Campaign"
    _log_access = False  # measured again and again, see `effect_measured_at` of the campaign
    _order = "campaign_id, id"
    _rec_name = "outcome"

    campaign_id = fields.Many2one(
        "flow.campaign", required=True, ondelete="cascade", index=True, readonly=True
    )
    currency_id = fields.Many2one(related="campaign_id.currency_id")
    outcome = fields.Selection(
        [("goal", "Did what the goal asks for"), ("response", "Responded")],
        required=True,
        readonly=True,
    )
    who = fields.Selection(
        [
            ("held_out", "Held out: nothing"),
            ("treated", "All who take part"),
            ("email", "Got an email"),
        ],
        required=True,
        readonly=True,
    )
    action_key = fields.Char(readonly=True)
    arm = fields.Char("Version", readonly=True)
    is_measured = fields.Boolean(readonly=True)
    is_compared = fields.Boolean(readonly=True)
    people = fields.Integer(readonly=True, help="How many people are in the group.")
    total = fields.Float(readonly=True, help="How many of them did it, or the sum of amounts.")
    value = fields.Float(readonly=True, digits=(16, 6), help="Total / people.")
    difference = fields.Float(
        readonly=True, digits=(16, 6), help="Value − value of those who were held out."
    )
    has_interval = fields.Boolean(readonly=True)
    low = fields.Float(readonly=True, digits=(16, 6), help="Lower limit of the difference, 95 %.")
    high = fields.Float(readonly=True, digits=(16, 6), help="Upper limit of the difference, 95 %.")
    has_relative = fields.Boolean(readonly=True)
    relative = fields.Float(
        "Lift", readonly=True, digits=(16, 6), help="Difference / value of those held out."
    )
    p_value = fields.Float(
        readonly=True,
        digits=0,
        help="How likely a difference like this, or a larger one, is by chance alone.",
    )
    method = fields.Selection(
        [
            ("z", "two-proportion z-test"),
            ("fisher", "Fisher's exact test"),
            ("welch", "Welch's t-test"),
        ],
        string="Test",
        readonly=True,
    )
    is_few = fields.Boolean(readonly=True)
    incremental = fields.Float(
        readonly=True, help="Difference × people: how many, or how much, more than without."
    )
    group_in_words = fields.Char("Group", compute="_compute_in_words")
    value_in_words = fields.Char("Per person", compute="_compute_in_words")
    difference_in_words = fields.Char("Difference (95 %)", compute="_compute_in_words")
    relative_in_words = fields.Char("Lift in percent", compute="_compute_in_words")
    incremental_in_words = fields.Char("More in all", compute="_compute_in_words")
    test_in_words = fields.Char("Chance (p)", compute="_compute_in_words")
    sentence = fields.Char("In words", compute="_compute_in_words")

    @api.depends("people", "total", "difference")
    @api.depends_context("lang")
    def _compute_in_words(self):
        messages = self._messages()
        for effect in self:
            unknown = self.env._("n/a")
            effect.group_in_words = effect._group(messages)
            effect.value_in_words = effect._amount(effect.value) if effect.is_measured else unknown
            effect.difference_in_words = effect._difference()
            effect.relative_in_words = (
                f"{100 * effect.relative:+.1f} %" if effect.has_relative else effect._blank()
            )
            effect.incremental_in_words = effect._incremental()
            effect.test_in_words = effect._test()
            effect.sentence = effect._sentence()

    def _messages(self):
        """Return the names of messages by campaign and key, of their newest version."""
        actions = self.env["flow.action"].search(
            [
                ("workflow_id.campaign_id", "in", self.campaign_id.ids),
                ("key", "in", [key for key in self.mapped("action_key") if key]),
            ],
            order="id",
        )
        return {
            (action.workflow_id.campaign_id.id, action.key): (
                action._seen_content() or action.display_name
            )
            for action in actions
        }

    def _group(self, messages):
        if self.who != "email":
            return dict(self._fields["who"]._description_selection(self.env))[self.who]
        name = messages.get((self.campaign_id.id, self.action_key), self.action_key)
        if self.arm:
            return self.env._("“%(email)s”, version %(letter)s", email=name, letter=self.arm)
        return self.env._("“%s”", name)

    def _is_amount(self):
        return self.outcome in self.env["flow.campaign"]._outcome_amounts()

    def _amount(self, value, sign=False):
        """Return a value per person, or a difference of two, in its unit."""
        if self._is_amount():
            plus = "+" if sign and value > 0 else ""
            return plus + formatLang(self.env, value, currency_obj=self.currency_id)
        return f"{100 * value:+.2f}" if sign else f"{100 * value:.2f} %"

    def _blank(self):
        return "" if self.who == holdout.HELD_OUT else self.env._("n/a")

    def _difference(self):
        if not self.is_compared:
            return self._blank()
        words = self._amount(self.difference, sign=True)
        if not self._is_amount():
            words = self.env._("%s in 100", words)
        if not self.has_interval:
            return self.env._("%s (too few for limits)", words)
        return self.env._(
            "%(difference)s (%(low)s to %(high)s)",
            difference=words,
            low=self._amount(self.low, sign=True),
            high=self._amount(self.high, sign=True),
        )

    def _incremental(self):
        if not self.is_compared:
            return self._blank()
        if self._is_amount():
            return self._amount(self.incremental, sign=True)
        return f"{self.incremental:+,.0f}"

    def _test(self):
        if not self.is_compared:
            return self._blank()
        if not self.method:
            return self.env._("too few")
        methods = dict(self._fields["method"]._description_selection(self.env))
        p_value = "< 0.0001" if self.p_value < 0.0001 else f"{self.p_value:.4f}"
        return f"{p_value} ({methods[self.method]})"

    def _sentence(self):
        """Return what the comparison has shown, for somebody who knows no statistics."""
        outcome = dict(self._fields["outcome"]._description_selection(self.env))[self.outcome]
        if not self.is_measured:
            return self.env._(
                "%s: n/a, because the responsible of the campaign may not see it.", outcome
            )
        if self.who == holdout.HELD_OUT:
            return False
        if not self.is_compared:
            return self.env._("%s: n/a, because nobody is held out.", outcome)
        if not self.value and not self.difference:
            return False  # nobody did it at all
        group = self.group_in_words if self.who == "email" else self.env._("the campaign")
        words = [self._sentence_of_difference(group, outcome)]
        if self.method:
            words.append(
                self.env._("That is hardly chance.")
                if self.p_value < 0.05
                else self.env._("That may be chance.")
            )
        if self.is_few:
            words.append(self.env._("Few people are compared: the figures tell little."))
        return " ".join(words)

    def _sentence_of_difference(self, group, outcome):
        fewer = self.difference < 0
        size = abs(self.difference)
        amount = self._amount(size) if self._is_amount() else f"{100 * size:.2f}"
        limits = ""
        if self.has_interval:
            low, high = (
                self._amount(limit, sign=True) if self._is_amount() else f"{100 * limit:+.2f}"
                for limit in (self.low, self.high)
            )
            limits = self.env._(" (95 %% between %(low)s and %(high)s)", low=low, high=high)
        values = {"group": group, "amount": amount, "limits": limits, "outcome": outcome}
        if self._is_amount():
            if fewer:
                return self.env._(
                    "%(outcome)s: %(group)s brought %(amount)s less per person than no"
                    " message%(limits)s.",
                    **values,
                )
            return self.env._(
                "%(outcome)s: %(group)s brought %(amount)s more per person than no"
                " message%(limits)s.",
                **values,
            )
        if fewer:
            return self.env._(
                "%(outcome)s: %(group)s brought %(amount)s fewer per 100 people than no"
                " message%(limits)s.",
                **values,
            )
        return self.env._(
            "%(outcome)s: %(group)s brought %(amount)s more per 100 people than no"
            " message%(limits)s.",
            **values,
        )

    def action_view_people(self):
        """Open the participants of the group."""
        self.ensure_one()
        view = self.campaign_id._view("flow.participant", self.group_in_words, "list,kanban,form")
        return {**view, "domain": [*view["domain"], *self._people_domain()]}

    def _people_domain(self):
        if self.who != "email":
            return [("comparison", "=", self.who)]
        steps = [
            ("campaign_id", "=", self.campaign_id.id),
            ("is_message", "=", True),
            ("status", "in", ("sending", "done", "uncertain")),
            ("action_key", "=", self.action_key),
            ("arm", "=", self.arm),
        ]
        return [("comparison", "=", holdout.TREATED), ("step_ids", "any", steps)]
