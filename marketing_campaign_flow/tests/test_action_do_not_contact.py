from odoo.tests import tagged

from .action_case import ActionCase


@tagged("post_install", "-at_install")
class TestActionDoNotContact(ActionCase):
    def listed(self):
        return set(self.env["mail.blacklist"].search([]).mapped("email"))

    def entry(self, email):
        return (
            self.env["mail.blacklist"]
            .with_context(active_test=False)
            .search([("email", "=", email)])
        )

    def notes(self, email):
        return " ".join(self.entry(email).message_ids.mapped("body"))

    def test_addresses_are_blacklisted_with_the_reason(self):
        self.action(self.start, "do_not_contact", blacklist_reason="Asked <us>")
        self.launch()
        self.assertLessEqual({"ann@example.com", "cleo@example.com"}, self.listed())
        self.assertIn("Invitation: Asked &lt;us&gt;", self.notes("ann@example.com"))
        self.assertEqual(self.reasons()["Ann"], ("done", False))

    def test_who_is_on_the_list_stays_and_who_left_it_comes_back(self):
        self.env["mail.blacklist"].create({"email": "ann@example.com"})
        self.env["mail.blacklist"].create({"email": "bob@example.com", "active": False})
        before = len(self.entry("ann@example.com").message_ids)
        self.action(self.start, "do_not_contact")
        self.launch()
        self.flush_tracking()
        self.assertEqual(len(self.entry("ann@example.com").message_ids), before)
        self.assertTrue(self.entry("bob@example.com").active)
        self.assertIn("Invitation", self.notes("bob@example.com"))

    def test_addresses_are_taken_off_and_nobody_is_put_on(self):
        self.env["mail.blacklist"].create({"email": "ann@example.com"})
        self.action(
            self.start,
            "do_not_contact",
            blacklist_operation="remove",
            blacklist_reason="Asked for it",
        )
        self.launch()
        self.flush_tracking()
        self.assertFalse(self.entry("ann@example.com").active)
        self.assertIn("Asked for it", self.notes("ann@example.com"))
        self.assertFalse(self.entry("bob@example.com"))

    def test_contact_without_address_is_skipped(self):
        self.action(self.start, "do_not_contact", timing="delay", delay_value=1)
        self.launch()
        self.ann.email = "nobody"
        self.pass_time(days=1)
        self.assertEqual(self.reasons()["Ann"], ("skipped", "Missing email address"))
        self.assertEqual(self.reasons()["Bob"][0], "done")

    def test_blacklisted_contact_gets_no_email_of_the_campaign(self):
        self.action(self.start, "do_not_contact")
        late = self.state("Late")
        self.start.transition_ids.target_id = late
        self.transition(late, self.over, "done")
        self.email(late)
        self.launch()
        self.assertFalse(self.sent)

    def test_mailing_contacts_have_addresses_too(self):
        self.take_mailing_contacts("Dora")
        self.action(self.start, "do_not_contact")
        self.launch()
        self.assertIn("dora@list.example", self.listed())

    def test_contact_that_is_gone_is_skipped(self):
        self.action(self.start, "do_not_contact", timing="delay", delay_value=1)
        self.launch_and_lose(self.ann)
        self.assertEqual(self.reasons()["Ann"], ("skipped", "The contact was deleted"))
        self.assertEqual(self.reasons()["Bob"][0], "done")

    def test_words(self):
        action = self.action(self.start, "do_not_contact")
        self.assertEqual(action.display_name, "Do not contact: No longer write to them")
        self.assertEqual(action.icon, "fa-ban")

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_form_asks_what_is_to_be_done(self):
        form = self.form("do_not_contact")
        form.blacklist_operation = "remove"
        form.blacklist_reason = "Asked for it"
        self.assertEqual(form.save().blacklist_operation, "remove")
