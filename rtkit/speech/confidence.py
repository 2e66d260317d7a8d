"""How sure the recogniser is: from scores to a probability, by a calibration on a named set.

Grammar: the probability that the whole sentence is right, from three scores that set the grammar's
sentence against the allphone search. Dictation: the share of its words that are right, from its
score per frame of speech. Both are logistic curves, fitted by `benchmarks/calibration.py`, which
prints the weights below.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtkit.speech.dictation import Dictated
    from rtkit.speech.listening import Evidence


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic curve: a constant, a weight for each score, and what it was fitted on."""

    constant: float
    weights: tuple[float, ...]
    made: str
    measured_on: str

    def probability(self, *scores: float) -> float:
        """The probability, 0 to 1."""
        pairs = zip(self.weights, scores, strict=True)
        odds = self.constant + sum(weight * score for weight, score in pairs)
        return 1 / (1 + math.exp(min(700.0, -odds)))


GRAMMAR = Calibration(
    10.558,
    (0.727, 1.194, -15.241),  # difference, worst, lost: see rtkit.speech.listening.Evidence
    made="2026-11-22",
    measured_on="every third of the tutor's 63 sample phrases and of 80 others, each in 4 of the "
    "ten voices: 84 in the grammar (77 heard exactly), 108 off it; area under the ROC curve 0.978",
)
DICTATION = Calibration(
    5.934,
    (0.894,),  # score per frame of speech, in thousandths
    made="2026-11-22",
    measured_on="48 texts of the same set, each in one voice, 0.36 of the words right; "
    "correlation of confidence and share of right words 0.57",
)
ACCEPTED = 0.5
"""A grammar sentence below this confidence is rejected, and dictation is tried.

On the same set it keeps 71 of 77 that were heard exactly and lets 3 of 108 others pass.
"""


def of_grammar(evidence: Evidence) -> float:
    """How sure a sentence of the grammar is; 0 when it is not a whole one."""
    if not evidence.whole:
        return 0.0
    return GRAMMAR.probability(evidence.difference, evidence.worst, evidence.lost)


def of_dictation(dictated: Dictated, evidence: Evidence) -> float:
    """How sure the words of a dictation are."""
    if not dictated.words or not evidence.speech_frames:
        return 0.0
    return DICTATION.probability(1000 * dictated.score / evidence.speech_frames)
