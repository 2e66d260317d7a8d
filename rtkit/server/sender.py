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
from socket import SO_SNDBUF, SOL_SOCKET

from aiohttp import web

from rtkit.server.commands import Close
from rtkit.server.mischief import HangUp, Pause
from rtkit.server.naps import sleep_until
from rtkit.server.outbox import Letter, Outbox

log = logging.getLogger("rtkit.server")

PATIENCE_S = 30.0
LEAST = 16 * 1024
"""Bytes in the time of the patience: 550 a second, a twentieth of sound over a telephone line."""
SYSTEM_BUFFER = 128 * 1024
"""So much may lie in the system's buffer, which takes more only when a third of it is free: with
the megabytes that are usual a slow client would seem to take nothing for a minute at a time."""
GRACE_S = 2.0
"""How long a client that did not read may take to find the close frame."""
CLOSING_S = 5.0
"""How long any other client may take to read the rest, and to answer the close frame."""
TICK_S = 0.02
SLOW_READER = Close(1008, "slow_reader")


class Sender:
    """The only one who sends events on a socket, whose `transport` it watches.

    A send is never cancelled: aiohttp would let nobody wait for room after that.
    """

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
        self.closing = False  # nothing more is sent but the close frame
        self._goodbye: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        if transport is not None and (sock := transport.get_extra_info("socket")) is not None:
            sock.setsockopt(SOL_SOCKET, SO_SNDBUF, SYSTEM_BUFFER)

    async def run(self) -> None:
        """Send until the connection is over; nobody waits for room after that."""
        try:
            while not self.closing:
                await self._send(*await self.outbox.get_timed())
        except ConnectionError as error:
            log.info("a client went away: %s", error or type(error).__name__)
            self.hang_up()
        except Exception:  # a fault of ours: nobody else could tell the client
            self.hang_up()
            raise
        finally:
            self.outbox.close()

    def hang_up(self) -> None:
        """Break the connection without a word."""
        self.closing = True
        if self.transport is not None:
            self.transport.abort()

    def say_goodbye(self, close: Close, limit_s: float = CLOSING_S) -> asyncio.Task[None]:
        """Send the close frame behind what is being sent; the task ends within the limit."""
        self.closing = True
        if self._goodbye is None:
            self._goodbye = asyncio.create_task(self._close(close, limit_s), name="rtkit goodbye")
        return self._goodbye

    async def finish(self) -> None:
        """Nothing more is to be sent: see that it arrives, within the limit, and hang up."""
        if self._goodbye is not None:
            await asyncio.wait([self._goodbye])
        else:
            await self._flushed(self.clock() + CLOSING_S)
        self.hang_up()

    async def _send(self, letter: Letter, due: float) -> None:
        if due > self.clock():
            await sleep_until(due, self.clock)
        if isinstance(letter, str | bytes):
            await self._deliver(letter)
        elif isinstance(letter, Pause):
            await asyncio.sleep(letter.seconds)
        elif isinstance(letter, HangUp):
            self.hang_up()
        else:
            self.say_goodbye(letter)

    async def _deliver(self, data: str | bytes) -> None:
        self._look_later(None)
        try:
            if isinstance(data, str):
                await self.socket.send_str(data)
            else:
                await self.socket.send_bytes(data)
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def _look_later(self, before: int | None, idle: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self.patience_s / 2, self._look, before, idle)

    def _look(self, before: int | None, idle: int) -> None:
        """Half the patience is over in one send; `before` bytes waited when it began, after
        `idle` halves in which next to nothing was taken.
        """
        now = self._buffered()
        if before is None or now <= before - LEAST:
            self._look_later(now)
        elif not idle:
            self._look_later(before, 1)
        elif not self.closing:
            log.warning("a client does not read: closed with %d %s", *_told(SLOW_READER))
            self.say_goodbye(SLOW_READER, GRACE_S)

    def _buffered(self) -> int:
        return 0 if self.transport is None else self.transport.get_write_buffer_size()

    async def _close(self, close: Close, limit_s: float) -> None:
        code, reason = _told(close)
        closing = asyncio.create_task(self.socket.close(code=code, message=reason.encode()))
        until = self.clock() + limit_s
        await asyncio.wait([closing], timeout=limit_s)
        await self._flushed(until)
        self.hang_up()
        await asyncio.wait([closing], timeout=limit_s)

    async def _flushed(self, until: float) -> None:
        while self._buffered() and self.clock() < until:
            await asyncio.sleep(TICK_S)


def _told(close: Close) -> tuple[int, str]:
    return close.code, close.reason
