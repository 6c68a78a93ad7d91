"""Changing the picture of a workflow: commands, each with what takes it back.

The canvas sends commands together with the revision that it shows. They are carried out in one
transaction, or none of them is. What takes them back is commands again, so undoing is editing, and
so is doing again what was undone.
"""

import re

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..engine import layout

LOOK = "SELECT revision, canvas_token FROM flow_workflow WHERE id = %s FOR NO KEY UPDATE"

# What the canvas may write by itself; everything else has a form.
WRITABLE = {
    "state": {"name", "kind", "color", "phase_id"},
    "transition": {"trigger", "target", "source", "delay_value", "delay_unit", "weight", "reason",
                   "event_kind"},
    "action": set(),
}  # fmt: skip
SHAPES = {
    "part": str, "key": str, "values": dict, "at": list, "places": dict, "parts": list,
    "keys": list, "text": str, "kept": int,
}  # fmt: skip
AT_MOST = 200
KEY = re.compile("[0-9a-z]{12}")
# Pixels from the middle of the picture; no screen goes farther.
FARTHEST = 100_000


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    canvas_token = fields.Char(
        readonly=True, copy=False, help="Names the last change, so that none is made twice."
    )

    def edit_canvas(self, revision, commands, token=None):
        """Carry out commands of the canvas, all or none.

        :param revision: the one that the canvas shows
        :param commands: dictionaries; ``do`` names what to do, see the methods ``_do_…``
        :param token: a text of the caller's for these commands. Sent again, because the answer got
            lost, they are not carried out again.
        :return: ``canvas`` as `get_canvas`; and either ``conflict``, a sentence, when somebody else
            was faster and nothing was done, or ``undo``, commands, and ``made``, kinds and keys of
            what was made
        :raises UserError: when something cannot be done
        """
        self.ensure_one()
        self.check_access("write")
        self._check_commands(commands)
        self.env.cr.execute(SQL(LOOK, self.id), log_exceptions=False)
        now, last_token = self.env.cr.fetchone()
        if token and token == last_token:
            return {"canvas": self._canvas(), "undo": [], "made": []}
        if (now or 0) != revision:
            return {"canvas": self._canvas(), "conflict": self._conflict()}
        self._expect_drafts()
        held = self._held_once() if commands else self
        undo, made = [], []
        for command in commands:
            back, parts = getattr(held, f"_do_{command['do']}")(command)
            undo = back + undo
            made += [[part._PART, part.key] for part in parts]
        # sudo: a mark of the canvas's own; whoever came here may write the workflow
        self.sudo().canvas_token = token
        self.env.flush_all()
        self.invalidate_recordset()
        return {"canvas": self._canvas(), "undo": undo, "made": made}

    def keep_part(self, part, key, revision):
        """Keep a part as it is now, before a form changes it.

        This is no change: the form's own save counts as one, if it is not refused.

        :param revision: the one that the canvas shows
        :return: either ``conflict``, a sentence, when somebody has changed the workflow meanwhile,
            or ``undo``, the commands that take back what the form is going to change
        """
        self.ensure_one()
        self.check_access("write")
        if (self.revision or 0) != revision:
            return {"conflict": self._conflict()}
        record = self._expect_part(part, key)
        self._expect_drafts()
        kept = self._keep([record])
        undo = [{"do": "remove", "parts": [[part, key]]}, {"do": "put_back", "kept": kept}]
        return {"undo": undo}

    def _check_commands(self, commands):
        known = isinstance(commands, list) and all(
            isinstance(one, dict)
            and isinstance(one.get("do"), str)
            and one["do"] in ("add", "change", "place", "arrange", "remove", "put_back", "order",
                              "paste")
            for one in commands
        )  # fmt: skip
        fits = known and all(
            isinstance(one[name], kind)
            for one in commands
            for name, kind in SHAPES.items()
            if one.get(name) is not None
        )
        if not fits or len(commands) > AT_MOST:
            raise UserError(self.env._("This is nothing that the picture of a workflow can do."))

    def _conflict(self):
        other = self.revised_by.sudo().name  # sudo: the name of a colleague
        if self.revised_by == self.env.user:
            return self.env._(
                "You have changed this workflow in another window. It is shown as it is now."
            )
        return self.env._(
            "%s has changed this workflow meanwhile. It is shown as it is now.",
            other or self.env._("Somebody"),
        )

    def _expect_part(self, part, key):
        record = self._part(part, key) if part in WRITABLE else None
        if not record:
            raise UserError(self.env._("That part of the workflow is not there any more."))
        return record

    # -- commands: each returns the commands that take it back, and the parts it made --------------

    def _do_add(self, command):
        """Make a state or a way: ``part``, ``values``, for a state ``at``, maybe its ``key``."""
        part = command.get("part")
        if part not in ("state", "transition"):
            raise UserError(self.env._("This is nothing that the picture of a workflow can do."))
        values = self._given(part, command.get("values"))
        back = []
        if part == "state":
            back = self._back_to_arranged(command.get("at"))
            values |= self._at(command.get("at")) | {"sequence": self._next(self.state_ids)}
            if command.get("at"):
                self._settle()
        else:
            rivals = self.transition_ids.filtered(
                lambda one: one.state_id.id == (values.get("state_id") or False)
            )
            values["sequence"] = self._next(rivals)
        if KEY.fullmatch(str(command.get("key"))):
            values["key"] = command["key"]
        record = self.env[self._model_of(part)].create({"workflow_id": self.id, **values})
        return [{"do": "remove", "parts": [[part, record.key]]}, *back], [record]

    def _do_change(self, command):
        """Write ``values`` to one part."""
        part = command.get("part")
        record = self._expect_part(part, command.get("key"))
        values = self._given(part, command.get("values"))
        back = {"do": "change", "part": part, "key": record.key, "values": {}}
        for name in values:
            shown = {"state_id": "source", "target_id": "target"}.get(name, name)
            value = record[name]
            if isinstance(value, models.BaseModel):
                value = value.key if shown in ("source", "target") else value.id
            back["values"][shown] = value or False
        if "phase_id" in values:  # it stays where it is drawn
            values["canvas_placed"] = record.canvas_placed
        record.write(values)
        return [back], []

    def _do_place(self, command):
        """Put states somewhere: ``places``, ``{key: [x, y]}``, None for where there is room."""
        was, places = {}, command.get("places") or {}
        back = self._back_to_arranged(any(places.values()))
        if any(places.values()):
            self._settle()
        states = {state.key: state for state in self.state_ids}
        for key, at in places.items():
            state = states.get(key) or self._expect_part("state", key)
            was[key] = [state.canvas_x, state.canvas_y] if state.canvas_placed else None
            state.write(self._at(at))
        return back or [{"do": "place", "places": was}], []

    def _do_arrange(self, _command):
        """Let the whole picture be laid out anew."""
        was = {
            state.key: [state.canvas_x, state.canvas_y]
            for state in self.state_ids
            if state.canvas_placed
        }
        self.state_ids.write({"canvas_placed": False})
        return [{"do": "place", "places": was}], []

    def _do_remove(self, command):
        """Take ``parts`` away, each as kind and key, with what goes with them."""
        records = [self._expect_part(*self._identity(one)) for one in command.get("parts") or []]
        kept = self._keep(records)
        for record in records:
            record.exists().unlink()
        self.invalidate_recordset()
        return [{"do": "put_back", "kept": kept}], []

    def _do_put_back(self, command):
        """Put back what was ``kept`` when it was removed."""
        kept = command.get("kept")
        records = self._put_back(kept if isinstance(kept, int) else 0)
        self.invalidate_recordset()
        roots = [one for one in records if not (one._owner() and self._came(one, records))]
        parts = [[one._PART, one.key] for one in roots]
        return [{"do": "remove", "parts": parts}], records

    def _came(self, part, records):
        """Whether the owner of a part was put back with it."""
        return part._owner() in {(one._PART, one.key) for one in records}

    def _do_order(self, command):
        """Put parts of one kind in an order: ``part``, ``keys`` of all that belong together."""
        part, keys = command.get("part"), command.get("keys") or []
        records = [self._expect_part(part, key) for key in keys]
        owners = {record._owner() for record in records}
        if len(owners) > 1:
            raise UserError(self.env._("Only what belongs together has an order."))
        was = sorted(records, key=lambda record: (record.sequence, record.id))
        for number, record in enumerate(records):
            record.sequence = number
        return [{"do": "order", "part": part, "keys": [one.key for one in was]}], []

    # -- what is given ---------------------------------------------------------------------------

    def _model_of(self, part):
        return {"state": "flow.state", "transition": "flow.transition"}[part]

    def _identity(self, given):
        if isinstance(given, list) and len(given) == 2 and all(isinstance(n, str) for n in given):
            return given
        raise UserError(self.env._("This is nothing that the picture of a workflow can do."))

    def _given(self, part, values):
        """Return values to write, with states found by their keys."""
        values = dict(values or {})
        if not WRITABLE[part].issuperset(values):
            raise UserError(self.env._("This is nothing that the picture of a workflow can do."))
        for shown, name in (("source", "state_id"), ("target", "target_id")):
            if shown in values:
                key = values.pop(shown)
                values[name] = self._expect_part("state", key).id if key else False
        return values

    def _at(self, at):
        """Return what places a state, at a point or where there is room."""
        if not at:
            return {"canvas_placed": False}
        try:
            x, y = (max(-FARTHEST, min(FARTHEST, round(float(one)))) for one in at)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValidationError(self.env._("A place has two numbers.")) from error
        return {"canvas_x": x, "canvas_y": y, "canvas_placed": True}

    def _back_to_arranged(self, at):
        """Return what lets the whole picture be laid out again, if it is and will not be."""
        arranged = not any(self.state_ids.mapped("canvas_placed"))
        return [{"do": "arrange"}] if at and arranged else []

    def _settle(self):
        """Let every state stay where the picture shows it now, when one is put somewhere."""
        loose = self.state_ids.filtered(lambda state: not state.canvas_placed)
        if not loose:
            return
        states = self.state_ids.sorted()
        lanes = self._canvas_lanes(states)
        places = layout.arrange(self._canvas_cards(states, lanes, self._figures()))
        for state in loose:
            state.write(self._at(places[state.key]))

    def _next(self, records):
        return max(records.mapped("sequence"), default=0) + 1
