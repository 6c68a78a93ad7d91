"""Contacts that are merged, archived, deleted or given another address in mid-run."""

from odoo.tests import tagged

from ..engine import database_clock
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestContactsChange(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Invited", "start")
        cls.second = cls.state("Second")
        cls.over = cls.state("Over", "done")
        cls.add = cls.action(cls.start, "subscription", mailing_list_id=cls.hot_list.id)
        cls.transition(cls.start, cls.second, "manual")
        cls.transition(cls.second, cls.over, "timeout", delay_value=1)
        cls.late = cls.action(
            cls.second, "subscription", mailing_list_id=cls.hot_list.id, timing="delay"
        )

    def merge(self, *contacts, into):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        partners = self.env["res.partner"].union(*contacts, into)
        wizard._merge(partners.ids, into)
        self.env.invalidate_all()

    def runs(self, contact):
        return self.participant(contact).sorted("run_number")

    def test_the_run_that_came_furthest_goes_on(self):
        self.launch()
        anns = self.participant(self.ann)
        anns.with_user(self.user).action_move(self.second.id)
        bobs = self.participant(self.bob)
        steps = anns.step_ids
        self.merge(self.ann, into=self.bob)
        self.assertFalse(self.ann.exists())
        self.assertEqual(self.runs(self.bob), bobs | anns)
        self.assertEqual((bobs.status, bobs.end_kind), ("ended", "merged"))
        self.assertEqual((anns.status, anns.state_id), ("active", self.second))
        self.assertEqual((anns.res_id, anns.partner_id), (self.bob.id, self.bob))
        self.assertEqual(anns.step_ids, steps, "the history is kept")
        self.pass_time(days=2)
        self.assertEqual((anns.status, anns.end_kind), ("ended", "done"))

    def test_of_equal_runs_that_of_the_contact_that_stays_goes_on(self):
        self.launch()
        anns, bobs = self.participant(self.ann), self.participant(self.bob)
        self.merge(self.ann, into=self.bob)
        self.assertEqual((bobs.status, anns.end_kind), ("active", "merged"))
        self.assertEqual((self.runs(self.bob) - bobs).run_number, 2)

    def test_three_contacts_with_several_runs_are_merged(self):
        self.launch()
        for contact in (self.ann, self.bob):
            run = self.participant(contact).with_user(self.user)
            run.action_take_out()
            run.action_put_back()
        self.run_engine()
        self.merge(self.ann, self.bob, into=self.cleo)
        runs = self.runs(self.cleo)
        self.assertEqual(runs.mapped("run_number"), [1, 2, 3, 4, 5])
        self.assertEqual(len(runs.filtered(lambda run: run.status != "ended")), 1)
        self.assertEqual(runs.partner_id, self.cleo)
        self.run_engine()
        self.assertEqual(self.campaign.participant_count, 5, "nobody comes in again")

    def test_a_twin_that_is_in_no_campaign_takes_the_run_over(self):
        self.launch()
        dan = self.env["res.partner"].create({"name": "Dan", "email": "dan@example.com"})
        run = self.participant(self.ann)
        self.merge(self.ann, into=dan)
        self.assertEqual((run.res_id, run.partner_id, run.status), (dan.id, dan, "active"))
        self.assertEqual(run.run_number, 1)

    def test_archived_contact_leaves_and_does_not_come_back_by_itself(self):
        self.launch()
        run = self.participant(self.ann)
        run.with_user(self.user).action_move(self.second.id)
        self.ann.action_archive()
        self.assertEqual((run.status, run.end_kind), ("ended", "archived"))
        self.assertEqual(set(run.step_ids.mapped("status")), {"done", "cancelled"})
        self.ann.action_unarchive()
        self.pass_time(minutes=6)
        self.assertEqual(self.participant(self.ann), run)
        run.with_user(self.user).action_put_back()
        self.run_engine()
        self.assertEqual(self.runs(self.ann).mapped("status"), ["ended", "active"])

    def test_a_contact_with_another_address_goes_on_as_the_same_run(self):
        self.launch()
        self.ann.email = "ann@elsewhere.example"
        self.pass_time(minutes=6)
        self.assertEqual(self.participant(self.ann).email_key, "ann@example.com")
        self.participant(self.ann).with_user(self.user).action_move(self.second.id)
        self.pass_time(days=3)
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_address_of_another_participant_is_no_obstacle(self):
        self.launch()
        self.ann.email = self.bob.email
        self.participant(self.ann).with_user(self.user).action_move(self.second.id)
        self.pass_time(days=3)
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_who_was_taken_out_stays_out_when_a_twin_had_a_run_too(self):
        self.campaign.reentry = "ended"
        self.launch()
        self.participant(self.bob).with_user(self.user).action_move(self.over.id)
        self.env["flow.participant"].flush_model()
        self.audience.partner_ids = self.ann
        database_clock.move(self.env, 60)
        self.participant(self.ann).with_user(self.user).action_take_out()
        self.merge(self.bob, into=self.ann)
        self.pass_time(days=2)
        self.assertEqual(set(self.runs(self.ann).mapped("end_kind")), {"removed", "done"})
