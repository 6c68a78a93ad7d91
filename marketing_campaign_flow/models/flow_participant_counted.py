"""Finding the participants behind a row of the report again."""

import json

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# Whom a fact of one day is about, for a participant ``p``; `facts` says what counts.
STARTED = "p.started_at::date = %(day)s AND COALESCE(p.end_kind, '') NOT IN ('guest', 'held_out')"
GOAL = """
    p.end_kind = 'goal' AND p.ended_at::date = %(day)s
    AND (SELECT s.key FROM flow_state s WHERE s.id = p.state_id) = %(state)s
"""
OF_EMAIL = """
    EXISTS (SELECT FROM flow_step s JOIN mailing_trace t ON t.flow_step_id = s.id
             WHERE s.participant_id = p.id AND s.action_key = %(action)s
               AND s.arm IS NOT DISTINCT FROM %(arm)s AND %(moment)s)
"""
UNSUBSCRIBED = """
    EXISTS (SELECT FROM flow_event e
             WHERE e.participant_id = p.id AND e.kind = 'unsubscribed' AND e.step_id IS NOT NULL
               AND e.action_key IS NOT DISTINCT FROM %(action)s AND e.occurred_at::date = %(day)s)
"""
MOMENTS = {
    "sent": "t.sent_datetime::date = %s",
    "opened": "t.open_datetime::date = %s",
    "clicked": "t.links_click_datetime::date = %s",
    "replied": "t.reply_datetime::date = %s",
    "bounced": "t.trace_status = 'bounce' AND COALESCE(t.sent_datetime, t.create_date)::date = %s",
}
OF = """
    SELECT p.id FROM flow_participant p
     WHERE p.campaign_id = %(campaign)s AND COALESCE(p.country_ref, 0) = %(country)s
       AND COALESCE(p.salesperson_ref, 0) = %(salesperson)s AND %(whom)s
"""


class FlowParticipant(models.Model):
    _inherit = "flow.participant"

    counted_as = fields.Char(
        compute="_compute_counted_as", search="_search_counted_as", help="Rows of the report."
    )

    def _compute_counted_as(self):
        self.counted_as = False

    def _search_counted_as(self, operator, value):
        """Find whom rows of `flow.report` are about.

        :param value: texts, each a list in JSON of what `flow.report` returns as `_about`
        :raises UserError: for anything else
        """
        if operator != "in":
            return NotImplemented
        try:
            counted = [self._counted(row) for text in value for row in json.loads(text)]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UserError(self.env._("This does not name rows of the report.")) from error
        if not counted:
            return Domain.FALSE
        return Domain("id", "in", SQL("(%s)", SQL(" UNION ").join(counted)))

    def _counted(self, row):
        """Return SQL for the ids of those whom a row is about."""
        values = {name: row.get(name) for name in ("state", "action", "arm")}
        values["day"] = fields.Date.to_date(row["day"])
        metric = row["metric"]
        if metric in MOMENTS:
            values["moment"] = SQL(MOMENTS[metric], values["day"])
            whom = OF_EMAIL
        else:
            whom = {"started": STARTED, "ended_goal": GOAL, "unsubscribed_emails": UNSUBSCRIBED}[
                metric
            ]
        return SQL(
            OF,
            whom=SQL(whom, **values),
            **{name: int(row[name] or 0) for name in ("campaign", "country", "salesperson")},
        )
