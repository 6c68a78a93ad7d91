"""The walk of one participant through the copy of a campaign, by orders; see `engine.trial`."""

import ast
from datetime import datetime

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..engine import contact_events, database_clock, trial
from .flow_participant_timeline import ICONS
from .flow_trial_letter import TrialMessage

GREATEST_NUMBER = 2**31 - 1


class Walk:
    """What each order does, and what is told of it."""

    def __init__(self, env, campaign, participant, user_id):
        self.env, self.campaign, self.participant = env, campaign, participant
        self.user_id = user_id
        self.courier = trial.TrialCourier(env)
        self.courier.__enter__()
        self.problems, self.idle = [], False

    # -- orders ---------------------------------------------------------------------------------

    def next(self, _order):
        """Let time pass until something happens."""
        moment = trial.next_moment(self.env, self.campaign, self.participant)
        self.idle = moment is None
        if moment:
            self.wait_until(moment)

    def until(self, order):
        """Let time pass until ``at``, UTC; the clock does not go back."""
        moment = self.campaign._trial_moment(order.get("at"))
        if moment < database_clock.now(self.env):
            raise UserError(self.env._("The clock of a test only moves forward: begin anew."))
        self.wait_until(moment)

    def react(self, order):
        """The contact answers to the letter ``letter`` (its place) by ``kind``, with ``url``."""
        letters = self.letters()
        place, kind = whole(order.get("letter")), str(order.get("kind"))
        known = letters[place].reactions(self.env) if place < len(letters) else ()
        if place >= len(letters) or kind not in ("clicked", *known):
            raise UserError(self.env._("This cannot be done in a test."))
        self._a_moment_later()
        if kind == "clicked":
            letters[place].click(self.env, order.get("url"))
        else:
            letters[place].answer(self, kind)
        self._play()

    def happens(self, order):
        """What the way ``key`` waits for happens, so that it holds."""
        way = self._ways().get(str(order.get("key")))
        if not way or way.trigger != "event":
            raise UserError(self.env._("This cannot be done in a test."))
        self._a_moment_later()
        rule = way.event
        contact = self._contact()
        record = None
        if rule.domain and rule.model:
            part = self.env["flow.transition"].browse(way.id)
            record = part._trial_record()
            if not record:
                raise UserError(
                    self.env._(
                        "There is no record yet that “%s” could be about.", part.display_name
                    )
                )
        occurrence = contact_events.Occurrence.of(
            contact,
            url=(rule.url or "").replace("*", "") or None,
            detail=(rule.detail or "").replace("*", "") or None,
            value=rule.least,
            record_id=record,
        )
        for _time in range(max(1, rule.times)):
            contact_events.record(
                self.env, rule.kind, [occurrence], campaign_ids=[self.campaign.id]
            )
        self._play()

    def move(self, order):
        """A person moves the participant to the state ``state``, by its key."""
        states = self.campaign.workflow_id._plan().states.values()
        target = next((state.id for state in states if state.key == order.get("state")), None)
        if target is None:
            raise UserError(self.env._("This cannot be done in a test."))
        self._a_moment_later()
        self.participant.with_user(self.user_id).action_move(target)
        self._play()

    def phase(self, _order):
        """The next phase of the campaign opens."""
        self._a_moment_later()
        self.campaign.activity_ids.unlink()
        self.campaign.action_next_phase()
        self._play()

    # -- time -----------------------------------------------------------------------------------

    def wait_until(self, moment):
        self.problems += trial.go_to(
            self.env, self.campaign, self.participant, self.courier, moment
        )

    def _a_moment_later(self):
        database_clock.set_for_trial(self.env, database_clock.now(self.env) + trial.MOMENT)

    def _play(self):
        self.env.flush_all()
        self.problems += trial.play(self.env, self.campaign, self.participant, self.courier)

    # -- what there is --------------------------------------------------------------------------

    def _contact(self):
        return self.env[self.campaign.target_model].browse(self.participant.res_id)

    def _ways(self):
        """Return the ways that the participant may take now, by key."""
        if self.participant.status != "active":
            return {}
        plan = self.campaign.workflow_id._plan()
        state = plan.states[self.participant.state_id.id]
        return {way.key: way for way in plan.transitions_from(state)}

    def unsubscribe(self):
        """Do what Odoo's page does behind the link of an email."""
        contact = self._contact()
        if contact._name == "mailing.contact":
            lists = contact.subscription_ids.list_id
            lists._update_subscription_from_email(contact.email, opt_out=True)
        elif contact.email_normalized:
            self.env["mail.blacklist"]._add(contact.email_normalized)

    def letters(self) -> list[TrialMessage]:
        """Return the messages in the order in which they left."""
        messages = self.campaign._trial_messages(self.courier)
        steps = self.env["flow.step"].browse([message.step_id for message in messages])
        left = dict(zip(steps.ids, steps.mapped(lambda step: step.done_at), strict=True))
        return sorted(messages, key=lambda message: left[message.step_id] or datetime.max)

    def told(self, reader, own_rights):
        """Return what the browser shows, as the user reads it.

        :param reader: the environment of the user
        """
        participant = self.participant.with_env(reader)
        participant.invalidate_recordset()
        now = database_clock.now(self.env)
        coming = trial.next_moment(self.env, self.campaign, self.participant)
        notes = []
        if self.idle:
            notes.append(reader._("Nothing more happens by time alone."))
        if own_rights:
            notes.append(
                reader._("Written with your own rights, since you may not act for the responsible.")
            )
        return {
            "number": self.participant.id,
            "now": fields.Datetime.to_string(now),
            "clock": format_datetime(reader, now, dt_format="short"),
            "problems": list(dict.fromkeys(self.problems)),
            "notes": notes,
            "state": participant.state_id.name,
            "state_kind": participant.state_id.kind,
            "status": participant.status,
            "next": coming and format_datetime(reader, coming, dt_format="short"),
            "lines": [
                {
                    "when": one.moment and format_datetime(reader, one.moment, dt_format="short"),
                    "icon": ICONS[one.kind],
                    "kind": one.kind,
                    "text": one.text,
                    "reason": one.reason,
                }
                for one in participant._timeline()
            ],
            "letters": [letter.shown(reader) for letter in self.letters()],
            "choices": self._choices(reader),
        }

    def _choices(self, reader):
        """Return what else may happen now."""
        kinds = reader["flow.event"]._kinds()
        ways = reader["flow.transition"].browse([way.id for way in self._ways().values()])
        happens = [
            {"key": way.key, "label": way._trigger_in_words()}
            for way in ways
            if way.trigger == "event"
            and way.event_kind in kinds
            and not kinds[way.event_kind].of_message
        ]
        under_way = self.participant.status != "ended"
        row = self.campaign._next_phase_row()
        return {
            "happens": happens,
            "states": [
                {"key": state.key, "label": state.name}
                for state in self.campaign.workflow_id.with_env(reader).state_ids
                if under_way and state.id != self.participant.state_id.id
            ],
            "phase": row.phase_id.with_env(reader).name if under_way and row else False,
        }


class FlowTransition(models.Model):
    _inherit = "flow.transition"

    def _trial_record(self):
        """Return the id of a record that the event of this way may be about, the newest."""
        rule = self._event_rule()
        records = self.campaign_id._as_responsible().env[rule.model]
        domain = fields.Domain(ast.literal_eval(rule.domain))
        return records.search(domain, order="id desc", limit=1).id


def whole(value) -> int:
    """Return a number that the browser has sent; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= GREATEST_NUMBER:
        return 0
    return value
