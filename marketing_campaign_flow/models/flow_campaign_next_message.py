"""When the first messages of a campaign go out, and the next ones while it runs, in words."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_datetime, format_time

from ..engine import advance, clock, database_clock, moments
from ..engine.windows import loud_hours

# What is due within this goes out "at once" for whoever reads it.
AT_ONCE = timedelta(minutes=5)
# Days that are known by their name.
NAMED_DAYS = 7

# One row per campaign by the index of what is due, whatever else waits.
NEXT = """
    SELECT c.id, s.due_at, s.action_id
      FROM unnest(%s) c(id)
      JOIN LATERAL (
           SELECT due_at, action_id FROM flow_step
            WHERE campaign_id = c.id AND is_message AND NOT is_call AND status = 'scheduled'
              AND wait_reason IS DISTINCT FROM 'budget'
            ORDER BY due_at LIMIT 1) s ON true
"""


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    next_message = fields.Char(
        string="Next email",
        compute="_compute_next_message",
        help="When the campaign sends again, in your time zone.",
    )

    @api.depends("status")
    def _compute_next_message(self):
        """Say what is sent next by campaigns that run; nothing while emails are going out."""
        self.next_message = False
        running = self.filtered(
            lambda campaign: campaign._origin.id and campaign.status == "running"
        )
        if not running:
            return
        self.env["flow.step"].flush_model()
        soon = database_clock.now(self.env) + AT_ONCE
        rows = self.env.execute_query(SQL(NEXT, running._origin.ids))
        known = {campaign_id: (due_at, action_id) for campaign_id, due_at, action_id in rows}
        for campaign in running:
            due_at, action_id = known.get(campaign._origin.id, (None, None))
            if due_at and due_at > soon:
                action = self.env["flow.action"].browse(action_id)
                campaign.next_message = self.env._(
                    "%(moment)s: %(action)s",
                    moment=self._moment_in_words(due_at),
                    action=action._seen_content() or action.display_name,
                )

    def _first_message_in_words(self):
        """Return a sentence on when the first messages of a launch now, or when it is planned, go
        out; nothing where the first state sends none, or each contact has a date of its own."""
        self.ensure_one()
        start = self.workflow_id._compile().start
        if not start:
            return ""
        if start.phase_id not in self._open_phase_ids():
            phase = self.env["flow.phase"].browse(start.phase_id)
            return self.env._("Everybody waits until the phase “%s” opens.", phase.name)
        now = database_clock.now(self.env)
        launch = max(self.launch_at or now, now)
        first = min(self._dues_of_messages(start, launch), default=None)
        if first is None:
            return ""
        if first > launch + AT_ONCE:
            return self.env._("The first messages go out: %s.", self._moment_in_words(first))
        if launch > now:
            return self.env._(
                "The first messages go out with the launch: %s.", self._moment_in_words(launch)
            )
        return self.env._("The first messages go out at once.")

    def _dues_of_messages(self, state, entered):
        """Yield when the messages of a state are due for whoever lives by the campaign's time."""
        home, loud = self._timezone(), loud_hours(self.env)
        for row in state.actions:
            action = self.env["flow.action"].browse(row.id)
            if not action._channel():
                continue
            calendars = advance.calendars_of(self, row.timings, entered)
            around = moments.Surroundings(
                home, home, [None] * len(row.timings), calendars=calendars
            )
            _wanted, due = moments.of(row.timings, entered, around)
            if due:
                yield clock.next_opening(due, loud, home) if loud else due

    @api.model
    def _moment_in_words(self, moment):
        """Return “tomorrow, 9:00 AM”, with the day of the week or the date when it is later.

        :param moment: UTC
        """
        local = fields.Datetime.context_timestamp(self, moment)
        now = database_clock.now(self.env)
        days = (local.date() - fields.Datetime.context_timestamp(self, now).date()).days
        time = format_time(self.env, local.time(), time_format="short")
        if days == 0:
            return self.env._("today, %s", time)
        if days == 1:
            return self.env._("tomorrow, %s", time)
        if 1 < days < NAMED_DAYS:
            day = format_date(self.env, local.date(), date_format="EEEE")
            return self.env._("%(day)s, %(time)s", day=day, time=time)
        return format_datetime(self.env, moment, dt_format="short")
