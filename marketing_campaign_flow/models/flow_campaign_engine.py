"""What the engine asks a campaign, and how it is woken."""

from datetime import timedelta

from odoo import api, fields, models

from ..engine import database_clock, enrol, tick

# How long a running campaign's audience is left alone before newcomers are looked for.
AUDIENCE_SYNC = timedelta(minutes=5)

OPEN_DOORS = """
    UPDATE flow_participant p SET next_at = %s
      FROM flow_state s
     WHERE p.state_id = s.id AND p.campaign_id = %s AND p.status = 'held'
       AND (s.phase_id IS NULL OR s.phase_id = ANY(%s))
"""


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    @api.model
    def _running(self):
        return self.search([("status", "=", "running")], order="id")

    def _as_responsible(self):
        """Return the campaign with the rights and the company of its responsible."""
        self.ensure_one()
        return self.with_user(self.user_id).with_company(self.company_id)

    def _timezone(self):
        """Return the IANA time zone in which the campaign counts days."""
        return self.user_id.tz or self.company_id.partner_id.tz or "UTC"

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

    def _enrol_audience(self):
        """Enrol whoever is in the audience now and note when to look again.

        One worker at a time enrols for a campaign; another finds the lock taken and goes on.
        """
        self.ensure_one()
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock('flow_campaign'::regclass::oid::int, %s)", [self.id]
        )
        if not self.env.cr.fetchone()[0]:
            return 0
        contacts = self._as_responsible().audience_id._contact_query()
        count = enrol.enrol(self.env, self, contacts)
        if self.on_leaving == "exit":
            gone = self.env["flow.participant"].browse(enrol.left(self.env, self, contacts))
            gone._end("left", database_clock.now(self.env))
        self.enrol_at = database_clock.now(self.env) + AUDIENCE_SYNC if self.keep_in_sync else False
        return count

    @api.model
    def _wake_engine(self):
        """Ask the scheduler for a pass soon, once: a hint that waits already is enough."""
        # sudo: the scheduled job is the addon's own; waking it does nothing that time would not.
        cron = self.env.ref("marketing_campaign_flow.ir_cron_engine").sudo()
        waiting = (
            self.env["ir.cron.trigger"]
            .sudo()
            .search_count(
                [("cron_id", "=", cron.id), ("call_at", "<=", fields.Datetime.now())], limit=1
            )
        )
        if not waiting:
            cron._trigger()

    @api.model
    def _cron_engine(self):
        """One pass of the engine, called by the scheduled job."""
        tick.run(self.env)
