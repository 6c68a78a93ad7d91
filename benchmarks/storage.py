"""Storage: what an email costs in the database, for the arithmetic of `docs/scale.md`.

Bytes per row count the table, its indexes and its TOAST, after the vacuum that autovacuum does in
time. There is no reference: these figures are not a matter of speed.
"""

import tempfile
from pathlib import Path

from benchmarks import email, harness
from benchmarks.harness import Figure
from tools.smtp_sink import SmtpSink

SIZE = 5_000
TABLES = (
    "flow_participant", "flow_visit", "flow_step", "flow_delivery", "mailing_trace", "flow_event",
)  # fmt: skip
# Everybody opens the message: for the size of a row, it does not matter whether all do.
OPENED = """
    INSERT INTO flow_event (participant_id, campaign_id, step_id, action_key, state_id, kind,
                            is_machine, is_new, occurred_at)
    SELECT s.participant_id, s.campaign_id, s.id, s.action_key, p.state_id, 'opened', FALSE, FALSE,
           now() AT TIME ZONE 'UTC'
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
"""
USED = """
    SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0'), xact_commit
      FROM pg_stat_database WHERE datname = current_database()
"""


def run(env, size: int | None) -> list[Figure]:
    """Measure and return the figures, per row and per email."""
    size = size or SIZE
    harness.make_contacts(env, size)
    with tempfile.TemporaryDirectory() as spool, SmtpSink(Path(spool), name="bench") as mail:
        email.send_through(env, mail)
        used = {}
        for in_flight in (1, 8):
            # Enrolled and advanced as well: all that a campaign of one email costs.
            before = _used(env)
            email.campaign_rate(env, mail, size, in_flight)
            used[in_flight] = [
                (after - earlier) / size for after, earlier in zip(_used(env), before, strict=True)
            ]
    env.cr.execute(OPENED)
    env.cr.commit()
    figures = [_bytes_per_row(env, table) for table in TABLES]
    for in_flight, (wal, commits) in used.items():
        name = f"per email, {in_flight} in flight"
        figures.append(Figure(f"WAL {name}", wal, "bytes"))
        figures.append(Figure(f"commits {name}", commits, "commits"))
    email.clean(env)
    return figures


def _used(env) -> tuple[float, float]:
    """Return the bytes of WAL written and the commits made so far."""
    env.cr.execute("SELECT pg_stat_force_next_flush()")
    env.cr.commit()
    env.cr.execute(USED)
    wal, commits = env.cr.fetchone()
    env.cr.commit()
    return float(wal), float(commits)


def _bytes_per_row(env, table: str) -> Figure:
    env.cr.commit()
    env.cr._cnx.autocommit = True  # VACUUM wants no transaction
    env.cr.execute(f"VACUUM ANALYZE {table}")
    env.cr._cnx.autocommit = False
    size = f"SELECT count(*), pg_total_relation_size('{table}') FROM {table}"  # noqa: S608 (ours)
    env.cr.execute(size)
    count, total = env.cr.fetchone()
    env.cr.commit()
    return Figure(f"{table}, bytes per row", total / count, "bytes")
