"""A reverse proxy for one Odoo in prefork mode: websockets go to their own port.

Production puts a web server in front of Odoo for this. Here a few lines copy bytes: the path of
the first request of a connection decides where the connection goes, and stays with it. Browsers
open a new connection for a websocket, so that is enough.
"""

import argparse
import asyncio
import contextlib
import re

from tools.ports import LOOPBACK

CHUNK_BYTES = 64 * 1024
REQUEST_LINE = re.compile(rb"^[A-Z]+ (\S+) HTTP/1\.[01]\r?\n$")
UNAVAILABLE = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def is_websocket(request_line: bytes) -> bool:
    """Return whether the request is for Odoo's websocket process."""
    match = REQUEST_LINE.match(request_line)
    return bool(match and match[1].startswith(b"/websocket"))


class Front:
    """Hands each connection to one of two ports on the loopback interface."""

    def __init__(self, http_port: int, websocket_port: int):
        self._http_port = http_port
        self._websocket_port = websocket_port

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError):
            request_line = await reader.readline()
            if request_line:
                await self._forward(request_line, reader, writer)
        writer.close()

    async def _forward(self, request_line, reader, writer) -> None:
        port = self._websocket_port if is_websocket(request_line) else self._http_port
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            writer.write(UNAVAILABLE)
            await writer.drain()
            return
        try:
            upstream_writer.write(request_line)
            upload = asyncio.create_task(_copy(reader, upstream_writer))
            await _copy(upstream_reader, writer)
            upload.cancel()
        finally:
            upstream_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy bytes until the sender has no more, at the pace of the receiver."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def serve(listen_port: int, http_port: int, websocket_port: int) -> None:
    """Serve on the loopback interface until the process ends."""
    front = Front(http_port, websocket_port)
    server = await asyncio.start_server(front.handle, LOOPBACK, listen_port, limit=CHUNK_BYTES)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("listen", "http", "websocket"):
        parser.add_argument(f"--{name}", type=int, required=True, metavar="PORT")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments.listen, arguments.http, arguments.websocket))
