"""What each field of a session means, in plain words, and what a value of it means for a person.

`MEANINGS` is printed in the page on configuration and stands beside the fields of a form;
`meaning_of` says what one value will feel like. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rtkit.catalog import limit

TD, TR, NR = (
    "audio.input.turn_detection",
    "audio.input.transcription",
    "audio.input.noise_reduction",
)
# fmt: off
MEANINGS: Mapping[str, str] = {
    "type": "Which kind of session: a conversation, or one that only writes down.",
    "model": "Which model answers.",
    "output_modalities": "Whether answers are spoken (with a transcript) or written.",
    "instructions": "Who the assistant is, what it does, and how it speaks.",
    "tools": "What the model may ask you to do for it.",
    "tool_choice": "Whether it may call a tool, must, or which one.",
    "max_output_tokens": "How long one answer may become.",
    "parallel_tool_calls": "Whether it may call several tools at once.",
    "reasoning": "How a reasoning model thinks.",
    "reasoning.effort": "How long it thinks before it speaks.",
    "tracing": "Whether OpenAI keeps a trace of the session for its dashboard.",
    "tracing.workflow_name": "What the trace is called there.",
    "tracing.group_id": "Which traces belong together.",
    "tracing.metadata": "What else the trace is to carry.",
    "truncation": "What is forgotten when the conversation outgrows the context.",
    "truncation.type": "Forget more at once, so that the cache lasts.",
    "truncation.retention_ratio": "How much of the conversation is kept then.",
    "truncation.token_limits": "Bounds of your own.",
    "truncation.token_limits.post_instructions": "Most tokens after the instructions.",
    "prompt": "A prompt that is stored with OpenAI.",
    "prompt.id": "Its name.",
    "prompt.version": "Which version of it.",
    "prompt.variables": "What is filled into it.",
    "include": "What else is told: how sure the recogniser was of each word.",
    "audio": "Everything that is sound.",
    "audio.input": "What is heard.",
    "audio.input.format": "How the sound that is sent is written.",
    "audio.input.format.type": "PCM for computers, mu-law or A-law for phone lines.",
    "audio.input.format.rate": "Samples a second.",
    TR: "Whether what the user says is written down, beside the answer.",
    TR + ".model": "Who writes it down.",
    TR + ".language": "The language that is spoken.",
    TR + ".languages": "The languages that may be spoken.",
    TR + ".keywords": "Names and terms that come up.",
    TR + ".prompt": "What it is about, or names that come up.",
    TR + ".delay": "How long a streaming model waits to be surer.",
    NR: "Whether noise is taken out before anybody listens.",
    NR + ".type": "How far away the microphone is.",
    NR + ".strength": "How much is taken out.",
    TD: "Who decides that a turn is over: the server, or you (null).",
    TD + ".type": "By silence, or by whether the sentence sounds finished.",
    TD + ".threshold": "How sure it must be that somebody speaks.",
    TD + ".prefix_padding_ms": "How much sound from before the first word is kept.",
    TD + ".silence_duration_ms": "How long a pause ends a turn.",
    TD + ".idle_timeout_ms": "After how much silence the assistant speaks up by itself.",
    TD + ".eagerness": "How soon an unfinished sentence counts as finished.",
    TD + ".create_response": "Whether the end of a turn is answered at once.",
    TD + ".interrupt_response": "Whether speaking stops the assistant.",
    "audio.output": "What is spoken.",
    "audio.output.format": "How the sound that comes is written.",
    "audio.output.format.type": "PCM for computers, mu-law or A-law for phone lines.",
    "audio.output.format.rate": "Samples a second.",
    "audio.output.voice": "Who speaks.",
    "audio.output.voice.id": "A voice of your own.",
    "audio.output.speed": "How fast.",
    "conversation": "Whether the answer joins the conversation.",
    "metadata": "Texts that come back with the response, to tell it from others.",
    "input": "What it answers, in place of the conversation.",
}
# fmt: on

Band = tuple[float, str]
BANDS: Mapping[str, tuple[Band, ...]] = {
    TD + ".threshold": (
        (0.3, "a breath or the loudspeaker starts a turn"),
        (0.45, "quiet speakers are heard, and so is the room"),
        (0.6, "ordinary speech"),
        (0.7, "only clear speech, for noisy places"),
        (1.0, "quiet speakers are not heard"),
    ),
    TD + ".prefix_padding_ms": (
        (149, "the first consonant may be lost"),
        (500, "the first word is whole"),
        (float("inf"), "noise from before the word is kept, too"),
    ),
    TD + ".silence_duration_ms": (
        (299, "a breath ends the turn"),
        (599, "quick; a pause for thought ends the turn"),
        (900, "patient; every answer waits this long"),
        (float("inf"), "slow: every answer waits this long"),
    ),
    "audio.output.speed": (
        (0.74, "slow, and sounds stretched"),
        (0.95, "unhurried"),
        (1.05, "as the voice speaks by itself"),
        (1.3, "brisk"),
        (float("inf"), "fast, and sounds squeezed"),
    ),
}
"""Path -> up to which value which words hold."""
CHOICES: Mapping[tuple[str, Any], str] = {
    (TD + ".eagerness", "low"): "waits up to 8 s for the rest of a sentence",
    (TD + ".eagerness", "medium"): "waits up to 4 s for the rest of a sentence",
    (TD + ".eagerness", "auto"): "as medium: waits up to 4 s",
    (TD + ".eagerness", "high"): "waits up to 2 s: answers soon",
    (NR + ".type", None): "nothing is taken out",
    (NR + ".type", "near_field"): "a headset",
    (NR + ".type", "far_field"): "a laptop or a room",
    (TD, None): "you end the turns",
    (TR, None): "nothing is written down",
    (TR + ".language", None): "guessed from the sound",
}

MODES: Mapping[str, str] = {
    "server_vad": "the server ends a turn at a pause",
    "semantic_vad": "the server ends a turn when the sentence sounds finished",
    "client_vad": "a detector on this machine ends a turn at a pause",
    "manual": "you end a turn, with a button",
}
"""Who ends a turn, by rtkit's own word for it: the wire calls the last two null."""


def _tokens(value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return "no limit"
    seconds = value * limit("assistant_audio_ms_per_token") / 1000
    return f"at most {seconds:.0f} s of speech"


def _idle(value: Any) -> str:
    return "never" if value is None else f"after {value / 1000:g} s of silence"


SAID: Mapping[str, Callable[[Any], str]] = {
    "max_output_tokens": _tokens,
    TD + ".type": lambda mode: MODES.get(mode, ""),
    TD + ".idle_timeout_ms": _idle,
}


def meaning_of(path: str, value: Any) -> str:
    """What a value of a field will feel like, "" where there is nothing to be said.

    >>> meaning_of("audio.input.turn_detection.silence_duration_ms", 200)
    'a breath ends the turn'
    >>> meaning_of("max_output_tokens", 200)
    'at most 10 s of speech'
    """
    if path in SAID:
        return SAID[path](value)
    if path in BANDS and isinstance(value, int | float):
        return next(words for bound, words in BANDS[path] if value <= bound)
    try:
        return CHOICES.get((path, value), "")
    except TypeError:  # a list or an object
        return ""
