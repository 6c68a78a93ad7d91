from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env["flow.participant"]._merge_runs(src_partners, dst_partner)
        self.env["flow.point"]._merge_points(src_partners, dst_partner)
        self.env["flow.audience"]._merge_members(src_partners, dst_partner)
        self.env["flow.attribution"]._start_over()
        return super()._update_foreign_keys(src_partners, dst_partner)
