"""Recognition with faster-whisper (extra `whisper`), for those who have internet once.

It hears any sentence, far better than dictation with pocketsphinx. Its weights are not in the
package: they are downloaded from huggingface.co at first use (about 150 MB for the default,
`base.en`). Where this was written they could not be had: everything here is tested with
faster-whisper 1.2 and a tiny model without knowledge, nothing with real weights.

    RTKIT_WHISPER_MODEL     a name such as small.en or small, or a folder; base.en
    RTKIT_WHISPER_DEVICE    cpu or cuda; cpu
    RTKIT_WHISPER_COMPUTE   int8, float16, float32, ...; int8 on a cpu, else what the model has
    RTKIT_WHISPER_LANGUAGE  a code such as de, or auto; en
"""

from __future__ import annotations

import asyncio
import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtkit.errors import ConfigError, MissingExtra, RtkitError
from rtkit.speech.recognition import Heard, Word

DETECTED = "auto"
DEFAULTS = {"MODEL": "base.en", "DEVICE": "cpu", "COMPUTE": "", "LANGUAGE": "en"}
"""Setting -> what holds without it; each is an environment variable behind RTKIT_WHISPER_."""

FETCHED = (
    "Its weights are fetched from huggingface.co once, so that must be reachable; or put them in a "
    "folder and name it in RTKIT_WHISPER_MODEL; or leave RTKIT_RECOGNISER out: pocketsphinx hears."
)


@dataclass(frozen=True, slots=True)
class Model:
    """Which weights, and how they are run; `compute` is a type of CTranslate2."""

    name: str
    device: str
    compute: str


class WhisperRecogniser:
    """Whole utterances, transcribed when they end, on a thread of their own.

    What is not given is taken from the environment, as the module says. The model is loaded once
    for all recognisers that name the same.
    """

    rate = 16_000

    def __init__(
        self,
        model: str | None = None,
        *,
        device: str | None = None,
        compute: str | None = None,
        language: str | None = None,
    ) -> None:
        device = _setting("DEVICE", device)
        compute = _setting("COMPUTE", compute) or ("int8" if device == "cpu" else "default")
        self.model = Model(_setting("MODEL", model), device, compute)
        self.language = _setting("LANGUAGE", language).lower()
        self._sound: list[NDArray[np.int16]] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rtkit-whisper")
        self.ready = self._thread.submit(_loaded, self.model)
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
        try:
            segments, _ = _loaded(self.model).transcribe(
                sound.astype(np.float32) / 32768,
                language=None if self.language == DETECTED else self.language,
                beam_size=1,
                word_timestamps=True,
                condition_on_previous_text=False,  # an utterance is one thought
            )
            return _heard(list(segments))
        except ValueError as error:  # a language that it does not know
            raise ConfigError(
                f"whisper cannot transcribe with the language {self.language!r}: {error}. Name "
                f"another in RTKIT_WHISPER_LANGUAGE, or {DETECTED!r}."
            ) from error


def _setting(name: str, given: str | None) -> str:
    return given or os.environ.get(f"RTKIT_WHISPER_{name}", "").strip() or DEFAULTS[name]


def _heard(segments: list[Any]) -> Heard:
    """faster-whisper's segments (text, words with start and end in seconds) as ours.

    The confidence is the geometric mean of what the model gives its words; of its tokens, where
    there are no words.
    """
    text = "".join(segment.text for segment in segments).strip()
    words = tuple(
        Word(said, 1000 * float(word.start), 1000 * float(word.end), float(word.probability))
        for segment in segments
        for word in segment.words or ()
        if (said := word.word.strip())
    )
    if not text:
        return Heard("", (), 0.0, "whisper")
    logs = [math.log(max(word.confidence, 1e-6)) for word in words]
    logs = logs or [float(segment.avg_logprob) for segment in segments]
    return Heard(text, words, min(1.0, math.exp(sum(logs) / len(logs))), "whisper")


_models: dict[Model, Any] = {}
_loading = Lock()


def _loaded(model: Model) -> Any:
    with _loading:  # two sessions that begin at once load it once
        if model not in _models:
            _models[model] = _load(model)
        return _models[model]


def _load(model: Model) -> Any:
    try:
        from faster_whisper import WhisperModel
    except ImportError as missing:
        raise MissingExtra("faster-whisper (the recogniser)", "whisper") from missing
    try:
        return WhisperModel(model.name, device=model.device, compute_type=model.compute)
    except ValueError as error:  # a name, device or type that there is not
        raise ConfigError(
            f"whisper cannot be run as {model.name!r} on {model.device!r} with {model.compute!r}: "
            f"{error}. The variables RTKIT_WHISPER_MODEL, _DEVICE and _COMPUTE say it otherwise."
        ) from error
    except Exception as error:  # the hub's, the network's, the disk's, CTranslate2's
        raise RtkitError(
            f"whisper's model {model.name!r} could not be loaded on {model.device!r} "
            f"({type(error).__name__}: {_line(error)}). {FETCHED}"
        ) from error


def _line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".")[:200] if lines else "no word why"
