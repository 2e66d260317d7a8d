"""What a turn-detection setting does to a clip: as the tuner's page is told it, and in words.

Functions of a `Segmentation`; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rtkit.choices import VADMode
from rtkit.labelled import Labelled
from rtkit.parts import VAD_PATH, VADConfig
from rtkit.plainwords import meaning_of
from rtkit.scores import score
from rtkit.segments import Segment, Segmentation
from rtkit.vad import TurnSettings

from .material import Words
from .retuning import KNOBS

Message = dict[str, Any]
SAME_MS = 5  # of two mean waits: nobody hears the difference
BY_WORDS = "The rule is rtkit's own: it reads the words so far, as a recogniser heard them."
BY_PAUSES = "No words of this clip are known, so a turn ends by its pauses alone."
WORDS_SOON = "A recogniser is hearing the clip; until then a turn ends by its pauses alone."
NEVER = "never cuts the speaker off"
EMPTY = "This clip is empty. Record it again, or give the tuner another one."


@dataclass(frozen=True, slots=True)
class Figures:
    """How many turns, and the waits (ms) of those that end; None where none does.

    `cut_offs` are turns that were over while the speaker went on; None where nobody knows.
    """

    turns: int
    mean: float | None
    longest: float | None
    total: float | None
    cut_offs: int | None


def figures(found: Segmentation, labelled: Labelled | None = None) -> Figures:
    """The numbers of a segmentation."""
    turns, cut_offs = len(found.segments), score(labelled, found).cut_offs if labelled else None
    waits = [turn.wait_ms for turn in found.segments if turn.wait_ms is not None]
    if not waits:
        return Figures(turns, None, None, None, cut_offs)
    return Figures(turns, sum(waits) / len(waits), max(waits), sum(waits), cut_offs)


def outcome(vad: VADConfig, found: Segmentation, labelled: Labelled | None, note: str) -> Message:
    """One side of the tuner: the setting, what its values mean, the turns and the figures."""
    in_force = found.settings or TurnSettings()
    counted = figures(found, labelled)
    return {
        "settings": {"mode": found_mode(found), **{name: getattr(vad, name) for name in KNOBS}},
        "meanings": {name: meaning_of(VAD_PATH + name, getattr(vad, name)) for name in KNOBS},
        "threshold": in_force.threshold,
        "leave": in_force.leave,
        "turns": [_turn(turn) for turn in found.segments],
        "figures": {name: getattr(counted, name) for name in Figures.__slots__},
        "note": note,
    }


def picture(
    vads: Sequence[VADConfig],
    found: Sequence[Segmentation],
    words: Words | None,
    labelled: Labelled | None,
) -> Message:
    """One or two settings, side by side."""
    sides = [
        outcome(vad, one, labelled, rule(vad, words)) for vad, one in zip(vads, found, strict=True)
    ]
    if len(sides) == 1:
        return {"a": sides[0], "b": None, "says": summary(found[0]), "difference": ""}
    told = {
        "says": f"A: {summary(found[0])}",
        "difference": difference(found[0], found[1], labelled),
    }
    return {"a": sides[0], "b": sides[1], **told}


def rule(vad: VADConfig, words: Words | None) -> str:
    """What has to be known of a mode, "" for nothing."""
    if vad.mode is not VADMode.SEMANTIC:
        return ""
    if words is None:
        return WORDS_SOON
    return BY_WORDS if words else BY_PAUSES


def found_mode(found: Segmentation) -> str:
    """The wire's name of the turn detection that is in force."""
    return str((found.vad or {}).get("type"))


def _turn(turn: Segment) -> Message:
    return {
        "start": turn.start_ms,
        "end": turn.end_ms,
        "speech_start": turn.speech_start_ms,
        "speech_end": turn.speech_end_ms,
        "decided": turn.decided_ms,
        "wait": turn.wait_ms,
    }


def summary(found: Segmentation) -> str:
    """What happens to the clip, in one or two sentences."""
    turns = found.segments
    if not found.heard.clip.duration:
        return EMPTY
    if not turns:
        return _silent(found)
    many, first = _count(len(turns)), turns[0]
    if first.decided_ms is None:
        return f"{many}, still open when the clip ends."
    which = "it" if len(turns) == 1 else "the first"
    text = f"{many}; {which} ends at {first.decided_ms / 1000:.2f} s, {_wait(first)}."
    return text + (" The last is still open." if turns[-1].decided_ms is None else "")


def _wait(turn: Segment) -> str:
    return f"{turn.wait_ms:.0f} ms after the last word"


def _silent(found: Segmentation) -> str:
    highest = float(found.heard.probabilities.max(initial=0.0))
    threshold = (found.settings or TurnSettings()).threshold
    return (
        f"No turn: the probability of speech is {highest:.2f} at most, "
        f"and the threshold {threshold:.2f}."
    )


def _count(turns: int) -> str:
    return "1 turn" if turns == 1 else f"{turns} turns"


def difference(a: Segmentation, b: Segmentation, labelled: Labelled | None = None) -> str:
    """What setting B does otherwise than A, in a sentence or two."""
    if a.vad == b.vad:
        return "A and B are the same setting: move a slider of one of them."
    if a.segments == b.segments:
        return "Another setting, and the same turns: this clip does not tell them apart."
    one, other = figures(a, labelled), figures(b, labelled)
    parts = (_turns_differ(one, other), _cut_offs_differ(one, other), _waits_differ(one, other))
    return " ".join(part for part in parts if part)


def _turns_differ(a: Figures, b: Figures) -> str:
    if a.turns == b.turns:
        return f"Both find {_count(a.turns)}."
    return f"B makes {_count(b.turns)} of the clip, A {a.turns}."


def _cut_offs_differ(a: Figures, b: Figures) -> str:
    if a.cut_offs == b.cut_offs or a.cut_offs is None or b.cut_offs is None:
        return ""
    cuts = f"cuts the speaker off {_times(b.cut_offs)}" if b.cut_offs else NEVER
    return f"B {cuts}, A {_times(a.cut_offs)}."


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _waits_differ(a: Figures, b: Figures) -> str:
    if a.mean is None or b.mean is None:
        return ""
    if abs(a.mean - b.mean) < SAME_MS:
        return "The caller waits as long with either."
    more = "longer" if b.mean > a.mean else "less"
    mean = " on average" if max(a.turns, b.turns) > 1 else ""
    return f"With B the caller waits {abs(b.mean - a.mean):.0f} ms {more}{mean}."
