"""Contacts grouped and sorted by what they are worth: their scores are joined, where they are asked
for, instead of being written to each contact every night."""

from odoo import models
from odoo.tools import SQL

COLUMNS = {
    "flow_rfm_segment_id": "segment_id",
    "flow_rfm_recency": "recency_score",
    "flow_rfm_frequency": "frequency_score",
    "flow_rfm_monetary": "monetary_score",
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _field_to_sql(self, alias, field_expr, query=None):
        """Return the score, or the segment, in the current company; a contact has one row there."""
        column = COLUMNS.get(field_expr)
        if column is None or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        rfm = self.env["flow.rfm"]
        rfm.flush_model()
        scores = query.make_alias(alias, "flow_rfm")
        query.add_join(
            "LEFT JOIN",
            scores,
            rfm._table,
            SQL(
                "%s = %s AND %s = %s",
                SQL.identifier(scores, "partner_id"),
                SQL.identifier(alias, "id"),
                SQL.identifier(scores, "company_id"),
                self.env.company.id,
            ),
        )
        value = rfm._field_to_sql(scores, column, query)
        return value if column == "segment_id" else SQL("COALESCE(%s, 0)", value)
