from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestActions(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "done")

    def field(self, name):
        return self.env["ir.model.fields"]._get("res.partner", name).id

    def test_email_is_rendered_for_each_contact(self):
        self.email(self.start)
        self.launch()
        bodies = {mail["email_to"][0]: mail["body"] for mail in self.sent}
        self.assertIn("Dear Ann", bodies["ann@example.com"])
        self.assertIn("Dear Bob", bodies["bob@example.com"])

    def test_links_of_an_email_are_offered(self):
        email = self.email(self.start)
        email.mailing_id.body_html = (
            '<a href="https://a.example/?b=1&amp;c=2">A</a> <a href="/unsubscribe_from_list">U</a>'
            ' <a href="https://b.example">B</a> <a href="https://b.example">B</a>'
        )
        links = email.with_user(self.user).get_links()
        self.assertEqual(links, ["https://a.example/?b=1&c=2", "https://b.example"])

    def test_email_of_a_campaign_is_sent_by_the_campaign_only(self):
        mailing = self.email(self.start).mailing_id
        for send in (
            mailing.action_launch,
            mailing.action_put_in_queue,
            mailing.action_send_mail,
            mailing.action_retry_failed,
        ):
            with self.assertRaises(UserError):
                send()
        with self.assertRaises(UserError):
            mailing.write({"state": "in_queue"})

    def test_add_to_list_keeps_opt_outs_and_members(self):
        self.env["mailing.contact"].create(
            {
                "name": "Ann",
                "email": "ann@example.com",
                "subscription_ids": [(0, 0, {"list_id": self.hot_list.id, "opt_out": True})],
            }
        )
        self.env["mailing.contact"].create(
            {
                "name": "Bob",
                "email": "bob@example.com",
                "subscription_ids": [(0, 0, {"list_id": self.hot_list.id})],
            }
        )
        self.action(self.start, "subscription", mailing_list_id=self.hot_list.id)
        self.launch()
        self.assertEqual(self.steps(self.ann).reason, "Opted out of the list")
        self.assertEqual(self.steps(self.bob).status, "done")
        subscriptions = self.env["mailing.subscription"].search(
            [("list_id", "=", self.hot_list.id)]
        )
        self.assertEqual(
            {s.contact_id.email: s.opt_out for s in subscriptions},
            {"ann@example.com": True, "bob@example.com": False, "cleo@example.com": False},
        )

    def test_remove_from_list(self):
        self.env["mailing.contact"].create(
            {
                "email": "ann@example.com",
                "subscription_ids": [(0, 0, {"list_id": self.hot_list.id})],
            }
        )
        self.action(
            self.start, "subscription", mailing_list_id=self.hot_list.id, list_operation="remove"
        )
        self.launch()
        self.assertFalse(self.hot_list.contact_ids)

    def test_field_gets_the_value_of_its_type(self):
        italy = self.env.ref("base.it")
        for name, value in (
            ("function", "Buyer"),
            ("color", "7"),
            ("is_company", "no"),
            ("country_id", italy.name),
        ):
            self.action(self.start, "field", field_id=self.field(name), field_value=value)
        self.launch()
        self.assertEqual(self.ann.function, "Buyer")
        self.assertEqual(self.bob.color, 7)
        self.assertFalse(self.bob.is_company)
        self.assertEqual(self.cleo.country_id, italy)

    def test_field_of_a_contact_that_is_gone_is_not_changed(self):
        self.action(
            self.start,
            "field",
            field_id=self.field("function"),
            field_value="Buyer",
            timing="delay",
            delay_value=1,
        )
        self.launch()
        participant = self.participant(self.ann)
        self.env.cr.execute("DELETE FROM res_partner WHERE id = %s", [self.ann.id])
        self.env.invalidate_all()
        self.pass_time(days=1)
        step = participant.step_ids
        self.assertEqual((step.status, step.reason), ("skipped", "The contact was deleted"))
        self.assertEqual(self.bob.function, "Buyer")

    def test_value_that_does_not_fit_the_field_is_refused_when_designed(self):
        for name, value in (("color", "red"), ("country_id", "Atlantis"), ("is_company", "maybe")):
            with self.assertRaises(ValidationError):
                self.action(self.start, "field", field_id=self.field(name), field_value=value)

    def test_field_is_changed_with_the_rights_of_the_responsible(self):
        self.action(self.start, "field", field_id=self.field("function"), field_value="Buyer")
        self.campaign.action_launch()
        self.user.group_ids -= self.env.ref("base.group_partner_manager")
        self.run_engine()
        self.assertFalse(self.ann.function)
        self.assertEqual(self.steps(self.ann).status, "scheduled")
        self.assertIn("not allowed", self.steps(self.ann).reason)
