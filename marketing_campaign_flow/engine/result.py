"""Campaign figures that decide: “open rate of the invitation at least 25 %, from 100 sent on”.

Figures come from the facts that are counted with the ledger (`facts`), never from the ledger: what
they cost does not depend on how many participants there are.
"""

from collections import defaultdict
from dataclasses import dataclass

from odoo.tools import SQL

from .plan import Result

SUMS = """
    SELECT campaign_id, metric, sum(amount)
      FROM flow_fact
     WHERE campaign_id = ANY(%(campaigns)s) AND metric = ANY(%(metrics)s) AND %(of_action)s
     GROUP BY campaign_id, metric
"""

# For each who asks, up to a day of its own. What is planned has no day.
SUMS_UNTIL = """
    SELECT o.id, f.metric, sum(f.amount)
      FROM unnest(%(ids)s::int[], %(campaigns)s::int[], %(untils)s::date[])
           o(id, campaign_id, until)
      JOIN flow_fact f ON f.campaign_id = o.campaign_id AND f.metric = ANY(%(metrics)s)
                      AND (o.until IS NULL OR f.day IS NULL OR f.day <= o.until)
     GROUP BY o.id, f.metric
"""

BY_ARM = """
    SELECT arm, metric, sum(amount)
      FROM flow_fact
     WHERE campaign_id = %(campaign)s AND metric = ANY(%(metrics)s) AND action_key = %(action)s
       AND arm = ANY(%(arms)s)
     GROUP BY arm, metric
"""

BY_ACTION = """
    SELECT action_key, metric, sum(amount)
      FROM flow_fact
     WHERE campaign_id = %(campaign)s AND metric = ANY(%(metrics)s) AND action_key IS NOT NULL
     GROUP BY action_key, metric
"""

OF_ACTIONS = """
    SELECT action_key, metric, sum(amount)
      FROM flow_fact
     WHERE campaign_id = ANY(%(campaigns)s) AND metric = ANY(%(metrics)s) AND action_key IS NOT NULL
     GROUP BY action_key, metric
"""

BY_DAY = """
    SELECT day, metric, sum(amount)
      FROM flow_fact
     WHERE campaign_id = %(campaign)s AND metric = ANY(%(metrics)s) AND day IS NOT NULL
     GROUP BY day, metric
    HAVING sum(amount) <> 0
"""

PEOPLE = """
    SELECT campaign_id, state_key, sum(amount)
      FROM flow_fact
     WHERE campaign_id = ANY(%(campaigns)s) AND metric = ANY(%(metrics)s)
     GROUP BY campaign_id, state_key
"""

WHEREABOUTS = """
    SELECT state_key, CASE WHEN metric IN ('held', 'active') THEN metric ELSE 'ended' END,
           sum(amount)
      FROM flow_fact
     WHERE campaign_id = %(campaign)s AND metric = ANY(%(metrics)s)
     GROUP BY 1, 2
"""

# Where people are and how they came there, by the part of the workflow that a metric is about.
COURSES = """
    SELECT campaign_id, metric, COALESCE(state_key, transition_key, action_key), sum(amount)
      FROM flow_fact
     WHERE campaign_id = ANY(%(campaigns)s)
       AND metric IN ('active', 'held', 'entered', 'passed', 'step_planned')
     GROUP BY 1, 2, 3
"""

# What is a share of what.
SHARES = {
    "open_rate": ("opened", "sent"),
    "click_rate": ("clicked", "sent"),
    "reply_rate": ("replied", "sent"),
    "bounce_rate": ("bounced", "sent"),
    "unsubscribe_rate": ("unsubscribed_emails", "sent"),
    "goal_share": ("ended_goal", "started"),
}


@dataclass(frozen=True)
class Figure:
    """`part` of `whole`: emails opened of emails sent, participants at a goal of all."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        return 100 * self.part / self.whole if self.whole else None


def holds(env, campaign, result: Result) -> bool:
    """Return whether a campaign figure is where it is wanted.

    A figure of fewer than `result.sample` cases is undefined, and what is undefined does not hold.
    """
    figure = measure(env, campaign, result.metric, result.action_key)
    if figure.whole < max(1, result.sample):
        return False
    if result.at_least:
        return figure.percent >= result.threshold
    return figure.percent <= result.threshold


def measure(env, campaign, metric: str, action_key: str | None = None) -> Figure:
    """Return a figure of a campaign.

    :param metric: a key of `SHARES`: of the emails sent, or of the runs
    :param action_key: the email; None takes all emails of the campaign together
    """
    part, whole = SHARES[metric]
    counted = sums(env, campaign.ids, (part, whole), action_key).get(campaign.id, {})
    return Figure(counted.get(part, 0), counted.get(whole, 0))


def people(env, campaign_ids) -> dict[tuple[int, str], int]:
    """Return how many participants are in a state, at its door or ended in it, in one statement:
    ``{(campaign id, key of the state): number}``."""
    env.flush_all()
    metrics = ["held", "active", *ended_metrics(env)]
    statement = SQL(PEOPLE, campaigns=list(campaign_ids), metrics=metrics)
    return {(campaign, key): number for campaign, key, number in env.execute_query(statement)}


def whereabouts(env, campaign_id) -> dict[tuple[str, str], int]:
    """Return how many participants are where, in one statement:
    ``{(key of the state, status): number}``."""
    env.flush_all()
    metrics = ["held", "active", *ended_metrics(env)]
    statement = SQL(WHEREABOUTS, campaign=campaign_id, metrics=metrics)
    return {(key, status): number for key, status, number in env.execute_query(statement)}


def courses(env, campaign_ids) -> dict[int, dict[str, dict[str, int]]]:
    """Return where people are and how they came there, in one statement:
    ``{campaign id: {metric: {key of the state, transition or action: number}}}``."""
    env.flush_all()
    found = defaultdict(lambda: defaultdict(dict))
    statement = SQL(COURSES, campaigns=list(campaign_ids))
    for campaign, metric, key, number in env.execute_query(statement):
        found[campaign][metric][key] = number
    return found


def ended_metrics(env) -> list[str]:
    """Return the metrics of runs that have ended, one for each way to end."""
    kinds = env["flow.participant"]._fields["end_kind"].get_values(env)
    return [f"ended_{kind}" for kind in kinds]


def sums(env, campaign_ids, metrics, action_key: str | None = None) -> dict[int, dict[str, int]]:
    """Return sums of facts in one statement: ``{campaign id: {metric: sum}}``.

    :param metrics: metrics of `flow.fact`; those that nothing counts for are left out
    :param action_key: the action; None takes all together
    """
    env.flush_all()
    found = {}
    statement = SQL(
        SUMS,
        campaigns=list(campaign_ids),
        metrics=list(metrics),
        of_action=SQL("action_key = %s", action_key) if action_key else SQL("TRUE"),
    )
    for campaign_id, metric, amount in env.execute_query(statement):
        found.setdefault(campaign_id, {})[metric] = amount
    return found


def sums_until(env, asked, metrics) -> dict[int, dict[str, int]]:
    """Return sums of facts in one statement: ``{number: {metric: sum}}``.

    :param asked: ``(number, campaign id, last day or None)``, any number of them
    :param metrics: metrics of `flow.fact`
    """
    env.flush_all()
    ids, campaigns, untils = zip(*asked, strict=True) if asked else ((), (), ())
    statement = SQL(
        SUMS_UNTIL,
        ids=list(ids),
        campaigns=list(campaigns),
        untils=list(untils),
        metrics=list(metrics),
    )
    found = {}
    for number, metric, amount in env.execute_query(statement):
        found.setdefault(number, {})[metric] = amount
    return found


def sums_by_arm(env, campaign_id, action_key: str, arms, metrics) -> dict[tuple[str, str], int]:
    """Return sums of facts of the versions of an email that are tested, in one statement:
    ``{(version, metric): sum}``.

    :param arms: the marks of the versions, see `arms.mark`
    """
    env.flush_all()
    statement = SQL(
        BY_ARM, campaign=campaign_id, action=action_key, arms=list(arms), metrics=list(metrics)
    )
    return {(arm, metric): amount for arm, metric, amount in env.execute_query(statement)}


def by_action(env, campaign_id, metrics) -> dict[str, dict[str, int]]:
    """Return sums of facts of each action, in one statement: ``{action key: {metric: sum}}``."""
    return _by(env, BY_ACTION, campaign_id, metrics)


def by_day(env, campaign_id, metrics) -> dict:
    """Return sums of facts of each day (UTC), in one statement: ``{date: {metric: sum}}``."""
    return _by(env, BY_DAY, campaign_id, metrics)


def _by(env, query, campaign_id, metrics) -> dict:
    env.flush_all()
    found = {}
    statement = SQL(query, campaign=campaign_id, metrics=list(metrics))
    for key, metric, amount in env.execute_query(statement):
        found.setdefault(key, {})[metric] = amount
    return found


def sums_of_actions(env, campaign_ids, metrics) -> dict[str, dict[str, int]]:
    """Return sums of facts of each action over several campaigns, in one statement:
    ``{action key: {metric: sum}}``. An email keeps its key where a campaign is copied."""
    env.flush_all()
    found = {}
    statement = SQL(OF_ACTIONS, campaigns=list(campaign_ids), metrics=list(metrics))
    for key, metric, amount in env.execute_query(statement):
        found.setdefault(key, {})[metric] = amount
    return found
