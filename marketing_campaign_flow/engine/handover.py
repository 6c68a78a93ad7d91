"""Hand-over: messages to SMTP servers, and what is known to have become of each.

Plain protocol, no Odoo and no database. What counts is the moment after which the server may have
accepted a message: once the final dot is sent, a lost answer leaves the outcome *uncertain*; before
it, a broken connection means that nothing was accepted.
"""

import smtplib
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

# Codes that speak of the connection or of the login, not of the message: it can be tried again.
OF_THE_SERVER = frozenset({421, 454, 530, 534, 535, 538})

# What is asked, and the answers that are wanted.
SENDER, RECIPIENT, READY = frozenset({250}), frozenset({250, 251}), frozenset({354})
DATA = "data"

# Of answers that were due while another's was waited for: they are there, or late.
LAST_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Envelope:
    """What goes over the wire: addresses and the message as bytes with CRLF line ends.

    `options` are those of the MAIL command, such as ``SMTPUTF8``.
    """

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Receipt:
    """What became of a message.

    `status` is ``accepted``; ``retry`` (a later attempt may succeed and nothing was accepted);
    ``failed`` (refused for good); or ``uncertain`` (the answer was lost after the message was
    sent). `code` and `reply` are the server's last answer, None and the error where there was none.
    `of_recipient` says that a refusal is about the recipient.
    """

    status: str
    code: int | None = None
    reply: str = ""
    of_recipient: bool = False


class Postbox:
    """Takes messages in the place of a connection to a mail server, and keeps them.

    :param smtp_from: for whom the connection may send, as Odoo's sessions say it
    :param from_filter: the same as the mail server's setting
    """

    sock = None

    def __init__(self, smtp_from: str, from_filter: str | None):
        self.smtp_from, self.from_filter = smtp_from, from_filter
        self.envelopes: list[Envelope] = []

    def take(self, envelope: Envelope) -> Receipt:
        self.envelopes.append(envelope)
        return Receipt("accepted", 250, "")


class _RefusedError(Exception):
    def __init__(self, receipt: Receipt):
        super().__init__(receipt.reply)
        self.receipt = receipt


def hand_over(consignments: Sequence[tuple[smtplib.SMTP, Envelope]]) -> list[Receipt]:
    """Send each message over its own connection, all of them in step.

    Every server has its next command before the first answer is waited for, and all answers are
    due at the same moment, so that several messages in flight take hardly longer than one, even
    where no server answers.

    :param consignments: a connected session and the message that goes over it; a session is in
        the list once. A session that can no longer be used is closed: its ``sock`` is None.
    :return: one receipt per consignment, in order
    """
    talks = [_converse(session, envelope) for session, envelope in consignments]
    receipts: list[Receipt | None] = [None] * len(talks)
    asked_at = None  # a conversation that begins waits for nothing
    while None in receipts:
        for position, talk in enumerate(talks):
            if receipts[position] is None:
                try:
                    talk.send(asked_at)
                except StopIteration as end:
                    receipts[position] = end.value
        asked_at = time.monotonic()
    return receipts


def _converse(session, envelope) -> Generator[None, float, Receipt]:
    """Send one message; pauses wherever the server's answer is waited for.

    It is sent the moment (monotonic) since when the answer has been waited for.
    """
    sent = False
    try:
        yield from _announce(session, envelope)
        session.send(_stuffed(envelope.content) + b".\r\n")
        sent = True
        code, reply = _expect(session, {250}, (yield))
    except _RefusedError as refused:
        _reset(session)
        return refused.receipt
    except ValueError as error:  # an address that cannot be said in the protocol
        _reset(session)
        return Receipt("failed", None, str(error), of_recipient=True)
    except OSError as error:  # smtplib's errors are such, and so are the socket's
        session.close()
        return Receipt("uncertain" if sent else "retry", None, str(error))
    return Receipt("accepted", code, reply)


def _announce(session, envelope) -> Generator[None, float, None]:
    """Say from whom and to whom, until the server waits for the message."""
    # Of the session, which the next message uses too.
    session.command_encoding = "utf-8" if "SMTPUTF8" in envelope.options else "ascii"
    options = list(envelope.options)
    if session.does_esmtp and session.has_extn("size"):
        options.append(f"size={len(envelope.content)}")
    sender = " ".join([f"mail FROM:{smtplib.quoteaddr(envelope.sender)}", *options])
    recipients = [f"rcpt TO:{smtplib.quoteaddr(address)}" for address in envelope.recipients]
    if not recipients:
        raise _RefusedError(Receipt("failed", None, "no recipient", True))
    at_once = session.does_esmtp and session.has_extn("pipelining")
    yield from (_ask_at_once if at_once else _ask_in_turn)(session, sender, recipients)


def _ask_in_turn(session, sender, recipients) -> Generator[None, float, None]:
    _say(session, sender)
    _expect(session, SENDER, (yield))
    refusals = []
    for recipient in recipients:
        _say(session, recipient)
        refusals += _refusals(session, RECIPIENT, (yield), of_recipient=True)
    if len(refusals) == len(recipients):
        raise refusals[-1]
    _say(session, DATA)
    _expect(session, READY, (yield))


def _ask_at_once(session, sender, recipients) -> Generator[None, float, None]:
    """Say everything in one go, which a server may allow (RFC 2920): one answer to wait for."""
    _say(session, sender, *recipients, DATA)
    asked_at = yield
    refusals = _refusals(session, SENDER, asked_at)
    # The first one tells why; those after it only follow from it.
    of_recipients = []
    for _recipient in recipients:
        of_recipients += _refusals(session, RECIPIENT, asked_at, of_recipient=True)
    if len(of_recipients) == len(recipients):
        refusals += of_recipients[-1:]
    of_data = _refusals(session, READY, asked_at)
    if refusals and not of_data:
        session.close()  # it waits for a message that goes to nobody
    if refusals or of_data:
        raise (refusals + of_data)[0]


def _refusals(session, codes, asked_at, of_recipient=False) -> list[_RefusedError]:
    """Return the refusal that the server's next answer is, where it is one.

    :raises _RefusedError: when there are no further answers to wait for
    """
    try:
        _expect(session, codes, asked_at, of_recipient)
    except _RefusedError as refused:
        if session.sock is None:
            raise
        return [refused]
    return []


def _say(session, *commands: str) -> None:
    """Send commands.

    :raises ValueError: when one of them would be two
    """
    if any("\r" in command or "\n" in command for command in commands):
        raise ValueError("a line break in an address")
    session.send("".join(f"{command}\r\n" for command in commands))


def _expect(session, codes, asked_at, of_recipient=False) -> tuple[int, str]:
    """Return the server's answer; raise _RefusedError when it is none of `codes`."""
    code, reply = _answer(session, asked_at)
    text = reply.decode("utf-8", "replace")
    if code in codes:
        return code, text
    if code == -1:  # what came was no answer; whether the message counts is as unknown as ever
        session.close()
        raise smtplib.SMTPServerDisconnected(text or "no answer")
    if 500 <= code < 600 and code not in OF_THE_SERVER:
        raise _RefusedError(Receipt("failed", code, text, of_recipient))
    if code == 421:
        session.close()
    raise _RefusedError(Receipt("retry", code, text, of_recipient))


def _answer(session, asked_at) -> tuple[int, bytes]:
    """Wait for the server's answer, no longer than the session's limit since it was asked."""
    limit = session.sock.gettimeout()
    if limit:
        left = asked_at + limit - time.monotonic()
        session.sock.settimeout(max(left, LAST_LOOK_SECONDS))
    try:
        return session.getreply()
    finally:
        if session.sock is not None:
            session.sock.settimeout(limit)


def _reset(session) -> None:
    """Make the session ready for the next message, or close it."""
    if session.sock is None:
        return
    try:
        session.rset()
    except OSError:
        session.close()


def _stuffed(content: bytes) -> bytes:
    """Double the dots at the beginning of lines and end with a line end, as the protocol wants."""
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    if content.startswith(b"."):
        content = b"." + content
    return content.replace(b"\r\n.", b"\r\n..")
