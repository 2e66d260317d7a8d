"""The socket of one session: opened with errors that say what to do, always read, written in order.

Nothing here knows what an event means. The reader hands every text to the session at once and
never waits; what is to be sent lies in a queue until the socket takes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from . import __version__
from .addresses import is_local
from .errors import TargetError
from .targets import Target
from .troubles import explain, is_passing

OPEN_SECONDS = 10.0
CLOSE_SECONDS = 2.0
# In the debug log of websockets the handshake would stand, and the key in it.
QUIET = logging.getLogger("rtkit.socket")
QUIET.setLevel(logging.INFO)
CLOSED = {
    3000: "The key is missing or wrong: give api_key=..., or set the target's variable.",
    4000: "The server does not take such a session: look at the model and at the URL.",
    1001: "The server ended it: open a new one.",
    1006: "The connection broke without a word: is the server still running?",
    1011: "The server had a fault, or did not answer in time: open a new session.",
}
"""Close code of a session that ended -> what to do."""


class Direct(connect):
    """A connection that is not led on to another address, where the key would be shown, too."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow no redirect."""
        return exc


async def open_socket(target: Target, url: str) -> ClientConnection:
    """The open socket; TargetError says what was found, and what to do."""
    try:
        return await Direct(
            url,
            additional_headers=target.headers,
            subprotocols=[Subprotocol(name) for name in target.offers] or None,
            user_agent_header=f"rtkit/{__version__}",
            logger=QUIET,
            compression=None,
            max_size=None,
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            proxy=None if is_local(url) else True,
        )
    except (OSError, EOFError, ImportError, WebSocketException) as exc:
        told = any(secret in str(exc) for secret in target.secrets)
        why = target.scrub(explain(target, exc, OPEN_SECONDS))
        raise TargetError(why, passing=is_passing(exc)) from (None if told else exc)


class Wire:
    """An open socket with its reader and its writer.

    `on_text` is called for each message, `on_end(code, reason)` once when no more will come.
    """

    def __init__(
        self,
        socket: ClientConnection,
        on_text: Callable[[str], None],
        on_end: Callable[[int, str], None],
    ) -> None:
        self._socket = socket
        self._on_text, self._on_end = on_text, on_end
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._reader = asyncio.create_task(self._read())
        self._writer = asyncio.create_task(self._write())

    def put(self, texts: Iterable[str]) -> None:
        """Send these after what was put before."""
        for text in texts:
            self._queue.put_nowait(text)

    async def close(self) -> None:
        """Send what is still waiting, say goodbye, and leave no task behind."""
        sent = asyncio.create_task(self._queue.join())
        await asyncio.wait(
            {sent, self._reader}, timeout=CLOSE_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        sent.cancel()
        await self._socket.close()
        await asyncio.gather(sent, self._reader, self._writer, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                self._on_text(message if isinstance(message, str) else _as_text(message))
        except ConnectionClosed:
            pass
        finally:
            self._writer.cancel()
            self._on_end(int(self._socket.close_code or 1006), self._socket.close_reason or "")

    async def _write(self) -> None:
        while True:
            text = await self._queue.get()
            try:
                await self._socket.send(text)
            except ConnectionClosed:
                pass  # the reader sees the same end, and tells it
            finally:
                self._queue.task_done()


def _as_text(message: bytes) -> str:
    """A binary message, which the protocol has none of, as something that can be recorded."""
    return message.decode("utf-8", "replace")
