"""How well turn detection did on labelled sound: what it missed, cut off, broke, and made wait for.

The score is counted by utterance, since that is what a caller notices. Why each number:

    missed       an utterance in which no turn was open: the caller is not heard at all
    false onset  a turn that begins while nobody speaks: it interrupts an answer
    cut-off      a turn that is over while the speaker goes on: half a sentence is answered
    fragments    turns that an utterance became; 1 is right. A setting that misses nothing may still
                 break sentences into pieces, so misses alone would not show it
    wait         from the true end of speech until the turn is over: what the caller waits for at
                 least, whatever answers
    errors       how far from the truth the detector put the beginning and the end of speech

A wait that is not over when the next utterance begins, or the clip ends, counts until then: so
missing everything does not look quick.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from rtkit.detection import Detection
from rtkit.labelled import Labelled, Stretch
from rtkit.segments import Segment, Segmentation

EARLY_MS = 250.0
"""A turn may begin this much before the labelled onset: breath and soft consonants."""

REST_MS = 100.0
"""A turn that is over this much before the labelled end cut nothing off: a last fading sound."""

CUT_OFF_COST_MS = 1000.0
"""A cut-off is taken to be as bad as a wait of one second."""

ONE_SIDED_95 = 1.645


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one utterance.

    `onset_error_ms` and `offset_error_ms` are positive where the detector is late. They are None
    where there is no such moment: for one that was missed, for a turn that had begun long before
    the utterance, and for one that did not end.
    """

    fragments: int
    cut_offs: int
    wait_ms: float
    ended: bool
    onset_error_ms: float | None
    offset_error_ms: float | None

    @property
    def cost_ms(self) -> float:
        """Wait in ms + 1,000 x cut-offs."""
        return self.wait_ms + CUT_OFF_COST_MS * self.cut_offs


@dataclass(frozen=True, slots=True, repr=False)
class Score:
    """The outcomes of all utterances, and the false onsets; scores of several clips add up."""

    outcomes: tuple[Outcome, ...] = ()
    false_onsets: int = 0
    seconds: float = 0.0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.outcomes + other.outcomes,
            self.false_onsets + other.false_onsets,
            self.seconds + other.seconds,
        )

    @property
    def utterances(self) -> int:
        """How many there are."""
        return len(self.outcomes)

    @property
    def missed(self) -> int:
        """Utterances in which no turn was open."""
        return sum(not outcome.fragments for outcome in self.outcomes)

    @property
    def unended(self) -> int:
        """Utterances whose turn was not over when the next began or the clip ended."""
        return sum(bool(outcome.fragments) and not outcome.ended for outcome in self.outcomes)

    @property
    def cut_offs(self) -> int:
        """Turns that were over while their speaker went on."""
        return sum(outcome.cut_offs for outcome in self.outcomes)

    @property
    def cut_offs_per_utterance(self) -> float:
        """Their mean."""
        return self.cut_offs / self.utterances if self.outcomes else 0.0

    @property
    def fragments_per_utterance(self) -> float:
        """Turns for each utterance that was heard; 1 is right."""
        heard = [outcome.fragments for outcome in self.outcomes if outcome.fragments]
        return fmean(heard) if heard else 0.0

    @property
    def wait_ms(self) -> float:
        """Mean wait from the true end of speech until the turn is over."""
        return fmean(outcome.wait_ms for outcome in self.outcomes) if self.outcomes else 0.0

    @property
    def onset_error_ms(self) -> float | None:
        """Median of how far off the beginnings are, early or late."""
        return _middle(outcome.onset_error_ms for outcome in self.outcomes)

    @property
    def offset_error_ms(self) -> float | None:
        """Median of how far off the ends are, early or late."""
        return _middle(outcome.offset_error_ms for outcome in self.outcomes)

    @property
    def cost_ms(self) -> float:
        """Mean wait in ms + 1,000 x cut-offs per utterance."""
        return self.wait_ms + CUT_OFF_COST_MS * self.cut_offs_per_utterance

    def sure_change_ms(self, since: Score) -> float:
        """What the cost changes by from another score of the same utterances, at worst.

        That is the upper end of a one-sided interval of 95 % for the mean of the differences
        between utterances; negative where this score is surely cheaper. Among so few utterances
        another cut-off may just not have happened: one is reckoned into the spread.
        """
        pairs = zip(self.outcomes, since.outcomes, strict=True)
        changes = np.array([one.cost_ms - other.cost_ms for one, other in pairs])
        spread = np.square(changes - changes.mean()).sum() + CUT_OFF_COST_MS**2
        return float(changes.mean() + ONE_SIDED_95 * np.sqrt(spread) / len(changes))

    def __repr__(self) -> str:
        return (
            f"Score({self.utterances} utterances: wait {self.wait_ms:.0f} ms, cut-offs "
            f"{self.cut_offs}, missed {self.missed}, false onsets {self.false_onsets})"
        )


def score(labelled: Labelled, found: Segmentation) -> Score:
    """How well the turns that were found in a labelled clip fit its utterances."""
    onsets = [1000 * start for start, _ in labelled.utterances]
    limits = [*onsets[1:], 1000 * labelled.clip.duration]
    outcomes = tuple(
        _outcome(utterance, limit, found.segments)
        for utterance, limit in zip(labelled.utterances, limits, strict=True)
    )
    false = sum(_is_false(turn, labelled.utterances) for turn in found.segments)
    return Score(outcomes, false, labelled.clip.duration)


def _outcome(utterance: Stretch, limit_ms: float, turns: Iterable[Segment]) -> Outcome:
    onset, offset = 1000 * utterance[0], 1000 * utterance[1]
    heard = [turn for turn in turns if turn.speech_start_ms < offset and turn.speech_end_ms > onset]
    if not heard:
        return Outcome(0, 0, limit_ms - offset, False, None, None)
    over = [turn.decided_ms for turn in heard if turn.decided_ms is not None]
    last, begun = heard[-1].decided_ms, heard[0].speech_start_ms - onset
    ended = last is not None and last <= limit_ms
    return Outcome(
        fragments=len(heard),
        cut_offs=sum(decided < offset - REST_MS for decided in over),
        wait_ms=max(0.0, min(limit_ms if last is None else last, limit_ms) - offset),
        ended=ended,
        onset_error_ms=begun if begun >= -EARLY_MS else None,
        offset_error_ms=heard[-1].speech_end_ms - offset if ended else None,
    )


def _is_false(turn: Segment, utterances: Iterable[Stretch]) -> bool:
    begins = turn.speech_start_ms
    return not any(1000 * s - EARLY_MS <= begins <= 1000 * e for s, e in utterances)


def _middle(errors: Iterable[float | None]) -> float | None:
    known = [abs(error) for error in errors if error is not None]
    return median(known) if known else None


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of 10 ms by what they are and what a detector took them for."""

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0

    def __add__(self, other: Frames) -> Frames:
        return Frames(
            self.hits + other.hits,
            self.false_alarms + other.false_alarms,
            self.misses + other.misses,
        )

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 to 1; 0 where there is no speech at all."""
        wrong = self.false_alarms + self.misses
        return 2 * self.hits / (2 * self.hits + wrong) if self.hits else 0.0


def score_frames(labelled: Labelled, found: Detection, threshold: float = 0.5) -> Frames:
    """A detector against the labelled speech, 10 ms by 10 ms, without any turn taking."""
    middles = np.arange(0.005, len(found.probabilities) * found.frame_ms / 1000, 0.01)
    heard = found.probabilities[(1000 * middles / found.frame_ms).astype(int)] >= threshold
    spoken = np.zeros(len(middles), bool)
    for start, end in labelled.speech:
        spoken |= (middles >= start) & (middles < end)
    return Frames(
        int((heard & spoken).sum()), int((heard & ~spoken).sum()), int((~heard & spoken).sum())
    )
