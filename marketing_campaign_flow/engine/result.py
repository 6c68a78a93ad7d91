"""Campaign figures that decide: “open rate of the invitation at least 25 %, from 100 sent on”.

`measure` is the one place that knows where the figures come from, so that counters kept with the
ledger can take its place.
"""

from dataclasses import dataclass

from odoo.tools import SQL

from .plan import Result

# An email counts once per figure, however often it was opened or clicked.
EMAILS = """
    SELECT count(*) FILTER (WHERE t.sent_datetime IS NOT NULL AND %(reacted)s),
           count(t.sent_datetime)
      FROM flow_step s JOIN mailing_trace t ON t.flow_step_id = s.id
     WHERE s.campaign_id = %(campaign)s AND %(of_action)s
"""

REACTED = {
    "open_rate": "t.open_datetime IS NOT NULL",
    "click_rate": "t.links_click_datetime IS NOT NULL",
    "reply_rate": "t.reply_datetime IS NOT NULL",
    "bounce_rate": "t.trace_status = 'bounce'",
    "unsubscribe_rate": """EXISTS (SELECT 1 FROM flow_event e
                                    WHERE e.step_id = s.id AND e.kind = 'unsubscribed')""",
}

GOALS = """
    SELECT count(*) FILTER (WHERE end_kind = 'goal'), count(*)
      FROM flow_participant WHERE campaign_id = %(campaign)s
"""


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

    :param metric: a key of `REACTED` (shares of the emails sent), or ``goal_share`` (of the runs)
    :param action_key: the email; None takes all emails of the campaign together
    """
    env.flush_all()
    if metric == "goal_share":
        statement = SQL(GOALS, campaign=campaign.id)
    else:
        of_action = SQL("s.action_key = %s", action_key) if action_key else SQL("TRUE")
        statement = SQL(
            EMAILS, campaign=campaign.id, reacted=SQL(REACTED[metric]), of_action=of_action
        )
    [(part, whole)] = env.execute_query(statement)
    return Figure(part, whole)
