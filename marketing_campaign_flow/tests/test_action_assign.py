from collections import Counter

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .action_case import ActionCase


@tagged("post_install", "-at_install")
class TestActionAssign(ActionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sue, cls.tom = cls.colleague("Sue"), cls.colleague("Tom")
        cls.italy, cls.france = cls.env.ref("base.it"), cls.env.ref("base.fr")

    def assign(self, **values):
        return self.action(self.start, "assign", **values)

    def by_country(self, **values):
        lines = [Command.create({"country_id": self.italy.id, "user_id": self.sue.id})]
        return self.assign(assign_to="country", assignment_ids=lines, **values)

    def test_who_has_somebody_keeps_them(self):
        self.ann.user_id = self.tom
        self.assign(assign_user_id=self.sue.id)
        mails = self.env["mail.mail"].search_count([("model", "!=", "flow.campaign")])
        self.launch()
        self.assertEqual(
            self.env["mail.mail"].search_count([("model", "!=", "flow.campaign")]),
            mails,
            "not one about each",
        )
        self.assertEqual(self.ann.user_id, self.tom)
        self.assertEqual(self.reasons()["Ann"], ("skipped", "Somebody is assigned already"))
        self.assertEqual((self.bob | self.cleo).user_id, self.sue)

    def test_everybody_where_that_is_wanted(self):
        self.ann.user_id = self.tom
        self.assign(assign_user_id=self.sue.id, assign_only_free=False)
        self.launch()
        self.assertEqual(self.partners.user_id, self.sue)

    def test_in_turn_each_gets_as_many_and_who_is_skipped_costs_no_turn(self):
        self.ann.user_id = self.user
        self.assign(assign_to="turns", assign_user_ids=(self.sue | self.tom).ids)
        self.launch()
        self.assertEqual(Counter(p.user_id.name for p in self.bob | self.cleo),
                         {"Sue": 1, "Tom": 1})  # fmt: skip
        more = self.take_partners(4)
        self.pass_time(minutes=10)
        self.assertEqual(Counter(p.user_id.name for p in more), {"Sue": 2, "Tom": 2})

    def test_by_country_with_somebody_for_the_others(self):
        self.ann.country_id, self.bob.country_id = self.italy, self.france
        self.by_country(assign_user_id=self.tom.id)
        self.launch()
        self.assertEqual(self.ann.user_id, self.sue)
        self.assertEqual((self.bob | self.cleo).user_id, self.tom)

    def test_by_country_with_nobody_for_the_others(self):
        self.ann.country_id = self.italy
        self.by_country()
        self.launch()
        self.assertEqual(self.ann.user_id, self.sue)
        self.assertEqual(
            self.reasons()["Bob"], ("skipped", "Nobody is named who could look after the contact")
        )

    def test_colleagues_that_have_left_get_no_contacts(self):
        later = {"timing": "delay", "delay_value": 1}
        self.assign(assign_user_id=self.sue.id, **later)
        self.assign(assign_to="turns", assign_user_ids=self.sue.ids, **later)
        self.assign(assign_to="turns", assign_user_ids=(self.sue | self.tom).ids, **later)
        self.launch()
        self.sue.active = False
        self.pass_time(days=1)
        self.assertEqual(self.partners.user_id, self.tom)
        skipped = self.steps(self.ann).filtered(lambda step: step.status == "skipped")
        self.assertEqual(
            skipped.mapped("reason"), ["Nobody is named who could look after the contact"] * 2
        )

    def test_mailing_contacts_have_no_salesperson(self):
        self.take_mailing_contacts("Dora")
        self.assign(assign_user_id=self.sue.id)
        self.launch()
        self.assertEqual(self.reasons()["Dora"], ("skipped", "Such contacts have no salesperson"))

    def test_contact_that_is_gone_is_skipped(self):
        self.assign(assign_user_id=self.sue.id, timing="delay", delay_value=1)
        self.launch_and_lose(self.ann)
        self.assertEqual(self.reasons()["Ann"], ("skipped", "The contact was deleted"))
        self.assertEqual(self.bob.user_id, self.sue)

    def test_only_the_history_of_each_contact_takes_statements_of_its_own(self):
        many = self.take_partners(40)
        action = self.assign(assign_user_id=self.sue.id, timing="delay", delay_value=1)
        self.launch()
        few = self.statements(action, self.partners)
        tracking = 2 * (len(many) - len(self.partners))  # Odoo's own, a message and its value
        self.assertLessEqual(self.statements(action, many), few + tracking + 3)

    def test_copy_of_the_campaign_has_its_own_countries(self):
        action = self.by_country()
        copied = self.campaign.copy().workflow_id.action_ids
        self.assertEqual(copied.assignment_ids.user_id, self.sue)
        self.assertNotEqual(copied.assignment_ids, action.assignment_ids)

    def test_countries_show_as_a_difference_of_versions(self):
        self.by_country()
        lines = [Command.create({"country_id": self.france.id, "user_id": self.tom.id})]
        self.assertEqual(
            self.new_version(assignment_ids=lines),
            ["Countries: Italy: Sue → France: Tom, Italy: Sue"],
        )

    def test_version_whose_countries_nobody_touched_differs_in_nothing(self):
        self.by_country()
        self.assertEqual(self.new_version(sequence=3), [])

    def test_countries_of_a_launched_version_stay_as_they_are(self):
        lines = self.by_country().assignment_ids
        spare = self.action(self.start, "tag", contact_tag_ids=[])
        spare.unlink()
        self.campaign.action_launch()
        lines = lines.with_user(self.user)
        values = {"country_id": self.france.id, "user_id": self.tom.id}
        for change in (
            lambda: lines.write({"user_id": self.tom.id}),
            lambda: lines.create({**values, "action_id": lines.action_id.id}),
            lambda: lines.action_id.write({"assignment_ids": [Command.create(values)]}),
            lines.unlink,
        ):
            with self.assertRaises(UserError):
                change()

    def test_countries_of_another_company_are_out_of_sight(self):
        lines = self.by_country().assignment_ids
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "flow_stranger",
            groups="marketing_campaign_flow.group_flow_manager",
            company_id=elsewhere.id,
            company_ids=elsewhere.ids,
        )
        self.assertTrue(lines.with_user(self.user).has_access("read"))
        with self.assertRaises(AccessError):
            lines.with_user(stranger).check_access("read")

    def test_words_and_what_is_missing(self):
        action = self.assign()
        self.assertTrue(action._content_missing())
        action.assign_user_id = self.sue
        self.assertEqual(action.display_name, "Assign a salesperson: Sue")
        self.assertFalse(action._content_missing())
        action.assign_to = "turns"
        self.assertTrue(action._content_missing())
        action.assign_user_ids = self.sue | self.tom
        self.assertEqual(action.display_name, "Assign a salesperson: Sue, Tom")
        action.assign_to = "country"
        self.assertEqual(action.display_name, "Assign a salesperson: By country")
        self.assertTrue(action._content_missing())

    def test_form_asks_for_what_is_needed(self):
        form = self.form("assign")
        with self.assertRaises(AssertionError):
            form.save()
        form.assign_to = "country"
        with form.assignment_ids.new() as line:
            line.country_id, line.user_id = self.italy, self.sue
        form.assign_user_id = self.tom
        action = form.save()
        self.assertEqual(action.assignment_ids.user_id, self.sue)
        self.assertEqual(action.assign_user_id, self.tom)
