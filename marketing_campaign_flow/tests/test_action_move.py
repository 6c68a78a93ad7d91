from odoo.exceptions import UserError, ValidationError
from odoo.tests import BaseCase, tagged

from ..engine import graph, plan
from ..engine.clock import AT_ENTRY, Delay, Timing
from .common import FlowCase
from .test_versions import VersionsCase

LATER = Timing("delay", Delay(1, "days"))


def problems(states, transitions=(), actions=()):
    states = [{"id": n, "key": f"k{n}", "name": f"S{n}", "kind": kind} for n, kind in states]
    transitions = [
        {"id": n, "key": f"t{n}", "state_id": source, "target_id": target, "trigger": trigger}
        for n, (source, target, trigger) in enumerate(transitions, 1)
    ]
    actions = [
        {"id": n, "key": f"a{n}", "kind": "x", "state_id": None, "transition_id": None, **values}
        for n, values in enumerate(actions, 1)
    ]
    built = plan.build(states, transitions, actions)
    return [(problem.code, problem.name) for problem in graph.problems(built)]


@tagged("post_install", "-at_install")
class TestGraphWithMoves(BaseCase):
    STATES = ((1, "start"), (2, "normal"), (3, "done"))

    def test_move_reaches_a_state_and_is_a_way_out(self):
        moves = [
            {"state_id": 1, "moves_to": "k2", "timing": AT_ENTRY},
            {"state_id": 2, "moves_to": "k3", "timing": LATER},
        ]
        self.assertEqual(problems(self.STATES, actions=moves), [])

    def test_end_is_a_way_out(self):
        actions = [{"state_id": 1, "ends_run": True}]
        self.assertEqual(problems(((1, "start"),), actions=actions), [])

    def test_move_of_a_way_without_target_reaches_a_state(self):
        moves = [{"transition_id": 1, "moves_to": "k2"}]
        self.assertEqual(problems(((1, "start"), (2, "done")), [(1, None, "event")], moves), [])

    def test_moves_in_a_circle_need_a_pause(self):
        there = {"state_id": 1, "moves_to": "k2"}
        back = {"state_id": 2, "moves_to": "k1"}
        out = [(1, 3, "event")]
        self.assertEqual(problems(self.STATES, out, [there, back]), [("restless_cycle", "S1")])
        self.assertEqual(problems(self.STATES, out, [there, {**back, "timing": LATER}]), [])
        pause = {"state_id": 2, "is_pause": True, "timing": LATER}
        self.assertEqual(problems(self.STATES, out, [there, pause, back]), [])
        self.assertEqual(
            problems(self.STATES, out, [there, back, pause]), [("restless_cycle", "S1")]
        )

    def test_move_on_a_way_that_leads_to_a_state_is_refused(self):
        moves = [{"transition_id": 1, "moves_to": "k2"}]
        self.assertEqual(
            problems(self.STATES, [(1, 3, "event"), (1, 2, "event"), (2, 3, "event")], moves),
            [("move_on_the_way", "a1")],
        )


@tagged("post_install", "-at_install")
class TestActionMove(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.second = cls.state("Second")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.second, "manual")
        cls.transition(cls.start, cls.over, "manual")
        cls.transition(cls.second, cls.over, "manual")

    def move(self, owner=None, target=None, **values):
        target = target or self.second
        return self.action(owner or self.start, "move", move_state_id=target.id, **values)

    def test_participants_move_and_the_step_is_done(self):
        action = self.move()
        self.assertEqual(action.display_name, "Move or end: → Second")
        self.action(self.second, "points")
        self.launch()
        self.assertEqual(self.state_of(self.ann), "Second")
        self.assertEqual(self.participant(self.ann).visit, 2)
        self.assertEqual(self.steps(self.ann).mapped("status"), ["done", "done"])
        self.assertEqual(self.ann.flow_points, 10)

    def test_other_plans_of_the_state_are_cancelled(self):
        self.move(timing="delay", delay_value=1)
        late = self.email(self.start, timing="delay", delay_value=2)
        self.launch()
        self.pass_time(days=1, minutes=1)
        status = {step.action_id.kind: step.status for step in self.steps(self.ann)}
        self.assertEqual(status, {"move": "done", "email": "cancelled"})
        self.pass_time(days=2)
        self.assertFalse(self.sent, late.display_name)

    def test_who_has_left_the_state_is_not_moved(self):
        self.move(timing="delay", delay_value=1, keep_after_leaving=True)
        self.launch()
        self.participant(self.ann).with_user(self.user).action_move(self.over.id)
        self.participant(self.bob).with_user(self.user).action_move(self.second.id)
        self.pass_time(days=1, minutes=1)
        self.assertEqual(self.state_of(self.ann), "Over")
        self.assertEqual(self.participant(self.bob).visit, 2)
        for contact in (self.ann, self.bob):
            self.assertEqual(self.steps(contact).status, "skipped")
            self.assertEqual(self.steps(contact).reason, "Had left the state already")
        self.assertEqual(self.state_of(self.cleo), "Second")

    def test_run_ends_here(self):
        action = self.action(self.start, "move", move_to="end")
        self.assertEqual(action.display_name, "Move or end: End the run here")
        self.email(self.start, timing="delay")
        self.launch()
        run = self.participant(self.ann)
        self.assertEqual((run.status, run.end_kind), ("ended", "finished"))
        self.assertEqual(self.steps(self.ann).mapped("status"), ["done", "cancelled"])

    def test_way_without_target_moves(self):
        letter = self.email(self.start)
        clicked = self.transition(self.start, None, "event", event_kind="clicked", repeat="each")
        self.move(clicked)
        self.launch()
        for _click in range(2):
            self.env["flow.event"]._record_for_traces("clicked", self.trace(self.ann, letter))
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Second")
        self.assertEqual(self.participant(self.ann).visit, 2, "moved once")
        self.assertEqual(self.state_of(self.bob), "Start")

    def test_circle_with_a_pause_goes_round(self):
        self.action(self.start, "wait", timing="delay", delay_value=1)
        self.move(target=self.start)
        self.launch()
        self.pass_time(days=1, minutes=1)
        self.assertEqual(self.participant(self.ann).visit, 2)
        steps = self.steps(self.ann)
        self.assertEqual(steps.mapped("status"), ["done", "done", "scheduled", "scheduled"])

    def test_state_whose_phase_is_closed_is_waited_for(self):
        self.second.phase_id = self.phases[1]
        self.move()
        self.launch()
        run = self.participant(self.ann)
        self.assertEqual((run.status, run.state_id), ("held", self.second))
        self.assertEqual(self.steps(self.ann).status, "done")

    def test_move_to_another_workflow_is_refused(self):
        other = self.campaign.copy().workflow_id.state_ids[0]
        with self.assertRaises(ValidationError):
            self.move(target=other)

    def test_move_without_target_is_not_complete(self):
        self.action(self.start, "move")
        with self.assertRaisesRegex(UserError, "not complete"):
            self.launch()

    def test_copy_of_the_campaign_moves_within_itself(self):
        self.move()
        copy = self.campaign.copy().workflow_id
        self.assertEqual(copy.action_ids.move_state_id.workflow_id, copy)
        self.assertEqual(copy.action_ids.move_state_id.key, self.second.key)

    def test_document_takes_moves_pauses_and_points_along(self):
        self.action(self.start, "wait", timing="delay", delay_value=2)
        self.action(self.start, "points", points_amount=7)
        self.action(self.start, "response", response_kind="call", response_text="Wants an offer")
        self.move()
        document = self.campaign._to_document()
        twin = self.env["flow.campaign"]._from_document(document, audience_id=self.audience.id)
        self.assertEqual(twin._to_document(), document)
        actions = {action.kind: action for action in twin.workflow_id.action_ids}
        self.assertEqual(actions["move"].move_state_id.workflow_id, twin.workflow_id)
        self.assertFalse(actions["wait"].points_group_id)
        self.assertEqual(twin._problems(), [])

    def test_statements_do_not_grow_with_the_participants(self):
        action = self.move(timing="delay")
        self.action(self.second, "points", timing="delay", use_window=True)
        self.audience.partner_ids += self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(100)]
        )
        self.launch()
        everybody = self.campaign.participant_ids.step_ids
        counts = []
        for steps in (self.steps(self.ann), everybody - self.steps(self.ann)):
            action.with_user(self.user)._content_in_words()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            action._run(steps)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)
        self.assertLess(counts[1], 30)


@tagged("post_install", "-at_install")
class TestMoveInVersions(VersionsCase):
    def test_step_planned_in_the_old_version_moves_into_the_new_one(self):
        move = self.action(
            self.invited, "move", move_state_id=self.over.id, timing="delay", delay_value=1
        )
        self.launch()
        self.edit()
        self.assertEqual(self.new(move).move_state_id, self.new(self.over))
        self.assertFalse(self.told(), "the copy differs in nothing")
        self.new(move).move_state_id = self.new(self.interested)
        self.assertEqual([line[0] for line in self.told()], ["changed"])
        self.publish()
        self.pass_time(days=1, minutes=1)
        self.assertEqual(self.participant(self.ann).state_id, self.new(self.interested))
        self.assertEqual(self.participant(self.ann).end_kind, "goal")
