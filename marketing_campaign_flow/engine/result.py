"""Campaign figures that decide: “open rate of the invitation at least 25 %, from 100 sent on”.

Figures come from the facts that are counted with the ledger (`facts`), never from the ledger: what
they cost does not depend on how many participants there are.
"""

from dataclasses import dataclass

from odoo.tools import SQL

from .plan import Result

SUMS = """
    SELECT campaign_id, metric, sum(amount)
      FROM flow_fact
     WHERE campaign_id = ANY(%(campaigns)s) AND metric = ANY(%(metrics)s) AND %(of_action)s
     GROUP BY campaign_id, metric
"""

BY_ARM = """
    SELECT arm, metric, sum(amount)
      FROM flow_fact
     WHERE campaign_id = %(campaign)s AND metric = ANY(%(metrics)s) AND action_key = %(action)s
       AND arm = ANY(%(arms)s)
     GROUP BY arm, metric
"""

PEOPLE = """
    SELECT campaign_id, state_key, sum(amount)
      FROM flow_fact
     WHERE campaign_id = ANY(%(campaigns)s) AND metric = ANY(%(metrics)s)
     GROUP BY campaign_id, state_key
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
