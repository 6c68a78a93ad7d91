"""What is wrong with any version of an email is said, or kept from being sent."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_email_variants import VariantCase

FINE = '<p>Hello</p><a href="/unsubscribe_from_list">Leave</a>'


@tagged("post_install", "-at_install")
class TestVersionWarnings(VariantCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invitation.mailing_id.body_html = FINE
        cls.other = cls.variant("Another", arm="B")
        cls.invito = cls.variant("Invito", cls.italian)
        cls.variant("Altro", cls.italian, arm="B")
        cls.bob.lang = "it_IT"
        cls.ann.lang = cls.cleo.lang = "en_US"

    def check(self):
        return self.campaign.with_user(self.user).action_check()["params"]["message"]

    def preview(self, email):
        action = email.with_user(self.user).action_flow_preview()
        return self.env["flow.letter.preview"].with_user(self.user).browse(action["res_id"])

    def edit(self, variant):
        mailing = variant.mailing_id
        return mailing.browse(mailing.action_flow_edit_text()["res_id"])

    def test_check_names_the_version_whose_text_it_warns_of(self):
        self.assertNotIn("unsubscribe", self.check())
        self.invito.mailing_id.body_html = "<p>Ciao</p>"
        self.other.mailing_id.body_html = f'{FINE}<a href="https://">x</a>'
        message = self.check()
        self.assertIn("“Invito, Version A, Italian", message)
        self.assertIn("The email has no link to unsubscribe.", message)
        self.assertIn("“Another, Version B”: The link “https://” leads nowhere yet.", message)

    def test_preview_of_each_tells_its_own_and_the_main_one_those_of_its_translations(self):
        self.invito.mailing_id.body_html = "<p>Ciao</p>"
        missing = "The email has no link to unsubscribe."
        self.assertEqual(self.preview(self.invito.mailing_id).warning_ids.mapped("text"), [missing])
        main = self.preview(self.invitation.mailing_id)
        [text] = main.warning_ids.mapped("text")
        self.assertRegex(text, f"“Invito, .*Italian.*”: {missing}")
        self.assertIn("(1)", main.warnings_in_words)
        other = self.preview(self.other.mailing_id)
        self.assertFalse(other.warning_ids)
        self.assertFalse(other.warnings_in_words)
        self.assertEqual(self.invito.action_preview()["res_model"], "flow.letter.preview")

    def test_empty_placeholders_are_counted_among_those_who_read_that_language(self):
        self.invito.mailing_id.subject = "{{ object.city }}"
        preview = self.preview(self.invito.mailing_id)
        self.assertIn("is empty for one contact", preview.warning_ids.text)
        shown = preview.warning_ids.action_view_contacts()["domain"]
        self.assertEqual(self.env["res.partner"].search(shown), self.bob)
        self.other.mailing_id.subject = "{{ object.city }}"
        self.cleo.lang = False  # gets the main one
        [warning] = self.other.mailing_id._flow_warnings()
        self.assertIn("is empty for 2 contacts", warning.text)

    def test_a_version_that_cannot_be_written_is_not_launched(self):
        for variant in (self.other, self.invito):
            with self.subTest(variant.display_name), self.env.cr.savepoint() as savepoint:
                variant.mailing_id.body_html = f'{FINE}<t t-out="object.nmae"/>'
                with self.assertRaisesRegex(
                    UserError, f"{variant.mailing_id.subject}.*object.nmae"
                ):
                    self.campaign.action_launch()
                savepoint.rollback()

    def test_a_text_that_cannot_be_sent_is_not_published_alone(self):
        server = self.env["ir.mail_server"].create({"name": "Other", "smtp_host": "127.0.0.1"})
        self.launch()
        for values, words in (
            ({"mail_server_id": server.id}, "leave by the same mail server"),
            ({"subject": "{{ object.nmae }}"}, "object.nmae"),
            ({"body_html": f'{FINE}<t t-foreach="object.child_ids"/>'}, "cannot be understood"),
            ({"body_html": False}, "is empty"),
            ({"body_html": f'<section data-flow-audience="0">x</section>{FINE}'}, "is gone"),
        ):
            with self.subTest(values), self.env.cr.savepoint() as savepoint:
                draft = self.edit(self.invito)
                draft.write(values)
                with self.assertRaisesRegex(UserError, words):
                    draft.action_flow_publish_text()
                savepoint.rollback()
        self.assertEqual(self.invito.mailing_id.subject, "Invito")

    def test_what_was_wrong_before_does_not_keep_a_text_from_being_mended(self):
        self.launch()
        self.env.cr.execute(
            "UPDATE mailing_mailing SET subject = '{{ object.nmae }}' WHERE id = ANY(%s)",
            [self.invitation._emails().ids],
        )
        self.env.invalidate_all()
        draft = self.edit(self.invito)
        draft.subject = "Invito"
        draft.action_flow_publish_text()
        self.assertEqual(self.invito.mailing_id.subject, "Invito")
