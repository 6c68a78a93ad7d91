"""What is probably wrong with an email is said before anybody gets it."""

from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from ..engine import letter_check
from ..engine.letter_check import Finding, Placeholder
from .common import FlowCase

FINE = '<p>Hello</p><a href="/unsubscribe_from_list">Leave</a>'


@tagged("post_install", "-at_install")
class TestLetterCheck(BaseCase):
    def codes(self, body, subject="Hello"):
        return [finding.code for finding in letter_check.findings(subject, body)]

    def test_fine(self):
        self.assertEqual(self.codes(FINE), [])
        self.assertEqual(self.codes(FINE + '<a href="mailto:a@b.example">x</a>'), [])
        self.assertEqual(self.codes(FINE + '<img src="/web/image/1" alt=""/>'), [])

    def test_links_and_pictures(self):
        for address, code in (
            ("", "unfinished"), ("#", "unfinished"), ("https://", "unfinished"),
            ("https://x.example/{{ object.id }}", "unfinished"), ("[YOUR LINK]", "unfinished"),
            ("www.example.com", "broken"), ("shop/offer", "broken"), ("//x.example", "broken"),
            ("https://x.example/a b", "broken"), ("javascript:alert(1)", "broken"),
            ("http://[", "broken"), ("https://x.example:port/", "broken"),
            ("http://localhost:8069/x", "local"), ("http://192.168.1.4/", "local"),
            ("https://odoo.local/", "local"),
        ):  # fmt: skip
            with self.subTest(address):
                self.assertEqual(self.codes(f'{FINE}<a href="{address}">x</a>'), [f"link_{code}"])
                self.assertEqual(
                    self.codes(f'{FINE}<img src="{address}" alt="x"/>'), [f"image_{code}"]
                )

    def test_text(self):
        self.assertEqual(self.codes("<p>Hello</p>"), ["no_unsubscribe"])
        picture = '<img src="https://x.example/a.png"/>'
        self.assertEqual(
            self.codes(picture), ["only_images", "no_unsubscribe", "image_without_words"]
        )
        self.assertEqual(self.codes(FINE + "<p>{{ object.name }}</p>"), ["placeholder_text"])
        self.assertEqual(self.codes("")[0], "body_empty")
        self.assertEqual(self.codes(FINE, " "), ["subject_empty"])
        self.assertEqual(self.codes(FINE, "x" * 71), ["subject_long"])
        self.assertEqual(self.codes(FINE, "{{ object.a_very_long_name }}" + "x" * 60), [])

    def test_placeholders(self):
        found = letter_check.placeholders(
            ["For {{ object.name }}", "{{ object.city ||| your town }}", None],
            '<t t-out="object.user_id.name"/><t t-out="object.name">you</t>'
            '<t t-out="object.name.upper()"/>',
        )
        self.assertEqual(
            found,
            [
                Placeholder(("name",), "object.name", False),
                Placeholder(("city",), "object.city", True),
                Placeholder(("user_id", "name"), "object.user_id.name", False),
                Placeholder(("name",), "object.name", True),
                Placeholder((), "object.name.upper()", False),
            ],
        )

    def test_files_and_addresses(self):
        body = (
            '<img src="/web/image/12-ab/x.png?access_token=1"/><a href="https://a.example/">x</a>'
        )
        self.assertEqual(letter_check.attachments(body), {12})
        self.assertEqual(letter_check.web_addresses(body), ["https://a.example/"])
        self.assertEqual(Finding("x"), Finding("x", ""))


@tagged("post_install", "-at_install")
class TestLetterWarnings(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.action_ = cls.email(cls.start, "Hello")
        cls.transition(cls.start, cls.over, "event", event_kind="opened")
        cls.mailing = cls.action_.mailing_id
        cls.mailing.body_html = FINE

    def warnings(self):
        return [warning.text for warning in self.mailing.with_user(self.user)._flow_warnings()]

    def test_nothing_to_say(self):
        self.assertEqual(self.warnings(), [])

    def test_empty_placeholder_is_counted_and_shown(self):
        self.ann.city = "Rome"
        self.mailing.write(
            {
                "subject": "News for {{ object.city }}",
                "preview": "{{ object.function ||| friend }}",
                "body_html": FINE
                + '<t t-out="object.country_id.name"/><t t-out="object.flow_points"/>',
            }
        )
        self.assertEqual(
            self.warnings(),
            [
                "“City” is empty for 2 contacts and has no default.",
                "“Country › Country Name” is empty for 3 contacts and has no default.",
            ],
        )
        action = self.mailing.with_user(self.user).action_flow_preview()
        preview = self.env["flow.letter.preview"].with_user(self.user).browse(action["res_id"])
        shown = preview.warning_ids[0].action_view_contacts()
        self.assertEqual(self.env["res.partner"].search(shown["domain"]), self.bob + self.cleo)

    def test_one_count_per_placeholder_however_large_the_audience(self):
        self.mailing.subject = "{{ object.city }}"
        self.audience.write({"use_criteria": True, "domain": "[('email', '!=', False)]"})
        counts = []
        for _round in range(3):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.mailing._flow_warnings()
            counts.append(self.env.cr.sql_log_count - before)
            more = [{"name": f"P{i}", "email": f"p{i}@example.com"} for i in range(50)]
            self.env["res.partner"].create(more)
        self.assertLess(counts[2], counts[1] + 10, "not one for each of the 50 more")

    def test_file_that_is_gone(self):
        file = self.env["ir.attachment"].create({"name": "x.png", "raw": b"x"})
        self.mailing.body_html = f'{FINE}<img src="/web/image/{file.id}" alt="x"/>'
        self.assertEqual(self.warnings(), [])
        file.unlink()
        self.assertIn("is gone", self.warnings()[0])

    def test_check_of_the_campaign_says_so(self):
        self.mailing.body_html = "<p>Hello</p>"
        check = self.campaign.with_user(self.user).action_check()["params"]
        self.assertEqual(check["type"], "warning")
        self.assertIn("“Hello”: The email has no link to unsubscribe.", check["message"])
        self.campaign.with_user(self.user).action_launch()

    def test_template_that_cannot_work_is_not_launched(self):
        for values, words in (
            ({"subject": "{{ object.nmae }}"}, "object.nmae"),
            ({"body_html": '<p><t t-out="object.name."/></p>'}, "cannot be understood"),
            ({"body_html": '<p><t t-foreach="object.child_ids"/></p>'}, "cannot be understood"),
            ({"subject": "{{ object.name + }}"}, "cannot be understood"),
        ):
            with self.subTest(values), self.env.cr.savepoint() as savepoint:
                self.mailing.write(values)
                with self.assertRaises(UserError) as refused:
                    self.campaign.action_launch()
                self.assertIn(words, str(refused.exception))
                savepoint.rollback()
        self.campaign.action_launch()

    def test_a_subject_is_shown_in_words(self):
        self.mailing.subject = "{{ object.name }}, news for {{ object.city ||| you }} {{ 1 + 1 }}!"
        self.assertEqual(self.mailing._flow_subject_in_words(), "[Name], news for [City] […]!")
        self.assertIn("news for [City]", self.action_.display_name)

    def test_paths_that_are_more_than_fields_are_left_alone(self):
        self.mailing.body_html = (
            f'{FINE}<t t-out="object.create_date.year"/><t t-out="object.ids"/>'
        )
        self.campaign.action_launch()

    def test_links_are_asked_on_demand_and_not_inside_the_network(self):
        self.mailing.body_html = FINE + '<a href="http://127.0.0.1:9/x">x</a>'
        action = self.mailing.with_user(self.user).action_flow_preview()
        preview = self.env["flow.letter.preview"].with_user(self.user).browse(action["res_id"])
        before = len(preview.warning_ids)
        for _again in range(2):
            preview.action_check_links()
            texts = preview.warning_ids.filtered("is_of_links").mapped("text")
            [text] = [one for one in texts if "127.0.0.1:9" in one]
            self.assertRegex(text, "not public|may not be called")
        self.assertGreater(len(preview.warning_ids), before)
