"""Emails can name what a contact has ordered last."""

from datetime import datetime

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestLastOrder(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for day, product in ((3, cls.rope), (5, cls.crane), (1, cls.rope)):
            order = cls.order(cls.ann, product)
            order.action_confirm()
            order.date_order = datetime(2026, 3, day, 12)
            if day == 5:
                cls.last = order
        cls.order(cls.bob)  # a quotation is no order
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "event", event_kind="opened")

    def test_latest_confirmed_order(self):
        ann, bob = self.ann.with_user(self.user), self.bob.with_user(self.user)
        self.assertEqual(ann.flow_last_order_name, self.last.name)
        self.assertEqual(ann.flow_last_product, "Crane")
        self.assertIn("1,000.00", ann.flow_last_order_amount)
        self.assertEqual(ann.flow_last_order_date, "03/05/2026")
        self.assertFalse(bob.flow_last_order_name)

    def test_in_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("it_IT")
        self.ann.lang = "it_IT"
        self.crane.with_context(lang="it_IT").name = "Gru"
        ann = self.ann.with_user(self.user)
        self.assertEqual(ann.flow_last_product, "Gru")
        self.assertEqual(ann.flow_last_order_date, "05/03/2026")

    def test_in_an_email_with_a_warning_for_those_without(self):
        mailing = self.email(self.start, "Your {{ object.flow_last_product }}").mailing_id
        mailing.with_user(self.user).body_html = (
            '<p>Ordered on <t t-out="object.flow_last_order_date">no day</t></p>'
            '<a href="/unsubscribe_from_list">Leave</a>'
        )
        [warning] = mailing.with_user(self.user)._flow_warnings()
        self.assertEqual(
            warning.text, "“Last order: product” is empty for 2 contacts and has no default."
        )
        self.launch()
        sent = {mail["email_to"][0]: mail for mail in self.sent}
        self.assertEqual(sent["ann@example.com"]["subject"], "Your Crane")
        self.assertIn("Ordered on 03/05/2026", sent["ann@example.com"]["body"])
        self.assertIn("Ordered on no day", sent["bob@example.com"]["body"])

    def test_who_may_not_see_orders_may_not_name_them(self):
        marketer = new_test_user(
            self.env, "no_seller", groups="marketing_campaign_flow.group_flow_user"
        )
        allowed = self.env["res.partner"].with_user(marketer).mail_allowed_qweb_expressions()
        self.assertNotIn("object.flow_last_product", allowed)
        with self.assertRaises(AccessError):
            self.ann.with_user(marketer).flow_last_product  # noqa: B018

    def test_statements_do_not_grow_with_the_batch(self):
        contacts = self.env["res.partner"].create([{"name": f"P{i}"} for i in range(40)])
        for contact in contacts:
            self.order(contact, self.rope).action_confirm()
        counts = []
        for batch in (contacts[:5], contacts[:10], contacts[10:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            batch.with_user(self.user).mapped("flow_last_product")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[2], counts[1] + 5, counts)
