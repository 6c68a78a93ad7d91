"""Campaigns in figures, for pivot, graph and list: a row per day, and whatever can be told apart.

The rows are those of daily facts (`flow.fact`) and of other tables that are kept by day, never of
the ledger: what a report costs does not depend on how many participants there are.
"""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .flow_activity_report import NEWEST

# Metrics of facts, by the measure that they are.
OF_FACTS = {
    "participants": "started",
    "goals": "ended_goal",
    "sent": "sent",
    "opened": "opened",
    "clicked": "clicked",
    "replied": "replied",
    "bounced": "bounced",
    "unsubscribed": "unsubscribed_emails",
}

# Shares that a pivot works out of the sums: the mean of percentages would be another figure.
SHARES = {
    "open_rate": ("opened", "sent"),
    "click_rate": ("clicked", "sent"),
    "reply_rate": ("replied", "sent"),
    "bounce_rate": ("bounced", "sent"),
    "unsubscribe_rate": ("unsubscribed", "sent"),
    "conversion_rate": ("goals", "participants"),
}

QUERY = """
    SELECT r.id, r.campaign_id, c.company_id, c.user_id, c.phase_id, co.currency_id, r.day,
           COALESCE(s.id, fa.state_id) AS state_id, a.id AS action_id, r.arm,
           country.id AS country_id, seller.id AS salesperson_id, r.category_id, r.metric,
           r.state_key, r.action_key, r.country_ref, r.salesperson_ref, %(measures)s
      FROM (%(sources)s) r(%(columns)s)
      JOIN flow_campaign c ON c.id = r.campaign_id
      JOIN res_company co ON co.id = c.company_id
      LEFT JOIN (%(states)s) s ON s.campaign_id = r.campaign_id AND s.key = r.state_key
      LEFT JOIN (%(actions)s) a ON a.campaign_id = r.campaign_id AND a.key = r.action_key
      LEFT JOIN flow_action fa ON fa.id = a.id
      LEFT JOIN res_country country ON country.id = r.country_ref
      LEFT JOIN res_users seller ON seller.id = r.salesperson_ref
"""

# What each source says of a row, before its measures.
DIMENSIONS = (
    "id", "campaign_id", "day", "state_key", "action_key", "arm", "country_ref", "salesperson_ref",
    "category_id", "metric",
)  # fmt: skip
ABOUT_PEOPLE = frozenset(OF_FACTS.values())


class FlowReport(models.Model):
    _name = "flow.report"
    _description = "Campaign Analysis"
    _auto = False
    _order = "day desc, id desc"
    _rec_name = "campaign_id"

    campaign_id = fields.Many2one("flow.campaign", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    phase_id = fields.Many2one("flow.phase", readonly=True)
    day = fields.Date(readonly=True, help="In UTC.")
    state_id = fields.Many2one("flow.state", readonly=True)
    action_id = fields.Many2one("flow.action", string="Email or action", readonly=True)
    arm = fields.Char("Version", readonly=True, help="Of an email whose versions are tested.")
    country_id = fields.Many2one(
        "res.country", readonly=True, help="Of the contact when it came into the campaign."
    )
    salesperson_id = fields.Many2one(
        "res.users", readonly=True, help="Of the contact when it came into the campaign."
    )
    category_id = fields.Many2one("flow.cost.category", string="Cost category", readonly=True)

    # What rows are found again by: keys outlive a version, numbers the record.
    metric = fields.Char(readonly=True)
    state_key = fields.Char(readonly=True)
    action_key = fields.Char(readonly=True)
    country_ref = fields.Integer(readonly=True)
    salesperson_ref = fields.Integer(readonly=True)

    participants = fields.Integer(readonly=True)
    goals = fields.Integer("Goal reached", readonly=True)
    sent = fields.Integer(readonly=True)
    delivered = fields.Integer(readonly=True, help="Sent and not bounced.")
    opened = fields.Integer(readonly=True)
    clicked = fields.Integer(readonly=True)
    replied = fields.Integer(readonly=True)
    bounced = fields.Integer(readonly=True)
    unsubscribed = fields.Integer(readonly=True)

    open_rate = fields.Float("Opened (%)", aggregator="avg", readonly=True)
    click_rate = fields.Float("Clicked (%)", aggregator="avg", readonly=True)
    reply_rate = fields.Float("Replied (%)", aggregator="avg", readonly=True)
    bounce_rate = fields.Float("Bounced (%)", aggregator="avg", readonly=True)
    unsubscribe_rate = fields.Float("Unsubscribed (%)", aggregator="avg", readonly=True)
    conversion_rate = fields.Float("Goal reached (%)", aggregator="avg", readonly=True)

    @api.model
    def _measures(self):
        """Return what is added up, by name, with the SQL of its zero; bridges add theirs."""
        return dict.fromkeys((*OF_FACTS, "delivered"), "0")

    @api.model
    def _shares(self):
        """Return what is worked out of sums: ``{name: (part, whole, factor)}``, a share in percent
        being ``100 * part / whole``."""
        return {name: (*parts, 100) for name, parts in SHARES.items()}

    @api.model
    def _sources(self):
        """Return the queries of the rows, as made by `_source`, with ids unique over all of them.

        Numbers of sources: 0 facts, 1 money, 2 what campaigns brought.
        """
        measures = {
            name: SQL("CASE metric WHEN %s THEN amount ELSE 0 END", metric)
            for name, metric in OF_FACTS.items()
        }
        measures["delivered"] = SQL(
            "CASE metric WHEN 'sent' THEN amount WHEN 'bounced' THEN -amount ELSE 0 END"
        )
        facts = SQL("flow_fact WHERE amount <> 0 AND metric = ANY(%s)", list(OF_FACTS.values()))
        own = {name: SQL.identifier(name) for name in DIMENSIONS if name != "category_id"}
        return [self._source(0, facts, measures, **own)]

    @api.model
    def _source(self, number, rows, measures, **dimensions):
        """Return a query of rows.

        :param number: of the source, 0 to 7
        :param rows: SQL of a ``FROM`` clause
        :param measures: SQL by the name of the measure; the others are zero
        :param dimensions: SQL by the name of the dimension, ``id`` and ``campaign_id`` at least
        """
        kinds = dict.fromkeys(("arm", "state_key", "action_key", "metric"), "text")
        kinds["day"] = "date"
        columns = [SQL("%s::bigint * 8 + %s", dimensions["id"], number)]
        columns += [
            dimensions.get(name) or SQL("NULL::%s", SQL(kinds.get(name, "int")))
            for name in DIMENSIONS[1:]
        ]
        columns += [measures.get(name) or SQL(zero) for name, zero in self._measures().items()]
        return SQL("SELECT %s FROM %s", SQL(", ").join(columns), rows)

    @property
    def _table_query(self):
        names = [*DIMENSIONS, *self._measures()]
        measures = [SQL.identifier("r", name) for name in self._measures()]
        measures += [
            SQL(
                "%s AS %s",
                self._share(SQL.identifier("r", part), SQL.identifier("r", whole), factor),
                SQL.identifier(name),
            )
            for name, (part, whole, factor) in self._shares().items()
        ]
        return SQL(
            QUERY,
            sources=SQL(" UNION ALL ").join(self._sources()),
            columns=SQL(", ").join(map(SQL.identifier, names)),
            measures=SQL(", ").join(measures),
            states=SQL(NEWEST, SQL.identifier("flow_state")),
            actions=SQL(NEWEST, SQL.identifier("flow_action")),
        )

    @staticmethod
    def _share(part, whole, factor):
        """Return SQL for a share, undefined where there is no whole."""
        return SQL("%s::numeric * %s / NULLIF(%s, 0)", factor, part, whole)

    def _read_group_select(self, aggregate_spec, query):
        """Work shares out of the sums of their parts: whatever is grouped, they are right."""
        name, _colon, function = aggregate_spec.partition(":")
        if function == "avg" and name in self._shares():
            *measures, factor = self._shares()[name]
            part, whole = (
                SQL("SUM(%s)", self._field_to_sql(self._table, measure, query))
                for measure in measures
            )
            return self._share(part, whole, factor)
        return super()._read_group_select(aggregate_spec, query)

    def action_view_participants(self):
        """Open the participants whom rows are about.

        :raises UserError: for rows that are not about people, such as costs
        """
        about = [row._about() for row in self if row.metric in ABOUT_PEOPLE]
        if not about:
            raise UserError(self.env._("Costs and results are not about participants."))
        view = self.campaign_id[:1].action_view_participants()
        return {
            **view,
            "domain": [("counted_as", "=", json.dumps(about))],
            "context": {},
        }

    def _about(self):
        """Return the keys of a row, by which participants are found again."""
        self.ensure_one()
        return {
            "campaign": self.campaign_id.id,
            "metric": self.metric,
            "day": self.day and self.day.isoformat(),
            "state": self.state_key or None,
            "action": self.action_key or None,
            "arm": self.arm or None,
            "country": self.country_ref or None,
            "salesperson": self.salesperson_ref or None,
        }
