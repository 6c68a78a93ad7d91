"""How many people two audiences share."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.audience import person

# Who is in both, as the address says where there is one.
SHARED = """
    SELECT count(*) FROM (SELECT DISTINCT key FROM %s one (key)) a
      JOIN (SELECT DISTINCT key FROM %s other (key)) b ON a.key = b.key
"""


class FlowAudienceOverlap(models.TransientModel):
    _name = "flow.audience.overlap"
    _description = "Compare Audiences"

    audience_id = fields.Many2one("flow.audience", required=True, ondelete="cascade")
    contact_count = fields.Integer(related="audience_id.contact_count")
    other_ids = fields.Many2many(
        "flow.audience", string="With", domain="[('id', '!=', audience_id)]"
    )
    line_ids = fields.One2many(
        "flow.audience.overlap.line", "overlap_id", compute="_compute_line_ids"
    )

    @api.depends("other_ids", "audience_id")
    def _compute_line_ids(self):
        for overlap in self:
            overlap.line_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(overlap._compared_with(other._origin))
                    for other in overlap.other_ids
                ),
            ]

    def _compared_with(self, other):
        audience = self.audience_id._origin
        [(shared,)] = self.env.execute_query(
            SQL(SHARED, audience._person_keys(), other._person_keys())
        )
        people = audience.contact_count
        return {
            "other_id": other.id,
            "people": other.contact_count,
            "shared": shared,
            "share": shared / people if people else 0,
        }


class FlowAudienceOverlapLine(models.TransientModel):
    _name = "flow.audience.overlap.line"
    _description = "Compared Audience"

    overlap_id = fields.Many2one("flow.audience.overlap", required=True, ondelete="cascade")
    other_id = fields.Many2one("flow.audience", string="Audience", ondelete="cascade")
    people = fields.Integer(help="How many are in it.")
    shared = fields.Integer(string="In both")
    share = fields.Float(string="Of this audience", help="The share of them that is also there.")


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    def _person_keys(self):
        """Return what tells the people of the audience from each other, as a query in brackets."""
        query = self._contact_query()
        return query.subselect(person(query.table))
