"""Campaigns in figures: what can be told apart, shares of sums, and the people behind a row."""

import json

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestReport(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.italy, cls.germany = cls.env.ref("base.it"), cls.env.ref("base.de")
        cls.ann.write({"country_id": cls.italy.id, "user_id": cls.user.id})
        cls.bob.country_id = cls.italy
        cls.cleo.country_id = cls.germany
        cls.invited = cls.state("Invited", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.invitation = cls.email(cls.invited, "Invitation")
        cls.transition(cls.invited, cls.hot, "event", event_kind="opened")
        cls.report = cls.env["flow.report"].with_user(cls.user)

    def sums(self, by, *measures):
        """Return measures of the campaign by the name of what they are grouped by."""
        self.env.flush_all()
        groups = self.report._read_group(
            [("campaign_id", "=", self.campaign.id)], [by], list(measures)
        )
        return {
            (key.display_name if hasattr(key, "display_name") else key): values[0]
            if len(values) == 1
            else tuple(values)
            for key, *values in groups
            if any(values)
        }

    def work(self):
        self.launch()
        self.trace(self.ann).set_opened()
        self.env["flow.event"]._record_for_steps("opened", self.steps(self.ann).ids)
        self.run_engine()

    def test_by_campaign(self):
        self.work()
        sums = [f"{name}:sum" for name in ("participants", "goals", "sent", "delivered", "opened")]
        self.assertEqual(self.sums("campaign_id", *sums), {"Invitation": (3, 1, 3, 3, 1)})
        self.assertEqual(self.sums("user_id", "sent:sum"), {self.user.name: 3})

    def test_by_country_and_salesperson(self):
        self.work()
        self.assertEqual(
            self.sums("country_id", "participants:sum", "sent:sum", "goals:sum"),
            {"Italy": (2, 2, 1), "Germany": (1, 1, 0)},
        )
        self.assertEqual(self.sums("salesperson_id", "sent:sum")[self.user.name], 1)

    def test_by_state_and_email(self):
        self.work()
        self.assertEqual(
            self.sums("state_id", "sent:sum", "goals:sum"), {"Hot": (0, 1), "Invited": (3, 0)}
        )
        self.assertEqual(self.sums("action_id", "sent:sum"), {self.invitation.display_name: 3})

    def test_shares_are_of_the_sums(self):
        self.work()
        self.trace(self.cleo).set_bounced()
        rates = self.sums("campaign_id", "open_rate:avg", "bounce_rate:avg", "conversion_rate:avg")
        for rate in rates["Invitation"]:
            self.assertAlmostEqual(float(rate), 100 / 3)
        by_country = self.sums("country_id", "open_rate:avg", "sent:sum")
        self.assertEqual(float(by_country["Italy"][0]), 50)
        self.assertEqual(by_country["Germany"], (0, 1))

    def test_share_of_nothing_is_undefined(self):
        self.campaign.audience_id.partner_ids = self.env["res.partner"].create({"name": "Dumb"})
        self.launch()
        [(rate,)] = self.report._read_group(
            [("campaign_id", "=", self.campaign.id)], [], ["open_rate:avg"]
        )
        self.assertIs(rate, False)  # what Odoo makes of an undefined figure

    def test_people_behind_each_row_are_as_many_as_it_says(self):
        self.work()
        self.env["flow.event"].sudo()._record_unsubscribed(self.invitation.mailing_id, self.bob.id)
        self.trace(self.bob).set_clicked()
        self.trace(self.bob).set_replied()
        self.trace(self.cleo).set_bounced()
        self.run_engine()
        rows = self.report.search([("campaign_id", "=", self.campaign.id)])
        told = set()
        for row in rows:
            values = [row[name] for name in ("participants", "goals", "sent", "opened", "clicked",
                                             "replied", "bounced", "unsubscribed")]  # fmt: skip
            self.assertEqual(sum(map(bool, values)), 1)
            action = row.action_view_participants()
            found = self.env[action["res_model"]].with_user(self.user).search(action["domain"])
            self.assertEqual(len(found), sum(values), row.metric)
            told.add(row.metric)
        self.assertEqual(
            told,
            {"started", "ended_goal", "sent", "opened", "clicked", "replied", "bounced",
             "unsubscribed_emails"},
        )  # fmt: skip
        everybody = rows.action_view_participants()["domain"]
        self.assertEqual(self.env["flow.participant"].search_count(everybody), 3)

    def test_costs_by_category_and_per_goal(self):
        self.work()
        design = self.env["flow.cost.category"].create({"name": "Drawing"})
        self.campaign.cost_ids = [
            (0, 0, {"name": "x", "category_id": design.id, "amount": amount, "status": status})
            for amount, status in ((30, "confirmed"), (12, "confirmed"), (500, "draft"))
        ]
        self.assertEqual(self.sums("category_id", "cost:sum"), {"Drawing": 42})
        costs = self.sums("campaign_id", "cost_per_participant:avg", "cost_per_goal:avg")
        self.assertEqual([float(cost) for cost in costs["Invitation"]], [14, 42])
        rows = self.report.search([("metric", "=", "cost"), ("campaign_id", "=", self.campaign.id)])
        self.assertEqual(sum(rows.mapped("cost")), 42)
        with self.assertRaises(UserError):
            rows.action_view_participants()

    def test_anything_else_than_rows_is_refused(self):
        self.work()
        good = self.report.search([("campaign_id", "=", self.campaign.id)], limit=1)._about()
        people = self.env["flow.participant"].with_user(self.user)
        for bad in (
            "x", "7", "[7]", "[{}]", json.dumps([{**good, "metric": "x"}]),
            json.dumps([{**good, "campaign": "1) OR TRUE --"}]), json.dumps([{**good, "day": "x"}]),
        ):  # fmt: skip
            with self.assertRaises(UserError, msg=bad):
                people.search([("counted_as", "=", bad)])
        self.assertFalse(people.search([("counted_as", "=", "[]")]))

    def test_deleted_country_keeps_the_figures(self):
        self.work()
        self.partners.country_id = False
        self.env["res.country.state"].search([("country_id", "=", self.germany.id)]).unlink()
        self.germany.unlink()
        self.assertEqual(self.sums("country_id", "participants:sum"), {"Italy": 2, False: 1})

    def test_campaigns_of_other_companies_are_not_in_it(self):
        self.work()
        self.campaign.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.invalidate_all()
        self.assertFalse(self.report.search_count([("campaign_id", "=", self.campaign.id)]))

    def test_rows_that_are_not_about_people_say_so(self):
        with self.assertRaises(UserError):
            self.report.action_view_participants()
