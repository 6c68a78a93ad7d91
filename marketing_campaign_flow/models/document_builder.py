"""Building a campaign, or the workflow of one, from a document; see `flow_campaign_document`."""

import re
from contextlib import contextmanager, suppress
from html import unescape

import psycopg2
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine import blocks
from .flow_campaign_document import FORMAT, SETTINGS, names_of

KEY = re.compile(r"[\w.-]{1,64}")
# Records that are no more than their name.
NAMED = {"mailing.list", "res.partner.category", "crm.tag", "utm.tag", "flow.point.group"}


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    @api.model
    def _from_document(self, document, **values):
        """Create a draft campaign from a document.

        :param values: of the campaign, instead of what the document says
        :raises UserError: with every reason for which the document does not fit
        """
        return Builder(self.env, document).build(values)

    @api.model
    def _try_document(self, document, into=None, **values):
        """Make a campaign of a document and take everything back.

        :param into: the draft workflow whose place it is to take, instead of a new campaign
        :return: the names of what would be created beside the campaign, and why the document does
            not fit, both as sentences
        """
        builder, problems, created = Builder(self.env, document), [], []
        try:
            with suppress(_TakeBack), self.env.cr.savepoint():
                if into:
                    builder.replace(into)
                else:
                    builder.build(values)
                self.env.flush_all()
                models_ = self.env["ir.model"]
                created = [
                    f"{models_._get(record._name).name}: {record[record._rec_name]}"
                    for record in builder.created
                ]
                raise _TakeBack
        except (UserError, AccessError) as error:
            problems = str(error).splitlines()
        except psycopg2.Error:
            problems = [self.env._("A value of the document cannot be stored.")]
        return created, problems


class FlowWorkflow(models.Model):
    _inherit = "flow.workflow"

    def _replace_by_document(self, document):
        """Put the graph of a document in place of that of this draft.

        :raises UserError: with every reason for which the document does not fit
        """
        self.ensure_one()
        Builder(self.env, document).replace(self)


class _TakeBack(Exception):  # noqa: N818 (nothing went wrong)
    """Ends a try-out."""


class Builder:
    """Builds one campaign of a document; collects what does not fit, and what it creates beside."""

    def __init__(self, env, document):
        self.env, self.document = env, document
        self.problems = []
        self.created = []  # records that the document names and the database did not have
        self.parts = {}  # records by model and key

    def build(self, values):
        """Return a new draft campaign.

        :param values: of the campaign, instead of what the document says
        :raises UserError: with every reason for which the document does not fit
        """
        with self._refusing():
            campaign = self._campaign(values)
            campaign.workflow_id.state_ids.unlink()
            self._graph(campaign, campaign.workflow_id)
            for task in self.document.get("tasks", []):
                self.env["flow.phase.task"].create(
                    {"campaign_id": campaign.id, **self._values("flow.phase.task", task)}
                )
            for entry in self.document.get("entries", []):
                self.env["flow.entry"].create(
                    {"campaign_id": campaign.id, **self._values("flow.entry", entry)}
                )
        return campaign

    def replace(self, workflow):
        """Put the states, ways and emails of the document in place of those of a draft workflow.

        What belongs to its campaign stays: audience, ways in, phases and their tasks, settings.

        :raises UserError: with every reason for which the document does not fit
        """
        workflow._expect_drafts()
        campaign = workflow.campaign_id
        before = workflow.action_ids._emails()
        with self._refusing():
            self._check_kind_of_contact(campaign)
            workflow.state_ids.unlink()
            workflow.transition_ids.unlink()
            self._graph(campaign, workflow, phases=False)
        before._flow_unlink_unused()

    @contextmanager
    def _refusing(self):
        """Refuse the document when something of it does not fit, or it is none."""
        document = self.document
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise UserError(
                self.env._("This is no workflow of Campaign Flow (format “%s”).", FORMAT)
            )
        try:
            yield
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise UserError(
                self.env._("The document is not complete, or damaged: %s", error)
            ) from error
        if self.problems:
            raise UserError("\n".join(dict.fromkeys(self.problems)))

    def _graph(self, campaign, workflow, phases=True):
        self._check_keys()
        self._states(workflow)
        self._transitions(workflow)
        self._actions(campaign)
        if phases:
            self._phases(campaign)
        self._later()

    def _campaign(self, values):
        settings = {name: self.document["settings"][name] for name in SETTINGS
                    if name in self.document.get("settings", {})}  # fmt: skip
        campaign = self.env["flow.campaign"].create(
            {"name": self.document["name"], **settings, **values}
        )
        self._check_kind_of_contact(campaign)
        return campaign

    def _check_kind_of_contact(self, about):
        """Note where the document is made for other contacts than a campaign or workflow."""
        wanted = self.document.get("target_model", "res.partner")
        if about.target_model != wanted:
            self.problems.append(
                self.env._("The workflow is made for another kind of contact (%s).", wanted)
            )

    def _check_keys(self):
        """Note keys that are none; figures, screens and requests name parts by them."""
        for owner in (*self.document["states"], *self.document["transitions"]):
            actions = owner.get("actions", [])
            versions = [one for action in actions for one in action.get("versions", [])]
            for part in (owner, *actions, *(one for one in versions if "key" in one)):
                self._check_key(part["key"])

    def _check_key(self, key):
        if not isinstance(key, str) or not KEY.fullmatch(key):
            self.problems.append(
                self.env._(
                    "“%s” is no key of a part: it has 1 to 64 letters, digits, dots, hyphens and"
                    " underscores.",
                    str(key)[:80],
                )
            )
        if not isinstance(key, str):
            raise TypeError(self.problems[-1])

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
                    self._unknown_part(value["key"])
                else:
                    record[name] = target

    def _unknown_part(self, key):
        self.problems.append(self.env._("There is no part “%s”.", key))

    def _values(self, model, dumped) -> dict:
        """Return what a record is created with; parts that it refers to come later."""
        known = set(names_of(self.env[model]))
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
            # names are known by their original words
            records = self.env[model].with_context(lang=None)
            found = records.search([(records._rec_name, "=", name)], limit=1)
        if not found and model in NAMED:
            found = records.create({"name": name}).with_env(self.env)
            self.created.append(found)
        if not found:
            about = self.env["ir.model"]._get(model).name or model
            self.problems.append(
                self.env._("There is no “%(name)s” here (%(kind)s).", name=name, kind=about)
            )
            return None
        return found.id
