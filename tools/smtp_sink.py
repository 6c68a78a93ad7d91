"""A mail server that accepts every message and keeps it, numbered in order of acceptance.

Each message is one file of the spool folder. Its first line is the envelope as JSON; the rest is
the message, byte for byte. The file has its name before the sender gets its `250`, so what the
sender believes to be accepted can be read.
"""

import argparse
import asyncio
import email
import email.policy
import json
import os
import shutil
import signal
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from email.message import EmailMessage
from pathlib import Path

from tools import daemons, places, ports

SUFFIX = ".message"
MAX_BYTES = 64 * 1024 * 1024
START_SECONDS = 15.0


@dataclass(frozen=True)
class Accepted:
    """One message that the server accepted."""

    number: int
    sender: str
    recipients: tuple[str, ...]
    accepted_at: datetime
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        return email.message_from_bytes(self.content, policy=email.policy.default)


class Spool:
    """The folder of the accepted messages."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._last = max(self._numbers(), default=0)

    def append(self, sender: str, recipients: list[str], content: bytes) -> int:
        """Keep one message and return its number; it appears by one rename."""
        number = self._last + 1
        envelope = {
            "sender": sender,
            "recipients": recipients,
            "accepted_at": datetime.now(timezone.utc).isoformat(),
        }
        unfinished = self.folder / f".{number:08d}"
        unfinished.write_bytes(json.dumps(envelope).encode() + b"\n" + content)
        unfinished.rename(self._path(number))
        self._last = number
        return number

    def messages(self, after: int = 0) -> Iterator[Accepted]:
        """Yield the messages whose number is above `after`, in order of acceptance."""
        for number in sorted(self._numbers()):
            if number > after:
                yield self._read(number)

    def count(self) -> int:
        """Return how many messages were accepted."""
        return sum(1 for _ in self._numbers())

    def clear(self) -> None:
        """Forget all messages; only while no server writes here."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._last = 0

    def _numbers(self) -> Iterator[int]:
        for path in self.folder.glob(f"[0-9]*{SUFFIX}"):
            yield int(path.stem)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08d}{SUFFIX}"

    def _read(self, number: int) -> Accepted:
        first_line, _, content = self._path(number).read_bytes().partition(b"\n")
        envelope = json.loads(first_line)
        return Accepted(
            number=number,
            sender=envelope["sender"],
            recipients=tuple(envelope["recipients"]),
            accepted_at=datetime.fromisoformat(envelope["accepted_at"]),
            content=content,
        )


class SmtpSink:
    """The mail server as a process of its own; also a context manager that stops it.

    It goes by `name`, or by its spool without one: starting it ends the one that goes by the same.
    """

    def __init__(self, spool: Path = places.SPOOL, port: int | None = None, name: str = ""):
        self.port = port or ports.free_port()
        self.spool = Spool(spool)
        self.host = ports.LOOPBACK
        # Two servers must not number messages in one folder.
        self.daemon = daemons.Daemon(f"smtp-{name or format(zlib.crc32(bytes(spool)), '08x')}")

    def start(self) -> "SmtpSink":
        """Start the server and return when it accepts connections."""
        self.daemon.stop()
        ports.require_free(self.port)
        command = [places.VENV_PYTHON, "-m", "tools.smtp_sink", str(self.port), self.spool.folder]
        self.daemon.start(command, {**os.environ, "PYTHONPATH": str(places.REPOSITORY)})
        self.daemon.wait_until(lambda: ports.answers(self.port), START_SECONDS)
        return self

    def stop(self) -> bool:
        """Stop the server; return whether it ran. Its messages stay."""
        return self.daemon.stop()

    def messages(self, after: int = 0) -> list[Accepted]:
        """Return the accepted messages whose number is above `after`, oldest first."""
        return list(self.spool.messages(after))

    def __enter__(self) -> "SmtpSink":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()


class _Handler:
    def __init__(self, spool: Spool):
        self._spool = spool

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        # Commands are read one after the other from a buffer, so several may come at once.
        return [responses[0], "250-PIPELINING", *responses[1:]]

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        number = self._spool.append(envelope.mail_from, envelope.rcpt_tos, envelope.content)
        return f"250 2.0.0 accepted as {number}"


async def serve(port: int, spool: Spool) -> None:
    """Accept mail on the loopback interface until the process is told to end."""
    from aiosmtpd.smtp import SMTP  # only the server process needs the virtual environment

    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, done.set)

    def session() -> SMTP:
        return SMTP(_Handler(spool), data_size_limit=MAX_BYTES, enable_SMTPUTF8=True)

    server = await loop.create_server(session, ports.LOOPBACK, port)
    async with server:
        await done.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("spool", type=Path)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, Spool(arguments.spool)))
