"""Versions of an email compared by revenue."""

from datetime import timedelta

from odoo.tests import tagged

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestRevenueOfVersions(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(90)]
        )
        cls.audience.partner_ids = cls.people
        start, over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.transition(start, over, "timeout", delay_value=30)
        cls.offer = cls.email(start, "Offer", test_metric="revenue")
        cls.env["flow.email.variant"].create({"action_id": cls.offer.id, "arm": "B"})

    def recipients(self, letter):
        domain = [("campaign_id", "=", self.campaign.id), ("arm", "=", letter)]
        return self.env["flow.step"].search(domain).participant_id.partner_id

    def test_the_version_that_earns_more_per_recipient_wins(self):
        before = self.order(self.people[0], self.crane)  # the email: nobody's merit
        before.action_confirm()
        before.date_order -= timedelta(hours=1)
        self.launch()
        for number, buyer in enumerate(self.recipients("B")):
            self.order(buyer, self.rope, quantity=4 + number % 3).action_confirm()
        self.order(self.recipients("A")[0], self.rope).action_confirm()
        self.order(self.recipients("A")[1], self.crane)  # a quotation is no revenue
        self.pass_time(days=1)
        test = self.env["flow.email.test"].search([("campaign_id", "=", self.campaign.id)])
        self.assertEqual(test.winner, "B")
        self.assertIn("Welch", test.reason)
        earned = {arm.letter: arm.revenue for arm in test.arm_ids}
        self.assertEqual(earned["A"], 10)
        self.assertGreater(earned["B"], 40 * len(self.recipients("B")) - 1)
