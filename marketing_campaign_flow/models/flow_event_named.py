"""Rules that name a mailing list or a tag which nobody has made: told, and made by a click."""

from odoo import models
from odoo.fields import Domain

from ..engine.event_rule import like
from .finding import Finding

# Kinds of events whose text is the name of a record; it says which.
NAMED = {
    "list_subscribed": "mailing.list",
    "list_unsubscribed": "mailing.list",
    "tag_added": "res.partner.category",
}


class FlowEventRule(models.AbstractModel):
    _inherit = "flow.event.rule"

    def _named_hints(self):
        """Return which rules wait for something that nobody has made yet, as `Finding`s."""
        return [
            Finding(rule._missing_in_words(), rule, **rule._missing_fix())
            for rule in self
            if rule._names_nothing()
        ]

    def _names_nothing(self):
        """Return whether no record has the name that the rule asks for."""
        model = NAMED.get(self.event_kind)
        if self.trigger != "event" or not model or not self.event_detail:
            return False
        # sudo: only whether there is one; an archived list may come back
        records = self.env[model].sudo().with_context(active_test=False)
        return not records.search_count(Domain("name", "=ilike", like(self.event_detail)), limit=1)

    def _missing_in_words(self):
        if NAMED[self.event_kind] == "mailing.list":
            return self.env._(
                "There is no mailing list “%(name)s”, so nothing comes of “%(rule)s”.",
                name=self.event_detail,
                rule=self.display_name,
            )
        return self.env._(
            "There is no tag “%(name)s”, so nothing comes of “%(rule)s”.",
            name=self.event_detail,
            rule=self.display_name,
        )

    def _missing_fix(self):
        """Return how it is mended in one step, by those who may; others open the rule."""
        may_create = self.env[NAMED[self.event_kind]].has_access("create")
        if "*" in self.event_detail or not may_create:
            return {}
        return {"method": "action_make_named", "label": self.env._("Create it")}

    def action_make_named(self):
        """Make the mailing list or the tag that the rule names, with the rights of the user."""
        self.ensure_one()
        self.check_access("write")
        if self._names_nothing() and self._missing_fix():
            self.env[NAMED[self.event_kind]].create({"name": self.event_detail})


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _launch_hints(self, figures):
        return [*super()._launch_hints(figures), *self.entry_ids._named_hints()]


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    def _hints(self):
        return [*super()._hints(), *self.transition_ids._named_hints()]
