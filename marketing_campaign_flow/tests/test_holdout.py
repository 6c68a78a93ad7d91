"""Part of the audience is held out: gets nothing, and is measured like the others."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from psycopg2.errors import CheckViolation

from ..engine import enrol, holdout
from ..engine.contact_events import Occurrence
from .common import FlowCase

PEOPLE = 200
DRAWS = """
    SELECT p.id FROM flow_participant p WHERE p.campaign_id = %s AND
           mod(('x' || substr(md5(p.id || ':' || %s), 1, 8))::bit(32)::bigint, 2) = 0
"""


class HoldoutCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.bought = cls.state("Bought", "goal")
        cls.invitation = cls.email(cls.start, "Invitation")
        cls.transition(cls.start, cls.over, "timeout", delay_value=1)
        cls.transition(None, cls.bought, "event", event_kind="custom", event_detail="bought*")
        cls.people = cls.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(PEOPLE)]
        )
        cls.audience.partner_ids = cls.people
        cls.campaign.holdout_share = 30

    def runs(self, end_kind=None):
        domain = [("campaign_id", "=", self.campaign.id)]
        if end_kind:
            domain.append(("end_kind", "=", end_kind))
        return self.env["flow.participant"].search(domain, order="id")

    def held_out(self):
        return self.runs("held_out")

    def treated(self):
        return self.runs().filtered(lambda run: run.comparison == "treated")

    def contacts(self, runs):
        return self.env["res.partner"].browse(runs.mapped("res_id"))

    def tell(self, contacts, detail="bought", **details):
        return self.env["flow.event"]._record("custom", contacts, detail=detail, **details)


@tagged("post_install", "-at_install")
class TestHoldout(HoldoutCase):
    def test_a_share_gets_nothing_and_the_others_everything(self):
        self.launch()
        held_out = self.held_out()
        self.assertTrue(35 <= len(held_out) <= 85, len(held_out))
        self.assertEqual(set(held_out.mapped("comparison")), {"held_out"})
        self.assertEqual(set((self.runs() - held_out).mapped("comparison")), {"treated"})
        addresses = {mail["email_to"][0] for mail in self.sent}
        self.assertEqual(addresses, set((self.runs() - held_out).mapped("email_key")))
        self.assertFalse(held_out.step_ids or held_out.visit_ids)
        self.assertFalse(held_out.filtered("next_at"))

    def test_they_are_in_no_figure_of_participants(self):
        self.launch()
        held_out = len(self.held_out())
        self.assertEqual(self.campaign.participant_count, PEOPLE - held_out)
        self.assertEqual(self.campaign.held_out_count, held_out)
        self.assertEqual(self.campaign.ended_count, 0)
        self.assertEqual(self.start.participant_count, PEOPLE - held_out)
        shown = self.campaign.action_view_participants()["domain"]
        listed = self.env["flow.participant"].search(shown)
        self.assertEqual(listed, self.runs() - self.held_out())

    def test_the_draw_is_the_same_whenever_and_for_whomever_it_is_made(self):
        self.audience.partner_ids = self.people[:100]
        self.launch()
        self.audience.partner_ids = self.people
        self.pass_time(minutes=6)
        self.assertEqual(len(self.runs()), PEOPLE)
        first = self.contacts(self.held_out())
        join, condition = holdout.draw(self.campaign.id, 30, None)[::-1]
        drawn = SQL(
            "SELECT c.id FROM res_partner c %s WHERE c.id = ANY(%s) AND %s",
            join,
            self.people.ids,
            condition,
        )
        again = {row[0] for row in self.env.execute_query(drawn)}
        self.assertEqual(set(first.ids), again)

    def test_the_draw_is_not_that_of_another_campaign_nor_of_a_split(self):
        self.campaign.holdout_share = 50
        other = self.campaign.copy({"audience_id": self.audience.id})
        self.launch()
        other.action_launch()
        self.run_engine()
        first = set(self.held_out().mapped("res_id"))
        second = self.env["flow.participant"].search(
            [("campaign_id", "=", other.id), ("end_kind", "=", "held_out")]
        )
        both = len(first & set(second.mapped("res_id")))
        self.assertTrue(25 <= both <= 75, both)
        drawn = self.env.execute_query(SQL(DRAWS, self.campaign.id, "key"))
        split = {row[0] for row in drawn}
        both = len(split & set(self.held_out().ids))
        self.assertTrue(25 <= both <= 75, both)

    def test_a_larger_share_adds_to_those_who_are_held_out(self):
        few, many = (
            {
                row[0]
                for row in self.env.execute_query(
                    SQL(
                        "SELECT c.id FROM res_partner c WHERE c.id = ANY(%s) AND %s",
                        self.people.ids,
                        holdout.draw(self.campaign.id, share, None)[0],
                    )
                )
            }
            for share in (10, 60)
        )
        self.assertTrue(few and few < many)

    def test_another_share_counts_for_those_who_come_in_later(self):
        self.audience.partner_ids = self.people[:100]
        self.launch()
        before = self.held_out()
        self.campaign.holdout_share = 0
        self.audience.partner_ids = self.people
        self.pass_time(minutes=6)
        self.assertEqual(self.held_out(), before)
        later = self.runs().filtered(lambda run: run.res_id in self.people[100:].ids)
        self.assertEqual(len(later), 100)
        self.assertEqual(set(later.mapped("comparison")), {False})

    def test_nobody_who_is_held_out_comes_in_again(self):
        self.campaign.reentry = "ended"
        self.launch()
        held_out = self.held_out()
        self.pass_time(days=1, minutes=2)
        self.pass_time(minutes=6)
        self.assertEqual(self.held_out(), held_out)
        again = self.runs().filtered(lambda run: run.run_number == 2)
        self.assertEqual(len(again), PEOPLE - len(held_out))
        self.assertEqual(set(again.mapped("comparison")), {False}, "compared once")
        self.assertFalse(set(again.mapped("res_id")) & set(held_out.mapped("res_id")))

    def test_control_group_that_was_drawn_elsewhere(self):
        self.campaign.holdout_share = 0
        control = self.people[:30]
        self.campaign.control_audience_id = self.env["flow.audience"].create(
            {"name": "Control", "partner_ids": (control + self.ann).ids, "kind": "static"}
        )
        self.launch()
        self.assertEqual(self.contacts(self.held_out()), control)
        self.assertEqual(len(self.treated()), PEOPLE - 30)
        self.assertFalse(self.participant(self.ann), "not in the audience")
        self.assertEqual(self.campaign.control_audience_id.frozen_count, 31)

    def test_control_group_of_another_kind_is_refused(self):
        audience = self.env["flow.audience"].create(
            {"name": "Others", "target_model": "mailing.contact"}
        )
        with self.assertRaises(ValidationError):
            self.campaign.control_audience_id = audience

    def test_most_can_be_held_out_but_not_all(self):
        for share in (-1, 91):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
                self.campaign.holdout_share = share
                self.env.flush_all()

    # -- other ways in -----------------------------------------------------------------------

    def test_who_comes_in_by_what_they_do_is_drawn_too(self):
        self.audience.partner_ids = self.ann
        self.env["flow.entry"].create(
            {"campaign_id": self.campaign.id, "event_kind": "custom", "event_detail": "hello"}
        )
        self.launch()
        self.tell(self.people, "hello")
        self.run_engine()
        self.assertTrue(35 <= len(self.held_out()) <= 85)
        self.assertEqual(len(self.runs()), PEOPLE + 1)
        told = self.held_out().filtered(lambda run: run.partner_id != self.ann)  # she was not
        self.assertEqual(len(told.event_ids), len(told))

    def test_whom_a_person_names_is_not_held_out(self):
        self.audience.partner_ids = self.ann
        self.campaign.holdout_share = 90
        self.launch()
        enrolments = self.env["flow.enrolment"].create(
            [{"campaign_id": self.campaign.id, "partner_id": p.id} for p in self.people[:40]]
        )
        self.assertEqual(set(enrolments.mapped("result")), {"entered"})
        named = self.runs().filtered(lambda run: run.res_id in self.people.ids)
        self.assertEqual(len(named), 40)
        self.assertEqual(set(named.mapped("comparison")), {False}, "chance has not decided")

    def test_nobody_puts_in_who_is_held_out(self):
        self.launch()
        run = self.held_out()[0]
        with self.assertRaisesRegex(UserError, "held out"):
            run.with_user(self.user).action_put_back()
        enrolment = self.env["flow.enrolment"].create(
            {"campaign_id": self.campaign.id, "partner_id": run.res_id}
        )
        self.assertEqual(enrolment.result, "held_out")
        self.assertEqual(len(self.participant(self.contacts(run))), 1)

    def test_messages_by_hand_leave_them_out(self):
        self.launch()
        held_out = self.contacts(self.held_out())
        campaign = self.campaign.with_user(self.user)
        of_all = campaign._compose_by_hand({"contacts": [("id", "in", self.people.ids)]})
        self.by_hand(of_all)
        self.run_engine()
        written = {mail["email_to"][0] for mail in self.sent}
        self.assertEqual(len(written), PEOPLE - len(held_out))
        self.assertFalse(written & set(held_out.mapped("email_normalized")))

    def test_criteria_do_not_take_them_for_participants(self):
        self.launch()
        audience = self.env["flow.audience"].create(
            {
                "name": "Were in",
                "use_criteria": True,
                "criterion_ids": [
                    (
                        0,
                        0,
                        {
                            "kind": "participation",
                            "participation": "ever",
                            "campaign_scope": "one",
                            "campaign_id": self.campaign.id,
                        },
                    )
                ],
            }
        )
        found = self.env["res.partner"].browse(audience._contact_query())
        self.assertEqual(set(found.ids), set(self.treated().mapped("res_id")))

    # -- what they do ------------------------------------------------------------------------

    def test_what_they_do_is_written_down_and_moves_nobody(self):
        self.launch()
        run = self.held_out()[0]
        self.assertEqual(self.tell(self.contacts(run)), 1)
        self.run_engine()
        self.assertEqual((run.status, run.end_kind), ("ended", "held_out"))
        self.assertFalse(run.event_ids.is_new)

    def test_it_is_written_down_as_long_for_both(self):
        self.campaign.effect_days = 3
        self.launch()
        pair = self.held_out()[0] + self.treated()[0]
        self.pass_time(days=2)
        self.assertEqual(pair[1].status, "ended")
        self.assertEqual(self.tell(self.contacts(pair)), 2, "also after the run has ended")
        self.campaign.action_stop()
        self.assertEqual(self.tell(self.contacts(pair)), 2, "also after the campaign has ended")
        self.pass_time(days=1, minutes=1)
        self.assertEqual(self.tell(self.contacts(pair)), 0)

    def test_they_are_known_by_their_address_as_well(self):
        self.launch()
        run = self.held_out()[0]
        occurrence = Occurrence(email=run.email_key, detail="bought")
        self.env["flow.event"]._record_occurrences("custom", [occurrence])
        self.assertEqual(run.event_ids.mapped("detail"), ["bought"])

    def test_merged_people_of_both_groups_are_compared_no_more(self):
        self.launch()
        held_out, other = self.held_out()[:2], self.treated()[0]
        twins = self.contacts(held_out)
        self.env["flow.participant"]._merge_runs(twins, twins[0])
        self.assertEqual(held_out.mapped("comparison"), ["held_out", False])
        both = self.contacts(held_out[0] + other)
        self.env["flow.participant"]._merge_runs(both, both[0])
        self.assertEqual(set((held_out + other).mapped("comparison")), {False})

    def test_timeline_says_so(self):
        self.launch()
        [said] = [line["text"] for line in self.held_out()[0].timeline]
        self.assertIn("Held out", said)

    # -- what it costs -----------------------------------------------------------------------

    def test_number_of_statements_does_not_grow(self):
        self.campaign.action_launch()
        counts = []
        for people in (self.people[:5], self.people):
            self.audience.partner_ids = people
            self.env.flush_all()
            contacts = self.audience._contact_query(self.campaign)
            before = self.cr.sql_log_count
            enrol.enrol(self.env, self.campaign, contacts)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertEqual(len(self.runs()), PEOPLE)

    def test_only_people_of_the_company_see_what_was_measured(self):
        stranger = self.stranger()
        self.launch()
        self.campaign.action_measure_effect()
        found = self.env["flow.effect"].search([("campaign_id", "=", self.campaign.id)])
        self.assertTrue(found.with_user(self.user).mapped("sentence"))
        self.assertFalse(self.env["flow.effect"].with_user(stranger).search([]) & found)
