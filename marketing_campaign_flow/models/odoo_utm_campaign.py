from odoo import api, fields, models
from odoo.exceptions import UserError


class UtmCampaign(models.Model):
    _inherit = "utm.campaign"

    flow_campaign_ids = fields.One2many("flow.campaign", "utm_campaign_id", string="Campaign flow")

    @api.ondelete(at_uninstall=False)
    def _unlink_not_of_flow(self):
        # sudo: the campaign may belong to a company the user does not see
        if self.sudo().flow_campaign_ids:
            raise UserError(self.env._("A campaign of Campaign Flow uses this UTM campaign."))
