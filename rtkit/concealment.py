"""What a listener hears in place of a frame that did not come.

The last period of the voice is said again and again, ever more softly, so that a short gap is not
a hole. It is a simple relative of ITU-T G.711 Appendix I: it does not blend the edges of a gap.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from rtkit.pcm import Samples, as_samples

SHORTEST_S, LONGEST_S = 1 / 400, 1 / 66
"""The periods among which that of the voice is looked for."""
FADE_S = 0.06


class Concealment:
    """Frames in, frames out; where one is missing, what stands for it.

    After 60 ms of a gap there is silence. Frames that came pass unchanged.
    """

    def __init__(self, rate: int) -> None:
        self._shortest, self._longest = round(SHORTEST_S * rate), round(LONGEST_S * rate)
        self._fade = round(FADE_S * rate)
        self._past = np.zeros(2 * self._longest, np.float32)
        self._gap = 0  # samples since the last frame that came

    def frame(self, samples: Samples) -> Samples:
        """A frame that came, float32[n]."""
        self._past = np.concatenate([self._past, samples])[-2 * self._longest :]
        self._gap = 0
        return samples

    def gap(self, count: int) -> Samples:
        """What stands for `count` samples that did not come, float32[count]."""
        period = self._past[-self._period() :]
        at = self._gap + np.arange(count)
        self._gap += count
        return as_samples(period[at % len(period)] * np.maximum(1 - at / self._fade, 0))

    def _period(self) -> int:
        """The shift in samples at which the end of what was heard is most like itself."""
        end = self._past[-self._longest :].astype(np.float64)
        windows = sliding_window_view(self._past.astype(np.float64), len(end))
        before = windows[self._longest - self._shortest :: -1]  # from the shortest shift on
        likeness = before @ end / (np.linalg.norm(before, axis=1) + 1e-9)
        return self._shortest + int(np.argmax(likeness))
