"""The named segments of customers by recency, frequency and monetary value."""

from odoo import api, fields, models
from odoo.exceptions import UserError

# One segment for each recency score (rows, 1 to 5) and the rounded mean of the other two scores
# (columns, 1 to 5): the grid that is usual in direct marketing, with “lost” for the lowest row.
GRID = (
    ("lost", "lost", "at_risk", "at_risk", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    ("promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"),
    ("new", "potential_loyalist", "potential_loyalist", "champions", "champions"),
)


class FlowRfmSegment(models.Model):
    _name = "flow.rfm.segment"
    _description = "RFM Segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    key = fields.Char(required=True, readonly=True)
    description = fields.Char(translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()

    _one_per_key = models.Constraint("UNIQUE(key)", "Two segments have the same key.")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("The scores of customers name these segments: rename one instead.")
        )

    @api.model
    def _grid(self):
        """Return the ids of `GRID`, as a list of lists."""
        # sudo: names of segments, which are the same for everybody
        ids = {segment.key: segment.id for segment in self.sudo().search([])}
        return [[ids[key] for key in row] for row in GRID]
