from odoo import api, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    @api.model
    def _flow_contacts(self, model, res_id):
        if model == "crm.lead":
            return self.env[model].browse(res_id).exists()
        return super()._flow_contacts(model, res_id)
