"""Emails in the language of the contact: chosen when they leave, frozen and copied."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation, UniqueViolation

from ..engine import letter
from ..engine.variants import Version, choose
from .common import FlowCase


class VariantCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        languages = cls.env["res.lang"]
        for code in ("de_DE", "it_IT"):
            languages._activate_lang(code)
        cls.english, cls.german, cls.italian = (
            languages._lang_get(code) for code in ("en_US", "de_DE", "it_IT")
        )
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.hot = cls.state("Hot", "goal")
        cls.invitation = cls.email(cls.start, "Invitation", main_lang_id=cls.english.id)
        cls.opened = cls.transition(
            cls.start, cls.hot, "event", event_kind="opened", event_action_id=cls.invitation.id
        )
        cls.transition(cls.start, cls.over, "timeout", delay_value=30)

    @classmethod
    def variant(cls, subject, lang=None, arm="A", **values):
        """Add a version to the invitation, a copy of it with another subject."""
        variant = cls.env["flow.email.variant"].create(
            {"action_id": cls.invitation.id, "arm": arm, "lang_id": lang and lang.id, **values}
        )
        variant.mailing_id.subject = subject
        return variant

    def subjects(self):
        return {mail["email_to"][0].partition("@")[0]: mail["subject"] for mail in self.sent}


@tagged("post_install", "-at_install")
class TestEmailVariants(VariantCase):
    def test_each_gets_the_email_in_their_language(self):
        self.variant("Einladung", self.german)
        self.variant("Invito", self.italian)
        self.bob.lang, self.cleo.lang = "de_DE", "it_IT"
        self.launch()
        self.assertEqual(
            self.subjects(), {"ann": "Invitation", "bob": "Einladung", "cleo": "Invito"}
        )
        self.assertEqual(self.trace(self.bob).mass_mailing_id.subject, "Einladung")

    def test_the_preview_is_in_the_language_of_the_contact(self):
        german = self.variant("Einladung", self.german).mailing_id
        self.bob.lang = "de_DE"
        email = self.invitation.mailing_id.with_user(self.user)
        self.assertEqual(email._flow_sample(self.ann).subject, "Invitation")
        self.assertEqual(email._flow_sample(self.bob).subject, "Einladung")
        self.assertEqual(german.with_user(self.user)._flow_sample(self.ann).subject, "Einladung")

    def test_languages_that_are_missing_are_told_with_their_readers(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        email = self.invitation.mailing_id.with_user(self.user)
        self.bob.lang, self.cleo.lang = "fr_FR", "it_IT"
        self.assertFalse(email._flow_missing_languages())
        self.variant("Invito", self.italian)
        [warning] = email._flow_missing_languages()
        self.assertIn("No text in French", warning.text)
        self.assertEqual(self.env["res.partner"].search(warning.contacts), self.bob)
        self.assertTrue(
            any("No text in French" in hint for hint in self.campaign.workflow_id._hints())
        )

    def test_a_language_is_content_with_its_sister(self):
        versions = [Version("A", None, 1), Version("A", "de_DE", 2), Version("A", "sr@latin", 3)]
        chosen = {
            lang: choose(versions, "A", lang, "en_US")
            for lang in ("de_DE", "de_AT", "sr@Cyrl", "sr_RS", "en_GB", "fr_FR", "", None, False)
        }
        self.assertEqual(
            chosen,
            {"de_DE": 2, "de_AT": 2, "sr@Cyrl": 3, "sr_RS": 3, "en_GB": 1, "fr_FR": 1, "": 1,
             None: 1, False: 1},
        )  # fmt: skip

    def test_the_language_of_the_main_email_goes_before_a_sister(self):
        versions = [Version("A", None, 1), Version("A", "de_CH", 2)]
        self.assertEqual(choose(versions, "A", "de_AT", "de_DE"), 1)
        self.assertEqual(choose(versions, "A", "de_AT", None), 2)

    def test_a_version_that_is_gone_is_the_main_one(self):
        versions = [Version("A", None, 1), Version("B", None, 2), Version("B", "de_DE", 3)]
        self.assertEqual(choose(versions, "B", "de_DE", None), 3)
        self.assertEqual(choose(versions, "C", "de_DE", None), 1)

    def test_contacts_without_a_language_get_the_main_email(self):
        self.variant("Einladung", self.german)
        self.partners.lang = False
        self.launch()
        self.assertEqual(set(self.subjects().values()), {"Invitation"})

    def test_opening_any_version_counts_for_the_email(self):
        self.variant("Einladung", self.german)
        self.bob.lang = "de_DE"
        self.launch()
        (self.trace(self.ann) | self.trace(self.bob)).set_opened()
        self.run_engine()
        states = [self.state_of(contact) for contact in self.partners]
        self.assertEqual(states, ["Hot", "Hot", "Start"])

    def test_a_new_language_begins_as_a_copy_of_the_main_email(self):
        variant = self.variant("Einladung", self.german)
        self.assertNotEqual(variant.mailing_id, self.invitation.mailing_id)
        self.assertEqual(variant.mailing_id.body_html, self.invitation.mailing_id.body_html)
        self.assertFalse(variant.mailing_id.flow_draft_of_id)

    def test_the_list_of_emails_says_which_one_it_is(self):
        german, other = self.variant("Einladung", self.german), self.variant("Another", arm="B")
        emails = self.invitation.mailing_id | german.mailing_id | other.mailing_id
        self.assertEqual(
            emails.mapped("flow_written_as"),
            ["English (US)", "Version A, German / Deutsch", "Version B"],
        )

    def test_the_main_language_is_that_of_who_writes(self):
        reminder = self.email(self.start, "Reminder")
        reminder.with_context(lang="it_IT").variant_ids = [
            Command.create({"lang_id": self.german.id})
        ]
        self.assertEqual(reminder.main_lang_id, self.italian)

    def test_links_to_choose_from_are_those_of_all_versions(self):
        variant = self.variant("Einladung", self.german)
        variant.mailing_id.body_html = '<a href="https://shop.example/angebot">los</a>'
        self.assertEqual(
            self.invitation.get_links(),
            ["https://shop.example/offer", "https://shop.example/angebot"],
        )

    def test_statements_depend_on_the_emails_not_on_the_people(self):
        self.variant("Einladung", self.german)
        many = self.env["res.partner"].create(
            [
                {"name": f"P{n}", "email": f"p{n}@example.com", "lang": ("en_US", "de_DE")[n % 2]}
                for n in range(60)
            ]
        )
        self.bob.lang = "de_DE"
        self.campaign.action_launch()
        few = self.statements(expected=3)
        self.audience.partner_ids = many
        self.campaign.enrol_at = "2020-01-01"
        self.assertLessEqual(self.statements(expected=60), few)

    def statements(self, expected):
        """Return how many statements preparing the letters takes."""
        counts, prepare = [], letter.prepare

        def counted(action, steps):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            found = prepare(action, steps)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            return found

        self.patch(letter, "prepare", counted)
        self.run_engine()
        self.patch(letter, "prepare", prepare)
        self.assertEqual(len(self.sent), expected)
        return sum(counts)

    # -- frozen, copied, compared ------------------------------------------------------------

    def test_the_text_of_a_version_is_frozen_with_the_workflow(self):
        variant = self.variant("Einladung", self.german)
        self.launch()
        with self.assertRaisesRegex(UserError, "frozen"):
            variant.mailing_id.subject = "Andere"
        for change in (lambda: variant.write({"weight": 3}), variant.unlink):
            with self.assertRaisesRegex(UserError, "Edit workflow"):
                change()
        with self.assertRaisesRegex(UserError, "Edit workflow"):
            self.variant("Invito", self.italian)

    def test_a_version_is_published_alone(self):
        variant = self.variant("Einladung", self.german)
        self.bob.lang = self.cleo.lang = "de_DE"
        self.audience.partner_ids = self.ann | self.bob
        self.launch()
        action = variant.mailing_id.with_user(self.user).action_flow_edit_text()
        draft = self.env["mailing.mailing"].browse(action["res_id"])
        self.assertEqual(draft.flow_published_id, variant.mailing_id)
        draft.subject = "Herzliche Einladung"
        draft.with_user(self.user).action_flow_publish_text()
        self.audience.partner_ids |= self.cleo
        self.campaign.enrol_at = "2020-01-01"
        self.run_engine()
        self.assertEqual(self.subjects(), {"cleo": "Herzliche Einladung"})
        self.assertEqual(self.invitation.mailing_id.subject, "Invitation")
        self.assertFalse(self.campaign.draft_workflow_id)

    def test_publishing_says_which_version_changed_and_keeps_the_others(self):
        german = self.variant("Einladung", self.german)
        self.variant("Invito", self.italian)
        self.launch()
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id.action_ids
        twin = draft.variant_ids.filtered(lambda one: one.key == german.key)
        self.assertNotEqual(twin.mailing_id, german.mailing_id)
        twin.mailing_id.subject = "Herzliche Einladung"
        wizard = self.env["flow.workflow.publish"].browse(
            self.campaign.action_publish_workflow()["res_id"]
        )
        self.assertEqual(
            wizard.line_ids.mapped("details"), ["German / Deutsch: Einladung → Herzliche Einladung"]
        )
        wizard.action_publish()
        emails = {
            one.lang_id: one.mailing_id for one in self.campaign.workflow_id.action_ids.variant_ids
        }
        self.assertNotEqual(emails[self.german], german.mailing_id)
        self.assertEqual(emails[self.italian].subject, "Invito")
        self.assertEqual(emails[self.italian].flow_versions, "1, 2")

    def test_discarding_a_draft_deletes_its_emails(self):
        self.variant("Einladung", self.german)
        self.launch()
        before = self.env["mailing.mailing"].search([("flow_campaign_id", "=", self.campaign.id)])
        self.campaign.action_edit_workflow()
        self.campaign.action_discard_draft()
        after = self.env["mailing.mailing"].search([("flow_campaign_id", "=", self.campaign.id)])
        self.assertEqual(before, after)

    def test_a_copied_campaign_has_versions_of_its_own(self):
        variant = self.variant("Einladung", self.german)
        copy = self.campaign.with_user(self.user).copy()
        twin = copy.workflow_id.action_ids.variant_ids
        self.assertEqual((twin.lang_id, twin.key), (self.german, variant.key))
        self.assertEqual(twin.mailing_id.subject, "Einladung")
        self.assertEqual(twin.mailing_id.flow_campaign_id, copy)
        self.assertNotEqual(twin.mailing_id, variant.mailing_id)

    def test_a_version_that_is_deleted_takes_its_email_along(self):
        variant = self.variant("Einladung", self.german)
        email = variant.mailing_id
        variant.unlink()
        self.assertFalse(email.exists())

    def test_versions_go_through_a_document(self):
        self.variant("Einladung", self.german)
        self.variant("Another", arm="B", weight=20)
        document = self.campaign._to_document()
        campaign = self.env["flow.campaign"]._from_document(document, audience_id=self.audience.id)
        self.assertEqual(campaign._to_document()["states"], document["states"])
        email = campaign.workflow_id.action_ids
        self.assertEqual(email.variant_ids.mapped("mailing_id.subject"), ["Einladung", "Another"])
        self.assertEqual(email.main_lang_id, self.english)

    def test_a_document_in_a_language_that_is_not_here(self):
        self.variant("Einladung", self.german)
        document = self.campaign._to_document()
        document["states"][0]["actions"][0]["versions"][0]["lang"] = "sw"
        with self.assertRaisesRegex(UserError, "“sw” is not in use here"):
            self.env["flow.campaign"]._from_document(document)

    # -- what cannot be ----------------------------------------------------------------------

    def test_what_cannot_be_launched(self):
        variant = self.variant("Einladung", self.german)
        variant.mailing_id.body_html = False
        with self.assertRaisesRegex(UserError, "not complete"):
            self.campaign.action_launch()
        variant.mailing_id.body_html = "<p>Hallo</p>"
        self.variant("Invito", self.italian, arm="B")
        problems = "\n".join(self.workflow._problems())
        self.assertIn("Version B of the email “Invitation” has no text", problems)
        self.variant("Other", arm="B")
        problems = "\n".join(self.workflow._problems())
        self.assertIn("Version B of the email “Invitation” is missing in German", problems)
        self.assertIn("Version A of the email “Invitation” is missing in Italian", problems)

    def test_the_main_version_needs_the_languages_of_the_others(self):
        self.variant("Another", arm="B")
        self.variant("Eine andere", self.german, arm="B")
        [problem] = self.workflow._problems()
        self.assertIn("Version A of the email “Invitation” is missing in German", problem)

    def test_one_text_per_language(self):
        self.variant("Einladung", self.german)
        for error, arguments in (
            (UniqueViolation, ("Noch eine", self.german)),
            (CheckViolation, ("Main",)),
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.env.cr.savepoint(),
            ):
                self.variant(*arguments)

    def test_versions_belong_to_their_company(self):
        variant = self.variant("Einladung", self.german)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "flow_stranger",
            groups="marketing_campaign_flow.group_flow_user",
            company_id=company.id,
            company_ids=company.ids,
        )
        found = self.env["flow.email.variant"].with_user(stranger).search([])
        self.assertNotIn(variant, found)


@tagged("post_install", "-at_install")
class TestPagesOfVariants(VariantCase, HttpCase):
    def test_pages_for_unsubscribing_speak_the_language_of_the_email(self):
        german = self.variant("Einladung", self.german).mailing_id
        view = self.env.ref("mass_mailing.page_mailing_confirm_unsubscribe")
        view.with_context(lang="en_US").arch_db = '<t t-name="x"><p>Good bye</p></t>'
        view.update_field_translations("arch_db", {"de_DE": {"Good bye": "Auf Wiedersehen"}})
        self.launch()
        for email, words in ((german, "Auf Wiedersehen"), (self.invitation.mailing_id, "Good bye")):
            page = self.url_open(email._get_unsubscribe_url(self.ann.email, self.ann.id)).text
            self.assertIn(words, page)

    def test_an_email_in_one_language_speaks_that_of_the_browser(self):
        self.assertIsNone(self.invitation.mailing_id._flow_lang())
