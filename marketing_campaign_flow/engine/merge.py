"""Merge: contacts that turn out to be one person go on as one run per campaign."""

from odoo.tools import SQL

from . import holdout

# Whoever moves one of them right now is waited for.
LOCK = """
    SELECT p.id FROM flow_participant p JOIN flow_campaign c ON c.id = p.campaign_id
     WHERE c.target_model = %(model)s AND p.res_id = ANY(%(contacts)s)
     ORDER BY p.id FOR UPDATE OF p
"""

# The run that came furthest goes on; of equal ones that of the contact that stays.
TWINS = """
    SELECT id FROM (
        SELECT id, row_number() OVER (
                   PARTITION BY campaign_id
                   ORDER BY visit DESC, (res_id = %(kept)s) DESC, id) AS place
          FROM flow_participant
         WHERE id = ANY(%(runs)s) AND status <> 'ended') underway
     WHERE place > 1
"""

# The runs of the others follow those of the contact that stays; numbers that nobody has had yet, so
# that no unique index sees the same one twice. Who was only written to by hand has had no run:
# those numbers are below zero.
MOVE = """
    WITH moved AS (
        SELECT p.id,
               CASE WHEN p.end_kind = 'guest' THEN - p.id
                    ELSE (SELECT GREATEST(max(o.run_number), 0) FROM flow_participant o
                           WHERE o.campaign_id = p.campaign_id AND o.res_id = %(kept)s)
                         + row_number() OVER (PARTITION BY p.campaign_id ORDER BY p.id)
                END AS run_number
          FROM flow_participant p
         WHERE p.id = ANY(%(runs)s) AND p.res_id <> %(kept)s
    )
    UPDATE flow_participant p
       SET res_id = %(kept)s, partner_id = %(partner)s, run_number = moved.run_number
      FROM moved WHERE moved.id = p.id
"""


def merge(env, contacts, kept, partner_id: int | None, end) -> None:
    """Give the runs of contacts to one of them; a number of statements that does not grow.

    :param contacts: all records that are merged
    :param kept: the one of them that stays
    :param partner_id: the contact behind it
    :param end: ends runs as merged, given their ids
    """
    env.flush_all()
    env.cr.execute(SQL(LOCK, model=kept._name, contacts=contacts.ids))
    runs = [row[0] for row in env.cr.fetchall()]
    if not runs:
        return
    env.cr.execute(SQL(TWINS, runs=runs, kept=kept.id))
    end([row[0] for row in env.cr.fetchall()])
    env.cr.execute(SQL(holdout.MERGE, runs=runs))
    env.cr.execute(SQL(MOVE, runs=runs, kept=kept.id, partner=partner_id))
    env["flow.participant"].invalidate_model()
