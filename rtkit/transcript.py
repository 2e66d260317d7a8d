"""Both sides' words in the order of the conversation.

Lines stand in the order of the items, by `previous_item_id`: a transcription that comes late lands
in its place. What was said and later deleted from the server's conversation stays, it was said.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    the cut lies in the words is estimated from its place in the sound. `spoken` are the words of
    an answer that have sounded so far, None if it is not sounding; they are placed likewise.
    `confidence` (0 to 1) is the recogniser's. `words` are the words of a spoken line with their
    times, None where the server tells none. `error` says why a spoken line has no words.
    `images` are the URLs of the images that were sent with it.
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
    spoken: str | None = None
    images: tuple[str, ...] = ()

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
        words = self.text or (f"({self.error})" if self.error else "(image)" * bool(self.images))
        if self.unheard:
            words = f"{self.heard} {UNHEARD[0]}{self.unheard}{UNHEARD[1]}".strip()
        more = (" (unsure)" if self.unsure else "") + ("" if self.final else " ...")
        return f"{self.speaker}: {words}{more}"


def read_transcript(timeline: Timeline) -> list[Line]:
    """The lines so far. Items without words (calls, silence not yet transcribed) have a line only
    if a person spoke them, or sent an image."""
    talk = Conversation(timeline)
    items = (talk.items[item_id] for item_id in talk.order)
    return [line_of(item) for item in items if is_said(item)]


def is_said(item: Item) -> bool:
    """Whether an item is a line of the transcript."""
    if item.kind != "message" or item.role not in ("user", "assistant"):
        return False
    if item.lost:
        return False  # it broke off, and was said again
    return bool(item.text or _images(item)) or item.committed is not None


def line_of(item: Item) -> Line:
    """What was said in an item."""
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
        spoken=None if item.sounding_s is None else _words_before(item, item.sounding_s),
        images=_images(item),
    )


def _images(item: Item) -> tuple[str, ...]:
    content = (item.told or {}).get("content")
    parts = content if isinstance(content, list) and item.role == "user" else []
    urls = (part.get("image_url") for part in parts if isinstance(part, Mapping))
    return tuple(url for url in urls if isinstance(url, str))


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
    return _words_before(item, item.heard_s or 0.0) if item.cut_off else item.text


def _words_before(item: Item, seconds: float) -> str:
    end, cut = 0, len(item.text) * seconds / (item.audio_s or 1.0)
    for word in item.text.split(" "):
        if end + len(word) / 2 > cut:
            break
        end += len(word) + 1
    return item.text[:end].strip()
