"""A receiver of webhooks that fails on purpose, and knows every call that has reached it.

A real HTTP server in threads of the test. A call is on its list before the caller gets its answer.
"""

import contextlib
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Call:
    """A call that has arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["Idempotency-Key"]

    @property
    def email(self) -> str:
        return json.loads(self.body)["contact"]["email"]

    def is_signed(self, secret: str) -> bool:
        message = self.headers["X-Campaign-Flow-Timestamp"].encode() + b"." + self.body
        digest = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
        return self.headers["X-Campaign-Flow-Signature"] == f"sha256={digest}"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call: an answer other than 200, a redirection, or a slow answer.

    :param drip: seconds between single bytes of the answer, its head included
    """

    status: int = 200
    location: str = ""
    retry_after: str = ""
    drip: float = 0
    hang_up: bool = False


class WebhookReceiver:
    """The receiver; a context manager."""

    def __init__(self, context: ssl.SSLContext | None = None):
        """
        :param context: of TLS; plain HTTP without
        """
        self.calls: list[Call] = []
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self.every: Fault | None = None
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self):
                self.raw_requestline = self.rfile.readline(65537)
                if self.raw_requestline and self.parse_request():
                    receiver._serve(self)

            def handle(self):
                with contextlib.suppress(OSError):
                    super().handle()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # a caller that hangs up
        self._server.block_on_close = False
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "WebhookReceiver":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def plan(self, email: str, *faults: Fault) -> None:
        """Let the first calls about somebody fail, one after the other."""
        self._faults[email] = list(faults)

    def per_key(self) -> Counter:
        """Return how many calls came with which key."""
        return Counter(call.key for call in self.calls)

    def keys_of(self, email: str) -> list[str]:
        return [call.key for call in self.calls if call.email == email]

    def _serve(self, handler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        call = Call(handler.command, handler.path, dict(handler.headers), body)
        with self._lock:
            self.calls.append(call)
            planned = self._faults[call.email] if body else None
            fault = self.every or (planned.pop(0) if planned else Fault())
        if fault.hang_up:
            return
        lines = [f"HTTP/1.1 {fault.status} Said", "Content-Length: 2", "Connection: close"]
        if fault.location:
            lines.append(f"Location: {fault.location}")
        if fault.retry_after:
            lines.append(f"Retry-After: {fault.retry_after}")
        answer = "\r\n".join([*lines, "", "OK"]).encode()
        with contextlib.suppress(OSError):
            if not fault.drip:
                handler.wfile.write(answer)
                return
            for byte in answer:
                handler.wfile.write(bytes([byte]))
                time.sleep(fault.drip)
