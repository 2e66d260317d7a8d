"""A widget whose page and kernel's side are joined by a link: what all such widgets have in common.

The widget carries only what the page must know before it is connected: port, one-time token and
the ways of transport that are allowed. Everything else travels between the page's engine and the
guest over the link that was chosen. Sound is never a trait: traits are saved with the notebook.
"""

from __future__ import annotations

import html
from typing import Any

import anywidget
import traitlets

from rtkit import background
from rtkit.errors import ConfigError

from .messages import MessageLink, unroute
from .socket import AudioSocket, shared
from .wire import PATHS, Guest, parse

START_WITHIN = 5.0  # seconds
Content = dict[str, Any]


def allowed_paths(transport: str | None) -> list[str]:
    """The ways of transport that a page may try; ConfigError for one that does not exist."""
    if transport not in (None, *PATHS):
        raise ConfigError(
            f"transport is {transport!r}. Allowed: {', '.join(PATHS)}, or None to let the page "
            "choose the best that works."
        )
    return [transport] if transport else list(PATHS)


class LinkedWidget(anywidget.AnyWidget):
    """Brings pages to a `Guest`, over a WebSocket where one reaches the kernel's process.

    `text` is what it is without a page: always the same, so that saved notebooks stay the same.
    """

    _port = traitlets.Int(0).tag(sync=True)
    _token = traitlets.Unicode("").tag(sync=True)
    _paths = traitlets.List(traitlets.Unicode(), list(PATHS)).tag(sync=True)
    text = ""

    def __init__(self, guest: Guest, paths: list[str], **traits: Any) -> None:
        self._guest = guest
        self._socket: AudioSocket | None = None
        self._link: MessageLink | None = None
        super().__init__(_paths=paths, **self._invite(), **traits)
        unroute(self.comm)
        self.on_msg(self._receive)

    def _invite(self) -> dict[str, Any]:
        """Port and token for the first page; none where no port can be opened."""
        try:
            self._socket = background.run(shared(), START_WITHIN)
        except OSError:
            return {}
        return {"_port": self._socket.port, "_token": self._socket.invite(self._guest)}

    # messages of the widget; they may be handled on any thread, so they are only handed on

    def _receive(self, _: object, content: Content, buffers: list[memoryview]) -> None:
        data = [bytes(buffer) for buffer in buffers or ()]
        background.loop().call_soon_threadsafe(self._handle, content, data)

    def _handle(self, content: Content, data: list[bytes]) -> None:
        if content.get("way") == "offer":
            self._offer(str(content.get("origin", "")))
        elif content.get("way") == "link":
            self._link_message(content.get("text"), data)

    def _offer(self, origin: str) -> None:
        """A fresh token, for a page that said over the kernel's own channel where it comes from."""
        if self._socket is None:
            self.send({"way": "offer", "port": 0, "token": ""})
            return
        self._socket.origins.add(origin)
        token = self._socket.invite(self._guest)
        self.send({"way": "offer", "port": self._socket.port, "token": token})

    def _link_message(self, text: str | None, data: list[bytes]) -> None:
        if text is not None and parse(text).get("type") == "hello":
            self._link = MessageLink(self.send, self._guest.leave)
            self._guest.arrive(self._link)
        elif self._link is not None:
            self._link.heard()
            for part in [text] if text is not None else data:
                self._guest.receive(self._link, part)

    def close(self) -> None:
        """Take the widget away, and the comm of its layout, which ipywidgets would keep."""
        layout = self._trait_values.get("layout")  # none when the arguments were refused
        super().close()
        if layout is not None:
            layout.close()

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[Content, Content] | None:
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        text = {"text/plain": self.text, "text/html": f"<p>{html.escape(self.text)}</p>"}
        return {**data, **text}, metadata
