"""What a new session has to be told after the old one broke off, and what is asked there again.

A function of the timeline: the history as items in words, the sound that was not yet a turn, and
what becomes of the response that was under way. No sockets, no clock.

The history. Typed items go as they were sent, spoken questions as their transcripts, answers as far
as they came, calls of tools and their outputs as they are; all with the ids that they had. The wire
takes no sound of an assistant. A spoken question whose words are not known goes as sound, the
newest first up to `SOUND_MS` in all, and beyond that as the words `UNTOLD`.

The answer that broke off. It stands if it was whole, if it called a tool, or if somebody had
cancelled it. Else it is asked for again once in each new session: when a caller waits for it in
`ask`, or when nothing of it was heard yet (`HEARD_S`). An answer that nobody waits for and that
was heard in part is not said again: what had come of it is played to its end, and stands in the
history.

The sound. What was said since the last turn is sent once more, and what was said without a
connection; together `SOUND_MS` at most, the newest. A connection that is silently dead is noticed
by its pings within 40 s, so older sound did arrive, unless it was held here: that is lost, and the
fact `input.lost` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .floor import Unfinished
from .items import Item, Response
from .moments import Span
from .placement import merged
from .reading import Conversation
from .transcript import heard_words

SOUND_MS = 60_000.0
LEAD_MS = 300.0
"""Sound before the beginning of speech that is sent with it: a detector needs to hear silence."""
MARGIN_S = 1.0
"""What was sent so long before the server was heard of has arrived, and was judged."""
HEARD_S = 0.3
"""An answer that has sounded for less was not heard: that is less than a word."""
UNTOLD = "[The user said something here. Its words are not known.]"

Event = Mapping[str, Any]


class Fate(Enum):
    """What becomes of a response that broke off."""

    KEPT = "kept"
    AGAIN = "again"


@dataclass(slots=True)
class Cut:
    """A break: the conversation up to it, what was under way, and whether somebody waited in ask.

    `expected` are the creates (ids of their events) whose responses somebody waited for, and
    `again` says that the response that broke off is to be asked for again.
    """

    talk: Conversation
    unfinished: Unfinished
    waited: bool
    expected: frozenset[str] = frozenset()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One item of the history, as a `conversation.item.create` can carry it.

    `sound` is where the sound lies that the item has to carry; `untold` says that its words are
    not known and its sound is too much.
    """

    item: dict[str, Any]
    sound: Span | None = None
    untold: bool = False


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Sound that is to be sent once more: from which place of the input on (ms), what was lost.

    `lost_ms` is 0 when nothing was.
    """

    spans: tuple[Span, ...]
    from_ms: float
    lost_ms: float = 0.0


def fate(
    talk: Conversation, response_id: str, *, now: float, waited: bool, cancelled: bool
) -> Fate:
    """What becomes of the response that was under way at `now` (seconds on the timeline)."""
    response = talk.responses.get(response_id)
    items = [talk.items[item_id] for item_id in response.item_ids] if response else []
    if cancelled or any(is_called(item) for item in items) or _is_whole(items):
        return Fate.KEPT
    if waited:
        return Fate.AGAIN
    return Fate.KEPT if any(_was_heard(item, now) for item in items) else Fate.AGAIN


def is_called(item: Item) -> bool:
    """Whether an item is a call of a tool with all its arguments."""
    told = item.told or {}
    return item.kind == "function_call" and bool(told.get("arguments")) and _is_done(item)


def _is_done(item: Item) -> bool:
    return item.final or (item.told or {}).get("status") == "completed"


def _is_whole(items: Sequence[Item]) -> bool:
    return bool(items) and all(_is_done(item) for item in items) and any(i.text for i in items)


def _was_heard(item: Item, now: float) -> bool:
    """Whether a person has heard, or read, some of it."""
    if item.audio_s:
        return item.playing is not None and now - item.playing >= HEARD_S
    return item.written and bool(item.text)


def unanswered(talk: Conversation) -> bool:
    """Whether the last thing that was spoken has no response yet."""
    if not talk.exchanges:
        return False
    last = talk.exchanges[-1]
    if not last.asked or last.response_ids or last.answered:
        return False
    return talk.items[last.asked[-1]].committed is not None


def history(talk: Conversation, lost: Iterable[str] = ()) -> list[Told]:
    """The items so far, in their order; those of the lost responses are left out."""
    gone = {item_id for id_ in lost for item_id in _items_of(talk.responses.get(id_))}
    gone |= talk.deleted | {item.id for item in talk.items.values() if item.lost}
    kept = [talk.items[item_id] for item_id in talk.order if item_id not in gone]
    told: list[Told] = []
    left_ms = SOUND_MS
    for item in reversed(kept):
        row = _told(talk, item, left_ms)
        if row is not None:
            left_ms -= _ms(item) if row.sound else 0.0
            told.append(row)
    return told[::-1]


def _items_of(response: Response | None) -> list[str]:
    return response.item_ids if response else []


def _told(talk: Conversation, item: Item, left_ms: float) -> Told | None:
    if item.kind != "message":
        return _told_call(item)
    if item.role == "assistant":
        words = heard_words(item)
        return Told(message(item, "output_text", words)) if words else None
    if item.committed is None:  # typed, or put there by the client
        if item.told is not None and _carries_no_sound(item.told):
            return Told({**item.told, "id": item.id})
        return Told(message(item, "input_text", item.text)) if item.text else None
    if item.text:
        return Told(message(item, "input_text", item.text))
    return _told_as_sound(talk, item, left_ms)


def _told_as_sound(talk: Conversation, item: Item, left_ms: float) -> Told:
    spans = merged(talk.clock.between(item.begun_ms or 0.0, item.stopped_ms or 0.0))
    if len(spans) != 1 or _ms(item) > left_ms:
        return Told(message(item, "input_text", UNTOLD), untold=True)
    told = message(item, "input_audio", "")
    told["content"] = [{"type": "input_audio", "audio": ""}]
    return Told(told, spans[0])


def _ms(item: Item) -> float:
    return (item.stopped_ms or 0.0) - (item.begun_ms or 0.0)


def message(item: Item, kind: str, words: str) -> dict[str, Any]:
    """A message as a `conversation.item.create` carries it, with its id."""
    content = [{"type": kind, "text": words}]
    role = item.role or "user"
    return {"id": item.id, "type": "message", "role": role, "content": content}


def _told_call(item: Item) -> Told | None:
    """A call or its output; what else there is (MCP) belongs to the server."""
    told = item.told or {}
    fields = {
        "function_call": ("call_id", "name", "arguments"),
        "function_call_output": ("call_id", "output"),
    }.get(item.kind)
    if fields is None or any(told.get(name) is None for name in fields):
        return None
    return Told({"id": item.id, "type": item.kind, **{name: told[name] for name in fields}})


def _carries_no_sound(told: Event) -> bool:
    return not any("audio" in part for part in told.get("content") or ())


def unsaid(
    talk: Conversation, held: Sequence[Span], *, by_hand: bool, judged_t: float = 0.0
) -> Unsaid:
    """The sound since the last turn that the server may not have judged, and how much is lost.

    `held` is the sound that was never sent; with `by_hand` the client commits the turns, so that
    all of it belongs to one. Of what had been sent at `judged_t` (seconds) it is known that the
    server found no more in it than it told: it was heard of `MARGIN_S` later.
    """
    end = talk.clock.length_ms
    begin = min(talk.questions.buffer_ms, end)
    held_from = talk.clock.start_of(held[0]) if held else end
    speaking = talk.items.get(talk.questions.unplaced) if talk.questions.unplaced else None
    if speaking is not None and speaking.begun_ms is not None:
        begin = max(begin, speaking.begun_ms - LEAD_MS)
    elif not by_hand:
        begin = max(begin, min(talk.clock.length_at(judged_t), held_from))
    start = max(begin, end - SOUND_MS)
    spans = tuple(talk.clock.between(start, end)) if start < end else ()
    start = talk.clock.start_of(spans[0]) if spans else end
    known = begin if by_hand or speaking is not None else max(begin, held_from)
    return Unsaid(spans, start, max(0.0, start - known))
