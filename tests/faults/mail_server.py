"""A mail server that fails on purpose, and knows every message that it has accepted.

It runs in a thread of the test, which tells it what to do for which recipient, attempt by attempt.
What it has accepted is on its list before the sender gets its answer.
"""

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes

from tools import ports

START_SECONDS = 15


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one attempt.

    `at` is the moment: ``greeting``, ``rcpt``, ``data`` (the command), ``body`` (in the
    middle of the message) or ``dot`` (the message is there). `answer` is what the server says
    then; without one it drops the connection, or says nothing any more when it `stalls`. With
    `accepted` it has taken the message all the same.
    """

    at: str
    answer: str = ""
    stalls: bool = False
    accepted: bool = False


@dataclass(frozen=True)
class Accepted:
    """A message that the server has accepted."""

    recipient: str
    message_id: str
    content: bytes


class FaultyMailServer:
    """The server; a context manager. `stop` and `start` as often as a test wants."""

    def __init__(self):
        self.port = ports.free_port()
        self.host = ports.LOOPBACK
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server = None
        self._conversations: set[asyncio.Task] = set()
        self.reset()

    def reset(self) -> None:
        """Forget what was accepted and every fault."""
        self.accepted: list[Accepted] = []
        self.attempts: Counter[str] = Counter()  # by recipient, as far as RCPT
        self.connections = 0
        self._faults: dict[str, list[Fault]] = {}
        self.greeting: Fault | None = None  # of every connection
        self.pipelining = True  # takes several commands at once, and says so
        self.is_careless = False  # wants the message although it knows no recipient

    def plan(self, recipient: str, *faults: Fault) -> None:
        """Let the first attempts for a recipient fail, one after the other."""
        self._faults[recipient] = list(faults)

    def recipients(self) -> Counter:
        """Return how many messages were accepted for whom."""
        return Counter(message.recipient for message in self.accepted)

    def start(self) -> None:
        self._do(self._start())

    def stop(self) -> None:
        """Be away: refuse connections, and drop those there are."""
        self._do(self._stop())

    def __enter__(self) -> "FaultyMailServer":
        self._thread.start()
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(START_SECONDS)

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, self.port)

    async def _stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for conversation in list(self._conversations):
            conversation.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)
        self._server = None

    async def _serve(self, reader, writer) -> None:
        task = asyncio.current_task()
        self._conversations.add(task)
        self.connections += 1
        try:
            await self._converse(reader, writer)
        except (
            _DroppedError,
            ConnectionError,
            asyncio.IncompleteReadError,
            asyncio.CancelledError,
        ):
            pass
        finally:
            self._conversations.discard(task)
            writer.transport.abort()

    async def _converse(self, reader, writer) -> None:
        async def say(text: str) -> None:
            writer.write(text.encode() + b"\r\n")
            await writer.drain()

        if self.greeting:
            await self._fail(self.greeting, say)
        else:
            await say("220 test")
        recipient, fault, is_known = "", None, False
        while line := await reader.readline():
            verb = line[:4].strip().upper()
            if verb in (b"EHLO", b"HELO"):
                more = "250-PIPELINING\r\n" if self.pipelining else ""
                await say(f"250-test\r\n{more}250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 100000000")
            elif verb == b"RCPT":
                recipient = line.split(b"<")[1].split(b">")[0].decode()
                self.attempts[recipient] += 1
                planned = self._faults.get(recipient)
                fault = planned.pop(0) if planned else None
                is_known = not (fault and fault.at == "rcpt" and await self._fail(fault, say))
                if is_known:
                    await say("250 OK")
            elif verb == b"DATA":
                if not is_known and not self.is_careless:
                    await say("503 nobody to send it to")
                    continue
                if fault and fault.at == "data" and await self._fail(fault, say):
                    continue
                await say("354 go on")
                if fault and fault.at == "body":
                    await reader.readexactly(100)
                    raise _DroppedError
                content = (await self._message(reader)).replace(b"\r\n..", b"\r\n.")
                message = Accepted(recipient, message_from_bytes(content)["Message-ID"], content)
                if not fault or fault.at != "dot":
                    self.accepted.append(message)
                    await say("250 OK")
                    continue
                if fault.accepted:
                    self.accepted.append(message)
                await self._fail(fault, say)
            elif verb == b"QUIT":
                await say("221 bye")
                return
            else:
                await say("250 OK")

    async def _message(self, reader) -> bytes:
        lines = []
        while (line := await reader.readline()) != b".\r\n":
            if not line:
                raise _DroppedError
            lines.append(line)
        return b"".join(lines)

    async def _fail(self, fault: Fault, say) -> bool:
        if fault.stalls:
            await asyncio.Event().wait()
        if not fault.answer:
            raise _DroppedError
        await say(fault.answer)
        if fault.answer.startswith("421"):
            raise _DroppedError
        return True


class _DroppedError(Exception):
    """The connection ends here."""
