"""What recipients really do: over HTTP and through the mail gateway."""

import re
from html import unescape
from unittest.mock import patch
from urllib.parse import parse_qsl

from odoo import SUPERUSER_ID
from odoo.tests import HttpCase, tagged

from ..engine import letter
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
        [mail] = [mail for mail in self.sent if "ann@" in mail["email_to"][0]]
        self.message, self.body = mail["message"], mail["body"]

    def events(self, contact):
        return self.participant(contact).event_ids.sorted("id").mapped("kind")

    def test_pixel_request_records_an_open(self):
        self.assertEqual(self.browse(self.pixel()).status_code, 200)
        self.assertEqual(self.events(self.ann), ["opened"])
        self.assertFalse(self.events(self.bob))
        self.run_engine()
        self.assertEqual(self.trace(self.ann).trace_status, "open")
        self.assertEqual(self.campaign.opened_count, 1)

    def test_recording_an_open_takes_two_statements(self):
        """The event, and whether a hint waits: pictures are asked for by the thousand."""
        step = self.steps(self.ann)
        self.env["flow.event"]._record_for_steps("opened", step.ids)
        self.env.flush_all()
        with self.assertQueryCount(2):
            self.env["flow.event"]._record_for_steps("opened", step.ids)

    def test_opens_cannot_be_forged(self):
        path = self.pixel()
        number, _, signature = path.removeprefix("/flow/open/").partition("-")
        other = f"/flow/open/{int(number, 16) + 1:x}-{signature}"
        for forged in (
            other,
            path.replace("-", "-0"),
            "/flow/open/1/blank.gif",
            "/flow/open/zz-1/blank.gif",
        ):
            self.assertEqual(self.browse(forged).status_code, 404)
        self.assertFalse(self.campaign.env["flow.event"].search_count([]))

    def test_what_machines_do_is_recorded_and_does_not_count(self):
        scanner = {"User-Agent": "Barracuda Sentinel (EE)"}
        self.url_open(self.link(), headers=scanner, allow_redirects=False)
        self.url_open(self.pixel(), headers={"User-Agent": "Mozilla/5.0"})
        self.run_engine()
        self.assertEqual(self.participant(self.ann).event_ids.mapped("is_machine"), [True, True])
        self.assertEqual(self.state_of(self.ann), "Invited")
        self.assertEqual(self.trace(self.ann).trace_status, "sent")
        self.browse(self.link())
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_link_request_records_a_click_with_its_address(self):
        response = self.browse(self.link())
        self.assertIn("https://shop.example/offer", response.headers["Location"])
        click = self.participant(self.ann).event_ids.filtered(lambda e: e.kind == "clicked")
        self.assertEqual(click.url, "https://shop.example/offer")
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")
        self.assertEqual(click.link_id.count, 1)
        self.assertEqual(self.trace(self.ann).links_click_ids.link_id, click.link_id)
        self.assertTrue(self.trace(self.ann).links_click_datetime)

    def test_links_lead_only_where_an_email_of_a_campaign_leads(self):
        stranger = self.env["link.tracker"].create(
            {"url": "https://shop.example/else", "title": "x"}
        )
        token = self.link().rpartition("/")[2]
        self.assertEqual(self.browse(f"/flow/click/{stranger.code}/{token}").status_code, 404)
        elsewhere = f"/flow/link/{token}/{'0' * 24}?url=https://evil.example"
        self.assertEqual(self.browse(elsewhere).status_code, 404)
        self.assertNotIn("clicked", self.events(self.ann))

    def test_link_from_the_recipients_own_data_is_signed(self):
        self.partners.website = "https://ann.example/me?a=1&b=2"
        step = self.steps(self.ann)
        body = '<p><a t-att-href="object.website">yours</a></p>'
        with patch.object(type(step.action_id.mailing_id), "_flow_body", lambda _mailing: body):
            letters, _ = letter.prepare(step.action_id.with_user(SUPERUSER_ID), step)
        [link] = re.findall(r'href="[^"]*?(/flow/link/[^"]+)"', letters[0].values["body"])
        response = self.browse(unescape(link))
        address, _sep, query = response.headers["Location"].partition("?")
        self.assertEqual(address, "https://ann.example/me")
        self.assertEqual(
            dict(parse_qsl(query)),
            {"a": "1", "b": "2", "utm_campaign": self.campaign.utm_campaign_id.name}
            | {"utm_medium": "Email", "utm_source": step.action_id.mailing_id.source_id.name},
        )
        self.assertEqual(self.events(self.ann), ["clicked"])

    def test_links_of_the_text_part_say_from_which_campaign_they_come(self):
        text = self.message.get_body(("plain",)).get_content()
        [path] = re.findall(r"/flow/click/\S+", text)
        location = self.browse(path).headers["Location"]
        query = dict(parse_qsl(location.partition("?")[2]))
        self.assertEqual(query["utm_campaign"], self.campaign.utm_campaign_id.name)
        self.assertEqual(self.events(self.ann), ["clicked"])

    def test_unsubscribing_through_the_link_leaves_the_campaign(self):
        [path] = re.findall(
            r"/mailing/\d+/unsubscribe_oneclick[^>]*", self.message["List-Unsubscribe"]
        )
        self.assertEqual(self.url_open(path, method="POST").status_code, 200)
        self.assertIn("unsubscribed", self.events(self.ann))
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Left")
        self.assertEqual(self.campaign.unsubscribed_count, 1)

    def test_reply_moves_the_participant_and_stands_in_the_contacts_chatter(self):
        self.answer()
        self.assertIn("replied", self.events(self.ann))
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Answered")
        self.assertIn("Yes please", self.ann.message_ids[0].body)

    def test_reply_to_catchall_reaches_the_contact(self):
        self.answer(to=self.env.company.catchall_email)
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Answered")
        self.assertIn("Yes please", self.ann.message_ids[0].body)

    def test_reply_to_an_alias_goes_where_the_alias_leads(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "sales-team",
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
                "alias_contact": "everyone",
                "alias_defaults": "{'name': 'From the alias'}",
            }
        )
        self.answer(to=f"sales-team@{self.env.company.alias_domain_id.name}")
        self.assertTrue(self.env["res.partner"].search([("name", "=", "From the alias")]))
        self.assertIn("replied", self.events(self.ann))

    def test_automatic_answer_does_not_count_as_a_reply(self):
        self.answer(header="Auto-Submitted: auto-replied\n")
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Invited")
        replied = self.participant(self.ann).event_ids.filtered(lambda e: e.kind == "replied")
        self.assertTrue(replied.is_machine)

    def test_bounce_is_recorded(self):
        bounce = self.env.company.bounce_email
        self.env["mail.thread"].message_process(
            None,
            f"From: MAILER-DAEMON <mailer@example.com>\nTo: {bounce}\nSubject: Undelivered\n"
            "Message-ID: <bounce-1@example.com>\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
            "--b\nContent-Type: text/plain\n\nno such user\n"
            "--b\nContent-Type: message/delivery-status\n\n"
            "Final-Recipient: rfc822; ann@example.com\n\nAction: failed\n"
            "--b\nContent-Type: message/rfc822\n\n"
            f"Message-ID: {self.message['Message-ID']}\nSubject: Invitation\n\nx\n--b--\n",
        )
        self.assertEqual(self.events(self.ann), ["bounced"])
        self.assertEqual(self.trace(self.ann).trace_status, "bounce")

    # -- what the tests do as a recipient ----------------------------------------------------

    def pixel(self):
        [path] = re.findall(r'src="[^"]*?(/flow/open/[^"]+)"', self.body)
        return path

    def link(self):
        [path] = re.findall(r'href="[^"]*?(/flow/click/[^"]+)"', self.body)
        return path

    def browse(self, path):
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        return self.url_open(path, headers={"User-Agent": agent}, allow_redirects=False)

    def answer(self, to=None, header=""):
        invitation = self.message["Message-ID"]
        self.env["mail.thread"].message_process(
            None,
            f"From: Ann <ann@example.com>\nTo: {to or self.message['Reply-To']}\n{header}"
            f"Subject: Re: Invitation\nMessage-ID: <answer-1@example.com>\n"
            f"In-Reply-To: {invitation}\nReferences: {invitation}\n\n"
            "Yes please",
        )
