from odoo import api, models


class CrmLead(models.Model):
    """Leads that take part are written to by their salesperson."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "flow.addressee"]

    @api.model
    def _flow_placeholder_paths(self):
        return (*super()._flow_placeholder_paths(), "contact_name", "partner_name", "email_from")
