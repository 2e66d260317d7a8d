"""Exercises and questions of notebook 03, hearing turns."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from rtkit.detection import Detection
from rtkit.errors import RtkitError
from rtkit.labelled import Labelled
from rtkit.scores import Score, score
from rtkit.segments import Segment, Segmentation, segment

from .exercise import Case, Exercise, Trial, function
from .questionnaire import ask, no, yes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAUSE_S, LONGEST_WAIT_MS = 0.8, 900
THINKERS = (("What is the capital of", "France?"), ("Remind me to call", "my mother tomorrow."))
ROOM: dict[str, Any] = {"pause_s": 0.2, "noise": "babble", "snr_db": 10}
ROOMS = ((5, 3, 750), (4, 2, 650))
"""(seed, wrong at most, mean wait in ms at most): babble differs a little from run to run."""


@cache
def thinker(before: str, after: str) -> Detection:
    """Somebody who stops to think for 0.8 s, as the detector hears it."""
    from rtkit.clip import Clip
    from rtkit.detectors import listen
    from rtkit.speech.synthesis import say

    return listen((say(before) + Clip.silence(PAUSE_S) + say(after)).padded(after_s=1.6))


def _patience(answer: Any) -> Iterable[Trial]:
    for which, words in enumerate(THINKERS):
        try:
            found = segment(thinker(*words), answer)
        except (RtkitError, TypeError, AttributeError) as error:
            yield Trial("patient", "a VADConfig", str(error), False, "Hand over a VADConfig.")
            return
        turns, waits = found.segments, [turn.wait_ms for turn in found.segments]
        known = [wait for wait in waits if wait is not None]
        what = f"turns in {words[0]!r} ... {words[1]!r}"
        why = _cut_off(found)
        yield Trial(what, "1", str(len(turns)), len(turns) == 1, why, hidden=which > 0)
        longest = max(known, default=None)
        text = "for ever" if longest is None or len(known) < len(turns) else f"{longest:.0f} ms"
        right = longest is not None and text != "for ever" and longest <= LONGEST_WAIT_MS
        why = (
            "The thinker finishes, but everybody waits for too long: a little above 0.8 s will do."
        )
        asked = f"at most {LONGEST_WAIT_MS} ms"
        yield Trial("waited at the end", asked, text, right, why, hidden=which > 0)


def _cut_off(found: Segmentation) -> str:
    """Why a thinker was not heard in one turn."""
    if not found.segments:
        return "No turn ever ends by itself then: nobody would be answered."
    if found.vad and found.vad["type"] == "semantic_vad":
        return "No words are recognised here, so `semantic_vad` hears only pauses: `server_vad`."
    return "The thinker is cut off: the silence must be longer than the pause of 0.8 s."


def _draw(answer: Any, figure: Figure) -> None:
    from rtkit.turnview import segmentation

    segmentation(segment(thinker(*THINKERS[0]), answer), figure.subplots())


def _turn(start_s: float, end_s: float) -> Segment:
    """A turn whose speech lies there; what is committed begins before it and ends after it."""
    start_ms, end_ms = 1000 * start_s, 1000 * end_s
    return Segment(round(start_ms - 300), round(end_ms + 500), start_ms, end_ms, end_ms + 532)


def _fragments(
    spans: list[tuple[float, float]], of: tuple[float, float], count: int, why: str, **how: Any
) -> Case:
    turns = tuple(_turn(*span) for span in spans)
    where = " and ".join(f"{start:g}-{end:g}" for start, end in spans) or "none"
    return Case((turns, *of), count, why, what=f"turns {where} s, utterance {of}", **how)


FRAGMENTS = (
    _fragments([(1, 2)], (0.9, 2.1), 1, "One turn lies inside."),
    _fragments(
        [(1, 2), (3, 4)],
        (0.9, 4.2),
        2,
        "Both turns lie in the utterance. Turns are in *milliseconds*, the utterance in seconds.",
    ),
    _fragments([(1, 2), (5, 6)], (0.9, 2.1), 1, "The second turn is another utterance's."),
    _fragments(
        [(0.5, 2)],
        (0.9, 2.1),
        1,
        "A turn that begins before the utterance and reaches into it counts.",
    ),
    _fragments([], (1, 2), 0, "Nothing was heard: the utterance was missed.", hidden=True),
    _fragments(
        [(1, 2), (2.4, 3)],
        (2.2, 3.5),
        1,
        "Count by `speech_start_ms` and `speech_end_ms`: padding and silence are no speech.",
        hidden=True,
    ),
    _fragments(
        [(0, 9)], (2, 3), 1, "A turn may be longer than the utterance at both ends.", hidden=True
    ),
)


@cache
def room(seed: int) -> tuple[tuple[Labelled, Detection], ...]:
    """Brisk talkers with a babble of neighbours, and how the detector hears them."""
    from rtkit.detectors import listen
    from rtkit.material import synthetic_set

    talks = synthetic_set(4, seed=seed, **ROOM)
    return tuple((talk, listen(talk.clip)) for talk in talks)


def _quiet(answer: Any) -> Iterable[Trial]:
    for seed, most_faults, most_ms in ROOMS:
        try:
            scores = [score(talk, segment(heard, answer)) for talk, heard in room(seed)]
        except (RtkitError, TypeError, AttributeError) as error:
            yield Trial("vad", "a VADConfig", str(error), False, "Hand over a VADConfig.")
            return
        yield from _judged(sum(scores, Score()), most_faults, most_ms, seed != ROOMS[0][0])


def _judged(result: Score, most_faults: int, most_ms: float, hidden: bool) -> Iterable[Trial]:
    faults = {
        "begun by neighbours": result.false_onsets,
        "missed": result.missed,
        "cut off": result.cut_offs,
    }
    count, worst = sum(faults.values()), max(faults, key=lambda name: faults[name])
    told = ", ".join(f"{number} {name}" for name, number in faults.items() if number) or "none"
    where = f"of {result.utterances}{', other talkers' if hidden else ''}"
    asked = f"at most {most_faults}"
    yield Trial(f"wrong {where}", asked, told, count <= most_faults, REMEDY[worst], hidden)
    wait = result.wait_ms
    text = "none ended" if wait is None else f"{wait:.0f} ms"
    right = wait is not None and wait <= most_ms
    yield Trial(f"mean wait {where}", f"at most {most_ms} ms", text, right, TOO_SLOW, hidden)


REMEDY = {
    "begun by neighbours": "Neighbours begin turns: a higher threshold makes it harder.",
    "missed": "It has become deaf: a threshold that high misses whoever speaks.",
    "cut off": "Talkers are cut off: their pauses are longer than your silence.",
}
TOO_SLOW = (
    "Too slow: noise keeps turns open, and your silence comes on top. A higher threshold ends "
    "them sooner, a shorter silence as well."
)


EXERCISES = (
    Exercise(
        "03.1",
        "Let the thinker finish",
        _patience,
        "With `server_vad` the silence must be longer than the pause; the wait is the silence and "
        "a frame or so.",
        _draw,
    ),
    Exercise(
        "03.2",
        "Into how many turns",
        function("fragments", FRAGMENTS),
        "Two stretches overlap when each begins before the other ends.",
    ),
    Exercise(
        "03.3",
        "A noisy room",
        _quiet,
        "False onsets are neighbours: what makes a turn harder to begin? And who waits, for what?",
    ),
)

QUESTIONS = (
    ask(
        "Callers say that the assistant is slow. May you halve `silence_duration_ms`?",
        no("Yes, it is the largest part of the wait", "And whoever is cut off says it all again."),
        yes(
            "Only if their pauses are shorter than what is left",
            "So measure the cut-offs as well as the wait.",
        ),
        no("No, 500 is the standard", "It is a default; talkers differ, and so do uses."),
    ),
    ask(
        "`turn_detection` is null, sound is sent, nothing comes back. What is broken?",
        yes("Nothing", "Nobody ends the turn: send a commit and `response.create`."),
        no("The microphone", "Sound is sent and arrives; it waits in the buffer."),
        no("The threshold is too high", "Without turn detection there is no threshold."),
    ),
    ask(
        "A threshold of 0.99 has no false onsets. Why not take it?",
        no("It costs more", "It costs nothing; it hears less."),
        no("The server refuses it", "Anything from 0 to 1 is taken."),
        yes("It misses soft and noisy speech", "And it begins late. Being deaf is no accuracy."),
    ),
)
