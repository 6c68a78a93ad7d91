"""Leads that campaigns brought, and those that they helped to win."""

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine.attribution import Source
from odoo.tools import SQL

LEADS = """
    SELECT l.id, l.company_id, l.partner_id, l.email_normalized AS email,
           l.campaign_id AS utm_campaign_id, %(moment)s AS moment, (%(moment)s)::date AS day,
           l.expected_revenue AS amount
      FROM crm_lead l WHERE %(condition)s
"""
CHANGED = "SELECT id FROM crm_lead WHERE write_date >= %s"

# What counts, and the moment before which touches come. An opportunity was a lead before, or was
# made as one.
KINDS = {
    "lead": ("TRUE", "l.create_date"),
    "opportunity": ("l.type = 'opportunity'", "COALESCE(l.date_conversion, l.create_date)"),
    "won": ("l.won_status = 'won'", "COALESCE(l.date_closed, l.write_date)"),
}


class FlowAttribution(models.Model):
    _inherit = "flow.attribution"

    kind = fields.Selection(
        selection_add=[("lead", "Leads"), ("opportunity", "Opportunities"), ("won", "Won")],
        ondelete={"lead": "cascade", "opportunity": "cascade", "won": "cascade"},
    )

    @api.model
    def _sources(self):
        leads = [
            Source(
                kind=kind,
                model="crm.lead",
                documents=SQL(LEADS, condition=SQL(condition), moment=SQL(moment)),
                changed=lambda since: SQL(CHANGED, since),
            )
            for kind, (condition, moment) in KINDS.items()
        ]
        return [*super()._sources(), *leads]
