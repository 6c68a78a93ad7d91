"""Lanes: identical scheduled jobs that run passes of the engine side by side."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import config

from ..engine import tick

CODE = "model._cron_engine()"

# A hint that waits for longer than this waits for a lane that is busy.
BUSY = timedelta(seconds=3)


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    @api.model
    def _cron_engine(self):
        """One pass of the engine, called by the scheduled job of a lane.

        :return: how much was handled
        """
        lane = self.env.context.get("cron_id")
        return tick.run(self.env) if lane is None or lane in self._lanes().ids else 0

    @api.model
    def _all_lanes(self):
        """Return the scheduled jobs of the lanes, the archived ones too."""
        # sudo: the scheduled jobs are the addon's own; they are read, woken and counted only.
        jobs = self.env["ir.cron"].sudo().with_context(active_test=False)
        return jobs.search([("model_id.model", "=", self._name), ("code", "=", CODE)], order="id")

    @api.model
    def _lanes(self):
        """Return the lanes that may work: one thread of the scheduler is left to other jobs."""
        at_most = max(1, config["max_cron_threads"] - 1)
        return self._all_lanes().filtered("active")[:at_most]

    @api.model
    def _set_lane_count(self, count):
        """Have `count` lanes: the first are switched on, further ones made, the others off.

        :param count: at least 1
        """
        lanes = self._all_lanes()
        first = self.env.ref("marketing_campaign_flow.ir_cron_engine")
        for number in range(len(lanes) + 1, count + 1):
            lane = first.copy({"name": first.name, "active": True})
            # With a name of the addon's, uninstalling takes it away too.
            self.env["ir.model.data"].create(
                {
                    "module": "marketing_campaign_flow",
                    "name": f"ir_cron_engine_{number}",
                    "model": lane._name,
                    "res_id": lane.id,
                    "noupdate": True,
                }
            )
            lanes |= lane
        for position, lane in enumerate(lanes):
            if lane.active != (position < count):
                lane.active = position < count

    @api.model
    def _wake_engine(self):
        """Ask the scheduler for a pass soon, once: a hint that waits already is enough.

        The first lane that seems free gets the hint. A lane whose hint has been waiting for a
        while is busy; when all are, there is nobody to wake, and they look again before they rest.
        """
        waiting = self._waiting_hints()
        for lane in self._lanes():
            if lane.id not in waiting:
                lane._trigger()
                return
            if waiting[lane.id] > fields.Datetime.now() - BUSY:
                return

    @api.model
    def _call_other_lanes(self):
        """Wake the lanes that rest: there is work for all."""
        waiting = self._waiting_hints()
        for lane in self._lanes():
            if lane.id not in waiting and lane.id != self.env.context.get("cron_id"):
                lane._trigger()

    @api.model
    def _waiting_hints(self):
        """Return since when a hint waits for a lane, by the lane's id."""
        # sudo: see `_all_lanes`
        hints = self.env["ir.cron.trigger"].sudo()
        now = fields.Datetime.now()
        return {
            lane.id: moment
            for lane, moment in hints._read_group(
                [("cron_id", "in", self._lanes().ids), ("call_at", "<=", now)],
                ["cron_id"],
                ["call_at:max"],
            )
        }
