"""Invoices that campaigns brought, net of credit notes, and objectives about them."""

from datetime import timedelta

from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.addons.marketing_campaign_flow.tests.common import FlowCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestInvoiceAttribution(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        if not company.chart_template:
            chart = cls.env["account.chart.template"]
            chart.try_loading("generic_coa", company, install_demo=False)
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "goal")
        cls.email(cls.start)
        cls.transition(cls.start, cls.over, "timeout", delay_value=60)

    def invoice(self, contact, amount=100, **values):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": contact.id,
                "invoice_date": database_clock.now(self.env).date(),
                "invoice_line_ids": [
                    (0, 0, {"name": "Crane", "quantity": 1, "price_unit": amount, "tax_ids": False})
                ],
                **values,
            }
        )
        invoice.action_post()
        return invoice

    def refresh(self):
        self.env.flush_all()
        self.env["flow.attribution"]._refresh()
        self.env.invalidate_all()

    def value(self, metric, **values):
        aim = self.env["flow.objective"].create(
            {"campaign_id": self.campaign.id, "metric": metric, "target": 1, **values}
        )
        return aim.with_user(self.user).value if aim.is_measured else None

    def test_credit_notes_are_taken_off_whose_invoice_they_give_back(self):
        self.launch()
        invoice = self.invoice(self.ann, 100)
        self.invoice(self.bob, 50, move_type="out_receipt")
        self.invoice(self.env["res.partner"].create({"name": "Stranger"}), 1000)
        self.refresh()
        self.assertEqual(self.value("invoiced"), 150)
        database_clock.move(self.env, timedelta(days=45).total_seconds())
        credit = invoice._reverse_moves([{"invoice_date": database_clock.now(self.env).date()}])
        credit.invoice_line_ids.price_unit = 30
        credit.action_post()
        self.refresh()
        self.assertEqual(self.value("invoiced"), 120, "although the window is over")
        row = self.env["flow.attribution"].search(
            [("res_model", "=", "account.move"), ("res_id", "=", credit.id),
             ("method", "=", "last")]
        )  # fmt: skip
        self.assertEqual((row.amount, row.day), (-30, credit.invoice_date))

    def test_what_costs_brought_back(self):
        self.launch()
        self.invoice(self.ann, 300)
        self.refresh()
        self.assertIsNone(self.value("roi_invoiced"))
        self.env["flow.cost"].create(
            {"campaign_id": self.campaign.id, "name": "Design", "amount": 200}
        ).action_confirm()
        self.assertEqual((self.value("roi_invoiced"), self.value("roas_invoiced")), (50, 1.5))

    def test_drafts_bills_and_cancelled_invoices_do_not_count(self):
        self.launch()
        invoice = self.invoice(self.ann)
        self.invoice(self.bob, move_type="in_invoice")
        self.refresh()
        self.assertEqual(self.value("invoiced"), 100)
        invoice.button_draft()
        self.refresh()
        self.assertEqual(self.value("invoiced"), 0)

    def test_the_day_of_an_invoice_is_a_whole_day(self):
        self.launch()
        self.invoice(self.ann, 100)
        yesterday = database_clock.now(self.env).date() - timedelta(days=1)
        self.invoice(self.bob, 100, invoice_date=yesterday)
        self.refresh()
        self.assertEqual(self.value("invoiced"), 100)
