"""Lanes: identical scheduled jobs that run passes of the engine side by side."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, config

from ..engine import tick

CODE = "model._cron_engine()"

# A lane whose last hint is older than this is busy: a free one has taken it long before.
BUSY = timedelta(seconds=3)

# The scheduler deletes a lane's hints when it begins a pass and commits that when the pass is over.
# Until then others still see them, but `xmax` tells: whoever relied on such a hint would be left
# waiting when the pass has had its last look.
HINTS = """
    SELECT c.id, max(t.call_at), COALESCE(bool_or(t.xmax = 0), FALSE)
      FROM ir_cron c
      JOIN ir_act_server a ON a.id = c.ir_actions_server_id
      LEFT JOIN ir_cron_trigger t ON t.cron_id = c.id AND t.call_at <= %(now)s
     WHERE c.active AND a.model_id = %(model)s AND a.code = %(code)s
     GROUP BY c.id ORDER BY c.id LIMIT %(at_most)s
"""


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
        return self._all_lanes().filtered("active")[: self._at_most()]

    @api.model
    def _at_most(self):
        """Return how many lanes may work at once."""
        return max(1, config["max_cron_threads"] - 1)

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

        The first lane that seems free gets the hint. A lane whose last hint is from a while ago is
        busy. When all are, the first is to look again before it rests; the scheduler hears of that
        hint too, should nobody have listened to the last one.
        """
        lanes = self._hints()
        for lane_id, (moment, is_waiting) in lanes.items():
            recent = moment and moment > fields.Datetime.now() - BUSY
            if recent and is_waiting:
                return
            if recent or not moment:
                self._hint(lane_id)
                return
        for lane_id in list(lanes)[:1]:
            self._hint(lane_id)

    @api.model
    def _call_other_lanes(self):
        """Wake the lanes that rest: there is work for all."""
        for lane_id, (moment, _is_waiting) in self._hints().items():
            if not moment and lane_id != self.env.context.get("cron_id"):
                self._hint(lane_id)

    @api.model
    def _hint(self, lane_id):
        """Ask the scheduler to run a lane."""
        # sudo: see `_all_lanes`
        self.env["ir.cron"].sudo().browse(lane_id)._trigger()

    @api.model
    def _hints(self):
        """Return the lanes that may work, in order: by the id of each, the moment of its last hint,
        None where there is none, and whether one still waits to be taken.

        One statement, because every request for a picture or a link asks.
        """
        for model in ("ir.cron", "ir.actions.server", "ir.cron.trigger"):
            self.env[model].flush_model()
        statement = SQL(
            HINTS,
            model=self.env["ir.model"]._get_id(self._name),
            code=CODE,
            now=fields.Datetime.now(),
            at_most=self._at_most(),
        )
        return {lane: tuple(hint) for lane, *hint in self.env.execute_query(statement)}
