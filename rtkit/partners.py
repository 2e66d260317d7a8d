"""Which events belong together: a request and its answers, a beginning and its end, a stream.

Every moment is in one group at most. An answer is known by the ids that it carries, an error by the
`event_id` that it names; where the wire has no id (session.update, commit, clear, response.create)
the oldest request that waits for such an answer is taken to be its cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import dialects, events
from .moments import Moment
from .roster import deep

CLEARED = "input_audio_buffer.cleared"
ANSWERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    events.SESSION_UPDATE: (events.SESSION_UPDATED, ()),
    events.COMMIT: (events.COMMITTED, ()),
    events.CLEAR: (CLEARED, ()),
    events.ITEM_CREATE: (events.ITEM_ADDED, ("item", "id")),
    "conversation.item.retrieve": ("conversation.item.retrieved", ("item_id",)),
    "conversation.item.delete": ("conversation.item.deleted", ("item_id",)),
    events.TRUNCATE: (events.TRUNCATED, ("item_id",)),
    events.RESPONSE_CREATE: (events.RESPONSE_CREATED, ()),
    "output_audio_buffer.clear": ("output_audio_buffer.cleared", ()),
}
"""Request -> the type of its answer, and where the id lies by which the answer is known."""

_BY_ITEM = (
    events.SPEECH_STARTED,
    events.SPEECH_STOPPED,
    "input_audio_buffer.timeout_triggered",
    events.COMMITTED,
    events.ITEM_ADDED,
    events.ITEM_DONE,
    events.TRANSCRIPTION_DELTA,
    dialects.TRANSCRIPTION_UPDATED,
    events.TRANSCRIPTION_COMPLETED,
    events.TRANSCRIPTION_FAILED,
    "conversation.item.input_audio_transcription.segment",
    events.OUTPUT_ITEM_ADDED,
    events.OUTPUT_ITEM_DONE,
)
_BY_PART = ("response_id", "item_id", "content_index")
_FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    events.PART_ADDED: ("part", _BY_PART),
    events.PART_DONE: ("part", _BY_PART),
    events.CALL_DELTA: ("call", ("call_id",)),
    events.CALL_DONE: ("call", ("call_id",)),
    "playback.started": ("playback", ("item_id",)),
    "playback.finished": ("playback", ("item_id",)),
    "playback.flushed": ("playback", ("item_id",)),
    "microphone.opened": ("microphone", ()),
    "microphone.closed": ("microphone", ()),
    "turn.started": ("turn", ()),
    "turn.ended": ("turn", ()),
    "reconnecting": ("connection", ()),
    "reconnected": ("connection", ()),
    "session.opened": ("session", ()),
    "session.closed": ("session", ()),
}
"""Type -> what it is about, and the fields that tell which one."""

_BEGINS = frozenset({"microphone.opened", "turn.started", "session.opened", "playback.started"})
Key = tuple[str, ...]


class Partners:
    """The groups so far; `take` each moment once, in order."""

    def __init__(self) -> None:
        self._groups: list[list[int]] = []
        self._group_of: dict[int, int] = {}
        self._known: dict[Key, int] = {}  # what events are about -> its group
        self._waiting: dict[str, list[tuple[str, int]]] = {}  # answer -> (id or "", group)
        self._sent: dict[str, int] = {}  # event_id -> moment of the client
        self._stopped: set[str] = set()  # items whose turn the server has ended
        self._active = ""  # the response that was created last

    def of(self, index: int) -> tuple[int, ...]:
        """The moments of the group of this one, itself among them, in order; () if it is alone."""
        group = self._group_of.get(index)
        members = () if group is None else tuple(self._groups[group])
        return members if len(members) > 1 else ()

    def group(self, index: int) -> int | None:
        """The number of its group, in which it may be alone so far; None if it can have none."""
        return self._group_of.get(index)

    def take(self, index: int, moment: Moment) -> None:
        """One more moment; one of a wrong shape stays alone."""
        type_, event = dialects.common_name(moment.type), moment.event
        if moment.source == "client":
            self._request(index, type_, event)
        elif type_ == events.ERROR:
            self._refused(index, event)
        else:
            self._told(index, type_, event)

    def _request(self, index: int, type_: str, event: Mapping[str, Any]) -> None:
        if isinstance(event_id := event.get("event_id"), str):
            self._sent[event_id] = index
        if type_ == events.RESPONSE_CANCEL:
            key = ("response", _text(event.get("response_id")) or self._active)
            self._join(index, self._known.get(key))
        elif type_ in ANSWERS:
            answer, path = ANSWERS[type_]
            call = ("call", _text(deep(event, "item", "call_id")))
            group = self._join(index, self._known.get(call))
            id_ = _text(deep(event, *path)) if path else ""
            self._waiting.setdefault(answer, []).append((id_, group))

    def _refused(self, index: int, event: Mapping[str, Any]) -> None:
        """An error that names its cause; who caused it waits for no other answer."""
        cause = self._sent.get(_text(deep(event, "error", "event_id")))
        if cause is None:
            return
        group = self._join(cause, self._group_of.get(cause))
        self._join(index, group)
        for answer, waiting in self._waiting.items():
            self._waiting[answer] = [each for each in waiting if each[1] != group]

    def _told(self, index: int, type_: str, event: Mapping[str, Any]) -> None:
        key = _key_of(type_, event)
        if type_ == "reconnecting":  # nothing that was asked will be answered
            self._waiting.clear()
        asked = self._claim(type_, key, event)
        if key is None and asked is None:
            return
        known = None if key is None or type_ in _BEGINS else self._known.get(key)
        group = self._join(index, known if asked is None else asked)
        if known is not None and known != group:
            self._merge(known, group)
        if key is not None:
            self._known[key] = group
            self._remember(type_, key)

    def _remember(self, type_: str, key: Key) -> None:
        if type_ == events.RESPONSE_CREATED:
            self._active = key[1]
        elif type_ == events.SPEECH_STOPPED:
            self._stopped.add(key[1])
        elif type_ == "reconnected":
            del self._known[key]  # the next break is another one

    def _claim(self, type_: str, key: Key | None, event: Mapping[str, Any]) -> int | None:
        """The group of the request that this answers: by its id, else the oldest without one."""
        waiting = self._waiting.get(type_)
        if not waiting:
            return None
        id_ = _text(event.get("item_id")) or _text(deep(event, "item", "id"))
        found = next((each for each in waiting if each[0] and each[0] == id_), None)
        if found is None and not self._explained(type_, key):
            found = next((each for each in waiting if not each[0]), None)
        if found is None:
            return None
        waiting.remove(found)
        return found[1]

    def _explained(self, type_: str, key: Key | None) -> bool:
        """Whether the server says this by itself: of an item that it has begun, or ended."""
        if type_ == events.COMMITTED and key:
            return key[1] in self._stopped
        return key is not None and key[0] == "item" and key in self._known

    def _join(self, index: int, group: int | None) -> int:
        """Put a moment into a group, a new one if need be; the group."""
        if index in self._group_of:
            return self._group_of[index]
        if group is None:
            group = len(self._groups)
            self._groups.append([])
        self._groups[group].append(index)
        self._group_of[index] = group
        return group

    def _merge(self, old: int, into: int) -> None:
        moved, self._groups[old] = self._groups[old], []
        self._groups[into] = sorted([*self._groups[into], *moved])
        self._group_of.update(dict.fromkeys(moved, into))
        self._known.update({key: into for key, group in self._known.items() if group == old})


def _key_of(type_: str, event: Mapping[str, Any]) -> Key | None:
    """What an event is about; None if that is nothing that others are about."""
    if type_ in _BY_ITEM:
        id_ = _text(event.get("item_id")) or _text(deep(event, "item", "id"))
        return ("item", id_) if id_ else None
    if type_ in (events.RESPONSE_CREATED, events.RESPONSE_DONE):
        id_ = _text(deep(event, "response", "id"))
        return ("response", id_) if id_ else None
    if type_ in _FIELDS:
        kind, fields = _FIELDS[type_]
        return kind, *(_text(event.get(name)) for name in fields)
    stem, _, last = type_.rpartition(".")
    if last in ("delta", "done") and stem.startswith("response."):
        return stem, *(_text(event.get(name)) for name in _BY_PART)
    return None


def _text(value: object) -> str:
    """An id, or a number, as text; "" for anything else."""
    return str(value) if isinstance(value, str | int) else ""
