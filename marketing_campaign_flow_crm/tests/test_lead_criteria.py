"""Criteria in plain words for audiences of leads."""

from odoo.tests import tagged

from .common import LeadCase


@tagged("post_install", "-at_install")
class TestLeadCriteria(LeadCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vip = cls.env["res.partner.category"].create({"name": "VIP"})
        cls.ann.category_id = cls.vip
        cls.italy = cls.env.ref("base.it")
        cls.of_ann, cls.of_bob = cls.lead(cls.ann), cls.lead(cls.bob)
        cls.of_nobody = cls.lead(country_id=cls.italy.id)

    def found(self, block, **values):
        audience = self.env["flow.audience"].create(
            {
                "name": "Leads",
                "target_model": "crm.lead",
                "use_criteria": True,
                "domain": f"[('team_id', '=', {self.team.id})]",
                "criterion_ids": [(0, 0, block)],
            }
        )
        audience = audience.with_user(self.user)
        leads = audience.env["crm.lead"].search(audience._contact_domain())
        self.assertEqual(audience.contact_count, len(leads))
        return leads

    def test_leads_are_found_by_what_they_and_their_contacts_are(self):
        vip = {"kind": "tags", "tag_ids": self.vip.ids}
        italy = {"kind": "country", "country_ids": self.italy.ids}
        self.assertEqual(self.found(vip), self.of_ann)
        self.assertEqual(self.found({**vip, "side": "not"}), self.of_bob + self.of_nobody)
        self.assertEqual(self.found(italy), self.of_nobody)
        either = {"kind": "group", "match": "any", "child_ids": [(0, 0, vip), (0, 0, italy)]}
        self.assertEqual(self.found(either), self.of_ann + self.of_nobody)

    def test_leads_are_found_by_points_and_campaigns(self):
        self.env["flow.point"].create({"partner_id": self.ann.id, "amount": 5})
        points = {"kind": "points", "number_from": 1}
        self.assertEqual(self.found(points), self.of_ann)
        self.campaign.audience_id = self.env["flow.audience"].create(
            {
                "name": "Bob's",
                "target_model": "crm.lead",
                "use_criteria": True,
                "domain": f"[('id', '=', {self.of_bob.id})]",
            }
        )
        self.state("Start", "start")
        self.transition(self.workflow.state_ids, self.state("End", "done"), "manual")
        self.launch()
        self.assertEqual(self.found({"kind": "participation"}), self.of_bob)
        never = {"kind": "participation", "participation": "ever", "side": "not"}
        self.assertEqual(self.found(never), self.of_ann + self.of_nobody)
