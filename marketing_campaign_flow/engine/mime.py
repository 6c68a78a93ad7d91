"""MIME: the messages of a batch differ in little; what is the same is worked out once.

Odoo builds the first message of a kind. The others are that message with other texts and the
recipient's own headers, byte for byte what Odoo's `_build_email__` and the standard library would
make of them. There is no database here.
"""

import email.policy
from email.generator import BytesGenerator
from email.message import EmailMessage
from functools import lru_cache
from io import BytesIO

# Identifiers and addresses of pages are taken literally by who reads them (RFC 2047, section 5:
# no encoded words in them). The library breaks long ones up into encoded words, though, which
# makes the one-click unsubscription useless; a line may have 998 characters.
LITERAL = frozenset({"message-id", "in-reply-to", "references", "list-unsubscribe"})
LONGEST_LINE = 998


class Policy(type(email.policy.SMTP)):
    """Odoo's policy for outgoing messages, but for the headers that must not be encoded."""

    def _fold(self, name, value, *args, **kwargs):
        if name.lower() in LITERAL:
            line = _literal(name, str(value))
            if line is not None:
                return line
        return super()._fold(name, value, *args, **kwargs)


POLICY = Policy(linesep="\r\n")


class _PartPolicy(Policy):
    """For parts, whose headers are the same few over and over again."""

    @staticmethod
    @lru_cache(maxsize=64)
    def _parsed(name, value):
        return POLICY.header_store_parse(name, value)

    def header_store_parse(self, name, value):
        return self._parsed(name, value)


PART_POLICY = _PartPolicy(linesep="\r\n")


def flatten(message: EmailMessage, utf8: bool = False) -> bytes:
    """Return a message as it goes over the wire, with CRLF line ends.

    :param utf8: whether headers may have letters beyond ASCII (SMTPUTF8)
    """
    policy = POLICY.clone(utf8=True) if utf8 else POLICY
    content = BytesIO()
    BytesGenerator(content, policy=policy).flatten(message, linesep="\r\n")
    return content.getvalue()


class Stencil:
    """A message of a plain text, an HTML text and attachments, for texts and headers of others.

    :param message: as Odoo built it, and flattened, so that its boundaries are drawn
    """

    def __init__(self, message: EmailMessage):
        # With what of it others share, subjects for one, folded once.
        self._headers = [(name, str(value), _line(name, value)) for name, value in message.items()]
        mixed = message.get_content_type() == "multipart/mixed"
        texts = message.get_payload(0) if mixed else message
        if texts.get_content_type() != "multipart/alternative" or len(texts.get_payload()) != 2:
            raise ValueError("Not a plain text and an HTML text")
        self._texts = texts
        self._mixed = message if mixed else None
        attachments = message.get_payload()[1:] if mixed else []
        self._attachments = [flatten(part) for part in attachments]

    def fill(self, headers: dict[str, str], plain: str, html: str) -> bytes:
        """Return the message with other texts, as it goes over the wire.

        :param headers: values in place of the message's own, by names in lower case; a header
            that the message does not have is not added
        """
        head = [
            line
            if headers.get(name.lower(), value) == value
            else _line(name, headers[name.lower()])
            for name, value, line in self._headers
        ]
        body = _joined(self._texts, [_part(plain, "plain"), _part(html, "html")])
        if self._mixed is not None:
            texts = b"".join(_line_of_part(name, value) for name, value in self._texts.items())
            body = _joined(self._mixed, [texts + b"\r\n" + body, *self._attachments])
        return b"".join([*head, b"\r\n", body])


def _literal(name: str, value: str) -> str | None:
    """Return a header on one line; None where that cannot be."""
    line = f"{name}: {value}\r\n"
    if value.isascii() and value.isprintable() and len(line) <= LONGEST_LINE + 2:
        return line
    return None


def _line(name: str, value: str) -> bytes:
    if name.lower() in LITERAL and (line := _literal(name, str(value))):
        return line.encode()
    return POLICY.fold_binary(*POLICY.header_store_parse(name, value))


_line_of_part = lru_cache(maxsize=64)(_line)  # parts have the same few headers over and over


def _joined(multipart: EmailMessage, parts: list[bytes]) -> bytes:
    boundary = multipart.get_boundary().encode()
    return b"".join([
        *(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts),
        b"--" + boundary + b"--\r\n",
    ])  # fmt: skip


def _part(text: str, subtype: str) -> bytes:
    part = EmailMessage(policy=PART_POLICY)
    part.set_content(text, subtype=subtype, charset="utf-8")
    head = b"".join(_line_of_part(name, value) for name, value in part.items())
    encoded = part["Content-Transfer-Encoding"] in ("quoted-printable", "base64")
    payload = part.get_payload().encode() if encoded else part.get_payload(decode=True)
    # The library ends lines of a payload with LF and leaves the rest to its generator.
    return head + b"\r\n" + payload.replace(b"\n", b"\r\n")
