"""What a person writes to the assistant: text, and an image with it. On rtkit's loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rtkit.server.images import NoImage, read_image

from .sentences import no_image

if TYPE_CHECKING:
    from .host import Host

Told = Mapping[str, Any]


class Composing:
    """The text field of one console."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def acts(self) -> dict[str, Callable[[Told], None]]:
        """What is done about which message of the page."""
        return {"text": self._text}

    def _text(self, told: Told) -> None:
        text, image = str(told.get("text", "")).strip(), told.get("image")
        content: list[dict[str, Any]] = [{"type": "input_text", "text": text}] if text else []
        if image is not None:
            try:
                read_image(str(image))
            except NoImage as error:
                self._host.board.say(no_image(error))
                return
            content.append({"type": "input_image", "image_url": str(image)})
        if content:
            self._host.when_open(lambda: self._send(content))

    def _send(self, content: list[dict[str, Any]]) -> None:
        session, screen = self._host.session, self._host.board.screen
        assert session is not None
        if screen.responding or screen.sounding:
            session.interrupt()
        item = {"type": "message", "role": "user", "content": content}
        session.send({"type": "conversation.item.create", "item": item})
        session.send({"type": "response.create"})
