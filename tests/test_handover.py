"""Handing messages over, against a mail server that fails on purpose; no Odoo, no database."""

import importlib.util
import smtplib
import sys
import time

import pytest
from faults.mail_server import Fault, FaultyMailServer

from tools import places

SECONDS = 0.4
LARGE = 30_000_000  # more than the buffers of a connection hold


def load():
    """Import the module without its package, which needs Odoo."""
    path = places.REPOSITORY / places.CORE_ADDON / "engine" / "handover.py"
    spec = importlib.util.spec_from_file_location("flow_handover", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


handover = load()


@pytest.fixture(scope="module")
def any_server():
    with FaultyMailServer() as started:
        yield started


@pytest.fixture(params=["at once", "in turn"])
def server(any_server, request):
    """A server that takes several commands at once, and one that wants them in turn."""
    any_server.reset()
    any_server.pipelining = request.param == "at once"
    return any_server


@pytest.fixture
def connect(server):
    sessions = []

    def open_session() -> smtplib.SMTP:
        session = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        session.ehlo()
        sessions.append(session)
        return session

    yield open_session
    for session in sessions:
        session.close()


def letter(recipient: str, text: str = "Hello", options=()):
    content = f"Message-ID: <{recipient}>\r\nSubject: Hi\r\n\r\n{text}\r\n".encode()
    return handover.Envelope("me@example.com", (recipient,), content, options)


def hand_over(session, recipient: str = "ann@example.com", **values):
    [receipt] = handover.hand_over([(session, letter(recipient, **values))])
    return receipt


def test_accepted_message_arrives_as_it_is(server, connect):
    text = ".\r\n..\r\n.dot\r\nend"
    receipt = hand_over(connect(), text=text)
    assert (receipt.status, receipt.code) == ("accepted", 250)
    assert server.accepted[0].content == letter("ann@example.com", text).content


@pytest.mark.parametrize(
    ("fault", "status", "code", "of_recipient", "usable"),
    [
        (Fault("rcpt", "451 later"), "retry", 451, True, True),
        (Fault("rcpt", "421 closing"), "retry", 421, True, False),
        (Fault("rcpt", "550 unknown"), "failed", 550, True, True),
        (Fault("rcpt", "530 log in"), "retry", 530, True, True),
        (Fault("rcpt"), "retry", None, False, False),
        (Fault("rcpt", stalls=True), "retry", None, False, False),
        (Fault("data", "451 later"), "retry", 451, False, True),
        (Fault("data", "554 no"), "failed", 554, False, True),
        (Fault("data"), "retry", None, False, False),
        (Fault("dot", "452 full"), "retry", 452, False, True),
        (Fault("dot", "554 spam"), "failed", 554, False, True),
        (Fault("dot", "421 closing"), "retry", 421, False, False),
        (Fault("dot"), "uncertain", None, False, False),
        (Fault("dot", accepted=True), "uncertain", None, False, False),
        (Fault("dot", stalls=True), "uncertain", None, False, False),
        (Fault("dot", "welcome"), "uncertain", None, False, False),
    ],
)
def test_what_the_server_says_is_what_is_known(
    server, connect, fault, status, code, of_recipient, usable
):
    server.plan("ann@example.com", fault)
    session = connect()
    receipt = hand_over(session)
    assert (receipt.status, receipt.code, receipt.of_recipient) == (status, code, of_recipient)
    assert receipt.reply
    assert (session.sock is not None) == usable
    if usable:
        assert hand_over(session, "bob@example.com").status == "accepted"


def test_server_that_wants_a_message_for_nobody_gets_none(server, connect):
    server.is_careless = True
    server.plan("ann@example.com", Fault("rcpt", "550 unknown"))
    session = connect()
    receipt = hand_over(session)
    assert (receipt.status, receipt.code, receipt.of_recipient) == ("failed", 550, True)
    assert (session.sock is None) == server.pipelining, "it waits for the message"
    assert not server.accepted


def test_message_leaves_when_one_of_its_recipients_is_known(server, connect):
    server.plan("ann@example.com", Fault("rcpt", "550 unknown"))
    one = letter("ann@example.com")
    both = handover.Envelope(one.sender, ("ann@example.com", "bob@example.com"), one.content)
    [receipt] = handover.hand_over([(connect(), both)])
    assert receipt.status == "accepted"
    assert len(server.accepted) == 1


@pytest.mark.parametrize("address", ["@\r\nRSET", "ann@example.com>\r\nRCPT TO:<eve@example.com"])
def test_address_is_never_two_commands(server, connect, address):
    session = connect()
    envelope = handover.Envelope("me@example.com", (address,), letter("x").content)
    [receipt] = handover.hand_over([(session, envelope)])
    assert receipt.status in ("accepted", "failed")
    assert hand_over(session, "bob@example.com").status == "accepted"
    assert sum(server.attempts.values()) == 2
    assert "eve@example.com" not in server.attempts


def test_connection_lost_in_the_middle_of_a_message_has_sent_nothing(server, connect):
    server.plan("ann@example.com", Fault("body"))
    receipt = hand_over(connect(), text="x" * LARGE)
    assert receipt.status == "retry"
    assert not server.accepted


def test_one_that_fails_leaves_the_others_in_flight_alone(server, connect):
    names = [f"c{number}@example.com" for number in range(6)]
    server.plan(names[1], Fault("rcpt", "550 unknown"))
    server.plan(names[2], Fault("dot", stalls=True))
    server.plan(names[4], Fault("data"))
    receipts = handover.hand_over([(connect(), letter(name)) for name in names])
    assert [receipt.status for receipt in receipts] == [
        "accepted", "failed", "uncertain", "accepted", "retry", "accepted",
    ]  # fmt: skip
    assert set(server.recipients()) == {names[0], names[3], names[5]}


def test_many_answers_that_do_not_come_are_waited_for_at_the_same_time(server, connect):
    names = [f"c{number}@example.com" for number in range(8)]
    for name in names:
        server.plan(name, Fault("dot", stalls=True))
    consignments = [(connect(), letter(name)) for name in names]
    started = time.monotonic()
    receipts = handover.hand_over(consignments)
    assert {receipt.status for receipt in receipts} == {"uncertain"}
    assert time.monotonic() - started < 3 * SECONDS


def test_address_beyond_ascii_is_sent_to_a_server_that_takes_it(server, connect):
    session = connect()
    options = ("SMTPUTF8", "BODY=8BITMIME")
    receipt = hand_over(session, "jürgen@example.com", options=options)
    assert receipt.status == "accepted"
    assert set(server.recipients()) == {"jürgen@example.com"}
    assert hand_over(session).status == "accepted"


def test_address_that_cannot_be_said_is_refused(server, connect):
    session = connect()
    receipt = hand_over(session, "jürgen@example.com")
    assert (receipt.status, receipt.of_recipient) == ("failed", True)
    assert hand_over(session).status == "accepted"
