"""The contacts picked by hand, as fields of a form: as long as they are few.

There can be a million of them, whom no form could show; then they are looked at in their list.
"""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

FEW = 100


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    shown_partner_ids = fields.Many2many(
        "res.partner",
        string="Contacts picked by hand",
        compute="_compute_shown",
        inverse="_inverse_shown_partner_ids",
        help="These contacts are found, whatever the criteria say.",
    )
    shown_excluded_partner_ids = fields.Many2many(
        "res.partner",
        string="Contacts taken out by hand",
        compute="_compute_shown",
        inverse="_inverse_shown_excluded_partner_ids",
        help="These contacts are out, whatever else holds, and so is who shares their address.",
    )
    picked_count = fields.Integer(string="How many are picked", compute="_compute_hand_counts")
    never_count = fields.Integer(string="Taken out by hand", compute="_compute_hand_counts")
    are_picks_shown = fields.Boolean(compute="_compute_hand_counts")
    are_nevers_shown = fields.Boolean(compute="_compute_hand_counts")

    @api.depends("target_model", "partner_ids", "excluded_partner_ids")
    def _compute_shown(self):
        for audience in self:
            audience.shown_partner_ids = audience._few_by_hand("in")
            audience.shown_excluded_partner_ids = audience._few_by_hand("out")

    @api.depends("target_model", "partner_ids", "excluded_partner_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_hand_counts(self):
        for audience in self:
            audience.picked_count = audience._count_seen("in")
            audience.never_count = audience._count_seen("out")
            by_contact = audience.target_model == "res.partner"
            audience.are_picks_shown = by_contact and audience._count_hand("in") <= FEW
            audience.are_nevers_shown = by_contact and audience._count_hand("out") <= FEW

    def _inverse_shown_partner_ids(self):
        self._decide_shown("shown_partner_ids", "in")

    def _inverse_shown_excluded_partner_ids(self):
        self._decide_shown("shown_excluded_partner_ids", "out")

    def _decide_shown(self, field, decision):
        for audience in self:
            if audience.target_model != "res.partner" or audience._count_hand(decision) > FEW:
                continue
            wanted, before = audience[field], audience._few_by_hand(decision)
            added, removed = (wanted - before).ids, (before - wanted).ids
            if added:
                audience._decide(added, decision)
            if removed:
                audience._drop_hand(decision, removed)
                audience.invalidate_recordset(["partner_ids", "excluded_partner_ids"])

    def _few_by_hand(self, decision):
        """Return the contacts in or out by hand; none when they are too many, or not contacts."""
        contacts = self.env["res.partner"]
        if self.target_model != "res.partner":
            return contacts
        ids = SQL("SELECT id FROM %s ids (id) LIMIT %s", self._recorded(decision), FEW + 1)
        found = [row[0] for row in self.env.execute_query(ids)]
        if len(found) > FEW:
            return contacts
        return contacts.with_context(active_test=False).search([("id", "in", found)])

    def _count_hand(self, decision):
        self.env.flush_all()
        ids = SQL("SELECT count(*) FROM %s ids (id)", self._recorded(decision))
        return self.env.execute_query(ids)[0][0]

    def _count_seen(self, decision):
        """Return how many contacts that the current user may see are in or out by hand."""
        self.env.flush_all()
        seen = self._as_asked()._target()._search(Domain.TRUE, active_test=False)
        seen.add_where(SQL("%s IN %s", SQL.identifier(seen.table, "id"), self._recorded(decision)))
        return self.env.execute_query(seen.select(SQL("count(*)")))[0][0]

    def _unsaved(self, decision):
        """Return the ids that a form shows and has not saved, or None."""
        if self.id or self.target_model != "res.partner":
            return None
        if self._origin and self._origin._count_hand(decision) > FEW:
            return None
        field = "shown_partner_ids" if decision == "in" else "shown_excluded_partner_ids"
        return self[field]._origin.ids
