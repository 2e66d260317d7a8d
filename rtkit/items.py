"""What the views know of a conversation: its items, its responses, and which answers which.

Instants are seconds on the timeline and None while unknown. All of it is gathered by one walk
(`rtkit.reading`) and read by `read_turns`, `read_transcript`, `measure` and `read_sounds`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .moments import Span

INTERRUPTIONS = frozenset({"turn_detected", "client_cancelled"})
"""Reasons of a cancelled response that mean: somebody spoke over it."""

LEAST_CUT_S = 0.001
"""What is cut off by less than this was heard to its end."""

LEAST_SKIPPED_S = 0.05
"""A player whose count ends by less than this before the end has played all."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word that a person said, as the recogniser heard it.

    `start` and `end` are seconds on the timeline; `confidence` is 0 to 1, None if it is not told.
    """

    text: str
    start: float
    end: float
    confidence: float | None = None


@dataclass(slots=True)
class Item:
    """One item: a message of the user or the assistant, a function call, or its output."""

    id: str
    kind: str = "message"
    role: str = ""
    texts: dict[int, list[str]] = field(default_factory=dict)  # content index -> pieces
    final: bool = False
    error: str | None = None  # of its transcription
    confidence: float | None = None
    words: tuple[SpokenWord, ...] | None = None  # of its transcription, where their times are told
    response_id: str | None = None
    spans: list[Span] = field(default_factory=list)
    audio_s: float = 0.0  # of the assistant's sound that was received
    added: float | None = None
    asked: float | None = None  # the client sent it, or its commit
    begun_ms: float | None = None  # position in the input where its speech begins
    ended_ms: float | None = None  # where its speech ends, the silence window left out
    stopped_ms: float | None = None  # audio_end_ms of the wire: the silence window included
    speech_start: float | None = None
    found_here: bool = False  # this side found the turn, and sent it later than it was spoken
    speech_end: float | None = None
    detected: float | None = None
    committed: float | None = None
    first_piece: float | None = None  # of words or sound
    last_piece: float | None = None
    playing: float | None = None
    played_until: float | None = None
    played_s: float | None = None  # when it was flushed
    finished_s: float | None = None  # when the player was done with it
    sounding_s: float | None = None  # how much of it has sounded so far; None when it does not
    truncated_s: float | None = None
    told: Mapping[str, Any] | None = None  # as the client sent it, else as the server told it last
    written: bool = False  # its words came as text
    lost: bool = False  # its response broke off with the connection, and was asked for again

    @property
    def text(self) -> str:
        parts = ("".join(pieces) for _, pieces in sorted(self.texts.items()))
        return " ".join(part.strip() for part in parts if part.strip())

    @property
    def heard_s(self) -> float | None:
        """Seconds of its sound that were heard when it was cut off; None if it was not."""
        cut = self.played_s if self.truncated_s is None else self.truncated_s
        return None if cut is None else min(cut, self.audio_s)

    @property
    def sounded_s(self) -> float | None:
        """Seconds of it that sounded when that was not all; None if it sounded whole.

        Shorter than the item when it was cut off, and also when the caller did not listen on.
        """
        if self.cut_off:
            return self.heard_s
        end = self.finished_s
        return end if end is not None and end < self.audio_s - LEAST_SKIPPED_S else None

    @property
    def cut_off(self) -> bool:
        """Whether somebody stopped it before it was heard to its end."""
        heard = self.heard_s
        return heard is not None and heard < self.audio_s - LEAST_CUT_S


@dataclass(slots=True)
class Response:
    """One response of the conversation."""

    id: str
    created: float
    status: str = "in_progress"
    reason: str | None = None
    item_ids: list[str] = field(default_factory=list)
    first_token: float | None = None
    first_audio: float | None = None
    playable: float | None = None
    audio_s: float = 0.0
    done: float | None = None

    @property
    def interrupted(self) -> bool:
        return self.status == "cancelled" and self.reason in INTERRUPTIONS


@dataclass(slots=True)
class Exchange:
    """What the user said, and the responses to it (more than one when tools were called)."""

    asked: list[str] = field(default_factory=list)  # user item ids
    response_ids: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)  # assistant item ids
    called: float | None = None  # the first call of a tool was complete
    returned: float | None = None  # the last output of one was sent


class Order:
    """The order of the items, as `previous_item_id` tells it; an item is placed once.

    A chain: each knows its neighbours, so that a long conversation costs no more per item.
    """

    def __init__(self) -> None:
        self._after: dict[str | None, str | None] = {None: None}  # None: before the first
        self._before: dict[str | None, str | None] = {None: None}  # None: behind the last
        self._placed: set[str] = set()

    def __iter__(self) -> Iterator[str]:
        item_id = self._after[None]
        while item_id is not None:
            yield item_id
            item_id = self._after[item_id]

    def expect(self, item_id: str) -> None:
        """An item that was named before its place was told stands at the end for now."""
        if item_id not in self._after:
            self._put(self._before[None], item_id)

    def place(self, item_id: str, previous: str | None) -> None:
        """Put an item after the one that it follows; at the end if that is not known."""
        if item_id in self._placed:
            return
        self._take_out(item_id)
        if previous is None or previous not in self._after:
            previous = self._before[None]
        self._put(previous, item_id)
        self._placed.add(item_id)

    def place_first(self, item_id: str) -> None:
        if item_id not in self._placed:
            self._take_out(item_id)
            self._put(None, item_id)
            self._placed.add(item_id)

    def _take_out(self, item_id: str) -> None:
        if item_id in self._after:
            before, after = self._before.pop(item_id), self._after.pop(item_id)
            self._after[before], self._before[after] = after, before

    def _put(self, before: str | None, item_id: str) -> None:
        after = self._after[before]
        self._after[before] = self._before[after] = item_id
        self._after[item_id], self._before[item_id] = after, before
