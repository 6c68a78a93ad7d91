"""Objectives about orders, against cases computed by hand."""

from datetime import timedelta

from odoo.addons.marketing_campaign_flow.engine import database_clock
from odoo.tests import tagged

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestOrderObjectives(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sale.order"].search([("state", "=", "sale")]).write({"state": "cancel"})
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "goal")
        cls.email(cls.start)
        cls.transition(cls.start, cls.over, "timeout", delay_value=60)

    def bought(self, contact, amount, **values):
        order = self.order(contact, **values)
        order.order_line.price_unit = amount
        order.action_confirm()
        order.date_order = database_clock.now(self.env)
        return order

    def aim(self, metric, **values):
        return self.env["flow.objective"].create(
            {"campaign_id": self.campaign.id, "metric": metric, "target": 100, **values}
        )

    def refresh(self):
        self.env.flush_all()
        self.env["flow.attribution"]._refresh()
        self.env.invalidate_all()

    def cost(self, amount):
        values = {"campaign_id": self.campaign.id, "name": "Design", "amount": amount}
        self.env["flow.cost"].create(values).action_confirm()

    def test_orders_and_what_they_brought_back(self):
        self.launch()
        self.bought(self.ann, 100)
        self.bought(self.bob, 300)
        self.bought(self.env["res.partner"].create({"name": "Stranger"}), 1000)
        self.order(self.cleo)  # a quotation
        self.cost(160)
        self.refresh()
        for metric, value, words in (
            ("orders", 2, "2"),
            ("revenue", 400, None),
            ("roi", 150, "150.0 %"),
            ("roas", 2.5, "2.50"),
            ("cost_per_order", 80, None),
        ):
            aim = self.aim(metric).with_user(self.user)
            self.assertAlmostEqual(aim.value, value, 6, metric)
            if words:
                self.assertEqual(aim.value_in_words, words)

    def test_by_odoos_own_campaign(self):
        self.launch()
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.bought(stranger, 70, campaign_id=self.campaign.utm_campaign_id.id)
        self.refresh()
        self.assertEqual(self.aim("revenue", method="utm").value, 70)
        self.assertEqual(self.aim("revenue", method="last").value, 0)

    def test_without_costs_or_orders_there_is_no_figure(self):
        self.launch()
        self.bought(self.ann, 100)
        self.refresh()
        for metric in ("roi", "roas"):
            aim = self.aim(metric)
            self.assertEqual((aim.value_in_words, aim.state), ("n/a", "unknown"))
            self.assertIn("costs", aim.unmeasured_reason)
        self.env["sale.order"].search([("state", "=", "sale")]).write({"state": "cancel"})
        self.cost(10)
        self.refresh()
        self.assertEqual(self.aim("cost_per_order").state, "unknown")
        self.assertEqual(self.aim("roi").value, -100)

    def test_an_order_after_the_deadline_does_not_count(self):
        self.launch()
        today = database_clock.now(self.env).date()
        aim = self.aim("orders", deadline=today + timedelta(days=1))
        late = self.aim("orders", deadline=today + timedelta(days=9))
        self.pass_time(days=3)
        self.bought(self.ann, 100)
        self.refresh()
        self.assertEqual((aim.value, late.value), (0, 1))

    def test_value_equals_the_orders_behind_it(self):
        self.launch()
        self.bought(self.ann, 100)
        self.bought(self.bob, 33.33)
        self.cost(50)
        self.refresh()
        for metric, measure in (("orders", "share"), ("revenue", "campaign_amount")):
            aim = self.aim(metric, method="equal").with_user(self.user)
            view = aim.action_view_behind()
            rows = self.env[view["res_model"]].with_user(self.user).search(view["domain"])
            self.assertTrue(rows)
            self.assertAlmostEqual(sum(rows.mapped(measure)), aim.value)

    def test_number_of_statements_does_not_grow_with_campaigns(self):
        campaigns = self.env["flow.campaign"].create(
            [{"name": f"Campaign {number}", "user_id": self.user.id} for number in range(30)]
        )

        def statements(some):
            aims = self.env["flow.objective"].create(
                [
                    {"campaign_id": campaign.id, "metric": metric, "target": 1}
                    for campaign in some
                    for metric in ("orders", "revenue", "roi")
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            aims.mapped("state")
            return self.env.cr.sql_log_count - before

        statements(self.campaign)
        self.assertLessEqual(statements(campaigns), statements(self.campaign))
