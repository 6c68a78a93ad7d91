"""Orders and revenue in the analysis of campaigns."""

from odoo.tests import tagged

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestReportOfOrders(SaleCase):
    def test_orders_count_for_the_email_before_them(self):
        start, over = self.state("Start", "start"), self.state("Over", "done")
        self.transition(start, over, "timeout", delay_value=30)
        offer = self.email(start, "Offer")
        self.ann.country_id = self.env.ref("base.it")
        self.launch()
        self.order(self.ann, self.rope, quantity=3).action_confirm()
        self.order(self.bob, self.rope).action_confirm()
        self.campaign.cost_ids = [(0, 0, {"name": "x", "amount": 10, "status": "confirmed"})]
        self.env["flow.attribution"]._refresh()
        report = self.env["flow.report"].with_user(self.user)
        of_it = [("campaign_id", "=", self.campaign.id)]
        measures = ["orders:sum", "revenue:sum"]
        by_email = {
            action: tuple(sums)
            for action, *sums in report._read_group(of_it, ["action_id"], measures)
        }
        self.assertEqual(by_email[offer], (2, 40))
        by_country = {
            country.code: (count, revenue)
            for country, count, revenue in report._read_group(of_it, ["country_id"], measures)
        }
        self.assertEqual(by_country["IT"], (1, 30))
        [(back, each)] = report._read_group(
            of_it, [], ["return_on_spend:avg", "revenue_per_participant:avg"]
        )
        self.assertEqual((float(back), round(float(each), 2)), (4, 13.33))
