"""Coupons that campaigns give, and their codes in messages."""

from datetime import timedelta

from odoo import fields
from odoo.addons.marketing_campaign_flow.tests.common import FlowCase
from odoo.tests import Form, tagged


@tagged("post_install", "-at_install")
class TestCoupons(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user.group_ids += cls.env.ref("sales_team.group_sale_manager")
        cls.program = cls.env["loyalty.program"].create(
            {"name": "Welcome", "program_type": "coupons", "applies_on": "current"}
        )
        cls.program.communication_plan_ids.unlink()
        cls.start = cls.state("Start", "start")
        cls.told = cls.state("Told")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.told, "done")
        cls.transition(cls.told, cls.over, "manual")

    def coupon(self, **values):
        values = {"coupon_program_id": self.program.id, **values}
        return self.action(self.start, "coupon", **values)

    def cards(self, contact=None):
        domain = [("program_id", "=", self.program.id)]
        return self.env["loyalty.card"].search(
            domain + ([("partner_id", "=", contact.id)] if contact else [])
        )

    def program_has_an_email(self):
        template = self.env["mail.template"].create(
            {
                "name": "Your coupon",
                "model_id": self.env["ir.model"]._get_id("loyalty.card"),
                "subject": "Your coupon",
                "email_from": "shop@example.com",
                "email_to": "{{ object.partner_id.email }}",
                "body_html": "<p>Take it</p>",
            }
        )
        self.program.communication_plan_ids = [
            (0, 0, {"trigger": "create", "mail_template_id": template.id})
        ]

    def test_each_contact_gets_a_coupon_once(self):
        self.coupon(coupon_points=5, coupon_days=30)
        self.launch()
        self.run_engine()
        card = self.cards(self.ann)
        self.assertEqual((len(card), card.points, card.create_uid), (1, 5, self.user))
        self.assertEqual(card.expiration_date, fields.Date.today() + timedelta(days=30))
        self.assertEqual(card.history_ids.mapped("issued"), [5])
        self.assertEqual(len(set(self.cards().mapped("code"))), 3)
        self.assertEqual(self.steps(self.ann)[0].status, "done")

    def test_next_email_names_the_code(self):
        self.coupon()
        email = self.email(self.told)
        email.mailing_id.body_html = '<p>Your code: <t t-out="object.flow_coupon_code"/></p>'
        self.launch()
        for contact in self.partners:
            [body] = [mail["body"] for mail in self.sent if contact.email in mail["email_to"]]
            self.assertIn(f"Your code: {self.cards(contact).code}", body)

    def test_code_is_that_of_the_campaign_that_writes(self):
        self.coupon()
        email = self.email(self.told)
        email.mailing_id.body_html = '<p>Your code: <t t-out="object.flow_coupon_code"/></p>'
        twin = self.campaign.copy({"name": "Twin"})
        self.launch()
        first = self.cards(self.ann)
        twin.action_launch()
        self.run_engine()
        second = self.cards(self.ann) - first
        self.assertEqual(self.ann.flow_coupon_code, second.code, "the latest")
        values = email.mailing_id.with_user(self.user)._flow_mail_values(self.ann.ids)
        self.assertIn(first.code, values[self.ann.id]["body_html"])

    def test_address_without_a_contact_gets_one_as_well(self):
        dan = self.env["mailing.contact"].create(
            {"name": "Dan", "email": "dan@example.com", "list_ids": self.hot_list.ids}
        )
        self.campaign.audience_id = self.env["flow.audience"].create(
            {
                "name": "Addresses",
                "target_model": "mailing.contact",
                "mailing_list_ids": self.hot_list.ids,
            }
        )
        self.coupon()
        self.launch()
        self.assertEqual(dan.flow_coupon_code, self.cards().code)

    def test_program_sends_its_own_email(self):
        self.program_has_an_email()
        self.env["mail.blacklist"]._add("bob@example.com")
        self.cleo.email = False
        self.coupon(coupon_mail=True)
        self.launch()
        self.assertEqual(self.cards().partner_id, self.ann)
        mails = self.env["mail.mail"].search(
            [("model", "=", "loyalty.card"), ("res_id", "=", self.cards().id)]
        )
        self.assertEqual(len(mails), 1)
        self.assertEqual(self.steps(self.bob)[0].reason, "Blacklisted")
        self.assertEqual(self.steps(self.cleo)[0].reason, "No contact with an address")

    def test_program_sends_nothing_where_it_is_not_asked_to(self):
        self.program_has_an_email()
        self.coupon()
        self.launch()
        mails = self.env["mail.mail"].search(
            [("model", "=", "loyalty.card"), ("res_id", "in", self.cards().ids)]
        )
        self.assertFalse(mails)
        self.assertEqual(len(self.cards()), 3)

    def test_responsible_without_rights_is_told(self):
        action = self.coupon()
        self.campaign.action_launch()
        self.user.group_ids -= self.env.ref("sales_team.group_sale_manager")
        self.assertIn("has no right to create", "".join(action._problems()))
        self.run_engine()
        self.assertFalse(self.cards())
        self.assertIn("no right to create coupons", self.steps(self.ann).reason)
        form = Form(action.with_user(self.user))
        self.assertEqual(form.coupon_program_id, self.program)
        self.assertTrue(action.with_user(self.user)._compared_values())

    def test_coupon_without_a_program_is_not_launched(self):
        self.coupon(coupon_program_id=False)
        self.assertTrue(self.workflow._problems())
