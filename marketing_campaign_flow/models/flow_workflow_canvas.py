"""The picture of a workflow: everything that the canvas draws, read at once."""

from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError

from ..engine import layout
from .flow_campaign_versions import LAUNCHED

SIZES = ("width", "head", "action", "rates", "way", "foot", "column_gap", "row_gap")
ENDS = {"goal", "exit", "done"}
# As many rows as a card shows; the rest is counted in the last one.
ROWS = 8


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    @api.readonly
    def get_canvas(self):
        """Return the picture of this workflow as plain values.

        The number of statements does not depend on how many states there are.

        :return: ``sizes`` in pixels, ``lanes``; ``states``, ``transitions`` and ``actions`` by
            their keys; ``removed``, names; ``problems`` of the whole; ``revision``; and more
        """
        self.ensure_one()
        self.check_access("read")
        return self._canvas()

    def _canvas(self):
        titles = self._canvas_titles()  # before the checks, which see more than the user does
        problems, changes, figures = self._canvas_marks(), self._canvas_changes(), self._figures()
        states = self.state_ids.sorted()
        lanes = self._canvas_lanes(states)
        cards = self._canvas_cards(states, lanes, figures)
        places = layout.arrange(cards)
        tell = _Teller(self, titles, problems, changes, figures)
        return {
            "id": self.id,
            "revision": self.revision or 0,
            "editable": self.status == "draft" and self.has_access("write"),
            "campaign_id": self.campaign_id.id,
            "can_renew": self._can_renew(),
            "status": self.status,
            "version": self.version,
            "running": figures is not None,
            "arranged": not any(states.mapped("canvas_placed")),
            "sizes": {name: getattr(layout, name.upper()) for name in SIZES},
            "rows": ROWS,
            "lanes": [{"id": phase.id, "name": self._lane_name(phase)} for phase in lanes],
            "states": {
                card.key: tell.state(state, places[card.key], card.lane)
                for card, state in zip(cards, states, strict=True)
            },
            "transitions": {one.key: tell.transition(one) for one in self.transition_ids.sorted()},
            "actions": {one.key: tell.action(one) for one in self._planned_actions().sorted()},
            "any": self.transition_ids.sorted()
            .filtered(lambda one: not one.state_id)
            .mapped("key"),
            "removed": changes["removed"],
            "problems": [mark["text"] for mark in problems[None]],
        }

    def _canvas_titles(self):
        """Return what each action does; its kind alone where more is not for this user to read."""
        kinds = self.env["flow.action"]._fields["kind"]._description_selection(self.env)
        titles = {}
        for action in self._planned_actions():
            kind = dict(kinds).get(action.kind, action.kind)
            titles[action] = action._seen_content() or kind
        return titles

    def _can_renew(self):
        """Whether a new version may be made of this one."""
        campaign = self.campaign_id
        return (
            self == campaign.workflow_id
            and campaign.status in LAUNCHED
            and not campaign.draft_workflow_id
            and campaign.has_access("write")
        )

    def _canvas_lanes(self, states):
        """Return the phases of these states in their order; an empty one for any time.

        Ends at any time need no lane of their own: they stand in the last one.
        """
        phases = self.env["flow.phase"]._in_order() & states.phase_id
        if not phases:
            return [phases]
        timeless = states.filtered(lambda state: not state.phase_id)
        if all(state.kind in ENDS for state in timeless):
            return list(phases)
        if any(state.kind == "start" for state in timeless):
            return [phases.browse(), *phases]
        return [*phases, phases.browse()]

    def _lane_name(self, phase):
        return phase.name or self.env._("At any time")

    def _canvas_cards(self, states, lanes, figures):
        number = {phase: position for position, phase in enumerate(lanes)}
        number.setdefault(self.env["flow.phase"], len(lanes) - 1)
        return [
            layout.Card(
                state.key,
                number[state.phase_id],
                min(len(state.action_ids), ROWS),
                sum(
                    bool(figures) and figures.has_rates(one.key)
                    for one in state.action_ids.sorted()[:ROWS]
                ),
                [one.target_id.key or None for one in state.transition_ids.sorted()],
                (state.canvas_x, state.canvas_y) if state.canvas_placed else None,
            )
            for state in states
        ]

    def _canvas_marks(self):
        """Return what the checks say, by the part each sentence is about; None for the whole."""
        marks = defaultdict(list)
        for level, found in (
            ("danger", self._found_problems(thorough=False)),
            ("warning", self._shape_hints()),
        ):
            for sentence in found:
                part = getattr(sentence, "part", None)
                about = (part._PART, part.key) if part else None
                marks[about].append({"level": level, "text": str(sentence)})
        return marks

    def _canvas_changes(self):
        """Return what this draft makes different from the version that runs.

        :return: ``parts``: a word and sentences by the part; ``removed``: what is gone, in words
        """
        parts, removed = {}, []
        running = self.campaign_id.workflow_id
        if self.status == "draft" and running and running != self:
            line = self.env["flow.workflow.publish.line"]
            try:
                changes = running._changes_to(self)
            except AccessError:  # of an email that this user may not read
                changes = []
            for change, part in changes:
                if change.what == "removed":
                    removed.append(line._values(change, part)["name"])
                elif part:
                    details = line._details(change)
                    parts[change.part.identity] = {"what": change.what, "details": details}
        return {"parts": parts, "removed": removed}


class _Teller:
    """Says parts of one workflow as plain values."""

    def __init__(self, workflow, titles, problems, changes, figures):
        self.env, self.titles = workflow.env, titles
        self.problems, self.changes, self.figures = problems, changes["parts"], figures
        self.kinds = dict(self.env["flow.state"]._fields["kind"]._description_selection(self.env))
        ways = self.env["flow.transition"]
        self.triggers = dict(ways._fields["trigger"]._description_selection(self.env))

    def state(self, state, place, lane):
        x, y = place
        return {
            **self._part(state),
            "name": state.name,
            "kind": state.kind,
            "kind_name": self.kinds[state.kind],
            "color": state.color,
            "lane": lane,
            "phase_id": state.phase_id.id or False,
            "x": x,
            "y": y,
            "actions": state.action_ids.sorted().mapped("key"),
            "transitions": state.transition_ids.sorted().mapped("key"),
            "figures": self.figures and self.figures.people(state.key),
        }

    def transition(self, transition):
        return {
            **self._part(transition),
            "source": transition.state_id.key or False,
            "target": transition.target_id.key or False,
            "words": self._words(transition),
            "reason": transition.reason or "",
            "trigger": transition.trigger,
            "guarded": bool(transition.guard),
            "actions": transition.action_ids.sorted().mapped("key"),
            "figures": self.figures and self.figures.passed(transition.key),
        }

    def action(self, action):
        when = [action._timing_in_words()]
        when.append(action._window_in_words())
        return {
            **self._part(action),
            "kind": action.kind,
            "icon": action.icon,
            "title": self.titles[action],
            "when": ", ".join(filter(None, when)),
            "owner": self._owner(action),
            "has_rates": bool(self.figures) and self.figures.has_rates(action.key),
            "figures": self.figures and self.figures.done(action.key),
        }

    def _owner(self, action):
        owner = action.state_id or action.transition_id
        return [owner._PART, owner.key]

    def _part(self, part):
        identity = part._PART, part.key
        return {
            "id": part.id,
            "part": part._PART,
            "key": part.key,
            "problems": self.problems[identity],
            "change": self.changes.get(identity, False),
        }

    def _words(self, transition):
        """Return the trigger in words; its kind alone where more is not for this user to read."""
        try:
            return transition._trigger_in_words() or ""
        except AccessError:
            return self.triggers[transition.trigger]
