"""What happened to a participant, and what it waits for now: one timeline, with reasons."""

from datetime import datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_datetime, format_time

from ..engine.match import deadline as deadline_of


class Entry(NamedTuple):
    """One line of a timeline.

    :param moment: UTC; in the future for what is planned, None for what has no moment
    :param kind: ``started``, ``entered``, ``held``, the status of a step, ``event``, ``hand``,
        ``ended`` or ``waits``
    :param text: what happened, in the user's language
    :param reason: why, where there is something to say
    :param step_id: the step that it tells of
    :param letter: whether an email was sent that can be read
    """

    moment: datetime | None
    kind: str
    text: str
    reason: str = ""
    step_id: int | None = None
    letter: bool = False

    def _for_screen(self, env):
        """Return the line as the screen shows it, with the moment in words."""
        moment = self.moment and fields.Datetime.context_timestamp(env.user, self.moment)
        return {
            **self._asdict(),
            "moment": bool(moment),
            "day": moment and format_date(env, moment.date(), date_format="full"),
            "time": moment and format_time(env, moment.time(), time_format="short"),
            "icon": ICONS[self.kind],
        }


# Of what happened in one moment, this comes first; doors and states come as they were reached.
ORDER = (
    "started", "event", "hand", "cancelled", "entered",
    "sending", "done", "skipped", "uncertain", "failed", "ended", "scheduled", "waits",
)  # fmt: skip

ICONS = {
    "started": "fa-sign-in",
    "event": "fa-comment-o",
    "hand": "fa-hand-o-right",
    "cancelled": "fa-ban",
    "held": "fa-lock",
    "entered": "fa-arrow-right",
    "done": "fa-check",
    "skipped": "fa-step-forward",
    "failed": "fa-exclamation-triangle",
    "sending": "fa-paper-plane-o",
    "uncertain": "fa-question-circle-o",
    "ended": "fa-flag-checkered",
    "scheduled": "fa-clock-o",
    "waits": "fa-hourglass-half",
}


class FlowParticipant(models.Model):
    _inherit = "flow.participant"

    visit_ids = fields.One2many("flow.visit", "participant_id", string="States")
    intervention_ids = fields.One2many("flow.intervention", "participant_id", string="By hand")
    waits_for = fields.Char(compute="_compute_waits_for")
    timeline = fields.Json(compute="_compute_timeline")

    @api.depends("status", "state_id", "next_at", "is_paused", "campaign_id.status")
    def _compute_waits_for(self):
        self.waits_for = False
        under_way = self.filtered(lambda participant: participant.status != "ended")
        for campaign in under_way.campaign_id:
            group = under_way.filtered(lambda p, campaign=campaign: p.campaign_id == campaign)
            for state in group.state_id:
                together = group.filtered(lambda p, state=state: p.state_id == state)
                together._say_what_they_wait_for(campaign, state)

    @api.depends("status", "state_id", "next_at", "campaign_id.status", "step_ids", "event_ids")
    def _compute_timeline(self):
        for participant in self:
            participant.timeline = [
                entry._for_screen(self.env) for entry in participant._timeline()
            ]

    def _timeline(self) -> list[Entry]:
        """Return everything that happened to one participant, in order, then what is planned and
        what it waits for."""
        self.ensure_one()
        entries = [
            *self._entries_of_start(),
            *self._entries_of_visits(),
            *self._entries_of_events(),
            *self._entries_of_steps(),
            *self._entries_of_interventions(),
            *self._entries_of_end(),
            *self._entries_of_waiting(),
        ]
        return sorted(entries, key=_place)

    # -- what happened -----------------------------------------------------------------------

    def _entries_of_start(self):
        if self.end_kind == "held_out":
            text = self.env._("Held out of the campaign: gets nothing, and is compared")
            yield Entry(self.started_at, "held", text)
        elif self.started_at and self.end_kind != "guest":
            again = self.env._("Run %s", self.run_number) if self.run_number > 1 else ""
            yield Entry(self.started_at, "started", self.env._("Came into the campaign"), again)

    def _entries_of_visits(self):
        states = self._parts_by_key("flow.state", self.visit_ids.mapped("state_key"))
        ways = self._parts_by_key("flow.transition", self.visit_ids.mapped("transition_key"))
        came_from_door = False
        for visit in self.visit_ids:
            name = states[visit.state_key].name if visit.state_key in states else visit.state_key
            reason = self._reason_of_visit(visit, ways.get(visit.transition_key))
            if visit.kind == "held":
                text = self.env._("Came to the door of “%s”, which is closed", name)
            else:
                text = self.env._("Entered “%s”", name)
                if came_from_door and not reason:
                    reason = self.env._("The phase has opened")
            came_from_door = visit.kind == "held"
            yield Entry(visit.moment, visit.kind, text, reason)

    def _reason_of_visit(self, visit, way):
        words = []
        if way:
            words = [way._trigger_in_words()]
            if way.reason and way.reason not in words:
                words.append(way.reason)
        if visit.user_id:
            words = [self.env._("Moved by %s", visit.user_id.name), *words]
        return ": ".join(words)

    def _entries_of_events(self):
        kinds = self.env["flow.event"]._kinds()
        for event in self.event_ids:
            subject = event.step_id.action_id._seen_content() if event.step_id.action_id else ""
            text = kinds[event.kind].label if event.kind in kinds else event.kind
            if subject:
                text = self.env._("%(event)s: “%(email)s”", event=text, email=subject)
            by = event.user_id and self.env._("noted by %s", event.user_id.name)
            reason = ", ".join(filter(None, (event.url, event.detail, by)))
            yield Entry(event.occurred_at, "event", text, reason)

    def _entries_of_steps(self):
        visited_at = {
            visit.visit: visit.moment for visit in self.visit_ids if visit.kind == "entered"
        }
        status = dict(self.env["flow.step"]._fields["status"]._description_selection(self.env))
        letters = self.step_ids._with_letter()
        for step in self.step_ids:
            moment = step.due_at if step.status == "scheduled" else step.done_at
            text = self.env._(
                "%(action)s: %(outcome)s",
                action=self._what_was_done(step),
                outcome=status[step.status],
            )
            moment = moment or visited_at.get(step.visit) or step.due_at
            letter = step in letters
            yield Entry(moment, step.status, text, step._reason_in_words(), step.id, letter)

    def _what_was_done(self, step):
        words = step._what_in_words()
        if not step.action_id.is_manual:
            return words
        return self.env._(
            "By hand, by %(user)s: %(action)s",
            # sudo: a name; who sees the campaign may know who sent something in it
            user=step.action_id.sudo().create_uid.name,
            action=words,
        )

    def _entries_of_interventions(self):
        """What people decided; of a move, the visit that follows tells who."""
        kinds = dict(self.env["flow.intervention"]._fields["kind"]._description_selection(self.env))
        for hand in self.intervention_ids.sorted("id"):
            text = self.env._("%(what)s by %(user)s", what=kinds[hand.kind], user=hand.user_id.name)
            if hand.step_id:
                text = f"{text}: {hand.step_id.action_id._what_in_words()}"
            yield Entry(hand.moment, "hand", text, hand.reason or "")

    def _entries_of_end(self):
        if self.status == "ended" and self.end_kind not in ("guest", "held_out"):
            kinds = dict(self._fields["end_kind"]._description_selection(self.env))
            text = self.env._("Left the campaign")
            yield Entry(self.ended_at, "ended", text, kinds.get(self.end_kind, ""))

    def _parts_by_key(self, model, keys):
        """Return parts of the workflow by their keys, of the newest version that has them."""
        found = self.env[model].search(
            [
                ("key", "in", [key for key in keys if key]),
                ("workflow_id.campaign_id", "=", self.campaign_id.id),
                ("workflow_id.status", "!=", "draft"),
            ],
            order="id",
        )
        return {part.key: part for part in found}

    # -- what it waits for ---------------------------------------------------------------------

    def _entries_of_waiting(self):
        if self.status == "ended":
            return
        reason = ""
        if self.status == "held" and not self.is_paused:
            row = self.campaign_id._phase_rows(self.state_id.phase_id)
            reason = self.env._("The phase opens: %s", row.opening_in_words) if row else ""
        yield Entry(None, "waits", self.waits_for, reason)

    def _say_what_they_wait_for(self, campaign, state):
        """Write what participants in one state of one campaign wait for, in one sentence each."""
        if campaign.status == "paused":
            self.waits_for = self.env._("Waits: the campaign is paused")
            return
        paused = self.filtered("is_paused")
        paused.waits_for = self.env._("Waits: somebody has paused this participant")
        held = (self - paused).filtered(lambda participant: participant.status == "held")
        held.waits_for = self.env._("Waits for the phase “%s” to open", state.phase_id.name)
        active = self - held - paused
        if not active:
            return
        ways = state.transition_ids.filtered("target_id")
        deadlines = {way.key: active._deadlines(campaign, way) for way in ways}
        for participant in active:
            alternatives = [
                way._waits_in_words(deadlines[way.key].get(participant.id)) for way in ways
            ]
            participant.waits_for = (
                self.env._("Waits %s", self.env._(", or ").join(alternatives))
                if alternatives
                else self.env._("Waits for what may happen in any state")
            )

    def _deadlines(self, campaign, way):
        """Return when a way out opens by time, per participant: one statement for all."""
        if way.trigger != "timeout":
            return {}
        plan = way.workflow_id._plan()
        transition = next(t for t in plan.states[way.state_id.id].transitions if t.key == way.key)
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT p.id, %s FROM flow_participant p WHERE p.id = ANY(%s)",
                    deadline_of(campaign, transition),
                    self.ids,
                )
            )
        )


class FlowStep(models.Model):
    _inherit = "flow.step"

    def _what_in_words(self):
        """Return “Send email: Invitation”, with the version where versions are tested."""
        words = self.action_id._what_in_words() or self.action_key
        if not self.arm:
            return words
        letter, number = self.arm[:1], self.arm[1:]
        if not number:
            return self.env._("%(action)s, version %(letter)s", action=words, letter=letter)
        return self.env._(
            "%(action)s, version %(letter)s of test %(number)s",
            action=words,
            letter=letter,
            number=number,
        )

    def _reason_in_words(self):
        """Return why a step waits, was left out or failed."""
        self.ensure_one()
        words = [self.reason] if self.reason and self.status != "cancelled" else []
        if self.status == "scheduled" and self.participant_id.is_paused:
            words.insert(0, self.env._("The participant is paused"))
        elif self.status == "scheduled" and self.wait_reason:
            reasons = dict(self._fields["wait_reason"]._description_selection(self.env))
            words.insert(0, reasons[self.wait_reason])
        if self.status == "cancelled":
            words.append(self._cancelled_in_words())
        return ". ".join(filter(None, words))

    def _cancelled_in_words(self):
        if self.reason == "left":
            return self.env._("The state was left before it was due")
        kinds = dict(
            self.env["flow.participant"]._fields["end_kind"]._description_selection(self.env)
        )
        return kinds.get(self.reason, self.reason)


class FlowAction(models.Model):
    _inherit = "flow.action"

    def _what_in_words(self):
        """Return “Send email: Invitation”, without when."""
        if not self:
            return ""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return ": ".join(filter(None, (kinds.get(self.kind), self._seen_content())))


class FlowTransition(models.Model):
    _inherit = "flow.transition"

    def _waits_in_words(self, deadline=None):
        """Return what somebody who may take this way waits for, to follow “Waits …”.

        :param deadline: when a time-out fires, None while it is not running
        """
        self.ensure_one()
        match self.trigger:
            case "event":
                event = self._trigger_in_words()
                subject = self.event_action_id._seen_content() if self.event_action_id else ""
                if subject:
                    return self.env._(
                        "for a reaction: %(event)s (“%(email)s”)", event=event, email=subject
                    )
                return self.env._("for a reaction: %s", event)
            case "timeout" if deadline:
                day = format_datetime(self.env, deadline, dt_format="short")
                return self.env._("until %s", day)
            case "timeout":
                action = self.after_action_id._what_in_words()
                return self.env._("for “%s” to run", action)
            case "date":
                day = format_datetime(self.env, self.date_at, dt_format="short")
                return self.env._("until %s", day)
            case "condition":
                return self.env._("for the contact to match a filter")
            case "done":
                return self.env._("for all actions to be done")
            case "manual":
                return self.env._("for someone to move it by hand")
        return self.env._("until “%s” holds", self._trigger_in_words())


def _place(entry):
    planned = entry.moment is None or entry.kind == "scheduled"
    kind = "entered" if entry.kind == "held" else entry.kind
    return (planned, entry.moment or datetime.max, ORDER.index(kind))
