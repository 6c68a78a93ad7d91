"""Invoices that campaigns brought, net of credit notes."""

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine.attribution import Source
from odoo.tools import SQL

# An invoice knows its day only: touches of that day come before it. A credit note follows the
# invoice that it gives back, whose touches and UTM campaign are its own, on its own day.
INVOICES = """
    SELECT m.id, m.company_id, COALESCE(o.partner_id, m.partner_id) AS partner_id,
           NULL::text AS email, %(utm)s AS utm_campaign_id,
           COALESCE(o.invoice_date, m.invoice_date, m.date) + interval '1 day - 1 second' AS moment,
           COALESCE(m.invoice_date, m.date) AS day, m.amount_untaxed_signed AS amount
      FROM account_move m LEFT JOIN account_move o ON o.id = m.reversed_entry_id
     WHERE m.state = 'posted' AND m.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
"""
CHANGED = """
    SELECT id FROM account_move WHERE write_date >= %(since)s
     UNION
    SELECT m.id FROM account_move m JOIN account_move o ON o.id = m.reversed_entry_id
     WHERE o.write_date >= %(since)s
"""


class FlowAttribution(models.Model):
    _inherit = "flow.attribution"

    kind = fields.Selection(
        selection_add=[("invoice", "Invoices")], ondelete={"invoice": "cascade"}
    )

    @api.model
    def _sources(self):
        # Invoices carry a UTM campaign where Sales is installed.
        carries = "campaign_id" in self.env["account.move"]._fields
        utm = SQL("COALESCE(m.campaign_id, o.campaign_id)" if carries else "NULL::int")
        invoices = Source(
            kind="invoice",
            model="account.move",
            documents=SQL(INVOICES, utm=utm),
            changed=lambda since: SQL(CHANGED, since=since),
        )
        return [*super()._sources(), invoices]
