"""Telling the responsible when a campaign cannot go on, and when it does again."""

from odoo import fields, models
from odoo.tools import SQL

from ..engine import database_clock

ACTIVITY = "marketing_campaign_flow.mail_activity_type_trouble"
HOLD = "SELECT 1 FROM flow_campaign WHERE id = %s FOR NO KEY UPDATE"


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    problems = fields.Json(
        readonly=True,
        copy=False,
        help="What cannot go on, by the part of the campaign, with the words and the activity.",
    )
    problem = fields.Text(compute="_compute_problem", help="What keeps the campaign from going on.")

    running_since = fields.Datetime(
        readonly=True, copy=False, help="When the campaign was last launched or resumed."
    )

    def write(self, vals):
        if vals.get("status") == "running":
            vals = {**vals, "running_since": database_clock.now(self.env)}
            for campaign in self:
                campaign._mended("breaker")
        return super().write(vals)

    def _compute_problem(self):
        for campaign in self:
            texts = [found["text"] for found in (campaign.problems or {}).values()]
            campaign.problem = "\n".join(dict.fromkeys(texts))

    def _report_problem(self, part, text):
        """Tell the responsible that a part of the campaign cannot go on, once until it is mended.

        :param part: what breaks, such as ``enrol`` or ``transition 7``
        :param text: the error in words
        """
        self.ensure_one()
        if self._is_known_problem(part, text):
            return
        self._hold_alerts()
        if self._is_known_problem(part, text):
            return
        known = (self.problems or {}).get(part)
        activity = self.env["mail.activity"].browse(known["activity"] if known else []).exists()
        if activity:
            activity.note = text
        else:
            activity = self._schedule_trouble(self.env._("The campaign cannot go on"), text)
        self.problems = {
            **(self.problems or {}),
            part: {"text": text, "activity": activity.id},
        }

    def _is_known_problem(self, part, text):
        return (self.problems or {}).get(part, {}).get("text") == text

    def _hold_alerts(self):
        """Let nobody else tell about this campaign until the transaction ends.

        Workers find the same trouble at the same time; whoever waited here sees what was told.

        :raises psycopg2.errors.SerializationFailure: when something was told since the snapshot of
            a REPEATABLE READ transaction, which is to run again
        """
        self.flush_recordset()
        # a conflict is no error: the caller's transaction runs again
        self.env.cr.execute(SQL(HOLD, self.id), log_exceptions=False)
        self.invalidate_recordset()

    def _mended(self, part):
        """Close what was told about a part of the campaign that works again."""
        self.ensure_one()
        if part not in (self.problems or {}):
            return
        self._hold_alerts()
        problems = dict(self.problems or {})
        if part not in problems:
            return
        activity = self.env["mail.activity"].browse(problems.pop(part)["activity"]).exists()
        activity.action_feedback(feedback=self.env._("It goes on again."))
        self.problems = problems or False

    def _forget_filters(self):
        """Close what was told about filters: the new version has filters of its own."""
        for part in list(self.problems or {}):
            if part.startswith("transition "):
                self._mended(part)

    def _trip(self, action, failed, attempted):
        """Pause the campaign because an action of it fails for many, and tell the responsible."""
        text = self.env._(
            "“%(action)s” failed for %(failed)s of the last %(attempted)s participants. The"
            " campaign is paused: look at the failed steps, mend the cause and resume it.",
            action=action.display_name,
            failed=failed,
            attempted=attempted,
        )
        self.write({"status": "paused"})
        self._report_problem("breaker", text)

    def _schedule_trouble(self, summary, text):
        """Give the responsible something to do about this campaign."""
        self.ensure_one()
        return self.activity_schedule(ACTIVITY, summary=summary, note=text, user_id=self.user_id.id)
