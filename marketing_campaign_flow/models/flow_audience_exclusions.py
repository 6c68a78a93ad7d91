"""Whom an audience leaves out, and how many it takes."""

import ast
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import database_clock
from ..engine.audience import Exclusion, Limit, ids_of, person
from .flow_audience_sources import ALL

ON_LISTS = """(
    SELECT c.%s FROM mailing_subscription s JOIN mailing_contact c ON c.id = s.contact_id
     WHERE s.list_id = ANY(%s))"""

# Who is still on one of the lists has not left them.
OPTED_OUT = """(
    SELECT c.email_normalized
      FROM mailing_subscription s JOIN mailing_contact c ON c.id = s.contact_id
     WHERE s.list_id = ANY(%s) GROUP BY 1 HAVING bool_and(s.opt_out IS TRUE))"""

TAKING_PART = """(
    SELECT p.%(column)s FROM flow_participant p JOIN flow_campaign f ON f.id = p.campaign_id
     WHERE p.status <> 'ended' AND f.status IN ('running', 'paused') AND %(which)s)"""

# Messages of campaigns, also those whose answer was lost, and what else Odoo has sent.
CONTACTED = """(
    SELECT p.email_key
      FROM flow_delivery d JOIN flow_step s ON s.id = d.step_id
      JOIN flow_participant p ON p.id = s.participant_id
     WHERE d.started_at > %(since)s AND d.status NOT IN ('retry', 'failed')
     UNION ALL
    SELECT email FROM mailing_trace
     WHERE sent_datetime > %(since)s AND is_test_trace IS NOT TRUE)"""
CONTACTED_RECORDS = """(
    SELECT res_id FROM mailing_trace
     WHERE sent_datetime > %(since)s AND model = %(model)s AND is_test_trace IS NOT TRUE)"""


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    exclude_domain = fields.Char(
        string="Criteria of whom to leave out",
        default="[]",
        help="Nobody who matches this filter.",
    )
    use_exclude_domain = fields.Boolean(
        string="Leave out by criteria", help="Nobody who matches a filter."
    )
    excluded_mailing_list_ids = fields.Many2many(
        "mailing.list",
        "flow_audience_excluded_mailing_list_rel",
        string="Not on these lists",
        context=ALL,
        ondelete="restrict",
        help="Nobody who is on one of these lists, or was and has left it.",
    )
    excluded_audience_ids = fields.Many2many(
        "flow.audience",
        "flow_audience_excluded_audience_rel",
        "audience_id",
        "excluded_id",
        string="Not in these audiences",
        context=ALL,
        help="Nobody who is in one of these audiences.",
    )
    excluded_partner_ids = fields.Many2many(
        "res.partner",
        "flow_audience_excluded_partner_rel",
        string="Never these",
        context=ALL,
        help="These contacts are out, whatever else holds, and so is who shares their address.",
    )
    excluded_mailing_contact_ids = fields.Many2many(
        "mailing.contact",
        "flow_audience_excluded_mailing_contact_rel",
        string="Never these mailing contacts",
        help="These mailing contacts are out, whatever else holds.",
    )
    exclude_campaigns = fields.Selection(
        [
            ("none", "May take part in other campaigns"),
            ("all", "Not in any other campaign under way"),
            ("chosen", "Not in certain campaigns"),
        ],
        string="Other campaigns",
        default="none",
        required=True,
        help="Nobody who is on their way through another campaign. Whoever has come in stays when"
        " another campaign takes them in as well.",
    )
    excluded_campaign_ids = fields.Many2many(
        "flow.campaign",
        "flow_audience_excluded_campaign_rel",
        string="Not in these campaigns",
        context=ALL,
    )
    exclude_contacted_days = fields.Integer(
        string="Left alone for",
        help="Nobody whom a campaign or a mailing wrote to within so many days. 0: whoever.",
    )
    limit_kind = fields.Selection(
        [("none", "Everybody"), ("number", "At most"), ("share", "A share of")],
        string="How many",
        default="none",
        required=True,
        help="Who is taken is drawn once: the same people stay, and a larger number adds to them.",
    )
    limit_number = fields.Integer(string="People at most", default=1000)
    limit_share = fields.Float(
        string="Share", default=10, digits=(5, 2), help="Percent of the people."
    )

    _limits_are_sensible = models.Constraint(
        "CHECK((limit_kind <> 'number' OR limit_number > 0)"
        " AND (limit_kind <> 'share' OR limit_share > 0 AND limit_share <= 100)"
        " AND COALESCE(exclude_contacted_days, 0) >= 0)",
        "A number of people or days is not negative, and a share is more than 0 and at most 100 %.",
    )

    @api.constrains("exclude_campaigns", "excluded_campaign_ids")
    def _check_campaigns_chosen(self):
        for audience in self:
            if audience.exclude_campaigns == "chosen" and not audience.excluded_campaign_ids:
                raise ValidationError(
                    self.env._("Choose the campaigns whose people stay out of the audience.")
                )

    @api.constrains("exclude_domain", "use_exclude_domain", "target_model")
    def _check_exclude_domain(self):
        for audience in self.filtered("use_exclude_domain"):
            audience._check_finds(
                type(self)._exclude_criteria,
                self.env._(
                    "The criteria of whom “%(audience)s” leaves out do not work: %(reason)s"
                ),
            )

    def _exclude_criteria(self):
        """Return the domain of those who are left out.

        :raises UserError: without a rule, which would leave out everybody
        """
        domain = Domain(ast.literal_eval((self.exclude_domain or "[]").strip()))
        if domain.is_true():
            raise UserError(self.env._("Say by a rule whom to leave out."))
        return domain

    def _exclusions(self, campaign=None, staying=False):
        """Return whom something keeps out, as `engine.audience.Exclusion`; other addons add theirs.

        :param campaign: the campaign that asks; its own people are no reason
        :param staying: only what also keeps those out who are in already
        """
        if self.frozen_at:
            return self._never()
        exclusions = self._never()
        if self.use_exclude_domain:
            out = self._target()._search(self._exclude_criteria())
            exclusions.append(Exclusion("criteria", ids_of(out), "id"))
        exclusions += self._off_lists()
        for audience in self._used("excluded_audience_ids"):
            audience.check_access("read")
            out = audience._member_query(campaign)
            if out.table == self._target()._table:
                exclusions.append(Exclusion("audience", out.subselect(person(out.table)), "person"))
            else:
                addresses = out.subselect(SQL.identifier(out.table, "email_normalized"))
                exclusions.append(Exclusion("audience", addresses, "email_normalized"))
        if not staying:
            exclusions += [*self._busy_elsewhere(campaign), *self._left_alone()]
        return exclusions

    def _never(self):
        """Return who was taken out by hand, with those who share their address."""
        if not self._has_hand("out"):
            return []
        addresses = SQL(
            "(SELECT email_normalized FROM %s WHERE id IN %s AND email_normalized IS NOT NULL)",
            SQL.identifier(self._target()._table),
            self._hand_ids("out"),
        )
        return [
            Exclusion("by_hand", self._hand_ids("out"), "id"),
            Exclusion("by_hand", addresses, "email_normalized"),
        ]

    def _off_lists(self):
        """Return who is on a mailing list that is left out."""
        lists = self._used("excluded_mailing_list_ids").ids
        if not lists:
            return []
        columns = ["email_normalized"]
        if self.target_model == "mailing.contact":
            columns.append("id")
        return [
            Exclusion("list", SQL(ON_LISTS, SQL.identifier(column), lists), column)
            for column in columns
        ]

    def _unsubscribed(self):
        """Return the addresses that have left the lists of the audience, as a query in brackets."""
        lists = self._mailing_lists().ids
        return SQL(OPTED_OUT, lists) if lists else None

    def _busy_elsewhere(self, campaign):
        """Return who is on their way through another campaign, by contact and by address."""
        if self.exclude_campaigns == "none":
            return []
        if self.exclude_campaigns == "chosen":
            among = SQL("f.id = ANY(%s)", self._campaigns_left_out().ids)
        else:  # those that the current user may see: others are none of their business
            among = SQL("f.id IN %s", ids_of(self.env["flow.campaign"]._search([])))
        if campaign:
            among = SQL("%s AND f.id <> %s", among, campaign.id)
        alike = SQL("%s AND f.target_model = %s", among, self.target_model)
        return [
            Exclusion(
                "campaign",
                SQL(TAKING_PART, column=SQL.identifier("email_key"), which=among),
                "email_normalized",
            ),
            Exclusion(
                "campaign", SQL(TAKING_PART, column=SQL.identifier("res_id"), which=alike), "id"
            ),
        ]

    def _campaigns_left_out(self):
        """Return the campaigns whose people stay out, of any company of the current user's.

        :raises UserError: for one that the user may not see; who takes part in it is not told
        """
        campaigns = self._used("excluded_campaign_ids")
        companies = self.env.user.company_ids.ids
        if not campaigns.with_context(allowed_company_ids=companies).has_access("read"):
            raise UserError(
                self.env._("It leaves out the people of a campaign that you may not see.")
            )
        return campaigns

    def _left_alone(self):
        """Return who got a message lately, by address and by contact."""
        if not self.exclude_contacted_days:
            return []
        since = database_clock.now(self.env) - timedelta(days=self.exclude_contacted_days)
        by_record = SQL(CONTACTED_RECORDS, since=since, model=self.target_model)
        return [
            Exclusion("contacted", SQL(CONTACTED, since=since), "email_normalized"),
            Exclusion("contacted", by_record, "id"),
        ]

    def _limit(self):
        """Return how many may be in, as `engine.audience.Limit`."""
        if self.frozen_at:
            return Limit()
        return Limit(
            number=self.limit_number if self.limit_kind == "number" else 0,
            share=round(self.limit_share * 100) if self.limit_kind == "share" else 0,
        )
