"""The dialog before a new version is published: what changes, for how many, and who goes where."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine.difference import suggested_target


class FlowWorkflowPublish(models.TransientModel):
    _name = "flow.workflow.publish"
    _description = "Publish a New Version"

    campaign_id = fields.Many2one("flow.campaign", required=True, readonly=True, ondelete="cascade")
    workflow_id = fields.Many2one(
        "flow.workflow", string="Draft", required=True, readonly=True, ondelete="cascade"
    )
    version = fields.Integer(related="workflow_id.version")
    problems = fields.Text(compute="_compute_problems")
    line_ids = fields.One2many("flow.workflow.publish.line", "wizard_id", string="What changes")
    needs_targets = fields.Boolean(compute="_compute_needs_targets")

    @api.depends("workflow_id")
    def _compute_problems(self):
        for wizard in self:
            wizard.problems = "\n".join(wizard.workflow_id._problems())

    @api.depends("line_ids.needs_target")
    def _compute_needs_targets(self):
        for wizard in self:
            wizard.needs_targets = any(wizard.line_ids.mapped("needs_target"))

    @api.model
    def _open(self, campaign):
        """Return the action that shows what publishing the draft of `campaign` means."""
        wizard = self.create(
            {
                "campaign_id": campaign.id,
                "workflow_id": campaign.draft_workflow_id.id,
                "line_ids": [Command.create(values) for values in self._lines(campaign)],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Publish version %s", wizard.version),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _lines(self, campaign):
        people = campaign._people_under_way()
        before = campaign.workflow_id._plan()
        after = campaign.draft_workflow_id._compile()
        line = self.env["flow.workflow.publish.line"]
        lines = []
        for change, part in campaign.workflow_id._changes_to(campaign.draft_workflow_id):
            state = part and part._place()
            values = line._values(change, part)
            values["people"] = (
                people.get(state._running_twin().id, 0) if state else sum(people.values())
            )
            if change.what == "removed" and change.part.kind == "state":
                target = suggested_target(before, after, before.states[part.id])
                values |= {
                    "state_id": part.id,
                    "needs_target": bool(values["people"]),
                    "target_id": target.id if target and values["people"] else False,
                }
            lines.append(values)
        return lines

    def action_publish(self):
        """Publish the draft and take everybody under way along.

        :raises UserError: when the draft has problems, or people in a removed state have no target
        """
        self.ensure_one()
        if self.campaign_id.draft_workflow_id != self.workflow_id:
            raise UserError(self.env._("This version has been published or discarded meanwhile."))
        targets = {line.state_id.id: line.target_id.id for line in self.line_ids if line.target_id}
        self.campaign_id._publish_draft(targets)
        return {"type": "ir.actions.act_window_close"}


class FlowWorkflowPublishLine(models.TransientModel):
    _name = "flow.workflow.publish.line"
    _description = "Change in a New Version"

    wizard_id = fields.Many2one("flow.workflow.publish", required=True, ondelete="cascade")
    workflow_id = fields.Many2one(related="wizard_id.workflow_id")
    change = fields.Selection(
        [("added", "Added"), ("removed", "Removed"), ("changed", "Changed")], readonly=True
    )
    place = fields.Char(string="State", readonly=True)
    name = fields.Text(string="What", readonly=True)
    details = fields.Text(readonly=True)
    people = fields.Integer(
        string="People now", readonly=True, help="Participants who are in this state now."
    )
    state_id = fields.Many2one("flow.state", string="Removed state", readonly=True)
    needs_target = fields.Boolean(readonly=True)
    target_id = fields.Many2one(
        "flow.state",
        string="They go to",
        ondelete="cascade",
        domain="[('workflow_id', '=', workflow_id)]",
        help="Where the participants of the removed state go; they begin there anew.",
    )

    @api.model
    def _values(self, change, part):
        """Return the values of the line that tells of a change.

        :param change: an `engine.difference.Change`
        :param part: the record it is about; None for the order of what applies in any state
        """
        kinds = {
            "state": self.env._("State"),
            "transition": self.env._("Way out"),
            "action": self.env._("Action"),
        }
        kind = kinds.get(change.part.kind)
        name = f"{kind}: {change.part.name}" if kind else self.env._("Ways out")
        place = part._place() if part else None
        return {
            "change": change.what,
            "place": place.name if place else self.env._("Any state"),
            "name": name,
            "details": "\n".join(self._details(change)),
        }

    @api.model
    def _details(self, change):
        details = [self._value_in_words(*values) for values in change.values]
        if change.moved:
            details.append(self.env._("Belongs to another state or way out"))
        if change.reordered:
            details.append(self.env._("The ways out are looked at in another order"))
        return details

    @api.model
    def _value_in_words(self, before, after):
        label = (before or after).label
        old, new = (value.words if value else "–" for value in (before, after))
        if old == new:  # nothing that could be read in a line, such as the text of an email
            return self.env._("%s: changed", label)
        return f"{label}: {old} → {new}"

    @api.model
    def _in_one_line(self, change, part):
        """Return a change as one sentence, for the history of the campaign."""
        values = self._values(change, part)
        words = dict(self._fields["change"]._description_selection(self.env))
        line = f"{words[values['change']]} – {values['place']} – {values['name']}"
        return f"{line} ({'; '.join(self._details(change))})" if values["details"] else line
