from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import FlowCase


@tagged("post_install", "-at_install")
class TestActionPoints(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.hot = cls.state("Hot", "goal")
        cls.transition(cls.start, cls.over, "manual")
        cls.transition(cls.start, cls.hot, "manual")
        cls.any_points = cls.env.ref("marketing_campaign_flow.flow_point_group_points")
        cls.product = cls.env["flow.point.group"].create({"name": "Interest in product A"})

    def points(self, amount, operation="add", owner=None, group=None, **values):
        return self.action(
            owner or self.start,
            "points",
            points_operation=operation,
            points_amount=amount,
            points_group_id=(group or self.any_points).id,
            **values,
        )

    def ledger(self, contact):
        return self.env["flow.point"].search([("partner_id", "=", contact.id)])

    def give(self, contact, amount, **values):
        point = self.env["flow.point"].with_user(self.user)
        return point.create({"partner_id": contact.id, "amount": amount, **values})

    def test_points_are_added_and_the_ledger_says_why(self):
        action = self.points(20, points_reason="Asked for the price list")
        self.assertEqual(action.display_name, "Points: + 20 Points")
        self.launch()
        self.assertEqual(self.partners.mapped("flow_points"), [20, 20, 20])
        entry = self.ledger(self.ann)
        self.assertEqual((entry.amount, entry.reason), (20, "Asked for the price list"))
        self.assertEqual(entry.campaign_id, self.campaign)
        self.assertEqual(entry.step_id, self.steps(self.ann))
        self.assertFalse(entry.user_id)

    def test_points_are_subtracted_and_may_fall_below_zero(self):
        self.give(self.ann, 30)
        self.points(10, "subtract")
        self.launch()
        self.assertEqual(self.partners.mapped("flow_points"), [20, -10, -10])

    def test_points_are_set_within_their_group(self):
        self.give(self.ann, 30)
        self.give(self.ann, 5, group_id=self.product.id)
        self.give(self.bob, 7)
        self.points(7, "set")
        self.launch()
        self.assertEqual(self.partners.mapped("flow_points"), [12, 7, 7])
        self.assertEqual(self.ledger(self.ann)[0].amount, -23)
        self.assertEqual(len(self.ledger(self.bob)), 1, "nothing was missing")
        self.assertEqual(self.steps(self.bob).status, "done")

    def test_contacts_are_found_sorted_and_grouped_by_points(self):
        self.give(self.bob, 60)
        self.give(self.ann, 5)
        partner = self.env["res.partner"]
        among = [("id", "in", self.partners.ids)]
        self.assertEqual(partner.search([*among, ("flow_points", ">=", 50)]), self.bob)
        self.assertEqual(partner.search([*among, ("flow_points", "<", 5)]), self.cleo)
        self.assertEqual(
            partner.search([*among, ("flow_points", ">", 0)], order="flow_points").ids,
            [self.ann.id, self.bob.id],
        )
        ((total,),) = partner._read_group(among, [], ["flow_points:sum"])
        self.assertEqual(total, 65)

    def test_condition_fires_right_after_the_points_were_added(self):
        self.transition(
            self.start, self.hot, "condition", condition='[("flow_points", ">=", 50)]', sequence=1
        )
        self.give(self.ann, 30)
        self.points(25, timing="delay", delay_value=1)
        self.launch()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.pass_time(days=1, seconds=1)
        self.assertEqual(self.state_of(self.ann), "Hot", "without waiting for the sweep")
        self.assertEqual(self.state_of(self.bob), "Start")

    def test_condition_on_the_points_of_one_group(self):
        of_product = [("group_id", "=", self.product.id), ("points", ">=", 50)]
        self.transition(
            self.start,
            self.hot,
            "condition",
            condition=repr([("flow_point_total_ids", "any", of_product)]),
        )
        self.launch()
        self.give(self.ann, 60)
        self.give(self.bob, 60, group_id=self.product.id)
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.assertEqual(self.state_of(self.bob), "Hot")

    def test_points_of_another_campaign_wake_too(self):
        self.transition(self.start, self.hot, "condition", condition='[("flow_points", ">=", 50)]')
        self.launch()
        other = self.campaign.copy()
        other.workflow_id.state_ids.action_ids.unlink()
        start = other.workflow_id.state_ids.filtered(lambda state: state.kind == "start")
        self.points(50, owner=start)
        other.action_launch()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Hot")

    def test_who_waits_for_no_filter_is_left_alone(self):
        self.transition(self.start, self.hot, "timeout", delay_value=5)
        self.launch()
        before = self.participant(self.ann).next_at
        self.give(self.ann, 60)
        self.assertEqual(self.participant(self.ann).next_at, before)

    def test_each_event_gives_points(self):
        letter = self.email(self.start)
        clicked = self.transition(self.start, None, "event", event_kind="clicked", repeat="each")
        self.points(10, owner=clicked)
        self.launch()
        for _click in range(2):
            self.env["flow.event"]._record_for_traces("clicked", self.trace(self.ann, letter))
        self.run_engine()
        self.assertEqual(self.ann.flow_points, 20)

    def test_step_counts_once_and_several_of_a_contact_reach_a_number_once(self):
        letter = self.email(self.start)
        clicked = self.transition(self.start, None, "event", event_kind="clicked", repeat="each")
        action = self.points(10, "set", owner=clicked)
        self.launch()
        for _click in range(2):
            self.env["flow.event"]._record_for_traces("clicked", self.trace(self.ann, letter))
        self.run_engine()
        self.assertEqual(self.ann.flow_points, 10)
        steps = self.steps(self.ann).filtered(lambda step: step.action_id == action)
        self.assertEqual(len(steps), 2)
        action._run_points(steps)
        self.assertEqual(self.ann.flow_points, 10)

    def test_statements_do_not_grow_with_the_contacts(self):
        action = self.points(1, "set")
        self.audience.partner_ids += self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(100)]
        )
        self.launch()
        counts = []
        for steps in (self.steps(self.ann), self.campaign.participant_ids.step_ids):
            steps.participant_id.mapped("res_id")
            before = self.env.cr.sql_log_count
            action._run(steps)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
        self.assertLess(counts[1], 20)

    def test_mailing_contacts_have_points_too(self):
        contact = self.env["mailing.contact"].create({"name": "Dora", "email": "dora@example.com"})
        self.env["mailing.subscription"].create(
            {"contact_id": contact.id, "list_id": self.hot_list.id}
        )
        self.campaign.audience_id = self.env["flow.audience"].create(
            {
                "name": "Hot",
                "target_model": "mailing.contact",
                "mailing_list_ids": self.hot_list.ids,
            }
        )
        self.points(15)
        self.launch()
        self.assertEqual(contact.flow_points, 15)
        self.assertEqual(contact.flow_point_total_ids.points, 15)
        contact.unlink()

    def test_deleted_contact_leaves_the_figures_of_the_campaign(self):
        self.points(15)
        self.launch()
        self.ann.unlink()
        entries = self.env["flow.point"].search([("campaign_id", "=", self.campaign.id)])
        self.assertEqual(sum(entries.mapped("amount")), 45)
        self.assertEqual(entries.partner_id, self.bob | self.cleo)

    def test_contact_out_of_sight_is_skipped(self):
        self.points(15)
        self.env["ir.rule"].create(
            {
                "name": "Ann is hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.ann.id})]",
                "groups": [(4, self.env.ref("marketing_campaign_flow.group_flow_user").id)],
            }
        )
        self.launch()
        participant = self.env["flow.participant"].create(
            {
                "campaign_id": self.campaign.id,
                "state_id": self.start.id,
                "status": "held",
                "visit": 0,
                "run_number": 1,
                "next_at": "2020-01-01",
                "entered_at": "2020-01-01",
                "started_at": "2020-01-01",
                "res_id": self.ann.id,
                "partner_id": self.ann.id,
                "email_key": "ann@example.com",
                "name": "Ann",
            }
        )
        self.run_engine()
        self.assertEqual(participant.step_ids.status, "skipped")
        self.assertIn("out of sight", participant.step_ids.reason)
        self.assertFalse(self.ann.flow_points)

    def test_merged_contacts_add_their_points_up(self):
        self.give(self.ann, 30)
        self.give(self.bob, 12)
        self.give(self.bob, 5, group_id=self.product.id)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.ann | self.bob).ids, self.ann)
        self.env.invalidate_all()
        self.assertEqual(self.ann.flow_points, 47)
        self.assertEqual(
            {total.group_id: total.points for total in self.ann.flow_point_total_ids},
            {self.any_points: 42, self.product: 5},
        )
        self.assertEqual(len(self.ledger(self.ann)), 3)

    def test_people_add_points_by_hand(self):
        action = self.ann.with_user(self.user).action_view_flow_points()
        point = self.env["flow.point"].with_user(self.user).with_context(**action["context"])
        with Form(point, "marketing_campaign_flow.flow_point_view_form") as form:
            form.amount = 8
            form.reason = "Visited us at the fair"
        entry = self.ledger(self.ann)
        self.assertEqual((entry.user_id, entry.group_id), (self.user, self.any_points))
        self.assertEqual(self.ann.flow_points, 8)

    def test_points_that_were_given_stay(self):
        entry = self.give(self.ann, 8)
        for write in (
            lambda: entry.write({"amount": 80}),
            lambda: entry.unlink(),
            lambda: self.give(self.ann, 5, campaign_id=self.campaign.id),
            lambda: self.ann.flow_point_total_ids.with_user(self.user).write({"points": 80}),
        ):
            with self.assertRaises(AccessError):
                write()

    def test_points_of_another_company_are_out_of_sight(self):
        entry = self.give(self.ann, 8)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "flow_stranger",
            groups="marketing_campaign_flow.group_flow_user",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        self.assertNotIn(entry, self.env["flow.point"].with_user(stranger).search([]))

    def test_group_is_the_first_one_unless_another_is_chosen(self):
        action = self.action(self.start, "points")
        self.assertEqual(action.points_group_id, self.any_points)
        self.assertFalse(self.email(self.start).points_group_id)

    def test_no_points_are_refused(self):
        with self.assertRaises(ValidationError):
            self.points(0)

    def test_change_shows_as_a_difference(self):
        action = self.points(10)
        self.launch()
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id
        twin = draft.action_ids.filtered(lambda part: part.key == action.key)
        self.assertEqual(twin.points_group_id, self.any_points)
        twin.points_amount = 20
        changes = self.campaign.workflow_id._changes_to(draft)
        self.assertEqual([change.part.key for change, _part in changes], [action.key])
