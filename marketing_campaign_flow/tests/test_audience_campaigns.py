from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .audience_case import AudienceCase


@tagged("post_install", "-at_install")
class TestAudienceInCampaigns(AudienceCase):
    """A campaign is made from its audience, and found there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.make("Fair visitors", partner_ids=cls.partners.ids)

    def use(self, audience, **values):
        """Return the campaign that the dialog makes, as the marketing user fills it in."""
        action = audience.action_use_in_campaign()
        wizard = self.env[action["res_model"]].with_user(self.user)
        with Form(wizard.with_context(**action["context"])) as form:
            for name, value in values.items():
                form[name] = value
        opened = form.record.action_create()
        return self.env[opened["res_model"]].with_user(self.user).browse(opened["res_id"])

    def test_new_campaign_for_an_audience(self):
        campaign = self.use(self.people, name="After the fair")
        self.assertEqual((campaign.name, campaign.audience_id), ("After the fair", self.people))
        self.assertEqual((campaign.status, campaign.user_id), ("draft", self.user))
        self.assertTrue(campaign.workflow_id.state_ids)
        self.assertEqual(campaign.get_count({})["people"], 3)

    def test_new_campaign_from_a_template(self):
        template = self.env["flow.template"].with_user(self.user).search([], limit=1)
        campaign = self.use(self.people, name="Ready-made", template_id=template)
        self.assertEqual((campaign.name, campaign.audience_id), ("Ready-made", self.people))
        designed = [state["name"] for state in template._parsed()["states"]]
        self.assertEqual(sorted(campaign.workflow_id.state_ids.mapped("name")), sorted(designed))

    def test_template_for_other_people_is_refused_with_the_reason(self):
        template = self.env["flow.template"].with_user(self.user).search([], limit=1)
        listed = self.make("Addresses", target_model="mailing.contact")
        uses = self.env["flow.audience.use"].with_user(self.user)
        wizard = uses.create(
            {"audience_id": listed.id, "name": "Wrong", "template_id": template.id}
        )
        self.assertNotIn(template, wizard.fitting_template_ids)
        wizard.audience_id = self.people
        self.assertIn(template, wizard.fitting_template_ids)
        wizard.audience_id = listed
        with self.assertRaisesRegex(UserError, "another kind of contact"):
            wizard.action_create()

    def test_campaigns_of_an_audience_are_counted_and_opened(self):
        self.assertEqual(self.people.campaign_count, 0)
        campaigns = self.use(self.people, name="One") | self.use(self.people, name="Two")
        self.people.invalidate_recordset()
        self.assertEqual(self.people.campaign_count, 2)
        action = self.people.action_view_campaigns()
        found = self.env["flow.campaign"].with_user(self.user).search(action["domain"])
        self.assertEqual(found, campaigns)

    def test_campaigns_are_counted_by_one_statement_for_all(self):
        many = self.people
        for number in range(5):
            many |= self.make(f"A{number}")
        many.invalidate_recordset()
        with self.assertQueryCount(4):  # with the rights
            many.mapped("campaign_count")

    def test_campaigns_of_other_companies_are_not_counted(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.people.sudo().company_id = False
        self.env["flow.campaign"].create(
            {
                "name": "Theirs",
                "company_id": elsewhere.id,
                "audience_id": self.people.id,
                "user_id": self.env.ref("base.user_admin").id,
            }
        )
        self.people.invalidate_recordset()
        self.assertEqual(self.people.campaign_count, 0)

    def test_one_audience_at_a_time(self):
        with self.assertRaisesRegex(UserError, "one audience"):
            (self.people | self.make("Others")).action_use_in_campaign()

    def test_dialog_is_for_an_audience_that_one_may_see(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.env["flow.audience"].create({"name": "Theirs", "company_id": elsewhere.id})
        wizard = self.env["flow.audience.use"].with_user(self.user)
        values = {"audience_id": foreign.id, "name": "Mine"}
        with self.assertRaises(AccessError):
            use = wizard.create(values)
            self.env.invalidate_all()
            use.action_create()
