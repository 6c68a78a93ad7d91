from odoo import api, fields, models
from odoo.exceptions import AccessError


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    flow_released = fields.Boolean(
        string="Released for campaigns",
        copy=False,
        help="Campaigns may run this action on their contacts, on behalf of the campaign's"
        " responsible. Only administrators can release an action.",
    )
    # Campaign users may read released actions; an address may hold a secret.
    webhook_url = fields.Char(groups="base.group_system")

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        if any(actions.mapped("flow_released")):
            self._flow_check_may_release()
        return actions

    def write(self, vals):
        if "flow_released" in vals:
            self._flow_check_may_release()
        return super().write(vals)

    def _flow_check_may_release(self):
        """Refuse whoever is no administrator, also where code writes for them as superuser."""
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._("Only administrators release server actions for campaigns.")
            )

    def _flow_calls_outside(self):
        """Return whether one of these actions, or of those they consist of, calls a webhook."""
        return any(
            action.state == "webhook" or action.child_ids._flow_calls_outside() for action in self
        )
