"""The rules that name what a server refuses: a table.

What is refused is decided by the field table alone (`rtkit.fields.refusals`). The rows only say of
each refusal why it is one and what to do; the first row that fits is taken.
"""

from __future__ import annotations

from rtkit.betashape import MOVES, Move
from rtkit.refusals import Refusal
from rtkit.rulebook import ERROR, GUIDE, SDK, TD, TR, Rule

UNKNOWN, LACKING, WRONG_TYPE = "unknown_parameter", "missing_required_parameter", "invalid_type"
INVALID = "invalid_value"
LOW = ("integer_below_min_value", "decimal_below_min_value")
HIGH = ("integer_above_max_value", "decimal_above_max_value")
SIZES = (
    "empty_array",
    "string_above_max_length",
    "object_above_max_properties",
    "property_name_above_max_length",
)
WHOLE = "A refused update is refused whole: nothing of it is applied."
FMT = "audio.*.format"


def _dead(move: Move) -> Rule:
    fix = f"Say `{move.new}` instead" if move.new else "Leave it out"
    return Rule(
        f"dead-{move.old.replace('_', '-')}",
        ERROR,
        move.old,
        move.why,
        f"{fix}; `rtkit.migrate` does it for the whole session.",
        move.source,
        codes=(UNKNOWN,),
        paths=(move.old,),
        known=False,
    )


def _set(path: str) -> tuple[str, ...]:
    """A path as `fnmatch` is to read it: its brackets are brackets."""
    return (path.replace("[]", "[[]]"),)


REFUSED: tuple[Rule, ...] = (
    Rule(
        "kind-missing",
        ERROR,
        "type",
        "Two kinds of session share the address, so every update says which it means. " + WHOLE,
        "Add `'type': 'realtime'`, or `'transcription'` for one that only writes down.",
        "Azure and OpenAI refuse without it: github.com/TEN-framework/ten-framework/pull/2261",
        codes=(LACKING,),
        paths=("type",),
    ),
    Rule(
        "kind-wrong",
        ERROR,
        "type",
        "The kind of a session is fixed when it is opened, and there are two.",
        "Say `'realtime'` or `'transcription'`, as the session was opened.",
        GUIDE,
        codes=(INVALID, WRONG_TYPE),
        paths=("type",),
    ),
    Rule(
        "not-an-object",
        ERROR,
        "(the session)",
        "A session is an object of named fields.",
        "Pass a dict or a configuration.",
        GUIDE,
        codes=(WRONG_TYPE, INVALID),
        paths=("",),
    ),
    *(_dead(move) for move in MOVES),
    Rule(
        "transcription-enabled",
        ERROR,
        TR + ".enabled",
        "Transcription has no switch: the object turns it on, null turns it off.",
        "Leave `enabled` out; say null for off.",
        "github.com/openai/openai-realtime-api-beta/issues/9",
        codes=(UNKNOWN,),
        paths=(TR + ".enabled",),
    ),
    Rule(
        "nested-function",
        ERROR,
        "tools[].function",
        "Tools are flat here; the nested `function` is the shape of chat completions.",
        "Lift name, description and parameters out of `function`.",
        SDK,
        codes=(UNKNOWN,),
        paths=(*_set("tools[].function"), "tool_choice.function"),
    ),
    Rule(
        "read-only",
        ERROR,
        "id, object, expires_at",
        "The server says these about a session; they are not the client's to set.",
        "Leave it out of what is sent.",
        GUIDE,
        codes=(UNKNOWN,),
        paths=("id", "object", "expires_at"),
        verified=False,
    ),
    Rule(
        "other-kind-field",
        ERROR,
        "any field",
        "The field exists, but not here: it belongs to another `type` of its object, or to the "
        "other kind of session.",
        "Leave it out, or change the `type` beside it.",
        SDK,
        codes=(UNKNOWN,),
        known=True,
    ),
    Rule(
        "unknown-field",
        ERROR,
        "any field",
        "No session has such a field. " + WHOLE,
        "Leave it out, or correct its name.",
        GUIDE,
        codes=(UNKNOWN,),
    ),
    Rule(
        "noise-reduction-type",
        ERROR,
        "audio.input.noise_reduction.type",
        "Noise reduction has to know how far away the microphone is.",
        "Say `near_field` for a headset or `far_field` for a laptop or a room.",
        SDK,
        codes=(LACKING,),
        paths=("audio.input.noise_reduction.type",),
        verified=False,
    ),
    Rule(
        "missing-field",
        ERROR,
        "any field",
        "The object means nothing without this field. " + WHOLE,
        "Add the field.",
        SDK,
        codes=(LACKING,),
    ),
    Rule(
        "format-as-text",
        ERROR,
        FMT,
        "A format is an object; the beta's `pcm16` and `g711_ulaw` were texts.",
        "Say `{'type': 'audio/pcm', 'rate': 24000}`, `{'type': 'audio/pcmu'}` or "
        "`{'type': 'audio/pcma'}`.",
        "github.com/TEN-framework/ten-framework/pull/2261",
        codes=(WRONG_TYPE,),
        paths=(FMT,),
    ),
    Rule(
        "format-name",
        ERROR,
        FMT + ".type",
        "The formats have the names of media types now.",
        "Say `audio/pcm`, `audio/pcmu` (mu-law) or `audio/pcma` (A-law).",
        SDK,
        codes=(INVALID,),
        paths=(FMT + ".type",),
    ),
    Rule(
        "pcm-rate",
        ERROR,
        FMT + ".rate",
        "PCM travels at 24 kHz and nothing else; G.711 is always 8 kHz and has no rate.",
        "Resample the sound (`rtkit.audio.resample`) and say 24000.",
        "recorded trace of the hosted service, 2026-09-18",
        codes=LOW + HIGH,
        paths=(FMT + ".rate",),
    ),
    Rule(
        "no-such-detection",
        ERROR,
        TD + ".type",
        "Turn detection is `server_vad`, `semantic_vad` or null. `none`, `manual` and `client_vad` "
        "never were types of the API.",
        "Say null when this side ends the turns.",
        SDK,
        codes=(INVALID,),
        paths=(TD + ".type",),
    ),
    Rule(
        "no-such-voice",
        ERROR,
        "audio.output.voice",
        "Realtime models have ten voices of their own; those of text-to-speech are others.",
        "Choose one of them (`rtkit.Voice`), or `{'id': 'voice_...'}` for one of your own.",
        SDK + "; github.com/vm0-ai/vm0/pull/8644",
        codes=(INVALID,),
        paths=("audio.output.voice",),
    ),
    Rule(
        "both-modalities",
        ERROR,
        "output_modalities",
        "An answer is spoken or written. A spoken one brings its transcript along.",
        "Say `['audio']` or `['text']`.",
        "error text of the hosted service, found in several public code bases",
        codes=(INVALID,),
        paths=("output_modalities",),
    ),
    Rule(
        "model-fixed",
        ERROR,
        "model",
        "The model is chosen by the address or the client secret; a session keeps it.",
        "Open another session, or send the same model.",
        SDK,
        codes=(INVALID,),
        paths=("model",),
        says="Cannot update",
    ),
    Rule(
        "voice-after-audio",
        ERROR,
        "audio.output.voice",
        "A conversation keeps its voice once the assistant was heard.",
        "Choose the voice before the first answer, or open another session.",
        "github.com/openai/openai-agents-python/issues/1661; OpenAI Realtime guide",
        codes=("cannot_update_voice",),
    ),
    Rule(
        "tracing-once-on",
        ERROR,
        "tracing",
        "Tracing cannot be changed once it is on.",
        "Leave it as it is, or open another session.",
        SDK,
        codes=(INVALID,),
        paths=("tracing",),
        says="Cannot update",
    ),
    Rule(
        "speed-in-response",
        ERROR,
        "audio.output.speed",
        "The speed may change between turns only.",
        "Wait for `response.done`.",
        SDK,
        codes=(INVALID,),
        paths=("audio.output.speed",),
        says="Cannot update",
    ),
    Rule(
        "by-hand-model",
        ERROR,
        TD,
        "gpt-realtime-whisper writes while somebody speaks; its turns are committed by hand.",
        "Say `turn_detection` null, or take another transcription model.",
        SDK + ", docstring of turn_detection",
        codes=(INVALID,),
        paths=(TD,),
    ),
    Rule(
        "not-a-choice",
        ERROR,
        "any field with a list of choices",
        "The field takes one of a few words.",
        "Choose one of them.",
        SDK,
        codes=(INVALID,),
    ),
    Rule(
        "negative-ms",
        ERROR,
        TD + ".*_ms",
        "A length of time is 0 or more.",
        "Say 0 or more.",
        "plain sense; no bound is documented",
        codes=LOW,
        paths=(TD + ".prefix_padding_ms", TD + ".silence_duration_ms"),
        verified=False,
    ),
    Rule(
        "idle-timeout-range",
        ERROR,
        TD + ".idle_timeout_ms",
        "The server waits between 5 and 30 seconds before it speaks up by itself.",
        "Say 5000 to 30000, or null.",
        "openai-openapi, openapi.yaml, commit f85dbe2, 2026-08-21",
        codes=LOW + HIGH,
        paths=(TD + ".idle_timeout_ms",),
    ),
    Rule(
        "out-of-range",
        ERROR,
        "any number",
        "The number lies outside what the server takes.",
        "Give one inside.",
        SDK,
        codes=LOW + HIGH,
    ),
    Rule(
        "size",
        ERROR,
        "any list, text or map",
        "There is too little or too much of it.",
        "Keep to the bound that the message names.",
        SDK,
        codes=SIZES,
    ),
    Rule(
        "wrong-type",
        ERROR,
        "any field",
        "The JSON type is another than the field's.",
        "Give a value of that type.",
        SDK,
        codes=(WRONG_TYPE,),
    ),
)


def rule_of(refusal: Refusal) -> Rule:
    """The row that a refusal comes under. Every refusal has one; a test sees to it."""
    return next(rule for rule in REFUSED if rule.names(refusal))
