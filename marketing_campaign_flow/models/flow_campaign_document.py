"""Documents: a campaign's workflow as readable JSON, to keep, to share and to start from.

Parts refer to each other by their keys, and to anything else by its name, so that a document fits
another database. What a document names and a database does not have is created where it is only a
name (a mailing list, a tag), and else said, all of it at once.
"""

from html import unescape

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS

from ..engine import blocks

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

# Records that are no more than their name.
NAMED = {"mailing.list", "res.partner.category", "crm.tag", "utm.tag", "flow.point.group"}


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    def _to_document(self):
        """Return the design of this campaign as plain values; see the developers' guide."""
        self.ensure_one()
        self = self.with_context(lang=None)  # names are known by their original words
        workflow = self.workflow_id
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
            "states": [
                {
                    "key": state.key,
                    **_dump(state),
                    "actions": [action._to_document() for action in state.action_ids],
                }
                for state in workflow.state_ids
            ],
            "transitions": [
                {
                    "key": transition.key,
                    "from": transition.state_id.key or None,
                    "to": transition.target_id.key or None,
                    **_dump(transition),
                    "actions": [action._to_document() for action in transition.action_ids],
                }
                for transition in workflow.transition_ids
            ],
        }

    @api.model
    def _from_document(self, document, **values):
        """Create a draft campaign from a document.

        :param values: of the campaign, instead of what the document says
        :raises UserError: with every reason for which the document does not fit
        """
        return _Builder(self.env, document).build(values).with_env(self.env)


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
    names = _names(record)
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


def _names(record) -> list[str]:
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


class _Builder:
    """Builds one campaign; collects what does not fit."""

    def __init__(self, env, document):
        self.env, self.document = env(context={**env.context, "lang": None}), document
        self.problems = []
        self.parts = {}  # records by model and key

    def build(self, values):
        document = self.document
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise UserError(
                self.env._("This is no workflow of Campaign Flow (format “%s”).", FORMAT)
            )
        try:
            campaign = self._campaign(values)
            self._states(campaign.workflow_id)
            self._transitions(campaign.workflow_id)
            self._actions(campaign)
            self._phases(campaign)
            self._later()
            for task in document.get("tasks", []):
                self.env["flow.phase.task"].create(
                    {"campaign_id": campaign.id, **self._values("flow.phase.task", task)}
                )
            for entry in document.get("entries", []):
                self.env["flow.entry"].create(
                    {"campaign_id": campaign.id, **self._values("flow.entry", entry)}
                )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise UserError(
                self.env._("The document is not complete, or damaged: %s", error)
            ) from error
        if self.problems:
            raise UserError("\n".join(dict.fromkeys(self.problems)))
        return campaign

    def _campaign(self, values):
        settings = {name: self.document["settings"][name] for name in SETTINGS
                    if name in self.document.get("settings", {})}  # fmt: skip
        campaign = self.env["flow.campaign"].create(
            {"name": self.document["name"], **settings, **values}
        )
        wanted = self.document.get("target_model", "res.partner")
        if campaign.target_model != wanted:
            self.problems.append(
                self.env._("The workflow is made for another kind of contact (%s).", wanted)
            )
        campaign.workflow_id.state_ids.unlink()
        return campaign

    def _states(self, workflow):
        for number, state in enumerate(self.document["states"]):
            values = self._values("flow.state", state)
            self.parts["flow.state", state["key"]] = self.env["flow.state"].create(
                {"workflow_id": workflow.id, "key": state["key"], "sequence": number, **values}
            )

    def _transitions(self, workflow):
        for number, transition in enumerate(self.document["transitions"]):
            values = self._values("flow.transition", transition)
            self.parts["flow.transition", transition["key"]] = self.env["flow.transition"].create(
                {
                    "workflow_id": workflow.id,
                    "key": transition["key"],
                    "sequence": number,
                    "state_id": self._state(transition.get("from")),
                    "target_id": self._state(transition.get("to")),
                    **values,
                }
            )

    def _state(self, key):
        if key is None:
            return False
        if ("flow.state", key) not in self.parts:
            self.problems.append(self.env._("There is no state “%s”.", key))
            return False
        return self.parts["flow.state", key].id

    def _actions(self, campaign):
        for model, field in (("flow.state", "state_id"), ("flow.transition", "transition_id")):
            name = "states" if model == "flow.state" else "transitions"
            for owner in self.document[name]:
                for number, action in enumerate(owner.get("actions", [])):
                    self._action(
                        campaign, {field: self.parts[model, owner["key"]].id}, number, action
                    )

    def _action(self, campaign, owner, number, action):
        kinds = dict(self.env["flow.action"]._fields["kind"]._description_selection(self.env))
        if action["kind"] not in kinds:
            self.problems.append(
                self.env._("The action “%s” needs an addon that is not installed.", action["kind"])
            )
            return
        values = self._values("flow.action", action)
        if message := action.get("email"):
            values["mailing_id"] = self._email(campaign, message).id
        if versions := action.get("versions"):
            versions = [self._version(campaign, version) for version in versions]
            values["variant_ids"] = [fields.Command.create(one) for one in versions if one]
        self.parts["flow.action", action["key"]] = self.env["flow.action"].create(
            {"key": action["key"], "sequence": number, **owner, **values}
        )

    def _email(self, campaign, message):
        if message.get("body_html"):
            message = {**message, "body_html": self._with_audiences(message["body_html"])}
        mailing = {
            **campaign._mailing_defaults(),
            "flow_campaign_id": campaign.id,
            **self.env["flow.action"]._mailing_from_document(message),
        }
        if group := message.get("point_group"):
            mailing["flow_point_group_id"] = self._find("flow.point.group", group)
        return self.env["mailing.mailing"].create(mailing)

    def _with_audiences(self, body):
        """Return the body of an email with blocks for the audiences that it names."""

        def found(name):
            audience_id = self._find("flow.audience", unescape(name[2]))
            return f'{blocks.AUDIENCE}="{audience_id or 0}"'

        return blocks.FOUND_NAMED.sub(found, body)

    def _version(self, campaign, version):
        values = {name: version[name] for name in ("key", "arm", "weight") if name in version}
        if code := version.get("lang"):
            values["lang_id"] = self.env["res.lang"]._get_data(code=code).id
            if not values["lang_id"]:
                self.problems.append(self.env._("The language “%s” is not in use here.", code))
                return None
        return {**values, "mailing_id": self._email(campaign, version["email"]).id}

    def _phases(self, campaign):
        for row in self.document.get("phases", []):
            values = self._values("flow.campaign.phase", row)
            found = campaign.phase_row_ids.filtered(
                lambda one, values=values: one.phase_id.id == values.get("phase_id")
            )
            if found:
                self.parts["flow.campaign.phase", row["phase_id"]] = found
                found.write(values)

    def _later(self):
        """Let parts refer to parts that came after them."""
        for model, name in (("flow.transition", "transitions"), ("flow.state", "states")):
            for values in self.document[name]:
                self._refer(model, values)
                for action in values.get("actions", []):
                    self._refer("flow.action", action)
        for row in self.document.get("phases", []):
            self._refer("flow.campaign.phase", {"key": row["phase_id"], **row})

    def _refer(self, model, values):
        record = self.parts.get((model, values["key"]))
        for name, value in values.items():
            if record and isinstance(value, dict) and "key" in value and name in record._fields:
                target = self.parts.get((record._fields[name].comodel_name, value["key"]))
                if target is None:
                    self.problems.append(self.env._("There is no part “%s”.", value["key"]))
                else:
                    record[name] = target

    def _values(self, model, dumped) -> dict:
        """Return what a record is created with; parts that it refers to come later."""
        known = set(_names(self.env[model]))
        values = {}
        for name, value in dumped.items():
            if name in ("key", "from", "to", "actions", "email", "versions"):
                continue
            if name not in known:
                self.problems.append(self.env._("“%s” is not known here.", name))
                continue
            field = self.env[model]._fields[name]
            if field.type == "one2many":
                lines = [self._values(field.comodel_name, line) for line in value]
                values[name] = [fields.Command.create(line) for line in lines]
            elif field.type == "many2many":
                values[name] = [self._find(field.comodel_name, one) for one in value]
            elif field.type == "many2one":
                if not isinstance(value, dict):
                    values[name] = self._find(field.comodel_name, value)
            else:
                values[name] = value
        return {name: value for name, value in values.items() if value is not None}

    def _find(self, model, name):
        if model == "ir.model.fields":
            model_name, _, field_name = name.rpartition(".")
            found = self.env[model]._get(model_name, field_name)
        else:
            records = self.env[model]
            found = records.search([(records._rec_name, "=", name)], limit=1)
        if not found and model in NAMED:
            found = self.env[model].create({"name": name})
        if not found:
            about = self.env["ir.model"]._get(model).name or model
            self.problems.append(
                self.env._("There is no “%(name)s” here (%(kind)s).", name=name, kind=about)
            )
            return None
        return found.id
