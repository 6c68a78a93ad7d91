"""Run a server action that an administrator has released for campaigns."""

from odoo import api, fields, models

from ..engine import transaction
from ..engine.execute import Outcome


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("server_action", "Run a server action")],
        ondelete={"server_action": "cascade"},
    )
    server_action_id = fields.Many2one(
        "ir.actions.server",
        string="Server action",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('flow_released', '=', True), ('model_name', '=', target_model)]",
        help="One that an administrator has released for campaigns.",
    )

    def _run_server_action(self, steps):
        """Run the server action once for all contacts of the steps. Contract: transactional.

        Odoo asks whether the campaign's responsible may write the contacts, and runs code with
        their rights, which finds all contacts in ``records``; what is no code it runs for each.
        """
        if transaction.is_trial(self.env):  # nobody knows what the code reaches
            reason = self.env._("Not run in a test")
            return {step.id: Outcome("skipped", reason) for step in steps}
        problem = self._server_action_problem()
        if problem:
            return {step.id: Outcome("failed", problem) for step in steps}
        contact_of, outcomes = steps._contacts()
        contacts = self._target().union(*contact_of.values())
        if contacts:
            self.server_action_id.with_context(
                active_model=contacts._name, active_ids=contacts.ids, active_id=contacts[0].id
            ).run()
        return outcomes

    def _server_action_problem(self):
        """Return why the server action cannot be run by a campaign, None when it can."""
        # sudo: campaign users see those that are released only; here it is said of the others
        action = self.server_action_id.sudo()
        if not action.flow_released:
            return self.env._(
                "The server action “%s” is not released for campaigns. An administrator can do"
                " that.",
                action.name,
            )
        if action.model_name != self.target_model:
            return self.env._(
                "The server action “%s” is for another kind of record than the contacts.",
                action.name,
            )
        if action._flow_calls_outside():
            return self.env._(
                "The server action “%s” calls a webhook, which could not be taken back when"
                " something else fails.",
                action.name,
            )
        return None

    def _problems(self):
        problems = super()._problems()
        if self.kind == "server_action" and self.server_action_id:
            problems += filter(None, [self._server_action_problem()])
        return problems

    def _rights_needed(self):
        if self.kind == "server_action":
            return {(self.target_model, "write")}
        return super()._rights_needed()

    @api.model
    def _icons(self):
        return {**super()._icons(), "server_action": "fa-cogs"}

    def _content_missing(self):
        if self.kind == "server_action":
            return not self.server_action_id
        return super()._content_missing()

    @api.depends("server_action_id")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "server_action":
            # sudo: a name; who sees the campaign's action may read it, released or no longer
            return self.server_action_id.sudo().name or ""
        return super()._content_in_words()
