"""What an audience comes to: how many are in, how many can be reached, and why others are not."""

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2 import errors

from ..engine import audience as engine
from .flow_audience import AudienceError

SAMPLE = 80
SAMPLED = "SELECT id, verdict FROM (%s) people WHERE verdict = ANY(%s) ORDER BY chance, id LIMIT %s"

# What a condition can be wrong about that only PostgreSQL sees, such as a word for a number.
WRONG_VALUES = (errors.DataError, errors.ProgrammingError)


class FlowAudience(models.Model):
    _name = "flow.audience"
    _inherit = ["flow.audience", "flow.counted"]

    found_count = fields.Integer(string="Found", compute="_compute_counts")
    contact_count = fields.Integer(
        string="People", compute="_compute_counts", help="One contact per address."
    )
    reachable_count = fields.Integer(
        string="Reachable by email",
        compute="_compute_counts",
        help="Different valid addresses that are not on the blacklist.",
    )
    sms_count = fields.Integer(
        string="Reachable by SMS",
        compute="_compute_counts",
        help="Valid phone numbers that are not on the blacklist of phone numbers.",
    )
    has_phones = fields.Boolean(compute="_compute_has_phones")
    preview = fields.Json(compute="_compute_counts")
    problem = fields.Char(
        compute="_compute_counts", help="Why the people of the audience cannot be worked out."
    )

    @api.depends("target_model")
    def _compute_has_phones(self):
        for audience in self:
            audience.has_phones = audience._has_phones()

    @api.depends(lambda self: self._who_fields())
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_counts(self):
        for audience in self:
            preview = audience._preview()
            audience.preview = preview
            audience.problem = preview["problem"]
            audience.found_count = preview["found"]
            audience.contact_count = preview["people"]
            audience.reachable_count = preview["reachable"]
            audience.sms_count = preview["sms"]

    @api.model
    def _who_fields(self):
        """Return the names of the fields that decide who is in."""
        return [
            "use_criteria",
            "domain",
            "criterion_ids",
            "target_model",
            "filter_ids",
            "mailing_list_ids",
            "source_audience_ids",
            "partner_ids",
            "mailing_contact_ids",
            "use_exclude_domain",
            "exclude_domain",
            "excluded_mailing_list_ids",
            "excluded_audience_ids",
            "excluded_partner_ids",
            "excluded_mailing_contact_ids",
            "shown_partner_ids",
            "shown_excluded_partner_ids",
            "exclude_campaigns",
            "excluded_campaign_ids",
            "exclude_contacted_days",
            "limit_kind",
            "limit_number",
            "limit_share",
            "frozen_at",
        ]

    def _counted_fields(self):
        return self._who_fields()

    def _count(self):
        return self._preview()

    def _preview(self):
        """Return the figures of the audience as the current user sees it, by one query.

        Each contact that was found counts once: as out for the first reason that applies, as in and
        unreachable, or as reachable. The numbers of the rows add up.

        :return: ``found``, ``people``, ``reachable``, ``sms``, whose ``eyes`` these are, ``rows``
            of verdicts with labels and counts, and the ``problem``, with no figures, when people
            cannot be worked out
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint(), self._explaining():
                counts, phones = engine.count(self.env, self._reached())
        except AudienceError as error:
            return self._no_preview(error.args[0])
        except WRONG_VALUES as error:
            return self._no_preview(str(error).strip())
        out = {verdict: counts.get(verdict, 0) for verdict in engine.OUT}
        unreachable = {verdict: counts.get(verdict, 0) for verdict in engine.UNREACHABLE}
        reachable = counts.get(engine.REACHABLE, 0)
        labels = dict(self._verdict_labels())
        rows = [
            {
                "verdict": verdict,
                "label": labels[verdict],
                "count": number,
                "is_out": verdict in out,
            }
            for verdict, number in {**out, **unreachable}.items()
            if number
        ]
        return {
            "found": sum(counts.values()),
            "people": reachable + sum(unreachable.values()),
            "reachable": reachable,
            "sms": phones,
            "has_phones": self._has_phones(),
            "eyes": self.env.user.name,
            "rows": rows,
            "problem": False,
        }

    def _no_preview(self, problem):
        figures = dict.fromkeys(("found", "people", "reachable", "sms"), 0)
        return {**figures, "eyes": self.env.user.name, "rows": [], "problem": problem}

    @api.model
    def _verdict_labels(self):
        """Return what is said of contacts that were found, as a selection, in the order in which it
        is looked at."""
        return [
            ("by_hand", self.env._("Taken out by hand")),
            ("criteria", self.env._("Left out by criteria")),
            ("list", self.env._("On a mailing list that is left out")),
            ("audience", self.env._("In an audience that is left out")),
            ("opted_out", self.env._("Has left the mailing lists")),
            ("campaign", self.env._("In another campaign")),
            ("contacted", self.env._("Was written to lately")),
            ("duplicate", self.env._("Same address as somebody else")),
            ("beyond_limit", self.env._("Beyond the limit")),
            ("no_address", self.env._("In, but has no email address")),
            ("invalid_address", self.env._("In, but the email address is not valid")),
            ("blacklisted", self.env._("In, but on the blacklist")),
            ("unsubscribed", self.env._("In, but has left the mailing lists")),
            ("reachable", self.env._("In")),
        ]

    def get_sample(self):
        """Return up to 80 people of the audience, drawn once, as the current user sees them.

        :return: for each ``id``, ``name``, ``email`` and ``note``
        """
        self.ensure_one()
        self.check_access("read")
        wanted = [engine.REACHABLE, *engine.UNREACHABLE]
        rows = self.env.execute_query(SQL(SAMPLED, self._reached(), wanted, SAMPLE))
        verdicts, labels = dict(rows), dict(self._verdict_labels())
        people = self._target().browse(verdicts)
        return [
            {
                "id": person.id,
                "name": person.display_name,
                "email": person[person._primary_email] or "",
                "note": "" if verdicts[person.id] == "reachable" else labels[verdicts[person.id]],
            }
            for person in people
        ]

    def action_view_contacts(self):
        """Open the people of this audience."""
        return self.action_view_verdict("in")

    def action_view_reachable(self):
        """Open those of this audience whom email can reach."""
        return self.action_view_verdict("reachable")
