"""Trial: one contact walks through a campaign that exists for the length of one transaction.

The engine does its own work on a copy of the campaign, by a clock that is set, in a transaction
that is always undone (`transaction.undone`). What would leave the database is kept instead:
messages by a `Postbox`, calls are left out. So what is shown is what will happen.

Nothing is remembered from one look to the next: the orders of whoever tries it out are carried out
from the beginning each time. Draws depend on the number of the participant, so the participant has
the same number each time; it was taken from the sequence, and nobody else will ever have it.
"""

import logging
import random
from datetime import datetime, timedelta

import psycopg2
from odoo.tools import SQL

from . import database_clock, delivery_log, enrol, match, tick
from .courier import Courier
from .handover import Envelope, Postbox
from .pace import REACTION

_logger = logging.getLogger(__name__)

ROUNDS = 100  # of the engine at one moment; more is going in circles
MOST_MOMENTS = 100  # at which something is due on the way to one that is asked for

# What somebody does takes a moment, so that it is told after what it answers.
MOMENT = timedelta(minutes=1)

SAME_NUMBER = "UPDATE flow_participant SET id = %(number)s WHERE id = %(id)s"
LOOK_AGAIN = "UPDATE flow_participant SET next_at = %(now)s WHERE id = %(id)s AND status = 'active'"

NEXT_STEP = """
    SELECT min(due_at) FROM flow_step
     WHERE participant_id = %(id)s AND status = 'scheduled' AND due_at > %(now)s
"""


class TrialCourier(Courier):
    """Keeps what it is given. It has a name that nobody else sees, and holds no lock for it."""

    is_real = False

    def __init__(self, env):
        super().__init__(env)
        self.postboxes: dict = {}
        self.envelopes: list[Envelope] = []

    def __enter__(self):
        delivery_log.prepare(self._env.cr)
        return self

    def __exit__(self, *_):
        pass

    def session(self, env, route, slot):
        if route not in self.postboxes:
            # sudo: mail servers are the administrators'; read is for whom one may send
            server = env["ir.mail_server"].sudo().browse(route.mail_server_id)
            self.postboxes[route] = postbox = Postbox(route.smtp_from, server.from_filter or None)
            postbox.envelopes = self.envelopes  # all in the order in which they were sent
        return self.postboxes[route]

    def _take_name(self):
        return random.SystemRandom().randrange(1, 2**31)


def let_in(env, campaign, contact, number: int | None):
    """Let a contact into a campaign that runs, and nobody else.

    :param contact: one record of the campaign's target model
    :param number: the number of the participant, the same each time; None takes a new one
    :return: the `flow.participant`
    :raises psycopg2.errors.UniqueViolation: when somebody else has the number
    """
    enrol.add(env, campaign, contact._as_query(), contact.ids, timedelta(0), drawn=False)
    participants = env["flow.participant"]
    one = participants.search([("campaign_id", "=", campaign.id)], limit=1)
    if not one or number in (None, one.id):
        return one
    env.cr.execute(SQL(SAME_NUMBER, number=number, id=one.id), log_exceptions=False)
    env.invalidate_all(flush=False)
    return participants.browse(number)


def play(env, campaign, participant, courier) -> list[str]:
    """Let the engine work on a campaign until nothing is due at the present moment.

    :return: what could not be done, as sentences
    """
    works, problems, broken = tick.works_of_trial(campaign, courier), [], set()
    acted = False  # since the participant was last looked at
    for _round in range(ROUNDS):
        handled = 0
        for name, work in works.items():
            if name in broken:
                continue
            count = 0
            try:
                with env.cr.savepoint():
                    count = work(env, campaign) or 0
            except psycopg2.OperationalError:  # another transaction: all of it runs again
                raise
            except Exception as error:
                _logger.info("Trial: %s: %s", name, error, exc_info=True)
                problems.append(str(error) or type(error).__name__)
                broken.add(name)
                env.invalidate_all(flush=False)
            if count:
                env.invalidate_all(flush=False)
            handled += count
            acted = acted or (count and name not in REACTION)
        if not handled and not acted:
            break
        if not handled:  # points may have changed, which is told to all campaigns at once
            acted = False
            now = database_clock.now(env)
            env.cr.execute(SQL(LOOK_AGAIN, now=now, id=participant.id))
            env.invalidate_all(flush=False)
    return problems


def go_to(env, campaign, participant, courier, moment: datetime) -> list[str]:
    """Let time pass until a moment, with everything that is due on the way, one after the other."""
    problems = []
    for _moment in range(MOST_MOMENTS):
        due = next_moment(env, campaign, participant)
        if due is None or due >= moment:
            return problems + _at(env, campaign, participant, courier, moment)
        problems += _at(env, campaign, participant, courier, due)
    return [*problems, env._("So much happens until then that the clock stands still here.")]


def _at(env, campaign, participant, courier, moment) -> list[str]:
    database_clock.set_for_trial(env, moment)
    env.cr.execute(SQL(LOOK_AGAIN, now=moment, id=participant.id))
    env.invalidate_all(flush=False)
    return play(env, campaign, participant, courier)


def next_moment(env, campaign, participant) -> datetime | None:
    """Return when something will happen by time alone; None where nothing will."""
    env.flush_all()
    now = database_clock.now(env)
    env.cr.execute(SQL(NEXT_STEP, id=participant.id, now=now))
    found = [env.cr.fetchone()[0]]
    if participant.status == "active":
        plan = campaign.workflow_id._plan()
        ways = plan.transitions_from(plan.states[participant.state_id.id])
        timed = [way for way in ways if way.trigger in ("timeout", "date")]
        look = match.next_look(campaign, timed, now)
        env.cr.execute(SQL("SELECT %s FROM flow_participant p WHERE id = %s", look, participant.id))
        found.append(env.cr.fetchone()[0])
    elif participant.status == "held":
        row = campaign._next_phase_row()
        found.append(row.date_planned if row and row.opening == "date" else None)
    coming = [moment for moment in found if moment and moment > now]
    return min(coming, default=None)
