"""Call a webhook: one request within one limit of time, to an address that was checked.

No Odoo in it, and no database: many calls run side by side in threads. Python's own HTTP client is
used, because each of its parts can be held to the limit: looking up the name, connecting, TLS, and
every single read, so that a receiver that drips its answer gains nothing. A name is looked up once
and every address checked; the connection goes to what was checked, while the header Host and the
certificate go by the name. Proxies from the environment are not used: they would look up the name
again.
"""

import contextlib
import hashlib
import hmac
import http.client
import io
import queue
import socket
import ssl
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from . import webhook_target
from .webhook_error import WebhookError
from .webhook_target import Allowed, Target

SECONDS = 10.0
MOST_REDIRECTS = 3
READ_BYTES = 4096  # of the answer; what follows is not read

USER_AGENT = "Odoo-Campaign-Flow/19.0"
TIMESTAMP = "X-Campaign-Flow-Timestamp"
SIGNATURE = "X-Campaign-Flow-Signature"

LATER = frozenset({408, 425, 429})  # and all from 500 on
KEEPS_METHOD = frozenset({307, 308})
REDIRECTS = KEEPS_METHOD | {301, 302, 303}


@dataclass(frozen=True)
class Request:
    """A call to be made.

    :param headers: those of the action, which may hold passwords: they go to its own URL only
    :param own_headers: those that go with every call
    :param secret: signs moment and body
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    own_headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    secret: str = ""


@dataclass(frozen=True)
class Reply:
    """What the receiver answered.

    :param text: the beginning of the answer
    :param retry_after: seconds that it asks to be left alone
    """

    status: int
    text: str = ""
    retry_after: float = 0.0

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_later(self) -> bool:
        return self.status in LATER or self.status >= 500


def send(request: Request, allowed: tuple[Allowed, ...] = (), seconds: float = SECONDS) -> Reply:
    """Make a call, follow its redirections, and return the answer.

    :param allowed: what may be called although it is not public
    :param seconds: for all of it
    :raises WebhookError: when there was no answer, or where it leads may not be called
    """
    deadline = time.monotonic() + seconds
    target = webhook_target.parse(request.url)
    headers = dict(signed(request, int(time.time())))
    for _redirect in range(MOST_REDIRECTS + 1):
        reply, location = _in_time(target, request, headers, allowed, deadline)
        if location is None:
            return reply
        target, request = _follow(target, request, reply.status, location)
    raise WebhookError("redirects", MOST_REDIRECTS)


def signed(request: Request, timestamp: int) -> list[tuple[str, str]]:
    """Return the headers of a call that are ours, the signature among them."""
    message = b"%d.%s" % (timestamp, request.body)
    digest = hmac.new(request.secret.encode(), message, hashlib.sha256).hexdigest()
    return [
        ("User-Agent", USER_AGENT),
        *request.own_headers,
        (TIMESTAMP, str(timestamp)),
        (SIGNATURE, f"sha256={digest}"),
    ]


def _follow(target, request, status, location) -> tuple[Target, Request]:
    """Return where to call next.

    Codes that would make a GET of anything else are not followed: what was to be told would be
    lost on the way, and the answer to the GET be taken for that to the call.
    """
    if status not in KEEPS_METHOD and request.method != "GET":
        raise WebhookError("redirect", f"{status} {location[:200]}")
    new = webhook_target.follow(target, location)
    if new.origin != target.origin:
        request = replace(request, headers=())
    return new, request


def _in_time(target, request, headers, allowed, deadline) -> tuple[Reply, str | None]:
    """Return the answer of one host, and where it redirects to."""
    try:
        addresses = _addresses(target, deadline)
        checked = webhook_target.check(target, addresses, allowed)
        return _exchange(target, checked, request, headers, deadline)
    except TimeoutError:
        raise WebhookError("slow", target.host, again=True) from None
    except (socket.gaierror, UnicodeError):
        raise WebhookError("unresolved", target.host, again=True) from None
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or error
        raise WebhookError("tls", reason, again=True) from None
    except (OSError, http.client.HTTPException) as error:
        raise WebhookError("connection", error or type(error).__name__, again=True) from None


def _exchange(target, addresses, request, headers, deadline) -> tuple[Reply, str | None]:
    with contextlib.closing(_connect(target, addresses, deadline)) as connected:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = _TimedSocket(connected, deadline)
        connection.putrequest(request.method, target.path, skip_host=True)
        every = {
            "Host": target.authority,
            "Connection": "close",
            **dict(request.headers),
            **headers,
        }
        if request.method != "GET":
            every["Content-Length"] = str(len(request.body))
        for name, value in every.items():
            connection.putheader(name, value)
        connection.endheaders(request.body if request.method != "GET" else None)
        response = connection.getresponse()
        location = response.headers.get("Location") if response.status in REDIRECTS else None
        text = "" if location else _beginning(response)
        retry_after = _seconds(response.headers.get("Retry-After"))
        return Reply(response.status, text, retry_after), location


def _beginning(response) -> str:
    """Return what there is of the answer; its status is known and counts, whatever follows."""
    read = b""
    with contextlib.suppress(OSError, http.client.HTTPException):
        while len(read) < READ_BYTES and (more := response.read1(READ_BYTES - len(read))):
            read += more
    return read.decode("utf-8", "replace").replace("\x00", "")


def _seconds(retry_after: str | None) -> float:
    """Return the seconds of a header Retry-After, which has a number or a date."""
    if not retry_after:
        return 0.0
    try:
        if retry_after.strip().isdigit():
            return float(retry_after)
        moment = parsedate_to_datetime(retry_after)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _addresses(target, deadline) -> list[str]:
    if webhook_target.literal(target.host):
        return [target.host]
    return look_up(target.host, target.port, _left(deadline))


def look_up(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses of a name.

    The system's resolver knows no limit of time; a thread that waits for it longer is left behind.

    :raises OSError: when there are none, TimeoutError when that took too long
    """
    answers = queue.SimpleQueue()

    def ask():
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(sockaddr[0] for *_, sockaddr in found)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="webhook-look-up").start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(host) from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _connect(target, addresses, deadline) -> socket.socket:
    """Return a connection to the first address that answers, encrypted if the URL says so."""
    for tries_left in reversed(range(len(addresses))):
        address = addresses[-1 - tries_left]
        try:
            # A host of several addresses has an equal share of time for each.
            wait = _left(deadline) / (tries_left + 1)
            connected = socket.create_connection((address, target.port), timeout=wait)
            break
        except OSError:
            if not tries_left:
                raise
    if target.scheme == "http":
        return connected
    try:
        connected.settimeout(_left(deadline))
        return ssl.create_default_context().wrap_socket(connected, server_hostname=target.host)
    except BaseException:
        connected.close()
        raise


def _left(deadline) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _TimedSocket:
    """A connection each of whose operations ends by a deadline, for Python's HTTP client.

    Who has made it closes it.
    """

    def __init__(self, connected, deadline):
        self._connected, self._deadline = connected, deadline

    def sendall(self, data) -> None:
        self._connected.settimeout(_left(self._deadline))
        self._connected.sendall(data)

    def makefile(self, *_args, **_options) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._connected, self._deadline))

    def close(self) -> None:
        pass


class _TimedReader(io.RawIOBase):
    def __init__(self, connected, deadline):
        self._connected, self._deadline = connected, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        self._connected.settimeout(_left(self._deadline))
        return self._connected.recv_into(buffer)
