"""What states, actions and transitions have in common: a workflow, a key, and when they freeze."""

import uuid

from odoo import api, fields, models

# In the context, lets a filter that no longer works be copied, so that it can be mended in the
# copy. Being compared by identity it cannot come from outside.
TAKEN_OVER = object()


class FlowWorkflowPart(models.AbstractModel):
    _name = "flow.workflow.part"
    _description = "Part of a Workflow"

    # What may change while participants are under way: how it looks, not what it does.
    _ALWAYS_EDITABLE = frozenset(
        {"name", "color", "sequence", "canvas_x", "canvas_y", "canvas_placed"}
    )

    workflow_id = fields.Many2one("flow.workflow", required=True, ondelete="cascade", index=True)
    campaign_id = fields.Many2one(related="workflow_id.campaign_id")
    target_model = fields.Selection(related="workflow_id.target_model")
    key = fields.Char(
        required=True,
        default=lambda self: uuid.uuid4().hex[:12],
        readonly=True,
        help="Stable identity across versions of the workflow; history and figures refer to it.",
    )

    # Fields that lead to the owner of a part, which knows the workflow.
    _OWNERS = ()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            for name in self._OWNERS:
                if vals.get(name) and not vals.get("workflow_id"):
                    owner = self.env[self._fields[name].comodel_name].browse(vals[name])
                    vals["workflow_id"] = owner.workflow_id.id
        parts = super().create(vals_list)
        parts._check_draft()
        return parts

    def write(self, vals):
        if self._ALWAYS_EDITABLE.issuperset(vals):
            self.workflow_id._hold_draft()
        else:
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_in_draft(self):
        self._check_draft()

    def _check_draft(self):
        """Refuse to change the structure of a version that participants walk or walked through.

        :raises UserError: when the workflow is published or archived
        """
        workflows = self.workflow_id
        workflows._hold_draft()
        workflows._expect_drafts()
