from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestMoney(FlowCase):
    def test_confirmed_costs_are_compared_with_the_budget(self):
        self.campaign.budget_amount = 1000
        design, draft = self.env["flow.cost"].create(
            [
                {"campaign_id": self.campaign.id, "name": "Design", "amount": 250},
                {"campaign_id": self.campaign.id, "name": "Print", "amount": 100},
            ]
        )
        self.assertEqual(self.campaign.cost_total, 0)
        design.action_confirm()
        self.assertEqual(self.campaign.cost_total, 250)
        self.assertEqual(self.campaign.budget_available, 750)
        self.assertEqual(self.campaign.budget_used, 25)
        with self.assertRaises(UserError):
            design.amount = 1
        with self.assertRaises(UserError):
            design.unlink()
        draft.unlink()

    def test_objectives_say_where_they_stand(self):
        start, over = self.state("Start", "start"), self.state("Over", "goal")
        self.email(start)
        self.transition(start, over, "event", event_kind="opened")
        rate, people, unsubscribed = self.env["flow.objective"].create(
            [
                {"campaign_id": self.campaign.id, "metric": "open_rate", "target": 50},
                {"campaign_id": self.campaign.id, "metric": "conversions", "target": 1},
                {
                    "campaign_id": self.campaign.id,
                    "metric": "unsubscribe_rate",
                    "target": 5,
                    "direction": "at_most",
                },
            ]
        )
        self.assertEqual((rate.state, rate.value_in_words), ("unknown", "n/a"))
        self.launch()
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.assertAlmostEqual(rate.value, 100 / 3)
        self.assertEqual((rate.progress, rate.state), (67, "open"))
        self.assertEqual((people.value, people.progress, people.state), (1, 100, "reached"))
        self.assertEqual((unsubscribed.value, unsubscribed.state), (0, "reached"))
