"""Detection: what a detector made of a clip, to be decided on again and again.

Judging sound takes a thousand times as long as deciding about turns, so it is done once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rtkit.clip import Clip
from rtkit.errors import AudioError
from rtkit.formats import AudioFormat
from rtkit.resampling import samples_needed


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Detection:
    """The probability of speech in successive frames of a clip, by one detector.

    `probabilities` is float32[m], read-only; a frame is `hop` samples at `rate`. `format` is the
    wire's, in which the clip was heard.
    """

    clip: Clip
    detector: str
    format: AudioFormat
    rate: int
    hop: int
    probabilities: NDArray[np.float32]

    def __init__(
        self,
        clip: Clip,
        detector: str,
        format: AudioFormat,
        rate: int,
        hop: int,
        probabilities: ArrayLike,
    ) -> None:
        own = np.array(probabilities, np.float32)
        if not np.all((own >= 0) & (own <= 1)):
            wrong = own[~((own >= 0) & (own <= 1))][0]
            raise AudioError(
                f"a probability of speech is between 0 and 1, found {wrong} by {detector}. "
                "Check the detector, and the sound for NaN."
            )
        own.setflags(write=False)
        told = (clip, detector, format, rate, hop, own)
        for name, value in zip(Detection.__slots__, told, strict=True):
            object.__setattr__(self, name, value)

    @property
    def frame_ms(self) -> float:
        """Length of a frame."""
        return self.hop * 1000 / self.rate

    @property
    def times(self) -> NDArray[np.float64]:
        """Seconds at which each frame begins, float64[m]."""
        return np.arange(len(self.probabilities)) * self.hop / self.rate

    @property
    def known_ms(self) -> NDArray[np.float64]:
        """How much sound the server must have for each frame to be judged, float64[m].

        That is beyond the end of the frame: a stream resampler holds sound back, at 24 kHz up to
        20 ms, at the 8 kHz of G.711 up to 61 ms. The frames that a client sends come on top.
        """
        ends = np.arange(1, len(self.probabilities) + 1) * self.hop
        return samples_needed(ends, self.format.rate, self.rate) * 1000 / self.format.rate

    def __repr__(self) -> str:
        highest = self.probabilities.max(initial=0.0)
        return (
            f"Detection({len(self.probabilities)} frames of {self.frame_ms:g} ms by "
            f"{self.detector}, highest {highest:.2f}, {self.clip!r})"
        )

    def __reduce__(self) -> tuple[type[Detection], tuple[object, ...]]:
        return Detection, tuple(getattr(self, name) for name in Detection.__slots__)
