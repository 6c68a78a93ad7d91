from datetime import timedelta

from odoo.tests import tagged

from ..engine import database_clock
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestTimeline(FlowCase):
    """Everything that happened to a participant can be read, with the reasons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sending, cls.follow_up = cls.phases[1:3]
        cls.start = cls.state("Invited", "start", phase=cls.sending)
        cls.talk = cls.state("Talk", phase=cls.follow_up)
        cls.reminded = cls.state("Reminded")
        cls.over = cls.state("Over", "done")
        cls.letter = cls.email(cls.start, "Invitation")
        cls.opened = cls.transition(
            cls.start,
            cls.talk,
            "event",
            sequence=1,
            event_kind="opened",
            event_action_id=cls.letter.id,
            reason="Shows interest",
        )
        cls.transition(cls.start, cls.reminded, "timeout", sequence=2)
        cls.transition(cls.reminded, cls.over, "manual")
        cls.transition(cls.talk, cls.over, "done")

    def go_to(self, moment):
        distance = database_clock.datetime.fromisoformat(moment) - database_clock.now(self.env)
        database_clock.move(self.env, distance.total_seconds())

    def story(self, contact, user=None):
        participant = self.participant(contact).with_user(user or self.user)
        participant.invalidate_recordset()
        return [(entry.kind, entry.text, entry.reason) for entry in participant._timeline()]

    def test_from_the_door_to_the_next_door(self):
        self.go_to("2031-01-06 09:00")
        self.launch()
        self.assertEqual(
            self.story(self.ann),
            [
                ("started", "Came into the campaign", ""),
                ("waits", "Waits for the phase “Sending” to open", "The phase opens: By hand"),
            ],
        )
        self.pass_time(hours=1)
        self.campaign.action_next_phase()
        self.run_engine()
        self.pass_time(hours=1)
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.assertEqual(
            self.story(self.ann),
            [
                ("started", "Came into the campaign", ""),
                ("entered", "Entered “Invited”", ""),
                ("done", "Send email: Invitation: Done", ""),
                ("event", "Email opened: “Invitation”", ""),
                (
                    "held",
                    "Came to the door of “Talk”, which is closed",
                    "Email opened: Shows interest",
                ),
                ("waits", "Waits for the phase “Follow-up” to open", "The phase opens: By hand"),
            ],
        )
        self.campaign.action_next_phase()
        self.run_engine()
        self.assertEqual(
            self.story(self.ann)[5:],
            [
                ("entered", "Entered “Talk”", "The phase has opened"),
                ("entered", "Entered “Over”", "When done"),
                ("ended", "Left the campaign", "Finished"),
            ],
        )
        moments = [entry.moment for entry in self.participant(self.ann)._timeline()]
        self.assertEqual(moments, sorted(moments))

    def test_a_door_that_is_reached_at_once_comes_after_the_state_before_it(self):
        self.go_to("2031-01-06 09:00")
        self.start.phase_id = False
        self.opened.write({"trigger": "done", "event_kind": False, "event_action_id": False})
        self.start.action_ids.unlink()
        self.launch()
        texts = [text for _kind, text, _reason in self.story(self.ann)]
        self.assertEqual(
            texts[1:3], ["Entered “Invited”", "Came to the door of “Talk”, which is closed"]
        )

    def test_waits_for_a_reaction_or_until_a_moment(self):
        self.campaign.phase_id = self.follow_up
        self.go_to("2031-01-06 09:00")
        self.launch()
        [*_past, waits] = self.story(self.ann)
        self.assertEqual(waits[0], "waits")
        self.assertIn("Waits for a reaction: Email opened (“Invitation”), or until ", waits[1])
        self.assertRegex(waits[1], "1/9/31, 10:0[01]")

    def test_paused_campaign_is_the_reason(self):
        self.campaign.phase_id = self.follow_up
        self.launch()
        self.campaign.action_pause()
        self.assertEqual(self.story(self.ann)[-1][1], "Waits: the campaign is paused")

    def test_step_waits_for_the_hours_of_its_action(self):
        self.letter.write({"use_window": True})
        self.campaign.phase_id = self.follow_up
        self.go_to("2031-01-04 12:00")  # a Saturday
        self.launch()
        step = self.steps(self.ann)
        self.assertEqual((step.status, step.wait_reason), ("scheduled", "hours"))
        scheduled, _waits = self.story(self.ann)[-2:]
        self.assertEqual(
            scheduled,
            (
                "scheduled",
                "Send email: Invitation: Scheduled",
                "Outside the hours of the action",
            ),
        )
        self.go_to("2031-01-06 08:01")
        self.run_engine()
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertIn(("done", "Send email: Invitation: Done", ""), self.story(self.ann))

    def test_step_within_its_hours_waits_for_nothing(self):
        self.letter.write({"use_window": True, "timing": "delay", "delay_value": 1})
        self.campaign.phase_id = self.follow_up
        self.go_to("2031-01-06 10:00")  # a Monday
        self.launch()
        self.assertFalse(self.steps(self.ann).wait_reason)

    def test_move_by_hand_names_the_person(self):
        self.campaign.phase_id = self.sending
        self.launch()
        self.participant(self.ann).with_user(self.user).action_move(self.reminded.id)
        self.assertIn(
            ("entered", "Entered “Reminded”", f"Moved by {self.user.name}"), self.story(self.ann)
        )
        self.assertEqual(self.story(self.ann)[-1][1], "Waits for someone to move it by hand")

    def test_what_was_left_out_or_cancelled_says_why(self):
        self.email(self.start, "Second", timing="delay", delay_value=5)
        self.campaign.phase_id = self.follow_up
        self.env["mail.blacklist"]._add("bob@example.com")
        self.launch()
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.assertIn(
            (
                "cancelled",
                "Send email: Second: Cancelled",
                "The state was left before it was due",
            ),
            self.story(self.ann),
        )
        self.assertIn(
            ("skipped", "Send email: Invitation: Skipped", "Blacklisted Address"),
            self.story(self.bob),
        )

    def test_second_run_says_so(self):
        self.campaign.phase_id = self.follow_up
        self.launch()
        first = self.participant(self.ann)
        first.action_take_out()
        first.action_put_back()
        self.run_engine()
        second = self.participant(self.ann) - first
        self.assertEqual(second._timeline()[0].reason, "Run 2")
        self.assertEqual(first._timeline()[-1].reason, "Taken out")

    def test_each_kind_of_way_out_says_what_it_waits_for(self):
        date = database_clock.now(self.env) + timedelta(days=9)
        for values, words in (
            ({"trigger": "done"}, "for all actions to be done"),
            ({"trigger": "manual"}, "for someone to move it by hand"),
            (
                {"trigger": "condition", "condition": "[('name', '=', 'X')]"},
                "for the contact to match a filter",
            ),
            (
                {"trigger": "result", "result_metric": "goal_share"},
                "until “Share who reached a goal ≥ 25 %” holds",
            ),
            (
                {"trigger": "timeout", "after_action_id": self.letter.id},
                "for “Send email: Invitation” to run",
            ),
            ({"trigger": "event", "event_kind": "replied"}, "for a reaction: Email replied to"),
        ):
            way = self.transition(self.start, self.over, **values)
            self.assertEqual(way._waits_in_words(), words)
        dated = self.transition(self.start, self.over, "date", date_at=date.replace(microsecond=0))
        self.assertRegex(dated._waits_in_words(), "^until ")

    def test_form_shows_the_timeline(self):
        self.ann.name = "<b>Ann</b>"
        self.letter.mailing_id.subject = "<i>Invitation</i>"
        self.campaign.phase_id = self.follow_up
        self.launch()
        lines = self.participant(self.ann).with_user(self.user).timeline
        texts = [line["text"] for line in lines]
        self.assertIn("Entered “Invited”", texts)
        # As it was written: the screen shows it as text, see `participant_timeline.test.js`.
        self.assertIn("Send email: <i>Invitation</i>: Done", texts)
        self.assertTrue(all(line["day"] and line["time"] for line in lines[:-1]))

    def test_list_asks_the_same_however_many_there_are(self):
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(30)]
        )
        self.audience.partner_ids += people
        self.campaign.phase_id = self.follow_up
        self.launch()
        domain = [("campaign_id", "=", self.campaign.id)]
        counts = []
        for limit in (2, None):
            some = self.env["flow.participant"].search(domain, limit=limit)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("waits_for")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
