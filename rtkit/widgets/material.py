"""What a tuner works on: a clip, what a detector and a recogniser heard in it, and true labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rtkit.clip import Clip
from rtkit.detection import Detection
from rtkit.detectors import DETECTORS, listen
from rtkit.errors import AudioError
from rtkit.formats import PCM_RATE
from rtkit.labelled import Labelled, Stretch
from rtkit.sense import Guess, TimedWord
from rtkit.vad import Detector

LONGEST_S = 300.0
PHRASE = (("What is the capital of", 0.7), ("France?", 1.6), ("What time is it?", 1.2))
"""What stands in for a clip: words, and the seconds of silence after them."""
Words = Sequence[TimedWord | Guess]


@dataclass(frozen=True, slots=True)
class Material:
    """A clip that was heard. `words` are None while nobody has listened for them."""

    heard: Detection
    words: Words | None = None
    labelled: Labelled | None = None
    spoken: bool = False  # a phrase that stands in for a clip

    @property
    def clip(self) -> Clip:
        """The sound itself."""
        return self.heard.clip

    def picture(self) -> dict[str, Any]:
        """What the page is told of it beside the sound."""
        return {
            "detector": self.heard.detector,
            "hop_ms": self.heard.frame_ms,
            "words": [(word.text, word.at_ms) for word in self.words or ()],
            "labels": self.labelled.utterances if self.labelled else (),
        }

    def chances(self) -> bytes:
        """The probabilities as little-endian float32."""
        return self.heard.probabilities.astype("<f4").tobytes()

    def sound(self) -> bytes:
        """The clip as the page plays it: 16-bit mono at 24 kHz."""
        return self.clip.resampled(PCM_RATE).to_pcm16()


def checked(clip: Clip) -> Clip:
    """The clip, if a picture of it can be read; AudioError for a longer one."""
    if clip.duration > LONGEST_S:
        raise AudioError(
            f"a tuner shows clips of up to {LONGEST_S / 60:.0f} minutes, found "
            f"{clip.duration / 60:.1f}. Give it a part: clip.cut(0, {LONGEST_S:.0f})."
        )
    return clip


def hear(clip: Clip, detector: str, known: Mapping[str, Detector]) -> Detection:
    """What a detector, by its name, makes of a clip; `known` are those beside the usual ones."""
    return listen(clip, known.get(detector, detector))


def names_of(known: Mapping[str, Detector]) -> list[str]:
    """The detectors that may be chosen."""
    return [*DETECTORS, *(name for name in known if name not in DETECTORS)]


def prepared(
    of: Clip | Labelled | None,
    detector: str,
    known: Mapping[str, Detector],
    words: Words | None = None,
    utterances: Iterable[Stretch] = (),
) -> Material:
    """A clip that was heard; None stands for the phrase, which is labelled by its loudness."""
    if isinstance(of, Labelled):
        labelled: Labelled | None = of
    elif of is None:
        labelled = Labelled.by_energy(phrase())
    else:
        stretches = tuple(utterances)
        labelled = Labelled(checked(of), stretches) if stretches else None
    clip = labelled.clip if labelled else of
    if not isinstance(clip, Clip):
        raise AudioError(f"a tuner takes a Clip or a Labelled, found {of!r}. Try Clip.load(path).")
    if words is None and labelled and labelled.words:
        words = labelled.words
    return Material(hear(checked(clip), detector, known), words, labelled, spoken=of is None)


def phrase() -> Clip:
    """A spoken phrase with a pause for thought; MissingExtra without a voice."""
    from rtkit.speech.synthesis import say

    return sum((say(text) + Clip.silence(pause) for text, pause in PHRASE), Clip.silence(0.5))
