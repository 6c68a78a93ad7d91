"""What the engine asks a campaign."""

import contextlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import database_clock, tick, wind_down
from ..engine.settings import ZONE_OF_COMPANY

# How long a running campaign's audience is left alone before newcomers are looked for.
AUDIENCE_SYNC = timedelta(minutes=5)

# What people still do when a campaign is paused or over.
WITH_NEWS = """
    (SELECT c.id FROM flow_campaign c
      WHERE c.status IN ('paused', 'done')
        AND EXISTS (SELECT FROM flow_event e WHERE e.campaign_id = c.id AND e.is_new))
"""

OPEN_DOORS = """
    UPDATE flow_participant p SET next_at = %s
      FROM flow_state s
     WHERE p.state_id = s.id AND p.campaign_id = %s AND p.status = 'held'
       AND (s.phase_id IS NULL OR s.phase_id = ANY(%s))
"""


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    is_winding_down = fields.Boolean(
        readonly=True, copy=False, help="Stopped, but not everybody has been told yet."
    )

    @api.model
    def _at_work(self):
        """Return the campaigns that the engine has to look at."""
        running = Domain("status", "=", "running") & Domain("active", "=", True)
        stopped = Domain("is_winding_down", "=", True)  # even if it was archived meanwhile
        with_news = Domain("id", "in", SQL(WITH_NEWS))
        at_work = running | stopped | with_news
        found = self.with_context(active_test=False).search(at_work, order="id")
        return self.browse(found.ids)

    @api.constrains("active", "status")
    def _check_archived_does_not_run(self):
        for campaign in self:
            if not campaign.active and campaign.status in ("running", "paused"):
                raise ValidationError(self.env._("Stop “%s” before you archive it.", campaign.name))

    def _begin_winding_down(self):
        """Stop at once; the runs are ended by the engine, the first of them right now.

        Where workers stand in the way the engine ends them all.
        """
        now = database_clock.now(self.env)
        self.write({"status": "done", "date_end": now, "is_winding_down": True})
        self.env.flush_all()
        for campaign in self:
            with contextlib.suppress(*tick.CONFLICTS), self.env.cr.savepoint():
                wind_down.wind_down(self.env, campaign)
        self._wake_engine()

    def _as_responsible(self):
        """Return the campaign with the rights and the company of its responsible."""
        self.ensure_one()
        # Not with the other companies that whoever looks at the campaign has open.
        own = {"allowed_company_ids": self.company_id.ids}
        return self.with_user(self.user_id).with_context(**own)

    def _target_columns(self):
        """Return SQL for what is read of a record ``c`` that takes part: the contact behind it, its
        name and its time zone, its country and its salesperson.

        Other addons say so of the records that they let take part, and add ``lang`` where a record
        has a language of its own instead of its contact's.
        """
        target = self.env[self.target_model]
        return {
            "partner": SQL("c.id" if target._name == "res.partner" else "NULL::int"),
            "name": SQL("COALESCE(c.name, c.email, '')"),
            "zone": self._target_column("tz", SQL("NULL::text")),
            "country": self._target_column("country_id", SQL("NULL::int")),
            "salesperson": self._target_column("user_id", SQL("NULL::int")),
        }

    def _target_column(self, name, otherwise):
        """Return SQL for a column of a record ``c`` that takes part, where its model has one."""
        known = name in self.env[self.target_model]._fields
        return SQL.identifier("c", name) if known else otherwise

    def _target_values(self, res_id):
        """Return the contact, the address, the name, the country and the salesperson of a record
        that takes part, as of now.

        :return: values of `flow.participant`; None when the record is gone
        """
        self.env.flush_all()
        columns = self._target_columns()
        [values] = self.env.execute_query_dict(
            SQL(
                "SELECT %s AS partner_id, c.email_normalized AS email_key, %s AS name,"
                " %s AS country_ref, %s AS salesperson_ref FROM %s c WHERE c.id = %s",
                columns["partner"],
                columns["name"],
                columns["country"],
                columns["salesperson"],
                SQL.identifier(self.env[self.target_model]._table),
                res_id,
            )
        ) or [None]
        return values

    def _timezone(self):
        """Return the IANA time zone in which the campaign counts days."""
        if ZONE_OF_COMPANY.value(self.env):
            return self.company_id.partner_id.tz or self.user_id.tz or "UTC"
        return self.user_id.tz or self.company_id.partner_id.tz or "UTC"

    def _contact_zone(self):
        """Return SQL for the time zone of a record ``c`` that takes part; NULL goes by the
        campaign's own."""
        if ZONE_OF_COMPANY.value(self.env):
            return SQL("NULL::text")
        return self._target_columns()["zone"]

    def _working_time(self, calendar_id, now):
        """Return a working calendar as it is now, as an `engine.working_time.Calendar`."""
        self.ensure_one()
        if not calendar_id:
            return None
        calendar = self.env["resource.calendar"].browse(calendar_id)
        return calendar._flow_working_time(self.company_id, now)

    def _open_phase_ids(self):
        """Return the ids of the phases that the campaign has reached; None is always open."""
        self.ensure_one()
        phases = self.env["flow.phase"]._in_order()
        return {None, *phases.ids[: phases.ids.index(self.phase_id.id) + 1]}

    def _open_doors(self):
        """Wake the participants who wait at the door of a state whose phase is open now."""
        now = database_clock.now(self.env)
        for campaign in self:
            open_phases = list(campaign._open_phase_ids() - {None})
            self.env.cr.execute(OPEN_DOORS, [now, campaign.id, open_phases])
        self.env["flow.participant"].invalidate_model(["next_at"])
        self._wake_engine()

    def _lock_enrolling(self):
        """Return whether nobody else enrols for this campaign until this transaction ends."""
        self.ensure_one()
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock('flow_campaign'::regclass::oid::int, %s)", [self.id]
        )
        return self.env.cr.fetchone()[0]

    def _enrol_audience(self):
        """Enrol whoever is in the audience now and note when to look again.

        One worker at a time enrols for a campaign; another finds the lock taken and goes on.

        :return: how many came in; None when another worker does it
        """
        if not self._lock_enrolling():
            return None
        now = database_clock.now(self.env)
        count = self._enrol_members(now) if self.audience_id else 0
        count += self.entry_ids._let_in_by_date()
        look_again = (self.audience_id and self.keep_in_sync) or self.entry_ids._by_date()
        again = now + AUDIENCE_SYNC if look_again else None
        # Somebody may have changed the campaign meanwhile: then it is done again, and no error.
        self.env.cr.execute(
            "UPDATE flow_campaign SET enrol_at = %s WHERE id = %s",
            [again, self.id],
            log_exceptions=False,
        )
        self.invalidate_recordset(["enrol_at"])
        return count
