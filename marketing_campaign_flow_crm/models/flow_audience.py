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
