"""Recognition with faster-whisper (extra `whisper`), for those who have internet once.

It hears any English sentence, far better than dictation with pocketsphinx. Its weights are not in
the package: they are downloaded at first use (about 150 MB for the default, `base.en`; another is
named by the setting RTKIT_WHISPER_MODEL, and may be a folder). This module could not be run where
it was written, for want of weights; its calls follow faster-whisper 1.1's documentation.
"""

from __future__ import annotations

import asyncio
import math
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtkit.errors import MissingExtra
from rtkit.speech.recognition import Heard, Word

DEFAULT_MODEL = "base.en"


class WhisperRecogniser:
    """Whole utterances, transcribed when they end, on a thread of their own."""

    rate = 16_000

    def __init__(self, model: str | None = None) -> None:
        self._name = model or os.environ.get("RTKIT_WHISPER_MODEL") or DEFAULT_MODEL
        self._sound: list[NDArray[np.int16]] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rtkit-whisper")
        self.ready = self._thread.submit(_model, self._name)
        """Done when the model is loaded; holds the error if it cannot be."""

    def begin(self) -> None:
        """Begin an utterance."""
        self._sound = []

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Keep int16[n] at 16 kHz."""
        self._sound.append(np.array(samples, dtype=np.int16))

    def partial(self) -> str:
        """Always empty: nothing is transcribed before the end."""
        return ""

    async def finish(self) -> Heard:
        """Transcribe the utterance."""
        sound = np.concatenate([np.zeros(0, np.int16), *self._sound])
        self._sound = []
        return await asyncio.wrap_future(self._thread.submit(self._transcribe, sound))

    def cancel(self) -> None:
        """Forget the utterance."""
        self._sound = []

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _transcribe(self, sound: NDArray[np.int16]) -> Heard:
        if not sound.any():
            return Heard("", (), 0.0, "whisper")
        floats = sound.astype(np.float32) / 32768
        segments, _ = _model(self._name).transcribe(
            floats, language="en", beam_size=1, word_timestamps=True
        )
        return _heard([word for segment in segments for word in segment.words or ()])


def _heard(found: list[Any]) -> Heard:
    """faster-whisper's words (word, start and end in seconds, probability) as ours."""
    words = tuple(
        Word(word.word.strip(), 1000 * word.start, 1000 * word.end, float(word.probability))
        for word in found
    )
    if not words:
        return Heard("", (), 0.0, "whisper")
    logs = [math.log(max(word.confidence, 1e-6)) for word in words]
    text = "".join(word.word for word in found).strip()
    return Heard(text, words, math.exp(sum(logs) / len(logs)), "whisper")


@cache
def _model(name: str) -> Any:
    try:
        from faster_whisper import WhisperModel
    except ImportError as missing:
        raise MissingExtra("faster-whisper (the recogniser)", "whisper") from missing
    return WhisperModel(name, device="cpu", compute_type="int8")
