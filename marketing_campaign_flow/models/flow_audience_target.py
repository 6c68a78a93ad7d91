"""What contacts say of the audience from which they are looked at."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .chosen import all_chosen

GROUP = "marketing_campaign_flow.group_flow_user"
ABOUT = "SELECT id, verdict FROM (%s) people WHERE id = ANY(%s)"


class FlowAudienceTarget(models.AbstractModel):
    """Of a kind of record that audiences can be made of."""

    _name = "flow.audience.target"
    _description = "What Audiences are Made of"

    flow_audience_id = fields.Many2one(
        "flow.audience",
        string="Audience",
        store=False,
        search="_search_flow_audience_id",
        groups=GROUP,
        help="To search for the people of an audience.",
    )
    flow_audience_verdict = fields.Selection(
        lambda self: self._flow_verdicts(),
        string="In the audience?",
        compute="_compute_flow_audience_verdict",
        search="_search_flow_audience_verdict",
        groups=GROUP,
        help="Whether the contact is in the audience from which it is looked at, and why not.",
    )
    flow_audience_hand = fields.Selection(
        [("in", "By hand in"), ("out", "By hand out")],
        string="By hand",
        compute="_compute_flow_audience_verdict",
        groups=GROUP,
    )

    @api.model
    def _flow_verdicts(self):
        return [
            *self.env["flow.audience"]._verdict_labels(),
            ("in", self.env._("In, reachable or not")),
            ("not_found", self.env._("Not found by the audience")),
        ]

    def _search_flow_audience_id(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        audiences = self.env["flow.audience"].with_context(active_test=False)
        if operator == "in":
            if not all(value):  # “not in none” would be everybody
                raise UserError(self.env._("Say which audience the contacts are in."))
            audiences = audiences.browse(value)
            audiences.check_access("read")
        else:
            audiences = audiences.search(value)
        return Domain.OR(self._in_audience(audience) for audience in audiences)

    @api.model
    def _in_audience(self, audience):
        """Return the domain of the people of an audience; by address where it is of another kind.

        As the list of its people says it: of several with one address one is in.
        """
        people = audience._verdict_domain(["in"])
        if audience.target_model == self._name:
            return people
        addresses = audience._target()._search(people).subselect("email_normalized")
        return Domain("email_normalized", "in", addresses)

    def _flow_audience(self):
        """Return the audience from which contacts are looked at; none but of this kind."""
        audience_id = self.env.context.get("flow_audience_id")
        audience = self.env["flow.audience"].browse(audience_id or []).exists()
        audience.check_access("read")
        return audience.filtered(lambda one: one.target_model == self._name)

    @api.depends_context("flow_audience_id", "uid", "allowed_company_ids")
    def _compute_flow_audience_verdict(self):
        audience = self._flow_audience()
        self.flow_audience_verdict = self.flow_audience_hand = False
        if not audience:
            return
        rows = self.env.execute_query(SQL(ABOUT, audience._reached(about=self.ids), self.ids))
        self._flow_note_verdicts(audience, dict(rows))

    def _flow_note_verdicts(self, audience, verdicts):
        """Put what is said of contacts into their fields.

        :param verdicts: by id; nothing about those whom the audience does not find
        """
        by_hand = {}
        for decision in ("in", "out"):
            ids = SQL("SELECT id FROM %s ids (id)", audience._hand_ids(decision))
            chosen = self.env.execute_query(SQL("%s WHERE id = ANY(%s)", ids, self.ids))
            by_hand.update({row[0]: decision for row in chosen})
        for contact in self:
            contact.flow_audience_hand = by_hand.get(contact.id, False)
            unnamed = "by_hand" if contact.flow_audience_hand == "out" else "not_found"
            contact.flow_audience_verdict = verdicts.get(contact.id, unnamed)

    def action_flow_audience_in(self):
        """Take these contacts into the audience from which they are looked at."""
        return self._flow_decide("in")

    def action_flow_audience_out(self):
        """Take these contacts out of the audience."""
        return self._flow_decide("out")

    def action_flow_audience_open(self):
        """Leave it to the audience again whether these contacts are in."""
        return self._flow_decide("open")

    def _flow_decide(self, decision):
        audience = self._flow_audience()
        if not audience:
            raise UserError(self.env._("Open the people of an audience to take them in or out."))
        audience._decide(all_chosen(self).ids, decision)
        return True


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "flow.audience.target"]


class MailingContact(models.Model):
    _name = "mailing.contact"
    _inherit = ["mailing.contact", "flow.audience.target"]
