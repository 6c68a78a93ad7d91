"""A test run shows the SMS of a campaign as they would go out, and none of them does."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_sms import SmsFlowCase

OFFER = "https://shop.example/offer"


@tagged("post_install", "-at_install")
class TestTrialSms(SmsFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workflow.transition_ids.unlink()
        cls.clicking = cls.state("Clicked")
        cls.missed = cls.state("Missed", "done")
        cls.transition(cls.start, cls.clicking, "event", event_kind="sms_clicked")
        cls.transition(cls.start, cls.missed, "event", event_kind="sms_bounced")
        cls.transition(cls.clicking, cls.hot, "timeout", delay_value=1)
        cls.sms(cls.start, f"Hello {{{{ object.name }}}}, look: {OFFER}")
        cls.email(cls.clicking, "Thank you {{object.name}}")

    def setUp(self):
        super().setUp()
        mode = self.enter_registry_test_mode()
        mode.__enter__()
        self.addCleanup(mode.__exit__, None, None, None)

    def look(self, *orders):
        return self.campaign.with_user(self.user).get_trial(self.ann.id, list(orders))

    def react(self, kind, **values):
        return {"do": "react", "letter": 0, "kind": kind, **values}

    def test_text_is_written_to_the_contact(self):
        [sms] = self.look()["letters"]
        self.assertEqual((sms["channel"], sms["to"]), ("sms", "+32456001100"))
        self.assertTrue(sms["text"].startswith("Hello Ann, look: "), sms["text"])
        self.assertRegex(sms["text"], r"/r/\w+/s/\d+$", "the short link that goes out")
        self.assertEqual(sms["links"], [{"label": OFFER, "url": OFFER}])

    def test_nothing_of_it_stays(self):
        before = self.env["sms.sms"].search_count([])
        with self.mockSMSGateway():
            self.look(self.react("clicked", url=OFFER))
        self.assertFalse(self._sms)
        self.assertEqual(self.env["sms.sms"].search_count([]), before)
        self.assertFalse(self.queue())

    def test_what_the_reader_does_moves_on_and_brings_the_next_message(self):
        answer = self.look(self.react("clicked", url=OFFER))
        self.assertEqual(answer["state"], "Clicked")
        self.assertEqual([one["channel"] for one in answer["letters"]], ["sms", "email"])
        self.assertEqual(answer["letters"][1]["subject"], "Thank you Ann")
        self.assertEqual(self.look(self.react("bounced"))["state"], "Missed")
        self.assertEqual(self.look(self.react("delivered"))["state"], "Start")

    def test_an_sms_is_not_answered_like_an_email(self):
        for order in (
            self.react("opened"), self.react("unsubscribed"), self.react("clicked", url="x"),
        ):  # fmt: skip
            with self.subTest(order=order), self.assertRaises(UserError):
                self.look(order)

    def test_no_number_no_sms(self):
        self.ann.phone = False
        answer = self.look()
        self.assertFalse(answer["letters"])
        self.assertIn("Missing Number", [line["reason"] for line in answer["lines"]])
