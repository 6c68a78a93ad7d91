"""Who is meant is counted when a form asks, not while it opens, and no oftener than needed."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from ..engine import audience as engine
from .audience_case import AudienceCase


@tagged("post_install", "-at_install")
class TestCounted(AudienceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vip = cls.env["res.partner.category"].create({"name": "VIP"})
        cls.ann.category_id = cls.vip
        cls.testers = cls.make(
            use_criteria=True,
            domain=f"[('id', 'in', {cls.partners.ids})]",
            criterion_ids=[(0, 0, {"kind": "tags", "tag_ids": cls.vip.ids})],
        )
        cls.campaign.audience_id = cls.testers
        start, over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.transition(start, over, "manual")

    def counting(self, **values):
        """Watch, or forbid, the statement that counts an audience."""
        return patch.object(engine, "count", **{"wraps": engine.count, **values})

    def form(self, record):
        self.env.invalidate_all()
        return Form(record.with_user(self.user))

    def test_forms_open_without_counting(self):
        blocks = type(self.env["flow.criterion"])
        never = {"side_effect": AssertionError("counted")}
        for launch in (False, True):
            if launch:
                self.launch()
            with self.counting(**never), patch.object(blocks, "_count", **never):
                self.form(self.testers)
                self.form(self.env["flow.audience"])
                form = self.form(self.campaign)
                form.name = f"Another name {launch}"
                form.save()

    def test_form_asks_again_when_others_may_be_meant(self):
        form = self.form(self.testers)
        key = form.count_key
        form.name = "Another name"
        self.assertEqual(form.count_key, key)
        form.limit_kind = "number"
        self.assertNotEqual(form.count_key, key)
        key = form.count_key
        with form.criterion_ids.edit(0) as block:
            block.side = "not"
            self.assertEqual(self.counted(block)["people"], self.count_without_vip())
        self.assertNotEqual(form.count_key, key)

    def count_without_vip(self):
        contacts = self.env["res.partner"].with_user(self.user)
        return contacts.search_count([("category_id", "not in", self.vip.ids)])

    def test_what_is_not_saved_yet_counts(self):
        form = self.form(self.testers)
        self.assertEqual(self.counted(form)["people"], 1)
        with form.criterion_ids.edit(0) as block:
            block.side = "not"
        self.assertEqual(self.counted(form)["people"], 2)
        form.limit_kind = "number"
        form.limit_number = 1
        self.assertEqual(self.counted(form)["people"], 1)
        form.criterion_ids.remove(0)
        form.limit_kind = "none"
        self.assertEqual(self.counted(form)["people"], 3)
        self.assertEqual(self.testers.contact_count, 1)  # nothing was written
        form = self.form(self.campaign)
        form.audience_id = self.make("Cleo", partner_ids=self.cleo.ids)
        self.assertEqual(self.counted(form)["people"], 1)

    def test_count_is_for_those_who_may_see_the_record(self):
        outsider = new_test_user(self.env, "outsider", groups="base.group_user")
        for records in (self.testers, self.testers.browse(), self.testers.criterion_ids):
            with self.assertRaises(AccessError):
                records.with_user(outsider).get_count({})
        self.testers.company_id = self.env["res.company"].create({"name": "Other"})
        with self.assertRaises(AccessError):
            self.testers.with_user(self.user).get_count({})

    def test_check_and_launch_count_once(self):
        campaign = self.campaign.with_user(self.user)
        with self.counting() as count:
            campaign.action_check()
            self.assertEqual(count.call_count, 1)
            campaign.action_launch()
            self.assertEqual(count.call_count, 2)

    def test_launch_counts_a_list_that_it_fixes_once(self):
        self.testers.kind = "static"
        with self.counting() as count:
            self.campaign.with_user(self.user).action_launch()
        self.assertTrue(self.testers.frozen_at)
        # Once more for the note of how many are in, from the list itself.
        self.assertEqual(count.call_count, 2)
        self.assertIn("flow_audience_member", count.call_args.args[1].code)
        self.assertNotIn("flow_audience_member", count.call_args_list[0].args[1].code)
