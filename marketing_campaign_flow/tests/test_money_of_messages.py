"""What messages have cost, and what they will: rows by action and day, and the forecast."""

from datetime import date, timedelta

from odoo.tests import tagged

from ..engine import database_clock
from .budget_case import BudgetCase


@tagged("post_install", "-at_install")
class TestMoneyOfMessages(BudgetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second = cls.state("First", "start"), cls.state("Second")
        cls.over = cls.state("Over", "done")
        cls.mail = cls.email(cls.first, "Hello", unit_cost=0.5)
        cls.reminder = cls.email(cls.second, "Again", unit_cost=0.25)
        cls.on = cls.transition(cls.first, cls.second, "timeout", delay_value=1)
        cls.bought = cls.transition(cls.first, cls.over, "event", event_kind="clicked")
        cls.transition(cls.second, cls.over, "timeout", delay_value=1)

    def test_messages_are_actual_costs_of_their_action_on_their_day(self):
        self.line(10, action_id=self.mail.id)
        self.cost(1, confirmed=True)
        self.launch()
        # Three emails; who is in the first state goes on to the second or to the end, half each.
        self.assert_figures(
            planned=10, actual=2.5, committed=0, available=7.5, expected=0.38, forecast=2.88
        )
        [row] = self.rows("actual").filtered(lambda row: row.source == "message")
        self.assertEqual((row.amount, row.action_id, row.state_id), (1.5, self.mail, self.first))
        self.assertEqual(
            row.category_id, self.env.ref("marketing_campaign_flow.cost_category_email")
        )
        opened = row.action_open()
        steps = self.env[opened["res_model"]].search(opened["domain"])
        self.assertEqual(sum(steps.mapped("cost")), 1.5)
        self.assertEqual(row.date, steps[0].done_at.date())

    def test_expected_costs_follow_the_way_that_people_took(self):
        self.launch()
        # Bob buys: of who has left the first state, nobody goes on to the second.
        self.env["flow.event"]._record_for_steps("clicked", self.steps(self.bob).ids)
        self.run_engine()
        self.assert_figures(actual=1.5, expected=0)
        self.pass_time(days=1, minutes=5)
        self.assert_figures(actual=2, expected=0)
        self.pass_time(days=1, minutes=5)
        self.assertEqual(self.state_of(self.ann), "Over")
        self.assert_figures(actual=2, expected=0, forecast=2)

    def test_scheduled_messages_are_expected_in_full(self):
        self.mail.write({"timing": "delay", "delay_value": 1, "delay_unit": "hours"})
        self.launch()
        self.assert_figures(actual=0, expected=1.5 + 0.38)
        opened = self.rows("expected").filtered(lambda row: row.action_id == self.mail)
        action = opened.action_open()
        self.assertEqual(len(self.env[action["res_model"]].search(action["domain"])), 3)

    def test_day_of_a_message_ends_at_midnight_in_utc(self):
        self.user.tz = "Asia/Tokyo"
        now = database_clock.now(self.env)
        midnight = (now + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
        database_clock.move(self.env, (midnight - timedelta(minutes=30) - now).total_seconds())
        self.launch()
        before = (midnight - timedelta(days=1)).date()
        self.assertEqual(self.rows("actual").mapped("date"), [before])
        coin = self.env["res.currency"].create({"name": "CON", "symbol": "c"})
        for day, rate in ((date(2020, 1, 1), 2), (midnight.date(), 4)):
            coin.rate_ids.create(
                {
                    "name": day,
                    "rate": rate,
                    "currency_id": coin.id,
                    "company_id": self.env.company.id,
                }
            )
        # Written straight away: the screen refuses another currency once money was spent.
        self.env.cr.execute(
            "UPDATE flow_campaign SET currency_id = %s WHERE id = %s", [coin.id, self.campaign.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self.rows("actual").amount_company, 0.75)

    def test_figures_take_as_many_statements_for_many_people_as_for_few(self):
        self.launch()
        self.env.flush_all()
        for _again in range(2):
            self.env.invalidate_all()
            self.campaign.currency_id.decimal_places, self.campaign.workflow_id._plan()
            with self.assertQueryCount(12):
                self.assertTrue(self.campaign.cost_forecast)
