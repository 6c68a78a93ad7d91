"""Webhooks against a real receiver: each call arrives, none is made twice without need, and a
repetition can be told by its key.

Small numbers here; `make chaos` takes large ones.
"""

import os
import re
import ssl
from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from faults import invariants
from faults.webhook_receiver import Fault, WebhookReceiver
from tools import places

CHAOS = bool(os.environ.get("FLOW_CHAOS"))
KILLS = 20 if CHAOS else 3
RACERS = 4
SIZE = 2_000 if CHAOS else 200
ENGINE = places.REPOSITORY / places.CORE_ADDON / "engine"
MINUTES = 1 / 24 / 60


def points() -> list[str]:
    """Return every failpoint on the way of a call, as the source has them."""
    source = "".join(path.read_text() for path in sorted(ENGINE.glob("call*.py")))
    return [*re.findall(r'reach\("(call\.\w+)"\)', source), "call.worked", "call.committed"]


@pytest.fixture
def receiver():
    with WebhookReceiver() as started:
        yield started


def build(workers, receiver, contacts, **options):
    values = {"tag": "faultw", "url": receiver.url, "allowed": f"127.0.0.1:{receiver.port}"}
    return workers.run("webhooks.build", contacts=contacts, **(values | options))


def later(workers, minutes=2):
    workers.run("pass_days", days=minutes * MINUTES)
    workers.run("work")


def steps(workers, campaign):
    return invariants.ledger(workers, campaign)


def reasons(workers) -> list[str]:
    return sorted({row[0] for row in workers.sql("SELECT COALESCE(reason, '') FROM flow_step")})


def check(workers, **options):
    invariants.check(workers, effects={}, **options)


def test_each_contact_is_told_once_with_a_key_and_a_signature_of_its_own(workers, receiver):
    campaign, secret = build(workers, receiver, SIZE)
    workers.run("work")
    assert len(receiver.calls) == len(receiver.per_key()) == SIZE
    assert len({call.email for call in receiver.calls}) == SIZE
    assert all(call.is_signed(secret) for call in receiver.calls)
    assert not any(call.is_signed("guessed") for call in receiver.calls)
    assert {call.method for call in receiver.calls} == {"POST"}
    assert {call.headers["Host"] for call in receiver.calls} == {f"127.0.0.1:{receiver.port}"}
    assert steps(workers, campaign) == {("tell", "1", "done"): SIZE}
    assert invariants.whereabouts(workers, campaign) == {("over", "ended", "done"): SIZE}
    check(workers)
    assert workers.complaints() == []


def test_workers_race_and_nobody_is_told_twice(workers, receiver):
    campaign, _secret = build(workers, receiver, SIZE)
    racing = [workers.start("work", batch=10) for _racer in range(RACERS)]
    assert [racer.wait() for racer in racing] == [0] * RACERS
    workers.run("work")
    assert set(receiver.per_key().values()) == {1}
    assert steps(workers, campaign) == {("tell", "1", "done"): SIZE}
    check(workers)
    assert workers.complaints() == []


@pytest.mark.parametrize("point", points())
def test_killed_workers_lose_no_call_and_repeat_it_with_its_key(workers, receiver, point):
    size = 400 if CHAOS else 60
    campaign, secret = build(workers, receiver, size)
    kills = 0
    for attempt in range(KILLS):
        worker = workers.start("work", failpoints=f"{point}=kill:{1 + attempt % 2}", batch=10)
        if worker.wait() == 0:
            break
        assert worker.status == -9
        kills += 1
        check(workers, idle=False)
    assert kills >= KILLS
    workers.run("work", batch=10)
    assert steps(workers, campaign) == {("tell", "1", "done"): size}
    assert len({call.email for call in receiver.calls}) == len(receiver.per_key()) == size
    repeated = len(receiver.calls) - size
    assert repeated <= 4 * kills  # as many as were in flight
    assert all(call.is_signed(secret) for call in receiver.calls)
    check(workers)


def test_call_that_fails_is_made_again_with_the_same_key(workers, receiver):
    campaign, _secret = build(workers, receiver, 4)
    receiver.plan("faultw1@example.com", Fault(500), Fault(503))
    receiver.plan("faultw2@example.com", Fault(hang_up=True))
    receiver.plan("faultw3@example.com", Fault(429, retry_after="600"))
    workers.run("work")
    assert steps(workers, campaign) == {("tell", "1", "done"): 1, ("tell", "1", "scheduled"): 3}
    later(workers)
    later(workers, 4)
    assert len(receiver.keys_of("faultw3@example.com")) == 1
    later(workers, 5)
    assert steps(workers, campaign) == {("tell", "1", "done"): 4}
    assert [len(receiver.keys_of(f"faultw{n}@example.com")) for n in (1, 2, 3, 4)] == [3, 2, 2, 1]
    assert len(receiver.per_key()) == 4
    check(workers)


def test_call_that_is_refused_is_parked_with_the_reason(workers, receiver):
    campaign, _secret = build(workers, receiver, 2)
    receiver.every = Fault(410)
    workers.run("work")
    assert steps(workers, campaign) == {("tell", "1", "failed"): 2}
    assert reasons(workers) == ["The receiver answered 410 OK"]
    later(workers, 1000)
    assert len(receiver.calls) == 2


def test_answer_that_drips_is_given_up(workers, receiver):
    campaign, _secret = build(workers, receiver, 4)
    receiver.every = Fault(drip=0.3)  # never silent for long, yet never done
    assert workers.run("webhooks.impatient_work", seconds=1) < 4
    assert steps(workers, campaign) == {("tell", "1", "scheduled"): 4}
    assert reasons(workers) == ["127.0.0.1 did not answer within 10 seconds."]
    receiver.every = None
    later(workers)
    assert steps(workers, campaign) == {("tell", "1", "done"): 4}
    assert set(receiver.per_key().values()) == {2}


def test_redirection_is_followed_and_takes_content_along(workers, receiver):
    with WebhookReceiver() as other:
        allowed = f"127.0.0.1:{receiver.port} 127.0.0.1:{other.port}"
        campaign, secret = build(workers, receiver, 3, allowed=allowed)
        receiver.every = Fault(307, location=other.url)
        workers.run("work")
        assert steps(workers, campaign) == {("tell", "1", "done"): 3}
        assert {call.method for call in other.calls} == {"POST"}
        assert all(call.is_signed(secret) for call in other.calls)
        assert other.per_key() == receiver.per_key()
        assert "Content-Type" not in other.calls[0].headers  # what is for one's own URL only


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(307, location="http://127.0.0.1:1/"), "The address 127.0.0.1 is not public"),
        (Fault(307, location="http://169.254.169.254/"), "169.254.169.254 is not public"),
        (Fault(308, location="http://localhost:1/"), "is not public"),
        (Fault(307, location="http://2130706433/"), "no valid host"),
        (Fault(307, location="file:///etc/passwd"), "Only http"),
        (Fault(307, location="/hook"), "redirects more than 3 times"),
        (Fault(302, location="/hook"), "would lose the content"),
    ],
)
def test_redirection_that_leads_astray_is_refused(workers, receiver, fault, reason):
    campaign, _secret = build(workers, receiver, 1)
    receiver.every = fault
    workers.run("work")
    assert steps(workers, campaign) == {("tell", "1", "failed"): 1}
    [told] = reasons(workers)
    assert reason in told


def test_private_address_is_refused_also_behind_a_name(workers, receiver):
    url = f"http://localhost:{receiver.port}/hook"
    campaign, _secret = build(workers, receiver, 1, url=url, allowed="")
    workers.run("work")
    assert steps(workers, campaign) == {("tell", "1", "failed"): 1}
    assert "is not public" in reasons(workers)[0]
    assert receiver.calls == []


def test_name_is_looked_up_once_and_what_was_checked_is_called(workers, receiver):
    url = f"http://hooks.example:{receiver.port}/hook"
    campaign, _secret = build(workers, receiver, 1, url=url)
    # Were it looked up again for the connection, the call would go to the other address.
    workers.run("webhooks.names_lie", addresses=[["127.0.0.1"], ["127.0.0.2"]])
    assert steps(workers, campaign) == {("tell", "1", "done"): 1}
    assert receiver.calls[0].headers["Host"] == f"hooks.example:{receiver.port}"


@pytest.fixture
def certificate(tmp_path):
    """A certificate for hooks.example, as a file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    today = datetime.now(timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.mark.parametrize(
    ("host", "is_trusted", "reason"),
    [
        ("hooks.example", True, ""),
        ("hooks.example", False, "No secure connection: self-signed certificate"),
        ("other.example", True, "No secure connection: Hostname mismatch"),
    ],
)
def test_certificate_is_that_of_the_name(workers, certificate, host, is_trusted, reason):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with WebhookReceiver(context) as receiver:
        url = f"https://{host}:{receiver.port}/hook"
        campaign, secret = build(workers, receiver, 1, url=url)
        authorities = str(certificate if is_trusted else certificate.with_name("none.pem"))
        workers.run("webhooks.names_lie", addresses=[["127.0.0.1"]], authorities=authorities)
        status = "scheduled" if reason else "done"
        assert steps(workers, campaign) == {("tell", "1", status): 1}
        assert not reason or reasons(workers)[0].startswith(reason)
        assert [call.is_signed(secret) for call in receiver.calls] == [True] * (not reason)


def test_receiver_that_is_away_is_called_again(workers, receiver):
    campaign, _secret = build(
        workers, receiver, 2, url="http://127.0.0.1:1/", allowed="127.0.0.1:1"
    )
    workers.run("work")
    assert steps(workers, campaign) == {("tell", "1", "scheduled"): 2}
    assert "refused" in reasons(workers)[0]
    check(workers)
