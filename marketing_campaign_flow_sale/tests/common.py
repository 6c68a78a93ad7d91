"""The world of the tests of this bridge: a product and orders for it."""

from odoo.addons.marketing_campaign_flow.tests.common import FlowCase


class SaleCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        quotations = cls.env["sale.order"].search([("state", "in", ("draft", "sent"))])
        quotations.write({"state": "cancel"})  # those of the demo data
        cls.user.group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.crane, cls.rope = cls.env["product.product"].create(
            [
                {"name": "Crane", "list_price": 1000, "taxes_id": False},
                {"name": "Rope", "list_price": 10, "taxes_id": False},
            ]
        )

    @classmethod
    def order(cls, contact, product=None, quantity=1, **values):
        return cls.env["sale.order"].create(
            {
                "partner_id": contact.id,
                "order_line": [
                    (0, 0, {"product_id": (product or cls.crane).id, "product_uom_qty": quantity})
                ],
                **values,
            }
        )
