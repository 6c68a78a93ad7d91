"""Invoices move their customers, and let them into campaigns."""

from datetime import timedelta

from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.addons.marketing_campaign_flow.tests.common import FlowCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestInvoiceEvents(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        if not company.chart_template:
            chart = cls.env["account.chart.template"]
            chart.try_loading("generic_coa", company, install_demo=False)
        overdue = [("move_type", "=", "out_invoice"), ("state", "=", "posted")]
        cls.env["account.move"].search(overdue).invoice_date_due = "2020-01-01"  # the demo data's
        cls.user.group_ids += cls.env.ref("account.group_account_invoice")
        cls.start = cls.state("Start", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.transition(cls.start, cls.hot, "manual")

    def invoice(self, contact, amount=100, **values):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": contact.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "Crane", "quantity": 1, "price_unit": amount, "tax_ids": False})
                ],
                **values,
            }
        )

    def pay(self, invoice, **values):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard.create(values)._create_payments()
        self.env.cr.flush()  # as a commit does

    def launch_with(self, kind, **values):
        self.transition(self.start, self.hot, "event", event_kind=kind, **values)
        self.launch()

    def states(self):
        self.run_engine()
        return [self.state_of(contact) for contact in self.partners]

    def kinds(self, contact):
        self.run_engine()
        return self.participant(contact).event_ids.sorted("id").mapped("kind")

    def test_invoice_counts_when_it_is_posted(self):
        self.launch_with("invoice_posted", event_least=100)
        (self.invoice(self.ann) | self.invoice(self.bob, 99)).action_post()
        self.invoice(self.cleo)
        self.assertEqual(self.states(), ["Hot", "Start", "Start"])
        event = self.participant(self.ann).event_ids
        self.assertEqual(self.env["account.move"].browse(event.record_id).name, event.detail)

    def test_filter_on_the_invoice_counts(self):
        self.launch_with("invoice_posted", event_domain="[('ref', '=', 'big')]")
        (self.invoice(self.ann, ref="big") | self.invoice(self.bob, ref="small")).action_post()
        self.assertEqual(self.states(), ["Hot", "Start", "Start"])

    def test_amount_is_in_the_companys_currency(self):
        currency = self.env["res.currency"].create(
            {
                "name": "ZZZ",
                "symbol": "x",
                "rate_ids": [(0, 0, {"name": "2020-01-01", "rate": 4.0})],
            }
        )
        self.launch()
        self.invoice(self.ann, 4000, currency_id=currency.id).action_post()
        self.run_engine()
        self.assertAlmostEqual(self.participant(self.ann).event_ids.value, 1000)

    def test_bills_and_credit_notes_are_no_invoices(self):
        self.launch()
        for kind in ("in_invoice", "out_refund"):
            self.invoice(
                self.ann, move_type=kind, invoice_date=database_clock.now(self.env).date()
            ).action_post()
        self.assertEqual(self.kinds(self.ann), [])

    def test_invoice_counts_once_when_it_is_paid(self):
        self.launch_with("invoice_paid")
        invoice = self.invoice(self.ann)
        invoice.action_post()
        self.pay(invoice, amount=40)
        self.assertEqual(invoice.payment_state, "partial")
        self.assertEqual(self.kinds(self.ann), ["invoice_posted"])
        self.pay(invoice)
        self.assertIn(invoice.payment_state, ("in_payment", "paid"))
        self.assertEqual(self.kinds(self.ann), ["invoice_posted", "invoice_paid"])
        self.assertEqual(self.states(), ["Hot", "Start", "Start"])
        invoice._compute_payment_state()
        self.env.cr.flush()
        self.assertEqual(self.kinds(self.ann), ["invoice_posted", "invoice_paid"])

    def test_invoice_of_nothing_is_paid_at_once(self):
        self.launch()
        self.invoice(self.ann, 0).action_post()
        self.env.cr.flush()
        self.assertEqual(self.kinds(self.ann), ["invoice_posted", "invoice_paid"])

    def test_payment_that_was_undone_is_none(self):
        self.launch()
        invoice = self.invoice(self.ann)
        invoice.action_post()
        invoice.payment_state = "paid"
        invoice.payment_state = "not_paid"
        invoice._flow_see_paid()
        self.env.cr.flush()
        self.assertEqual(self.kinds(self.ann), ["invoice_posted"])

    def test_invoice_of_another_company_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["account.chart.template"].try_loading("generic_coa", other, install_demo=False)
        self.launch_with("invoice_posted")
        self.invoice(self.ann, company_id=other.id).action_post()
        self.assertEqual(self.states(), ["Start", "Start", "Start"])

    def test_invoice_lets_its_customer_in(self):
        self.campaign.audience_id = False
        self.env["flow.entry"].create(
            {"campaign_id": self.campaign.id, "event_kind": "invoice_paid"}
        )
        self.launch()
        paid, unpaid = self.invoice(self.ann), self.invoice(self.bob)
        (paid | unpaid).action_post()
        self.pay(paid)
        self.assertEqual(self.campaign.participant_ids.mapped("name"), ["Ann"])

    # -- overdue -------------------------------------------------------------------------------

    def look(self, **delta):
        database_clock.move(self.env, timedelta(**delta).total_seconds())
        self.env["account.move"]._cron_flow_overdue()

    def due_today(self, contact):
        today = database_clock.now(self.env).date()
        invoice = self.invoice(contact, invoice_date=today, invoice_date_due=today)
        invoice.action_post()
        return invoice

    def test_invoice_counts_once_it_is_overdue_for_some_days(self):
        self.launch_with("invoice_overdue", event_least=3)
        self.due_today(self.ann)
        paid = self.due_today(self.bob)
        self.look(days=2)
        self.pay(paid)
        self.assertEqual(self.states(), ["Start", "Start", "Start"])
        self.look(days=1)
        self.assertEqual(self.states(), ["Hot", "Start", "Start"])

    def test_each_invoice_counts_once_for_each_number_of_days(self):
        second = self.state("Second")
        self.transition(self.start, second, "event", event_kind="invoice_overdue")
        self.transition(second, self.hot, "event", event_kind="invoice_overdue", event_least=14)
        self.launch()
        self.due_today(self.ann)
        seen = []
        for days in (0, 1, 1, 12, 1):
            self.look(days=days)
            self.run_engine()
            seen.append(self.state_of(self.ann))
        self.assertEqual(seen, ["Start", "Second", "Second", "Hot", "Hot"])
        overdue = self.participant(self.ann).event_ids.filtered(
            lambda event: event.kind == "invoice_overdue"
        )
        self.assertEqual(overdue.mapped("value"), [14, 1])
