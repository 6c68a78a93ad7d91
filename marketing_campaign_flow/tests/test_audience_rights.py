from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .audience_case import AudienceCase

GROUPS = "marketing_campaign_flow.group_flow_user,base.group_partner_manager"


@tagged("post_install", "-at_install")
class TestAudienceRights(AudienceCase):
    """Nobody reaches or counts contacts whom they may not see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "manual")
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.stranger = new_test_user(
            cls.env,
            "flow_stranger",
            groups=GROUPS,
            company_id=cls.elsewhere.id,
            company_ids=[(6, 0, cls.elsewhere.ids)],
        )
        cls.theirs = cls.contact("Theirs", company_id=cls.elsewhere.id)
        cls.shared = cls.make(
            "Shared",
            company_id=False,
            partner_ids=(cls.partners + cls.theirs).ids,
        )

    def hide(self, contact):
        """Let a record rule keep the marketing user from a contact."""
        self.env["ir.rule"].create(
            {
                "name": "Secret contacts",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {contact.id})]",
                "groups": [
                    (4, self.env.ref("marketing_campaign_flow.group_flow_user").id),
                ],
            }
        )

    def test_contacts_of_another_company_are_neither_reached_nor_counted(self):
        self.assertEqual(self.names(self.shared), ["Ann", "Bob", "Cleo"])
        self.assertEqual(self.shared.preview["found"], 3)
        self.assertEqual(self.shared.preview["eyes"], self.user.name)
        seen = self.shared.with_user(self.stranger)
        self.assertEqual(self.names(seen), ["Ann", "Bob", "Cleo", "Theirs"])
        self.assertEqual(seen.contact_count, 4)
        self.campaign.audience_id = self.shared
        self.launch()
        self.assertEqual(len(self.campaign.participant_ids), 3)

    def test_record_rules_hold_for_every_source(self):
        self.hide(self.bob)
        self.subscribe("bob@example.com", self.hot_list)
        self.bob.function = "tester"
        saved = self.env["mailing.filter"].create(
            {
                "name": "Testers",
                "mailing_domain": "[('function', '=', 'tester')]",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        inner = self.make("Inner", partner_ids=(self.ann + self.bob).ids)
        for values in (
            {"partner_ids": self.bob.ids},
            {"mailing_list_ids": self.hot_list.ids},
            {"use_criteria": True, "domain": "[('function', '=', 'tester')]"},
            {"filter_ids": saved.ids},
        ):
            audience = self.make("Any", **values)
            self.assertFalse(self.names(audience), values)
            self.assertEqual(audience.preview["found"], 0, values)
            self.assertFalse(audience.get_sample(), values)
        self.assertEqual(self.names(self.make(source_audience_ids=inner.ids)), ["Ann"])

    def test_fixed_list_is_seen_with_the_eyes_of_whoever_asks(self):
        self.shared.sudo().write({"kind": "static"})
        self.shared.with_user(self.stranger).action_freeze()
        self.assertEqual(self.shared.frozen_count, 4)
        self.assertEqual(self.names(self.shared), ["Ann", "Bob", "Cleo"])

    def test_campaign_counts_as_its_responsible_sees(self):
        self.campaign.audience_id = self.shared
        manager = new_test_user(
            self.env, "flow_boss", groups="marketing_campaign_flow.group_flow_manager"
        )
        self.hide(self.bob)
        self.campaign.user_id = manager
        preview = self.campaign.with_user(self.user).get_count({})
        self.assertEqual((preview["eyes"], preview["people"]), (self.user.name, 2))
        preview = self.campaign.with_user(manager).get_count({})
        self.assertEqual(preview["eyes"], manager.name)

    def test_campaigns_of_other_companies_leave_nobody_out_and_are_not_told(self):
        theirs = self.env["flow.campaign"].create(
            {
                "name": "Theirs",
                "company_id": self.elsewhere.id,
                "user_id": self.stranger.id,
                "audience_id": self.shared.id,
            }
        )
        theirs.action_launch()
        self.run_engine()
        self.assertTrue(theirs.participant_ids)
        audience = self.make(partner_ids=self.partners.ids, exclude_campaigns="all")
        self.assertEqual(self.reasons(audience), {})

    def test_criteria_on_fields_that_the_user_may_not_read_are_refused(self):
        for values in (
            {"use_criteria": True, "domain": "[('signup_type', '=', 'x')]"},
            {"use_exclude_domain": True, "exclude_domain": "[('signup_type', '=', 'x')]"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.make("Secret", **values)
        audience = (
            self.env["flow.audience"]
            .with_user(self.env.ref("base.user_admin"))
            .create(
                {"name": "Admin's", "use_criteria": True, "domain": "[('signup_type','=','x')]"}
            )
        )
        self.assertIn("cannot be worked out", audience.with_user(self.user).problem)

    def test_audience_that_the_responsible_may_not_read_parks_the_campaign(self):
        inner = self.env["flow.audience"].create(
            {"name": "Inner", "partner_ids": self.ann.ids, "company_id": self.elsewhere.id}
        )
        self.audience.excluded_audience_ids = inner
        self.campaign.with_user(self.user).invalidate_recordset()
        self.assertTrue(self.campaign.with_user(self.user)._problems())

    def test_running_campaign_says_what_is_wrong_and_goes_on_when_it_is_mended(self):
        self.launch()
        self.env.cr.execute(
            "UPDATE flow_audience SET use_criteria = TRUE, domain = '[(''gone'', ''='', 1)]'"
            " WHERE id = %s",
            [self.audience.id],
        )
        self.env.invalidate_all()
        with self.assertLogs("odoo.addons.marketing_campaign_flow.engine.tick", "WARNING"):
            self.pass_time(minutes=6)
        self.assertIn("gone", self.campaign.problem)
        self.assertEqual(self.campaign.participant_ids.mapped("status"), ["active"] * 3)
        self.audience.domain = f"[('id', '=', {self.contact('Dora').id})]"
        self.pass_time(minutes=6)
        self.assertFalse(self.campaign.problem)
        self.assertEqual(len(self.campaign.participant_ids), 4)

    def test_audiences_of_another_company_are_out_of_sight(self):
        mine = self.make("Mine", kind="static", partner_ids=self.ann.ids)
        mine.action_freeze()
        member = self.env["flow.audience.member"].search([("audience_id", "=", mine.id)])
        choice = self.env["flow.audience.choice"].create(
            {"audience_id": mine.id, "partner_id": self.bob.id}
        )
        for record in (mine, member, mine.count_ids[0], choice):
            with self.assertRaises(AccessError, msg=record._name):
                record.with_user(self.stranger).check_access("read")
        with self.assertRaises(AccessError):
            self.ann.with_user(self.stranger).search([("flow_audience_id", "=", mine.id)])

    def test_people_without_the_group_see_nothing(self):
        outsider = new_test_user(self.env, "flow_outsider", groups="base.group_user")
        for model in (
            "flow.audience.member",
            "flow.audience.choice",
            "flow.audience.count",
            "flow.audience.overlap",
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(outsider).search([])
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(outsider).search([("flow_audience_id", "=", 1)])
