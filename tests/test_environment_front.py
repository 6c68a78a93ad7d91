"""The front sends websockets to their own port and everything else to the other."""

import http.client
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools import ports
from tools.front import is_websocket


@pytest.fixture
def answer_as():
    """A function that starts a server which answers every request with its name."""
    servers = []

    def start(name: str) -> int:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(name)))
                self.end_headers()
                self.wfile.write(name.encode())

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer((ports.LOOPBACK, 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server.server_port

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def front(repository):
    """A function that starts a front and returns its port."""
    started = []

    def start(http_port: int, websocket_port: int) -> int:
        port = ports.free_port()
        options = [f"--listen={port}", f"--http={http_port}", f"--websocket={websocket_port}"]
        process = subprocess.Popen([sys.executable, "-m", "tools.front", *options], cwd=repository)
        started.append(process)
        while not ports.answers(port):
            assert process.poll() is None, "the front ended"
        return port

    yield start
    for process in started:
        process.terminate()
        process.wait()


def ask(port: int, path: str, connection: http.client.HTTPConnection | None = None) -> bytes:
    connection = connection or http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
    connection.request("GET", path)
    return connection.getresponse().read()


def test_first_path_decides(answer_as, front):
    port = front(answer_as("http"), answer_as("websocket"))
    assert ask(port, "/web/login") == b"http"
    assert ask(port, "/websocket?version=19.0-1") == b"websocket"


def test_connection_is_kept_for_the_next_request(answer_as, front):
    port = front(answer_as("http"), answer_as("websocket"))
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
    assert [ask(port, "/a", connection), ask(port, "/b", connection)] == [b"http", b"http"]


def test_large_body_passes_unchanged(answer_as, front):
    port = front(answer_as("http"), answer_as("websocket"))
    body = bytes(range(256)) * 8192
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=30)
    connection.request("POST", "/upload", body)
    assert connection.getresponse().read() == body


def test_server_that_is_down_answers_502(front):
    port = front(ports.free_port(), ports.free_port())
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().status == 502


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"GET /websocket?version=1 HTTP/1.1\r\n", True),
        (b"GET /websocket HTTP/1.1\r\n", True),
        (b"GET /web/websocket HTTP/1.1\r\n", False),
        (b"GET / HTTP/1.1\r\n", False),
        (b"\x16\x03\x01 TLS", False),
    ],
)
def test_is_websocket(line, expected):
    assert is_websocket(line) is expected
