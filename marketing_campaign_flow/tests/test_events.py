"""What recipients really do: over HTTP and through the mail gateway."""

import re

from odoo.tests import HttpCase, tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestEvents(FlowCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invited = cls.state("Invited", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.left = cls.state("Left", "exit")
        cls.answered = cls.state("Answered", "goal")
        cls.invitation = cls.email(cls.invited, "Invitation")
        for target, event in ((cls.hot, "clicked"), (cls.answered, "replied")):
            cls.transition(
                cls.invited, target, "event", event_kind=event, event_action_id=cls.invitation.id
            )
        cls.transition(None, cls.left, "event", event_kind="unsubscribed")

    def setUp(self):
        super().setUp()
        self.launch()
        self.message = next(mail for mail in self.sent if "ann@" in mail["email_to"][0])

    def events(self, contact):
        return self.participant(contact).event_ids.sorted("id").mapped("kind")

    def test_pixel_request_records_an_open(self):
        [pixel] = re.findall(r'src="[^"]*?(/mail/track/[^"]+)"', self.message["body"])
        self.assertEqual(self.url_open(pixel).status_code, 200)
        self.assertEqual(self.events(self.ann), ["opened"])
        self.assertFalse(self.events(self.bob))

    def test_link_request_records_a_click_with_its_address(self):
        [link] = re.findall(r'href="[^"]*?(/r/[^"]+)"', self.message["body"])
        response = self.url_open(link, allow_redirects=False)
        self.assertIn("https://shop.example/offer", response.headers["Location"])
        click = self.participant(self.ann).event_ids.filtered(lambda e: e.kind == "clicked")
        self.assertEqual(click.url, "https://shop.example/offer")
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_click_on_a_link_of_another_email_is_not_recorded(self):
        stranger = self.env["link.tracker"].create(
            {"url": "https://shop.example/else", "title": "x"}
        )
        trace = self.trace(self.ann)
        self.url_open(f"/r/{stranger.code}/m/{trace.id}", allow_redirects=False)
        self.assertNotIn("clicked", self.events(self.ann))

    def test_unsubscribing_through_the_link_leaves_the_campaign(self):
        [path] = re.findall(
            r"/mailing/\d+/unsubscribe_oneclick[^>]*", self.message["headers"]["List-Unsubscribe"]
        )
        self.assertEqual(self.url_open(path, method="POST").status_code, 200)
        self.assertIn("unsubscribed", self.events(self.ann))
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Left")
        self.assertEqual(self.campaign.unsubscribed_count, 1)

    def test_reply_through_the_mail_gateway_moves_the_participant(self):
        invitation = self.message["message_id"]
        self.env["mail.thread"].message_process(
            None,
            f"From: Ann <ann@example.com>\nTo: {self.message['reply_to']}\n"
            f"Subject: Re: Invitation\nMessage-ID: <answer-1@example.com>\n"
            f"In-Reply-To: {invitation}\nReferences: {invitation}\n\n"
            "Yes please",
        )
        self.assertIn("replied", self.events(self.ann))
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Answered")
        self.assertIn("Yes please", self.ann.message_ids[0].body)
