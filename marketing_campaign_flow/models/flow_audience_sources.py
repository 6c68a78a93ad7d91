"""Where the people of an audience come from; who is named by one source is found."""

import ast
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.audience import ids_of
from .flow_audience import AudienceError

# Archived lists and audiences go on working where they are used.
ALL = {"active_test": False}

# Who is still on one of the lists has not left them; by address, as consent is, where contacts have
# to be found by it.
SUBSCRIBERS = """(
    SELECT c.%(column)s FROM mailing_subscription s JOIN %(contacts)s c ON c.id = s.contact_id
     WHERE s.list_id = ANY(%(lists)s) GROUP BY 1 HAVING bool_and(s.opt_out IS TRUE) = %(left)s)"""


class CircleError(UserError):
    """An audience that would be made of itself."""


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    filter_id = fields.Many2one(
        "mailing.filter",
        string="Start from a saved filter",
        store=False,
        help="Copies the rules of a filter that was saved in Email Marketing.",
    )
    filter_ids = fields.Many2many(
        "mailing.filter",
        "flow_audience_filter_rel",
        string="Saved filters",
        ondelete="restrict",
        help="Everybody who matches one of these filters of Email Marketing; what is changed there"
        " counts here.",
    )
    mailing_list_ids = fields.Many2many(
        "mailing.list",
        string="Mailing lists",
        context=ALL,
        ondelete="restrict",
        help="Everybody on one of these lists. Who has left all of them is not in.",
    )
    source_audience_ids = fields.Many2many(
        "flow.audience",
        "flow_audience_source_rel",
        "audience_id",
        "source_id",
        string="Other audiences",
        context=ALL,
        help="Everybody who is in one of these audiences.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        "flow_audience_partner_rel",
        string="Picked by hand",
        context=ALL,
        help="These contacts are found, whatever the criteria say.",
    )
    mailing_contact_ids = fields.Many2many(
        "mailing.contact",
        "flow_audience_mailing_contact_rel",
        string="Mailing contacts picked by hand",
        help="These mailing contacts are found, whatever the criteria say.",
    )

    @api.onchange("filter_id")
    def _onchange_filter_id(self):
        if self.filter_id:
            self.domain = self.filter_id.mailing_domain
            self.filter_id = False

    @api.constrains("filter_ids", "target_model")
    def _check_filters(self):
        for audience in self:
            for saved in audience._used("filter_ids"):
                if saved.mailing_model_name != audience.target_model:
                    raise ValidationError(
                        self.env._("The filter “%s” is about other records.", saved.name)
                    )

    @api.constrains("source_audience_ids", "excluded_audience_ids", "filter_ids")
    def _check_not_in_itself(self):
        for audience in self.sudo():  # sudo: the circle may go through other companies
            seen, ahead = self.browse(), audience._used_audiences()
            while ahead:
                if audience in ahead:
                    raise ValidationError(
                        self.env._(
                            "The audience “%s” would include or leave out itself, by way of the"
                            " audiences that it uses.",
                            audience.name,
                        )
                    )
                seen |= ahead
                ahead = ahead._used_audiences() - seen
            audience._check_criteria_not_about_itself()

    def _check_criteria_not_about_itself(self):
        """Refuse an audience that gets back to itself by a filter, its own or of one it uses."""
        try:
            self._contact_query()
        except AudienceError as error:
            if isinstance(error.__cause__, CircleError):
                raise ValidationError(error.args[0]) from error

    def _used_audiences(self):
        audiences = self.browse()
        for audience in self:
            audiences |= audience._used("source_audience_ids")
            audiences |= audience._used("excluded_audience_ids")
        return audiences

    def _deeper(self):
        """Return the audience with the trail of audiences that led here.

        :raises CircleError: for an audience on its own trail; two people who save at the same
            moment can make one
        """
        trail = self.env.context.get("flow_audience_trail", ())
        if self._origin.id and self._origin.id in trail:
            raise CircleError(self.env._("“%s” includes or leaves out itself.", self.name))
        return self.with_context(flow_audience_trail=(*trail, self._origin.id))

    def _mailing_lists(self):
        """Return the lists that people of this audience come from; leaving all is opting out."""
        lists, seen, ahead = self.mailing_list_ids.browse(), self.browse(), self
        while ahead:
            sources = self.browse()
            for audience in ahead:
                lists |= audience._used("mailing_list_ids")
                sources |= audience._used("source_audience_ids")
            seen |= ahead
            ahead = sources - seen
        return lists

    def _found(self, campaign=None, staying=False, left=False):
        """Return the `Query` of those whom a source names and the current user may see.

        :param campaign: see `_contact_query`
        :param staying: likewise
        :param left: also those who have left the mailing lists
        """
        self.ensure_one()
        audience, target = self._deeper(), self._target()
        if audience.frozen_at:
            return target._search(any_of(audience._frozen_ids(), audience._hand_ids("in")))
        named, lists = audience._named(campaign, staying), audience._used("mailing_list_ids")
        if left and lists:
            named |= any_of(audience._subscriber_ids(lists, left=True))
        return audience._target()._search(named)

    def _named(self, campaign=None, staying=False):
        """Return the domain of those whom a source names."""
        ids = self._sources(campaign, staying)
        lists = self._used("mailing_list_ids")
        if lists:
            ids.append(self._subscriber_ids(lists, left=False))
        named = any_of(*ids)
        return named | self._criteria() if self.use_criteria else named

    def _opted_out(self, found):
        """Return SQL for whether one of those who were found is named by no source, but has left
        the mailing lists."""
        if self.frozen_at or not self._used("mailing_list_ids"):
            return None
        target = self._target()
        named = self._named().optimize_full(target)
        return SQL("(%s) IS NOT TRUE", named._to_sql(target, found.table, found))

    def _sources(self, campaign=None, staying=False):
        """Return for each source but criteria and mailing lists the ids of those whom it names,
        a query in brackets that names nobody twice; other addons add theirs."""
        target = self._target()
        sources = [self._hand_ids("in")] if self._has_hand("in") else []
        self._check_filters()  # a filter may have been changed since it was chosen here
        for saved in self._used("filter_ids"):
            domain = Domain(ast.literal_eval(saved.mailing_domain))
            sources.append(ids_of(target._search(domain)))
        for audience in self._used("source_audience_ids"):
            audience.check_access("read")  # what was read before stands in memory, for anybody
            sources.append(self._ids_in(audience._member_query(campaign, staying)))
        return sources

    def _subscriber_ids(self, lists, left):
        """Return the ids of those who are on one of the mailing lists, or have left them all."""
        seen = self.env["mailing.contact"]._search(Domain.TRUE)
        table = seen.table
        contacts = seen.subselect(
            SQL.identifier(table, "id"), SQL.identifier(table, "email_normalized")
        )
        column = "id" if self.target_model == "mailing.contact" else "email_normalized"
        among = SQL(
            SUBSCRIBERS,
            column=SQL.identifier(column),
            contacts=contacts,
            lists=lists.ids,
            left=left,
        )
        if column == "id":
            return among
        return SQL(
            "(SELECT id FROM %s WHERE email_normalized IN %s)",
            SQL.identifier(self._target()._table),
            among,
        )

    def _ids_in(self, query):
        """Return the ids of those among a query's records, or who have an address of one of them
        where these are of another kind."""
        if query.table == self._target()._table:
            return ids_of(query)
        addresses = query.subselect(SQL.identifier(query.table, "email_normalized"))
        return SQL(
            "(SELECT id FROM %s WHERE email_normalized IN %s)",
            SQL.identifier(self._target()._table),
            addresses,
        )


def any_of(*ids):
    """Return the domain of those in one of several queries of ids, each in brackets.

    A query names nobody twice.

    They are joined: what an ``IN`` finds PostgreSQL takes for few where it has no statistics, and
    looks up a million one by one.
    """
    return Domain.OR(Domain.custom(to_sql=partial(_joined, one)) for one in ids)


def _joined(ids, _model, alias, query):
    among = SQL("(SELECT key FROM %s keys (key))", ids)
    number = 0
    while True:
        name = query.make_alias(alias, f"among_{number}")
        _kind, joined, _condition = query._joins.get(name, (None, among, None))
        if joined == among:  # a new one, or this one once more
            break
        number += 1
    key = SQL.identifier(name, "key")
    query.add_join("LEFT JOIN", name, among, SQL("%s = %s", SQL.identifier(alias, "id"), key))
    return SQL("%s IS NOT NULL", key)
