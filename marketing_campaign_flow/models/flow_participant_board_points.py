"""The points of everybody in a column of the board, added up by the database."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from .flow_participant import _campaign_of

SUM = "board_points:sum"

# Contacts who have no points have no totals, which are found by an index either way.
POINTS = """
    COALESCE(SUM(CASE
        WHEN %(partner)s IS NOT NULL
        THEN (SELECT sum(t.points) FROM flow_point_total t WHERE t.partner_id = %(partner)s)
        ELSE (SELECT sum(t.points) FROM flow_point_total t
               WHERE t.mailing_contact_id = %(record)s AND %(campaign)s IN (
                     SELECT id FROM flow_campaign WHERE target_model = 'mailing.contact'))
    END), 0)::bigint
"""

# In one campaign it is known which totals are meant: they are joined, from the smaller side. The
# columns of the total and of the participant, by the model of the contacts.
COLUMNS = {"mailing.contact": ("mailing_contact_id", "res_id")}
OF_PARTNERS = ("partner_id", "partner_id")


class FlowParticipant(models.Model):
    _inherit = "flow.participant"

    # A field of its own: lists of participants of all campaigns need not add points up.
    board_points = fields.Integer(
        string="Points in the column",
        compute="_compute_board_points",
        aggregator="sum",
        help="All points that the contact has, of all campaigns; added up on top of a column.",
    )

    @api.depends("points")
    def _compute_board_points(self):
        for participant in self:
            participant.board_points = participant.points

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec != SUM:
            return super()._read_group_select(aggregate_spec, query)
        self.env["flow.point.total"].flush_model()
        model = self.env.context.get("flow_points_of")
        if model:
            total, own = COLUMNS.get(str(model), OF_PARTNERS)
            alias = query.make_alias(self._table, "points")
            same = SQL("%s = %s", SQL.identifier(alias, total), SQL.identifier(self._table, own))
            query.add_join("JOIN", alias, "flow_point_total", same)
            return SQL("SUM(%s)::bigint", SQL.identifier(alias, "points"))
        return SQL(
            POINTS,
            partner=SQL.identifier(self._table, "partner_id"),
            record=SQL.identifier(self._table, "res_id"),
            campaign=SQL.identifier(self._table, "campaign_id"),
        )

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        """Count the columns of a board for themselves, so that facts can, and add the points."""
        campaign_id = _campaign_of(domain)
        counts = tuple(one for one in aggregates if one != SUM)
        if tuple(groupby) != ("state_id",) or not campaign_id or len(counts) != len(aggregates) - 1:
            return super()._read_group(domain, groupby, aggregates, *args, **kwargs)
        groups = super()._read_group(domain, groupby, counts, *args, **kwargs)
        # sudo: only which model its contacts are of
        campaign = self.env["flow.campaign"].sudo().browse(campaign_id)
        joining = self.with_context(flow_points_of=campaign.target_model)
        sums = super(FlowParticipant, joining)._read_group(domain, groupby, [SUM]) if groups else ()
        points = defaultdict(int)
        for state, number in sums:
            points[state.key] += number
        place = tuple(aggregates).index(SUM) + 1
        return [(*group[:place], points[group[0].key], *group[place:]) for group in groups]
