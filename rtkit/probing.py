"""What a server really supports, tried out in a short session: `rtkit.probe("openai")`.

Each trial (`rtkit.trials`) says something to the server and looks at what comes back. Nothing is
believed of a server that it does not show: what it is silent about is unknown. A trial that ends
the session does not end the probe: the next one gets a new session.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from . import background, dialects, events
from .catalog import DEFAULT_MODEL, DEFAULT_TRANSCRIPTION
from .connection import open_socket
from .errors import RtkitError, SessionClosed, TargetError
from .findings import Finding, Findings
from .link import Link
from .moments import Moment
from .targets import EMBEDDED, ClientSecret, Target, open_embedded, resolve
from .timeline import Timeline
from .trials import TRIALS

if TYPE_CHECKING:
    from .clip import Clip
    from .server.local import ServerOptions

NEAR_S, FAR_S = 3.0, 10.0  # to wait for an answer, of this machine and of another
MOST_SESSIONS = 6
ENOUGH_TOKENS = 64
SPOKEN = "what time is it"
GREETINGS = (events.SESSION_CREATED, dialects.CONVERSATION_CREATED)


def probe(
    target: str | Target | None = None,
    *,
    api_key: str | ClientSecret | None = None,
    server: ServerOptions | None = None,
    model: str = DEFAULT_MODEL,
    transcription: str = DEFAULT_TRANSCRIPTION,
    spend: bool = False,
    patience: float | None = None,
) -> Findings:
    """What a realtime server supports, as a table: tried, not read.

    `target`, `api_key` and `server` as for `rtkit.connect`; `model` and `transcription` are what is
    asked for (on Azure, deployments). It takes a few seconds and, on a hosted service, a few cents:
    some text turns, a spoken answer of a few words, less than a second of sound. So for a target
    on another machine `spend=True` has to be said. `patience` is how long is waited for an answer,
    in seconds.

    ValueError without `spend`; TargetError if no session comes about.
    """
    keyed = getattr(server, "api_key", None) is not None
    made = resolve(target, os.environ, api_key, keyed=keyed)
    if server is not None and made.name != EMBEDDED:
        raise TargetError(
            f"server= holds settings of the embedded server, but the target is {made!r}. "
            "Leave one of the two out."
        )
    if made.hosted and not spend:
        raise ValueError(
            f"probing {made.shown} asks it for a few short answers, which may cost some cents. "
            "Say spend=True if it may."
        )
    waits = patience or (FAR_S if made.hosted else NEAR_S)
    bench = Bench(made, server, model, transcription, waits)
    return background.run(bench.run())


class Bench:
    """One probe under way: the session that is open now, and how it is spoken with."""

    def __init__(
        self,
        target: Target,
        server: ServerOptions | None,
        model: str,
        transcription: str,
        patience: float,
    ) -> None:
        self.target, self.server = target, server
        self.model, self.transcription = model, transcription
        self.patience = patience
        self.opened_s = 0.0  # how long the first session took to be open
        self.voice: Clip | None = None  # some speech, if it can be had here
        self.notes: dict[str, Any] = {}  # what a trial leaves for a later one
        self._link: Link | None = None
        self._socket: ClientConnection | None = None
        self._url = target.url
        self._sessions = 0

    @property
    def url(self) -> str:
        """Where the sessions are opened."""
        assert self._url is not None
        return self._url

    @property
    def link(self) -> Link:
        """The open session."""
        assert self._link is not None
        return self._link

    @property
    def timeline(self) -> Timeline:
        """Everything in the session that is open now."""
        return self.link.timeline

    async def run(self) -> Findings:
        """Every trial in turn."""
        began, rows = monotonic(), []
        try:
            self.voice = await asyncio.to_thread(_speech)
            await self.open()
            for features, trial in TRIALS.items():
                rows.extend(await self._tried(features, trial))
        finally:
            if self._link is not None:
                await self._link.close()
        return Findings(self.target.shown, tuple(rows), monotonic() - began)

    async def _tried(self, features: tuple[str, ...], trial: Callable[..., Any]) -> list[Finding]:
        try:
            await self.open()
            found: list[Finding] = await trial(self)
        except TargetError as exc:
            found = [Finding(features[0], None, str(exc))]
        except SessionClosed:
            found = [Finding(features[0], None, f"the session ended with {self.link.end_code}")]
        except (KeyError, TypeError, ValueError, AttributeError, RtkitError) as exc:
            found = [Finding(features[0], None, f"what came back cannot be read ({exc!r})")]
        told = {one.feature for one in found}
        return [*found, *(Finding(name, None, "not told") for name in features if name not in told)]

    async def open(self) -> None:
        """A session, if none is open; TargetError when too many have ended already."""
        if self._link is not None and self._link.ended is None:
            return
        if self._sessions >= MOST_SESSIONS:
            raise TargetError(f"{self._sessions} sessions ended; no further one was opened")
        self._sessions += 1
        self._url = self._url or await open_embedded(self.server)
        began = monotonic()
        self._socket = await open_socket(self.target, self._address())
        link = Link(self.target, Timeline(target=self.target.name), None)
        await link.open(self._socket)
        self._link = link
        self.opened_s = self.opened_s or monotonic() - began

    def _address(self) -> str:
        return replace(self.target, url=self.url).address(self.model)

    async def ping(self) -> float | None:
        """Seconds until a ping of the WebSocket came back; None if it did not."""
        assert self._socket is not None
        try:
            async with asyncio.timeout(self.patience):
                return float(await (await self._socket.ping()))
        except TimeoutError:
            return None

    async def knock(self, key: str) -> tuple[bool | None, str]:
        """Whether this key is turned away, and how."""
        stranger = replace(self.target, key=key, secret=None)
        try:
            socket = await open_socket(stranger, self._address())
        except TargetError as exc:
            return True, str(exc).partition(". ")[0]
        try:
            async with asyncio.timeout(self.patience), socket:
                async for text in socket:
                    if json.loads(text).get("type") in GREETINGS:
                        return False, "was let in"
        except ConnectionClosed:
            pass
        except (TimeoutError, ValueError):
            return None, "neither let in nor turned away"
        return True, f"closed with code {socket.close_code}: {socket.close_reason}"

    def say(self, event: Mapping[str, Any]) -> str:
        """Send an event at once; its id."""
        return self.link.send(event, at_once=True)

    async def ask(
        self, event: Mapping[str, Any], *awaited: str, wait: float | None = None
    ) -> Moment | None:
        """Send an event; the first moment of these types, or the error, that follows; else None."""
        mark = len(self.timeline)
        expected = self.link.expect(self.say(event))  # so that a refusal is not taken for trouble
        expected.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            return await self.wait_for(mark, *awaited, events.ERROR, wait=wait)
        finally:
            expected.cancel()

    async def wait_for(self, mark: int, *types: str, wait: float | None = None) -> Moment | None:
        """The first moment of the server, from `mark` on, of one of these types; None in vain."""
        found: list[Moment] = []

        def came() -> bool:
            nonlocal mark
            while mark < len(self.timeline) and not found:
                moment = self.timeline[mark]
                if moment.source == "server" and moment.type in types:
                    found.append(moment)
                mark += 1
            return bool(found)

        try:
            await self.link.until(came, wait or self.patience)
        except TimeoutError:
            return None
        return found[0]

    async def update(self, session: Mapping[str, Any]) -> Moment | None:
        """Ask for a change; `session.updated`, an error, or None."""
        whole = {"type": "realtime", **session}
        return await self.ask(events.update_session(whole), events.SESSION_UPDATED)

    async def respond(self, **params: Any) -> Moment | None:
        """Ask for a response; its `response.done`, an error, or None."""
        params = {"max_output_tokens": ENOUGH_TOKENS, **params}
        return await self.ask(events.create_response(**params), events.RESPONSE_DONE)

    def since(self, mark: int, *types: str) -> list[Moment]:
        """The moments of the server of these types, from `mark` on; all types if none is named."""
        told = (moment for moment in self.timeline[mark:] if moment.source == "server")
        return [moment for moment in told if not types or moment.type in types]


def _speech() -> Clip | None:
    """A few words, less than a second; None where no voice is installed."""
    from .errors import MissingExtra

    try:
        from .speech.synthesis import say

        return say(SPOKEN)
    except (MissingExtra, ImportError):
        return None
