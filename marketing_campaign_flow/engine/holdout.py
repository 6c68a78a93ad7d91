"""Hold-out: who takes no part, so that it can be said what taking part has brought.

Those who come in are parted at the door, once: some are held out, the others take part, and both
are compared later. A held-out participant is a run that has ended before it began: it never gets a
step, stands at no door, and keeps its contact from coming in. What its contact does is written down
as for those who take part.
"""

from odoo.tools import SQL

TREATED, HELD_OUT = "treated", "held_out"  # values of `flow_participant.comparison`

# A number from 0 to 9,999 that is the same whenever it is drawn for this contact in this campaign.
# It has nothing to do with the draws of another campaign, a split, a test or an audience.
DRAWN = """
    mod(('x' || substr(md5(concat(%(campaign)s::text, ':hold-out:', c.id)), 1, 8))
        ::bit(32)::bigint, 10000) < %(share)s
"""

# Joined: an IN that does not fit into memory would be gone through for each contact.
CONTROL_JOIN = """
    LEFT JOIN (SELECT DISTINCT id FROM %s k (id)) control ON control.id = c.id
"""

# One person who was in both groups tells nothing of either; twins of one group are one person.
MERGE = """
    UPDATE flow_participant p SET comparison = NULL
      FROM (SELECT campaign_id, min(id) AS first, count(DISTINCT comparison) AS groups
              FROM flow_participant
             WHERE id = ANY(%(runs)s) AND comparison IS NOT NULL
             GROUP BY campaign_id HAVING count(*) > 1) several
     WHERE p.campaign_id = several.campaign_id AND p.id = ANY(%(runs)s)
       AND p.comparison IS NOT NULL AND (several.groups > 1 OR p.id <> several.first)
"""

NOBODY = (SQL("NULL::boolean"), SQL(""))


def draw(campaign_id: int, share: float, control: SQL | None) -> tuple[SQL, SQL]:
    """Return SQL for whether a contact ``c`` is held out, and for the join that it needs.

    :param share: percent of those who come in, by chance
    :param control: ids of contacts who are held out anyway, a query in brackets
    :return: `NOBODY` where the campaign holds nobody out
    """
    reasons, join = [], SQL("")
    if share:
        reasons.append(SQL(DRAWN, campaign=campaign_id, share=round(share * 100)))
    if control:
        reasons.append(SQL("control.id IS NOT NULL"))
        join = SQL(CONTROL_JOIN, control)
    if not reasons:
        return NOBODY
    return SQL("(%s)", SQL(" OR ").join(reasons)), join
