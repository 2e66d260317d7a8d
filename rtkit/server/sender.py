"""Sends what lies in an outbox, in order, and gives up on a client that does not read.

A client may be slow: as long as it takes `LEAST` bytes in the time of its patience it is waited
for, and whoever produces waits too. One that takes less is told 1008 (policy violation) with the
reason "slow_reader", and hung up on. 1008 and not 1013 (try again later): the server is well, and
a client that connects again by itself would only do the same again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from aiohttp import web

from rtkit.server.commands import Close
from rtkit.server.mischief import HangUp, Pause
from rtkit.server.outbox import Letter, Outbox

log = logging.getLogger("rtkit.server")

PATIENCE_S = 30.0
LEAST = 16 * 1024
"""Bytes in half the patience: a thousand a second, a tenth of sound over a telephone line."""
ROOM = 64 * 1024
"""So much in the transport's buffer keeps nobody waiting."""
GRACE_S = 2.0
SLOW_READER = Close(1008, "slow_reader")


class SlowReader(Exception):
    """The client takes next to nothing of what is sent."""


class Sender:
    """The only one who sends events on a socket."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        outbox: Outbox,
        clock: Callable[[], float],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.socket = socket
        self.transport = transport
        self.outbox = outbox
        self.clock = clock
        self.patience_s = patience_s
        self.closing = False  # the close frame is being sent, and the answer to it awaited

    async def run(self) -> None:
        """Send until the connection is over; nobody waits for room after that."""
        try:
            while not self.closing:
                await self._send(*await self.outbox.get_timed())
        except SlowReader:
            log.warning("a client does not read: closed with 1008 slow_reader")
            await self._close(SLOW_READER)
        except (ConnectionError, TimeoutError) as error:
            log.info("a client went away: %s", error or type(error).__name__)
            self.hang_up()
        finally:
            self.outbox.close()

    def hang_up(self) -> None:
        """Break the connection without a word."""
        self.closing = True
        if self.transport is not None:
            self.transport.abort()

    async def _send(self, letter: Letter, due: float) -> None:
        if (early := due - self.clock()) > 0:
            await asyncio.sleep(early)
        if isinstance(letter, str | bytes):
            await self._deliver(letter)
        elif isinstance(letter, Pause):
            await asyncio.sleep(letter.seconds)
        elif isinstance(letter, HangUp):
            self.hang_up()
        else:
            await self._close(letter)

    async def _deliver(self, data: str | bytes) -> None:
        try:
            async with asyncio.timeout(self.patience_s / 2):
                if isinstance(data, str):
                    await self.socket.send_str(data)
                else:
                    await self.socket.send_bytes(data)
        except TimeoutError:  # the frame is in the buffer all the same; only its room is missing
            await self._drained()

    async def _drained(self) -> None:
        """Wait for room in the transport's buffer, as long as it gets emptier."""
        while (before := self._buffered()) > ROOM:
            until = self.clock() + self.patience_s / 2
            while self._buffered() > max(before - LEAST, ROOM):
                if self.clock() > until:
                    raise SlowReader
                await asyncio.sleep(self.patience_s / 60)

    def _buffered(self) -> int:
        if self.transport is None or self.transport.is_closing():
            raise ConnectionResetError("the connection broke")
        return self.transport.get_write_buffer_size()

    async def _close(self, close: Close) -> None:
        self.closing = True
        try:
            async with asyncio.timeout(self.patience_s if close is not SLOW_READER else GRACE_S):
                await self.socket.close(code=close.code, message=close.reason.encode())
        except TimeoutError:
            self.hang_up()
