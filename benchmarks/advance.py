"""Advance: a time-out takes everybody into a state with one action, whose steps are written.

The action changes nothing, so that it is the engine that is measured. Reference: a plain UPDATE of
the participants and an INSERT of the steps, in batches of the same size, committed each time.
"""

from benchmarks import harness
from benchmarks.harness import Figure
from benchmarks.world import Campaign

SIZE = 1_000_000
TARGET = 5
STATEMENTS_TARGET = 60
BATCH = 1000

MOVE = """
    UPDATE bench_participant SET state_id = 2, visit = visit + 1, entered_at = now(), next_at = NULL
     WHERE id IN (SELECT id FROM bench_participant WHERE next_at IS NOT NULL LIMIT %(batch)s)
 RETURNING id
"""
WRITE = """
    INSERT INTO bench_step
           (participant_id, campaign_id, state_id, visit, occurrence, action_id, action_key, status,
            due_at, done_at, attempts, is_message, is_call)
    SELECT id, 1, 2, 2, 0, 1, 'key', 'done', now(), now(), 1, FALSE, FALSE
      FROM unnest(%(ids)s) id
"""


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures."""
    size = size or SIZE
    harness.make_contacts(env, size)
    campaign = Campaign(env)
    statements = []

    def prepare():
        campaign.restart()
        campaign.enrol()
        campaign.work()
        harness.vacuum(env, "flow_participant", "flow_step")
        campaign.pass_days(2)

    def advance():
        before = env.cr.sql_log_count
        campaign.work()
        statements.append((env.cr.sql_log_count - before) / (size / BATCH))
        assert campaign.count_done() == size

    value = harness.median_seconds(prepare, advance)

    def copy():
        for table in ("participant", "step"):
            env.cr.execute(f"DROP TABLE IF EXISTS bench_{table}")
            env.cr.execute(f"CREATE TABLE bench_{table} (LIKE flow_{table} INCLUDING ALL)")
        env.cr.execute("INSERT INTO bench_participant SELECT * FROM flow_participant")
        env.cr.execute("UPDATE bench_participant SET next_at = now()")
        env.cr.commit()
        harness.vacuum(env, "bench_participant")

    def plain():
        while True:
            env.cr.execute(MOVE, {"batch": BATCH})
            ids = [row[0] for row in env.cr.fetchall()]
            if not ids:
                return
            env.cr.execute(WRITE, {"ids": ids})
            env.cr.commit()

    reference = harness.median_seconds(copy, plain)
    env.cr.execute("DROP TABLE bench_participant, bench_step")
    env.cr.commit()
    campaign.remove()
    return [
        Figure(f"advance {size:,} by time-out, one step each", value, "s", reference, TARGET),
        Figure(
            "SQL statements per batch of 1,000", max(statements), "statements",
            target=STATEMENTS_TARGET,
        ),
    ]  # fmt: skip
