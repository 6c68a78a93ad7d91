"""Engine health: whether campaigns are being worked on, and what to do where they are not.

For managers. Counts are read by partial indexes and end at `MOST`: whether ten thousand steps are
late or a million, the sentence is the same.
"""

import contextlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_datetime, formatLang

MOST = 10_000

# A scheduler that lives begins a lane each minute; one that is busy may be late by some.
SILENCE = timedelta(minutes=5)
HANDLED = """
    SELECT COALESCE(sum(done), 0) FROM ir_cron_progress
     WHERE cron_id = ANY(%(lanes)s) AND create_date > %(since)s
"""

GOOD, WARNING, BAD = "good", "warning", "bad"


class FlowEngineHealth(models.AbstractModel):
    _name = "flow.engine.health"
    _description = "Engine Health"

    @api.model
    def get_health(self):
        """Return what managers have to know about the engine, one entry per thing looked at.

        :return: ``checks``, each with ``label``, ``value``, ``state`` (*good*, *warning*, *bad*),
            ``text`` and, where there is something to do, ``action`` and ``button``
        :raises AccessError: for anybody but managers
        """
        if not self.env.user.has_group("marketing_campaign_flow.group_flow_manager"):
            raise AccessError(self.env._("Only campaign managers see how the engine is doing."))
        self.env.flush_all()
        campaigns = self.env["flow.campaign"].search([("status", "in", ("running", "paused"))])
        checks = [
            self._scheduler(),
            self._overdue(campaigns.filtered(lambda one: one.status == "running")),
            self._troubled(campaigns),
            self._throughput(campaigns),
            self._mail_server(campaigns),
            self._failed(),
            self._uncertain(),
            self._unpaid(campaigns),
        ]
        return {
            "checks": checks,
            "state": next(
                (state for state in (BAD, WARNING) if any(c["state"] == state for c in checks)),
                GOOD,
            ),
            "moment": format_datetime(self.env, fields.Datetime.now(), dt_format="medium"),
        }

    # -- the scheduler -----------------------------------------------------------------------

    @api.model
    def _scheduler(self):
        """Whether Odoo runs the scheduled jobs of the engine, and when it last did."""
        # sudo: the scheduled jobs are the addon's own; when they ran is no secret of a manager's
        lanes = self.env["flow.campaign"].sudo()._lanes()
        last = max((lane.lastcall for lane in lanes if lane.lastcall), default=None)
        check = {
            "key": "scheduler",
            "label": self.env._("Last pass"),
            "icon": "fa-heartbeat",
            "value": format_datetime(self.env, last, dt_format="short") if last else "—",
        }
        if not lanes:
            text = self.env._(
                "The engine is switched off: nothing is sent and nobody moves. An administrator has"
                " to switch the scheduled action “Campaign Flow: engine” on."
            )
            return {**check, "state": BAD, "text": text, **self._jobs_button()}
        broken = lanes.filtered("failure_count")
        if broken:
            text = self.env._(
                "The engine breaks off: the last pass did not end well. An administrator finds the"
                " reason in the log of the server."
            )
            return {**check, "state": WARNING, "text": text, **self._jobs_button()}
        if self._is_silent(lanes):
            text = self.env._(
                "Odoo's scheduler has not begun a pass for more than five minutes: nothing is sent"
                " and nobody moves. After a restart it takes a minute; else an administrator has to"
                " start the server with scheduled jobs (--max-cron-threads)."
            )
            return {**check, "state": BAD, "text": text, **self._jobs_button()}
        text = self.env._("The engine works, with lanes: %s.", len(lanes))
        return {**check, "state": GOOD, "text": text}

    @api.model
    def _is_silent(self, lanes):
        """Return whether every lane should have begun some time ago; one at work counts as well."""
        before = fields.Datetime.now() - SILENCE
        return all(lane.nextcall < before for lane in lanes) and not self._is_at_work(lanes)

    @api.model
    def _is_at_work(self, lanes):
        """Return whether a lane has noted progress a moment ago, or a scheduler holds its job."""
        # Undone at once: a scheduler passes over jobs that somebody else holds.
        with contextlib.closing(self.env.cr.savepoint(flush=False)):
            free = self.env.execute_query(
                SQL("SELECT id FROM ir_cron WHERE id = ANY(%s) FOR SHARE SKIP LOCKED", lanes.ids)
            )
        recent = self._handled(lanes, fields.Datetime.now() - SILENCE)
        return bool(recent) or len(free) < len(lanes)

    @api.model
    def _handled(self, lanes, since):
        rows = self.env.execute_query(SQL(HANDLED, lanes=lanes.ids, since=since))
        return rows[0][0]

    @api.model
    def _jobs_button(self):
        """Return the way to the scheduled jobs, for those who may go it."""
        if not self.env.user.has_group("base.group_system"):
            return {}
        # sudo: see `_scheduler`
        lanes = self.env["flow.campaign"].sudo()._all_lanes()
        return self._button(
            self.env._("Scheduled actions"),
            self.env._("Scheduled Actions"),
            "ir.cron",
            [("id", "in", lanes.ids)],
            context={"active_test": False},
        )

    # -- helpers -----------------------------------------------------------------------------

    @api.model
    def _count(self, query, campaigns, **values):
        rows = self.env.execute_query(SQL(query, campaigns=campaigns.ids, most=MOST + 1, **values))
        return rows[0][0]

    @api.model
    def _number(self, number):
        """Return a number that was counted up to a limit, such as “10,000+”."""
        return f"{self._whole(MOST)}+" if number > MOST else self._whole(number)

    @api.model
    def _whole(self, number):
        return formatLang(self.env, number, digits=0)

    @api.model
    def _button(self, label, name, model, domain, views=("list",), context=None):
        return {
            "button": label,
            "action": {
                "type": "ir.actions.act_window",
                "name": name,
                "res_model": model,
                "views": [[False, kind] for kind in views],
                "domain": domain,
                "context": context or {},
            },
        }
