"""What a campaign has brought, counted by hand and as the campaign counts it."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..engine import database_clock
from .test_holdout import PEOPLE, HoldoutCase


@tagged("post_install", "-at_install")
class TestEffect(HoldoutCase):
    def effect(self, outcome, who="treated", arm=False):
        return self.campaign.effect_ids.filtered(
            lambda one: (one.outcome, one.who, one.arm) == (outcome, who, arm)
        )

    def measure(self):
        self.campaign.with_user(self.user).action_measure_effect()
        self.env.invalidate_all()

    def test_goals_in_both_groups(self):
        self.launch()
        treated, held_out = self.treated(), self.held_out()
        self.tell(self.contacts(treated[:30] + held_out[:3]))
        self.tell(self.contacts(treated[:5]))  # once for each person
        self.tell(self.contacts(treated[40:50]), "something else")
        self.run_engine()
        self.measure()
        base, found = self.effect("goal", "held_out"), self.effect("goal")
        self.assertEqual((base.people, base.total), (len(held_out), 3))
        self.assertEqual((found.people, found.total), (len(treated), 30))
        rates = 30 / len(treated), 3 / len(held_out)
        self.assertAlmostEqual(found.difference, rates[0] - rates[1], 6)
        self.assertAlmostEqual(found.relative, rates[0] / rates[1] - 1, 6)
        self.assertAlmostEqual(found.incremental, 30 - 3 * len(treated) / len(held_out), 4)
        self.assertTrue(found.low < found.difference < found.high)
        self.assertTrue(found.is_few)
        self.assertIn("more per 100 people than no message", found.sentence)
        self.assertIn(found.sentence, self.campaign.effect_in_words)

    def test_only_what_happens_in_time_counts(self):
        self.campaign.effect_days = 2
        self.launch()
        pair = self.contacts(self.treated()[:1] + self.held_out()[:1])
        self.pass_time(days=3)
        self.tell(pair)
        self.measure()
        self.assertFalse(self.effect("goal").total + self.effect("goal", "held_out").total)

    def test_responses_with_clicks(self):
        self.campaign.write(
            {
                "effect_event_kind": "custom",
                "effect_event_detail": "visit*",
                "effect_clicks": True,
            }
        )
        self.launch()
        treated, held_out = self.treated(), self.held_out()
        traces = self.env["mailing.trace"].search(
            [("flow_step_id.participant_id", "in", treated[:12].ids)]
        )
        self.env["flow.event"]._record_for_traces("clicked", traces)
        self.tell(self.contacts(treated[10:15] + held_out[:4]), "Visit of the shop")
        self.run_engine()
        self.measure()
        self.assertEqual(self.effect("response").total, 15)
        self.assertEqual(self.effect("response", "held_out").total, 4)

    def test_clicks_alone_are_no_response(self):
        with self.assertRaises(ValidationError):
            self.campaign.effect_clicks = True

    def test_each_email_and_each_version_is_a_group(self):
        other = self.invitation.mailing_id.copy({"subject": "Another"})
        self.env["flow.email.variant"].create(
            {"action_id": self.invitation.id, "arm": "B", "mailing_id": other.id}
        )
        self.invitation.test_end = "never"
        self.launch()
        treated = self.treated()
        letters = {step.participant_id: step.arm for step in treated.step_ids}
        second = treated.filtered(lambda run: letters[run] == "B")
        self.tell(self.contacts(second[:7]))
        self.run_engine()
        self.measure()
        found = self.effect("goal", "email", "B")
        self.assertEqual((found.people, found.total), (len(second), 7))
        self.assertEqual(self.effect("goal", "email", "A").total, 0)
        self.assertIn("version B", found.group_in_words)
        people = found.with_user(self.user).action_view_people()["domain"]
        self.assertEqual(self.env["flow.participant"].search(people), second.sorted(reverse=True))

    def test_every_figure_is_the_people_behind_it(self):
        self.launch()
        self.measure()
        for found in self.campaign.effect_ids:
            domain = found.action_view_people()["domain"]
            people = self.env["flow.participant"].with_user(self.user).search_count(domain)
            self.assertEqual(people, found.people, found.group_in_words)

    def test_who_came_in_by_hand_is_not_compared(self):
        self.launch()
        self.env["flow.enrolment"].create(
            {"campaign_id": self.campaign.id, "partner_id": self.ann.id}
        )
        self.run_engine()
        self.tell(self.ann)
        self.measure()
        self.assertEqual(self.effect("goal").people, len(self.treated()))
        self.assertEqual(self.effect("goal").total, 0)

    def test_nobody_held_out_says_so(self):
        self.campaign.holdout_share = 0
        self.launch()
        with self.assertRaisesRegex(UserError, "Nobody is held out"):
            self.campaign.action_measure_effect()

    def test_who_is_still_being_measured_is_counted(self):
        self.launch()
        self.measure()
        self.assertEqual(self.campaign.effect_open_count, PEOPLE)
        self.pass_time(days=15)
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *_a, **_k: 60):
            self.env["flow.campaign"]._cron_measure_effect()
        self.assertEqual(self.campaign.effect_open_count, 0)
        self.assertEqual(
            self.campaign.effect_measured_at.date(), database_clock.now(self.env).date()
        )

    def test_nothing_is_said_of_what_nobody_did(self):
        self.launch()
        self.measure()
        self.assertEqual(self.effect("goal").value_in_words, "0.00 %")
        self.assertEqual(self.effect("goal").relative_in_words, "n/a")
        self.assertFalse(self.campaign.effect_in_words)

    def test_nobody_writes_what_was_measured(self):
        self.launch()
        self.measure()
        with self.assertRaises(AccessError):
            self.effect("goal").with_user(self.user).write({"total": 1000})

    def test_number_of_statements_does_not_grow(self):
        self.launch()
        counts = []
        for people in (self.people[:10], self.people):
            self.tell(people)
            self.run_engine()
            self.measure()
            self.measure()  # a second time: what is kept in memory is there
            before = self.cr.sql_log_count
            self.campaign._measure_effect()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
