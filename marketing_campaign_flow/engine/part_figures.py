"""What the picture of a workflow says in numbers: for each of its parts, from the facts."""

from collections import defaultdict

from odoo.tools import SQL

# A fact is about one part of the workflow: a state, a transition or an action.
OF_PARTS = """
    SELECT metric, COALESCE(state_key, transition_key, action_key), sum(amount)
      FROM flow_fact
     WHERE campaign_id = %(campaign)s AND metric = ANY(%(metrics)s)
     GROUP BY 1, 2
"""
METRICS = (
    "held", "active", "entered", "passed",
    "step_planned", "step_done", "step_failed", "step_uncertain",
    "sent", "opened", "clicked", "replied",
)  # fmt: skip


def of_parts(env, campaign_id: int, more=()) -> dict[str, dict[str, int]]:
    """Return the sums of facts of each part, in one statement: ``{metric: {key: sum}}``.

    :param more: further metrics of `flow.fact`
    """
    env.flush_all()
    found = defaultdict(lambda: defaultdict(int))
    statement = SQL(OF_PARTS, campaign=campaign_id, metrics=[*METRICS, *more])
    for metric, key, number in env.execute_query(statement):
        found[metric][key] = number
    return found
