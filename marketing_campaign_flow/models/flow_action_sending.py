"""Rules for all sending, as an action that writes to its contacts keeps to them."""

from odoo import api, fields, models

from ..engine import clock
from ..engine.windows import loud_hours


class FlowAction(models.Model):
    _inherit = "flow.action"

    channel = fields.Char(compute="_compute_channel")
    cap_policy = fields.Selection(
        [
            ("skip", "Leave it out"),
            ("wait", "Wait until there is room"),
            ("ignore", "Send it all the same"),
        ],
        string="Who has had enough messages",
        default="skip",
        required=True,
        help="Settings may say how many messages a person gets within some days. “All the same” is"
        " for what is no advertising, such as a confirmation.",
    )

    @api.model
    def default_get(self, names):
        """What is added on the screen keeps to the working calendar that the company has set."""
        values = super().default_get(names)
        if self.env.context.get("flow_hours_of_company"):
            workflow = self.env["flow.workflow"].browse(values.get("workflow_id"))
            company = workflow.campaign_id.company_id or self.env.company
            if calendar := company.flow_calendar_id:
                values |= {"use_window": True, "calendar_id": calendar.id}
        return values

    @api.depends("kind")
    def _compute_channel(self):
        for action in self:
            channel = action._channel()
            action.channel = channel.name if channel else False

    def _channel(self):
        """Return the `engine.cap.Channel` by which the action writes to its contacts, if it does.

        Quiet hours and the frequency cap are for those that do.
        """

    def _problems(self):
        problems = super()._problems()
        window, loud = self._plan_window(), self._channel() and loud_hours(self.env)
        if window and loud and not clock.share_an_hour(window, loud):
            problems.append(
                self.env._(
                    "“%s” would never be sent: its hours lie within the quiet hours of Settings.",
                    self.display_name,
                )
            )
        return problems
