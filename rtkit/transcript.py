"""Both sides' words in the order of the conversation.

Lines stand in the order of the items, by `previous_item_id`: a transcription that comes late lands
in its place. What was said and later deleted from the server's conversation stays, it was said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from .items import Item, SpokenWord
from .reading import Conversation
from .timeline import Timeline

Speaker = Literal["user", "assistant"]
UNHEARD = "⟨", "⟩"
SURE = 0.5
"""Words of a recogniser that is less sure of them than this are marked as unsure."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one side said in one item.

    `final` is False while more words may come. `start` and `end` are seconds on the timeline:
    of speech when it was spoken or heard, of text when it was sent or received; None if unknown.
    `heard` are the words that were heard of an answer that was cut off, None if it was not; where
    the cut lies in the words is estimated from its place in the sound. `confidence` (0 to 1) is
    the recogniser's. `words` are the words of a spoken line with their times, None where the
    server tells none. `error` says why a spoken line has no words.
    """

    speaker: Speaker
    text: str
    item_id: str
    final: bool = True
    start: float | None = None
    end: float | None = None
    heard: str | None = None
    confidence: float | None = None
    error: str | None = None
    words: tuple[SpokenWord, ...] | None = None

    @property
    def unheard(self) -> str:
        """The words that were cut off; "" if all were heard."""
        return "" if self.heard is None else self.text[len(self.heard) :].strip()

    @property
    def unsure(self) -> bool:
        """Whether the recogniser says that it may well be wrong."""
        return self.confidence is not None and self.confidence < SURE

    def __str__(self) -> str:
        """`speaker: words`, what was not heard in ⟨angle brackets⟩, `...` while words may come."""
        words = self.text or (f"({self.error})" if self.error else "")
        if self.unheard:
            words = f"{self.heard} {UNHEARD[0]}{self.unheard}{UNHEARD[1]}".strip()
        more = (" (unsure)" if self.unsure else "") + ("" if self.final else " ...")
        return f"{self.speaker}: {words}{more}"


def read_transcript(timeline: Timeline) -> list[Line]:
    """The lines so far. Items without words (calls, silence not yet transcribed) have a line only
    if a person spoke them."""
    talk = Conversation(timeline)
    items = (talk.items[item_id] for item_id in talk.order)
    return [_line(item) for item in items if _is_said(item)]


def _is_said(item: Item) -> bool:
    if item.kind != "message" or item.role not in ("user", "assistant"):
        return False
    if item.lost:
        return False  # it broke off, and was said again
    return bool(item.text) or item.committed is not None


def _line(item: Item) -> Line:
    start, end = _user_times(item) if item.role == "user" else _assistant_times(item)
    return Line(
        speaker=cast(Speaker, item.role),
        text=item.text,
        item_id=item.id,
        final=item.final,
        start=start,
        end=end,
        heard=heard_words(item) if item.cut_off else None,
        confidence=item.confidence,
        error=item.error,
        words=item.words,
    )


def _user_times(item: Item) -> tuple[float | None, float | None]:
    if item.committed is None:
        sent = item.added if item.asked is None else item.asked
        return sent, sent
    return item.speech_start, item.committed if item.speech_end is None else item.speech_end


def _assistant_times(item: Item) -> tuple[float | None, float | None]:
    if not item.audio_s:
        return item.first_piece, item.last_piece
    start = item.first_piece if item.playing is None else item.playing
    if item.played_until is not None or start is None:
        return start, item.played_until
    return start, start + item.audio_s


def heard_words(item: Item) -> str:
    """The words of an item that were heard: all, or as many as lie before the cut in its sound.

    Where a word lies in the sound is not on the wire; the cut is placed by proportion, and a word
    counts as heard when at least half of it comes before.
    """
    if not item.cut_off:
        return item.text
    end, cut = 0, len(item.text) * (item.heard_s or 0.0) / item.audio_s
    for word in item.text.split(" "):
        if end + len(word) / 2 > cut:
            break
        end += len(word) + 1
    return item.text[:end].strip()
