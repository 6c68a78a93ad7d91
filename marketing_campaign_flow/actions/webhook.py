"""Call a webhook: a URL of somebody else's gets to know of each participant."""

import re
import secrets
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import signature, webhook_client, webhook_target, webhook_template
from ..engine.call_log import Answer
from ..engine.difference import Value
from ..engine.settings import WEBHOOKS_ALLOWED
from ..engine.webhook_error import WebhookError
from ..models import flow_action

DEFAULT_BODY = """{
  "test": {{ test | tojson }},
  "campaign": {{ campaign | tojson }},
  "state": {{ state | tojson }},
  "step": {{ step | tojson }},
  "points": {{ points | tojson }},
  "contact": {{ contact | tojson }}
}"""

# What a template knows of a contact, where the kind of contact has it.
CONTACT_FIELDS = {
    "name": "name",
    "email": "email",
    "phone": "phone",
    "function": "function",
    "company": "company_name",
    "street": "street",
    "zip": "zip",
    "city": "city",
    "country": "country_id",
    "language": "lang",
    "points": "flow_points",  # beside the contact, not in it
}

# What breaks templates that put texts into quotes by themselves.
SAMPLE_NAME = 'Ann "Annie" O\'Neill \\ Müller'

HEADER = re.compile(r"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(?P<value>[\x20-\x7e]*)")
RESERVED = frozenset(
    {
        "connection", "content-length", "expect", "host", "idempotency-key", "proxy-connection",
        "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
    }
)  # fmt: skip
OWN_PREFIX = "x-campaign-flow-"


class FlowAction(models.Model):
    _inherit = "flow.action"
    # A secret that has got about is replaced at once, also while the workflow runs.
    _ALWAYS_EDITABLE = flow_action.FlowAction._ALWAYS_EDITABLE | {"webhook_secret"}

    kind = fields.Selection(
        selection_add=[("webhook", "Call a webhook")], ondelete={"webhook": "cascade"}
    )
    webhook_url = fields.Char(
        string="URL",
        help="What is called, once for each participant: an address on the public internet, or one"
        " that your administrator allows.",
    )
    webhook_method = fields.Selection(
        [
            ("POST", "POST"),
            ("PUT", "PUT"),
            ("PATCH", "PATCH"),
            ("DELETE", "DELETE"),
            ("GET", "GET"),
        ],
        string="Method",
        default="POST",
        help="What the receiver's documentation asks for, mostly POST. GET has no content.",
    )
    webhook_headers = fields.Text(
        string="Headers",
        help="One per line, such as a key that the receiver has given you. They go to this URL"
        " only, not to where it redirects to.",
    )
    webhook_body = fields.Text(
        string="Content",
        default=DEFAULT_BODY,
        help="JSON. In double braces are the values: contact, campaign, state, step, points, test;"
        " “| tojson” puts quotes around texts as they need it.",
    )
    webhook_secret = fields.Char(
        string="Secret",
        copy=False,  # see `copy`: it may not be read by whoever copies the action
        groups="marketing_campaign_flow.group_flow_manager,base.group_system",
        help="Signs each call, so that the receiver knows that it comes from you. The header"
        " X-Campaign-Flow-Signature is “sha256=” and the HMAC-SHA256 of the timestamp in the header"
        " X-Campaign-Flow-Timestamp, a dot and the content.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions._give_webhook_secret()
        return actions

    def write(self, vals):
        result = super().write(vals)
        if "kind" in vals:
            self._give_webhook_secret()
        return result

    def copy(self, default=None):
        """The receiver knows the secret; a new version of a workflow calls it with the same."""
        copies = super().copy(default)
        # sudo: the secret is handed on and shown to nobody
        for action, duplicate in zip(self.sudo(), copies.sudo(), strict=True):
            if action.webhook_secret:
                duplicate.webhook_secret = action.webhook_secret
        return copies

    def _give_webhook_secret(self):
        # sudo: a secret is made up for whoever adds the action, and shown to nobody
        for action in self.sudo():
            if action.kind == "webhook" and not action.webhook_secret:
                action.webhook_secret = secrets.token_urlsafe(32)

    @api.constrains("kind", "webhook_url", "webhook_method", "webhook_headers", "webhook_body")
    def _check_webhook(self):
        for action in self.filtered(lambda action: action.kind == "webhook"):
            try:
                action._webhook_headers()
                if action.webhook_url:
                    action._check_webhook_url()
                if action.webhook_method != "GET":
                    webhook_template.render(action.webhook_body or "", action._webhook_sample())
            except WebhookError as error:
                raise ValidationError(error.in_words(self._webhook_words())) from None

    def _check_webhook_url(self):
        """Refuse what can be seen to be out of bounds; names are looked up when they are called."""
        target = webhook_target.parse(self.webhook_url)
        addresses = [target.host] if webhook_target.literal(target.host) else []
        webhook_target.check(target, addresses, self._webhooks_allowed())

    def _contract(self):
        return "idempotent" if self.kind == "webhook" else super()._contract()

    def _calls_webhook(self, steps):
        """Return the calls that tell of the contacts of the steps. Contract: idempotent."""
        words = self._webhook_words()
        try:
            self._check_may_call()
            request = self._webhook_request()
            send = partial(_send, allowed=self._webhooks_allowed(), words=words)
        except WebhookError as error:
            return dict.fromkeys(steps.ids, Answer("failed", error.in_words(words)))
        calls = {}
        for step_id, values in self._webhook_values(steps).items():
            try:
                calls[step_id] = partial(send, request(values, self._webhook_key(step_id)))
            except WebhookError as error:
                calls[step_id] = Answer("failed", error.in_words(words))
        return calls

    def _check_may_call(self):
        """A copy of a database for tests does nothing outside it.

        :raises WebhookError: in such a copy
        """
        # sudo: whether the database is a copy is no secret
        parameters = self.env["ir.config_parameter"].sudo()
        if parameters.get_param("database.is_neutralized"):
            raise WebhookError("neutralized")

    def _webhook_request(self, is_test=False):
        """Return a function from the values of a template and a key to the request.

        :raises WebhookError: when the URL or the headers are wrong
        """
        # sudo: signs the call; whoever causes it does not get to know the secret
        secret = self.sudo().webhook_secret or ""
        url, method, headers = self.webhook_url or "", self.webhook_method, self._webhook_headers()
        body = self.webhook_body or ""

        def request(values, key):
            own = [("Idempotency-Key", key)] + [("X-Campaign-Flow-Test", "1")] * is_test
            content = "" if method == "GET" else webhook_template.render(body, values)
            return webhook_client.Request(
                method, url, headers, tuple(own), content.encode(), secret
            )

        return request

    def _webhook_headers(self):
        """Return the headers of the action.

        :raises WebhookError: when a line is none, or one that the call has anyway
        """
        headers = {} if self.webhook_method == "GET" else {"Content-Type": "application/json"}
        for line in filter(None, map(str.strip, (self.webhook_headers or "").splitlines())):
            header = HEADER.fullmatch(line)
            if not header:
                raise WebhookError("header", line[:100])
            name = header["name"].title()
            if name.lower() in RESERVED or name.lower().startswith(OWN_PREFIX):
                raise WebhookError("reserved", name)
            headers[name] = header["value"]
        return tuple(headers.items())

    def _webhook_key(self, step_id):
        """Return the key by which the receiver knows a repetition: the same for each attempt.

        It does not tell the step, and is not the token by which opens and replies are known.
        """
        # sudo: the name of the database, which goes into the key only
        database = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return signature.sign(self.env, "webhook", database, step_id)

    def _webhook_values(self, steps):
        """Return what the template knows, by step; plain values only, in a few statements."""
        participants = steps.participant_id
        contacts = self.env[self.campaign_id.target_model].browse(participants.mapped("res_id"))
        of_contact = {row.pop("id"): row for row in self._webhook_contacts(contacts.exists())}
        values = {}
        for step in steps:
            participant = step.participant_id
            contact = {
                **dict.fromkeys(CONTACT_FIELDS),
                "id": participant.res_id,
                "name": participant.name or None,
                "email": participant.email_key or None,
                **of_contact.get(participant.res_id, {}),
            }
            points = contact.pop("points") or 0
            values[step.id] = self._webhook_frame(contact, step.state_id, points)
        return values

    def _webhook_contacts(self, contacts):
        """Return rows of contacts, with the rights of whoever asks."""
        known = {
            key: name
            for key, name in CONTACT_FIELDS.items()
            if name in contacts._fields
            and contacts._has_field_access(contacts._fields[name], "read")
        }
        rows = []
        for row in contacts.read(list(known.values())):
            plain = {
                key: (row[name][1] if isinstance(row[name], tuple) else row[name]) or None
                for key, name in known.items()
            }
            rows.append({"id": row["id"], **plain})
        return rows

    def _webhook_sample(self):
        """Return the values for a contact that does not exist."""
        contact = dict.fromkeys(CONTACT_FIELDS, "Example")
        contact |= {"id": 0, "name": SAMPLE_NAME, "email": "ann@example.com"}
        del contact["points"]
        return self._webhook_frame(contact, self.state_id, 0, is_test=True)

    def _webhook_frame(self, contact, state, points, is_test=False):
        campaign = self.campaign_id
        return {
            "test": is_test,
            "contact": contact,
            "campaign": {"id": campaign.id or 0, "name": campaign.name or ""},
            "state": {"key": state.key or "", "name": state.name or ""},
            "step": {"key": self.key or ""},
            "points": points,
        }

    @api.model
    def _webhooks_allowed(self):
        """Return what the administrator allows beyond public addresses."""
        # sudo: readable for administrators only; it decides here and is shown to nobody
        text = self.env["ir.config_parameter"].sudo().get_param(WEBHOOKS_ALLOWED) or ""
        return webhook_target.parse_allowed(text)

    def action_try_webhook(self):
        """Open the dialog that makes a sample call."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try the webhook"),
            "res_model": "flow.webhook.try",
            "view_mode": "form",
            "target": "new",
            "context": {"default_action_id": self.id},
        }

    def _try_webhook(self, contact=None):
        """Make a sample call, marked as a test.

        :param contact: the record to tell of; a made-up one without
        :return: the `engine.webhook_client.Reply`
        :raises UserError: when there was no answer
        """
        self.ensure_one()
        values = self._webhook_sample()
        if contact:
            values["contact"] |= self._webhook_contacts(contact)[0]
            values["points"] = values["contact"].pop("points") or 0
        try:
            self._check_may_call()
            request = self._webhook_request(is_test=True)
            call = request(values, f"test-{secrets.token_hex(12)}")
            return webhook_client.send(call, self._webhooks_allowed())
        except WebhookError as error:
            raise UserError(error.in_words(self._webhook_words())) from None

    @api.model
    def _webhook_words(self):
        """Return a sentence for each code of `engine.webhook_error.WebhookError`."""
        return {
            "url": self.env._("“%s” is no complete URL.", "%s"),
            "scheme": self.env._("Only http:// and https:// can be called, not “%s”.", "%s"),
            "credentials": self.env._("Passwords do not belong into a URL; use a header."),
            "host": self.env._("“%s” is no valid host.", "%s"),
            "port": self.env._("The port %s may not be called.", "%s"),
            "address": self.env._(
                "The address %s is not public. An administrator can allow it in the settings.", "%s"
            ),
            "entry": self.env._("The list of allowed addresses is wrong at “%s”.", "%s"),
            "downgrade": self.env._("The receiver redirects from https:// to http:// (%s).", "%s"),
            "redirect": self.env._(
                "The receiver redirects in a way that would lose the content: %s", "%s"
            ),
            "redirects": self.env._("The receiver redirects more than %s times.", "%s"),
            "slow": self.env._("%(host)s did not answer within %(seconds)s seconds.",
                               host="%s", seconds=int(webhook_client.SECONDS)),
            "unresolved": self.env._("The host “%s” cannot be found.", "%s"),
            "tls": self.env._("No secure connection: %s", "%s"),
            "connection": self.env._("The connection failed: %s", "%s"),
            "status": self.env._("The receiver answered %s", "%s"),
            "header": self.env._("“%s” is no header: write a name, a colon and a value.", "%s"),
            "reserved": self.env._("The header “%s” is set by the call itself.", "%s"),
            "neutralized": self.env._("This database is a copy for tests and calls nobody."),
            "syntax": self.env._("The content cannot be understood, line %s", "%s"),
            "unknown": self.env._("The content uses “%s”, which is not known here.", "%s"),
            "not_allowed": self.env._("“%s” is not possible in the content.", "%s"),
            "rounds": self.env._("The content has loops of more than %s rounds.", "%s"),
            "template_size": self.env._("The content has more than %s characters.", "%s"),
            "body_size": self.env._("The content becomes longer than %s characters.", "%s"),
            "template": self.env._("The content cannot be worked out: %s", "%s"),
            "json": self.env._(
                "The content is no valid JSON (%s). Write texts as {{ contact.name | tojson }},"
                " without quotes around them.", "%s"
            ),
        }  # fmt: skip

    def _compared_values(self):
        values = super()._compared_values()
        if secret := values.get("webhook_secret"):
            values["webhook_secret"] = Value(secret.label, secret.raw)  # changed, not what it is
        return values

    @api.model
    def _icons(self):
        return {**super()._icons(), "webhook": "fa-plug"}

    def _content_missing(self):
        if self.kind == "webhook":
            return not self.webhook_url
        return super()._content_missing()

    @api.depends("webhook_url", "webhook_method")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "webhook":
            return f"{self.webhook_method} {self.webhook_url or ''}".strip()
        return super()._content_in_words()


def _send(request, allowed, words) -> Answer:
    """Make a call and say what became of it; runs without a database."""
    try:
        reply = webhook_client.send(request, allowed)
    except WebhookError as error:
        return Answer("retry" if error.again else "failed", error.in_words(words))
    if reply.is_done:
        return Answer("done")
    status = WebhookError("status", f"{reply.status} {reply.text[:200]}".strip())
    answer = "retry" if reply.is_later else "failed"
    return Answer(answer, status.in_words(words), reply.retry_after)
