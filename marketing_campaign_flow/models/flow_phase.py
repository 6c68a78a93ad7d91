"""Phases: where a campaign as a whole stands."""

from odoo import api, fields, models
from odoo.fields import Domain


class FlowPhase(models.Model):
    _name = "flow.phase"
    _description = "Campaign Phase"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    fold = fields.Boolean(
        string="Folded in kanban",
        help="Show the column of this phase folded on the campaign board.",
    )
    description = fields.Text(
        translate=True, help="What happens in this phase. Shown as a tooltip on the board."
    )

    @api.model
    def _in_order(self):
        """Return all phases, in the order in which campaigns go through them."""
        return self.search(Domain.TRUE)
