"""Documents: a campaign's workflow as readable JSON, to keep, to share and to start from.

Parts refer to each other by their keys, and to anything else by its name, so that a document fits
another database. What a document names and a database does not have is created where it is only a
name (a mailing list, a tag), and else said, all of it at once.
"""

from odoo import api, fields, models
from odoo.models import MAGIC_COLUMNS

FORMAT = "campaign-flow/1"

# What is of the place rather than of the design.
LEFT_OUT = {
    *MAGIC_COLUMNS,
    "workflow_id",
    "campaign_id",
    "company_id",
    "state_id",
    "transition_id",
    "target_id",
    "mailing_id",
    "key",
    "sequence",
    "is_manual",
    "looked_on",
    "look_at",
    "entered_at",
    "approved_by_id",
    "approved_at",
    "unit_cost",
}
SETTINGS = (
    "keep_in_sync", "on_leaving", "reentry", "reentry_days", "max_entries", "sending_rate",
    "holdout_share", "effect_days",
)  # fmt: skip
EMAIL = ("subject", "preview", "body_html")


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _to_document(self, workflow=None):
        """Return the design of this campaign as plain values; see `docs/workflow-format.md`.

        :param workflow: the version of its workflow, the present one unless given
        """
        self.ensure_one()
        self = self.with_context(lang=None)  # names are known by their original words
        workflow = (workflow or self.workflow_id).with_env(self.env)
        return {
            "format": FORMAT,
            "name": self.name,
            "target_model": self.target_model,
            "settings": {name: self[name] for name in SETTINGS},
            "phases": [
                {**_dump(row), "phase_id": row.phase_id.name}
                for row in self.phase_row_ids
                if row.opening != "hand" or row.needs_approval
            ],
            "tasks": [_dump(task) for task in self.phase_task_ids],
            "entries": [_dump(entry) for entry in self.entry_ids],
            "states": [state._to_document() for state in workflow.state_ids],
            "transitions": [way._to_document() for way in workflow.transition_ids],
        }


class FlowState(models.Model):
    _inherit = "flow.state"

    def _to_document(self):
        self.ensure_one()
        actions = [action._to_document() for action in self.action_ids.sorted()]
        return {"key": self.key, **_dump(self), "actions": actions}


class FlowTransition(models.Model):
    _inherit = "flow.transition"

    def _to_document(self):
        self.ensure_one()
        ends = {"from": self.state_id.key or None, "to": self.target_id.key or None}
        actions = [action._to_document() for action in self.action_ids.sorted()]
        return {"key": self.key, **ends, **_dump(self), "actions": actions}


class FlowAction(models.Model):
    _inherit = "flow.action"

    def _to_document(self):
        self.ensure_one()
        values = {"key": self.key, **_dump(self)}
        if self.mailing_id:
            values["email"] = self._mailing_to_document()
        if self.variant_ids:
            values["versions"] = [variant._to_document() for variant in self.variant_ids]
        return values

    @api.model
    def _left_behind(self, dumped):
        """Return what a document keeps back of an action, as sentences.

        :param dumped: the action, as it stands in the document
        """
        return []

    def _kept_back(self, original):
        """Return the values that a document kept back of the action of which this is a copy."""
        return {}

    def _mailing_to_document(self):
        """Return the message of this action as plain values."""
        return self.mailing_id._flow_to_document()

    @api.model
    def _mailing_from_document(self, message):
        """Return what the message of an action is created with, beside what its campaign gives.

        :raises KeyError: when something is missing
        """
        return {
            "subject": message["subject"],
            "preview": message.get("preview") or False,
            "body_html": message["body_html"],
            "body_arch": message["body_html"],
        }


class FlowEmailVariant(models.Model):
    _inherit = "flow.email.variant"

    def _to_document(self):
        self.ensure_one()
        values = {"key": self.key, "arm": self.arm, "email": self.mailing_id._flow_to_document()}
        if self.lang_id:
            return {**values, "lang": self.lang_id.code}
        return {**values, "weight": self.weight}


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _flow_to_document(self):
        """Return this email as plain values."""
        return {name: self[name] or "" for name in EMAIL}


def _dump(record) -> dict:
    """Return the values of a record that are not what they are by default."""
    names = names_of(record)
    defaults = record.default_get(names)
    dumped = {}
    for name in names:
        value, field = record[name], record._fields[name]
        default = defaults.get(name) or False
        if field.type == "one2many":
            if value:
                dumped[name] = [_dump(line) for line in value]
        elif isinstance(value, models.BaseModel):
            if value:
                named = [_reference(one) for one in value]
                dumped[name] = named if field.type == "many2many" else named[0]
        elif (value or False) != default:
            dumped[name] = fields.Datetime.to_string(value) if _is_moment(field) else value
    return dumped


def names_of(record) -> list[str]:
    return [
        name
        for name, field in record._fields.items()
        if name not in LEFT_OUT
        and (field.store or field.type == "many2many")
        and field.type not in ("binary", "properties", "many2one_reference")
        and not (field.compute and field.readonly)
        and not field.related
        and not field.groups  # a secret stays here
        and (field.type != "one2many" or name in getattr(record, "_DOCUMENT_LINES", ()))
    ]


def _is_moment(field) -> bool:
    return field.type in ("date", "datetime")


def _reference(record):
    """Return how a document names a record: a part by its key, a field by where it is, anything
    else by its name."""
    if record._name == "ir.model.fields":
        return f"{record.model}.{record.name}"
    if "key" in record._fields and record._name.startswith("flow."):
        return {"key": record.key}
    return record[record._rec_name or "display_name"]
