"""Audiences made of leads."""

from odoo import fields, models


def _drop(audiences):
    """Delete the campaigns about leads with the addon that knows leads; nobody else could run
    them."""
    campaigns = audiences.env["flow.campaign"].with_context(active_test=False)
    campaigns.search([("audience_id", "in", audiences.ids)]).unlink()
    audiences.unlink()


class FlowAudience(models.Model):
    _inherit = "flow.audience"

    target_model = fields.Selection(
        selection_add=[("crm.lead", "Leads and Opportunities")], ondelete={"crm.lead": _drop}
    )
    lead_ids = fields.Many2many(
        "crm.lead",
        "flow_audience_lead_rel",
        string="Leads picked by hand",
        help="These leads are found, whatever the criteria say.",
    )
    excluded_lead_ids = fields.Many2many(
        "crm.lead",
        "flow_audience_excluded_lead_rel",
        string="Never these leads",
        help="These leads are out, whatever else holds.",
    )

    def _hand_fields(self):
        return {**super()._hand_fields(), "crm.lead": ("lead_ids", "excluded_lead_ids")}

    def _who_fields(self):
        return [*super()._who_fields(), "lead_ids", "excluded_lead_ids"]

    def _people_addon(self):
        if self.target_model == "crm.lead":
            return "marketing_campaign_flow_crm"
        return super()._people_addon()


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "flow.audience.target"]
