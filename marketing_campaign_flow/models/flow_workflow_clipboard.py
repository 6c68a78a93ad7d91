"""Copying parts of a workflow into it, or into another one: by our document format, as text."""

import json
import uuid

from odoo import api, models
from odoo.exceptions import UserError

from .document_builder import Builder
from .flow_campaign_document import FORMAT

LONGEST = 5_000_000  # characters: far more than five hundred states with their emails


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    @api.readonly
    def get_copied(self, keys):
        """Return states with their actions, and the ways between them, as text to be pasted.

        :param keys: of the states
        """
        self.ensure_one()
        self.check_access("read")
        workflow = self.with_context(lang=None)  # names are known by their original words
        wanted = set(keys) if isinstance(keys, list) else set()
        states = workflow.state_ids.sorted().filtered(lambda state: state.key in wanted)
        ways = states.transition_ids.filtered(
            lambda way: not way.target_id or way.target_id in states
        )
        document = {
            "format": FORMAT,
            "target_model": workflow.target_model,
            "states": [state._to_document() for state in states],
            "transitions": [way._to_document() for way in ways.sorted()],
        }
        return json.dumps(document, ensure_ascii=False, indent=1)

    def _do_paste(self, command):
        """Make copies of what ``text`` holds, at ``at`` or where there is room."""
        text = command.get("text")
        if not isinstance(text, str) or len(text) > LONGEST:
            raise UserError(self.env._("There is no part of a workflow to be pasted."))
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise UserError(self.env._("There is no part of a workflow to be pasted."))
        back = self._back_to_arranged(command.get("at"))
        if command.get("at"):
            self._settle()
        states = _Paster(self.env, document).paste(self, command.get("at"))
        parts = [["state", state.key] for state in states]
        return [{"do": "remove", "parts": parts}, *back], list(states)


class _Paster(Builder):
    """Builds parts into a workflow that is there already."""

    def paste(self, workflow, at):
        present = set(workflow.state_ids.mapped("name"))
        has_start = "start" in workflow.state_ids.mapped("kind")
        next_one = workflow._next(workflow.state_ids)
        for part in (*workflow.state_ids, *workflow.transition_ids, *workflow.action_ids):
            self.parts[part._name, part.key] = part
        with self._refusing():
            new_keys = _new_keys(self.document)
            document = self.document = _renamed(self.document, new_keys)
            self._check_kind_of_contact(workflow)
            for state in document["states"]:
                if state.get("kind") == "start" and has_start:
                    del state["kind"]
                if state.get("name") in present:
                    state["name"] = self.env._("%s (copy)", state["name"])
            self._graph(workflow.campaign_id, workflow, phases=False)
            for old, new in new_keys.items():
                original, copy = (self.parts.get(("flow.action", key)) for key in (old, new))
                if original and copy and (values := copy._kept_back(original)):
                    copy.write(values)
        states = workflow.state_ids.browse(
            self.parts["flow.state", one["key"]].id for one in document["states"]
        )
        self._put_down(workflow, states, at, next_one)
        return states

    def _unknown_part(self, key):
        """What refers to a part that was not copied stays empty; the checks tell what it lacks."""

    def _put_down(self, workflow, states, at, next_one):
        """Order the states after those that were there, and keep how they stood together."""
        left = min((state.canvas_x for state in states), default=0)
        top = min((state.canvas_y for state in states), default=0)
        for number, state in enumerate(states):
            values = {"sequence": next_one + number}
            if at:
                x, y = workflow._at(at)["canvas_x"], workflow._at(at)["canvas_y"]
                values |= workflow._at([x + state.canvas_x - left, y + state.canvas_y - top])
            else:
                values |= workflow._at(None)
            state.write(values)


def _new_keys(document):
    """Return a new key for each part of a document, by the one it has."""
    new = {}
    for part in (*document.get("states", ()), *document.get("transitions", ())):
        for one in (part, *part.get("actions", ())):
            new[one["key"]] = uuid.uuid4().hex[:12]
    return new


def _renamed(document, new):
    """Return a document whose parts have new keys, wherever one names another."""

    def renamed(value, name=None):
        if isinstance(value, dict):
            return {key: renamed(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [renamed(one) for one in value]
        return new.get(value, value) if name in ("key", "from", "to") else value

    return renamed(document)
