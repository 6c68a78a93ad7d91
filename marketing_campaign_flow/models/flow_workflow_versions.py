"""Versions of a workflow: what is different, in the words of its designer."""

from odoo import models
from odoo.models import MAGIC_COLUMNS
from odoo.tools import format_datetime, html2plaintext

from ..engine.difference import Part, Value, between_parts

# What says where a part belongs or how it looks, but not what it does.
NOT_COMPARED = {
    *MAGIC_COLUMNS,
    "workflow_id",
    "state_id",
    "transition_id",
    "key",
    "sequence",
    "color",
    "canvas_x",
    "canvas_y",
    "canvas_placed",
    "is_manual",
}


class FlowWorkflowPart(models.AbstractModel):
    _inherit = "flow.workflow.part"

    # What the part is called in `engine.difference`.
    _PART = ""

    def _as_parts(self):
        """Return these parts as values that can be compared with those of another version."""
        return [
            Part(part._PART, part.key, part.display_name, part._owner(), part._compared_values())
            for part in self
        ]

    def _owner(self):
        """Return kind and key of what this part belongs to."""
        for name in self._OWNERS:
            if self[name]:
                return self[name]._PART, self[name].key
        return None

    def _place(self):
        """Return the state that this part is about, an empty one for any state."""
        return self.state_id

    def _compared_values(self):
        """Return what this part does, as ``{name: engine.difference.Value}``.

        All stored fields, so those of kinds of action that other addons bring as well.
        """
        self.ensure_one()
        names = [
            name
            for name, field in self._fields.items()
            if field.store and field.type != "one2many" and name not in NOT_COMPARED
        ]
        labels = self.fields_get(names, ["string"])
        return {
            name: Value(labels[name]["string"], self._raw(name), self._in_words(name))
            for name in names
            if name in labels
        }

    def _raw(self, name):
        value = self[name]
        if isinstance(value, models.BaseModel):
            return tuple(sorted(value.mapped("key" if "key" in value._fields else "id")))
        return value

    def _in_words(self, name):
        """Return the value of a field as a person reads it, a dash for none."""
        field, value = self._fields[name], self[name]
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if isinstance(value, models.BaseModel):
            value = ", ".join(value.mapped("display_name"))
        elif field.type == "selection":
            value = dict(field._description_selection(self.env)).get(value)
        elif field.type == "datetime":
            value = format_datetime(self.env, value, dt_format="short")
        elif field.type == "html":
            value = html2plaintext(value or "")
        return "–" if value in (None, False, "") else str(value)


class FlowState(models.Model):
    _inherit = "flow.state"
    _PART = "state"

    def _place(self):
        return self

    def _running_twin(self):
        """Return the same state in the version that the campaign runs, itself if there is none."""
        running = self.campaign_id.workflow_id
        if self.workflow_id.status != "draft" or running == self.workflow_id:
            return self
        return running.state_ids.filtered(lambda state: state.key == self.key) or self


class FlowTransition(models.Model):
    _inherit = "flow.transition"
    _PART = "transition"


class FlowAction(models.Model):
    _inherit = "flow.action"
    _PART = "action"

    def _place(self):
        return self.state_id or self.transition_id.state_id

    def _compared_values(self):
        """The email of an action is compared by its text: every version has an email of its own."""
        values = super()._compared_values()
        if values.pop("mailing_id", None) and self.mailing_id:
            text = self.mailing_id._flow_text()
            values |= {f"mailing_id.{name}": value for name, value in text.items()}
        return values


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    def _planned_actions(self):
        """Return the actions of the graph, without the messages sent by hand."""
        return self.action_ids.filtered(lambda action: not action.is_manual)

    def _changes_to(self, draft):
        """Return what `draft` makes different from this version, with the records it is about.

        :return: pairs of an `engine.difference.Change` and its part, a record of either version,
            None where the change is about the order of the transitions from any state
        """
        records = {}
        sides = []
        for workflow in (draft, self):  # the second one, this version, prevails
            graph = (workflow.state_ids, workflow.transition_ids, workflow._planned_actions())
            sides.append([part for parts in graph for part in parts._as_parts()])
            records |= {(part._PART, part.key): part for parts in graph for part in parts}
        after, before = sides
        return [
            (change, records.get(change.part.identity)) for change in between_parts(before, after)
        ]

    def _adopt_unchanged_emails(self, running):
        """Take over the emails whose text is the same as in the version that runs.

        So an email that nobody touched stays one email, with its figures, through all versions.
        The copies made for the draft are left behind.
        """
        emails_of = {action.key: action._emails_by_key() for action in running._planned_actions()}
        for action in self._planned_actions().filtered("mailing_id"):
            before = emails_of.get(action.key, {})
            for holder, key in [(action, ""), *((one, one.key) for one in action.variant_ids)]:
                email = before.get(key)
                if (
                    email
                    and email != holder.mailing_id
                    and email._flow_text() == holder.mailing_id._flow_text()
                ):
                    holder.mailing_id = email
