"""Exercises and questions of notebook 00, a spoken question, answered."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from rtkit.detection import Detection
from rtkit.latency import Latency
from rtkit.parts import VADConfig
from rtkit.segments import Segmentation, segment

from .exercise import Case, Exercise, Trial, function, short
from .questionnaire import ask, no, yes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAUSE_S, SLOW_MS = 0.4, 800
QUESTIONS_WITH_A_PAUSE = (
    ("alloy", "What is", "the capital of Italy"),
    ("echo", "Tell me", "a joke"),
)
SECONDS = "It is a number of milliseconds, such as 500; a second is 1000."


@cache
def halting(voice: str, before: str, after: str) -> Detection:
    """A question with a pause in it, as the detector hears it."""
    from rtkit.clip import Clip
    from rtkit.detectors import listen
    from rtkit.speech.synthesis import say

    words = say(before, voice=voice) + Clip.silence(PAUSE_S) + say(after, voice=voice)
    return listen(words.padded(after_s=1.5))


def _turns(silence_ms: Any, which: int = 0) -> Segmentation:
    found = halting(*QUESTIONS_WITH_A_PAUSE[which])
    return segment(found, VADConfig(silence_duration_ms=silence_ms))


def _patience(answer: Any) -> Iterable[Trial]:
    if isinstance(answer, bool) or not isinstance(answer, int | float) or 0 < answer < 10:
        yield Trial("silence_ms", "milliseconds", short(answer), False, SECONDS)
        return
    for which, (_, before, after) in enumerate(QUESTIONS_WITH_A_PAUSE):
        try:
            found = str(len(_turns(answer, which).segments))
        except ValueError as error:
            yield Trial("silence_ms", "milliseconds", str(error), False, SECONDS)
            return
        why = (
            "The pause is taken for the end. The silence that is heard in it is not exactly "
            f"{PAUSE_S * 1000:.0f} ms: allow it a little more."
        )
        what = f"turns in {before!r} ... {after!r}"
        yield Trial(what, "1", found, found == "1", why, hidden=which > 0)
    why = "All is understood, and everybody waits so long after every sentence. Less will do."
    asked = f"less than {SLOW_MS} ms"
    yield Trial("`silence_duration_ms`", asked, f"{answer:g} ms", answer < SLOW_MS, why)


def _draw(answer: Any, figure: Figure) -> None:
    from rtkit.turnview import segmentation

    segmentation(_turns(answer), figure.subplots())


def _latency(silence_ms: float, work_ms: float, late_ms: float) -> Latency:
    """A turn whose silence, work of the server, and loudspeaker took so long."""
    heard = 2.0 + silence_ms / 1000
    first = heard + work_ms / 1000
    played = first + late_ms / 1000
    return Latency(speech_end=2.0, turn_detected=heard, first_audio=first, playback_started=played)


def _work(silence_ms: float, work_ms: float, late_ms: float, why: str, **how: Any) -> Case:
    latency = _latency(silence_ms, work_ms, late_ms)
    what = f"a wait of {latency.wait_ms:.0f} ms, {silence_ms:.0f} of them silence"
    return Case((latency,), work_ms + late_ms, why, what=what, **how)


WORK = (
    _work(500, 80, 60, "Take the silence out of the wait: `wait_ms` less `silence_ms`."),
    _work(215, 40, 15, "The silence is a setting: it is not 500 for everybody."),
    _work(
        530,
        60,
        300,
        "`response_ms` ends when sound is *received*. The wait ends when it is heard.",
        hidden=True,
    ),
)

EXERCISES = (
    Exercise(
        "00.1",
        "Patient, and quick",
        _patience,
        "The pause has 400 ms. A little above it is patient enough, and 800 is slow.",
        _draw,
    ),
    Exercise(
        "00.2",
        "What is not silence",
        function("work_ms", WORK, within=0.5),
        "A latency has `wait_ms` (all of it) and `silence_ms` (the silence in it).",
    ),
)

QUESTIONS = (
    ask(
        "Which is the longest part of the wait for an answer here?",
        no("Finding the words", "These are rules: they take some milliseconds."),
        yes("Listening to silence", "Half a second makes sure that you have finished."),
        no("Making the sound", "The first piece is sent long before the last one is made."),
    ),
    ask(
        "Where does `turn.question` come from?",
        no("From the text that was given to `say`", "The server never saw it: it got sound."),
        no("From the assistant", "The assistant answers it."),
        yes("From a recogniser that heard the sound", "So it may be wrong; see its confidence."),
    ),
    ask(
        "A key lies in `OPENAI_API_KEY`, and you call `rtkit.connect()`. Who answers?",
        yes("The embedded server", "Money is spent only if you name the target."),
        no("OpenAI", "Only with `rtkit.connect(target='openai')`."),
        no("Whichever is faster", "Nothing is guessed: the target is what you name."),
    ),
)
