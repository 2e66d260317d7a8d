"""What a peer without a script does about each client event, as a table.

An answer is `async def answer(voice, event)`. `Peer(answers={type: answer})` puts another in its
place; "hello" is what is said when a client has come.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rtkit import events

from .voice import Event, Voice

Answer = Callable[[Voice, Event], Awaitable[None]]
SESSION: Event = {
    "id": "sess_scripted",
    "object": "realtime.session",
    "type": "realtime",
    "model": "gpt-realtime-2.1",
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 200},
            "transcription": None,
        },
        "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy"},
    },
}
WINDOW_MS = 200.0


async def hello(voice: Voice, event: Event) -> None:
    """The first word of the server."""
    await voice.tell(events.SESSION_CREATED, session=voice.session)


async def update(voice: Voice, event: Event) -> None:
    """Every change is taken."""
    _merge(voice.session, event["session"])
    await voice.tell(events.SESSION_UPDATED, session=voice.session)


def _merge(old: dict[str, Any], new: Event) -> None:
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict) and key != "format":
            _merge(old[key], value)
        else:
            old[key] = value


async def create_item(voice: Voice, event: Event) -> None:
    """The item is added."""
    await voice.add(event["item"])


async def create_response(voice: Voice, event: Event) -> None:
    """Paris, whatever the question."""
    await voice.speak()


async def cancel(voice: Voice, event: Event) -> None:
    """The active response is cancelled, or there is nothing to cancel."""
    if voice.active:
        await voice.end(voice.active, "cancelled")
    else:
        await voice.refuse("response_cancel_not_active", "none active", event.get("event_id"))


async def truncate(voice: Voice, event: Event) -> None:
    """Any cut is taken."""
    fields = {key: event[key] for key in ("item_id", "content_index", "audio_end_ms")}
    await voice.tell(events.TRUNCATED, **fields)


async def delete(voice: Voice, event: Event) -> None:
    """Any item is deleted."""
    await voice.tell("conversation.item.deleted", item_id=event["item_id"])


async def commit(voice: Voice, event: Event) -> None:
    """What was heard becomes an item."""
    await voice.commit()


async def append(voice: Voice, event: Event) -> None:
    """Turn detection: sound is speech, and enough silence ends the turn."""
    detection = voice.session.get("audio", {}).get("input", {}).get("turn_detection")
    data = base64.b64decode(event["audio"])
    if not detection:
        return
    if await voice.listen(data, detection.get("silence_duration_ms", WINDOW_MS)):
        await voice.stop_listening()
        if detection.get("create_response", True):
            await voice.speak()


async def clear(voice: Voice, event: Event) -> None:
    """What was heard is forgotten."""
    voice.speaking = None
    await voice.tell("input_audio_buffer.cleared")


async def stall(voice: Voice, event: Event) -> None:
    """No answer at all."""


async def hang(voice: Voice, event: Event) -> None:
    """A response that begins and never ends by itself."""
    await voice.begin()


ANSWERS: Mapping[str, Answer] = {
    "hello": hello,
    events.SESSION_UPDATE: update,
    events.ITEM_CREATE: create_item,
    "conversation.item.delete": delete,
    events.TRUNCATE: truncate,
    events.RESPONSE_CREATE: create_response,
    events.RESPONSE_CANCEL: cancel,
    events.APPEND: append,
    events.CLEAR: clear,
    events.COMMIT: commit,
}
"""Client event -> what is done about it; nothing about any other."""
