from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.ondelete(at_uninstall=False)
    def _end_campaign_runs(self):
        self.env["flow.participant"]._end_for_deleted(self)
