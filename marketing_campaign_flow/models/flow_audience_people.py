"""The people of an audience, as queries; always with the rights of whoever asks."""

from functools import partial

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import audience as engine
from ..engine.audience import ids_of
from .flow_audience_sources import any_of

TAKEN_IN = "(SELECT res_id FROM flow_participant WHERE campaign_id = %s)"


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    def _contact_query(self, campaign=None, staying=False):
        """Return the `Query` of the contacts in this audience, seen with the caller's rights.

        Of several with one address all are in it, unless the audience is limited.

        :param campaign: the `flow.campaign` that asks: of a limited audience it keeps whom it has
            taken in, and its own people are not in *another* campaign
        :param staying: those who may stay; what decides only who comes in, such as the limit and
            other campaigns, is left aside
        :raises AudienceError: when the audience cannot be worked out
        """
        self.ensure_one()
        self.env.flush_all()  # queries of our own read what is on record
        with self._explaining():
            return self._as_asked()._member_query(campaign, staying)

    def _as_asked(self):
        """Return the audience with the rights of whoever asks, also where Odoo would look at it
        with all rights, as it does at related fields and in constraints."""
        return self.sudo(False)

    def _contact_domain(self):
        """Return the domain of the contacts in this audience, on its target model."""
        return any_of(ids_of(self._contact_query()))

    def _member_query(self, campaign=None, staying=False):
        found = self._found(campaign, staying)
        audience = self._deeper()
        limit = audience._limit()
        exclusions = audience._exclusions(campaign, staying)
        if staying or limit == engine.Limit():
            return engine.leave_out(found, exclusions)
        people = audience._judged(found, exclusions, limit, campaign=campaign)
        return self._target()._search(any_of(engine.members(people)))

    def _people(self, about=None, **columns):
        """Return a query of everybody who was found, with the verdict on each.

        :param about: ids of the only contacts that are asked about
        :param columns: what else it returns, by name
        """
        self.ensure_one()
        self.env.flush_all()
        with self._explaining():
            asked = self._as_asked()
            found, audience = asked._found(left=True), asked._deeper()
            exclusions, limit = audience._exclusions(), audience._limit()
            opted_out = audience._opted_out(found)
            if about and not limit.number:  # a number is drawn among all
                audience._narrow(found, about)
            return audience._judged(found, exclusions, limit, opted_out=opted_out, columns=columns)

    def _narrow(self, found, ids):
        """Leave of those who were found only contacts, and whoever shares their addresses."""
        table = SQL.identifier(found.table)
        found.add_where(
            SQL(
                "(%(id)s = ANY(%(ids)s) OR %(address)s = ANY(ARRAY("
                " SELECT email_normalized FROM %(table)s WHERE id = ANY(%(ids)s))))",
                id=SQL.identifier(found.table, "id"),
                ids=list(ids),
                address=SQL.identifier(found.table, "email_normalized"),
                table=table,
            )
        )

    def _judged(self, found, exclusions, limit, campaign=None, **details):
        return engine.judge(
            found,
            exclusions,
            seed=self.seed,
            limit=limit,
            picked=self._hand_ids("in") if self._has_hand("in") else None,
            kept=SQL(TAKEN_IN, campaign.id) if campaign else None,
            **details,
        )

    def _reached(self, about=None):
        """Return a query of everybody who was found: out, unreachable by email, or reachable.

        :param about: ids of the only contacts that are asked about
        """
        target = self._target()
        table = target._table
        has_phones = self._has_phones()
        phone = SQL.identifier(table, "phone_sanitized") if has_phones else SQL("NULL::text")
        address = SQL.identifier(table, target._primary_email)
        people = self._people(
            about=about, has_no_address=SQL("NULLIF(TRIM(%s), '') IS NULL", address), phone=phone
        )
        return engine.reach(people, has_phones, self._unsubscribed())

    def _has_phones(self):
        """Return whether numbers are known that text messages can be sent to."""
        field = self._target()._fields.get("phone_sanitized")
        return bool(field and field.store and "phone.blacklist" in self.env)

    def _verdict_domain(self, verdicts):
        """Return the domain of those who were found, with one of the verdicts.

        :param verdicts: of `engine.audience`, or ``in`` for everybody who is in
        """
        if set(verdicts) == {"in"}:
            return any_of(engine.members(self._people()))
        wanted = set(verdicts)
        if "in" in wanted:
            wanted |= {engine.REACHABLE, *engine.UNREACHABLE}
        ids = SQL(
            "(SELECT id FROM (%s) people WHERE verdict = ANY(%s))", self._reached(), list(wanted)
        )
        return any_of(ids)

    def _used(self, name):
        """Return all records that a many2many field of the audience refers to.

        Read as a field, those that the current user may not see would be missing, and whoever they
        leave out would be in.
        """
        field, comodel = self._fields[name], self.env[self._fields[name].comodel_name]
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM %s WHERE %s = %s",
                SQL.identifier(field.column2),
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                self._origin.id or 0,
            )
        )
        recorded = comodel.browse(row[0] for row in rows)
        if self.id:
            return recorded
        # A form that was not saved yet: what it shows, and what it cannot show.
        return self[name]._origin | (recorded - recorded._filtered_access("read"))

    # -- decisions by hand ----------------------------------------------------------------

    def _hand_fields(self):
        """Return where decisions by hand are kept: by target model the fields of those who are in
        and of those who are out; other addons add theirs."""
        return {
            "res.partner": ("partner_ids", "excluded_partner_ids"),
            "mailing.contact": ("mailing_contact_ids", "excluded_mailing_contact_ids"),
        }

    def _hand_table(self, decision):
        """Return table, column of the audience and column of the contact of decisions by hand.

        :param decision: ``in`` or ``out``
        """
        kept_in, kept_out = self._hand_fields()[self.target_model]
        field = self._fields[kept_in if decision == "in" else kept_out]
        return tuple(map(SQL.identifier, (field.relation, field.column1, field.column2)))

    def _hand_ids(self, decision):
        """Return the ids of those who are in or out by hand, as a query in brackets; they can be
        a million. In a form that was not saved yet they are those that it shows."""
        unsaved = self._unsaved(decision)
        if unsaved is not None:
            return SQL("(SELECT unnest(%s::int[]))", unsaved)
        return self._recorded(decision)

    def _recorded(self, decision):
        table, audience, contact = self._hand_table(decision)
        return SQL(
            "(SELECT %s FROM %s WHERE %s = %s)", contact, table, audience, self._origin.id or 0
        )

    def _has_hand(self, decision):
        [(exists,)] = self.env.execute_query(SQL("SELECT EXISTS %s", self._hand_ids(decision)))
        return exists

    def _never_domain(self):
        """Return the domain of those whom nobody has taken out of this audience by hand."""
        self.env.flush_all()
        return Domain.AND(
            Domain.custom(to_sql=partial(_not_kept_out, exclusion)) for exclusion in self._never()
        )


def _not_kept_out(exclusion, _model, alias, _query):
    return engine.is_not_kept_out(alias, exclusion)
