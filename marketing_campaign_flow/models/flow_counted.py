"""Whom records mean, counted when a form asks.

It asks after it has been drawn, for counting a million contacts takes seconds.
"""

from uuid import uuid4

from odoo import api, fields, models


class FlowCounted(models.AbstractModel):
    """Of a kind of record that means people.

    A form shows the field `count_key` by the widget ``flow_figure``, which asks `get_count` for the
    figures whenever there is another key.
    """

    _name = "flow.counted"
    _description = "Counted on Demand"

    count_key = fields.Char(
        compute="_compute_count_key",
        help="Another one each time that other people may be meant.",
    )

    @api.depends(lambda self: self._counted_fields())
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_count_key(self):
        for record in self:
            record.count_key = uuid4().hex

    @api.model
    def _counted_fields(self):
        """Return the names of the fields that decide whom the record means."""
        return []

    @api.readonly
    def get_count(self, values):
        """Return the figures of the record, as `_count` does.

        :param values: what a form shows and has not saved, as for `write`
        """
        if self and not values:
            self.check_access("read")
            return self._count()
        self.check_access("write" if self else "create")
        return self.new(values, origin=self or None)._count()

    def _count(self):
        """Return the figures, by name, as the current user sees the people."""
        raise NotImplementedError
