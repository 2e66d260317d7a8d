"""The kernel's side of one tuner's pages: what they ask goes to one worker, one after the other.

Links live on rtkit's loop; a question is answered in a thread of the tuner's own, so that the loop
goes on carrying sound while turns are decided, and whoever observes a setting may take long.
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
CLOSED = "This tuner was closed. Run its cell again to go on."
log = logging.getLogger("rtkit")
Told = dict[str, Any]


class Bench:
    """Any number of pages. `answer(told)` is called for each of their messages, in order."""

    def __init__(self, answer: Callable[[Told], None]) -> None:
        self._answer = answer
        self._links: list[Link] = []
        self._worker = ThreadPoolExecutor(1, "rtkit tuner")

    # pages; on rtkit's loop

    def arrive(self, link: Link) -> None:
        """A page has come; it asks for what it shows."""
        self._links.append(link)
        link.send(message("welcome"))

    def receive(self, link: Link, data: str | bytes) -> None:
        """A question of a page."""
        told = parse(data)
        if told and link in self._links:
            self._worker.submit(self._guarded, lambda: self._answer(told))

    def leave(self, link: Link) -> None:
        """The connection of a page is gone."""
        self._links = [other for other in self._links if other is not link]

    # the tuner; on any thread

    def tell(self, type: str, data: bytes = b"", **fields: Any) -> None:
        """Send this to every page; `data` goes before it, in pieces."""
        pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
        text = message(type, **fields)
        background.loop().call_soon_threadsafe(self._send, pieces, text)

    def _send(self, pieces: list[bytes], text: str) -> None:
        for link in self._links:
            for piece in pieces:
                link.send(piece)
            link.send(text)

    def beside(self, act: Callable[[], object]) -> threading.Thread:
        """Do what takes long in a thread of its own."""
        thread = threading.Thread(target=self._guarded, args=(act,), name="rtkit tuner, beside")
        thread.daemon = True
        thread.start()
        return thread

    def close(self) -> None:
        """Let the pages go."""
        background.loop().call_soon_threadsafe(self._let_go)

    def _let_go(self) -> None:
        self._worker.shutdown(wait=False)
        links, self._links = self._links, []
        for link in links:
            link.send(message("bye", text=CLOSED))
            link.close()

    def _guarded(self, act: Callable[[], object]) -> None:
        """Do this; the pages are told why it could not be done."""
        try:
            act()
        except RtkitError as error:
            self.tell("problem", text=str(error))
        except Exception as error:  # nobody waits for this thread
            log.exception("the tuner failed")
            self.tell("problem", text=f"{type(error).__name__}: {error}")
