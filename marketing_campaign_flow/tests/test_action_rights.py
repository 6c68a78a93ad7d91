"""What the responsible may not do is said before the launch, not by every step after it."""

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .action_case import ActionCase

CONTACTS = "base.group_partner_manager"


@tagged("post_install", "-at_install")
class TestActionRights(ActionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tag = cls.env["res.partner.category"].create({"name": "Warm"})
        field = cls.env["ir.model.fields"]._get("res.partner", "function")
        server_action = cls.env["ir.actions.server"].create(
            {
                "name": "Buyers",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "records.write({'function': 'Buyer'})",
                "flow_released": True,
            }
        )
        cls.every_kind = {
            "tag": {"contact_tag_ids": tag.ids},
            "field": {"field_id": field.id, "field_value": "Buyer"},
            "note": {"note_body": "<p>Hello</p>"},
            "activity": {"activity_summary": "Call"},
            "assign": {"assign_user_id": cls.user.id},
            "server_action": {"server_action_id": server_action.id},
            "subscription": {"mailing_list_id": cls.hot_list.id},
            "do_not_contact": {"blacklist_operation": "add"},
        }

    def lose_rights(self):
        self.user.group_ids -= self.env.ref(CONTACTS)

    def test_what_would_fail_for_everybody_is_what_the_check_names(self):
        actions = {
            kind: self.action(self.start, kind, **values)
            for kind, values in self.every_kind.items()
        }
        self.campaign.action_launch()
        self.lose_rights()
        named = {kind for kind, action in actions.items() if action._problems()}
        self.run_engine()
        steps = self.participant(self.ann).step_ids
        undone = {step.action_id.kind for step in steps if step.status != "done"}
        self.assertEqual(named, undone)
        self.assertIn("tag", named)
        self.assertNotIn("subscription", named)

    def test_the_launch_is_refused_and_leads_to_the_responsible(self):
        self.action(self.start, "tag", **self.every_kind["tag"])
        campaign = self.campaign.with_user(self.user)
        self.assertFalse(campaign.get_check()["problems"])
        self.lose_rights()
        (problem,) = campaign.get_check()["problems"]
        self.assertIn("no right to change", problem["text"])
        self.assertIn(self.user.name, problem["text"])
        self.assertEqual(problem["state_key"], self.start.key)
        self.assertEqual(problem["fix"]["field"], "user_id")
        with self.assertRaisesRegex(UserError, "no right to change"):
            campaign.action_launch()

    def test_who_may_only_use_campaigns_can_begin_with_each_template(self):
        plain = new_test_user(self.env, "plain", "marketing_campaign_flow.group_flow_user")
        self.env["res.partner.category"].search([]).unlink()
        for template in self.env["flow.template"].search([]):
            with self.subTest(template.name):
                campaign = template.with_user(plain)._make_campaign(name=template.name)
                self.assertEqual(campaign.user_id, plain)
                self.assertGreater(len(campaign.workflow_id.state_ids), 1)
