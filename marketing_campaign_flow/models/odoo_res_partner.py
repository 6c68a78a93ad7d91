from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            self.env["flow.participant"]._end_for_archived(self)
        return result

    @api.ondelete(at_uninstall=False)
    def _end_campaign_runs(self):
        self.env["flow.participant"]._end_for_deleted(self)
