"""What a claim reads: what it takes, however long its queue is; and that it misses nothing."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..engine import (
    advance,
    budget,
    call,
    claim,
    database_clock,
    deliver,
    enrol,
    execute,
    ingest,
    wind_down,
)
from .common import FlowCase

CROWD = 3000
BATCH = 10

PEOPLE = """
    INSERT INTO flow_participant
           (campaign_id, state_id, status, visit, run_number, started_at, entered_at, next_at,
            res_id, name)
    SELECT %(campaign)s, %(state)s, 'active', 1, 1, %(now)s, %(now)s, %(now)s, -n, 'One of many'
      FROM generate_series(1, %(count)s) n
"""

STEPS = """
    INSERT INTO flow_step
           (participant_id, campaign_id, state_id, visit, occurrence, action_id, action_key, status,
            due_at, attempts, is_message, is_call)
    SELECT id, campaign_id, state_id, 1, 0, %(action)s, 'key', 'scheduled', %(now)s, 0, FALSE, FALSE
      FROM flow_participant WHERE campaign_id = %(campaign)s
"""

EVENTS = """
    INSERT INTO flow_event (participant_id, campaign_id, kind, is_machine, is_new, occurred_at)
    SELECT id, campaign_id, 'opened', FALSE, TRUE, %(now)s
      FROM flow_participant WHERE campaign_id = %(campaign)s
"""

MESSAGES = STEPS.replace("FALSE, FALSE", "TRUE, FALSE")
CALLS = STEPS.replace("FALSE, FALSE", "FALSE, TRUE")

ROWS_READ = """
    SELECT COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0)
      FROM pg_stat_xact_user_tables WHERE relname = %s
"""

ENTRIES_READ = "SELECT pg_stat_get_xact_tuples_returned(%s::regclass)"


@tagged("post_install", "-at_install")
class TestClaims(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.waiting = cls.state("Waiting", "start")
        cls.transition(cls.waiting, cls.state("Over", "done"), "manual")
        cls.joining = cls.action(cls.waiting, "subscription", mailing_list_id=cls.hot_list.id)

    def crowd(self, *statements, count=CROWD):
        """Put many people into the campaign at once, all due now."""
        self.launch()
        values = {
            "campaign": self.campaign.id,
            "state": self.waiting.id,
            "action": self.joining.id,
            "now": database_clock.now(self.env),
            "count": count,
        }
        for statement in (PEOPLE, *statements):
            self.env.cr.execute(statement, values)

    def let_statistics_know_another_campaign_only(self, *statements):
        self.crowd(*statements)
        for table in ("flow_participant", "flow_step", "flow_event"):
            self.env.cr.execute(f"ANALYZE {table}")
        self.campaign = self.campaign.copy()
        self.workflow = self.campaign.workflow_id
        self.waiting = self.workflow.state_ids.filtered(lambda state: state.kind == "start")
        self.joining = self.waiting.action_ids

    def counted(self, statement, relation):
        self.env.cr.execute(statement, [relation])
        return self.env.cr.fetchone()[0]

    def assert_reads_only_what_it_takes(self, work, table):
        before = self.counted(ROWS_READ, table)
        self.assertEqual(work(self.env, self.campaign, limit=BATCH), BATCH)
        self.assertLess(self.counted(ROWS_READ, table) - before, 10 * BATCH)

    def test_participants_of_a_campaign_that_statistics_do_not_know(self):
        self.let_statistics_know_another_campaign_only()
        self.crowd()
        self.assert_reads_only_what_it_takes(advance.advance, "flow_participant")

    def test_steps_of_a_campaign_that_statistics_do_not_know(self):
        self.let_statistics_know_another_campaign_only(STEPS)
        self.crowd(STEPS)
        self.assert_reads_only_what_it_takes(execute.execute, "flow_step")

    def test_events_of_a_campaign_that_statistics_do_not_know(self):
        self.let_statistics_know_another_campaign_only(EVENTS)
        self.crowd(EVENTS)
        self.assert_reads_only_what_it_takes(ingest.ingest, "flow_event")

    def test_messages_of_a_campaign_that_statistics_do_not_know(self):
        self.let_statistics_know_another_campaign_only(MESSAGES)
        self.crowd(MESSAGES)
        self.assert_reads_only_what_it_takes(
            lambda _env, _campaign, limit: len(self.take_messages(claim.Front(), limit)),
            "flow_step",
        )

    def test_calls_of_a_campaign_that_statistics_do_not_know(self):
        self.let_statistics_know_another_campaign_only(CALLS)
        self.crowd(CALLS)
        self.assert_reads_only_what_it_takes(
            lambda _env, _campaign, limit: len(self.take_calls(claim.Front(), limit)), "flow_step"
        )

    def test_each_kind_of_work_reads_its_own_queue(self):
        self.crowd(MESSAGES.replace("'key'", "'message'"), CALLS.replace("'key'", "'call'"), STEPS)
        now = database_clock.now(self.env)
        for take in (
            self.take_messages,
            self.take_calls,
            lambda front, limit: front.claim(
                self.env,
                execute.CLAIM,
                campaign=self.campaign.id,
                now=now,
                limit=limit,
                unpriced=SQL("TRUE"),
            ),
        ):
            before = self.counted(ROWS_READ, "flow_step")
            self.assertEqual(len(take(claim.Front(), BATCH)), BATCH)
            self.assertLess(self.counted(ROWS_READ, "flow_step") - before, 5 * BATCH)

    def test_steps_that_wait_for_money_are_in_nobodys_way(self):
        self.joining.unit_cost = 1
        self.campaign.write({"budget_policy": "stop", "budget_amount": 3 + 5})
        self.crowd(MESSAGES)
        self.env.cr.execute(
            "UPDATE flow_step SET wait_reason = 'budget', due_at = due_at - interval '1 day'"
            " WHERE campaign_id = %s",
            [self.campaign.id],
        )
        self.env.cr.execute(
            MESSAGES.replace("'key'", "'later'") + " LIMIT 100",
            {
                "campaign": self.campaign.id,
                "action": self.joining.id,
                "now": database_clock.now(self.env),
            },
        )
        before = self.counted(ROWS_READ, "flow_step")
        self.assertEqual(len(self.take_messages(claim.Front(), BATCH)), BATCH)
        self.assertLess(self.counted(ROWS_READ, "flow_step") - before, 5 * BATCH)
        self.env.cr.execute("DELETE FROM flow_step WHERE action_key = 'later'")
        before = self.counted(ROWS_READ, "flow_step")
        self.assertEqual(budget.wake(self.env, self.campaign, database_clock.now(self.env)), 5)
        self.assertLess(self.counted(ROWS_READ, "flow_step") - before, 5 * BATCH)
        self.env.cr.execute("DELETE FROM flow_step WHERE claimed_by IS NOT NULL")

    def test_statistics_know_a_campaign_that_many_have_come_into(self):
        with patch.object(enrol, "MANY", len(self.partners)):
            self.launch()
        self.env.cr.execute(
            "SELECT %s = ANY (most_common_vals::text::int[]) FROM pg_stats"
            " WHERE tablename = 'flow_participant' AND attname = 'campaign_id'",
            [self.campaign.id],
        )
        self.assertEqual(self.env.cr.fetchall(), [(True,)])

    def test_statements_after_a_claim_may_sort(self):
        for work in (advance.advance, execute.execute, ingest.ingest, wind_down.wind_down):
            work(self.env, self.campaign)
            self.env.cr.execute("SHOW enable_sort")
            self.assertEqual(self.env.cr.fetchone()[0], "on")

    def test_a_pass_does_not_walk_over_the_participants_it_has_taken(self):
        self.crowd(count=300)
        before = self.counted(ENTRIES_READ, "flow_participant_due")
        front = claim.Front()
        while advance.advance(self.env, self.campaign, limit=BATCH, front=front):
            pass
        self.assertLess(self.counted(ENTRIES_READ, "flow_participant_due") - before, 5 * 300)

    def test_a_pass_does_not_walk_over_the_steps_it_has_taken(self):
        self.crowd(STEPS, count=300)
        before = self.counted(ENTRIES_READ, "flow_step_due")
        front = claim.Front()
        values = {"campaign": self.campaign.id, "now": database_clock.now(self.env)}
        values["unpriced"] = SQL("TRUE")
        while claimed := front.claim(self.env, execute.CLAIM, limit=BATCH, **values):
            ids = [step_id for _first_due, _first_id, step_id, _action_id in claimed]
            self.env.cr.execute("UPDATE flow_step SET status = 'done' WHERE id = ANY(%s)", [ids])
        self.assertLess(self.counted(ENTRIES_READ, "flow_step_due") - before, 5 * 300)

    def test_a_pass_does_not_walk_over_the_messages_it_has_taken(self):
        self.crowd(MESSAGES, count=300)
        before = self.counted(ENTRIES_READ, "flow_step_due")
        front = claim.Front()
        while claimed := self.take_messages(front, BATCH):
            ids = [step_id for _first_due, _first_id, step_id, _action_id in claimed]
            self.env.cr.execute("UPDATE flow_step SET status = 'done' WHERE id = ANY(%s)", [ids])
        # Claiming a message changes its row, which leaves one entry more behind.
        self.assertLess(self.counted(ENTRIES_READ, "flow_step_due") - before, 8 * 300)

    def test_a_pass_does_not_walk_over_the_calls_it_has_taken(self):
        self.crowd(CALLS, count=300)
        before = self.counted(ENTRIES_READ, "flow_step_due")
        front = claim.Front()
        while claimed := self.take_calls(front, BATCH):
            ids = [step_id for _first_due, _first_id, step_id, _action_id in claimed]
            self.env.cr.execute("UPDATE flow_step SET status = 'done' WHERE id = ANY(%s)", [ids])
        self.assertLess(self.counted(ENTRIES_READ, "flow_step_due") - before, 8 * 300)

    def take_calls(self, front, limit):
        values = {"campaign": self.campaign.id, "now": database_clock.now(self.env), "worker": 1}
        return front.claim(self.env, call.CLAIM, limit=limit, **values)

    def take_messages(self, front, limit):
        now = database_clock.now(self.env)
        values = {"campaign": self.campaign.id, "now": now, "unreachable": [], "worker": 1}
        return front.claim(self.env, deliver.CLAIM, limit=limit, **values)

    def test_what_becomes_due_before_the_front_is_found_in_the_same_pass(self):
        self.launch()
        now = database_clock.now(self.env)
        people = self.campaign.participant_ids.sorted("id")
        people[1:].next_at = now
        self.env.flush_all()
        front = claim.Front()
        self.assertEqual(advance.advance(self.env, self.campaign, limit=1, front=front), 1)
        people[0].next_at = now.replace(year=now.year - 1)
        self.env.flush_all()
        while advance.advance(self.env, self.campaign, limit=1, front=front):
            pass
        self.assertFalse(any(people.mapped("next_at")))

    def test_actions_take_turns_in_the_order_in_which_their_steps_are_due(self):
        other = self.action(self.waiting, "subscription", mailing_list_id=self.hot_list.id)
        self.launch()
        steps = self.campaign.participant_ids.step_ids.sorted(
            lambda step: (step.participant_id.id, step.id)
        )
        self.assertEqual(steps.action_id, self.joining | other)
        now = database_clock.now(self.env)
        for second, step in enumerate(steps):
            step.write({"status": "scheduled", "due_at": now.replace(year=2000, second=second)})
        self.env.flush_all()
        front, ran = claim.Front(), []
        while execute.execute(self.env, self.campaign, limit=2, front=front):
            done = steps.filtered(lambda step: step.status == "done") - steps.browse(ran)
            ran += done.sorted("due_at").ids
        self.assertEqual(ran, [steps[at].id for at in (0, 2, 1, 3, 4, 5)])
