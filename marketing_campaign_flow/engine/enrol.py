"""Enrol: everybody in the audience who is not in the campaign yet becomes a participant."""

from odoo.tools import SQL

from . import database_clock, failpoints

# One statement, however many contacts there are. Of contacts with the same normalised address the
# one with the lowest id comes in. The partial unique indexes of flow_participant make a second
# worker that enrols at the same time insert nothing.
ENROL = """
    INSERT INTO flow_participant
           (campaign_id, state_id, status, visit, run_number, next_at, entered_at,
            res_id, partner_id, email_key, name)
    SELECT DISTINCT ON (COALESCE(c.email_normalized, c.id::text))
           %(campaign)s, %(start)s, 'held', 0, 1, %(next)s, %(now)s,
           c.id, %(partner)s, c.email_normalized, COALESCE(c.name, c.email, '')
      FROM %(table)s c
     WHERE c.id IN %(contacts)s
       AND NOT EXISTS (
            SELECT 1 FROM flow_participant p
             WHERE p.campaign_id = %(campaign)s
               AND (p.res_id = c.id OR p.email_key = c.email_normalized))
     ORDER BY COALESCE(c.email_normalized, c.id::text), c.id
        ON CONFLICT DO NOTHING
"""


# Participants on their way whose contact is no longer in the audience.
LEFT = """
    SELECT p.id FROM flow_participant p
     WHERE p.campaign_id = %(campaign)s AND p.status <> 'ended'
       AND p.res_id NOT IN %(contacts)s
"""


def enrol(env, campaign, contacts) -> int:
    """Enrol contacts: they stand at the door of the start state, which `advance` opens for them.

    :param campaign: one running `flow.campaign`
    :param contacts: `Query` on the campaign's target model
    :return: how many came in
    """
    start = campaign.workflow_id._plan().start
    now = database_clock.now(env)
    target = env[campaign.target_model]
    env.cr.execute(
        SQL(
            ENROL,
            campaign=campaign.id,
            start=start.id,
            now=now,
            next=now if start.phase_id in campaign._open_phase_ids() else None,
            partner=SQL("c.id" if target._name == "res.partner" else "NULL"),
            table=SQL.identifier(target._table),
            contacts=contacts.subselect(),
        )
    )
    count = env.cr.rowcount
    failpoints.reach("enrol.inserted")
    env["flow.participant"].invalidate_model()
    return count


def left(env, campaign, contacts) -> list[int]:
    """Return the participants on their way who are no longer in the audience.

    :param contacts: `Query` on the campaign's target model
    """
    env.cr.execute(SQL(LEFT, campaign=campaign.id, contacts=contacts.subselect()))
    return [row[0] for row in env.cr.fetchall()]
