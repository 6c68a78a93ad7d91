"""What a contact has ordered last, as texts that emails can name."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

GROUPS = "sales_team.group_sale_salesman"
HELP = "The latest confirmed order of this very contact that you may see, in their language."

LAST = """
    SELECT DISTINCT ON (o.partner_id) o.partner_id, o.id
      FROM sale_order o WHERE o.id IN %s
     ORDER BY o.partner_id, o.date_order DESC, o.id DESC
"""
TEXTS = (
    "flow_last_order_name",
    "flow_last_order_date",
    "flow_last_order_amount",
    "flow_last_product",
)


def _text(label):
    return fields.Char(
        string=label,
        compute="_compute_flow_last_order",
        search="_search_flow_last_order",
        groups=GROUPS,
        help=HELP,
    )


class ResPartner(models.Model):
    _inherit = "res.partner"

    flow_last_order_name = _text("Last order: number")
    flow_last_order_date = _text("Last order: date")
    flow_last_order_amount = _text("Last order: amount")
    flow_last_product = _text("Last order: product")

    @api.depends_context("company", "uid", "tz")
    def _compute_flow_last_order(self):
        orders = self._flow_last_orders()
        nothing = dict.fromkeys(TEXTS, False)
        for contact in self:
            order = orders.get(contact._origin.id)
            contact.update(order._flow_as_texts(contact.lang) if order else nothing)

    def _flow_last_orders(self):
        """Return the latest confirmed order of each contact that has one, by the contact's id."""
        found = self._flow_confirmed(Domain("partner_id", "in", self.ids))
        last = dict(self.env.execute_query(SQL(LAST, found.subselect())))
        orders = self.env["sale.order"].browse(last.values())
        return dict(zip(last, orders, strict=True))

    def _search_flow_last_order(self, operator, value):
        """Find those who have ordered nothing; what they ordered is found by the orders."""
        if operator != "in" or any(value):
            return NotImplemented
        return Domain("id", "not in", self._flow_confirmed().subselect("partner_id"))

    @api.model
    def _flow_confirmed(self, domain=Domain.TRUE):
        """Return the `Query` of the confirmed orders that the user may see."""
        confirmed = Domain("state", "=", "sale") & Domain("company_id", "=", self.env.company.id)
        self.env["sale.order"].flush_model(["partner_id", "date_order"])
        return self.env["sale.order"]._search(confirmed & domain)

    @api.model
    def _flow_placeholder_paths(self):
        return (*super()._flow_placeholder_paths(), *TEXTS)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _flow_as_texts(self, language):
        """Return what an email may say of this order, in a language."""
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: line.product_id and not line.display_type)
        product = lines[:1].product_id.with_context(lang=language or self.env.lang)
        return {
            "flow_last_order_name": self.name,
            "flow_last_order_date": format_date(
                self.env,
                fields.Datetime.context_timestamp(self, self.date_order).date(),
                lang_code=language,
            ),
            "flow_last_order_amount": format_amount(
                self.env, self.amount_total, self.currency_id, lang_code=language
            ),
            "flow_last_product": product.name,
        }
