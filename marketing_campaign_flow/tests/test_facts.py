"""Facts: whoever writes the ledger, and however, they say what it says.

Every test that lives in `FlowCase` asks that at its end; those here also ask in between, and do
what nothing else does.
"""

from itertools import chain, repeat
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from ..engine import advance, fold, result, tick
from ..engine.handover import Receipt
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestFacts(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.italy = cls.env.ref("base.it")
        cls.ann.write({"country_id": cls.italy.id, "user_id": cls.user.id})
        cls.bob.country_id = cls.env.ref("base.de")
        cls.invited = cls.state("Invited", "start")
        cls.reminded = cls.state("Reminded")
        cls.hot = cls.state("Hot", "goal")
        cls.over = cls.state("Over", "done")
        cls.invitation = cls.email(cls.invited, "Invitation")
        cls.reminder = cls.email(cls.reminded, "Reminder")
        cls.add = cls.action(cls.reminded, "subscription", mailing_list_id=cls.hot_list.id)
        cls.clicked = cls.transition(
            None, cls.hot, "event", event_kind="clicked", event_action_id=cls.invitation.id
        )
        cls.silence = cls.transition(cls.invited, cls.reminded, "timeout", delay_value=1)
        cls.transition(cls.reminded, cls.over, "timeout", delay_value=1)

    def counted(self, metric, **keys):
        """Return a sum of facts; `state`, `action` and `transition` narrow it down."""
        domain = [("campaign_id", "=", self.campaign.id), ("metric", "=", metric)]
        domain += [(f"{name}_key", "=", part.key) for name, part in keys.items()]
        [(amount,)] = self.env["flow.fact"]._read_group(domain, [], ["amount:sum"])
        return amount or 0

    def unsubscribe(self, contact, action):
        # sudo: Odoo's page does it for whoever has the link
        self.env["flow.event"].sudo()._record_unsubscribed(action.mailing_id, contact.id)
        self.env["flow.event"].invalidate_model()

    def test_each_pass_of_the_engine_is_counted(self):
        self.launch()
        self.assert_counted()
        self.assertEqual(self.counted("started"), 3)
        self.assertEqual(self.counted("active", state=self.invited), 3)
        self.assertEqual(self.counted("step_done", action=self.invitation), 3)
        self.assertEqual(self.counted("sent", action=self.invitation), 3)
        self.env["flow.event"]._record_for_steps("clicked", self.steps(self.ann).ids)
        self.run_engine()
        self.assert_counted()
        self.assertEqual(self.counted("ended_goal", state=self.hot), 1)
        self.assertEqual(self.counted("passed", transition=self.clicked), 1)
        self.pass_time(days=1, minutes=2)
        self.assert_counted()
        self.assertEqual(self.counted("active", state=self.invited), 0)
        self.assertEqual(self.counted("active", state=self.reminded), 2)
        self.assertEqual(self.counted("entered", state=self.reminded), 2)
        self.assertEqual(self.counted("passed", transition=self.silence), 2)
        self.assertEqual(self.counted("sent"), 5)

    def test_what_happened_has_the_day_of_it(self):
        self.launch()
        self.pass_time(days=1, minutes=2)
        facts = self.env["flow.fact"].search([("campaign_id", "=", self.campaign.id)])
        first, second = sorted(set(facts.filtered(lambda f: f.metric == "sent").mapped("day")))
        self.assertEqual((second - first).days, 1)
        present = facts.filtered(lambda f: f.metric == "active" and f.state_key == self.invited.key)
        self.assertEqual({f.day: f.amount for f in present}, {first: 3, second: -3})
        self.assertFalse(facts.filtered(lambda f: f.metric == "step_planned" and f.day))

    def test_who_waits_at_a_door_is_counted_there(self):
        self.reminded.phase_id = self.phases[-1]
        self.launch()
        self.pass_time(days=1, minutes=2)
        self.assert_counted()
        self.assertEqual(self.counted("held", state=self.reminded), 3)
        self.assertEqual(self.counted("entered", state=self.reminded), 0)
        self.assertEqual(self.workflow.state_ids.mapped("participant_count"), [0, 3, 0, 0])

    def test_email_counts_once_however_often_it_is_opened(self):
        self.launch()
        trace, steps = self.trace(self.ann), self.steps(self.ann)
        for _again in range(2):
            trace.set_opened()
            self.env["flow.event"]._record_for_steps("opened", steps.ids)
            self.run_engine()
            self.assert_counted()
        self.env["flow.event"]._record_for_steps(
            "opened", self.steps(self.bob).ids, is_machine=True
        )
        self.trace(self.cleo).set_bounced()
        trace.set_replied()
        self.run_engine()
        figures = self.campaign.read(
            ["sent_count", "opened_count", "clicked_count", "replied_count", "bounced_count"]
        )[0]
        del figures["id"]
        self.assertEqual(list(figures.values()), [3, 1, 0, 1, 1])

    def test_what_fails_or_is_uncertain_is_counted_as_what_it_becomes(self):
        self.answers["ann@example.com"] = Receipt("failed", 550, "no such user", of_recipient=True)
        self.answers["bob@example.com"] = Receipt("uncertain", None, "lost")
        self.launch()
        self.assert_counted()
        self.assertEqual(self.counted("step_failed"), 1)
        self.assertEqual(self.counted("step_uncertain"), 1)
        self.steps(self.ann).action_retry()
        self.steps(self.bob).delivery_ids.action_let_be()
        self.assert_counted()
        self.assertEqual(self.counted("step_failed") + self.counted("step_uncertain"), 0)
        self.assertEqual(self.counted("sent"), 2)

    def test_unsubscribing_counts_once_for_a_participant_and_once_for_an_email(self):
        self.launch()
        self.pass_time(days=1, minutes=2)
        for action in (self.invitation, self.invitation, self.reminder):
            self.unsubscribe(self.ann, action)
            self.assert_counted()
        self.unsubscribe(self.bob, self.reminder)
        self.run_engine()
        self.assertEqual(self.campaign.unsubscribed_count, 2)
        for action, share in ((self.invitation, (1, 3)), (self.reminder, (2, 3)), (None, (3, 6))):
            found = result.measure(
                self.env, self.campaign, "unsubscribe_rate", action and action.key
            )
            self.assertEqual((found.part, found.whole), share)

    def test_marks_are_folded_when_they_are_old(self):
        self.launch()
        self.unsubscribe(self.ann, self.invitation)
        self.run_engine()
        marks = self.env["flow.fact"].search([("once", "!=", False)])
        self.assertEqual(len(marks), 2)
        self.env.cr.execute("UPDATE flow_fact SET day = day - 3 WHERE once IS NOT NULL")
        self.env.cr.execute("UPDATE flow_event SET occurred_at = occurred_at - interval '3 days'")
        self.env["flow.reaction.count"]._recount()  # nobody else changes when something happened
        fold.fold(self.env)
        self.assertFalse(marks.exists())
        self.unsubscribe(self.ann, self.invitation)
        self.assert_counted()

    def test_the_day_of_a_reaction_that_changes_is_moved(self):
        self.launch()
        trace = self.trace(self.ann)
        trace.links_click_datetime = "2026-01-01 12:00:00"
        self.assert_counted()
        trace.links_click_datetime = "2026-01-03 12:00:00"
        self.assert_counted()
        trace.links_click_datetime = False
        self.assert_counted()
        self.assertEqual(self.counted("clicked"), 0)

    def test_deleted_parts_of_the_ledger_no_longer_count(self):
        self.launch()
        self.pass_time(days=1, minutes=2)
        for contact in self.partners:
            self.unsubscribe(contact, self.reminder)
        self.trace(self.ann).set_opened()
        self.run_engine()
        ann, bob, cleo = (self.participant(contact).sudo() for contact in self.partners)
        self.trace(self.ann, self.invitation).unlink()
        self.assert_counted()
        ann.step_ids[0].unlink()
        self.assert_counted()
        bob.event_ids.unlink()
        self.assert_counted()
        cleo.visit_ids[-1].unlink()
        self.assert_counted()
        (ann | bob).unlink()
        self.assert_counted()
        self.assertEqual(self.campaign.participant_count, 1)
        self.assertEqual(self.campaign.unsubscribed_count, 1)

    def test_deleted_campaign_takes_its_facts_along(self):
        self.launch()
        self.pass_time(days=1, minutes=2)
        self.unsubscribe(self.ann, self.reminder)
        self.trace(self.ann).set_opened()
        self.campaign.action_stop()
        self.run_engine()
        facts = self.env["flow.fact"].search([("campaign_id", "=", self.campaign.id)])
        self.assertTrue(facts)
        self.campaign.unlink()
        self.env.flush_all()
        self.assertFalse(self.env["flow.fact"].search_count([]))

    def test_people_and_emails_count_for_country_and_salesperson_as_they_were(self):
        self.launch()
        self.ann.write({"country_id": False, "user_id": False})
        self.unsubscribe(self.ann, self.invitation)
        self.trace(self.ann).set_clicked()
        self.env["flow.event"]._record_for_steps("clicked", self.steps(self.ann).ids)
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")
        own = [("country_ref", "=", self.italy.id), ("salesperson_ref", "=", self.user.id)]
        found = self.env["flow.fact"]._read_group(own, ["metric"], ["amount:sum"])
        self.assertEqual(
            dict(found),
            dict.fromkeys(
                ["started", "sent", "opened", "clicked", "unsubscribed", "unsubscribed_emails",
                 "ended_goal"], 1,
            ),
        )  # fmt: skip
        self.assert_counted()
        self.participant(self.ann).sudo().unlink()
        self.assert_counted()
        found = self.env["flow.fact"]._read_group(own, ["metric"], ["amount:sum"])
        self.assertFalse(any(amount for _metric, amount in found))

    def test_merged_contact_ends_one_run(self):
        self.launch()
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.ann | self.bob).ids, self.bob)
        self.env.invalidate_all()
        self.assert_counted()
        self.assertEqual(self.counted("ended_merged"), 1)
        self.assertEqual((self.campaign.participant_count, self.campaign.ended_count), (3, 1))

    def test_new_version_changes_no_figure(self):
        self.launch()
        before = self.env["flow.fact"]._read_group([], ["metric", "state_key"], ["amount:sum"])
        self.campaign.action_edit_workflow()
        self.campaign.draft_workflow_id.state_ids[0].name = "Asked"
        self.campaign._publish_draft({})
        self.assert_counted()
        after = self.env["flow.fact"]._read_group([], ["metric", "state_key"], ["amount:sum"])
        self.assertEqual(after, before)

    def test_stopped_campaign_counts_everybody_as_stopped(self):
        self.launch()
        self.campaign.action_stop()
        self.run_engine()
        self.assert_counted()
        self.assertEqual(self.counted("ended_stopped"), 3)
        self.assertEqual(self.counted("active"), 0)

    def test_what_changes_nothing_that_is_counted_writes_nothing(self):
        self.launch()
        self.env.cr.execute("SELECT last_value FROM flow_fact_id_seq")
        before = self.env.cr.fetchone()
        people = self.campaign.participant_ids.ids
        self.env.cr.execute(
            "UPDATE flow_participant SET next_at = now() WHERE id = ANY(%s)", [people]
        )
        self.env.cr.execute("UPDATE flow_step SET claimed_by = 7")
        self.env.cr.execute("UPDATE flow_step SET claimed_by = NULL")
        self.env.cr.execute("UPDATE mailing_trace SET email = 'x@example.com'")
        advance.rest(self.env, people)
        self.env.cr.execute("SELECT last_value FROM flow_fact_id_seq")
        self.assertEqual(self.env.cr.fetchone(), before)

    def test_reading_figures_costs_the_same_for_few_and_many(self):
        self.launch()
        of_three = self.cost_of_reading()
        self.audience.partner_ids += self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(60)]
        )
        self.pass_time(minutes=6)
        self.assertEqual(self.campaign.participant_count, 63)
        self.assertEqual(self.cost_of_reading(), of_three)

    def cost_of_reading(self):
        """Return how many statements reading takes, and over how many rows."""
        self.env.invalidate_all()
        self.campaign.name  # noqa: B018 (what is not a figure is read before)
        before = self.env.cr.sql_log_count
        self.campaign.mapped("participant_count")
        self.workflow.state_ids.mapped("participant_count")
        result.measure(self.env, self.campaign, "open_rate", self.invitation.key)
        statements = self.env.cr.sql_log_count - before
        return statements, self.env["flow.fact"].search_count([])

    def test_counting_anew_finds_the_same(self):
        self.launch()
        self.pass_time(days=1, minutes=2)
        self.unsubscribe(self.ann, self.reminder)
        before = self.campaign.read(["participant_count", "sent_count", "unsubscribed_count"])
        self.env.cr.execute("DELETE FROM flow_fact")
        self.env["flow.fact"]._recount()
        self.assert_counted()
        self.env.invalidate_all()
        fields = ["participant_count", "sent_count", "unsubscribed_count"]
        self.assertEqual(self.campaign.read(fields), before)
        self.unsubscribe(self.ann, self.reminder)
        self.pass_time(days=1, minutes=2)

    def test_lane_whose_slice_ends_early_folds_too(self):
        self.campaign.action_launch()
        left = chain([1.0], repeat(0.0))  # over as soon as something was done
        with patch.object(tick, "_seconds_left", lambda _env: next(left)):
            tick.run(self.env)
        facts = self.env["flow.fact"].search([])
        self.assertTrue(facts)
        self.assertFalse(facts.filtered("is_delta"))

    def test_folding_that_breaks_stops_nobody(self):
        with (
            patch.object(fold, "fold", side_effect=ValueError("broken")),
            mute_logger("odoo.addons.marketing_campaign_flow.engine.tick"),
        ):
            self.launch()
        self.assertEqual(self.counted("sent"), 3)


@tagged("post_install", "-at_install")
class TestFold(TransactionCase):
    """Transactions that do not see each other, on a campaign that is really there for a moment."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            campaign = env["flow.campaign"].create({"name": "Counted"})
            state = campaign.state_ids[0]
            cr.execute(
                """INSERT INTO flow_participant
                          (campaign_id, state_id, status, visit, run_number, started_at, entered_at,
                           res_id, name)
                   VALUES (%s, %s, 'held', 0, 1, now(), now(), 1, 'Ann') RETURNING id""",
                [campaign.id, state.id],
            )
            self.participant_id = cr.fetchone()[0]
            self.campaign_id, self.utm_id = campaign.id, campaign.utm_campaign_id.id
        self.addCleanup(self.delete)

    def delete(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM flow_campaign WHERE id = %s", [self.campaign_id])
            cr.execute("DELETE FROM utm_campaign WHERE id = %s", [self.utm_id])

    def cursor(self):
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        return cr

    def append(self, cr, amount=1):
        cr.execute(
            """INSERT INTO flow_fact (campaign_id, metric, day, amount, is_delta)
               VALUES (%s, 'sent', '2026-01-01', %s, TRUE)""",
            [self.campaign_id, amount],
        )

    def fold(self, folder):
        count = fold.fold(api.Environment(folder, SUPERUSER_ID, {}))
        folder.commit()
        return count

    def sent(self):
        """Return the sum of what is committed, and the rows that it is made of."""
        with self.registry.cursor() as cr:
            cr.execute(
                """SELECT sum(amount), count(*) FROM flow_fact
                    WHERE campaign_id = %s AND metric = 'sent'""",
                [self.campaign_id],
            )
            return cr.fetchone()

    def test_folding_while_others_append_loses_nothing_and_waits_for_nobody(self):
        folder, appender = self.cursor(), self.cursor()
        self.append(appender, 1)
        self.append(appender, 2)
        appender.commit()
        self.append(appender, 4)  # not committed yet
        self.assertTrue(self.fold(folder))
        self.assertEqual(self.sent(), (3, 1))
        appender.commit()
        self.assertEqual(self.sent(), (7, 2))
        self.fold(folder)
        self.assertEqual(self.sent(), (7, 1))

    def test_one_worker_folds_at_a_time(self):
        first, second = self.cursor(), self.cursor()
        self.append(first)
        first.commit()
        fold.fold(api.Environment(first, SUPERUSER_ID, {}))
        self.assertEqual(self.fold(second), 0)
        first.rollback()
        self.assertTrue(self.fold(second))
        self.assertEqual(self.sent(), (1, 1))

    def test_facts_vanish_with_what_they_count(self):
        writer = self.cursor()
        self.append(writer)
        writer.rollback()
        self.assertEqual(self.sent(), (None, 0))

    def unsubscribe(self, cr):
        cr.execute(
            """INSERT INTO flow_event
                      (participant_id, campaign_id, kind, is_machine, is_new, occurred_at)
               VALUES (%s, %s, 'unsubscribed', FALSE, FALSE, now())""",
            [self.participant_id, self.campaign_id],
        )

    def test_two_who_do_not_see_each_other_unsubscribe_one_participant_once(self):
        first, second = self.cursor(), self.cursor()
        second.execute("SELECT 1 FROM flow_event")  # its snapshot is older than the other's commit
        self.unsubscribe(first)
        first.commit()
        with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
            self.unsubscribe(second)
        second.rollback()
        self.unsubscribe(second)  # Odoo begins again
        second.commit()
        second.execute(
            """SELECT sum(amount) FROM flow_fact
                WHERE campaign_id = %s AND metric = 'unsubscribed'""",
            [self.campaign_id],
        )
        self.assertEqual(second.fetchone()[0], 1)
