"""The settings that a console changes in mid-conversation: the voice, and who ends a turn.

What the page shows is what the server has confirmed. Everything here runs on rtkit's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rtkit.catalog import voices
from rtkit.errors import RtkitError
from rtkit.fields import get
from rtkit.schema import MISSING
from rtkit.session import Session

from .sentences import AS_IT_WAS, RECORDED, VOICE_FIXED

if TYPE_CHECKING:
    from .host import Host

VOICE, TURNS = "audio.output.voice", "audio.input.turn_detection"
DETECTION = {"type": "server_vad"}
"""What free hands begin with in a session that never had turn detection."""
Told = Mapping[str, Any]


class Adjusting:
    """The settings of one console. `asked` is the session object before there is a session."""

    def __init__(self, host: Host, asked: Mapping[str, Any]) -> None:
        self._host = host
        self._asked = asked
        self._answers = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.show()

    def acts(self) -> dict[str, Callable[[Told], None]]:
        """What is done about which message of the page."""
        return {"adjust": self._adjust, "hands": self._hands}

    def show(self) -> None:
        """Show what holds; `answers` counts the changes that were asked for and are decided."""
        shown = self._effective()
        voice, turns = get(shown, VOICE), get(shown, TURNS)
        self._host.board.show(
            settings={
                "voice": voice if isinstance(voice, str) else None,
                "voices": [each.name for each in voices()],
                "turns": None if turns is MISSING else turns,
                "manual": turns is None,
                "fixed": RECORDED if self._recorded() else None,
                "voiceFixed": VOICE_FIXED if self._host.board.screen.voiced else None,
                "answers": self._answers,
            }
        )

    def _effective(self) -> Mapping[str, Any]:
        session = self._host.session if self._host.open else None
        return session.effective if session is not None and session.effective else self._asked

    def _recorded(self) -> bool:
        return self._host.open and not isinstance(self._host.session, Session)

    # what the page tells

    def _adjust(self, told: Told) -> None:
        """One setting: `name` is voice or turns, `value` what it shall be."""
        name, value = told.get("name"), told.get("value")
        if name == "voice":
            self._want({"output": {"voice": value}})
        elif name == "turns":
            self._want({"input": {"turn_detection": value}})

    def _hands(self, told: Told) -> None:
        """Free hands, with the turn detection that held before, or turns by the button."""
        before = self._host.board.screen.last_turns or get(self._asked, TURNS) or DETECTION
        self._want({"input": {"turn_detection": before if told.get("free") else None}})

    def _want(self, audio: Mapping[str, Any]) -> None:
        self._host.when_open(lambda: self._start(audio))

    def _start(self, audio: Mapping[str, Any]) -> None:
        task = asyncio.create_task(self._update({"audio": audio}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _update(self, change: Mapping[str, Any]) -> None:
        """Ask the server; when it refuses, all stays as it was, and the page says why."""
        session = self._host.session
        try:
            if isinstance(session, Session):
                await asyncio.to_thread(session.update, change)
        except RtkitError as error:
            self._host.board.say(f"{error} {AS_IT_WAS}")
        self._answers += 1
        self.show()
