"""Orders and revenue of those who took part, and of those who were held out."""

from datetime import timedelta

from odoo.tests import tagged

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestOrdersOfHeldOut(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(200)]
        )
        cls.audience.partner_ids = cls.people
        start, over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.transition(start, over, "timeout", delay_value=1)
        cls.email(start, "Offer")
        cls.campaign.control_audience_id = cls.env["flow.audience"].create(
            {"name": "Control", "partner_ids": cls.people[:80].ids}
        )
        cls.held_out, cls.treated = cls.people[:80], cls.people[80:]

    def measure(self):
        self.campaign.with_user(self.user).action_measure_effect()
        self.env.invalidate_all()

    def effect(self, outcome, who="treated"):
        return self.campaign.effect_ids.filtered(
            lambda one: (one.outcome, one.who) == (outcome, who)
        )

    def bought(self, contact, product=None, quantity=1, **values):
        order = self.order(contact, product, quantity, **values)
        order.action_confirm()
        return order

    def test_orders_of_both_groups(self):
        earlier = self.bought(self.treated[0])
        earlier.date_order -= timedelta(hours=1)
        self.launch()
        for contact in self.treated[:12]:
            self.bought(contact, self.rope, 3)
        self.bought(self.treated[0], self.rope)  # one more: still one who ordered
        self.bought(self.held_out[0], self.rope, 2)
        self.order(self.treated[20])  # a quotation
        self.bought(self.treated[21])._action_cancel()
        self.measure()
        ordered = self.effect("ordered")
        self.assertEqual((ordered.people, ordered.total), (120, 12))
        self.assertEqual(self.effect("ordered", "held_out").total, 1)
        self.assertAlmostEqual(ordered.difference, 12 / 120 - 1 / 80, 6)
        revenue = self.effect("revenue")
        self.assertAlmostEqual(revenue.total, 12 * 30 + 10)
        self.assertAlmostEqual(revenue.value, 370 / 120, 6)
        self.assertAlmostEqual(revenue.difference, 370 / 120 - 20 / 80, 6)
        self.assertAlmostEqual(revenue.incremental, 370 - 120 * 20 / 80, 4)
        self.assertEqual(revenue.method, "welch")
        self.assertTrue(revenue.low < revenue.difference < revenue.high)
        self.assertIn("more per person than no message", revenue.sentence)

    def test_what_is_given_back_is_no_revenue(self):
        self.launch()
        order = self.bought(self.treated[0], self.rope, 5)
        order.order_line.product_id.invoice_policy = "order"
        invoice = order._create_invoices()
        invoice.action_post()
        self.measure()
        self.assertAlmostEqual(self.effect("revenue").total, 50)
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        reversal = wizard.create({"journal_id": invoice.journal_id.id}).reverse_moves()
        credit_note = self.env["account.move"].browse(reversal["res_id"])
        credit_note.invoice_line_ids.quantity = 2
        credit_note.action_post()
        self.measure()
        self.assertAlmostEqual(self.effect("revenue").total, 30)

    def test_revenue_is_in_the_currency_of_the_campaign(self):
        other = self.env["res.currency"].create({"name": "ZZZ", "symbol": "Z"})
        company = self.campaign.company_id
        self.env["res.currency.rate"].create(
            {
                "currency_id": other.id,
                "company_id": company.id,
                "name": "2020-01-01",
                "rate": 4,
            }
        )
        self.campaign.currency_id = other
        self.launch()
        self.bought(self.treated[0], self.rope, 5)
        self.measure()
        self.assertAlmostEqual(self.effect("revenue").total, 200)
        self.assertIn("Z", self.effect("revenue").value_in_words)

    def test_responsible_who_may_not_see_orders(self):
        self.user.group_ids -= self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.user.group_ids -= self.env.ref("sales_team.group_sale_salesman")
        self.launch()
        self.measure()
        found = self.effect("revenue")
        self.assertFalse(found.is_measured)
        self.assertIn("n/a", found.sentence)
        self.assertEqual(found.value_in_words, "n/a")

    def test_mailing_contacts_are_known_by_their_address(self):
        people = self.env["mailing.contact"].create(
            [{"name": one.name, "email": one.email} for one in self.people]
        )
        audience = self.env["flow.audience"].create(
            {
                "name": "By address",
                "target_model": "mailing.contact",
                "mailing_contact_ids": people.ids,
            }
        )
        campaign = self.env["flow.campaign"].create(
            {
                "name": "By address",
                "user_id": self.user.id,
                "audience_id": audience.id,
                "holdout_share": 50,
            }
        )
        campaign.action_launch()
        self.run_engine()
        self.bought(self.people[0], self.rope)
        campaign.action_measure_effect()
        ordered = campaign.effect_ids.filtered(lambda one: one.outcome == "ordered")
        self.assertEqual(sum(ordered.mapped("people")), 200)
        self.assertEqual(sum(ordered.mapped("total")), 1)
