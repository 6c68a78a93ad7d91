"""The mail server keeps what it accepts, byte for byte and in order."""

import smtplib

import pytest

from tools.smtp_sink import SmtpSink, Spool


@pytest.fixture
def sink(environment, tmp_path):
    with SmtpSink(tmp_path / "spool") as started:
        yield started


def send(sink: SmtpSink, subject: str, *, body: str = "Hello\r\n", recipients=("b@example.com",)):
    message = f"Subject: {subject}\r\n\r\n{body}".encode()
    with smtplib.SMTP(sink.host, sink.port) as connection:
        connection.sendmail("a@example.com", list(recipients), message)
    return message


def test_message_is_kept_byte_for_byte_with_its_envelope(sink):
    recipients = ("b@example.com", "hidden@example.com")
    content = send(sink, "dots", body=".first\r\n..\r\nGrüße\r\n", recipients=recipients)
    [accepted] = sink.messages()
    assert accepted.content == content
    assert accepted.sender == "a@example.com"
    assert accepted.recipients == recipients
    assert accepted.message["Subject"] == "dots"


def test_messages_are_numbered_in_order_of_acceptance(sink):
    for number in range(12):
        send(sink, f"n{number}")
    messages = sink.messages()
    assert [message.number for message in messages] == list(range(1, 13))
    assert [message.message["Subject"] for message in messages] == [f"n{n}" for n in range(12)]
    assert [message.number for message in sink.messages(after=10)] == [11, 12]
    assert sink.spool.count() == 12


def test_accepted_messages_survive_a_kill_and_numbers_go_on(sink):
    send(sink, "before")
    sink.daemon.kill()
    with pytest.raises(OSError):
        send(sink, "while it is down")
    sink.start()
    send(sink, "after")
    assert [(m.number, m.message["Subject"]) for m in sink.messages()] == [
        (1, "before"),
        (2, "after"),
    ]


def test_half_written_message_is_not_accepted(tmp_path):
    spool = Spool(tmp_path)
    (tmp_path / ".00000001").write_bytes(b'{"sender"')
    assert list(spool.messages()) == []
    assert spool.append("a@example.com", ["b@example.com"], b"Subject: x\r\n\r\n") == 1
    assert [message.number for message in spool.messages()] == [1]
