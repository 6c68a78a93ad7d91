"""The versions of an email are tested again: with people and figures of their own."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..engine import database_clock
from .test_email_test import EmailTestCase


@tagged("post_install", "-at_install")
class TestEmailTestAgain(EmailTestCase):
    def newcomers(self, count=40, name="N"):
        return self.env["res.partner"].create(
            [{"name": f"{name}{n}", "email": f"{name}{n}@example.com"} for n in range(count)]
        )

    def come_in(self, people):
        self.audience.partner_ids = people
        self.campaign.enrol_at = "2020-01-01"
        self.run_engine()

    def test_another_test_has_people_and_figures_of_its_own(self):
        self.launch()
        first = self.steps_by_arm()
        self.click(first["B"])
        self.pass_time(days=1)
        self.assertEqual(self.email_test().winner, "B")
        self.come_in(self.newcomers(5, "M"))
        self.assertEqual(set(self.subjects().values()), {"Another"})
        self.assertTrue(self.invitation.test_can_begin_again)
        self.invitation.with_user(self.user).action_test_again()
        self.assertFalse(self.email_test().winner)
        self.assertEqual([self.arm(letter).sent_count for letter in "AB"], [0, 0])

        self.come_in(self.newcomers())
        sent = self.subjects()
        self.assertEqual(len(sent), 40)
        self.assertEqual(set(sent.values()), {"Invitation", "Another"})
        counted = [list(sent.values()).count(one) for one in ("Invitation", "Another")]
        self.assertEqual([self.arm(letter).sent_count for letter in "AB"], counted)
        self.click(first["A"])  # of the test before
        self.assertEqual([self.arm(letter).clicked_count for letter in "AB"], [0, 0])
        mine = self.env["flow.step"].search([("arm", "=", "A2")])
        self.assertEqual(len(mine), counted[0])
        texts = [entry.text for entry in mine[0].participant_id._timeline()]
        self.assertTrue([text for text in texts if "version A of test 2" in text], texts)
        self.click(mine)
        self.pass_time(days=1)
        self.assertEqual(self.email_test().winner, "A")
        self.assertIn(f"of {counted[0]}", self.email_test().reason)
        self.invitation.invalidate_recordset()
        self.assertIn("Test 2: ", self.invitation.test_outcome)
        self.come_in(self.newcomers(3, "O"))
        self.assertEqual(set(self.subjects().values()), {"Invitation"})

    def test_another_test_of_other_texts(self):
        self.launch()
        self.arm("A").action_choose()
        self.run_engine()
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id.action_ids
        draft.variant_ids.mailing_id.subject = "Yet another"
        self.assertFalse(draft.test_can_begin_again)
        with self.assertRaisesRegex(UserError, "Publish"):
            draft.action_test_again()
        self.campaign._publish_draft({})
        self.campaign.workflow_id.action_ids.action_test_again()
        self.come_in(self.newcomers())
        self.assertEqual(set(self.subjects().values()), {"Invitation", "Yet another"})

    def test_another_test_lasts_from_its_first_message_on(self):
        self.launch()
        self.pass_time(days=1)
        self.invitation.action_test_again()
        self.assertEqual(
            self.invitation.test_outcome, "Test 2: The test begins with the next email."
        )
        self.pass_time(days=3)
        self.assertFalse(self.email_test().winner)
        self.come_in(self.newcomers())
        began = self.email_test().started_at
        self.pass_time(hours=23)
        self.assertFalse(self.email_test().winner)
        self.assertEqual(self.email_test().started_at, began)
        self.pass_time(hours=2)
        self.assertTrue(self.email_test().winner)

    def test_another_test_begins_when_the_last_one_is_over(self):
        self.invitation.test_share = 30
        self.launch()
        with self.assertRaisesRegex(UserError, "not over yet"):
            self.invitation.action_test_again()
        self.arm("B").action_choose()  # and those who wait have not been told
        with self.assertRaisesRegex(UserError, "not over yet"):
            self.invitation.action_test_again()
        self.run_engine()
        self.invitation.action_test_again()
        self.assertIn("has begun test 2", self.campaign.message_ids[0].body)

    def test_another_test_that_would_be_over_is_refused(self):
        past = database_clock.now(self.env) + timedelta(days=1)
        self.invitation.write({"test_end": "date", "test_date_at": past})
        self.launch()
        self.pass_time(days=2)
        with self.assertRaisesRegex(UserError, "has passed"):
            self.invitation.action_test_again()

    def test_strangers_do_not_begin_another_test(self):
        self.launch()
        self.arm("B").action_choose()
        self.run_engine()
        reader = new_test_user(self.env, "no_flow", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.invitation.with_user(reader).action_test_again()
