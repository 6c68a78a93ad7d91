"""The tour that shows newcomers the way from a template to a campaign that could be launched."""

from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestTour(HttpCase):
    def test_a_marketing_user_takes_the_tour(self):
        new_test_user(
            self.env,
            "newcomer",
            groups="marketing_campaign_flow.group_flow_user,base.group_partner_manager",
        )
        self.start_tour("/odoo", "campaign_flow_tour", login="newcomer")
        campaign = self.env["flow.campaign"].search([("name", "=", "My first campaign")])
        self.assertEqual((len(campaign), campaign.status), (1, "draft"))
        self.assertEqual(campaign._problems(), [])
