"""Ways into a campaign beside its audience: by what people do, or around a date of theirs."""

import ast
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..engine import clock, database_clock, enrol, match, version_lock
from .finding import Finding

# Days that are made up for when the engine did not run.
MOST_DAYS = 7


class FlowEntry(models.Model):
    _name = "flow.entry"
    _description = "Way into a Campaign"
    _inherit = ["flow.event.rule"]
    _order = "campaign_id, sequence, id"

    sequence = fields.Integer(default=10)
    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    target_model = fields.Selection(related="campaign_id.target_model")
    trigger = fields.Selection(
        [("event", "Something happens"), ("date", "A date of the contact has come")],
        string="When",
        default="event",
        required=True,
    )
    event_kind = fields.Selection("_entering_kind_selection")
    date_field_id = fields.Many2one(
        "ir.model.fields",
        string="The contact's date",
        ondelete="cascade",
        domain="[('model', '=', target_model), ('store', '=', True),"
        " ('ttype', 'in', ('date', 'datetime'))]",
    )
    date_days = fields.Integer(string="Days", help="0: on the day itself.")
    date_side = fields.Selection(
        [("before", "before"), ("after", "after")], string="Side", default="before", required=True
    )
    date_yearly = fields.Boolean(
        string="Every year", help="Birthdays and other days that come back. 29 February may be 28."
    )
    guard = fields.Char(string="Only if", help="The contact must also match this filter.")
    looked_on = fields.Date(readonly=True, copy=False, help="Up to this day everybody is in.")

    _days_positive = models.Constraint("CHECK(date_days >= 0)", "Days cannot be negative.")

    @api.model
    def _entering_kind_selection(self):
        kinds = self.env["flow.event"]._kinds()
        return [(kind, about.label) for kind, about in kinds.items() if about.enters]

    @api.depends(
        "trigger",
        "event_kind",
        "link_pattern",
        "event_detail",
        "event_least",
        "date_field_id",
        "date_days",
        "date_side",
        "date_yearly",
    )
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = entry._in_words()

    def _in_words(self):
        if self.trigger == "event":
            return self._event_in_words()
        day = self.date_field_id.field_description or ""
        if not self.date_days:
            words = self.env._("On “%s”", day)
        elif self.date_days == 1:
            words = (
                self.env._("1 day before “%s”", day)
                if self.date_side == "before"
                else self.env._("1 day after “%s”", day)
            )
        elif self.date_side == "before":
            words = self.env._("%(days)s days before “%(day)s”", days=self.date_days, day=day)
        else:
            words = self.env._("%(days)s days after “%(day)s”", days=self.date_days, day=day)
        return self.env._("%s, every year", words) if self.date_yearly else words

    @api.constrains("trigger", "event_kind", "date_field_id", "guard")
    def _check_is_complete(self):
        for entry in self:
            if entry.trigger == "event" and not entry.event_kind:
                raise ValidationError(self.env._("Say which event lets people in."))
            if entry.trigger == "date" and not entry.date_field_id:
                raise ValidationError(self.env._("Say which date of the contact lets people in."))
            if entry.trigger == "date" and entry.date_field_id.model != entry.target_model:
                raise ValidationError(
                    self.env._("The date belongs to another kind of record than the contacts.")
                )
            # Odoo checks constraints with all rights.
            if problems := entry._guard_problems(entry.sudo(False).env):
                raise ValidationError("\n".join(problems))

    def _guard_problems(self, env):
        """Return which filters do not work, as sentences for their designer.

        :param env: of whoever asks: a filter on what they may not read does not work
        """
        problems = []
        for entry in self:
            try:
                with self.env.cr.savepoint():
                    env[entry.target_model].search(entry._guard(), limit=1)
            except Exception:
                words = self.env._("The filter “%s” does not work.", entry.guard)
                problems.append(Finding(words, entry))
        return problems

    def _guard(self) -> Domain:
        return Domain(ast.literal_eval(self.guard or "[]"))

    # -- by what people do -----------------------------------------------------------------

    @api.model
    def _let_in(self, kind, occurrences):
        """Let those into campaigns who did what takes people in; at once.

        :param kind: a kind of `flow.event`
        :param occurrences: list of `engine.contact_events.Occurrence`
        :return: how many came in
        """
        # sudo: whoever does something is let in, and need not see the campaign; who exactly may
        # come in is looked up with the rights of its responsible
        entries = self.sudo().search(
            [
                ("trigger", "=", "event"),
                ("event_kind", "=", kind),
                ("campaign_id.status", "=", "running"),
            ]
        )
        return sum(entry._let_in_for(kind, occurrences) for entry in entries)

    def _let_in_for(self, kind, occurrences):
        rule, campaign = self._event_rule(), self.campaign_id
        meant = [
            one
            for one in occurrences
            if rule.accepts(one.url, one.detail, one.value, one.is_machine)
            and not self._was_accepted(rule, one)
            and one.company_id in (None, campaign.company_id.id)
        ]
        meant = self._new_ones(kind, meant)
        responsible = campaign._as_responsible().env
        if meant and rule.domain:
            about = Domain("id", "in", [one.record_id for one in meant])
            wanted = Domain(ast.literal_eval(rule.domain))
            records = responsible[rule.model]
            records = set(records.search(match.also_archived(records, about & wanted)).ids)
            meant = [one for one in meant if one.record_id in records]
        if not meant:
            return 0
        return self._enrol(self._contacts_of(meant) & self._guard())

    def _new_ones(self, kind, occurrences):
        """Return those that have not been told before."""
        keys = [one.key for one in occurrences if one.key]
        if not keys:
            return occurrences
        events = self.env["flow.event"].search(
            [
                ("external_key", "in", keys),
                ("kind", "=", kind),
                ("campaign_id", "=", self.campaign_id.id),
            ]
        )
        told = set(events.mapped("external_key"))
        return [one for one in occurrences if one.key not in told]

    def _was_accepted(self, rule, one):
        """Return whether what goes on has let its contact in before, with a smaller number."""
        return one.before is not None and rule.accepts(
            one.url, one.detail, one.before, one.is_machine
        )

    def _contacts_of(self, occurrences) -> Domain:
        """Return the domain of those who did something, on the target model of the campaign."""
        ids, emails = [], []
        for one in occurrences:
            res_id = one.partner_id if self.target_model == "res.partner" else None
            if one.model == self.target_model:
                res_id = one.res_id
            if res_id:
                ids.append(res_id)
            elif one.email:
                emails.append(one.email)
        known = Domain("id", "in", ids)
        return known | Domain("email_normalized", "in", emails) if emails else known

    def _enrol(self, domain):
        campaign = self.campaign_id
        version_lock.share(self.env, campaign, wait=True)
        if not enrol.lets_in(self.env, campaign):
            return 0
        contacts = campaign._as_responsible().env[self.target_model]._search(domain)
        return enrol.enrol(self.env, campaign, contacts, added=True)

    # -- around a date -----------------------------------------------------------------------

    def _let_in_by_date(self):
        """Let those in whose day has come since the last look.

        :return: how many came in
        """
        count = 0
        for entry in self._by_date():
            zone = ZoneInfo(entry.campaign_id._timezone())
            now = database_clock.now(self.env)
            today = now.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()
            first = max(
                entry.looked_on + timedelta(days=1) if entry.looked_on else today,
                today - timedelta(days=MOST_DAYS),
            )
            days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
            if days:
                count += entry._enrol(entry._day_domain(days, zone) & entry._guard())
                entry.looked_on = today
        return count

    def _by_date(self):
        return self.filtered(lambda entry: entry.trigger == "date")

    def _day_domain(self, days, zone) -> Domain:
        """Return the domain of contacts whose date brings them in on one of some days."""
        shift = timedelta(days=self.date_days if self.date_side == "before" else -self.date_days)
        name = self.date_field_id.name
        return Domain.OR(self._on(name, day + shift, zone) for day in days)

    def _on(self, name, day, zone) -> Domain:
        if self.date_yearly:
            return Domain.OR(
                Domain(f"{name}.month_number", "=", month)
                & Domain(f"{name}.day_of_month", "=", number)
                for month, number in clock.anniversaries(day)
            )
        if self.date_field_id.ttype == "date":
            return Domain(name, "=", day)
        begin, end = (
            datetime.combine(moment, time(), zone).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
            for moment in (day, day + timedelta(days=1))
        )
        return Domain(name, ">=", begin) & Domain(name, "<", end)
