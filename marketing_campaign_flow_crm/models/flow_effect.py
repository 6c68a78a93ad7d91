"""Leads of people who took part in a campaign, and of those who were held out."""

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# A lead is somebody's by the contact, or by the address where it has no contact yet.
LEADS = """
    SELECT c.participant_id, 1 AS value
      FROM customer c
      JOIN crm_lead l ON l.partner_id = c.partner_id
                     AND l.%(moment)s >= c.since AND l.%(moment)s < c.until
     WHERE l.id IN %(leads)s
     UNION ALL
    SELECT p.id, 1
      FROM person p
      JOIN crm_lead l ON l.partner_id IS NULL AND l.email_normalized = p.email_key
                     AND l.%(moment)s >= p.since AND l.%(moment)s < p.until
     WHERE l.id IN %(leads)s
"""


class FlowEffect(models.Model):
    _inherit = "flow.effect"

    outcome = fields.Selection(
        selection_add=[("lead", "Became a lead"), ("won", "Won as a customer")],
        ondelete={"lead": "cascade", "won": "cascade"},
    )


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _outcome_queries(self):
        queries = super()._outcome_queries()
        leads = self.env["crm.lead"].with_context(active_test=False)  # lost ones are leads as well
        if not leads.has_access("read"):
            return {**queries, "lead": None, "won": None}
        leads.flush_model()
        ours = Domain("company_id", "in", (False, self.company_id.id))
        won = leads._search(ours & Domain("won_status", "=", "won"))
        return {
            **queries,
            "lead": _leads(leads._search(ours), "create_date"),
            "won": _leads(won, "date_closed"),
        }


def _leads(found, moment):
    return SQL(LEADS, leads=found.subselect(), moment=SQL.identifier(moment))
