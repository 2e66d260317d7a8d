"""The words of a clip, with their places, as the embedded server's recogniser hears them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rtkit.parts import VADConfig
from rtkit.segments import segment
from rtkit.sense import TimedWord

if TYPE_CHECKING:
    from rtkit.clip import Clip
    from rtkit.detection import Detection
    from rtkit.speech.recognition import Recogniser

STRETCHES = VADConfig(silence_duration_ms=1000)
"""What is heard as one utterance: a sentence may hold a pause for thought."""


def words_of(heard: Detection) -> tuple[TimedWord, ...]:
    """The words of each stretch of speech, each at its end; MissingExtra without a recogniser.

    A live recogniser guesses a word some tenths of a second later, and may guess another first.
    """
    from rtkit.server.local import ServerOptions

    found = segment(heard, STRETCHES).segments
    spans = [(turn.start_ms, turn.end_ms) for turn in found]
    if not spans:
        return ()
    recogniser = ServerOptions().new_recogniser()
    try:
        return tuple(asyncio.run(_hear(recogniser, heard.clip, spans)))
    finally:
        recogniser.close()


async def _hear(
    recogniser: Recogniser, clip: Clip, spans: Sequence[tuple[int, int | None]]
) -> list[TimedWord]:
    words: list[TimedWord] = []
    for start_ms, end_ms in spans:
        part = clip.cut(start_ms / 1000, None if end_ms is None else end_ms / 1000)
        recogniser.begin()
        recogniser.feed(np.frombuffer(part.resampled(recogniser.rate).to_pcm16(), np.int16))
        said = await recogniser.finish()
        words += [TimedWord(word.text, start_ms + word.end_ms) for word in said.words]
    return words
