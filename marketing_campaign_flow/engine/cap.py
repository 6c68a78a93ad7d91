"""Frequency cap: nobody gets more than so many messages of a channel within some days.

What counts is what left for an address: of all campaigns, of Odoo's own mailings and of what
people send by hand. Who is written to is decided in two places. Before a batch is prepared, whoever
has had enough is left out, or waits for room where the action says so. And in the moment of
sending, the addresses are held (`HOLD`) until it is on record that their messages leave, so that
two workers that write to the same person at the same time reckon with each other.

Without a cap none of this costs a statement; with one it is a constant number for a batch.
"""

from dataclasses import dataclass
from datetime import timedelta

from odoo.tools import SQL

from . import windows

MOST = 1000  # messages, and days
PARAMETERS = ("marketing_campaign_flow.cap_%s", "marketing_campaign_flow.cap_%s_days")


@dataclass(frozen=True)
class Channel:
    """A way to reach people.

    :param name: what settings know it by
    :param trace_type: what Odoo's traces call it
    :param trace_column: the column of a trace that has the address
    :param contact_column: the column of a contact that has it
    """

    name: str
    trace_type: str
    trace_column: str
    contact_column: str


EMAIL = Channel("email", "mail", "email", "email_normalized")


@dataclass(frozen=True)
class Cap:
    """At most `messages` within `days`, rolling."""

    messages: int
    days: int


# When messages to an address %(address)s left since %(since)s. A message of a campaign counts from
# the moment in which it begins to leave, also while nobody knows whether it arrived. One of Odoo's
# own mailings counts as soon as it is in the queue.
LEFT = """
    SELECT CASE WHEN t.flow_step_id IS NULL THEN COALESCE(t.sent_datetime, t.create_date)
                ELSE s.done_at END AS moment
      FROM mailing_trace t LEFT JOIN flow_step s ON s.id = t.flow_step_id
     WHERE t.%(column)s = %(address)s AND t.trace_type = '%(type)s'
       AND t.is_test_trace IS NOT TRUE
       AND CASE WHEN t.flow_step_id IS NULL
                THEN t.trace_status NOT IN ('cancel', 'error')
                     AND COALESCE(t.sent_datetime, t.create_date) > %(since)s
                ELSE s.status IN ('sending', 'done', 'uncertain') AND s.done_at > %(since)s END
"""

# How many messages left for each of the addresses, and when the one left from whose end on there is
# room again. Of several steps for one address the first comes first.
HISTORY = """
    SELECT s.id, row_number() OVER (PARTITION BY %(address)s ORDER BY s.id), used.number,
           used.moments[%(messages)s]
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
      JOIN %(table)s c ON c.id = p.res_id
     CROSS JOIN LATERAL (
           SELECT count(*) AS number, array_agg(moment ORDER BY moment DESC) AS moments
             FROM (%(left)s) l) used
     WHERE s.id = ANY(%(ids)s) AND %(address)s <> ''
     ORDER BY s.id
"""

ADDRESSES = """
    SELECT DISTINCT %(address)s FROM flow_step s
      JOIN flow_participant p ON p.id = s.participant_id
      JOIN %(table)s c ON c.id = p.res_id
     WHERE s.id = ANY(%(ids)s) AND %(address)s <> ''
"""

# Whoever else writes to one of the addresses waits until this transaction has ended. At READ
# COMMITTED its next statement then sees what we have sent; at REPEATABLE READ its batch begins
# again. In the order of the addresses, so that two workers never wait for each other.
HOLD = """
    INSERT INTO flow_held_address (channel, address, held_at)
    SELECT %(channel)s, held.address, now() AT TIME ZONE 'UTC'
      FROM (SELECT DISTINCT address FROM (%(addresses)s) a(address)) held
     ORDER BY held.address
        ON CONFLICT (channel, address) DO UPDATE SET held_at = EXCLUDED.held_at
"""


def of_channel(env, channel: Channel | None) -> Cap | None:
    """Return the cap that is set for a channel; None where there is none."""
    if channel is None:
        return None
    messages, days = (_number(env, name % channel.name) for name in PARAMETERS)
    return Cap(messages, max(days, 1)) if messages else None


def of_action(env, action) -> Cap | None:
    """Return the cap that messages of an action keep to; None where they need not."""
    cap = of_channel(env, action._channel())
    return cap if cap and action.cap_policy != "ignore" else None


def room_for(env, campaign, action, step_ids: list[int], now) -> tuple[list[int], dict[int, str]]:
    """Find the steps whose contacts have not had enough messages; where the action says so, let the
    others wait until there is room.

    :param action: the `flow.action` of the steps
    :param step_ids: steps that this transaction has claimed
    :return: those that may run now, and those that are to be left out, with the reason
    """
    cap = of_action(env, action) if step_ids else None
    if cap is None:
        return step_ids, {}
    channel = action._channel()
    values = {
        "table": SQL.identifier(env[campaign.target_model]._table),
        "address": SQL.identifier("c", channel.contact_column),
        "ids": step_ids,
    }
    env.flush_all()
    if action._contract() == "transactional":  # a message that leaves later is held then
        hold(env, channel, SQL(ADDRESSES, **values))
    since = now - timedelta(days=cap.days)
    env.cr.execute(
        SQL(
            HISTORY,
            messages=cap.messages,
            left=SQL(
                _left(channel.trace_column, channel.trace_type),
                address=values["address"],
                since=since,
            ),
            **values,
        )
    )
    history = env.cr.fetchall()
    full = {step_id: nth for step_id, _place, number, nth in history if number >= cap.messages}
    # Further steps for one address look again when what became of the first is on record.
    refused = {step_id for step_id, place, number, _nth in history if place + number > cap.messages}
    ready = [step_id for step_id in step_ids if step_id not in refused]
    if action.cap_policy == "wait":
        room = {step_id: nth + timedelta(days=cap.days) for step_id, nth in full.items()}
        windows.put_off(env, room, "cap")
        return ready, {}
    return ready, dict.fromkeys(full, in_words(env, cap))


def in_words(env, cap: Cap) -> str:
    """Return why somebody gets no further message."""
    return env._(
        "Has had %(messages)s in %(days)s days, which is the most",
        messages=cap.messages,
        days=cap.days,
    )


def hold(env, channel: Channel, addresses: SQL) -> None:
    """Hold addresses until this transaction ends.

    :param addresses: SQL for a column of them
    """
    env.cr.execute(holding(channel, addresses), log_exceptions=False)  # see `claim`


def holding(channel: Channel, addresses: SQL) -> SQL:
    """Return the statement of `hold`, for a transaction that sends several together."""
    return SQL(HOLD, channel=channel.name, addresses=addresses)


def _left(column: str, trace_type: str) -> str:
    return LEFT.replace("%(column)s", column).replace("%(type)s", trace_type)


# What `delivery_log` asks beyond consent of the emails of a window, in the moment they leave.
ROOM_FOR_LETTER = (
    "letter.place + (SELECT count(*) FROM (%(left)s) l) <= %(messages)s".replace(
        "%(left)s", _left(EMAIL.trace_column, EMAIL.trace_type)
    )
    .replace("%(address)s", "letter.email")
    .replace(
        "%(since)s",
        "(now() AT TIME ZONE 'UTC') + make_interval(secs => %(offset)s, days => - %(days)s)",
    )
)


def _number(env, parameter: str) -> int:
    # sudo: system parameters are readable for administrators only; these are plain numbers.
    text = env["ir.config_parameter"].sudo().get_param(parameter)
    try:
        return min(max(int(text or 0), 0), MOST)
    except ValueError:
        return 0
