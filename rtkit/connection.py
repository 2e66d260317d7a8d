"""The socket of one session: opened with errors that say what to do, always read, written in order.

Nothing here knows what an event means. The reader hands every text to the session at once and
never waits; what is to be sent lies in a queue until the socket takes it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Iterable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from . import __version__
from .errors import TargetError
from .retries import HTTP_AGAIN
from .targets import Target

OPEN_SECONDS = 10.0
CLOSE_SECONDS = 2.0
# In the debug log of websockets the handshake would stand, and the key in it.
QUIET = logging.getLogger("rtkit.socket")
QUIET.setLevel(logging.INFO)
START = "Start one with `rtkit serve`, or leave the target out for the embedded server."
STATUS = {
    401: "The key is missing or wrong: give api_key=..., or set the target's variable.",
    403: "The key has no right to this: give another api_key=..., or ask its owner.",
    404: "There is no realtime endpoint at this path; most servers have it at /v1/realtime.",
    429: "Too many requests: wait, or look at the limits of the account.",
}
"""HTTP status of a refused upgrade -> what to do."""
CLOSED = {
    3000: "The key is missing or wrong: give api_key=..., or set the target's variable.",
    4000: "The server does not take such a session: look at the model and at the URL.",
    1001: "The server ended it (a session lasts 60 minutes at most): open a new one.",
    1006: "The connection broke without a word: is the server still running?",
    1011: "The server had a fault, or did not answer in time: open a new session.",
}
"""Close code of a session that ended -> what to do."""


async def open_socket(target: Target, url: str) -> ClientConnection:
    """The open socket; TargetError says what was found, and what to do."""
    local = "//127.0.0.1" in url or "//localhost" in url or "//[::1]" in url
    try:
        return await connect(
            url,
            additional_headers=target.headers,
            user_agent_header=f"rtkit/{__version__}",
            logger=QUIET,
            compression=None,
            max_size=None,
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            proxy=None if local else True,
        )
    except (OSError, EOFError, InvalidHandshake, InvalidURI) as exc:
        told = any(secret in str(exc) for secret in target.secrets)
        refusal = TargetError(_refusal(target.shown, exc), passing=_is_passing(exc))
        raise refusal from (None if told else exc)


def _is_passing(exc: Exception) -> bool:
    """Whether a new try may well succeed."""
    if isinstance(exc, InvalidStatus):
        return exc.response.status_code in HTTP_AGAIN
    return isinstance(exc, OSError | EOFError) and not isinstance(exc, ssl.SSLError)


def _refusal(shown: str, exc: Exception) -> str:
    """What went wrong on the way to an open socket, and the remedy."""
    match exc:
        case InvalidStatus():
            status = exc.response.status_code
            remedy = STATUS.get(status, "Is this the address of a realtime server?")
            return f"{shown} refused the connection with HTTP status {status}. {remedy}"
        case TimeoutError():
            return f"{shown} did not answer within {OPEN_SECONDS:.0f} s. {START}"
        case ssl.SSLError():
            return (
                f"{shown} speaks no valid TLS ({exc.reason}). A plain server is reached by ws://."
            )
        case socket.gaierror():
            return f"the host of {shown} was not found. Look at the spelling and the network."
        case OSError():
            return f"no server answers at {shown} ({exc.strerror or 'no connection'}). {START}"
    return f"{shown} is not a WebSocket server. {START}"


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
