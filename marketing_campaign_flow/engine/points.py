"""Points: a ledger per contact, and totals that are right however many workers add at once.

The ledger only grows. Every entry is added to two totals in the transaction that writes it: that of
the contact in its group of points, and the column `flow_points` of the contact, over all groups.
Contacts are locked in the order of their ids before anything is read or written. At Odoo's
REPEATABLE READ whoever finds a contact that was changed meanwhile begins again, so what was read
under the lock, such as how much is missing to a number of points, is what is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from odoo.tools import SQL

from . import database_clock

# The column of the ledger that refers to the contact, by the model of the contact.
CONTACT_COLUMNS = {"res.partner": "partner_id", "mailing.contact": "mailing_contact_id"}

LOCK = "SELECT id FROM %(table)s WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"

# The unique index on the step makes the insert the right to count.
WRITE = """
    INSERT INTO flow_point
           (%(column)s, group_id, amount, campaign_id, company_id, step_id, reason, moment, is_new)
    SELECT e.contact_id, %(group)s, e.amount, %(campaign)s, %(company)s, e.step_id, %(reason)s,
           %(now)s, TRUE
      FROM unnest(%(steps)s::int[], %(contacts)s::int[], %(amounts)s::int[])
           e(step_id, contact_id, amount)
     WHERE e.amount <> 0
        ON CONFLICT (step_id) DO NOTHING
 RETURNING id
"""

ADD_UP = """
    WITH added AS (
        SELECT %(column)s AS contact_id, group_id, sum(amount)::int AS points
          FROM flow_point
         WHERE id = ANY(%(entries)s) AND %(column)s IS NOT NULL
         GROUP BY 1, 2
    ), totals AS (
        INSERT INTO flow_point_total AS t (%(column)s, group_id, points)
        SELECT contact_id, group_id, points FROM added ORDER BY 1, 2
            ON CONFLICT (%(column)s, group_id) DO UPDATE SET points = t.points + EXCLUDED.points
    )
    UPDATE %(table)s c SET flow_points = COALESCE(c.flow_points, 0) + of_contact.points
      FROM (SELECT contact_id, sum(points)::int AS points FROM added GROUP BY 1) of_contact
     WHERE c.id = of_contact.contact_id
"""

TOTALS = """
    SELECT %(column)s, points FROM flow_point_total
     WHERE group_id = %(group)s AND %(column)s = ANY(%(ids)s)
"""

# Who is where a filter decides is looked at again, in any campaign. As with events this is done
# when the points are committed, at READ COMMITTED: whoever is moved at this moment is waited for,
# and who comes into a state later is looked at with these points anyway. In the transaction that
# writes the points, whose snapshot is older, somebody could be looked at and laid to rest unseen.
# In the order of the ids, like whoever else takes several participants.
WAKE = """
    WITH fresh AS (
        SELECT id, partner_id, mailing_contact_id FROM flow_point
         WHERE is_new ORDER BY id LIMIT %(limit)s
           FOR UPDATE SKIP LOCKED
    ),
    waiting AS (
        SELECT p.id
          FROM flow_campaign c
          JOIN flow_participant p ON p.campaign_id = c.id
         WHERE c.status IN ('running', 'paused') AND p.status = 'active'
           AND p.res_id = ANY(CASE c.target_model
                              WHEN 'res.partner' THEN ARRAY(SELECT partner_id FROM fresh)
                              ELSE ARRAY(SELECT mailing_contact_id FROM fresh) END)
           AND EXISTS (SELECT 1 FROM flow_transition t
                        WHERE t.workflow_id = c.workflow_id
                          AND (t.state_id IS NULL OR t.state_id = p.state_id)
                          AND (t.trigger = 'condition' OR t.guard IS NOT NULL))
         ORDER BY p.id
           FOR NO KEY UPDATE OF p
    ),
    woken AS (
        UPDATE flow_participant SET next_at = %(now)s WHERE id IN (SELECT id FROM waiting)
    )
    UPDATE flow_point SET is_new = FALSE WHERE id IN (SELECT id FROM fresh)
    RETURNING id
"""
BATCH = 1000

FOLLOW = """
    UPDATE flow_point SET partner_id = %(kept)s, is_new = TRUE WHERE partner_id = ANY(%(others)s)
"""
FORGET_TOTALS = "DELETE FROM flow_point_total WHERE partner_id = ANY(%(ids)s)"
RECOUNT = """
    INSERT INTO flow_point_total (partner_id, group_id, points)
    SELECT partner_id, group_id, sum(amount)::int FROM flow_point
     WHERE partner_id = %(kept)s GROUP BY 1, 2
"""
RECOUNT_CONTACTS = """
    UPDATE res_partner c
       SET flow_points = COALESCE(
               (SELECT sum(t.points)::int FROM flow_point_total t WHERE t.partner_id = c.id), 0)
     WHERE c.id = ANY(%(ids)s)
"""


@dataclass(frozen=True)
class Change:
    """What happens to the points of contacts.

    :param amount: is added; negative takes points away
    :param is_goal: `amount` is how many points the contact is to have in the group
    """

    group_id: int
    amount: int
    is_goal: bool = False
    reason: str | None = None


def change(env, campaign, model: str, contact_of: dict[int, int], wanted: Change) -> None:
    """Change the points of the contacts of steps.

    :param model: of the contacts, a key of `CONTACT_COLUMNS`
    :param contact_of: ``{step id: contact id}``; each step counts once, whatever happens
    """
    lock(env, model, set(contact_of.values()))
    env.cr.execute(
        SQL(
            WRITE,
            column=_column(model),
            group=wanted.group_id,
            campaign=campaign.id,
            company=campaign.company_id.id,
            reason=wanted.reason,
            now=database_clock.now(env),
            steps=list(contact_of),
            contacts=list(contact_of.values()),
            amounts=_amounts(env, model, contact_of, wanted),
        )
    )
    count(env, model, [row[0] for row in env.cr.fetchall()])


def lock(env, model: str, ids: Iterable[int]) -> None:
    """Keep everybody else from changing contacts, and their points, until the transaction ends."""
    env.flush_all()
    env.cr.execute(
        SQL(LOCK, table=SQL.identifier(env[model]._table), ids=list(ids)), log_exceptions=False
    )


def count(env, model: str, entries: list[int]) -> None:
    """Add entries of the ledger to the totals.

    :param entries: ids of `flow.point` that were written in this transaction, whose contacts it has
        locked
    """
    if not entries:
        return
    env.cr.execute(
        SQL(
            ADD_UP,
            column=_column(model),
            table=SQL.identifier(env[model]._table),
            entries=entries,
        )
    )
    _forget(env, model)


def wake(env, limit: int = BATCH) -> int:
    """Look again at those whose points have changed, where filters decide.

    :param limit: how many entries of the ledger at most
    :return: how many were taken
    """
    env.cr.execute(SQL(WAKE, limit=limit, now=database_clock.now(env)))
    taken = len(env.cr.fetchall())
    if taken:
        env["flow.participant"].invalidate_model(["next_at"])
        env["flow.point"].invalidate_model(["is_new"])
    return taken


def merge(env, contact_ids: list[int], kept_id: int) -> None:
    """Give the points of contacts that are merged to the one of them that stays."""
    lock(env, "res.partner", contact_ids)
    others = [contact_id for contact_id in contact_ids if contact_id != kept_id]
    env.cr.execute(SQL(FOLLOW, kept=kept_id, others=others))
    if not env.cr.rowcount:
        return
    env.cr.execute(SQL(FORGET_TOTALS, ids=contact_ids))
    env.cr.execute(SQL(RECOUNT, kept=kept_id))
    env.cr.execute(SQL(RECOUNT_CONTACTS, ids=contact_ids))
    _forget(env, "res.partner")


def _amounts(env, model, contact_of, wanted) -> list[int]:
    """Return what each step adds; of several steps of a contact the first one reaches the goal."""
    if not wanted.is_goal:
        return [wanted.amount] * len(contact_of)
    env.cr.execute(
        SQL(
            TOTALS,
            column=_column(model),
            group=wanted.group_id,
            ids=list(set(contact_of.values())),
        )
    )
    has = dict(env.cr.fetchall())
    amounts = []
    for contact_id in contact_of.values():
        amounts.append(wanted.amount - has.get(contact_id, 0))
        has[contact_id] = wanted.amount
    return amounts


def _forget(env, model) -> None:
    env["flow.point"].invalidate_model()
    env["flow.point.total"].invalidate_model()
    env[model].invalidate_model(["flow_points", "flow_point_total_ids"])


def _column(model) -> SQL:
    return SQL.identifier(CONTACT_COLUMNS[model])
