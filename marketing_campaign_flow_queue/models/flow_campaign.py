"""Lanes as jobs: the same passes, run by the workers of queue_job instead of the scheduler.

A lane has at most one job that waits. How many jobs run at once is up to the channel; lanes need
not know of each other, so a second job of a lane may well start while the first is still at work.
"""

import logging
import time
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models

_logger = logging.getLogger(__name__)

# How long a pass works before it makes room for other jobs, as Odoo's scheduler has it, in seconds.
SLICE = 10

# While a pass runs, a further one is put off by so much: a burst of clicks is one job a second.
BURST = timedelta(seconds=1)

# A job that has waited for longer than this waits for a runner that is not there.
RUNNER_AWAY = timedelta(minutes=5)

WAITING = ("pending", "enqueued")


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    @api.model
    def _cron_engine(self):
        """A scheduled job of a lane only asks for a job: a safety net for hints that were lost.

        Where no runner takes the jobs, the lane does the pass itself.
        """
        if "cron_id" not in self.env.context:
            return super()._cron_engine()
        if self._runner_is_away():
            _logger.warning(
                "No runner takes the jobs of Campaign Flow: the scheduler does the work"
            )
            return super()._cron_engine()
        self._wake_engine()
        return 0

    @api.model
    def _run_lane(self, lane_id):
        """Run one pass of the engine as a job; ask for another when its time was not enough.

        :param lane_id: the id of the lane's `ir.cron`
        :return: how much was handled
        """
        end = time.monotonic() + SLICE
        handled = self.with_context(flow_lane=lane_id, cron_end_time=end)._cron_engine()
        if time.monotonic() >= end:
            self._enqueue(self._lanes().filtered(lambda lane: lane.id == lane_id))
        return handled

    @api.model
    def _lanes(self):
        """Return the lanes that may work: threads of the scheduler do not matter here."""
        return self._all_lanes().filtered("active")

    @api.model
    def _wake_engine(self):
        """Ask for a pass soon, once: a job that waits already is enough."""
        eta = BURST if self._jobs([("state", "=", "started")], limit=1) else None
        self._enqueue(self._lanes()[:1], eta)

    @api.model
    def _call_other_lanes(self):
        """Have a job for each of the other lanes: there is work for all."""
        own = self.env.context.get("flow_lane")
        self._enqueue(self._lanes().filtered(lambda lane: lane.id != own))

    @api.model
    def _enqueue(self, lanes, eta=None):
        """Have a job that waits for each lane.

        :param eta: not before so long from now
        """
        # The engine acts as itself, whoever has woken it and in whatever context.
        engine = self.env(user=SUPERUSER_ID, su=True, context={})[self._name]
        for lane in lanes:
            engine.with_delay(
                identity_key=f"campaign_flow.lane.{lane.id}",
                description=lane.name,
                eta=eta,
                max_retries=0,  # a worker that died is no reason to give up
            )._run_lane(lane.id)

    @api.model
    def _runner_is_away(self):
        """Return whether a job has waited for so long that nobody seems to run any."""
        before = fields.Datetime.now() - RUNNER_AWAY
        waits = [("state", "in", WAITING), ("date_created", "<", before)]
        return bool(self._jobs(waits, limit=1))

    @api.model
    def _jobs(self, domain, limit=None):
        """Return jobs of the lanes."""
        # sudo: the jobs are the addon's own; they are looked at only.
        jobs = self.env["queue.job"].sudo()
        own = [("model_name", "=", self._name), ("method_name", "=", "_run_lane")]
        return jobs.search([*own, *domain], limit=limit)
