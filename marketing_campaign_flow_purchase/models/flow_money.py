"""What is ordered for campaigns and not yet billed."""

from odoo import api, fields, models
from odoo.tools import SQL

# Lines of confirmed orders, by the shares that are charged to the account of a campaign (a share
# may name accounts of several plans), less the part of the quantity that posted bills and credit
# notes have billed, in the unit of the order. Accounts are looked up as Odoo's own index has them.
ORDERED = """
    SELECT 16 * ((l.id::bigint << 20) + c.id) + 4, c.id, 'committed', 'purchase',
           COALESCE(o.date_approve, o.date_order)::date, concat(o.name, ': ', l.name), NULL::int,
           o.partner_id, NULL, NULL,
           round(l.price_subtotal * share.percent / 100 * (1 - billed.part), cu.decimal_places),
           o.currency_id, 'purchase.order', o.id
      FROM flow_campaign c
      JOIN purchase_order_line l ON %(accounts)s && ARRAY[c.analytic_account_id::text]
      JOIN purchase_order o ON o.id = l.order_id
      JOIN res_currency cu ON cu.id = o.currency_id
      JOIN res_company owner ON owner.id = c.company_id
      JOIN res_company buyer ON buyer.id = o.company_id
     CROSS JOIN LATERAL (
           SELECT sum(value::numeric) AS percent FROM jsonb_each_text(l.analytic_distribution)
            WHERE c.analytic_account_id::text = ANY(string_to_array(key, ','))) share
     CROSS JOIN LATERAL (
           SELECT LEAST(1, GREATEST(0, COALESCE(sum(
                      CASE m.move_type WHEN 'in_refund' THEN -1 ELSE 1 END
                      * ml.quantity * COALESCE(unit.factor / own.factor, 1)), 0)
                  / l.product_qty)) AS part
             FROM account_move_line ml
             JOIN account_move m ON m.id = ml.move_id
             LEFT JOIN uom_uom unit ON unit.id = ml.product_uom_id
             LEFT JOIN uom_uom own ON own.id = l.product_uom_id
            WHERE ml.purchase_line_id = l.id AND m.state = 'posted'
              AND m.move_type IN ('in_invoice', 'in_refund')) billed
     WHERE o.state = 'purchase' AND l.product_qty <> 0 AND billed.part < 1
       AND buyer.parent_path LIKE owner.parent_path || '%%'
"""


class FlowMoney(models.Model):
    _inherit = "flow.money"
    _depends = {
        "purchase.order": ["state", "date_approve", "date_order", "partner_id", "currency_id"],
        "purchase.order.line": [
            "analytic_distribution", "price_subtotal", "product_qty", "product_uom_id", "name",
        ],
        "account.move.line": ["purchase_line_id", "quantity", "product_uom_id"],
    }  # fmt: skip

    source = fields.Selection(selection_add=[("purchase", "Purchase order")])

    @api.model
    def _sources(self):
        sources = super()._sources()
        # sudo: the lines of all orders, whoever asks
        lines = self.env["purchase.order.line"].sudo()
        ordered = SQL(ORDERED, accounts=lines._query_analytic_accounts("l"))
        return {**sources, "committed": [*sources.get("committed", []), ordered]}
