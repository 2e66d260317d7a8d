"""What a person writes to the assistant: text, and an image with it. On rtkit's loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .sentences import NO_IMAGE

if TYPE_CHECKING:
    from .host import Host

IMAGES = ("data:image/png;base64,", "data:image/jpeg;base64,")
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
            if not str(image).startswith(IMAGES):
                self._host.board.say(NO_IMAGE)
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
