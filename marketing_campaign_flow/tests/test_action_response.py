from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestActionResponse(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.called = cls.state("Called")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.called, "manual")
        cls.transition(cls.called, cls.over, "manual")

    def response(self, **values):
        return self.action(self.start, "response", **values)

    def test_event_says_what_happened_and_how_much(self):
        action = self.response(
            response_kind="call", response_text="Wants an offer", response_value=250
        )
        self.assertEqual(action.display_name, "Record a response: Call: Wants an offer")
        self.launch()
        event = self.participant(self.ann).event_ids
        self.assertEqual(
            (event.kind, event.detail, event.value), ("response", "Call: Wants an offer", 250)
        )
        self.assertEqual((event.step_id, event.state_id), (self.steps(self.ann), self.start))
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertEqual(len(self.campaign.participant_ids.event_ids), 3)

    def test_way_out_waits_for_it(self):
        self.response(response_kind="meeting", response_value=5, timing="delay", delay_value=1)
        wanted = {"event_kind": "response", "event_detail": "Meeting*", "sequence": 1}
        self.transition(self.start, self.over, "event", event_least=6, **wanted)
        self.transition(self.start, self.called, "event", event_least=5, **wanted)
        self.launch()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.pass_time(days=1, minutes=1)
        self.assertEqual(self.state_of(self.ann), "Called")

    def test_it_is_told_in_the_timeline(self):
        self.response(response_kind="visit", response_text="At the fair")
        self.launch()
        told = [entry.reason for entry in self.participant(self.ann)._timeline()]
        self.assertIn("Visit: At the fair", told)

    def test_nothing_to_record_is_not_complete(self):
        self.response(response_kind=False)
        with self.assertRaisesRegex(UserError, "not complete"):
            self.launch()

    def test_statements_do_not_grow_with_the_contacts(self):
        action = self.response(timing="delay")
        self.launch()
        everybody = self.campaign.participant_ids.step_ids
        counts = []
        for steps in (everybody[:1], everybody[1:]):
            before = self.env.cr.sql_log_count
            action._run(steps)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
