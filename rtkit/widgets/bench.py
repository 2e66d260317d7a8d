"""The kernel's side of one widget's pages: what they ask goes to one worker, one after the other.

Links live on rtkit's loop; a question is answered in a thread of the widget's own, so that the loop
goes on carrying sound meanwhile, and whoever observes a setting may take long. The thread is there
as long as a page is.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rtkit import background
from rtkit.errors import RtkitError

from .wire import Link, message, parse

PIECE = 1 << 20  # bytes: a proxy may refuse a message of more than 10 MiB
CLOSED = "This {} was closed. Run its cell again to go on."
log = logging.getLogger("rtkit")
Told = dict[str, Any]


class Bench:
    """Any number of pages. `answer(told, link)` is called for each of their messages, in order;
    `name` is that of the widget."""

    def __init__(self, answer: Callable[[Told, Link], None], name: str) -> None:
        self._answer = answer
        self._name = name
        self._links: list[Link] = []
        self._worker: ThreadPoolExecutor | None = None

    # pages; on rtkit's loop

    def arrive(self, link: Link) -> None:
        """A page has come; it asks for what it shows."""
        self._links.append(link)
        link.send(message("welcome"))

    def receive(self, link: Link, data: str | bytes) -> None:
        """A question of a page."""
        told = parse(data)
        if told and link in self._links:
            self.submit(lambda: self._answer(told, link))

    def leave(self, link: Link) -> None:
        """The connection of a page is gone."""
        self._links = [other for other in self._links if other is not link]
        if not self._links:
            self._dismiss()

    def submit(self, act: Callable[[], object]) -> None:
        """Have the worker do this, after what it was asked before; on rtkit's loop."""
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, f"rtkit {self._name}")
        self._worker.submit(self._guarded, act)

    def _dismiss(self) -> None:
        if self._worker is not None:
            self._worker.shutdown(wait=False)
            self._worker = None

    # the widget; on any thread

    @property
    def links(self) -> list[Link]:
        """The pages that are there."""
        return self._links[:]

    def tell(self, type: str, data: bytes = b"", *, to: Link | None = None, **fields: Any) -> None:
        """Send this to every page, or `to` one; `data` goes before it, in pieces."""
        pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
        text = message(type, **fields)
        background.loop().call_soon_threadsafe(self._send, pieces, text, to)

    def _send(self, pieces: list[bytes], text: str, to: Link | None) -> None:
        for link in self._links:
            if to in (None, link):
                for piece in pieces:
                    link.send(piece)
                link.send(text)

    def beside(self, act: Callable[[], object]) -> threading.Thread:
        """Do what takes long in a thread of its own."""
        thread = threading.Thread(target=self._guarded, args=(act,), name=f"rtkit {self._name}")
        thread.daemon = True
        thread.start()
        return thread

    def close(self) -> None:
        """Let the pages go."""
        background.loop().call_soon_threadsafe(self._let_go)

    def _let_go(self) -> None:
        self._dismiss()
        links, self._links = self._links, []
        for link in links:
            link.send(message("bye", text=CLOSED.format(self._name)))
            link.close()

    def _guarded(self, act: Callable[[], object]) -> None:
        """Do this; the pages are told why it could not be done."""
        try:
            act()
        except RtkitError as error:
            self.tell("problem", text=str(error))
        except Exception as error:  # nobody waits for this thread
            log.exception("the %s failed", self._name)
            self.tell("problem", text=f"{type(error).__name__}: {error}")
