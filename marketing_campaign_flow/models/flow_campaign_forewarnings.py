"""What is hardly meant about a campaign around its workflow: servers, dates, rates, approvals."""

from odoo import models
from odoo.tools import config, format_datetime

from ..engine import database_clock
from .finding import Finding

# An email that takes longer than this to reach everybody is worth a word.
LONG_HOURS = 24


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _launch_hints(self, figures):
        return [
            *super()._launch_hints(figures),
            *self._server_hints(),
            *self._past_hints(),
            *self._rate_hints(figures),
            *self._phase_hints(),
        ]

    def _server_hints(self):
        """Nothing leaves without a mail server."""
        if not self.workflow_id.action_ids._emails() or config["smtp_server"] != "localhost":
            return []
        # sudo: only whether there is one
        if self.env["ir.mail_server"].sudo().search_count([], limit=1):
            return []
        if not self.env.user.has_group("base.group_system"):
            return [
                Finding(
                    self.env._(
                        "No outgoing mail server is set up, emails may not leave: ask your"
                        " administrator."
                    )
                )
            ]
        words = self.env._("No outgoing mail server is set up, emails may not leave.")
        label = self.env._("Set one up")
        return [Finding(words, action="base.action_ir_mail_server_list", label=label)]

    def _past_hints(self):
        """Dates that have passed before anybody came in."""
        now, hints = database_clock.now(self.env), []
        for action in self.workflow_id._planned_actions():
            if action._timing_kind() == "date" and action.date_at < now:
                words = (
                    self.env._("“%s” is skipped: its date has passed.", action.display_name)
                    if action.skip_past
                    else self.env._("“%s” runs at once: its date has passed.", action.display_name)
                )
                hints.append(Finding(words, action))
        for transition in self.workflow_id.transition_ids:
            if transition.trigger == "date" and transition.date_at < now:
                words = self.env._(
                    "“%s” is taken at once: its date has passed.", transition.display_name
                )
                hints.append(Finding(words, transition))
        for row in self.phase_row_ids:
            if row.opening == "date" and not row.entered_at and row.date_planned < now:
                words = self.env._(
                    "The phase “%(phase)s” opens at once: %(date)s has passed.",
                    phase=row.phase_id.name,
                    date=format_datetime(self.env, row.date_planned, dt_format="short"),
                )
                hints.append(Finding(words, self, page="phases"))
        for objective in self.objective_ids:
            if objective.deadline and objective.deadline < now.date():
                words = self.env._(
                    "The deadline of the objective “%s” has passed.", objective.display_name
                )
                hints.append(Finding(words, self, page="objectives"))
        return hints

    def _rate_hints(self, figures):
        """The first emails to everybody, held against the sending rate."""
        emails = self.workflow_id._planned_actions().filtered(
            lambda action: action.kind == "email" and action.state_id.kind == "start"
        )
        if not (emails and self.sending_rate and figures and not figures["problem"]):
            return []
        hours = len(emails) * figures["reachable"] / self.sending_rate
        if hours <= LONG_HOURS:
            return []
        words = self.env._(
            "The first emails (%(emails)s) take about %(days)s days at the sending rate of"
            " %(rate)s per hour.",
            rate=self.sending_rate,
            emails=len(emails) * figures["reachable"],
            days=round(hours / 24, 1),
        )
        return [Finding(words, self, page="settings", field="sending_rate")]

    def _phase_hints(self):
        """Phases in which people of the workflow would wait for an approval."""
        needed = self.workflow_id.state_ids.phase_id
        rows = self.phase_row_ids.filtered(
            lambda row: row.needs_approval and not row.approved_at and not row.entered_at
        )
        return [
            Finding(
                self.env._(
                    "The phase “%s” needs the approval of a campaign manager: people wait until"
                    " then.",
                    row.phase_id.name,
                ),
                self,
                page="phases",
            )
            for row in rows
            if row.phase_id in needed
        ]
