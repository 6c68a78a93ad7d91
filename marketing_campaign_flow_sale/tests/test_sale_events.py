"""Quotations and orders move their customers, and let them into campaigns."""

from datetime import timedelta

from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.tests import tagged

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestSaleEvents(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.transition(cls.start, cls.hot, "manual")

    def launch_with(self, kind, **values):
        self.transition(self.start, self.hot, "event", event_kind=kind, **values)
        self.launch()

    def states(self):
        self.run_engine()
        return [self.state_of(contact) for contact in self.partners]

    def test_order_counts_by_amount_and_product(self):
        self.launch_with(
            "order_confirmed",
            event_least=900,
            event_domain="[('order_line.product_id.name', '=', 'Crane')]",
        )
        orders = self.order(self.ann) | self.order(self.bob, self.rope, 500)
        orders |= self.order(self.cleo, self.rope)
        orders.action_confirm()
        self.assertEqual(self.states(), ["Hot", "Start", "Start"])

    def test_category_of_what_was_ordered_counts(self):
        self.crane.categ_id = self.env["product.category"].create({"name": "Heavy"})
        self.launch_with(
            "order_confirmed",
            event_domain="[('order_line.product_id.categ_id.name', '=', 'Heavy')]",
        )
        (self.order(self.ann) | self.order(self.bob, self.rope)).action_confirm()
        self.assertEqual(self.states(), ["Hot", "Start", "Start"])

    def test_amount_is_in_the_companys_currency(self):
        currency = self.env["res.currency"].create(
            {
                "name": "ZZZ",
                "symbol": "x",
                "rate_ids": [(0, 0, {"name": "2020-01-01", "rate": 4.0})],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": currency.id}
        )
        self.launch_with("order_confirmed")
        order = self.order(self.ann, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        order.order_line.price_unit = 4000
        order.action_confirm()
        self.run_engine()
        self.assertAlmostEqual(self.participant(self.ann).event_ids.value, 1000)

    def test_quotation_counts_when_it_is_sent(self):
        self.launch_with("quotation_sent")
        order = self.order(self.ann)
        self.order(self.bob)
        order.action_quotation_sent()
        self.assertEqual(self.states(), ["Hot", "Start", "Start"])
        event = self.participant(self.ann).event_ids
        self.assertEqual((event.detail, event.record_id), (order.name, order.id))

    def test_order_that_is_confirmed_again_is_told_again_and_once(self):
        self.launch()
        order = self.order(self.ann)
        order.action_confirm()
        order.write({"state": "sale"})
        self.assertEqual(len(self.participant(self.ann).event_ids), 1)

    def test_order_of_another_company_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.launch_with("order_confirmed")
        self.env["sale.order"].create(
            {"partner_id": self.ann.id, "company_id": other.id, "state": "sale"}
        )
        self.assertEqual(self.states(), ["Start", "Start", "Start"])

    def test_order_lets_its_customer_in(self):
        self.campaign.audience_id = False
        self.env["flow.entry"].create(
            {"campaign_id": self.campaign.id, "event_kind": "order_confirmed", "event_least": 500}
        )
        self.launch()
        (self.order(self.ann) | self.order(self.bob, self.rope)).action_confirm()
        self.assertEqual(self.campaign.participant_ids.mapped("name"), ["Ann"])

    # -- quotations that nobody confirms -----------------------------------------------------

    def look(self, **delta):
        database_clock.move(self.env, timedelta(**delta).total_seconds())
        self.env["sale.order"]._cron_flow_abandoned()

    def test_quotation_counts_once_nobody_has_confirmed_it_for_some_days(self):
        self.launch_with("quotation_abandoned", event_least=7)
        late, taken = self.order(self.ann), self.order(self.bob)
        late.action_quotation_sent()
        self.look(days=6, hours=23)
        self.assertEqual(self.states(), ["Start", "Start", "Start"])
        taken.action_confirm()
        self.look(hours=2)
        self.assertEqual(self.states(), ["Hot", "Start", "Start"])

    def test_each_quotation_counts_once_for_each_number_of_days(self):
        second = self.state("Second")
        self.transition(
            self.start, second, "event", event_kind="quotation_abandoned", event_least=2
        )
        self.transition(second, self.hot, "event", event_kind="quotation_abandoned", event_least=5)
        self.launch()
        self.order(self.ann)
        seen = []
        for hours in (49, 1, 72, 1):
            self.look(hours=hours)
            self.run_engine()
            seen.append(self.state_of(self.ann))
        self.assertEqual(seen, ["Second", "Second", "Hot", "Hot"])
        self.assertEqual(self.participant(self.ann).event_ids.mapped("value"), [5, 2])

    def test_abandoned_quotation_lets_its_customer_in_once(self):
        self.campaign.audience_id = False
        self.campaign.reentry = "ended"
        self.transition(self.start, self.hot, "timeout", delay_value=1, delay_unit="minutes")
        self.env["flow.entry"].create(
            {
                "campaign_id": self.campaign.id,
                "event_kind": "quotation_abandoned",
                "event_least": 3,
            }
        )
        self.launch()
        old = self.order(self.bob, date_order=database_clock.now(self.env) - timedelta(days=90))
        self.order(self.ann)
        for hours in (73, 1, 24, 24):
            self.look(hours=hours)
            self.run_engine()
        self.assertEqual(self.campaign.participant_ids.mapped("name"), ["Ann"])
        self.assertEqual(old.state, "draft", "what is long past is no news")

    def test_nobody_asks_and_nothing_is_looked_for(self):
        self.launch()
        self.order(self.ann)
        with self.assertQueryCount(10):
            self.assertEqual(self.env["sale.order"]._cron_flow_abandoned(), 0)

    def test_what_was_told_is_forgotten_after_a_while(self):
        self.launch_with("quotation_abandoned", event_least=1)
        self.order(self.ann)
        self.look(days=1, hours=1)
        told = self.env["flow.threshold"].search([])
        self.assertEqual(len(told), 1)
        database_clock.move(self.env, timedelta(days=31).total_seconds())
        told._gc_remembered()
        self.assertFalse(told.exists())
