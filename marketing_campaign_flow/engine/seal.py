"""Seal: letters in their envelopes, as Odoo would hand them to a mail server.

Odoo builds the message and decides about senders and recipients. Messages of a batch that differ in
nothing but texts and recipient are built once (see `mime`), unless another addon takes part in the
building: then it is asked for each.
"""

from email.message import EmailMessage

from odoo.tools import html2plaintext

from . import mime
from .handover import Envelope
from .letter import Letter

# The arguments of `_build_email__` that `_prepare_outgoing_list` provides.
BUILT_OF = (
    "email_to", "subject", "body", "body_alternative", "email_cc", "reply_to", "attachments",
    "message_id", "references", "object_id", "headers",
)  # fmt: skip
BUILDERS = ("_build_email__", "_prepare_email_message__", "_alter_message__")
# Odoo writes other recipients into the message than it is sent to.
FORGED = frozenset({"X-Forge-To", "X-Msg-To-Add"})
# Decides, with the route, about the sender in the envelope.
BOUNCE = "Return-Path"


class Sealer:
    """Makes the envelopes of one batch."""

    def __init__(self, env):
        self._env = env
        self._stencils = {}
        server_class = env.registry["ir.mail_server"]
        self._each_by_odoo = any(
            sum(name in vars(parent) for parent in server_class.__mro__) > 1 for name in BUILDERS
        )

    def envelope(self, letter: Letter, session) -> Envelope:
        """Return a letter as it goes over a connection.

        :param session: the connected SMTP session, which knows for whom it may send
        """
        if self._each_by_odoo or FORGED & letter.values["headers"].keys():
            return self._built(letter, session)[0]
        kind = self._kind(letter, session)
        if kind not in self._stencils:
            envelope, message = self._built(letter, session)
            if not envelope.options:
                self._stencils[kind] = (envelope.sender, mime.Stencil(message))
            return envelope
        return self._filled(letter, session, *self._stencils[kind])

    def _kind(self, letter, session):
        """Return all that messages of one stencil have in common."""
        values = letter.values
        return (
            letter.route,
            session
            and (getattr(session, "from_filter", None), getattr(session, "smtp_from", None)),
            tuple(letter.domains.items()),
            tuple(values["headers"]),
            values["headers"].get(BOUNCE),
            tuple(values["email_cc"]),
            tuple(values["attachments"]),
            bool(values["references"]),
        )

    def _servers(self, letter):
        # The address that Odoo validated, so that nothing else in a name is taken for one.
        validated = letter.values["email_to_normalized"]
        return self._env["ir.mail_server"].with_context(send_validated_to=validated)

    def _built(self, letter, session) -> tuple[Envelope, EmailMessage]:
        servers = self._servers(letter).with_context(**letter.domains)
        message = servers._build_email__(
            email_from=letter.route.email_from,
            subtype="html",
            subtype_alternative="plain",
            **{name: letter.values[name] for name in BUILT_OF},
        )
        sender, recipients, message = servers._prepare_email_message__(message, session)
        utf8 = not all(address.isascii() for address in (sender, *recipients))
        options = ("SMTPUTF8", "BODY=8BITMIME") if utf8 else ()
        content = mime.flatten(message, utf8=utf8)
        return Envelope(sender, tuple(recipients), content, options), message

    def _filled(self, letter, session, sender, stencil) -> Envelope:
        values = letter.values
        addressed = EmailMessage(policy=mime.POLICY)
        addressed["To"] = values["email_to"]
        if values["email_cc"]:
            addressed["Cc"] = values["email_cc"]
        servers = self._servers(letter)
        recipients = servers._prepare_smtp_to_list(addressed, session)
        if not recipients:
            raise AssertionError(servers.NO_VALID_RECIPIENT)
        if not all(address.isascii() for address in recipients):
            return self._built(letter, session)[0]
        headers = {
            **values["headers"],
            "To": addressed["To"],
            "Subject": values["subject"],
            "Reply-To": values["reply_to"] or letter.route.email_from,
            "Message-Id": values["message_id"],
            "References": values["references"],
        }
        content = stencil.fill(
            {name.lower(): text for name, text in headers.items()},
            values["body_alternative"] or html2plaintext(values["body"]),
            values["body"],
        )
        return Envelope(sender, tuple(recipients), content)
