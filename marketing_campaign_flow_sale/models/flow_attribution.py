"""Orders that campaigns brought."""

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine.attribution import Source
from odoo.tools import SQL

# A confirmed order counts with what was ordered, less what was given back by posted credit notes.
# A credit note that corrects an invoice, which is then made anew, gives nothing back: what was
# invoiced beyond the order is taken off first.
ORDERS = """
    SELECT o.id, o.company_id, o.partner_id, NULL::text AS email, o.campaign_id AS utm_campaign_id,
           o.date_order AS moment, o.date_order::date AS day,
           o.amount_untaxed / %(rate)s - GREATEST(0, COALESCE(b.credited, 0) - GREATEST(
               0, COALESCE(b.invoiced, 0) - o.amount_untaxed / %(rate)s)) AS amount
      FROM sale_order o
      LEFT JOIN (SELECT l.order_id,
                        sum(i.balance) FILTER (WHERE m.move_type = 'out_refund') AS credited,
                        - sum(i.balance) FILTER (WHERE m.move_type = 'out_invoice') AS invoiced
                   FROM sale_order_line_invoice_rel r
                   JOIN sale_order_line l ON l.id = r.order_line_id
                   JOIN account_move_line i ON i.id = r.invoice_line_id
                   JOIN account_move m ON m.id = i.move_id AND m.state = 'posted'
                  WHERE l.order_id IN (SELECT l.order_id
                                         FROM account_move n
                                         JOIN account_move_line i ON i.move_id = n.id
                                         JOIN sale_order_line_invoice_rel r
                                           ON r.invoice_line_id = i.id
                                         JOIN sale_order_line l ON l.id = r.order_line_id
                                        WHERE n.move_type = 'out_refund' AND n.state = 'posted')
                  GROUP BY l.order_id) b ON b.order_id = o.id
     WHERE o.state = 'sale'
"""
RATE = "COALESCE(NULLIF(o.currency_rate, 0), 1)"

# Posting a credit note writes its lines and those of the order.
CHANGED = """
    SELECT id FROM sale_order WHERE write_date >= %(since)s
     UNION
    SELECT l.order_id FROM sale_order_line l WHERE l.write_date >= %(since)s
     UNION
    SELECT l.order_id
      FROM account_move m
      JOIN account_move_line i ON i.move_id = m.id
      JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = i.id
      JOIN sale_order_line l ON l.id = r.order_line_id
     WHERE m.write_date >= %(since)s AND m.move_type IN ('out_refund', 'out_invoice')
"""


class FlowAttribution(models.Model):
    _inherit = "flow.attribution"

    kind = fields.Selection(selection_add=[("order", "Orders")], ondelete={"order": "cascade"})

    @api.model
    def _sources(self):
        orders = Source(
            kind="order",
            model="sale.order",
            documents=SQL(ORDERS, rate=SQL(RATE)),
            changed=lambda since: SQL(CHANGED, since=since),
        )
        return [*super()._sources(), orders]
