"""How a session comes to be open: target, timeline, socket, configuration; and its last goodbye."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from . import background
from .addresses import with_query
from .catalog import DEFAULT_MODEL
from .connection import open_socket
from .errors import RtkitError, TargetError
from .link import Link
from .playback import ClockPlayer, Player
from .redaction import Redactor
from .retries import Reconnect, policy
from .store import FOLDER_VARIABLE, open_timeline, recordings
from .targets import EMBEDDED, ClientSecret, Target, open_embedded, resolve
from .timeline import Timeline
from .toolbox import Approve, Toolbox
from .tools import Tool, as_tools
from .troubles import warn_of_transcription

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from .config import RealtimeSessionConfig, TranscriptionSessionConfig
    from .parts import VADConfig
    from .server.local import ServerOptions

ConfigLike: TypeAlias = "RealtimeSessionConfig | TranscriptionSessionConfig | Mapping[str, Any]"

ASKED = {"word_times": "true"}
"""What the embedded server is asked for in its URL."""

_open: weakref.WeakSet[Link] = weakref.WeakSet()


class Opening:
    """What was asked of `connect`, checked before anything is opened."""

    def __init__(
        self,
        config: ConfigLike | None,
        target: str | Target | None,
        api_key: str | ClientSecret | None,
        record: bool,
        player: Player | None,
        server: ServerOptions | None,
        tools: Iterable[Tool | Callable[..., Any]] = (),
        approve: Approve | None = None,
        reconnect: bool | Reconnect = True,
    ) -> None:
        keyed = getattr(server, "api_key", None) is not None
        self.target = resolve(target, os.environ, api_key, keyed=keyed)
        self.config = config
        session, self.model = session_of(config)
        made_already = config is None and self.target.secret is not None
        self.session = {} if made_already else self.target.fits(session)
        self.record, self.player, self.server = record, player, server
        self.tools, self.approve = as_tools(tools), approve
        self.policy = policy(reconnect)
        if isinstance(server, Mapping):
            raise TypeError(f"server takes ServerOptions(...), found {server!r}.")
        if server is not None and self.target.name != EMBEDDED:
            raise TargetError(
                f"server= holds settings of the embedded server, but the target is {self.target!r}."
                " Leave one of the two out."
            )

    async def open(self) -> Link:
        """On the loop: the open link, configured."""
        socket = await self.dial()
        link = Link(self.target, self._timeline(), self.player or ClockPlayer())
        await link.open(socket)
        try:
            link.use(Toolbox(link, self.tools, self.approve))
            link.audience.watch(partial(warn_of_transcription, self.target))
            session = link.toolbox.complete(self.session)
            if session:
                await link.update(session)
            await link.talking.listen(own_turns(self.config))
        except BaseException as exc:
            await link.close(f"not configured: {exc}")
            raise
        link.reconnection.arm(self.dial, self.policy)
        _open.add(link)
        return link

    async def dial(self) -> ClientConnection:
        """A new socket to the target."""
        url = self.target.url or with_query(await open_embedded(self.server), ASKED)
        return await open_socket(self.target, replace(self.target, url=url).address(self.model))

    def _timeline(self) -> Timeline:
        if self.record:
            return _recording(self.target.name)
        now = datetime.now().astimezone().isoformat(timespec="milliseconds")
        return Timeline(started=now, target=self.target.name)


def _recording(target: str) -> Timeline:
    try:
        return open_timeline(target)
    except OSError as exc:
        raise RtkitError(
            f"the session cannot be recorded in {recordings()} ({exc.strerror}). Name another "
            f"folder in {FOLDER_VARIABLE}, or give record=False."
        ) from exc


def session_of(config: ConfigLike | None) -> tuple[dict[str, Any], str]:
    """The GA session to send, and the model to ask for ("" for transcription); None: all defaults.

    TypeError for what is no configuration, such as a target in its place.
    """
    if config is None:
        from .config import RealtimeSessionConfig

        config = RealtimeSessionConfig()
    if isinstance(config, Mapping):
        session = {"type": "realtime", **config}
        only_writes = session["type"] == "transcription"
        return session, "" if only_writes else str(config.get("model") or DEFAULT_MODEL)
    if not hasattr(config, "to_session"):
        shown = Redactor().shown(config)  # a key, perhaps
        raise TypeError(
            f"a configuration is a RealtimeSessionConfig or a GA session dict, found {shown!r}. "
            "A builder makes one by .build(); a target is named by target=..."
        )
    return config.to_session(), config.model


def own_turns(config: ConfigLike | None) -> VADConfig | None:
    """The turn detection that a configuration wants on this side; None for none."""
    from .choices import VADMode

    if config is None or isinstance(config, Mapping) or config.vad_mode is not VADMode.CLIENT:
        return None
    return config.vad


async def _close_all() -> None:
    """No session outlives the process without having said goodbye."""
    here = asyncio.get_running_loop()  # after a fork those of the parent are not ours
    links = [link for link in _open if link.ended is None and link.loop is here]
    await asyncio.gather(*(link.close("the process ended") for link in links))


background.before_end(_close_all)
