"""What the ledger must say, whatever happened to the workers; every statement finds offenders."""

import runpy
from collections import Counter

from tools import places

# The whole ledger counted directly, as the addon's own tests do, without loading Odoo.
COUNTS = places.REPOSITORY / places.CORE_ADDON / "tests" / "ledger_counts.py"
MISCOUNTED = runpy.run_path(str(COUNTS))["MISCOUNTED"]
MISREACTED = runpy.run_path(str(COUNTS))["MISREACTED"]
MISSPENT = runpy.run_path(str(COUNTS))["MISSPENT"]

# Each with the sentence that it would break. First those of actions that write down their effect.
ACTED = {
    "an action has acted twice for a step":
        "SELECT step_id FROM faults_effect GROUP BY step_id HAVING count(*) > 1",
    "a step is done and its action has not acted":
        """SELECT s.id FROM flow_step s LEFT JOIN faults_effect e ON e.step_id = s.id
            WHERE s.status = 'done' AND e.step_id IS NULL""",
    "an action has acted for a step that is not done":
        """SELECT e.step_id FROM faults_effect e LEFT JOIN flow_step s
               ON s.id = e.step_id AND s.status = 'done' WHERE s.id IS NULL""",
}  # fmt: skip

BROKEN = {
    "an action is in the ledger twice for one visit":
        """SELECT participant_id FROM flow_step
            GROUP BY participant_id, action_key, visit, occurrence HAVING count(*) > 1""",
    "a contact is in a campaign twice":
        """SELECT res_id FROM flow_participant WHERE status <> 'ended'
            GROUP BY campaign_id, res_id HAVING count(*) > 1""",
    "who has ended is in an end, and who is in an end has ended":
        """SELECT p.id FROM flow_participant p JOIN flow_state s ON s.id = p.state_id
            WHERE (p.status = 'ended') <> (p.ended_at IS NOT NULL)
               OR (p.status = 'ended') <> (p.end_kind IS NOT NULL)
               OR (s.kind IN ('goal', 'exit', 'done') AND p.status = 'active')
               OR (p.end_kind IN ('goal', 'exit', 'done') AND s.kind <> p.end_kind)""",
    "a step is scheduled for somebody who has ended":
        """SELECT s.id FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
            WHERE s.status = 'scheduled' AND p.status = 'ended'""",
    "an action of a state that was entered is missing from the ledger":
        """SELECT p.id FROM flow_participant p
             JOIN flow_action a ON a.state_id = p.state_id
            WHERE p.status = 'active' AND NOT EXISTS (
                  SELECT FROM flow_step s WHERE s.participant_id = p.id
                     AND s.action_key = a.key AND s.visit = p.visit)""",
    "a state that was entered is missing from the log of visits":
        """SELECT p.id FROM flow_participant p
            WHERE p.status = 'active' AND NOT EXISTS (
                  SELECT FROM flow_visit v JOIN flow_state s ON s.key = v.state_key
                   WHERE s.id = p.state_id AND v.participant_id = p.id AND v.visit = p.visit
                     AND v.kind = 'entered')""",
    "facts say something else than the ledger":
        MISCOUNTED,
    "reactions are added up wrong":
        MISREACTED,
    "sums of money say something else than the ledger":
        MISSPENT,
    "more is spent and reserved than the budget allows":
        """SELECT c.id FROM flow_campaign c JOIN flow_spending f ON f.campaign_id = c.id
            WHERE c.budget_policy = 'stop' AND c.budget_amount > 0
            GROUP BY c.id HAVING sum(f.amount) + (
                  SELECT COALESCE(sum(k.amount), 0) FROM flow_cost k
                   WHERE k.campaign_id = c.id AND k.status = 'confirmed') > c.budget_amount""",
    "a step waits for money in a campaign that does not know of it":
        """SELECT s.id FROM flow_step s JOIN flow_campaign c ON c.id = s.campaign_id
            WHERE s.status = 'scheduled' AND s.wait_reason = 'budget' AND NOT c.awaits_budget""",
}  # fmt: skip

# Of messages.
MAILED = {
    "a message was handed over and no attempt is on record as accepted":
        """SELECT s.id FROM flow_step s LEFT JOIN flow_delivery d
               ON d.step_id = s.id AND d.status = 'accepted'
            WHERE (s.status = 'done') <> (d.id IS NOT NULL)""",
    "a message is uncertain in the ledger and not for a person, or the other way round":
        """SELECT s.id FROM flow_step s LEFT JOIN flow_delivery d
               ON d.step_id = s.id AND d.status = 'uncertain'
            WHERE (s.status = 'uncertain') <> (d.id IS NOT NULL)""",
    "an attempt is under way and its message is not, or the other way round":
        """SELECT s.id FROM flow_step s LEFT JOIN flow_delivery d
               ON d.step_id = s.id AND d.status = 'attempting'
            WHERE (s.status = 'sending') <> (d.id IS NOT NULL)""",
    "attempts are counted that are not on record":
        """SELECT s.id FROM flow_step s
            WHERE s.status IN ('done', 'scheduled', 'uncertain')
              AND s.attempts <> (SELECT count(*) FROM flow_delivery d WHERE d.step_id = s.id)""",
    "a trace tells another story than the ledger":
        """SELECT s.id FROM flow_step s LEFT JOIN mailing_trace t ON t.flow_step_id = s.id
            WHERE (s.status = 'done' AND t.trace_status IS DISTINCT FROM 'sent')
               OR (s.status IN ('scheduled', 'uncertain') AND t.trace_status <> 'outgoing')""",
    "a message has two traces":
        """SELECT flow_step_id FROM mailing_trace WHERE flow_step_id IS NOT NULL
            GROUP BY flow_step_id HAVING count(*) > 1""",
}  # fmt: skip

# What is due and was not looked at, although workers have run until nothing was due.
IDLE = {
    "a participant waits for a worker":
        """SELECT p.id FROM flow_participant p JOIN flow_campaign c ON c.id = p.campaign_id
            WHERE c.status = 'running' AND p.next_at <= {now}""",
    "a step waits for a worker":
        """SELECT s.id FROM flow_step s JOIN flow_campaign c ON c.id = s.campaign_id
            WHERE c.status = 'running' AND s.status = 'scheduled' AND s.due_at <= {now}
              AND s.wait_reason IS DISTINCT FROM 'budget'""",
    "an event waits for a worker":
        """SELECT e.id FROM flow_event e JOIN flow_campaign c ON c.id = e.campaign_id
            WHERE c.status = 'running' AND e.is_new""",
    "a message is in the hands of a worker that is gone":
        "SELECT id FROM flow_step WHERE claimed_by IS NOT NULL",
}  # fmt: skip

NOW = """(now() AT TIME ZONE 'UTC') + make_interval(secs => COALESCE((
    SELECT value::float FROM ir_config_parameter
     WHERE key = 'marketing_campaign_flow.clock_offset'), 0))"""


def check(workers, idle: bool = True, effects: dict | None = None) -> None:
    """Assert that nothing of the above has happened.

    :param idle: also that nothing is due
    :param effects: ACTED, or MAILED where the actions are emails
    """
    statements = BROKEN | (ACTED if effects is None else effects)
    if idle:
        statements |= {name: text.format(now=NOW) for name, text in IDLE.items()}
    found = {name: workers.sql(text)[:5] for name, text in statements.items()}
    broken = {name: rows for name, rows in found.items() if rows}
    assert not broken, broken


def whereabouts(workers, campaign_id: int) -> Counter:
    """Return how many participants are in which state, and how."""
    return Counter(
        {
            tuple(where): int(count)
            for *where, count in workers.sql(
                f"""SELECT s.key, p.status, COALESCE(p.end_kind, ''), count(*)
                      FROM flow_participant p JOIN flow_state s ON s.id = p.state_id
                     WHERE p.campaign_id = {campaign_id} GROUP BY 1, 2, 3"""
            )
        }
    )


def ledger(workers, campaign_id: int) -> Counter:
    """Return how many steps of which action have which status, in which visit."""
    return Counter(
        {
            tuple(what): int(count)
            for *what, count in workers.sql(
                f"""SELECT action_key, visit, status, count(*) FROM flow_step
                     WHERE campaign_id = {campaign_id} GROUP BY 1, 2, 3"""
            )
        }
    )
