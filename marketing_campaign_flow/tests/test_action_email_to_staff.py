from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .action_case import ActionCase


@tagged("post_install", "-at_install")
class TestActionEmailToStaff(ActionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sue = cls.colleague("Sue")
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Hot contact",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "{{ object.name }} is hot",
                "body_html": '<p>Call <t t-out="object.name"/> today</p>',
                "email_to": "{{ object.email }}",
                "email_cc": "boss@example.com",
                "use_default_to": False,
            }
        )

    def notify(self, **values):
        return self.action(
            self.start, "email_to_staff", staff_template_id=self.template.id, **values
        )

    def mails(self):
        return self.env["mail.mail"].search([("subject", "like", "is hot")], order="subject")

    def test_mail_to_the_responsible_waits_in_odoos_queue(self):
        self.notify()
        self.launch()
        mails = self.mails()
        self.assertEqual(mails.mapped("subject"), ["Ann is hot", "Bob is hot", "Cleo is hot"])
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})
        self.assertEqual(set(mails.mapped("email_to")), {self.user.email_formatted})
        self.assertIn("Call Ann today", mails[0].body_html)
        self.assertEqual((mails[0].model, mails[0].res_id), ("res.partner", self.ann.id))
        self.assertTrue(mails[0].is_internal)

    def test_nobody_of_the_template_gets_it(self):
        self.template.partner_to = "{{ object.id }}"
        self.notify()
        self.launch()
        for mail in self.mails():
            self.assertFalse(mail.email_cc)
            self.assertFalse(mail.recipient_ids)
            self.assertFalse(mail.partner_ids)
            self.assertEqual(mail.email_to, self.user.email_formatted)

    def test_mail_to_the_salesperson_else_to_the_responsible(self):
        self.ann.user_id = self.sue
        self.notify(staff_recipient="salesperson")
        self.launch()
        self.assertEqual(
            self.mails().mapped("email_to"),
            [self.sue.email_formatted, self.user.email_formatted, self.user.email_formatted],
        )

    def test_mail_to_a_colleague_or_an_address(self):
        self.notify(staff_recipient="user", staff_user_id=self.sue.id)
        self.notify(staff_recipient="address", staff_address="sales@shop.example")
        self.launch()
        self.assertEqual(
            sorted(self.mails().mapped("email_to")),
            sorted([self.sue.email_formatted] * 3 + ["sales@shop.example"] * 3),
        )

    def test_colleague_without_address_is_skipped(self):
        self.sue.email = False
        self.notify(staff_recipient="user", staff_user_id=self.sue.id)
        self.launch()
        self.assertEqual(self.reasons()["Ann"], ("skipped", "The colleague has no email address"))
        self.assertFalse(self.mails())

    def test_template_that_breaks_for_one_contact_writes_to_the_others_once(self):
        self.template.body_html = "<p t-out=\"1 / (object.name != 'Bob')\"/>"
        self.notify()
        self.launch()
        self.assertEqual(self.mails().mapped("subject"), ["Ann is hot", "Cleo is hot"])
        self.assertEqual(self.reasons()["Bob"][0], "scheduled")

    def test_queue_is_told(self):
        self.notify()
        triggers = self.env["ir.cron.trigger"].search_count([])
        self.launch()
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        self.assertGreater(self.env["ir.cron.trigger"].search_count([]), triggers)
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))

    def test_template_for_other_records_is_refused_at_launch(self):
        self.template.model_id = self.env["ir.model"]._get_id("res.users")
        self.notify()
        with self.assertRaisesRegex(UserError, "another kind of record"):
            self.campaign.action_launch()

    def test_address_that_is_none_is_refused(self):
        with self.assertRaises(ValidationError):
            self.notify(staff_recipient="address", staff_address="sales at shop")

    def test_contact_that_is_gone_is_skipped(self):
        self.notify(timing="delay", delay_value=1)
        self.launch_and_lose(self.ann)
        self.assertEqual(self.reasons()["Ann"], ("skipped", "The contact was deleted"))
        self.assertEqual(len(self.mails()), 2)

    def test_words_and_what_is_missing(self):
        action = self.notify(staff_recipient="address")
        self.assertEqual(action.display_name, "Send email to a colleague: Hot contact")
        self.assertTrue(action._content_missing())
        action.staff_address = "sales@shop.example"
        self.assertFalse(action._content_missing())
        action.staff_recipient = "user"
        self.assertTrue(action._content_missing())

    def test_difference_of_versions(self):
        self.notify()
        self.assertEqual(
            self.new_version(staff_recipient="salesperson"),
            ["Send to: Responsible of the campaign → Salesperson of the contact"],
        )

    def test_form_asks_for_what_is_needed(self):
        form = self.form("email_to_staff")
        form.staff_template_id = self.template
        form.staff_recipient = "address"
        with self.assertRaises(AssertionError):
            form.save()
        form.staff_address = "sales@shop.example"
        self.assertEqual(form.save().staff_address, "sales@shop.example")
