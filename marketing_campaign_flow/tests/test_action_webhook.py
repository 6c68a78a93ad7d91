"""Webhooks through the engine; what leaves goes to a receiver of the test's."""

import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..engine import call, call_log, webhook_client
from ..engine.settings import WEBHOOKS_ALLOWED
from ..engine.webhook_client import Reply, signed
from ..engine.webhook_error import WebhookError
from .common import FlowCase

URL = "https://hooks.example.com/campaign"


@tagged("post_install", "-at_install")
class TestWebhook(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.way = cls.transition(cls.start, cls.over, "done")
        cls.env["ir.config_parameter"].set_param("database.is_neutralized", False)

    def setUp(self):
        super().setUp()
        self.calls, self.replies = [], []
        self.patch(webhook_client, "send", self.receive)

    def receive(self, request, allowed=(), seconds=0):
        """The receiver: says 200 but where `replies` has something else, in order."""
        self.calls.append(request)
        reply = self.replies.pop(0) if self.replies else Reply(200, "thanks")
        if isinstance(reply, Exception):
            raise reply
        return reply

    def webhook(self, owner=None, **values):
        return self.action(owner or self.start, "webhook", **{"webhook_url": URL, **values})

    def only_ann(self):
        self.audience.partner_ids = self.ann

    def told(self):
        return [json.loads(request.body) for request in self.calls]

    def keys(self):
        return [dict(request.own_headers)["Idempotency-Key"] for request in self.calls]

    # -- what is called ----------------------------------------------------------------------

    def test_everybody_is_called_about_once(self):
        self.webhook()
        self.launch()
        self.assertEqual(
            {told["contact"]["email"] for told in self.told()},
            {"ann@example.com", "bob@example.com", "cleo@example.com"},
        )
        self.assertEqual(len(set(self.keys())), 3)
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_content_has_plain_values(self):
        self.only_ann()
        self.ann.write({"name": 'Ann "A" \\ Ö', "country_id": self.env.ref("base.it").id})
        action = self.webhook()
        self.launch()
        [told] = self.told()
        self.assertEqual(told["contact"]["name"], 'Ann "A" \\ Ö')
        self.assertEqual(told["contact"]["country"], "Italy")
        self.assertIsNone(told["contact"]["city"])
        self.assertEqual(told["campaign"]["name"], "Invitation")
        self.assertEqual(told["state"], {"key": "start", "name": "Start"})
        self.assertEqual(told["step"], {"key": action.key})
        self.assertIs(told["test"], False)

    def test_headers_and_signature(self):
        self.only_ann()
        action = self.webhook(webhook_headers="Authorization: Bearer x\n\nX-Shop:  12")
        self.launch()
        [request] = self.calls
        self.assertEqual(
            request.headers,
            (
                ("Content-Type", "application/json"),
                ("Authorization", "Bearer x"),
                ("X-Shop", "12"),
            ),
        )
        self.assertEqual(request.secret, action.webhook_secret)
        self.assertIn("sha256=", dict(signed(request, 1))["X-Campaign-Flow-Signature"])

    def test_get_has_no_content(self):
        self.only_ann()
        self.webhook(webhook_method="GET", webhook_body="not looked at {{")
        self.launch()
        self.assertEqual((self.calls[0].method, self.calls[0].body), ("GET", b""))

    def test_number_of_statements_does_not_depend_on_the_number_of_contacts(self):
        action = self.webhook()
        self.transition(self.start, self.over, "manual")
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(40)]
        )
        self.audience.partner_ids |= partners
        self.campaign.action_launch()
        with patch.object(call, "call", lambda *_args, **_options: 0):
            self.run_engine()
        steps = self.campaign.participant_ids.step_ids.sudo(False).with_user(self.user)
        self.assertEqual(len(steps), 43)
        counts = []
        for batch in (steps[:2], steps[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            action.with_user(self.user)._calls(batch)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    # -- what becomes of it ------------------------------------------------------------------

    def test_busy_receiver_is_called_again_with_the_same_key(self):
        self.only_ann()
        self.webhook()
        self.replies = [Reply(503, "busy"), WebhookError("slow", "hooks.example.com", again=True)]
        self.launch()
        step = self.steps(self.ann)
        self.assertEqual((step.status, step.attempts), ("scheduled", 1))
        self.assertEqual(step.reason, "The receiver answered 503 busy")
        self.pass_time(seconds=50)
        self.assertEqual(len(self.calls), 1)
        self.pass_time(seconds=20)
        self.assertEqual(step.reason, "hooks.example.com did not answer within 10 seconds.")
        self.pass_time(minutes=3)
        self.assertEqual((step.status, step.attempts, step.reason), ("done", 3, False))
        self.assertEqual(len(set(self.keys())), 1)
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_receiver_that_names_a_time_is_left_alone_so_long(self):
        self.only_ann()
        self.webhook()
        self.replies = [Reply(429, retry_after=1800), Reply(429, retry_after=10**9)]
        self.launch()
        self.pass_time(minutes=29)
        self.assertEqual(len(self.calls), 1)
        self.pass_time(minutes=2)
        self.assertEqual(len(self.calls), 2)
        self.pass_time(hours=5)  # within bounds
        self.assertEqual(len(self.calls), 3)

    def test_receiver_that_refuses_is_not_asked_again(self):
        self.webhook()
        self.replies = [Reply(404, "no such hook")] * 3
        self.launch()
        step = self.steps(self.ann)
        self.assertEqual(
            (step.status, step.reason), ("failed", "The receiver answered 404 no such hook")
        )
        self.pass_time(days=2)
        self.assertEqual(len(self.calls), 3)
        step.action_retry()
        self.run_engine()
        self.assertEqual(step.status, "done")

    def test_no_answer_for_long_is_parked(self):
        self.only_ann()
        self.webhook()
        self.replies = [Reply(500)] * 50
        self.launch()
        for _hour in range(24):
            self.pass_time(hours=5)
        self.assertEqual(len(self.calls), call_log.MAX_ATTEMPTS)
        self.assertEqual(self.steps(self.ann).status, "failed")

    def test_content_that_breaks_for_one_does_not_stop_the_others(self):
        self.webhook(webhook_body='{"share": {{ 1 / contact.city | length }} }')
        (self.ann | self.bob).city = "Rome"
        self.launch()
        self.assertEqual(len(self.calls), 2)
        self.assertEqual(self.steps(self.cleo).status, "failed")
        self.assertIn("cannot be worked out", self.steps(self.cleo).reason)

    def test_call_that_breaks_in_an_unforeseen_way_is_made_again(self):
        self.only_ann()
        self.webhook()
        self.replies = [ZeroDivisionError("oops")]
        with self.assertLogs("odoo.addons.marketing_campaign_flow.engine.call", "WARNING"):
            self.launch()
        self.assertEqual(self.steps(self.ann).reason, "oops")
        self.pass_time(minutes=2)
        self.assertEqual(self.steps(self.ann).status, "done")

    def test_pause_in_the_midst_holds_the_next_calls(self):
        self.webhook()
        self.env["ir.config_parameter"].set_param("marketing_campaign_flow.calls_in_flight", 1)

        def pause_after_the_first(*_args, **_options):
            self.calls.append(None)
            self.campaign.status = "paused"
            self.env.flush_all()
            return Reply(200)

        with patch.object(webhook_client, "send", pause_after_the_first):
            self.launch()
        self.assertEqual(len(self.calls), 1)
        steps = self.campaign.participant_ids.step_ids
        self.assertEqual(sorted(steps.mapped("status")), ["done", "scheduled", "scheduled"])
        self.assertFalse(any(steps.mapped("claimed_by")))
        self.campaign.action_resume()
        self.run_engine()
        self.assertEqual(set(steps.mapped("status")), {"done"})

    def test_participant_that_has_gone_is_not_called_about_again(self):
        self.only_ann()
        reading = self.state("Reading")
        self.transition(self.start, reading, "manual")
        self.transition(reading, self.over, "timeout", delay_value=9)
        self.webhook()
        self.replies = [Reply(500)]
        receive = self.receive

        def leave(*args, **options):
            self.participant(self.ann).action_move(reading.id)
            self.env.flush_all()
            return receive(*args, **options)

        self.env["ir.config_parameter"].set_param("marketing_campaign_flow.calls_in_flight", 1)
        with (
            patch.object(call, "_make", lambda prepared: prepared()),
            patch.object(webhook_client, "send", leave),
        ):
            self.launch()
        self.assertEqual(self.steps(self.ann).status, "cancelled")

    def test_campaign_that_is_stopped_in_the_midst_calls_nobody_again(self):
        self.webhook()
        self.env["ir.config_parameter"].set_param("marketing_campaign_flow.calls_in_flight", 1)

        def stop(*_args, **_options):
            self.calls.append(None)
            self.campaign.action_stop()
            self.env.flush_all()
            return Reply(500)

        with patch.object(webhook_client, "send", stop):
            self.launch()
        self.assertEqual(len(self.calls), 1)
        steps = self.campaign.participant_ids.step_ids
        self.assertEqual(set(steps.mapped("status")), {"cancelled"})

    def test_action_becomes_a_webhook_in_a_new_version(self):
        action = self.action(
            self.start,
            "subscription",
            mailing_list_id=self.hot_list.id,
            timing="delay",
            delay_value=2,
        )
        self.launch()
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id.action_ids
        draft.write({"kind": "webhook", "webhook_url": URL})
        self.campaign._publish_draft({})
        self.pass_time(days=2, minutes=1)
        self.assertEqual(len(self.calls), 3)
        self.assertEqual(self.steps(self.ann).action_id, draft)
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertNotEqual(draft, action)

    def test_worker_that_is_gone_has_its_calls_made_again(self):
        self.webhook()
        with patch.object(call_log.CallLog, "keep", lambda *_args: None):
            self.launch()
        steps = self.campaign.participant_ids.step_ids
        self.assertEqual(set(steps.mapped("status")), {"sending"})
        self.run_engine()
        self.assertEqual(set(steps.mapped("status")), {"done"})
        self.assertEqual(sorted(self.keys()), sorted(2 * list(set(self.keys()))))

    def test_opening_hours_hold(self):
        self.only_ann()
        days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        self.webhook(
            use_window=True, hour_from=9, hour_to=9.5, timing="delay", delay_value=0,
            **dict.fromkeys(days, True),
        )  # fmt: skip
        self.campaign.action_launch()
        self.run_engine()
        for _half_hour in range(49):
            self.pass_time(minutes=30)
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertEqual(len(self.calls), 1)

    def test_many_failures_trip_the_breaker(self):
        self.webhook()
        self.replies = [Reply(500)] * 1000
        self.audience.partner_ids |= self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(150)]
        )
        self.launch()
        self.assertEqual(self.campaign.status, "paused")

    def test_copy_of_a_database_for_tests_calls_nobody(self):
        self.only_ann()
        action = self.webhook()
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.launch()
        self.assertFalse(self.calls)
        self.assertIn("copy for tests", self.steps(self.ann).reason)
        with self.assertRaises(UserError):
            action._try_webhook()

    # -- what is refused when it is designed -------------------------------------------------

    def test_wrong_addresses_are_refused(self):
        for url in (
            "hooks.example.com",
            "ftp://hooks.example.com/",
            "http://user:pass@hooks.example.com/",
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://93.184.216.34:25/",
        ):
            with self.assertRaises(ValidationError, msg=url):
                self.webhook(webhook_url=url)

    def test_administrator_allows_addresses(self):
        self.env["ir.config_parameter"].set_param(WEBHOOKS_ALLOWED, "127.0.0.1:25 10.1.0.0/16")
        self.webhook(webhook_url="http://127.0.0.1:25/")
        self.webhook(webhook_url="http://10.1.2.3/")
        with self.assertRaises(ValidationError):
            self.webhook(webhook_url="http://127.0.0.1/")

    def test_settings_take_hosts_and_networks_only(self):
        settings = self.env["res.config.settings"]
        settings.create(
            {"flow_webhooks_allowed": "hooks.internal [::1]:8080 10.1.0.0/16"}
        ).execute()
        self.webhook(webhook_url="http://10.1.2.3/")
        for wrong in ("http://hooks.internal", "10.1.0.0/33", "a b@c", "x:0", "127.1"):
            with self.assertRaises(ValidationError, msg=wrong):
                settings.create({"flow_webhooks_allowed": wrong})

    def test_content_that_cannot_become_json_is_refused(self):
        for body, reason in (
            ('{"name": "{{ contact.name }}"}', "tojson"),
            ("{{ contact.nmae | tojson }}", "nmae"),
            ("{{ contact.name", "line 1"),
            ("{{ contact.name.__class__ }}", "__class__"),
            ("{% for n in range(9) %}1{% endfor %}", "range"),
            ("", "JSON"),
        ):
            with self.assertRaisesRegex(ValidationError, reason):
                self.webhook(webhook_body=body)

    def test_headers_of_the_call_itself_are_refused(self):
        for header in (
            "Host: intranet",
            "Idempotency-Key: 1",
            "X-Campaign-Flow-Signature: mine",
            "no header",
            "Transfer-Encoding: chunked",
            "X-A: ü",
        ):
            with self.assertRaises(ValidationError, msg=header):
                self.webhook(webhook_headers=header)

    # -- secret and rights -------------------------------------------------------------------

    def test_secret_is_for_managers_and_stays_with_copies(self):
        action = self.webhook()
        other = self.webhook()
        self.assertGreaterEqual(len(action.webhook_secret), 32)
        self.assertNotEqual(action.webhook_secret, other.webhook_secret)
        with self.assertRaises(AccessError):
            action.with_user(self.user).read(["webhook_secret"])
        self.launch()
        self.campaign.with_user(self.user).action_edit_workflow()
        twin = self.campaign.draft_workflow_id.action_ids.filtered(lambda a: a.key == action.key)
        self.assertEqual(twin.webhook_secret, action.webhook_secret)
        self.assertFalse(self.campaign.workflow_id._changes_to(self.campaign.draft_workflow_id))

    def test_secret_of_a_running_campaign_can_be_replaced(self):
        self.only_ann()
        action = self.webhook(timing="delay", delay_value=1)
        self.launch()
        action.webhook_secret = "new"  # noqa: S105 (of the test)
        self.pass_time(days=1, minutes=1)
        self.assertEqual(self.calls[0].secret, "new")
        with self.assertRaises(UserError):
            action.webhook_url = "https://elsewhere.example.com/"

    def test_campaign_user_designs_a_webhook(self):
        action = self.env["flow.action"].with_user(self.user)
        made = action.create({"state_id": self.start.id, "kind": "webhook", "webhook_url": URL})
        self.assertTrue(made.sudo().webhook_secret)
        with Form(made, "marketing_campaign_flow.flow_action_view_form") as form:
            form.webhook_method = "PUT"
        self.assertEqual(made.display_name, f"Call a webhook: PUT {URL}")
        self.assertEqual(made.icon, "fa-plug")

    def test_webhook_without_url_is_not_complete(self):
        self.webhook(webhook_url=False)
        with self.assertRaisesRegex(UserError, "not complete"):
            self.campaign.action_launch()

    # -- trying ------------------------------------------------------------------------------

    def try_it(self, action, **values):
        context = action.action_try_webhook()["context"]
        wizard = self.env["flow.webhook.try"].with_user(self.user).with_context(**context)
        wizard = wizard.create(values)
        wizard.action_try()
        return wizard

    def test_try_shows_what_came_back(self):
        self.replies = [Reply(418, "I am a teapot" * 100)]
        wizard = self.try_it(self.webhook())
        self.assertEqual((wizard.status, wizard.is_done), (418, False))
        self.assertEqual(len(wizard.answer), 500)
        [told] = self.told()
        self.assertIs(told["test"], True)
        self.assertEqual(told["contact"]["email"], "ann@example.com")
        self.assertEqual(dict(self.calls[0].own_headers)["X-Campaign-Flow-Test"], "1")
        self.assertTrue(self.keys()[0].startswith("test-"))

    def test_the_dialog_says_what_it_calls_and_asks_for_whom(self):
        action = self.webhook()
        dialog = Form(
            self.env["flow.webhook.try"]
            .with_user(self.user)
            .with_context(**action.action_try_webhook()["context"])
        )
        self.assertEqual(dialog.webhook_url, action.webhook_url)
        dialog.partner_id = self.bob  # refused where the form does not show it
        self.assertEqual(dialog.save().action_id, action)

    def test_try_with_a_contact(self):
        wizard = self.try_it(self.webhook(), partner_id=self.bob.id)
        self.assertTrue(wizard.is_done)
        self.assertEqual(self.told()[0]["contact"]["email"], "bob@example.com")

    def test_try_says_why_it_cannot_call(self):
        self.replies = [WebhookError("address", "10.0.0.1")]
        with self.assertRaisesRegex(UserError, "10.0.0.1 is not public"):
            self.try_it(self.webhook())

    def test_stranger_cannot_try(self):
        action = self.webhook()
        stranger = new_test_user(self.env, "no_marketing", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["flow.webhook.try"].with_user(stranger).create({"action_id": action.id})
