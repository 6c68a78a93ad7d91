"""Thresholds: events that time alone brings about, such as a quotation nobody confirms for a week.

A scheduled job looks for the records; each number of days that a campaign asks for is told once of
each of them.
"""

import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import database_clock

# What was missed while the job did not run is made up for; what is older is no news.
MADE_UP = timedelta(days=7)
# For so long it is remembered what was told; longer than a record can still be found.
REMEMBERED = timedelta(days=30)

# The insert is the right to tell, so that two jobs at once tell each record once.
TELL = """
    INSERT INTO flow_threshold (kind, days, record_id, told_at)
    SELECT %(kind)s, %(days)s, unnest(%(ids)s::int[]), %(now)s
        ON CONFLICT DO NOTHING
    RETURNING record_id
"""


class FlowThreshold(models.Model):
    _name = "flow.threshold"
    _description = "Threshold Told"
    _log_access = False
    _rec_name = "kind"

    kind = fields.Char(string="Event", required=True, readonly=True)
    days = fields.Integer(required=True, readonly=True)
    record_id = fields.Integer(required=True, readonly=True)
    told_at = fields.Datetime(string="Told on", required=True, readonly=True)

    _once = models.UniqueIndex("(kind, days, record_id)")

    @api.model
    def _record(self, kind, find, occurrence):
        """Record that something has been waiting for as many days as campaigns ask for.

        :param kind: a kind of `flow.event` whose value is a number of days
        :param find: takes a number of days and `MADE_UP`; returns the records that have waited for
            so long, but no longer than that and `MADE_UP`
        :param occurrence: takes a record and the details ``value`` and ``key``; returns an
            `engine.contact_events.Occurrence`
        :return: how many events were recorded
        """
        count = 0
        for days in self._asked_for(kind):
            late = find(days, MADE_UP)
            late = late.browse(self._tell(kind, days, late.ids))
            count += self.env["flow.event"]._record_occurrences(
                kind,
                [occurrence(one, value=days, key=f"{kind} {one.id} {days}") for one in late],
            )
        return count

    @api.model
    def _asked_for(self, kind):
        """Return the numbers of days that campaigns under way wait for, at least 1, in order."""
        asks = [("event_kind", "=", kind), ("trigger", "=", "event")]
        under_way = ("running", "paused")
        # sudo: an administrator's job; a number of days tells nothing of the campaign
        rules = [
            *self.env["flow.entry"].sudo().search([*asks, ("campaign_id.status", "in", under_way)]),
            *self.env["flow.transition"]
            .sudo()
            .search(
                [
                    *asks,
                    ("workflow_id.status", "=", "published"),
                    ("workflow_id.campaign_id.status", "in", under_way),
                ]
            ),
        ]
        return sorted({max(1, math.ceil(rule.event_least)) for rule in rules})

    @api.model
    def _tell(self, kind, days, record_ids):
        """Return the ids of those records of which this was not told before."""
        now = database_clock.now(self.env)
        told = self.env.execute_query(SQL(TELL, kind=kind, days=days, ids=record_ids, now=now))
        return sorted(record_id for (record_id,) in told)

    @api.autovacuum
    def _gc_remembered(self):
        before = database_clock.now(self.env) - REMEMBERED
        self.env.execute_query(
            SQL("DELETE FROM flow_threshold WHERE told_at < %s RETURNING id", before)
        )
