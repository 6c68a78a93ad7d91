from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestManualSend(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        start, over = cls.state("Start", "start"), cls.state("Over", "goal")
        cls.transition(start, over, "event", event_kind="opened")

    def compose(self, participants):
        action = participants.with_user(self.user).action_send_by_hand()
        composer = Form(
            self.env["mail.compose.message"].with_user(self.user).with_context(**action["context"])
        )
        composer.subject = "A word by hand"
        composer.body = "<p>Hello</p>"
        return composer.save()

    def test_message_by_hand_counts_in_the_campaign(self):
        self.launch()
        self.compose(self.participant(self.ann) + self.participant(self.bob)).action_send_mail()
        self.run_engine()
        self.assertEqual(len(self.sent), 2)
        self.assertEqual(self.campaign.sent_count, 2)
        step = self.steps(self.ann)
        self.assertTrue(step.action_id.is_manual)
        self.assertEqual(step.action_id.mailing_id.campaign_id, self.campaign.utm_campaign_id)
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Over")
        self.assertEqual(self.campaign.opened_count, 1)

    def test_those_who_must_not_be_written_to_are_skipped_with_reason(self):
        self.launch()
        self.env["mail.blacklist"]._add("ann@example.com")
        self.compose(self.participant(self.ann) + self.participant(self.bob)).action_send_mail()
        self.run_engine()
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(self.steps(self.ann).status, "skipped")
        self.assertEqual(self.steps(self.ann).reason, "Blacklisted Address")

    def test_two_messages_by_hand_in_one_state_are_two_steps(self):
        self.launch()
        for _message in range(2):
            self.compose(self.participant(self.ann)).action_send_mail()
        self.run_engine()
        self.assertEqual(len(self.steps(self.ann)), 2)
        self.assertEqual(len(self.sent), 2)

    def test_nobody_to_write_to(self):
        with self.assertRaises(UserError):
            self.campaign.action_send_by_hand()
