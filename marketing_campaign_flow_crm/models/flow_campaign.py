from odoo import models
from odoo.tools import SQL

# Who a lead is about, before what it is about.
NAME = "COALESCE(NULLIF(c.contact_name, ''), NULLIF(c.partner_name, ''), c.name, c.email_from, '')"


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _target_columns(self):
        if self.target_model != "crm.lead":
            return super()._target_columns()
        return {
            "partner": SQL("c.partner_id"),
            "name": SQL(NAME),
            "country": SQL("c.country_id"),
            "salesperson": SQL("c.user_id"),
            "zone": SQL("(SELECT tz FROM res_partner WHERE id = c.partner_id)"),
            "lang": SQL("(SELECT code FROM res_lang WHERE id = c.lang_id)"),
        }
