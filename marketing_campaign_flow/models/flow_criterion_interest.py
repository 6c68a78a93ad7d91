"""Criteria: what interests people."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import event_rule, sets

# Visitors are people by what recognised them: a contact, another record, or an address.
VISITORS = """
    SELECT v.partner_id AS id FROM flow_visitor v JOIN (%(views)s) w ON w.visitor_id = v.id
     WHERE v.partner_id IS NOT NULL
     GROUP BY v.partner_id HAVING COUNT(*) >= %(times)s
"""
OTHER_VISITORS = """
    SELECT c.id FROM %(table)s c
      JOIN flow_visitor v ON (v.model = %(model)s AND v.res_id = c.id)
                          OR (v.model IS NULL AND v.email = c.email_normalized)
      JOIN (%(views)s) w ON w.visitor_id = v.id
     GROUP BY c.id HAVING COUNT(*) >= %(times)s
"""
ATTENDEES = """
    SELECT r.partner_id FROM event_registration r WHERE r.id IN %(registrations)s
    UNION ALL
    SELECT c.id FROM res_partner c
      JOIN event_registration r ON LOWER(TRIM(r.email)) = c.email_normalized
     WHERE r.id IN %(registrations)s
"""
KINDS = [("page", "Visited a page"), ("event_attended", "Took part in an event")]


class FlowCriterion(models.Model):
    _inherit = "flow.criterion"

    kind = fields.Selection(selection_add=KINDS, ondelete=dict.fromkeys(dict(KINDS), "set default"))
    attendance = fields.Selection(
        [("registered", "registered"), ("attended", "attended")],
        default="attended",
    )

    @api.model
    def _kinds_missing(self):
        missing = super()._kinds_missing()
        return missing if "event.registration" in self.env else missing | {"event_attended"}

    def _domain_page(self):
        wanted = Domain("url", "=like", event_rule.like(self.text.strip()))
        if since := self._since():
            wanted &= Domain("started_at", ">=", since)
        self.env["flow.visitor"].flush_model()
        query = self.env["flow.page.view"]._search(wanted)
        views = query.select(SQL.identifier(query.table, "visitor_id"))
        if self.target_model == "res.partner":
            return sets.among(SQL(VISITORS, views=views, times=self.times))
        return sets.among(
            SQL(
                OTHER_VISITORS,
                views=views,
                times=self.times,
                model=self.target_model,
                table=self._target_table(),
            )
        )

    def _gap_page(self):
        self.env["flow.page.view"].check_access("read")
        return self._gap_unless((self.text or "").strip())

    def _words_page(self):
        page = self.env._("Visited the page %s", self.text or "…")
        return self._says(self._period_words(self._times_words(page)))

    # -- events ------------------------------------------------------------------------------

    def _domain_event_attended(self):
        wanted = Domain("event_id.name", "=ilike", event_rule.like(self.text.strip()))
        if self.attendance == "attended":
            wanted &= Domain("state", "=", "done")
        else:
            wanted &= Domain("state", "in", ("open", "done"))
        if since := self._since():
            wanted &= Domain("event_id.date_end", ">=", since)
        registrations = self.env["event.registration"]._search(wanted)
        self.env["event.registration"].flush_model(["partner_id", "email"])
        self.env["res.partner"].flush_model(["email_normalized"])
        attendees = SQL(ATTENDEES, registrations=registrations.subselect())
        return self._on_contacts(sets.among(attendees))

    def _gap_event_attended(self):
        if "event.registration" not in self.env:
            return self.env._("Odoo's app Events is not installed.")
        self.env["event.registration"].check_access("read")
        return self._gap_unless((self.text or "").strip())

    def _words_event_attended(self):
        if self.attendance == "attended":
            words = self.env._("Attended the event “%s”", self.text or "…")
        else:
            words = self.env._("Registered for the event “%s”", self.text or "…")
        return self._says(self._period_words(words))

    @api.model
    def _icons(self):
        return {**super()._icons(), "page": "fa-globe", "event_attended": "fa-ticket"}
