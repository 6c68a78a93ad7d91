"""An email as a contact would get it: shown, and sent to oneself; and nothing comes of either."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.mail import email_split_tuples

from .common import FlowCase

COUNTED = (
    "mailing.trace",
    "mail.mail",
    "mail.message",
    "link.tracker",
    "mail.compose.message",
    "flow.step",
    "flow.event",
    "ir.attachment",
)


@tagged("post_install", "-at_install")
class TestPreview(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.action_ = cls.email(cls.start, "For {{ object.name }}")
        cls.transition(cls.start, cls.over, "event", event_kind="opened")
        cls.mailing = cls.action_.mailing_id
        cls.mailing.write(
            {
                "preview": "In short, {{ object.name ||| dear reader }}",
                "body_html": '<p>Dear <t t-out="object.name"/>, <a href="https://shop.example/a">look'
                '</a> or <a href="/unsubscribe_from_list">leave</a></p>',
            }
        )

    def preview(self, user=None):
        mailing = self.mailing.with_user(user or self.user)
        action = mailing.action_flow_preview()
        return self.env[action["res_model"]].with_user(user or self.user).browse(action["res_id"])

    def rows(self):
        self.env.flush_all()
        return {model: self.env[model].search_count([]) for model in COUNTED}

    def test_preview_is_what_is_sent_but_for_what_counts(self):
        before = self.rows()
        preview = self.preview()
        self.assertEqual(preview.subject, "For Ann")
        self.assertEqual(preview.preview, "In short, Ann")
        self.assertIn("Dear Ann", preview.body)
        self.assertIn("Dear Ann", preview.text)
        self.assertIn("https://shop.example/a", preview.body)
        self.assertNotIn("/flow/", preview.body)
        self.assertNotIn("document_id", preview.body, "nobody is taken off from a preview")
        self.assertEqual(self.rows(), before)
        self.launch()
        [sent] = [one for one in self.sent if "ann@example.com" in one["email_to"]]
        self.assertEqual(sent["subject"], preview.subject)
        for header, shown in (("From", preview.email_from), ("Reply-To", preview.reply_to)):
            self.assertEqual(
                email_split_tuples(str(sent["message"][header])), email_split_tuples(shown)
            )
        head, _sep, _rest = " ".join(preview.body.split()).partition("</head>")
        self.assertIn("<style>", head)
        self.assertIn(head, " ".join(sent["body"].split()), "in the same layout")

    def test_stepping_goes_round_the_audience(self):
        preview = self.preview()
        seen = []
        for _step in range(4):
            seen.append((preview.contact_ref.name, preview.position))
            preview.action_next()
        self.assertEqual(
            seen,
            [("Ann", "1 of 3"), ("Bob", "2 of 3"), ("Cleo", "3 of 3"), ("Ann", "1 of 3")],
        )
        preview.action_previous()
        self.assertEqual((preview.contact_ref, preview.subject), (self.ann, "For Ann"))
        preview.action_previous()
        self.assertEqual(preview.contact_ref, self.cleo)

    def test_anybody_can_be_searched(self):
        dora = self.env["res.partner"].create({"name": "Dora", "email": "dora@example.com"})
        with Form(self.preview()) as form:
            form.contact_ref = dora
            self.assertEqual(form.subject, "For Dora")
            self.assertEqual(form.position, "Not one of the 3 in the audience")

    def test_statements_do_not_grow_with_the_audience(self):
        counts = []
        for _round in range(3):  # the first one fills Odoo's caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.preview().read(["body", "position"])
            counts.append(self.env.cr.sql_log_count - before)
            more = [{"name": f"P{i}", "email": f"p{i}@example.com"} for i in range(50)]
            self.audience.partner_ids += self.env["res.partner"].create(more)
        self.assertLess(counts[2], counts[1] + 10, "not one for each of the 50 more")

    def test_contact_who_would_not_get_it_is_told_of(self):
        self.env["mail.blacklist"]._add("ann@example.com")
        preview = self.preview()
        self.assertEqual(preview.problem, "Blacklisted Address")
        self.assertIn("Dear Ann", preview.body)
        self.ann.email = False
        self.env.invalidate_all()
        self.assertEqual(preview.problem, "Missing email address")

    def let_edit_templates(self):
        self.user.group_ids += self.env.ref("mail.group_mail_template_editor")

    def test_text_that_breaks_is_an_error_and_not_a_crash(self):
        self.let_edit_templates()
        self.mailing.body_html = '<p><t t-out="object.name.nothing"/></p>'
        preview = self.preview()
        self.assertIn("cannot be rendered", preview.error)
        self.assertFalse(preview.body)

    def test_text_that_writes_is_refused(self):
        self.let_edit_templates()
        self.mailing.body_html = "<p><t t-out=\"object.write({'comment': 'seen'})\"/>x</p>"
        with patch("odoo.sql_db._logger"):
            self.assertIn("change data", self.preview().error)
        self.assertFalse(self.ann.comment)

    def test_nobody_in_the_audience(self):
        self.audience.partner_ids = False
        preview = self.preview()
        self.assertEqual(preview.position, "Nobody is in the audience yet")
        self.assertEqual(preview.contact_ref, self.user.partner_id, "as to oneself")
        preview.action_next()
        self.assertEqual(preview.subject, f"For {self.user.name}")

    def test_who_may_not_act_for_the_responsible_sees_with_own_rights(self):
        self.campaign.user_id = self.env.ref("base.user_admin")
        preview = self.preview()
        self.assertIn(self.campaign.user_id.name, preview.own_rights)
        self.mailing.body_html = "<p><t t-out=\"env['ir.mail_server'].search_count([])\"/></p>"
        self.env.invalidate_all()
        self.assertTrue(preview.error)
        outsider = new_test_user(self.env, "preview_outsider", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.preview(outsider)

    def test_test_goes_to_any_address_and_counts_nowhere(self):
        test = self.env["mailing.mailing.test"].with_user(self.user)
        action = self.preview().action_send_test()
        test = test.with_context(**action["context"]).create(
            {"email_to": "me@example.com\nMia <mia@agency.example>"}
        )
        self.assertEqual(test.flow_contact_ref, self.ann)
        before = self.rows()
        with self.mock_mail_gateway(mail_unlink_sent=True):
            test.send_mail_test()
        self.assertEqual(self.rows(), before)
        self.assertEqual(
            [mail["email_to"] for mail in self._mails], [["me@example.com"], ["mia@agency.example"]]
        )
        mail = self._mails[0]
        self.assertEqual(mail["subject"], "[Test] For Ann")
        self.assertIn("Dear Ann", mail["body"])
        self.assertIn("https://shop.example/a", mail["body"])
        self.assertNotIn("/flow/", mail["body"])
        self.assertNotIn("List-Unsubscribe", mail["headers"])
        self.assertFalse(self.mailing.sent)

    def test_test_needs_an_address(self):
        test = self.env["mailing.mailing.test"].with_user(self.user)
        for addresses in ("nobody", "\n".join(f"a{i}@example.com" for i in range(21))):
            wizard = test.create({"email_to": addresses, "mass_mailing_id": self.mailing.id})
            with self.assertRaises(UserError):
                wizard.send_mail_test()

    def test_mailings_without_a_campaign_are_tested_as_ever(self):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Plain",
                "body_html": "<p>Hello</p>",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        test = self.env["mailing.mailing.test"].create(
            {"email_to": "me@example.com", "mass_mailing_id": mailing.id}
        )
        with self.mock_mail_gateway():
            test.send_mail_test()
        self.assertEqual(self._mails[0]["subject"], "[TEST] Plain")
