"""Reactions of people who are held out stand apart from those of the people who take part."""

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Found by joining, not by looking up each event: there are millions of both.
HELD_OUT = """
    EXISTS (SELECT FROM flow_participant p
             WHERE p.id = %s AND p.end_kind = 'held_out')
"""


class FlowEvent(models.Model):
    _inherit = "flow.event"

    is_of_held_out = fields.Boolean(
        string="Of those held out",
        compute="_compute_is_of_held_out",
        search="_search_is_of_held_out",
        help="Done by somebody who gets nothing of the campaign, to be compared.",
    )

    # Screens show a month; events come in the order of time, so a range of pages is left out.
    _by_time = models.Index("USING BRIN (occurred_at) WITH (autosummarize = on)")

    def _compute_is_of_held_out(self):
        for event in self:
            event.is_of_held_out = event.participant_id.end_kind == "held_out"

    def _search_is_of_held_out(self, operator, value):
        if operator not in ("in", "not in") or len(set(value)) != 1:
            return NotImplemented
        # Said here and not by negation, which PostgreSQL could not join.
        wanted = bool(next(iter(value))) == (operator == "in")
        self.env["flow.participant"].flush_model()

        def held_out(_model, alias, _query):
            found = SQL(HELD_OUT, SQL.identifier(alias, "participant_id"))
            return found if wanted else SQL("NOT %s", found)

        return Domain.custom(to_sql=held_out)
