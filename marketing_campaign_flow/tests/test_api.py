"""The endpoint for other programs, over real HTTP with a real API key."""

import json
from datetime import datetime, timedelta, timezone

from odoo.tests import BaseCase, HttpCase, new_test_user, tagged

from ..engine.told_events import MOST_EVENTS, RefusedError, parse
from .common import FlowCase

KINDS = ("custom", "response")
NOW = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)


@tagged("post_install", "-at_install")
class TestToldEvents(BaseCase):
    def parse(self, *events, key=None):
        return parse(json.dumps({"events": events}).encode(), key, KINDS, NOW)

    def problem(self, **event):
        with self.assertRaises(RefusedError) as caught:
            self.parse({"kind": "custom", "email": "a@example.com", **event})
        self.assertEqual(caught.exception.status, 422)
        return caught.exception.problems[0]["error"]

    def test_what_is_told_is_taken_over(self):
        [told] = self.parse(
            {
                "kind": "custom",
                "email": "Ann <ANN@example.com>",
                "detail": "quiz",
                "value": 3,
                "occurred_at": "2026-05-01T13:00:00+02:00",
            },
            key="batch",
        )
        self.assertEqual((told.email, told.detail, told.value), ("ann@example.com", "quiz", 3.0))
        self.assertEqual(told.occurred_at, datetime(2026, 5, 1, 11))
        self.assertEqual(told.key, "batch:0")

    def test_clock_of_the_sender_may_be_a_little_fast(self):
        [told] = self.parse(
            {"kind": "custom", "contact_id": 7, "occurred_at": "2026-05-01T12:03:00Z"}
        )
        self.assertEqual(told.occurred_at, datetime(2026, 5, 1, 12))

    def test_what_cannot_be_is_named(self):
        self.assertIn("kind", self.problem(kind="opened"))
        self.assertIn("kind", self.problem(kind=["custom"]))
        self.assertIn("either", self.problem(contact_id=1))
        self.assertIn("either", self.problem(email=None))
        self.assertIn("email", self.problem(email="nobody"))
        self.assertIn("email", self.problem(email=["a@example.com"]))
        self.assertIn("contact_id", self.problem(email=None, contact_id=True))
        self.assertIn("contact_id", self.problem(email=None, contact_id=2**40))
        self.assertIn("value", self.problem(value="3"))
        self.assertIn("value", self.problem(value=float("nan")))
        self.assertIn("value", self.problem(value=True))
        self.assertIn("value", self.problem(value=10**400))
        self.assertIn("detail", self.problem(detail="x" * 201))
        self.assertIn("url", self.problem(url="a\0b"))
        self.assertIn("occurred_at", self.problem(occurred_at="2026-05-01T12:00:00"))
        self.assertIn("occurred_at", self.problem(occurred_at="2026-05-01T12:10:00Z"))
        self.assertIn("occurred_at", self.problem(occurred_at="2026-03-01T12:00:00Z"))
        self.assertIn("occurred_at", self.problem(occurred_at=5))
        self.assertIn("Unknown: id", self.problem(id=5))

    def test_no_json_and_no_list_are_refused(self):
        for body in (b"", b"{", b"[]", b"7", b'{"events": {}}', b"\xff\xfe", b"[" * 100_000):
            with self.assertRaises(RefusedError) as caught:
                parse(body, None, KINDS)
            self.assertEqual(caught.exception.status, 400, body[:20])

    def test_too_many_are_refused(self):
        with self.assertRaises(RefusedError) as caught:
            self.parse(*[{}] * (MOST_EVENTS + 1))
        self.assertEqual(caught.exception.status, 413)


@tagged("post_install", "-at_install")
class TestApi(FlowCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.hot = cls.state("Hot", "goal")
        cls.transition(cls.start, cls.hot, "event", event_kind="custom", event_detail="quiz")
        cls.key = cls.key_of(cls.user)

    @classmethod
    def key_of(cls, user):
        keys = cls.env["res.users.apikeys"].with_user(user)
        return keys._generate(None, "test", datetime.now() + timedelta(days=1))

    def post(self, body, key=None, **headers):
        return self.url_open(
            "/flow/api/events",
            data=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {key or self.key}",
                "Content-Type": "application/json",
                **headers,
            },
        )

    def event(self, **values):
        return {"kind": "custom", "email": "ann@example.com", "detail": "quiz", **values}

    def test_event_moves_its_contact(self):
        self.launch()
        answer = self.post(
            {"events": [self.event(), self.event(contact_id=self.bob.id, email=None)]}
        )
        self.assertEqual((answer.status_code, answer.json()), (200, {"accepted": 2}))
        self.run_engine()
        self.assertEqual([self.state_of(p) for p in self.partners], ["Hot", "Hot", "Start"])

    def test_repeated_request_changes_nothing(self):
        self.launch()
        for _time in range(2):
            answer = self.post({"events": [self.event()]}, **{"Idempotency-Key": "7"})
            self.assertEqual(answer.json(), {"accepted": 1})
        self.assertEqual(len(self.participant(self.ann).event_ids), 1)

    def test_event_lets_in_once_however_often_it_is_told(self):
        self.campaign.audience_id = False
        self.campaign.reentry = "ended"
        self.env["flow.entry"].create({"campaign_id": self.campaign.id, "event_kind": "custom"})
        self.launch()
        for _time in range(2):
            self.post({"events": [self.event(key="a")]})
            self.run_engine()
            self.participant(self.ann)[:1]._end("done", datetime.now())
        self.assertEqual(len(self.participant(self.ann)), 1)

    def test_one_bad_event_keeps_all_out(self):
        self.launch()
        answer = self.post({"events": [self.event(), self.event(kind="opened")]})
        self.assertEqual(answer.status_code, 422)
        self.assertEqual(answer.json()["problems"][0]["index"], 1)
        self.assertFalse(self.participant(self.ann).event_ids)

    def test_answer_does_not_tell_who_is_known(self):
        self.launch()
        known = self.post({"events": [self.event()]})
        unknown = self.post({"events": [self.event(email="nobody@example.com")]})
        gone = self.post({"events": [self.event(contact_id=2**30, email=None)]})
        self.assertEqual(known.text, unknown.text)
        self.assertEqual(known.text, gone.text)

    def test_strangers_are_turned_away(self):
        other = new_test_user(self.env, "other", groups="base.group_user")
        self.assertEqual(self.post({"events": []}, key=self.key_of(other)).status_code, 403)
        self.assertEqual(self.post({"events": []}, key="wrong").status_code, 401)

    def test_malformed_and_oversized_requests_are_refused(self):
        self.assertEqual(self.post(b"{").status_code, 400)
        self.assertEqual(self.post(b" " * (1024 * 1024 + 1)).status_code, 413)

    def test_contacts_that_the_user_may_not_see_do_nothing(self):
        self.launch()
        self.env["ir.rule"].create(
            {
                "name": "No Ann",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.ann.id})]",
            }
        )
        self.post({"events": [self.event(contact_id=self.ann.id, email=None)]})
        self.assertFalse(self.participant(self.ann).event_ids)
