"""Pages of a list of people, each with what its audience says of them.

Everybody is judged once per page: conditions on the verdict share one join, and the verdict on each
and the number of all come with who is on the page.
"""

from functools import partial

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import audience as engine

JUDGED = "(SELECT id, verdict FROM (%s) people)"
NAMED = "flow_verdict"
NOT_FOUND = "not_found"


def judged(audience, wanted, _model, alias, query):
    """Return a condition on the contacts of a query: that the verdict on them is one of some.

    :param wanted: verdicts of `engine.audience`, ``in`` for all of those who are in, or
        ``not_found``
    """
    name = query.make_alias(alias, NAMED)
    if name not in query._joins:
        fits = SQL("%s = %s", SQL.identifier(alias, "id"), SQL.identifier(name, "id"))
        query.add_join("LEFT JOIN", name, SQL(JUDGED, audience._reached()), fits)
    verdicts = set(wanted) - {"in", NOT_FOUND}
    if "in" in wanted:
        verdicts |= {engine.REACHABLE, *engine.UNREACHABLE}
    verdict = SQL.identifier(name, "verdict")
    # Never NULL: it may stand below NOT.
    holds = SQL("(%s IS NOT NULL AND %s = ANY(%s))", verdict, verdict, sorted(verdicts))
    return SQL("(%s OR %s IS NULL)", holds, verdict) if NOT_FOUND in wanted else holds


class FlowAudienceTarget(models.AbstractModel):
    _inherit = "flow.audience.target"

    def _search_flow_audience_verdict(self, operator, value):
        if operator != "in":
            return NotImplemented
        audience = self._flow_audience()
        if not audience:
            return Domain.FALSE
        wanted = [verdict for verdict in value if verdict]
        return Domain.custom(to_sql=partial(judged, audience, wanted))

    @api.model
    @api.readonly
    def web_search_read(
        self, domain, specification, offset=0, limit=None, order=None, count_limit=None
    ):
        """Return a page as Odoo does; where it depends on verdicts, by one statement."""
        asked = (domain, specification, offset, limit, order, count_limit)
        audience = self._flow_audience()
        if not audience:
            return super().web_search_read(*asked)
        query = self._search(domain, offset, limit, order or self._order)
        name = query.make_alias(query.table, NAMED)
        if name not in query._joins:  # the query itself as a condition would be run
            return super().web_search_read(*asked)
        self.env.flush_all()
        columns = ((query.table, "id"), (name, "verdict"))
        rows = self.env.execute_query(
            query.select(*(SQL.identifier(*column) for column in columns), SQL("count(*) OVER ()"))
        )
        contacts = self.browse(row[0] for row in rows)
        verdicts = {row[0]: row[1] for row in rows if row[1]}
        fields = [self._fields["flow_audience_verdict"], self._fields["flow_audience_hand"]]
        with self.env.protecting(fields, contacts):
            contacts._flow_note_verdicts(audience, verdicts)
        total = rows[0][2] if rows else 0
        return {
            "length": min(total, count_limit or total),
            "records": contacts.web_read(specification),
        }
