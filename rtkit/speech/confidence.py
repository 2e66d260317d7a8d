"""How sure the recogniser is: from scores to a probability, by a calibration on a named set.

Grammar: the probability that the whole sentence is right, from four scores, three of
which set the grammar's sentence against the allphone search. Dictation: the share of its words
that are right, from its score per frame of speech. Both are logistic curves, fitted by
`benchmarks/calibration.py`, which prints the weights below.
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
    16.619,
    (1.806, 0.660, -14.271, -5.001),  # of `scores`
    made="2026-11-22",
    measured_on="every third of 125 sentences of the tutor's grammar and of 80 others, each in 4 "
    "of the ten voices: 168 in the grammar (163 heard exactly), 108 off it; area under the ROC "
    "curve 0.984",
)
DICTATION = Calibration(
    4.749,
    (0.730,),  # score per frame of speech, in thousandths
    made="2026-11-22",
    measured_on="69 texts of the same set, each in one voice, 0.45 of the words right; "
    "correlation of confidence and share of right words 0.35",
)
ACCEPTED = 0.35
"""A grammar sentence below this confidence is rejected, and dictation is tried.

On the same set it keeps 162 of 163 that were heard exactly and lets 4 of 108 others pass.
"""


MOST_LOST = 0.4
"""A grammar sentence that leaves more of the speech unsaid is rejected, however well it fits.

It is the beginning of something longer, as "hello there" of a greeting with a question behind it
(0.65 to 0.70, measured on 2026-11-29). Of 239 sentences heard exactly, half of them over a
telephone line, none left more than 0.23.
"""


def scores(evidence: Evidence) -> tuple[float, float, float, float]:
    """What the confidence of a grammar sentence is made of, `Evidence` saying what each is.

    The last one is the logarithm of the number of words (one counts as two): the more of them, the
    easier they fit.
    """
    words = math.log(max(2, len(evidence.words)))
    return evidence.difference, evidence.worst, evidence.lost, words


def of_grammar(evidence: Evidence) -> float:
    """How sure a sentence of the grammar is; 0 when it is not a whole one, or not all was said."""
    fits = evidence.whole and evidence.lost <= MOST_LOST
    return GRAMMAR.probability(*scores(evidence)) if fits else 0.0


def of_dictation(dictated: Dictated, evidence: Evidence) -> float:
    """How sure the words of a dictation are."""
    if not dictated.words or not evidence.speech_frames:
        return 0.0
    return DICTATION.probability(1000 * dictated.score / evidence.speech_frames)
