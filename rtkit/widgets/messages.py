"""The link over kernel messages, for pages from which no socket reaches the kernel's process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from .wire import message

BEAT = 1.0  # seconds; a page that hears nothing for 6 s turns its microphone off
SILENT_PAGE = 20.0  # seconds; a page sends something every 5 s

Post = Callable[[dict[str, Any], list[bytes]], None]


class MessageLink:
    """One page over kernel messages. `post(content, buffers)` sends one, from any thread.

    Nobody says when a page of this kind is gone: `gone(link)` is called when it has been silent
    for 20 s. Whoever receives its messages calls `heard`.
    """

    path = "messages"

    def __init__(self, post: Post, gone: Callable[[MessageLink], None]) -> None:
        self._post = post
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._beat = self._loop.call_later(BEAT, self._live)

    def heard(self) -> None:
        """The page has just sent something."""
        self._heard = self._loop.time()

    def send(self, data: str | bytes) -> None:
        if isinstance(data, str):
            self._post({"way": "link", "text": data}, [])
        else:
            self._post({"way": "link"}, [data])

    def close(self) -> None:
        """The page is let go: it hears no more beats."""
        self._beat.cancel()

    def _live(self) -> None:
        if self._loop.time() - self._heard > SILENT_PAGE:
            self._gone(self)
            return
        self.send(message("beat"))
        self._beat = self._loop.call_later(BEAT, self._live)


def unroute(comm: object) -> bool:
    """Let messages of this comm be handled beside a running cell; whether anything was to do.

    ipykernel 7.4 hands the messages of a comm to whichever shell sent last on it. A widget made in
    a cell is then handled on the main thread, behind `time.sleep`. Without that routing they go to
    the subshell that JupyterLab names, as in ipykernel 7.0 to 7.3. A private name, so: only if it
    is there, and a test tells when it changes.
    """
    if not hasattr(comm, "_reply_subshell_for"):
        return False
    comm._reply_subshell_for = None
    return True
