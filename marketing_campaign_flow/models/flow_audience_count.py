"""How audiences grow: a count of each per day."""

import json
import logging

from odoo import api, fields, models
from odoo.tools import SQL, format_date

CHART_DAYS = 90

_logger = logging.getLogger(__name__)

# One row per audience and day: the last count of the day stays.
NOTE = """
    INSERT INTO flow_audience_count (audience_id, date, people, reachable)
    VALUES (%(audience)s, %(date)s, %(people)s, %(reachable)s)
        ON CONFLICT (audience_id, date)
        DO UPDATE SET people = EXCLUDED.people, reachable = EXCLUDED.reachable
"""
LAST = """
    SELECT DISTINCT ON (audience_id) audience_id, people, reachable, date
      FROM flow_audience_count WHERE id IN %s ORDER BY audience_id, date DESC
"""


class FlowAudienceCount(models.Model):
    _name = "flow.audience.count"
    _description = "Audience on a Day"
    _log_access = False  # kept by the system
    _order = "date desc, id desc"
    _rec_name = "date"

    audience_id = fields.Many2one(
        "flow.audience", required=True, ondelete="cascade", index=False, readonly=True
    )
    date = fields.Date(string="Day", required=True, readonly=True)
    people = fields.Integer(readonly=True, aggregator="max")
    reachable = fields.Integer(string="Reachable by email", readonly=True, aggregator="max")

    _daily = models.UniqueIndex("(audience_id, date)")


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    last_count = fields.Integer(
        string="People at last count",
        compute="_compute_last_count",
        help="Counted every night, and when the audience is changed, as seen by its author.",
    )
    last_reachable = fields.Integer(string="Reachable at last count", compute="_compute_last_count")
    last_count_date = fields.Date(string="Counted on", compute="_compute_last_count")
    count_ids = fields.One2many("flow.audience.count", "audience_id", string="Counts")
    growth = fields.Text(compute="_compute_growth", help="People per day, for the line chart.")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_growth(self):
        for audience in self:
            days = audience.count_ids.sorted("date")[-CHART_DAYS:]
            points = [
                {"x": format_date(self.env, day.date), "y": day.people, "name": str(day.date)}
                for day in days
            ]
            lines = [{"values": points, "key": self.env._("People"), "title": "", "area": True}]
            audience.growth = json.dumps(lines) if len(points) > 1 else False

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_last_count(self):
        counts = self.env["flow.audience.count"]
        counts.flush_model()
        seen = counts._search([("audience_id", "in", self._origin.ids)])
        last = self.env.execute_query(SQL(LAST, seen.subselect()))
        rows = {row[0]: row[1:] for row in last}
        for audience in self:
            people, reachable, date = rows.get(audience._origin.id, (0, 0, False))
            audience.last_count = people
            audience.last_reachable = reachable
            audience.last_count_date = date

    @api.model_create_multi
    def create(self, vals_list):
        audiences = super().create(vals_list)
        audiences._note_counts()
        return audiences

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & set(self._who_fields()):
            self._note_counts()
        return result

    def _note_counts(self):
        """Note how many are in today, as the author of the audience sees it.

        Audiences that cannot be worked out are left alone: no count is better than a wrong one.
        """
        for audience in self:
            author = audience.create_uid or self.env.user
            company = audience.company_id or author.company_id
            own = {"allowed_company_ids": company.ids}
            seen = audience.with_user(author).with_context(**own)
            preview = seen._preview()
            if preview["problem"]:
                continue
            self.env.cr.execute(
                SQL(
                    NOTE,
                    audience=audience.id,
                    # In UTC: colleagues in several time zones count on the same day.
                    date=fields.Date.today(),
                    people=preview["people"],
                    reachable=preview["reachable"],
                )
            )
        self.env["flow.audience.count"].invalidate_model()
        self.invalidate_recordset(["last_count", "last_reachable", "last_count_date"])

    @api.model
    def _cron_count(self):
        """Count all audiences; one that fails does not keep the others from being counted."""
        audiences = self.search([("active", "=", True)])
        self.env["ir.cron"]._commit_progress(remaining=len(audiences))
        for audience in audiences:
            try:
                with self.env.cr.savepoint():
                    audience._note_counts()
            except Exception:
                _logger.warning("Audience %s could not be counted", audience.id, exc_info=True)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def action_view_growth(self):
        """Open how many were in day by day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_campaign_flow.flow_audience_count_action"
        )
        return {**action, "domain": [("audience_id", "=", self.id)]}
