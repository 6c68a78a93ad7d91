"""Criteria: how people reacted, and how many points they have."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import event_rule, sets

# Emails belong to a record, and to everybody with the address they went to: whoever was written to
# as a mailing contact was written to.
REACTED = """
    SELECT id FROM (
        SELECT t.res_id AS id, t.id AS email FROM mailing_trace t
         WHERE t.id IN %(traces)s AND t.model = %(model)s
        UNION
        SELECT c.id, t.id FROM mailing_trace t JOIN %(table)s c ON c.email_normalized = t.email
         WHERE t.id IN %(traces)s
    ) reacted
     GROUP BY id HAVING COUNT(*) >= %(times)s
"""
# Links are followed in emails of campaigns, whose events know the address that was followed, and
# in other emails, whose clicks know the short link.
FOLLOWED = """
    SELECT t.id FROM mailing_trace t JOIN flow_event e ON e.step_id = t.flow_step_id
     WHERE e.id IN %(events)s
    UNION
    SELECT k.mailing_trace_id FROM link_tracker_click k WHERE k.id IN %(clicks)s
"""
KINDS = [("reaction", "Email received, opened, clicked …"), ("points", "Points")]
MOMENTS = {
    "opened": "open_datetime",
    "clicked": "links_click_datetime",
    "replied": "reply_datetime",
}


class FlowCriterion(models.Model):
    _inherit = "flow.criterion"

    kind = fields.Selection(selection_add=KINDS, ondelete=dict.fromkeys(dict(KINDS), "set default"))
    reaction = fields.Selection(
        [
            ("received", "Got an email"),
            ("opened", "Opened an email"),
            ("clicked", "Clicked a link"),
            ("replied", "Replied to an email"),
            ("bounced", "An email bounced"),
        ],
        default="opened",
        help="Of campaigns and of Email Marketing. Does not hold: for example never mailed.",
    )
    campaign_scope = fields.Selection(
        [("any", "Any campaign"), ("one", "This campaign")],
        string="Of",
        default="any",
        required=True,
    )
    campaign_id = fields.Many2one("flow.campaign", string="The campaign", ondelete="set null")
    point_group_id = fields.Many2one(
        "flow.point.group",
        string="Points for",
        ondelete="restrict",
        help="Empty: all points together.",
    )

    def _domain_reaction(self):
        traces = self.env["mailing.trace"]._search(self._emails())
        self.env["mailing.trace"].flush_model()
        return sets.among(
            SQL(
                REACTED,
                traces=traces.subselect(),
                model=self.target_model,
                table=self._target_table(),
                times=self.times,
            )
        )

    def _emails(self):
        """Return the domain of the traces of the emails that are meant."""
        since = self._since()
        wanted = Domain("trace_type", "=", "mail") & Domain("is_test_trace", "!=", True)
        wanted &= self._of_campaigns("mass_mailing_id.flow_campaign_id")
        if self.reaction in MOMENTS:
            wanted &= (
                Domain(MOMENTS[self.reaction], ">=", since)
                if since
                else Domain(MOMENTS[self.reaction], "!=", False)
            )
            if self.reaction == "clicked" and self.text:
                wanted &= Domain("id", "in", self._followed(since))
            return wanted
        statuses = ["bounce"]
        if self.reaction == "received":
            statuses = ["pending", "sent", "open", "reply", "bounce"]
        wanted &= Domain("trace_status", "in", statuses)
        if since:
            sent = Domain("sent_datetime", ">=", since)
            wanted &= sent | Domain("sent_datetime", "=", False) & Domain(
                "create_date", ">=", since
            )
        return wanted

    def _followed(self, since):
        """Return SQL for the traces of the emails in which a link was followed."""
        pattern = event_rule.like(self.text.strip())
        events = Domain("kind", "=", "clicked") & Domain("is_machine", "=", False)
        events &= Domain("url", "=like", pattern)
        clicks = Domain("link_id.url", "=like", pattern)
        if since:
            events &= Domain("occurred_at", ">=", since)
            clicks &= Domain("create_date", ">=", since)
        return SQL(
            "(%s)",
            SQL(
                FOLLOWED,
                events=self.env["flow.event"]._search(events).subselect(),
                clicks=self.env["link.tracker.click"]._search(clicks).subselect(),
            ),
        )

    def _of_campaigns(self, path):
        """Return the domain of what belongs to the campaign that is meant, or to any one that the
        user may see, or to none."""
        if self.campaign_scope == "one":
            return Domain(path, "=", self.campaign_id.id)
        seen = self.env["flow.campaign"]._search([])
        return Domain(path, "=", False) | Domain(path, "in", seen)

    def _gap_reaction(self):
        self.env["mailing.trace"].check_access("read")
        return self._gap_unless(self.reaction) or self._gap_in_scope()

    def _gap_in_scope(self):
        if self.campaign_scope == "any":
            return ""
        return self._gap_unless(self.campaign_id._filtered_access("read"))

    def _words_reaction(self):
        reactions = dict(self._fields["reaction"]._description_selection(self.env))
        words = reactions.get(self.reaction, "…")
        if self.reaction == "clicked" and self.text:
            words = self.env._("Clicked the link %s", self.text)
        return self._says(self._period_words(self._times_words(self._scope_words(words))))

    def _scope_words(self, words):
        if self.campaign_scope == "any":
            return words
        campaign = self._names(self.campaign_id) or "…"
        return self.env._("%(what)s of “%(campaign)s”", what=words, campaign=campaign)

    # -- points ------------------------------------------------------------------------------

    def _domain_points(self):
        target = self._target()
        if "flow_points" not in target._fields:
            return self._on_contacts(self._domain_points_of(self.env["res.partner"]))
        return self._domain_points_of(target)

    def _domain_points_of(self, model):
        if not self.point_group_id:
            return self._number_domain("flow_points", int)
        column = {"res.partner": "partner_id"}.get(model._name, "mailing_contact_id")
        group = Domain("group_id", "=", self.point_group_id.id) & Domain(column, "!=", False)
        holds = self._number_domain("points", int)
        if not self._number_holds(0):
            return sets.among(self._point_holders(group & holds, column))
        # Who has no points in the group has 0.
        return sets.without(model, sets.among(self._point_holders(group & ~holds, column)))

    def _point_holders(self, domain, column):
        totals = self.env["flow.point.total"]._search(domain)
        return totals.select(SQL.identifier(totals.table, column))

    def _gap_points(self):
        if self.point_group_id and not self.point_group_id._filtered_access("read"):
            return self.env._("You may not read what it asks for.")
        return self._gap_in_number()

    def _words_points(self):
        what = self._names(self.point_group_id) or self._label()
        return self._says_is(what, self._number_words())

    @api.model
    def _icons(self):
        return {**super()._icons(), "reaction": "fa-envelope-open-o", "points": "fa-star"}
