"""Advice: settings that every server takes and that people regret. A table, as in `checks`.

The bounds are rtkit's own, set beside what people report; each row names where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtkit.catalog import limit
from rtkit.checks import detects, listens
from rtkit.rulebook import ADVICE, TD, TR, Asked, Hit, Rule
from rtkit.schema import MISSING

ECHO_BELOW, DEAF_ABOVE = 0.4, 0.7
SHORT_MS, PHONE_MS, LONG_MS = 300, 500, 1200
PADDING_MS = 150
SENTENCE_S = 8
LONG_INSTRUCTIONS = 8000
SLOW, FAST = 0.75, 1.3
FULL = 0.95
PHONE = frozenset({"audio/pcmu", "audio/pcma"})
GUIDE = "OpenAI Realtime guide"


def _number(asked: Asked, name: str) -> float | None:
    """A number of the turn detection by silence; None in another mode."""
    found = detects(asked)
    value = found.get(name) if found.get("type") == "server_vad" else None
    return value if isinstance(value, int | float) else None


def _codec(asked: Asked, way: str) -> str:
    found = asked.value(f"audio.{way}.format.type")
    return "" if found is MISSING else str(found)


def _speaks(asked: Asked) -> bool:
    return list(asked.session.get("output_modalities") or ()) == ["audio"]


def _answers(asked: Asked) -> bool:
    return bool(asked.session.get("type", "realtime") == "realtime")


def _echo(asked: Asked) -> Iterator[Hit]:
    threshold = _number(asked, "threshold")
    if threshold is not None and threshold < ECHO_BELOW and _speaks(asked):
        yield TD + ".threshold", f"Found {threshold:g}, with spoken answers."


def _deaf(asked: Asked) -> Iterator[Hit]:
    threshold = _number(asked, "threshold")
    if threshold is not None and threshold > DEAF_ABOVE:
        yield TD + ".threshold", f"Found {threshold:g}."


def _short(asked: Asked) -> Iterator[Hit]:
    silence = _number(asked, "silence_duration_ms")
    phone = _codec(asked, "input") in PHONE
    if silence is not None and silence < SHORT_MS and not phone:
        yield TD + ".silence_duration_ms", f"Found {silence:g} ms."


def _short_phone(asked: Asked) -> Iterator[Hit]:
    silence = _number(asked, "silence_duration_ms")
    if silence is not None and silence < PHONE_MS and _codec(asked, "input") in PHONE:
        yield TD + ".silence_duration_ms", f"Found {silence:g} ms on a phone line."


def _long(asked: Asked) -> Iterator[Hit]:
    silence = _number(asked, "silence_duration_ms")
    if silence is not None and silence > LONG_MS:
        yield TD + ".silence_duration_ms", f"Found {silence:g} ms."


def _padding(asked: Asked) -> Iterator[Hit]:
    padding = _number(asked, "prefix_padding_ms")
    if padding is not None and padding < PADDING_MS:
        yield TD + ".prefix_padding_ms", f"Found {padding:g} ms."


def _eager(asked: Asked) -> Iterator[Hit]:
    if detects(asked).get("eagerness") == "high":
        yield TD + ".eagerness", "Found 'high'."


def _patient(asked: Asked) -> Iterator[Hit]:
    if detects(asked).get("eagerness") == "low":
        yield TD + ".eagerness", "Found 'low'."


def _no_transcript(asked: Asked) -> Iterator[Hit]:
    if not listens(asked):
        yield TR, "Transcription is off."


def _no_language(asked: Asked) -> Iterator[Hit]:
    told = listens(asked)
    if told and not told.get("language") and not told.get("languages"):
        yield TR + ".language", "No language is named."


def _few_tokens(asked: Asked) -> Iterator[Hit]:
    most = asked.session.get("max_output_tokens")
    if not isinstance(most, int) or not _speaks(asked):
        return
    seconds = most * limit("assistant_audio_ms_per_token") / 1000
    if seconds < SENTENCE_S:
        yield "max_output_tokens", f"Found {most}, which is at most {seconds:.1f} s of speech."


def _silent_mode(asked: Asked) -> Iterator[Hit]:
    if detects(asked) and _answers(asked) and detects(asked).get("create_response") is False:
        yield TD + ".create_response", "Found false: turns are found, and nobody answers."


def _unstoppable(asked: Asked) -> Iterator[Hit]:
    found = detects(asked)
    spoken_to = _answers(asked) and found.get("create_response") is not False
    if spoken_to and found.get("interrupt_response") is False:
        yield TD + ".interrupt_response", "Found false: speaking does not stop the assistant."


def _by_hand(asked: Asked) -> Iterator[Hit]:
    if asked.value(TD) is None and not asked.own_turns:
        yield TD, "Found null: nobody but you ends a turn."


def _no_instructions(asked: Asked) -> Iterator[Hit]:
    if _answers(asked) and not asked.session.get("instructions"):
        yield "instructions", "There are none."


def _long_instructions(asked: Asked) -> Iterator[Hit]:
    length = len(str(asked.session.get("instructions") or ""))
    if length > LONG_INSTRUCTIONS:
        yield "instructions", f"They are {length:,} characters long."


def _undescribed(asked: Asked) -> Iterator[Hit]:
    for index, tool in enumerate(asked.session.get("tools") or ()):
        if tool.get("type") == "function" and not tool.get("description"):
            yield f"tools[{index}]", f"The tool {tool.get('name')!r} has no description."


def _unheard(asked: Asked) -> Iterator[Hit]:
    if not _answers(asked) or _speaks(asked):
        return
    for name in ("voice", "speed"):
        value = asked.stated(f"audio.output.{name}")
        if value not in (MISSING, None, "alloy", 1, 1.0):
            yield f"audio.output.{name}", f"Found {value!r}, with written answers."


def _mixed(asked: Asked) -> Iterator[Hit]:
    ways = [_codec(asked, "input"), _codec(asked, "output")]
    if all(ways) and ways[0] != ways[1] and PHONE & set(ways):
        yield "audio.output.format", f"Found {ways[0]} in and {ways[1]} out."


def _tempo(asked: Asked) -> Iterator[Hit]:
    speed = asked.value("audio.output.speed")
    if isinstance(speed, int | float) and not SLOW <= speed <= FAST and _speaks(asked):
        yield "audio.output.speed", f"Found {speed:g}."


def _ratio(asked: Asked) -> Iterator[Hit]:
    ratio = asked.value("truncation.retention_ratio")
    if isinstance(ratio, int | float) and ratio > FULL:
        yield "truncation.retention_ratio", f"Found {ratio:g}."


def _telephone_microphone(asked: Asked) -> Iterator[Hit]:
    if _codec(asked, "input") in PHONE and asked.value("audio.input.noise_reduction") is not None:
        yield "audio.input.noise_reduction", "Found noise reduction on a phone line."


# fmt: off
COUNSEL: tuple[Rule, ...] = (
    Rule("echo-risk", ADVICE, TD + ".threshold", "Through open speakers the assistant hears "
         "itself, takes it for a question and interrupts itself.", "Raise it to 0.5 or more, use "
         "headphones, or keep echo cancellation on.",
         "github.com/openai/openai-realtime-api-beta/issues/48; pipecat-ai/pipecat/issues/188",
         look=_echo),
    Rule("deaf-risk", ADVICE, TD + ".threshold", "Above this, quiet speakers are not heard at "
         "all.", "Lower it to 0.6, and let noise reduction do the rest.",
         "github.com/MemberJunction/MJ/issues/3534", look=_deaf),
    Rule("silence-short", ADVICE, TD + ".silence_duration_ms", "A breath between two words ends "
         "the turn; the assistant answers half a sentence.", "Say 500 for conversation.",
         "OpenAI Realtime guide (voice activity detection)", look=_short),
    Rule("silence-short-for-phone", ADVICE, TD + ".silence_duration_ms", "Phone lines drop quiet "
         "sound, so that pauses look longer than they are; callers look things up.",
         "Say 600 to 800.", "rtkit's own judgement",
         look=_short_phone),
    Rule("silence-long", ADVICE, TD + ".silence_duration_ms", "All of it is added to the wait "
         "for every answer.", "Say 500 to 800, or use `semantic_vad`, which waits only when the "
         "sentence sounds unfinished.", "arithmetic: the answer cannot begin before",
         look=_long),
    Rule("padding-short", ADVICE, TD + ".prefix_padding_ms", "Detection comes late by some "
         "frames; with so little kept before it the first consonant is lost.", "Say 300.",
         "OpenAI Realtime guide (voice activity detection)", look=_padding),
    Rule("eagerness-high", ADVICE, TD + ".eagerness", "Pauses for thought end the turn early.",
         "Say 'auto' unless speed is all that counts.", "github.com/hashintel/hash/pull/9507",
         look=_eager),
    Rule("eagerness-low", ADVICE, TD + ".eagerness", "The server may wait up to 8 seconds.",
         "Say 'auto', which waits at most 4.", "openai Python SDK 3.54.0, docstring "
         "of eagerness", look=_patient),
    Rule("no-transcript", ADVICE, TR, "The answer will be right, but what the user said is "
         "written down nowhere.", "Turn it on if the words are wanted; it is billed by the "
         "minute.", GUIDE, look=_no_transcript),
    Rule("no-language", ADVICE, TR + ".language", "On silence and very short sounds recognisers "
         "invent sentences, often in a foreign language.", "Name the language if it is known.",
         "github.com/littlebearapps/untether/issues/638; pathment/pathment/issues/664",
         look=_no_language),
    Rule("few-tokens", ADVICE, "max_output_tokens", "Speech costs a token every 50 ms; the answer "
         "breaks off in the middle, as `incomplete`.", "Say 'inf', and ask for brevity in the "
         "instructions.", "OpenAI Realtime guide (costs): 1 token for 50 ms", look=_few_tokens),
    Rule("answers-on-demand", ADVICE, TD + ".create_response", "A turn ends and nothing follows "
         "until `response.create` is sent.", "Send it yourself, or say true.", GUIDE,
         look=_silent_mode),
    Rule("cannot-interrupt", ADVICE, TD + ".interrupt_response", "People talk over an assistant "
         "that goes on too long.", "Say true, unless it hears itself.", GUIDE,
         look=_unstoppable),
    Rule("turns-by-hand", ADVICE, TD, "Sound is kept until it is committed, and no answer begins "
         "by itself.", "Use `session.press()` and `session.release()`, or choose a detection.",
         GUIDE, look=_by_hand),
    Rule("no-instructions", ADVICE, "instructions", "The server's own instructions stay: a "
         "chatty assistant of no task.", "Say who it is, for whom, and how briefly it speaks.",
         "recorded trace of the hosted service, December 2025", look=_no_instructions),
    Rule("long-instructions", ADVICE, "instructions", "They are sent again with every answer; "
         "cached, but not for nothing.", "Move what is looked up into a tool.",
         "OpenAI Realtime guide (costs)", look=_long_instructions),
    Rule("tool-undescribed", ADVICE, "tools[].description", "The model decides by the "
         "description when to call.", "Say in one sentence what it does and when.",
         "OpenAI function calling guide", look=_undescribed),
    Rule("voice-unheard", ADVICE, "audio.output", "Nothing is spoken, so it changes nothing.",
         "Leave it out, or answer in audio.", "plain sense", look=_unheard),
    Rule("two-codecs", ADVICE, "audio.output.format", "A phone call has one codec both ways; the "
         "other direction has to be converted by you.", "Say the same format twice.",
         "plain sense", look=_mixed),
    Rule("odd-speed", ADVICE, "audio.output.speed", "It is done after synthesis and sounds so.",
         "Ask for slow or quick speech in the instructions first.", "SDK docstring of speed",
         look=_tempo),
    Rule("retention-full", ADVICE, "truncation.retention_ratio", "Once the context is full, every "
         "turn drops a little and the cache is lost each time.", "Say 0.8: more is forgotten at "
         "once, and the rest stays cached.", "OpenAI Realtime guide (costs)", look=_ratio),
    Rule("noise-on-phone", ADVICE, "audio.input.noise_reduction", "It is made for microphones; "
         "a phone has cleaned the sound already, and twice may swallow words.", "Try it without.",
         "rtkit's own judgement", look=_telephone_microphone, verified=False),
)
# fmt: on
