"""The responsible: a campaign acts with this person's rights, so not everybody may decide on it.

Whoever could make somebody else responsible, or launch what somebody else is responsible for, would
act with rights that are not theirs.
"""

from odoo import api, models
from odoo.exceptions import AccessError


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    @api.model_create_multi
    def create(self, vals_list):
        for user_id in {vals["user_id"] for vals in vals_list if vals.get("user_id")}:
            self._check_may_act_for(self.env["res.users"].browse(user_id))
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("user_id"):
            self._check_may_act_for(self.env["res.users"].browse(vals["user_id"]))
        return super().write(vals)

    def _check_may_act_for(self, responsible):
        """Refuse to let the current user decide what is done with the rights of another one.

        A campaign manager may, as the role says; with the rights of an administrator only another
        administrator may.

        :raises AccessError: when the current user may not
        """
        user = self.env.user
        if self.env.su or responsible == user:
            return
        # sudo: which groups somebody else is in
        if responsible.sudo().has_group("base.group_system"):
            may = user.has_group("base.group_system")
        else:
            may = user.has_group("marketing_campaign_flow.group_flow_manager")
        if not may:
            raise AccessError(
                self.env._(
                    "The campaign acts with the rights of %(responsible)s. Make yourself"
                    " responsible, or ask a campaign manager (of an administrator, an"
                    " administrator).",
                    responsible=responsible.sudo().name,  # sudo: a name
                )
            )


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    def _publish(self):
        for campaign in self.campaign_id:
            campaign._check_may_act_for(campaign.user_id)
        return super()._publish()
