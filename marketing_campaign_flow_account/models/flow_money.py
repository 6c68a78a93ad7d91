"""What accounting has posted to the analytic accounts of campaigns."""

from odoo import api, fields, models
from odoo.tools import SQL

# Costs of the financial accounts for expenses, whichever entry they come from, apart from the
# invoices to customers, whose costs are those of what was sold. An analytic item without an entry,
# such as an hour of work, is a cost where its amount is negative. An item may be charged to two
# campaigns by accounts of two plans: their ids keep these rows apart.
ITEMS = """
    SELECT 16 * ((l.id::bigint << 20) + c.id) + 3, c.id, 'actual', 'bill', l.date, l.name,
           NULL::int, l.partner_id, NULL, NULL, -l.amount, l.currency_id,
           CASE WHEN m.id IS NULL THEN 'account.analytic.line' ELSE 'account.move' END,
           COALESCE(m.id, l.id)
      FROM flow_campaign c
      JOIN account_analytic_line l ON l.%(column)s = c.analytic_account_id
      JOIN res_company owner ON owner.id = c.company_id
      JOIN res_company booked ON booked.id = l.company_id
      LEFT JOIN account_account a ON a.id = l.general_account_id
      LEFT JOIN account_move_line ml ON ml.id = l.move_line_id
      LEFT JOIN account_move m ON m.id = ml.move_id
     WHERE booked.parent_path LIKE owner.parent_path || '%%'
       AND (a.account_type LIKE 'expense%%' OR (a.id IS NULL AND l.amount < 0))
       AND (m.id IS NULL OR (m.state = 'posted'
                             AND m.move_type NOT IN ('out_invoice', 'out_refund', 'out_receipt')))
"""


class FlowMoney(models.Model):
    _inherit = "flow.money"
    _depends = {
        "flow.campaign": ["analytic_account_id"],
        "account.analytic.line": ["amount", "date", "name", "partner_id", "general_account_id"],
        "account.move": ["state", "move_type"],
    }

    source = fields.Selection(selection_add=[("bill", "Accounting")])

    @api.model
    def _sources(self):
        sources = super()._sources()
        # sudo: the columns of all plans, whoever asks
        items = self.env["account.analytic.line"].sudo()
        posted = [SQL(ITEMS, column=SQL.identifier(name)) for name in items._get_plan_fnames()]
        return {**sources, "actual": [*sources["actual"], *posted]}
