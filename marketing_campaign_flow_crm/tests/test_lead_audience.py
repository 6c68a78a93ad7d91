"""Audiences made of leads."""

from odoo.tests import new_test_user, tagged

from .common import LeadCase


@tagged("post_install", "-at_install")
class TestLeadAudience(LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anns = cls.lead(cls.ann, name="Crane")
        cls.dans = cls.lead(name="Truck", email_from="Dan <dan@example.com>", phone="+32470123456")
        cls.dans_other = cls.lead(name="Van", email_from="dan@example.com")
        cls.mute = cls.lead(name="Bus")
        cls.leads = cls.anns | cls.dans | cls.dans_other | cls.mute
        cls.people = cls.env["flow.audience"].create(
            {
                "name": "Leads",
                "target_model": "crm.lead",
                "use_criteria": True,
                "domain": str([("id", "in", cls.leads.ids)]),
            }
        )

    def looked_at(self, leads):
        return leads.with_context(flow_audience_id=self.people.id)

    def verdicts(self):
        leads = self.looked_at(self.leads)
        leads.invalidate_recordset(["flow_audience_verdict"])
        return leads.mapped("flow_audience_verdict")

    def test_preview(self):
        self.assertEqual(self.verdicts(), ["reachable", "reachable", "duplicate", "no_address"])
        self.assertEqual((self.people.contact_count, self.people.reachable_count), (3, 2))
        self.assertEqual((self.people.has_phones, self.people.sms_count), (True, 1))

    def test_taken_in_and_out_by_hand(self):
        self.looked_at(self.anns).action_flow_audience_out()
        self.assertEqual(self.verdicts()[0], "by_hand")
        other = self.lead(name="Ship", email_from="eve@example.com")
        self.looked_at(other).action_flow_audience_in()
        self.assertIn(
            other, self.env["crm.lead"].search([("flow_audience_id", "=", self.people.id)])
        )
        action = self.people.action_view_people()
        views = self.env["crm.lead"].get_views([*action["views"], action["search_view_id"]])
        self.assertIn("action_flow_audience_in", views["views"]["list"]["arch"])

    def test_contacts_who_have_a_lead_in_another_audience(self):
        contacts = self.env["flow.audience"].create(
            {"name": "Contacts", "source_audience_ids": self.people.ids}
        )
        self.assertEqual(self.env["res.partner"].search(contacts._contact_domain()), self.ann)

    def test_fixed_list_follows_merged_leads(self):
        self.people.kind = "static"
        self.people.action_freeze()
        self.assertEqual(self.people.frozen_count, 3)
        (self.anns | self.dans).merge_opportunity()
        self.assertEqual(self.people.contact_count, 2)

    def test_marketing_without_rights_on_leads_sees_none_and_works_on(self):
        colleague = new_test_user(
            self.env, "no_leads", groups="marketing_campaign_flow.group_flow_user"
        )
        self.people.kind = "static"
        self.people.action_freeze()
        contacts = self.env["flow.audience"].create(
            {"name": "Contacts", "kind": "static", "partner_ids": self.ann.ids}
        )
        contacts.action_freeze()
        for audience in (self.people, contacts):
            choice = {"audience_id": audience.id, "email": "ann@example.com"}
            self.env["flow.audience.choice"].create(choice)
        self.env.invalidate_all()
        seen = self.people.with_user(colleague)
        self.assertEqual(seen.contact_count, 0)
        self.assertTrue(seen.problem)
        for model in ("flow.audience.member", "flow.audience.choice"):
            rows = self.env[model].with_user(colleague).search([])
            self.assertEqual(rows.audience_id & (self.people | contacts), contacts, model)
