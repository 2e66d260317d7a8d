"""The live console: a spoken conversation in the output of a cell.

The kernel's side of it is the `Host`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import traitlets

from rtkit import background
from rtkit.errors import ConfigError
from rtkit.timeline import Timeline
from rtkit.tools import as_tools

from . import assets
from .host import Host
from .linked import LinkedWidget, allowed_paths
from .sentences import ROUGH

if TYPE_CHECKING:
    from rtkit.config import RealtimeSessionConfig
    from rtkit.rerun import Replay
    from rtkit.server.local import ServerOptions
    from rtkit.session import Session
    from rtkit.targets import Target
    from rtkit.toolbox import Approve
    from rtkit.tools import Tool
    from rtkit.transcript import Line

    from .speaker import BrowserPlayer

TEXT = (
    "LiveConsole: a spoken conversation. It appears here when the notebook is open in JupyterLab."
)


class LiveConsole(LinkedWidget):
    """Talk with a realtime server from a notebook cell.

    The arguments are those of `rtkit.connect`: `tools` are typed functions that the model may
    call (each call stands in the transcript), and `approve` is asked before those that need it.
    With `session=`, an `rtkit.Replay`, it shows (and at speed 1 sounds) a conversation that was
    recorded, and opens none. `processing=False` turns the browser's echo cancellation, noise
    suppression and gain control off (for measurements, or with headphones). `half_duplex=True`
    lets the microphone hear nothing while the assistant speaks, for loudspeakers whose sound comes
    back; interrupt by the button then. The page has a test for that. `transport` allows only one
    way for the sound: "direct", "proxy" or "messages".

    The session opens when it is first needed and ends when the cell's output is removed, the page
    is closed or the kernel stops. `session`, `timeline` and `transcript` stay readable in later
    cells. Headless (nbclient, nbval) it is a line of text and nothing is opened but a local port.
    """

    _esm = assets.module("console")
    _css = assets.style("console")
    text = TEXT
    _processing = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        config: RealtimeSessionConfig | None = None,
        target: str | Target | None = None,
        *,
        api_key: str | None = None,
        record: bool = True,
        server: ServerOptions | None = None,
        tools: Iterable[Tool | Callable[..., Any]] = (),
        approve: Approve | None = None,
        session: Replay | None = None,
        processing: bool = True,
        half_duplex: bool = False,
        transport: str | None = None,
    ) -> None:
        paths = allowed_paths(transport)
        if session is not None and not (config is None and target is None and server is None):
            raise ConfigError(
                "session= shows a conversation that was recorded, so there is nothing to configure:"
                " leave config, target and server out, or leave session out."
            )

        def open_session(player: BrowserPlayer) -> Session | Replay:
            from rtkit.session import connect

            if session is not None:
                session.attach(player)
                session.play()
                return session

            return connect(
                config,
                target,
                api_key=api_key,
                record=record,
                player=player,
                server=server,
                tools=tools,
                approve=approve,
            )

        embedded = session is not None or _is_embedded(target)
        rough = embedded and server is not None and _dictates(server)
        tools = as_tools(tools)
        hint = ROUGH if rough else ""
        self._host = Host(
            open_session, eager=embedded, asked=_asked(config), hint=hint, half_duplex=half_duplex
        )
        super().__init__(self._host, paths, _processing=processing)

    # what later cells read

    @property
    def session(self) -> Session | Replay | None:
        """The session, once the page has opened it; closed ones stay until a new one begins."""
        return self._host.session

    @property
    def timeline(self) -> Timeline:
        """Everything that happened in the session; empty before there is one."""
        return self.session.timeline if self.session is not None else Timeline()

    @property
    def transcript(self) -> list[Line]:
        """What both sides said."""
        from rtkit.transcript import read_transcript

        return list(read_transcript(self.timeline))

    @property
    def transport(self) -> str | None:
        """The way the sound takes: "direct", "proxy" or "messages"; None without a page."""
        link = self._host.link
        return link.path if link is not None else None

    @property
    def notice(self) -> str:
        """The problem that the page shows, as a sentence; "" when all is well."""
        return self._host.board.notice

    @property
    def underruns(self) -> int:
        """How often the page had to wait for sound in the middle of an answer."""
        return self._host.player.underruns

    @property
    def lost_frames(self) -> int:
        """20 ms frames of the microphone that never arrived."""
        return self._host.turns.frames.lost

    # life

    def close(self) -> None:
        """End the session, turn the microphone off and take the console away."""
        host = self.__dict__.get("_host")  # none when the arguments were refused
        if host is not None:
            background.loop().call_soon_threadsafe(host.close, "closed by the notebook")
            if self._socket is not None:
                self._socket.forget(host)
            self.layout.close()
        super().close()


def _asked(config: RealtimeSessionConfig | None) -> Mapping[str, Any]:
    """The session as it will be, as far as that is known before the server tells it."""
    from rtkit.fields import default_session, merge
    from rtkit.opening import session_of

    asked = session_of(config)[0]
    writes_only = asked.get("type") == "transcription"
    return merge(default_session("transcription" if writes_only else "realtime"), asked)


def _is_embedded(target: str | Target | None) -> bool:
    """Whether the session costs nothing, so that it may be opened before anybody speaks."""
    from rtkit.targets import EMBEDDED, resolve

    try:
        return resolve(target, os.environ).name == EMBEDDED
    except ConnectionError:
        return False  # the error comes, with its remedy, when the session is opened


def _dictates(server: ServerOptions) -> bool:
    """Whether pocketsphinx has no phrases to go by: the brain has no grammar."""
    own = callable(server.recogniser) or server.ears != "pocketsphinx"
    return not own and not server.mind.grammar.strip()
