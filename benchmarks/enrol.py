"""Enrol: an audience by criteria becomes participants.

Reference: a plain INSERT … SELECT of the same rows into a table with the same indexes.
"""

from benchmarks import harness
from benchmarks.harness import Figure
from benchmarks.world import Campaign

SIZE = 1_000_000
TARGET = 3

REFERENCE = """
    INSERT INTO bench_participant
           (campaign_id, state_id, status, visit, run_number, next_at, entered_at,
            res_id, partner_id, email_key, name)
    SELECT 1, 1, 'held', 0, 1, now(), now(), id, id, email_normalized, name
      FROM res_partner WHERE email LIKE 'contact%%@example.com'
"""


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures."""
    size = size or SIZE
    harness.make_contacts(env, size)
    campaign = Campaign(env)

    def enrol():
        assert campaign.enrol() == size
        env.cr.commit()

    value = harness.median_seconds(campaign.restart, enrol)

    def look_again():
        assert campaign.enrol() == 0
        env.cr.commit()

    again = harness.median_seconds(lambda: harness.vacuum(env, "flow_participant"), look_again)

    def restart_with_holdout():
        campaign.restart()
        campaign.campaign.holdout_share = 10
        env.cr.commit()

    held_out = harness.median_seconds(restart_with_holdout, enrol)

    def empty():
        env.cr.execute("DROP TABLE IF EXISTS bench_participant")
        env.cr.execute("CREATE TABLE bench_participant (LIKE flow_participant INCLUDING ALL)")
        env.cr.commit()

    def plain():
        env.cr.execute(REFERENCE)
        assert env.cr.rowcount == size
        env.cr.commit()

    reference = harness.median_seconds(empty, plain)
    env.cr.execute("DROP TABLE bench_participant")
    env.cr.commit()
    campaign.remove()
    return [
        Figure(f"enrol {size:,}", value, "s", reference, TARGET),
        Figure(f"enrol {size:,}, 10 % of them held out", held_out, "s", reference, TARGET),
        Figure(f"look for newcomers, {size:,} are in", again, "s", reference, TARGET),
    ]
