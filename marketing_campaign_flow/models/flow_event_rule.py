"""Event rules: what transitions and ways into a campaign have in common."""

import ast

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..engine.event_rule import EventRule
from .finding import Finding


class FlowEventRule(models.AbstractModel):
    _name = "flow.event.rule"
    _description = "Rule on Events"

    event_kind = fields.Selection("_event_kind_selection", string="Event")
    link_pattern = fields.Char(
        string="Address", help="Only this address; * stands for anything. Empty: any."
    )
    event_detail = fields.Char(
        string="Text", help="Only this text; * stands for anything. Empty: any."
    )
    event_least = fields.Float(string="At least", help="0: any number.")
    event_times = fields.Integer(
        string="How often", default=1, help="So many times it has to happen."
    )
    event_machines = fields.Boolean(
        string="Count machines too",
        help="Scanners and programs that fetch ahead open emails and follow links as well.",
    )
    event_domain = fields.Char(string="Only records", help="What the event is about has to match.")
    # How the form asks, in the words of the kind of event.
    event_of_message = fields.Boolean(compute="_compute_event_words")
    event_url_words = fields.Char(compute="_compute_event_words")
    event_detail_words = fields.Char(compute="_compute_event_words")
    event_detail_hint = fields.Char(compute="_compute_event_words")
    event_value_words = fields.Char(compute="_compute_event_words")
    event_model = fields.Char(compute="_compute_event_words")
    event_model_hidden = fields.Boolean(compute="_compute_event_words")

    _times_positive = models.Constraint(
        "CHECK(event_times >= 1)", "Something has to happen once at least."
    )

    @api.model
    def _event_kind_selection(self):
        return self.env["flow.event"]._kind_selection()

    @api.depends("event_kind")
    @api.depends_context("uid")
    def _compute_event_words(self):
        kinds = self.env["flow.event"]._kinds()
        for rule in self:
            kind = kinds.get(rule.event_kind)
            rule.event_of_message = bool(kind and kind.of_message)
            rule.event_url_words = kind and kind.url
            rule.event_detail_words = kind and kind.detail
            rule.event_detail_hint = kind and kind.hint
            rule.event_value_words = kind and kind.value
            rule.event_model = kind and kind.model
            rule.event_model_hidden = bool(
                kind and kind.model and not self.env[kind.model].has_access("read")
            )

    @api.constrains("event_kind", "event_domain")
    def _check_event_domain(self):
        for rule in self.filtered("event_domain"):
            model = rule.event_model
            if not model:
                continue  # it is left from another kind of event and is not looked at
            # Odoo checks constraints with all rights. Who may see no such records, and takes a
            # design over, is told at launch, when the responsible has to.
            records, asked = self.env[model], rule.sudo(False).env[model]
            try:
                with self.env.cr.savepoint():
                    records = asked if asked.has_access("read") else records
                    records.search(ast.literal_eval(rule.event_domain), limit=1)
            except Exception:
                raise ValidationError(
                    self.env._("The filter “%s” does not work.", rule.event_domain)
                ) from None

    def _unseen_problems(self):
        """Return which filters are about what the campaign's responsible may not see, as sentences
        for their designer."""
        problems = []
        for rule in self.filtered(lambda rule: rule.trigger == "event" and rule.event_domain):
            asked, responsible = rule._event_rule(), rule.campaign_id.user_id
            if not (asked and asked.domain and responsible):
                continue
            if not rule._is_seen_by(rule.campaign_id._as_responsible().env[asked.model]):
                words = self.env._(
                    "%(name)s, who is responsible, has no right to see what “%(rule)s” asks for.",
                    name=responsible.sudo().name,  # sudo: a name
                    rule=rule.display_name,
                )
                problems.append(Finding(words, rule))
        return problems

    def _is_seen_by(self, records):
        """Return whether the filter asks for nothing that whoever looks may not read.

        :param records: the model of what the event is about, with their rights
        """
        try:
            with self.env.cr.savepoint():
                records.search(ast.literal_eval(self.event_domain), limit=1)
        except AccessError:
            return False
        return True

    def _event_rule(self) -> EventRule | None:
        """Return what is waited for; what the kind of event does not have is left out."""
        self.ensure_one()
        kind = self.env["flow.event"]._kinds().get(self.event_kind)
        if kind is None:
            return None
        domain = (
            self.event_domain if kind.model and self.event_domain not in (False, "[]") else None
        )
        return EventRule(
            self.event_kind,
            url=(kind.url and self.link_pattern) or None,
            detail=(kind.detail and self.event_detail) or None,
            least=(kind.value and self.event_least) or None,
            times=self.event_times,
            machines=self.event_machines,
            model=kind.model if domain else None,
            domain=domain,
        )

    def _event_in_words(self):
        """Return “Page visited: /pricing*, at least 30 seconds, 2 times”."""
        self.ensure_one()
        kind = self.env["flow.event"]._kinds().get(self.event_kind)
        rule = self._event_rule()
        if rule is None:
            return ""
        words = [
            f"{kind.label}: {rule.url or rule.detail}" if rule.url or rule.detail else kind.label
        ]
        if rule.url and rule.detail:
            words.append(rule.detail)
        if rule.least:
            words.append(
                self.env._("%(what)s at least %(number)g", what=kind.value, number=rule.least)
            )
        if rule.times > 1:
            words.append(self.env._("%s times", rule.times))
        if rule.domain:
            words.append(self.env._("filtered"))
        return ", ".join(words)
