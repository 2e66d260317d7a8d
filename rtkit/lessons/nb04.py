"""Exercises and questions of notebook 04, configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np

from rtkit.clip import Clip
from rtkit.errors import RtkitError
from rtkit.linter import Findings, lint
from rtkit.segments import segment

from .exercise import Exercise, Trial, short
from .questionnaire import ask, no, yes

PATIENCE_MS, FRAME_BYTES = 700, 160
WISHES: Mapping[str, dict[str, Any]] = {
    "16 kHz": {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16_000}}}},
    "null": {"audio": {"input": {"turn_detection": None}}},
    "none": {"audio": {"input": {"turn_detection": {"type": "none"}}}},
    "both": {"output_modalities": ["audio", "text"]},
}
REASONS = {
    "16 kHz": "PCM travels at one rate on this wire: send it, and read what comes back.",
    "null": "Turns may be ended by hand: what is the wire's word for that?",
    "none": "The lesson's word for turns by hand is no type of the API: look at the error.",
    "both": "A spoken answer brings its words along. May text be asked for beside it?",
}


@cache
def refused() -> Mapping[str, bool]:
    """Which wishes the embedded server refuses, one after the other."""
    import rtkit

    found = {}
    with rtkit.connect(target="embedded", record=False) as session:
        for name, wish in WISHES.items():
            try:
                session.update(wish)
                found[name] = False
            except rtkit.SessionError:
                found[name] = True
    return found


def _guesses(answer: Any) -> Iterable[Trial]:
    if not isinstance(answer, dict) or answer.keys() != WISHES.keys():
        names = ", ".join(WISHES)
        why = "Keep the dict, and write True or False beside each name."
        yield Trial("refused", f"a dict of {names}", short(answer), False, why)
        return
    for name, truth in refused().items():
        right = answer[name] is truth
        yield Trial(name, short(truth), short(answer[name]), right, REASONS[name], not right)


def _phone(answer: Any) -> Iterable[Trial]:
    try:
        config, frame_bytes = answer
    except (TypeError, ValueError):
        why = "Hand over both, the configuration and the number."
        yield Trial("(phone, frame_bytes)", "two things", short(answer), False, why)
        return
    why = "Show `rtkit.lint(phone, target='openai')`: each finding has its remedy."
    yield from _found(lint(config, target="openai"), why)
    session = _effective(config)
    sound = session.get("audio", {})
    detection = sound.get("input", {}).get("turn_detection") or {}
    patience = detection.get("silence_duration_ms")
    why = f"Callers think as they speak: `silence_duration_ms` should be {PATIENCE_MS}."
    asked = f"{PATIENCE_MS} ms"
    yield Trial("patience", asked, f"{patience} ms", patience == PATIENCE_MS, why)
    laws = {way: sound.get(way, {}).get("format", {}).get("type") for way in ("input", "output")}
    right = set(laws.values()) == {"audio/pcmu"}
    why = "The line speaks mu-law, in both directions: `g711_ulaw`, on the wire `audio/pcmu`."
    yield Trial(
        "formats in and out", "audio/pcmu", " and ".join(map(str, laws.values())), right, why
    )
    why = "mu-law has 8,000 samples a second, of one byte: 20 ms are 20 * 8."
    yield Trial("bytes in 20 ms", "", short(frame_bytes), frame_bytes == FRAME_BYTES, why, True)


def _found(findings: Findings, why: str) -> Iterable[Trial]:
    """A row for everything that the linter finds, or one that says that it finds nothing."""
    for finding in findings:
        found = f"{finding.path}: {finding.what}"
        yield Trial("what the linter finds", "nothing", found, False, why)
    if not findings:
        yield Trial("what the linter finds", "nothing", "nothing", True, why)


def _effective(config: Any) -> Mapping[str, Any]:
    """What a server makes of it; {} if it refuses."""
    import rtkit

    try:
        with rtkit.connect(config, target="embedded", record=False) as line:
            return line.effective
    except RtkitError:
        return {}


@cache
def kitchen() -> Clip:
    """A radio next door, a hum, and a question."""
    from rtkit.speech.synthesis import say

    radio = say("And now the weather.", voice="ash")
    far = np.pad(radio.samples * 0.05, (0, 24_000))
    hum = np.random.default_rng(4).normal(0, 0.005, len(far))
    return Clip(far + hum, 24_000) + say("What is the capital of France?")


def _cook(answer: Any) -> Iterable[Trial]:
    try:
        wire = answer.to_session() if hasattr(answer, "to_session") else answer
        detection = wire["audio"]["input"]["turn_detection"]
        turns = len(segment(kitchen().padded(after_s=2.0), detection).segments)
    except (RtkitError, TypeError, KeyError) as error:
        why = "Hand over a configuration that a session can have."
        yield Trial("cook", "a configuration", f"{type(error).__name__}: {error}", False, why)
        return
    why = (
        "The radio begins a turn, too: make that harder."
        if turns > 1
        else "It has become deaf, or nobody ends a turn: no question is heard."
    )
    yield Trial("turns in the kitchen", "1", str(turns), turns == 1, why)
    yield from _found(
        lint(answer), "Show `rtkit.lint(cook)`: people regret what it advises against."
    )


EXERCISES = (
    Exercise(
        "04.1",
        "Refused, or taken",
        _guesses,
        'Try one: print(send({"output_modalities": ["audio", "text"]})).',
    ),
    Exercise(
        "04.2",
        "The lesson's telephone",
        _phone,
        "`phone = rtkit.migrate(lesson).config.replace(silence_duration_ms=700, ...)`: what else "
        "is to be replaced are transcription_model, transcription_language and instructions.",
    ),
    Exercise(
        "04.3",
        "A kitchen with a radio",
        _cook,
        "Show `rtkit.lint(cook)`, and remember the use cases. What the linter misses is said by "
        "with_instructions(...) and with_transcription(language=...). (The embedded server takes "
        "`noise_reduction` but cleans nothing: here the threshold does it.)",
    ),
)

QUESTIONS = (
    ask(
        "An update holds good instructions and one field of the beta. What does the server take?",
        yes("Nothing of it", "An update is taken whole or not at all, and one `error` says why."),
        no("The instructions", "So it would be if fields were taken one by one: they are not."),
        no("What stands before the old field", "The order of the fields does not matter."),
    ),
    ask(
        "May `idle_timeout_ms` stand beside `semantic_vad`?",
        no("Yes, it is about the session", "It is a field of `turn_detection`."),
        no("Yes, if it is long enough", "No length makes it a field of that type."),
        yes("No", "It goes with `server_vad` only, and so does `threshold`."),
    ),
    ask(
        "The update was taken, and the assistant is not as you asked. Where do you look?",
        no("At the last `error`", "There was none: the update was taken."),
        yes("At `session.differences`", "What you asked, what it is, and what is known of why."),
        no("At the linter", "It judges what you wrote, not what the server did with it."),
    ),
)
