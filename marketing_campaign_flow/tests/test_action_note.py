from odoo.tests import tagged

from .action_case import ActionCase

NOTE = "<p>Got the <b>spring</b> invitation {{ object.name }}</p>"


@tagged("post_install", "-at_install")
class TestActionNote(ActionCase):
    def note(self, body=NOTE, **values):
        return self.action(self.start, "note", note_body=body, **values)

    def notes(self, contact):
        return contact.message_ids.filtered(lambda message: "spring" in message.body)

    def test_note_is_internal_and_by_the_responsible(self):
        self.note()
        self.launch()
        message = self.notes(self.ann)
        self.assertEqual(len(message), 1)
        self.assertTrue(message.is_internal)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
        self.assertEqual(message.author_id, self.user.partner_id)
        self.assertEqual(len(self.notes(self.bob)), 1)
        self.assertFalse(message.notification_ids)

    def test_nothing_in_a_note_is_evaluated_and_scripts_are_taken_out(self):
        self.note(NOTE + "<script>alert(1)</script><t t-out='1 + 1'/>")
        self.launch()
        body = self.notes(self.ann).body
        self.assertIn("{{ object.name }}", body)
        self.assertNotIn("script", body)
        self.assertNotIn("2", body)

    def test_note_on_mailing_contacts(self):
        contact = self.take_mailing_contacts("Dora")
        self.note()
        self.launch()
        self.assertEqual(len(self.notes(contact)), 1)

    def test_note_needs_the_right_to_write_the_contact(self):
        self.note()
        self.campaign.action_launch()
        self.user.group_ids -= self.env.ref("base.group_partner_manager")
        self.run_engine()
        self.assertFalse(self.notes(self.ann))
        self.assertEqual(self.reasons()["Ann"][0], "scheduled")
        self.assertIn("not allowed", self.reasons()["Ann"][1])

    def test_contact_that_is_gone_is_skipped(self):
        self.note(timing="delay", delay_value=1)
        self.launch_and_lose(self.ann)
        self.assertEqual(self.reasons()["Ann"], ("skipped", "The contact was deleted"))
        self.assertEqual(len(self.notes(self.bob)), 1)

    def test_it_takes_as_many_statements_for_many_contacts_as_for_few(self):
        many = self.take_partners(40)
        action = self.note(timing="delay", delay_value=1)
        self.launch()
        few = self.statements(action, self.partners)
        self.assertLessEqual(self.statements(action, many), few + 2)

    def test_empty_note_keeps_the_campaign_from_being_launched(self):
        self.note("<p><br></p>")
        self.assertIn("The action “Add a note” is not complete.", self.campaign._problems())

    def test_words_and_difference_of_versions(self):
        self.assertEqual(self.note("<p>Called</p>").display_name, "Add a note: Called")
        self.assertEqual(self.new_version(note_body="<p>Wrote</p>"), ["Note: Called → Wrote"])

    def test_form_asks_for_the_note(self):
        form = self.form("note")
        form.note_body = "<p>Called</p>"
        self.assertIn("Called", form.save().note_body)
