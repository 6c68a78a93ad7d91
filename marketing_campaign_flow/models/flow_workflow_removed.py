"""What was taken out of a draft, kept whole so that it can be put back as it was.

A part goes with all that goes with it: the actions and the ways of a state, the ways that wait for
a reaction to an email. They are kept as they stand in the database, keys and emails included; who
undoes the removal creates them anew with their own rights.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS

from .flow_workflow_part import TAKEN_OVER

PARTS = {"state": "flow.state", "transition": "flow.transition", "action": "flow.action"}
KEPT_DAYS = 30


class FlowWorkflowRemoved(models.Model):
    _name = "flow.workflow.removed"
    _description = "Removed Part of a Workflow"

    workflow_id = fields.Many2one("flow.workflow", required=True, ondelete="cascade", index=True)
    content = fields.Json(required=True)
    email_ids = fields.Many2many(
        "mailing.mailing", help="What the parts sent. It is not deleted as long as it is kept here."
    )

    @api.autovacuum
    def _gc_removed(self):
        """Forget what nobody will put back any more."""
        oldest = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("create_date", "<", oldest)])._forget()

    @api.model
    def _keeps(self, emails):
        """Return those of these emails that may come back with what was removed."""
        # sudo: see `FlowWorkflow._keep`; whether an email is kept is no secret
        removed = self.sudo().with_context(active_test=False)
        return emails & removed.search([("email_ids", "in", emails.ids)]).email_ids

    def _forget(self):
        """Delete what is kept, and the emails that nothing else sends or keeps."""
        emails = self.email_ids
        self.unlink()
        emails._flow_unlink_unused()


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    def _keep(self, parts):
        """Keep parts, with all that goes with them, to be put back.

        :param parts: records of states, transitions and actions, as a list
        :return: the id of what is kept
        """
        gone = self._gone_with(parts)
        content = {
            "parts": [
                {"part": part._PART, "key": part.key, "values": self._kept_values(part)}
                for part in gone
            ],
            "ends": self._loose_ends(gone),
        }
        # sudo: written and read here only, for whoever may change this workflow; it holds what only
        # managers see of an action, which so never leaves the server
        kept = self.env["flow.workflow.removed"].sudo()
        emails = self.env["flow.action"].union(*(one for one in gone if one._PART == "action"))
        values = {"workflow_id": self.id, "content": content}
        return kept.create({**values, "email_ids": emails._emails().ids}).id

    def _forget_removed(self):
        """Forget what was removed from these versions; nobody can put it back."""
        # sudo: see `_keep`
        removed = self.env["flow.workflow.removed"].sudo()
        removed.search([("workflow_id", "in", self.ids)])._forget()

    def _gone_with(self, parts):
        """Return these parts and what is deleted with them, owners first, each once."""
        ways = defaultdict(list)  # by the state they lead to, and the actions they wait for
        for way in self.transition_ids:
            named = (way.target_id, way.event_action_id, way.after_action_id, way.result_action_id)
            for one in filter(None, named):
                ways[one].append(way)
        found, waiting = set(), list(parts)
        while waiting:
            part = waiting.pop()
            if part in found:
                continue
            found.add(part)
            waiting += ways[part]
            if part._PART != "action":
                waiting += part.action_ids
            if part._PART == "state":
                waiting += part.transition_ids
        order = list(PARTS)
        return sorted(found, key=lambda part: (order.index(part._PART), part.sequence, part.id))

    def _kept_values(self, part):
        """Return the stored values of a part: parts by their keys, other records by their ids."""
        part = part.sudo()  # sudo: what only managers see is kept too, see `_keep`
        values = {}
        for name in _kept_names(part):
            value, field = part[name], part._fields[name]
            if field.type == "one2many":
                values[name] = [self._kept_values(line) for line in value]
            elif isinstance(value, models.BaseModel):
                if getattr(value, "_PART", None):
                    values[name] = {"part": value._PART, "key": value.key}
                else:
                    values[name] = value.ids if field.type == "many2many" else value.id
            else:
                values[name] = field.convert_to_read(value, part, use_display_name=False)
                if field.type in ("date", "datetime"):
                    values[name] = field.to_string(value) if value else False
        return values

    def _loose_ends(self, gone):
        """Return what of the parts that stay refers to those that go."""
        gone, ends = set(gone), []
        for parts in (self.state_ids, self.transition_ids, self.action_ids):
            names = [
                name
                for name, field in parts._fields.items()
                if field.type == "many2one" and field.store and field.comodel_name in PARTS.values()
            ]
            for part in parts:
                if part in gone:
                    continue
                for name in names:
                    if part[name] in gone:
                        identity = part[name]._PART, part[name].key
                        ends.append([part._PART, part.key, name, *identity])
        return ends

    def _put_back(self, kept_id):
        """Put back what is kept.

        :return: the records
        :raises UserError: when it is not there any more
        """
        # sudo: see `_keep`
        kept = self.env["flow.workflow.removed"].sudo().browse(kept_id).exists()
        if not kept or kept.workflow_id != self:
            raise UserError(self.env._("What was removed cannot be put back any more."))
        content = kept.content
        records = {}
        for one in content["parts"]:
            records[one["part"], one["key"]] = self._put_back_part(one, records)
        for one in content["parts"]:
            record = records[one["part"], one["key"]]
            self._refer(record, one["values"], records)
        for part, key, name, *identity in content["ends"]:
            record, target = self._part(part, key), records.get(tuple(identity))
            if record and target:
                record[name] = target
        return list(records.values())

    def _put_back_part(self, one, records):
        model = self.env[PARTS[one["part"]]]
        values = {"workflow_id": self.id, "key": one["key"]}
        secret = {}
        for name, value in one["values"].items():
            field = model._fields.get(name)
            if field is None:
                continue
            if isinstance(value, dict) and "part" in value:
                if name in model._OWNERS or name == "target_id":
                    identity = value["part"], value["key"]
                    owner = records.get(identity) or self._part(*identity)
                    if owner:
                        values[name] = owner.id
            elif field.groups and not self.env.user.has_groups(field.groups):
                secret[name] = value
            else:
                values[name] = self._still_there(field, value)
        # A filter that no longer works comes back as well, and is told of by the checks.
        record = model.with_context(flow_filters=TAKEN_OVER).create(values)
        record = record.with_env(self.env)
        if secret:
            record.sudo().write(secret)  # sudo: as it was; who puts it back does not see it
        return record

    def _still_there(self, field, value):
        """Return a kept value, without records that were deleted meanwhile."""
        if field.type == "one2many":
            lines = self.env[field.comodel_name]._fields
            return [
                fields.Command.create(
                    {name: self._still_there(lines[name], one) for name, one in line.items()}
                )
                for line in value
            ]
        if field.type == "many2one":
            return value and self.env[field.comodel_name].browse(value).exists().id
        if field.type == "many2many":
            return [fields.Command.set(self.env[field.comodel_name].browse(value).exists().ids)]
        return value

    def _refer(self, record, values, records):
        """Let a part that was put back refer to parts that came after it."""
        for name, value in values.items():
            if isinstance(value, dict) and "part" in value and not record[name]:
                identity = value["part"], value["key"]
                target = records.get(identity) or self._part(*identity)
                if target:
                    record[name] = target

    def _part(self, part, key):
        """Return the state, transition or action of this workflow with a key, None without."""
        of = {"state": "state_ids", "transition": "transition_ids", "action": "action_ids"}
        return self[of[part]].filtered(lambda one: one.key == key)[:1] or None


def _kept_names(part):
    """Return the fields that make a part what it is."""
    return [
        name
        for name, field in part._fields.items()
        if name not in {*MAGIC_COLUMNS, "workflow_id", "action_id"}
        and (field.store or field.type == "many2many")
        and field.type not in ("properties", "many2one_reference", "binary")
        and not field.related
        and not (field.compute and field.readonly)
        and (field.type != "one2many" or field.copy or name == "variant_ids")
    ]
