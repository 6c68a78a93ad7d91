"""By hand: what people do to many participants at once, each of it one statement.

Every change names the state that it expects: what the engine, or a colleague, has done meanwhile
stays done, and whoever asked is told how many were left alone. What was done, by whom and why is
written down with it (`flow_intervention`).
"""

from odoo.tools import SQL

# Of several runs of a contact, or of an address, the last one is written to. Who is held out gets
# nothing of the campaign, also not by hand.
LAST_RUNS = """
    SELECT DISTINCT ON (COALESCE(run.email_key, run.res_id::text)) run.id
      FROM (SELECT DISTINCT ON (p.res_id) p.id, p.res_id, p.email_key, p.status
              FROM flow_participant p
             WHERE p.campaign_id = %(campaign)s AND %(chosen)s
               AND p.end_kind IS DISTINCT FROM 'held_out'
             ORDER BY p.res_id, p.status = 'ended', p.id DESC) run
     ORDER BY COALESCE(run.email_key, run.res_id::text), run.status = 'ended', run.id DESC
"""

# A message outside the workflow: a step of its own for each. It is of no state, so that leaving one
# does not cancel it, and none waits for it.
SCHEDULE = """
    INSERT INTO flow_step
           (participant_id, campaign_id, visit, occurrence, action_id, action_key,
            status, due_at, attempts, is_message, is_call)
    SELECT p.id, p.campaign_id, p.visit, 0, %(action)s, %(key)s,
           'scheduled', %(due)s, 0, TRUE, FALSE
      FROM flow_participant p
     WHERE p.id IN (%(runs)s)
     ORDER BY p.id
        ON CONFLICT DO NOTHING
"""

# Contacts who take no part get a run that has ended before it began: it is what their messages and
# reactions belong to, and keeps nobody from coming in. Its number is 0, once for each contact.
WELCOME = """
    INSERT INTO flow_participant
           (campaign_id, state_id, status, end_kind, visit, run_number, entered_at, started_at,
            ended_at, res_id, partner_id, email_key, name, country_ref, salesperson_ref)
    SELECT %(campaign)s, %(start)s, 'ended', 'guest', 0, 0, %(now)s, %(now)s, %(now)s,
           c.id, %(partner)s, c.email_normalized, %(name)s, %(country)s, %(salesperson)s
      FROM %(table)s c
     WHERE c.id IN %(contacts)s
       AND NOT EXISTS (SELECT FROM flow_participant p
                        WHERE p.campaign_id = %(campaign)s AND p.res_id = c.id)
     ORDER BY c.id
        ON CONFLICT DO NOTHING
"""

RUN_NOW = """
    UPDATE flow_step SET due_at = %(now)s, wait_reason = 'now'
     WHERE id = ANY(%(ids)s) AND status = 'scheduled'
    RETURNING id, participant_id
"""

# A message that a worker has in hand but has not begun to send is not begun any more: the claim is
# gone with the status, see `delivery_log.BEGIN`.
SKIP = """
    UPDATE flow_step
       SET status = 'skipped', reason = %(left_out)s, done_at = %(now)s, wait_reason = NULL,
           claimed_by = NULL
     WHERE id = ANY(%(ids)s) AND status IN ('scheduled', 'failed')
    RETURNING id, participant_id
"""

RETRY = """
    UPDATE flow_step SET status = 'scheduled', attempts = 0, due_at = %(now)s, reason = NULL
     WHERE id = ANY(%(ids)s) AND status = 'failed'
    RETURNING id, participant_id
"""

PAUSE = """
    UPDATE flow_participant SET is_paused = TRUE
     WHERE id = ANY(%(ids)s) AND status <> 'ended' AND is_paused IS NOT TRUE
    RETURNING NULL::int, id
"""

# Time has gone on: whoever is resumed is looked at at once.
RESUME = """
    UPDATE flow_participant SET is_paused = NULL, next_at = %(now)s
     WHERE id = ANY(%(ids)s) AND status <> 'ended' AND is_paused
    RETURNING NULL::int, id
"""

# The engine takes them along the way, or through the door, a batch at a time; whoever goes another
# way before that forgets it (`advance.ENTER`).
RELEASE = """
    UPDATE flow_participant p SET release_key = %(key)s, next_at = %(now)s
     WHERE p.campaign_id = %(campaign)s AND p.state_id = %(state)s AND p.status = %(status)s
       AND %(chosen)s
    RETURNING NULL::int, id
"""

NOTE = """
    INSERT INTO flow_intervention
           (step_id, participant_id, campaign_id, kind, reason, user_id, moment)
    SELECT done.step_id, p.id, p.campaign_id, %(kind)s, %(reason)s, %(user)s, %(now)s
      FROM unnest(%(steps)s::int[], %(participants)s::int[]) done(step_id, participant_id)
      JOIN flow_participant p ON p.id = done.participant_id
     ORDER BY p.id
"""

# Changing and writing it down in one statement, however many there are. Participants are looked at
# again where that may let them go on.
CHANGE_AND_NOTE = """
    WITH done(step_id, participant_id) AS (%(change)s),
    woken AS (
        UPDATE flow_participant SET next_at = %(now)s
         WHERE %(wake)s AND status = 'active' AND id IN (SELECT participant_id FROM done)
    )
    INSERT INTO flow_intervention
           (step_id, participant_id, campaign_id, kind, reason, user_id, moment)
    SELECT done.step_id, p.id, p.campaign_id, %(kind)s, %(reason)s, %(user)s, %(now)s
      FROM done JOIN flow_participant p ON p.id = done.participant_id
"""

RESPOND = """
    INSERT INTO flow_event
           (participant_id, campaign_id, state_id, kind, detail, value, user_id, is_machine,
            is_new, occurred_at)
    SELECT p.id, p.campaign_id, p.state_id, 'response', %(detail)s, %(value)s, %(user)s, FALSE,
           TRUE, %(moment)s
      FROM flow_participant p WHERE %(chosen)s
     ORDER BY p.id
"""


def chosen(participants, domain) -> SQL:
    """Return SQL for the participants ``p`` whom a user has chosen and may see.

    :param participants: an empty `flow.participant` with the rights of the user
    :param domain: a domain on participants
    """
    return SQL("p.id IN %s", participants._search(domain).subselect())


def send(env, campaign, action, runs: SQL, due) -> int:
    """Write the steps of a message by hand; return how many there are.

    :param action: the manual `flow.action`
    :param runs: SQL for the ids of the participants, see `last_runs`
    :param due: when it is to leave
    """
    env.flush_all()
    env.cr.execute(SQL(SCHEDULE, action=action.id, key=action.key, due=due, runs=runs))
    count = env.cr.rowcount
    env["flow.step"].invalidate_model()
    return count


def last_runs(campaign, chosen: SQL) -> SQL:
    """Return SQL for the last run of each contact and each address.

    :param chosen: SQL condition on participants ``p``
    """
    return SQL(LAST_RUNS, campaign=campaign.id, chosen=chosen)


def welcome(env, campaign, contacts: SQL, now) -> None:
    """Give contacts who take no part in a campaign what a message to them can belong to.

    :param contacts: SQL for ids of the campaign's target model, as a subselect
    """
    env.flush_all()
    columns = campaign._target_columns()
    env.cr.execute(
        SQL(
            WELCOME,
            campaign=campaign.id,
            start=campaign.workflow_id._plan().start.id,
            now=now,
            partner=columns["partner"],
            name=columns["name"],
            country=columns["country"],
            salesperson=columns["salesperson"],
            table=SQL.identifier(env[campaign.target_model]._table),
            contacts=contacts,
        )
    )
    env["flow.participant"].invalidate_model()


def change(env, statement: str, kind: str, now, reason=None, wake=False, **values) -> int:
    """Change what is as expected, and write down who did it; return how many were changed.

    :param statement: one of those above, which returns step and participant
    :param kind: of the `flow.intervention`
    :param reason: why, in the words of the user
    :param wake: whether participants may go on because of it
    """
    env.flush_all()
    env.cr.execute(
        SQL(
            CHANGE_AND_NOTE,
            change=SQL(statement, now=now, **values),
            kind=kind,
            reason=reason or None,
            user=env.uid,
            now=now,
            wake=wake,
        )
    )
    count = env.cr.rowcount
    for model in ("flow.step", "flow.participant", "flow.intervention"):
        env[model].invalidate_model()
    return count


def note(env, participant_ids: list[int], kind: str, now, reason: str | None) -> None:
    """Write down what somebody did to participants."""
    env.cr.execute(
        SQL(
            NOTE,
            steps=[None] * len(participant_ids),
            participants=list(participant_ids),
            kind=kind,
            reason=reason,
            user=env.uid,
            now=now,
        )
    )
    env["flow.intervention"].invalidate_model()


def respond(env, chosen: SQL, **values) -> int:
    """Write down a response of participants; return how many there are.

    :param chosen: SQL condition on participants ``p``
    :param values: ``detail``, ``value`` and ``moment``
    """
    env.flush_all()
    env.cr.execute(SQL(RESPOND, chosen=chosen, user=env.uid, **values))
    count = env.cr.rowcount
    for model in ("flow.event", "flow.participant"):
        env[model].invalidate_model()
    return count
