"""What is ordered for a campaign is committed until it is billed."""

from odoo.addons.marketing_campaign_flow_account.tests.money_case import MoneyCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestOrders(MoneyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.flyer = cls.env["product.product"].create(
            {
                "name": "Flyers",
                "type": "service",
                "purchase_method": "purchase",
                "property_account_expense_id": cls.expense.id,
                "supplier_taxes_id": False,
            }
        )

    def order(self, quantity=10, price=20, shares=None, **values):
        """Return a confirmed order of one line that is charged to the campaign."""
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.printer.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.flyer.id,
                            "product_qty": quantity,
                            "price_unit": price,
                            "tax_ids": False,
                            "analytic_distribution": shares or {str(self.account.id): 100},
                        },
                    )
                ],
                **values,
            }
        )
        order.button_confirm()
        self.assertEqual(order.state, "purchase")
        return order

    def bill(self, order, quantity, price=None, post=True, **values):
        before = order.invoice_ids
        order.action_create_invoice()
        bill = order.invoice_ids - before
        line = {"quantity": quantity, **values}
        if price is not None:
            line["price_unit"] = price
        bill.write(
            {
                "invoice_date": "2026-05-04",
                "invoice_line_ids": [(1, bill.invoice_line_ids.id, line)],
            }
        )
        if post:
            bill.action_post()
        return bill

    def test_order_is_committed_until_it_is_billed(self):
        self.line(1000)
        order = self.order(10, 20)
        self.assert_figures(planned=1000, committed=200, actual=0, available=800)
        row = self.rows("committed")
        self.assertEqual((row.source, row.partner_id), ("purchase", self.printer))
        self.assertEqual((row.res_model, row.res_id), ("purchase.order", order.id))
        self.bill(order, 4, post=False)
        self.assert_figures(committed=200, actual=0)
        order.invoice_ids.action_post()
        self.assert_figures(committed=120, actual=80, available=800)
        # The rest comes cheaper: what is billed is no longer committed, whatever its price.
        last = self.bill(order, 6, price=10)
        self.assert_figures(committed=0, actual=140, available=860)
        self.assertFalse(self.rows("committed"))
        refund = last._reverse_moves([{"invoice_date": last.invoice_date}])
        refund.action_post()
        self.assert_figures(committed=120, actual=80)

    def test_requests_and_cancelled_orders_are_not_committed(self):
        order = self.order()
        order.button_cancel()
        self.assert_figures(committed=0)
        order.button_draft()
        self.assert_figures(committed=0)

    def test_order_is_shared_among_campaigns(self):
        other = self.env["flow.campaign"].create({"name": "Other"})
        other.action_create_analytic_account()
        plan = self.env["account.analytic.plan"].create({"name": "Another plan"})
        third = self.env["account.analytic.account"].create({"name": "T", "plan_id": plan.id})
        mine, theirs = self.account.id, other.analytic_account_id.id
        self.order(10, 10, shares={f"{mine},{third.id}": 20, str(mine): 5, str(theirs): 60})
        self.assert_figures(committed=25)
        self.assert_figures(other, committed=60)
        self.assertEqual(len(self.rows("committed") | self.rows("committed", other)), 2)

    def test_order_in_dozens_that_is_billed_by_the_piece(self):
        order = self.order(2, 120)
        order.order_line.product_uom_id = self.dozen
        order.order_line.price_unit = 120
        self.assert_figures(committed=240)
        unit = self.env.ref("uom.product_uom_unit")
        self.bill(order, 6, price=10, product_uom_id=unit.id)
        self.assert_figures(committed=180, actual=60)

    def test_order_in_another_currency_takes_the_rate_of_its_day(self):
        coin = self.env["res.currency"].create({"name": "CON", "symbol": "c"})
        coin.rate_ids.create(
            {
                "name": "2020-01-01",
                "rate": 4,
                "currency_id": coin.id,
                "company_id": self.env.company.id,
            }
        )
        self.order(10, 20, currency_id=coin.id)
        self.assert_figures(committed=50)
        self.assertEqual(self.campaign._committed(), {self.campaign: 50})

    def test_user_without_rights_in_purchase_sees_the_figure(self):
        self.order(10, 20)
        self.assertEqual(self.campaign.with_user(self.user).cost_committed, 200)
