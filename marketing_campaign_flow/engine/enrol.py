"""Enrol: everybody in the audience who is not in the campaign yet, or may come in again, becomes a
participant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo.tools import SQL

from . import audience, database_clock, failpoints, holdout, version_lock

# One statement, however many contacts there are. Those who are held out come in by it as well: as
# runs that have ended before they began. Of contacts with the same normalised address the one with
# the lowest id comes in. The unique indexes of flow_participant make a second worker that enrols at
# the same time insert nothing. Contact and address are looked up apart, because each can be hashed
# and the two joined by OR cannot.
ENROL = """
    WITH shut AS (
        SELECT p.res_id, p.email_key FROM flow_participant p
         WHERE p.campaign_id = %(campaign)s AND p.end_kind IS DISTINCT FROM 'guest' AND %(shut)s
    )
    INSERT INTO flow_participant
           (campaign_id, state_id, status, visit, run_number, next_at, entered_at, started_at,
            res_id, partner_id, email_key, name, country_ref, salesperson_ref, is_added, end_kind,
            ended_at, comparison)
    SELECT DISTINCT ON (COALESCE(c.email_normalized, c.id::text))
           %(campaign)s, %(start)s, CASE WHEN drawn.out THEN 'ended' ELSE 'held' END, 0, %(run)s,
           CASE WHEN NOT drawn.out IS TRUE THEN %(next)s::timestamp END, %(now)s, %(now)s,
           c.id, %(partner)s, c.email_normalized, %(name)s, %(country)s, %(salesperson)s,
           %(added)s,
           CASE WHEN drawn.out THEN 'held_out' END,
           CASE WHEN drawn.out THEN %(now)s::timestamp END,
           CASE drawn.out WHEN TRUE THEN 'held_out' WHEN FALSE THEN 'treated' END
      FROM %(table)s c %(runs)s %(control)s
     CROSS JOIN LATERAL (SELECT %(out)s) drawn (out)
     WHERE c.id IN %(contacts)s
       AND NOT EXISTS (SELECT 1 FROM shut WHERE shut.res_id = c.id)
       AND NOT EXISTS (SELECT 1 FROM shut WHERE shut.email_key = c.email_normalized)
     ORDER BY COALESCE(c.email_normalized, c.id::text), c.id
        ON CONFLICT DO NOTHING
"""

# Who keeps a contact, and an address, from coming in once more: a run that is under way or has not
# ended long enough ago, being held out, the last one allowed, or one that only a person may follow
# with another.
SHUT_AGAIN = """
    (p.status <> 'ended' OR p.ended_at > %(ended_by)s
     OR p.end_kind = 'held_out'
     OR (%(max)s > 0 AND p.run_number >= %(max)s)
     OR (p.end_kind IN ('removed', 'runaway')
         AND NOT EXISTS (SELECT 1 FROM flow_participant later
                          WHERE later.campaign_id = p.campaign_id AND later.res_id = p.res_id
                            AND later.run_number > p.run_number
                            AND later.started_at >= p.ended_at)))
"""

# The runs of a contact, and those of its address under whichever contact, are numbered on.
RUNS = """
    LEFT JOIN (SELECT res_id, max(run_number) AS number FROM flow_participant
                WHERE campaign_id = %(campaign)s GROUP BY res_id) own ON own.res_id = c.id
    LEFT JOIN (SELECT email_key, max(run_number) AS number FROM flow_participant
                WHERE campaign_id = %(campaign)s GROUP BY email_key) same
           ON same.email_key = c.email_normalized
"""
NEXT_RUN = "GREATEST(own.number, same.number, 0) + 1"
# Who has taken part goes on to, in the group of the first time.
DRAWN_ONCE = "CASE WHEN %(run)s = 1 THEN %(out)s END"


@dataclass(frozen=True)
class Reentry:
    """Who may come in once more: those whose last run ended by `ended_by`, until they have had
    `max_entries` runs (0 = any number)."""

    ended_by: datetime
    max_entries: int = 0


# So many at once change what PostgreSQL has to know of the table: plans from before, when next to
# nobody was in it, would read all of it for each batch until autovacuum comes round. What is being
# vacuumed is left to autovacuum.
MANY = 10_000
LEARN = "ANALYZE (SKIP_LOCKED) flow_participant"


# Participants on their way whose contact is no longer in the audience, nor was brought in besides.
# Joined: a NOT IN of a million would be gone through for each of them.
LEFT = """
    SELECT p.id FROM flow_participant p LEFT JOIN %(contacts)s c (id) ON c.id = p.res_id
     WHERE p.campaign_id = %(campaign)s AND p.status <> 'ended' AND p.is_added IS NOT TRUE
       AND c.id IS NULL
"""


# Two campaigns that add to each other would do so for ever, as fast as they can: whose last run
# began less than this ago is not added again.
PING_PONG = timedelta(minutes=5)

UNDER_WAY = """
    SELECT res_id FROM flow_participant
     WHERE campaign_id = %(campaign)s AND res_id = ANY(%(ids)s) AND status <> 'ended'
"""

# Changes nothing but the row's version: whoever stops or pauses the campaign at the same time has
# to look again, or we have, so that nobody comes into a campaign that is over.
HOLD_CAMPAIGN = """
    UPDATE flow_campaign SET enrol_at = enrol_at WHERE id = %s RETURNING status
"""


# Many come in at once, and none of them waits for another; whoever stops or pauses it does.
KEEP_STATUS = "SELECT status FROM flow_campaign WHERE id = %s FOR SHARE"


def lets_in(env, campaign) -> bool:
    """Return whether a campaign runs, which stays so until the transaction ends."""
    env["flow.campaign"].flush_model(["status"])
    env.cr.execute(SQL(KEEP_STATUS, campaign.id), log_exceptions=False)  # see `claim`
    return env.cr.fetchone()[0] == "running"


def add(
    env, campaign, contacts, ids: list[int], rest: timedelta = PING_PONG, *, drawn: bool = True
) -> tuple[set[int], set[int]] | None:
    """Enrol contacts whom something else than the audience brings in, by the same rules.

    They stay although they are not in the audience.

    :param campaign: one `flow.campaign`
    :param contacts: `Query` on the campaign's target model
    :param ids: the contacts that are asked for, whether the query finds them or not
    :param rest: those whose last run began less than this ago do not come in
    :param drawn: see `enrol`
    :return: who came in, and who was on the way already; None when the campaign does not run
    """
    env.flush_all()
    version_lock.share(env, campaign, wait=True)
    env.cr.execute(SQL(HOLD_CAMPAIGN, campaign.id), log_exceptions=False)  # see `claim`
    if env.cr.fetchone()[0] not in ("running", "paused"):
        return None
    before = _under_way(env, campaign, ids)
    rested = database_clock.now(env) - rest
    enrol(env, campaign, contacts, added=True, began_by=rested, drawn=drawn)
    return _under_way(env, campaign, ids) - before, before


def _under_way(env, campaign, ids) -> set[int]:
    env.cr.execute(SQL(UNDER_WAY, campaign=campaign.id, ids=ids))
    return {row[0] for row in env.cr.fetchall()}


def enrol(
    env,
    campaign,
    contacts,
    *,
    added: bool = False,
    began_by: datetime | None = None,
    drawn: bool = True,
) -> int:
    """Enrol contacts: they stand at the door of the start state, which `advance` opens for them.

    :param campaign: one running `flow.campaign`
    :param contacts: `Query` on the campaign's target model
    :param added: it is not the audience that brings them in; they stay though it does not know them
    :param began_by: only those whose last run, if any, began by then
    :param drawn: some of them are held out, where the campaign does that; False where a person has
        named them
    :return: how many came in, or are held out
    """
    env.flush_all()  # contacts are read as they are on record
    start = campaign.workflow_id._plan().start
    now = database_clock.now(env)
    again = campaign._reentry(now)
    target, columns = env[campaign.target_model], campaign._target_columns()
    out, control = campaign._held_out() if drawn else holdout.NOBODY
    env.cr.execute(
        SQL(
            ENROL,
            campaign=campaign.id,
            start=start.id,
            now=now,
            next=now if start.phase_id in campaign._open_phase_ids() else None,
            partner=columns["partner"],
            name=columns["name"],
            country=columns["country"],
            salesperson=columns["salesperson"],
            table=SQL.identifier(target._table),
            contacts=audience.ids_of(contacts),
            added=added,
            control=control,
            **_whether_again(campaign, again, began_by, out),
        )
    )
    count = env.cr.rowcount
    if count >= MANY:
        env.cr.execute(LEARN)
    failpoints.reach("enrol.inserted")
    env["flow.participant"].invalidate_model()
    return count


def _whether_again(campaign, again: Reentry | None, began_by, out: SQL) -> dict[str, SQL]:
    """Return the parts of `ENROL` that say who is kept out, which run begins, and who of those for
    whom it is the first is held out."""
    if again is None:  # any run that there was keeps its contact and its address out
        return {"shut": SQL("TRUE"), "run": SQL("1"), "runs": SQL(""), "out": out}
    shut = SQL(SHUT_AGAIN, ended_by=again.ended_by, max=again.max_entries)
    if began_by:
        shut = SQL("(%s OR p.started_at > %s)", shut, began_by)
    return {
        "shut": shut,
        "run": SQL(NEXT_RUN),
        "runs": SQL(RUNS, campaign=campaign.id),
        "out": SQL(DRAWN_ONCE, run=SQL(NEXT_RUN), out=out),
    }


def left(env, campaign, contacts) -> list[int]:
    """Return the participants on their way who are no longer in the audience.

    :param contacts: `Query` on the campaign's target model
    """
    env.cr.execute(SQL(LEFT, campaign=campaign.id, contacts=audience.ids_of(contacts)))
    return [row[0] for row in env.cr.fetchall()]
