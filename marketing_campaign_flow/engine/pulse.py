"""Pulse: whoever watches a campaign is told that something happened there, now and then.

However many events come, the watchers of a campaign are told once in `WINDOW`; they read the
figures then, and once more when the window is over, so that nothing is missed of what came in
between. A row of `flow.pulse` says who is watched; a campaign that nobody watches costs a look in
memory.

Telling is a transaction of its own that begins when the one that changed something has committed:
a row that everybody changes would let the answers to clicks wait for each other, or begin again.
"""

import contextlib
import logging
import time

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure

from . import transaction

_logger = logging.getLogger(__name__)

WINDOW = 2.0  # seconds between two tellings of one campaign
UNWATCHED = 1.0  # seconds for which a campaign that nobody watches is left alone
WATCHED = 600  # seconds after which somebody who has not looked again watches no more

TYPE = "flow.monitor"
SUBCHANNEL = "flow_monitor"
CALLBACK = "marketing_campaign_flow.pulse"

# The rows of campaigns, and those of whoever watches all campaigns of a company. At READ COMMITTED
# the second of two workers waits for the first, looks again, and finds that all is told. It waits
# for whoever notes that he watches, too: to pass over that row would keep the news from his
# colleagues. All lock in the same order.
TELL = """
    WITH concerned AS (
        SELECT p.id FROM flow_pulse p JOIN flow_campaign c ON c.company_id = p.company_id
         WHERE c.id = ANY(%(campaigns)s) AND (p.campaign_id = c.id OR p.campaign_id IS NULL)
           AND p.watched_at > clock_timestamp() AT TIME ZONE 'UTC' - %(watched)s * interval '1 s'
         ORDER BY p.company_id, p.campaign_id FOR NO KEY UPDATE OF p
    )
    UPDATE flow_pulse p SET told_at = clock_timestamp() AT TIME ZONE 'UTC'
     WHERE p.id IN (SELECT id FROM concerned)
       AND (p.told_at IS NULL
            OR p.told_at <= clock_timestamp() AT TIME ZONE 'UTC' - %(window)s * interval '1 s')
    RETURNING p.campaign_id, p.company_id
"""

# How long ago each of the campaigns, or all of its company, was told; nothing where nobody watches.
AGES = """
    SELECT c.id, max(date_part('epoch', clock_timestamp() AT TIME ZONE 'UTC' - p.told_at))
      FROM flow_pulse p JOIN flow_campaign c ON c.company_id = p.company_id
     WHERE c.id = ANY(%(campaigns)s) AND (p.campaign_id = c.id OR p.campaign_id IS NULL)
       AND p.watched_at > clock_timestamp() AT TIME ZONE 'UTC' - %(watched)s * interval '1 s'
     GROUP BY c.id
"""

# Looking is written down once a minute at most; in between the row is only read, because whoever
# tells changes it, and two who change it at once would make one of them begin again.
WATCH = """
    INSERT INTO flow_pulse (company_id, campaign_id, watched_at)
    SELECT company_id, campaign_id, clock_timestamp() AT TIME ZONE 'UTC'
      FROM unnest(%(companies)s::int[], %(campaigns)s::int[]) w(company_id, campaign_id)
     WHERE NOT EXISTS (
           SELECT FROM flow_pulse p
            WHERE p.company_id = w.company_id
              AND COALESCE(p.campaign_id, 0) = COALESCE(w.campaign_id, 0)
              AND p.watched_at > clock_timestamp() AT TIME ZONE 'UTC' - interval '1 minute')
     ORDER BY 1, 2
        ON CONFLICT (company_id, COALESCE(campaign_id, 0)) DO UPDATE
       SET watched_at = EXCLUDED.watched_at
"""

# When this process has to ask the database about a campaign again: by database and campaign.
_quiet_until: dict[tuple[str, int], float] = {}


def beat(env, campaign_ids) -> None:
    """Tell those who watch these campaigns, when this transaction has committed."""
    waiting = env.cr.postcommit.data.get(CALLBACK)
    if waiting is None:
        waiting = env.cr.postcommit.data[CALLBACK] = set()
        database = env.cr.dbname
        env.cr.postcommit.add(lambda: _tell_apart(database, waiting))
    waiting.update(campaign_ids)


def watch(env, company_ids, campaign_ids) -> None:
    """Note that somebody looks at campaigns, and wants to be told for a while.

    :param company_ids: of each campaign its company
    :param campaign_ids: as many; None stands for all campaigns of a company
    """
    pairs = {"companies": list(company_ids), "campaigns": list(campaign_ids)}
    # A colleague may have opened the same campaign meanwhile, or somebody has told of it: it is
    # watched, then, and the next look writes down what is missing. Nothing is read again for that.
    with contextlib.suppress(SerializationFailure), env.cr.savepoint(flush=False):
        env.cr.execute(SQL(WATCH, **pairs), log_exceptions=False)


def tell(env, campaign_ids) -> int:
    """Tell those who watch these campaigns unless they were told a moment ago.

    :return: how many notifications that makes
    """
    ids = list(campaign_ids)
    # The addon may have been removed a moment ago by another process.
    statement = SQL(TELL, campaigns=ids, watched=WATCHED, window=WINDOW)
    env.cr.execute(statement, log_exceptions=False)
    told = env.cr.fetchall()
    for campaign_id, company_id in told:
        model, number = (
            ("flow.campaign", campaign_id) if campaign_id else ("res.company", company_id)
        )
        # A record as the channel: only who may read it is let in, see `ir.websocket`.
        channel = (env[model].browse(number), SUBCHANNEL)
        env["bus.bus"]._sendone(channel, TYPE, {"campaign_id": campaign_id or False})
    ages = dict(env.execute_query(SQL(AGES, campaigns=ids, watched=WATCHED)))
    now = time.monotonic()
    for campaign_id in ids:
        watched = campaign_id in ages
        pause = WINDOW - (ages[campaign_id] or 0) if watched else UNWATCHED
        _quiet_until[env.cr.dbname, campaign_id] = now + min(WINDOW, max(0.0, pause))
    return len(told)


def _tell_apart(database, campaign_ids) -> None:
    """Tell in a transaction of its own; what was committed stays so, whatever happens here."""
    now = time.monotonic()
    due = {one for one in campaign_ids if _quiet_until.get((database, one), 0.0) <= now}
    if not due:
        return
    try:
        with Registry(database).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            transaction.begin(env)
            tell(env, sorted(due))
    except Exception:  # the screens of those who watch are older than they could be, that is all
        _logger.info("Those who watch campaigns could not be told", exc_info=True)
