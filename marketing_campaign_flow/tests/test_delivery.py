"""What becomes of messages: each at most once, whatever the mail server says."""

from email import message_from_bytes, policy
from unittest.mock import patch

import lxml.html
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..engine import database_clock, deliver, delivery_log, seal, tick
from ..engine.handover import Receipt
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestDelivery(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start, cls.over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.hot = cls.state("Hot", "goal")
        cls.invitation = cls.email(cls.start, "Invitation")
        cls.transition(
            cls.start, cls.hot, "event", event_kind="opened", event_action_id=cls.invitation.id
        )
        cls.transition(cls.start, cls.over, "timeout", delay_value=3)

    def receive(self, status, code=None, **kwargs):
        self.answers["ann@example.com"] = Receipt(status, code, "said so", **kwargs)

    def attempts(self):
        return self.steps(self.ann).delivery_ids.sorted("number").mapped("status")

    def test_accepted_message_is_on_record_and_leaves_no_mail_behind(self):
        mails = self.env["mail.mail"].search_count([("model", "!=", "flow.campaign")])
        self.launch()
        step = self.steps(self.ann)
        self.assertEqual((step.status, step.attempts, self.attempts()), ("done", 1, ["accepted"]))
        trace = self.trace(self.ann)
        self.assertEqual((trace.trace_status, trace.email), ("sent", "ann@example.com"))
        self.assertIn(trace.message_id, [mail["message"]["Message-ID"] for mail in self.sent])
        self.assertEqual(
            self.env["mail.mail"].search_count([("model", "!=", "flow.campaign")]), mails
        )

    def test_put_off_message_is_tried_again_later(self):
        self.receive("retry", 451)
        self.launch()
        self.assertEqual((self.steps(self.ann).status, self.attempts()), ("scheduled", ["retry"]))
        self.assertEqual(self.state_of(self.bob), "Start")
        self.answers.clear()
        self.run_engine()
        self.assertFalse(self.sent, "not at once")
        self.pass_time(minutes=10)
        self.assertEqual([mail["email_to"] for mail in self.sent], [["ann@example.com"]])
        self.assertEqual(self.attempts(), ["retry", "accepted"])

    def goodbye(self):
        """Everybody goes to the end, with an email on the way that the server puts off for Ann."""
        way = self.env["flow.transition"].search([("target_id", "=", self.over.id)])
        goodbye = self.email(way, "Goodbye")
        self.launch()
        self.receive("retry", 451)
        self.pass_time(days=3, minutes=2)
        self.answers.clear()
        return self.steps(self.ann).filtered(lambda step: step.action_id == goodbye)

    def test_message_on_the_way_to_an_end_is_tried_again_too(self):
        step = self.goodbye()
        self.assertEqual((self.state_of(self.ann), step.status), ("Over", "scheduled"))
        self.pass_time(minutes=10)
        self.assertEqual(step.status, "done")

    def test_message_that_is_kept_is_not_tried_again_for_who_was_taken_out(self):
        self.invitation.keep_after_leaving = True

        def take_out(consignments):
            receipts = self._accept(consignments)
            self.participant(self.ann).action_take_out()
            return receipts

        self.campaign.action_launch()
        self.receive("retry", 451)
        with patch.object(deliver, "_hand_over", take_out):
            tick.run(self.env)
        self.env.invalidate_all()
        self.assertEqual(self.steps(self.ann).status, "cancelled")

    def test_message_on_the_way_is_not_tried_again_for_who_was_taken_out(self):
        way = self.env["flow.transition"].search([("target_id", "=", self.over.id)])
        way.target_id = self.hot
        self.over.unlink()
        self.hot.kind = "normal"
        self.transition(self.hot, self.state("Late", "done"), "timeout", delay_value=30)
        goodbye = self.email(way, "Goodbye")
        self.launch()
        self.receive("retry", 451)

        def take_out(consignments):
            receipts = self._accept(consignments)
            self.participant(self.ann).action_take_out()
            return receipts

        with patch.object(deliver, "_hand_over", take_out):
            database_clock.move(self.env, 3 * 86400 + 120)
            tick.run(self.env)
        step = self.steps(self.ann).filtered(lambda step: step.action_id == goodbye)
        self.assertEqual(step.status, "cancelled")

    def test_message_that_is_put_off_for_ever_is_parked(self):
        self.receive("retry", 451)
        self.launch()
        for _attempt in range(delivery_log.MAX_ATTEMPTS):
            self.env.cr.execute("UPDATE flow_step SET due_at = '2020-01-01' WHERE attempts > 0")
            self.env.invalidate_all()
            self.run_engine()
        self.assertEqual(self.steps(self.ann).status, "failed")
        self.assertEqual(len(self.attempts()), delivery_log.MAX_ATTEMPTS)

    def test_refused_recipient_fails_and_counts_as_a_bounce(self):
        self.receive("failed", 550, of_recipient=True)
        self.launch()
        step = self.steps(self.ann)
        self.assertEqual((step.status, step.reason), ("failed", "said so"))
        self.assertEqual(self.participant(self.ann).event_ids.kind, "bounced")
        self.assertEqual(self.trace(self.ann).trace_status, "error")
        self.assertEqual(self.campaign.sent_count, 2)

    def test_uncertain_message_is_never_sent_again_by_itself(self):
        self.receive("uncertain")
        self.launch()
        self.assertEqual(
            (self.steps(self.ann).status, self.attempts()), ("uncertain", ["uncertain"])
        )
        self.answers.clear()
        self.pass_time(days=2)
        self.assertFalse(self.sent)

    def test_person_sends_an_uncertain_message_again(self):
        self.receive("uncertain")
        self.launch()
        self.answers.clear()
        first = self.steps(self.ann).delivery_ids
        first.with_user(self.user).action_send_again()
        self.run_engine()
        self.assertEqual([mail["email_to"] for mail in self.sent], [["ann@example.com"]])
        self.assertEqual(self.attempts(), ["resent", "accepted"])
        self.assertEqual(first.user_id, self.user)
        with self.assertRaises(UserError):
            first.action_send_again()

    def test_person_lets_an_uncertain_message_be(self):
        self.receive("uncertain")
        self.launch()
        self.answers.clear()
        self.steps(self.ann).delivery_ids.with_user(self.user).action_let_be()
        self.run_engine()
        self.assertFalse(self.sent)
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertEqual(self.campaign.sent_count, 3)

    def test_only_people_of_the_campaign_decide(self):
        self.receive("uncertain")
        self.launch()
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.steps(self.ann).delivery_ids.with_user(stranger).action_send_again()

    def test_reaction_proves_that_an_uncertain_message_arrived(self):
        self.receive("uncertain")
        self.launch()
        self.env["flow.event"]._record_for_steps("opened", self.steps(self.ann).ids)
        self.run_engine()
        self.assertEqual((self.steps(self.ann).status, self.attempts()), ("done", ["accepted"]))
        self.assertEqual(self.trace(self.ann).trace_status, "open")
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_opened_before_the_answer_of_the_mail_server_is_on_record(self):
        def open_at_once(consignments):
            steps = self.campaign.participant_ids.step_ids
            trace = self.env["mailing.trace"].search(
                [("flow_step_id", "in", steps.ids), ("trace_status", "=", "outgoing")], limit=1
            )
            trace.set_opened()
            self.env.flush_all()
            return self._accept(consignments)

        self.campaign.action_launch()
        self.sent = []
        with patch.object(deliver, "_hand_over", open_at_once):
            tick.run(self.env)
        self.env.invalidate_all()
        traces = self.env["mailing.trace"].search(
            [("flow_step_id.campaign_id", "=", self.campaign.id)]
        )
        self.assertEqual(set(traces.mapped("trace_status")), {"open"})
        self.assertTrue(all(traces.mapped("sent_datetime")))
        self.assertEqual((self.campaign.sent_count, self.campaign.opened_count), (3, 3))

    def test_blacklisted_after_the_letter_was_prepared(self):
        session = deliver.Courier.session

        def opt_out(courier, env, route, slot):
            env["mail.blacklist"].sudo()._add("ann@example.com")
            return session(courier, env, route, slot)

        with patch.object(deliver.Courier, "session", opt_out):
            self.launch()
        self.assertNotIn(["ann@example.com"], [mail["email_to"] for mail in self.sent])
        self.assertEqual(self.steps(self.ann).status, "skipped")
        self.assertEqual(self.steps(self.ann).reason, "Blacklisted Address")
        self.assertFalse(self.attempts())

    def test_connection_is_asked_for_once_per_message_and_once_to_seal_the_batch(self):
        asked, session = [], deliver.Courier.session

        def count(courier, env, route, slot):
            asked.append(route)
            return session(courier, env, route, slot)

        with patch.object(deliver.Courier, "session", count):
            self.launch()
        self.assertEqual((len(self.sent), len(asked)), (3, 3 + 1), "a connection serves so many")

    def test_paused_between_two_windows(self):
        def pause_after_first(consignments):
            self.campaign.action_pause()
            self.env.flush_all()
            return self._accept(consignments)

        self.campaign.action_launch()
        with patch.object(deliver, "_hand_over", pause_after_first):
            tick.run(self.env)
        self.assertEqual(len(self.sent), 1)
        statuses = self.campaign.participant_ids.step_ids.mapped("status")
        self.assertEqual(sorted(statuses), ["done", "scheduled", "scheduled"])
        self.campaign.action_resume()
        self.run_engine()
        self.assertEqual(len(self.sent), 2)

    def test_no_more_than_the_hourly_rate(self):
        self.campaign.sending_rate = 2
        self.launch()
        self.assertEqual(len(self.sent), 2)
        self.run_engine()
        self.assertFalse(self.sent)
        waiting = self.campaign.participant_ids.step_ids.filtered(
            lambda step: step.status == "scheduled"
        )
        self.assertEqual(waiting.wait_reason, "rate")
        self.env.cr.execute(
            "UPDATE flow_delivery SET started_at = started_at - interval '61 minutes'"
        )
        self.run_engine()
        self.assertEqual(len(self.sent), 1)

    def test_server_that_is_away_costs_no_attempt_and_is_left_alone(self):
        def away(*_args, **_kwargs):
            raise ConnectionRefusedError("nobody there")

        with patch.object(deliver.Courier, "session", away):
            self.launch()
        outage = self.env["flow.mail.outage"].search([])
        self.assertEqual((outage.failures, outage.error), (1, "nobody there"))
        step = self.steps(self.ann)
        self.assertEqual((step.status, step.attempts, step.claimed_by), ("scheduled", 0, 0))
        self.run_engine()
        self.assertFalse(self.sent, "left alone for a minute")
        self.pass_time(minutes=2)
        self.assertEqual(len(self.sent), 3)
        self.assertFalse(self.env["flow.mail.outage"].search([]))

    def test_responsible_is_told_when_the_server_stays_away(self):
        def away(*_args, **_kwargs):
            raise UserError(self.env._("The server is archived."))

        with patch.object(deliver.Courier, "session", away):
            self.launch()
            for _failure in range(deliver.TELL_AFTER):
                self.pass_time(minutes=20)
        self.assertIn("archived", self.campaign.problem)
        self.assertEqual(self.steps(self.ann).wait_reason, "server")
        self.pass_time(minutes=20)
        self.assertEqual(len(self.sent), 3)
        self.assertFalse(self.campaign.problem)
        self.assertFalse(self.steps(self.ann).wait_reason)

    def test_letter_that_cannot_be_sent_does_not_stop_the_others(self):
        envelope = seal.Sealer.envelope

        def poisoned(sealer, one, session):
            if one.email == "ann@example.com":
                raise AssertionError("no valid address")
            return envelope(sealer, one, session)

        with patch.object(seal.Sealer, "envelope", poisoned):
            self.launch()
        self.assertEqual(len(self.sent), 2)
        step = self.steps(self.ann)
        self.assertEqual((step.status, step.reason), ("failed", "no valid address"))
        self.assertEqual(self.attempts(), ["failed"])

    def test_worker_that_is_gone_leaves_what_it_was_sending_uncertain(self):
        with patch.object(delivery_log.DeliveryLog, "_finish", lambda _log: [SQL("SELECT 1")]):
            self.launch()
        self.assertEqual(set(self.campaign.participant_ids.step_ids.mapped("status")), {"sending"})
        self.run_engine()
        self.assertEqual(
            set(self.campaign.participant_ids.step_ids.mapped("status")), {"uncertain"}
        )
        self.assertFalse(self.sent)

    def test_opted_out_of_the_lists_of_the_audience(self):
        self.audience.mailing_list_ids = self.hot_list
        contact = self.env["mailing.contact"].create(
            {
                "name": "Ann",
                "email": "ann@example.com",
                "subscription_ids": [
                    Command.create({"list_id": self.hot_list.id, "opt_out": True})
                ],
            }
        )
        self.assertTrue(contact)
        self.launch()
        self.assertEqual(len(self.sent), 2)
        self.assertEqual(self.steps(self.ann).reason, "Opted Out")

    def test_who_is_still_on_one_of_the_lists_has_not_left(self):
        """The field *Mailing Lists* of a contact writes no value for whether they have left."""
        other = self.env["mailing.list"].create({"name": "Other"})
        self.audience.mailing_list_ids = self.hot_list | other
        contact = self.env["mailing.contact"].create(
            {"name": "Ann", "email": "ann@example.com", "list_ids": (self.hot_list | other).ids}
        )
        contact.subscription_ids[0].opt_out = True
        self.launch()
        self.assertEqual(self.steps(self.ann).status, "done")

    def test_placeholders_for_template_editors_only(self):
        body = "<p><t t-out=\"env['res.users'].search([]).mapped('login')\"/></p>"
        with self.assertRaises(AccessError):
            self.invitation.mailing_id.with_user(self.user).body_html = body
        self.invitation.mailing_id.sudo().body_html = body
        self.launch()
        self.assertFalse(self.sent)
        self.pass_time(hours=1)
        self.assertIn("template", self.steps(self.ann).reason)

    def test_message_is_the_one_that_odoo_would_send(self):
        mailing = self.invitation.mailing_id
        mailing.write(
            {
                "preview": "In short",
                "body_html": "<div><h1>Dear <t t-out='object.name'>you</t></h1>"
                '<p>See <a href="https://shop.example/offer">our offer</a> or '
                '<a href="/unsubscribe_from_list">leave</a>, <a href="/view">view</a>.</p></div>',
                "attachment_ids": [
                    Command.create(
                        {"name": "plan.txt", "raw": b"the plan", "mimetype": "text/plain"}
                    )
                ],
            }
        )
        twin = mailing.copy({"flow_campaign_id": False, "subject": mailing.subject})
        twin.attachment_ids = mailing.attachment_ids.copy()
        self.launch()
        with self.mock_mail_gateway():
            twin.with_user(self.user).sudo().action_send_mail(self.partners.ids)
            self.env["mail.mail"].search([("mailing_id", "=", twin.id)]).send()
            built = {mail["email_to"][0]: mail["EmailMessage"] for mail in self._mails}
        self.assertEqual((len(self.sent), len(built)), (3, 3))
        for mail in self.sent:
            [message] = [built[to] for to in built if mail["email_to"][0] in to]
            theirs = message_from_bytes(bytes(message), policy=policy.default)
            self._assert_same(mail["message"], theirs)

    def _assert_same(self, ours, theirs):
        for header in ("Subject", "From", "To", "Reply-To", "Return-Path", "Precedence",
                       "List-Unsubscribe-Post", "X-Auto-Response-Suppress", "X-Odoo-Objects",
                       "MIME-Version", "Content-Type"):  # fmt: skip
            self.assertEqual(
                _plain(ours[header]), _plain(theirs[header]), f"the header {header} differs"
            )
        self.assertEqual(ours.keys(), theirs.keys())
        for kind in ("html", "plain"):
            self.assertEqual(self._text(ours, kind), self._text(theirs, kind))
        self.assertEqual(
            [(part.get_filename(), part.get_content()) for part in ours.iter_attachments()],
            [(part.get_filename(), part.get_content()) for part in theirs.iter_attachments()],
        )

    def test_addon_that_takes_part_in_building_is_asked_for_each_message(self):
        servers = type(self.env["ir.mail_server"])
        build = servers._build_email__

        def signed(servers, **values):
            message = build(servers, **values)
            message["X-Signed-For"] = values["email_to"][0]
            return message

        self.patch(servers, "_build_email__", signed)
        self.launch()
        self.assertEqual(len(self.sent), 3)
        for mail in self.sent:
            self.assertIn(mail["email_to"][0], mail["message"]["X-Signed-For"])

    def _text(self, message, kind):
        """Return the text with its addresses, but for what tells whose message it is."""
        text = message.get_body((kind,)).get_content()
        if kind == "html":
            root = lxml.html.fromstring(text)
            for node in root.xpath("//@href/.. | //@src/.."):
                for name in ("href", "src"):
                    if node.get(name):
                        node.set(name, _address(node.get(name)))
            text = lxml.html.tostring(root, encoding="unicode")
        else:
            text = " ".join(_address(word) for word in text.split())
        return " ".join(text.split())


def _plain(header):
    """Return a header without the boundary that is drawn for each message."""
    return str(header).split("boundary=")[0]


def _address(address):
    for kind in ("/r/", "/flow/click/", "/flow/open/", "/mail/track/", "/mailing/"):
        if kind in address:
            return {"/flow/click/": "/r/", "/flow/open/": "/mail/track/"}.get(kind, kind)
    return address
