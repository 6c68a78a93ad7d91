"""Filters of ways out and in ask with the rights of whoever writes them, and of whoever acts."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import FlowCase

# Of contacts, and for administrators only.
ADMINS_ONLY = "[('signup_type', '=', 'reset')]"
GROUPS = "marketing_campaign_flow.group_flow_manager,base.group_partner_manager"


@tagged("post_install", "-at_install")
class TestFilterRights(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.way = cls.transition(cls.start, cls.over, "manual")
        cls.admin = cls.env.ref("base.user_admin")

    def entry(self, **values):
        return self.env["flow.entry"].create(
            {
                "campaign_id": self.campaign.id,
                "trigger": "event",
                "event_kind": "tag_added",
                **values,
            }
        )

    def test_nobody_asks_for_what_they_may_not_read(self):
        way, entry = self.way.with_user(self.user), self.entry().with_user(self.user)
        for record, values in (
            (way, {"guard": ADMINS_ONLY}),
            (way, {"trigger": "condition", "condition": ADMINS_ONLY}),
            (entry, {"guard": ADMINS_ONLY}),
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, "signup_type"),
                self.env.cr.savepoint(),
            ):
                record.write(values)
        self.way.with_user(self.admin).guard = ADMINS_ONLY
        self.assertEqual(self.way.guard, ADMINS_ONLY)

    def test_nobody_asks_for_records_by_what_they_may_not_read(self):
        secret = {"trigger": "event", "event_kind": "tag_added"}
        secret["event_domain"] = "[('partner_ids.signup_type', '=', 'reset')]"
        for record in (self.way, self.entry()):
            with (
                self.subTest(record),
                self.assertRaisesRegex(ValidationError, "signup_type"),
                self.env.cr.savepoint(),
            ):
                record.with_user(self.user).write(secret)
        self.way.with_user(self.admin).write(secret)
        with self.assertRaisesRegex(UserError, "no right to see"):
            self.campaign.action_launch()

    def test_launch_says_what_the_responsible_may_not_read(self):
        self.way.with_user(self.admin).guard = ADMINS_ONLY
        with self.assertRaisesRegex(UserError, "signup_type"):
            self.campaign.with_user(self.admin).action_launch()
        self.way.guard = False
        self.entry().with_user(self.admin).guard = ADMINS_ONLY
        with self.assertRaisesRegex(UserError, "signup_type"):
            self.campaign.with_user(self.admin).action_launch()
        self.campaign.entry_ids.unlink()
        self.campaign.with_user(self.user).action_launch()
        self.assertEqual(self.campaign.status, "running")

    def test_what_a_filter_asks_for_goes_away(self):
        self.env["ir.model.fields"].create(
            {
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "name": "x_shoe_size",
                "ttype": "integer",
            }
        )
        self.entry(guard="[('x_shoe_size', '=', 0)]")
        self.env["ir.model.fields"]._get("res.partner", "x_shoe_size").unlink()
        with self.assertRaisesRegex(UserError, "x_shoe_size"):
            self.campaign.action_launch()

    def test_words_for_numbers_do_not_work(self):
        with self.assertRaisesRegex(ValidationError, "does not work"):
            self.way.with_user(self.user).guard = "[('color', '>', 'many')]"
        self.assertTrue(new_test_user(self.env, "after", groups=GROUPS))  # the transaction lives
