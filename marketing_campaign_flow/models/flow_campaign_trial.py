"""Test run: one contact walks through a campaign, and nothing of it stays.

What is asked comes from the browser, so all of it is checked: whether the user may write the
campaign and see the contact, and each order. See `engine.trial` for how it is done.
"""

import ast
from datetime import datetime, timedelta

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime
from psycopg2 import errors

from ..engine import contact_events, database_clock, ingest, transaction, trial
from .flow_participant_timeline import ICONS
from .flow_trial_letter import TrialLetter

MOST_ORDERS = 200
REACTIONS = ("opened", "clicked", "replied", "bounced", "unsubscribed")
LONGEST = timedelta(days=10 * 366)  # how far the clock may be moved
GREATEST_NUMBER = 2**31 - 1

# Copying for a trial tells nobody.
QUIETLY = {
    "tracking_disable": True,
    "mail_notrack": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_activity_quick_update": True,
    "mail_auto_subscribe_no_notify": True,
}


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def get_trial_contact(self):
        """Return the model and the id of the contact to begin with: the first of the audience."""
        self.ensure_one()
        self.check_access("write")
        contacts = self.env[self.target_model]
        audience = self.audience_id
        first = audience and contacts.search(
            [("id", "in", audience._contact_query())], order="id", limit=1
        )
        if not first and contacts._name == "res.partner":
            first = self.env.user.partner_id
        return {"model": contacts._name, "id": (first and first.id) or False}

    def get_trial(self, contact_id, orders=(), began_at=None, number=None):
        """Let one contact walk through the campaign, and return what has happened.

        Nothing is written: everything is undone before this returns.

        :param contact_id: id of a record of the campaign's target model that the user may see
        :param orders: what is done one after the other, as ``{"do": "next", …}``; see `_Walk`
        :param began_at: the moment of the launch, as text; what an earlier answer said
        :param number: the participant's; what an earlier answer said
        :raises UserError: for an order that cannot be carried out
        :raises AccessError: when the user may not write the campaign or see the contact
        """
        self.ensure_one()
        self.check_access("write")
        contact = self.env[self.target_model].browse(_whole(contact_id)).exists()
        if not contact:
            raise UserError(self.env._("Choose a contact who walks through the campaign."))
        contact.check_access("read")
        orders = self._checked_orders(orders)
        number = None if number is None else _whole(number)
        began = self._trial_moment(began_at) if began_at else database_clock.now(self.env)
        began = began.replace(microsecond=0)  # as the browser will say it
        self.env.flush_all()
        with transaction.undone(self.env) as env:
            database_clock.set_for_trial(env, began)
            try:
                answer = self.with_env(env)._try_out(contact.with_env(env), orders, number)
            except errors.UniqueViolation as error:
                raise UserError(self.env._("This test is over: begin anew.")) from error
        return {**answer, "began_at": fields.Datetime.to_string(began)}

    def _checked_orders(self, orders):
        orders = list(orders or ())
        if len(orders) > MOST_ORDERS:
            raise UserError(self.env._("This test has become too long: begin anew."))
        known = ("next", "until", "react", "happens", "move", "phase")
        if any(not isinstance(order, dict) or order.get("do") not in known for order in orders):
            raise UserError(self.env._("This cannot be done in a test."))
        return orders

    def _trial_moment(self, text):
        """Return a moment that the browser has sent.

        :raises UserError: when it is none, or is out of reach
        """
        try:
            moment = fields.Datetime.to_datetime(text)
        except (ValueError, TypeError):
            moment = None
        if not isinstance(moment, datetime) or abs(moment - datetime.now()) > LONGEST:
            raise UserError(self.env._("This is no moment to which the clock can be moved."))
        return moment

    # -- in the trial ---------------------------------------------------------------------------

    def _try_out(self, contact, orders, number):
        """Carry out the orders on a copy of this campaign; everything here is undone later."""
        twin = self.with_context(**QUIETLY)._twin_for_trial()
        problems = twin.workflow_id._problems()
        if problems:
            return {"problems": problems, "lines": [], "letters": [], "choices": {}}
        own_rights = twin._act_for(self.user_id)
        twin._begin_trial()
        # The engine works with all rights and acts with those of the responsible, here as ever.
        env = self.env(user=SUPERUSER_ID, context={})
        campaign = env["flow.campaign"].browse(twin.id)
        target = contact.with_env(env)
        participant = trial.let_in(env, campaign, target, number)
        if not participant:
            raise UserError(self.env._("“%s” cannot come into the campaign.", contact.display_name))
        walk = _Walk(env, campaign, participant, self.env.uid)
        walk.wait_until(database_clock.now(env))
        for order in orders:
            getattr(walk, order["do"])(order)
        return walk.told(self.env, own_rights)

    def _twin_for_trial(self):
        """Return a copy of this campaign, with the version of the workflow that is being edited."""
        twin = self.copy({"name": self.name})
        if self.edited_workflow_id != self.workflow_id:
            # sudo: deleting workflows is for managers; this one has never been anybody's
            twin.workflow_id.sudo().unlink()
            self.edited_workflow_id.copy({"campaign_id": twin.id, "version": 1})
        for row in self.phase_row_ids.filtered("date_planned"):
            twin._phase_rows(row.phase_id).write(
                {"opening": row.opening, "date_planned": row.date_planned}
            )
        # sudo: in a trial a phase is opened by a button, without tasks and approvals
        twin.sudo().phase_task_ids.unlink()
        twin.sudo().activity_ids.unlink()
        twin.sudo().phase_row_ids.needs_approval = False
        return twin

    def _act_for(self, responsible):
        """Let the copy act with the rights of whom the campaign acts for, where the user may.

        :return: whether it acts with the user's own rights instead
        """
        try:
            self.user_id = responsible
        except AccessError:
            self.user_id = self.env.user
            return responsible != self.env.user
        return False

    def _begin_trial(self):
        self.workflow_id._publish()
        values = {"sending_rate": 0, "budget_policy": "watch", "on_leaving": "continue"}
        if not (self.audience_id or self.entry_ids):
            values["audience_id"] = self.env["flow.audience"].create({"name": self.name}).id
        self.write(values)
        self.write({"status": "running", "date_start": database_clock.now(self.env)})
        self.env.flush_all()


class _Walk:
    """The walk of one participant, order by order."""

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
        place, kind = _whole(order.get("letter")), order.get("kind")
        if not 0 <= place < len(letters) or kind not in REACTIONS:
            raise UserError(self.env._("This cannot be done in a test."))
        self._a_moment_later()
        letter = letters[place]
        if kind == "clicked":
            link = next((one for one in letter.links if one["url"] == order.get("url")), None)
            if link is None:
                raise UserError(self.env._("The email has no such link."))
            ingest.record(
                self.env, kind, [letter.step_id], url=link["url"], link_id=link["link_id"] or None
            )
        elif kind == "unsubscribed":
            self._unsubscribe(letter)
        else:
            traces = self.env["mailing.trace"].search([("flow_step_id", "=", letter.step_id)])
            {
                "opened": traces.set_opened,
                "replied": traces.set_replied,
                "bounced": traces.set_bounced,
            }[kind]()
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

    def _unsubscribe(self, letter):
        """Do what Odoo's page does behind the link of the letter."""
        contact = self._contact()
        if contact._name == "mailing.contact":
            lists = contact.subscription_ids.list_id
            lists._update_subscription_from_email(contact.email, opt_out=True)
        elif contact.email_normalized:
            self.env["mail.blacklist"]._add(contact.email_normalized)
        ingest.record(self.env, "unsubscribed", [letter.step_id])

    def letters(self) -> list[TrialLetter]:
        return [TrialLetter.open(self.env, envelope) for envelope in self.courier.envelopes]

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
            "clock": format_datetime(reader, now, dt_format="medium"),
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
            "letters": [letter.shown() for letter in self.letters()],
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


def _whole(value) -> int:
    """Return a number that the browser has sent; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= GREATEST_NUMBER:
        return 0
    return value
