"""Where the embedded server differs from the hosted service, as data; docs/protocol.md prints it.

`source` says how the service's side is known, in the words of `rtkit.schema`: SDK, OPENAPI, GUIDE,
TRACE; QUOTED when several public code bases quote the same behaviour; TESTED when a public test
suite that is run against the service expects it; UNVERIFIED when nothing public shows it, so that
ours is a guess and not a difference that was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "SDK": "Python package `openai` 3.54.0: types and docstrings in openai/types/realtime",
        "OPENAPI": "github.com/openai/openai-openapi, openapi.yaml, commit f85dbe2, 2026-08-21",
        "GUIDE": "developers.openai.com/api/docs/guides/realtime and its neighbours, mid 2026",
        "TRACE": "recorded traces of the hosted service, December 2025 and 2026-09-18",
        "QUOTED": "the same text or behaviour in several independent public code bases",
        "TESTED": "tests/realtime of the speaches project, which it runs on the service, too",
        "UNVERIFIED": "nothing public shows it; not to be taken for a fact",
    }
)


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference: what the service does, what this server does, and why."""

    topic: str
    hosted: str
    ours: str
    why: str
    source: str


_BETA = "A leftover of the beta; the hosted service no longer sends it (TRACE)."
_CALLS = "WebRTC and SIP calls only (SDK); this server has WebSockets only."
_MCP = "Tools of MCP servers are not called here."

NOT_SENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "conversation.created": "Not sent by the hosted service to GA clients (TRACE).",
        "conversation.item.created": _BETA,
        "conversation.item.input_audio_transcription.segment": (
            "Needs a model that tells speakers apart (SDK); the recogniser here does not."
        ),
        "input_audio_buffer.dtmf_event_received": _CALLS,
        "output_audio_buffer.started": _CALLS,
        "output_audio_buffer.stopped": _CALLS,
        "output_audio_buffer.cleared": _CALLS,
        "response.mcp_call_arguments.delta": _MCP,
        "response.mcp_call_arguments.done": _MCP,
        "response.mcp_call.in_progress": _MCP,
        "response.mcp_call.completed": _MCP,
        "response.mcp_call.failed": _MCP,
        "mcp_list_tools.in_progress": _MCP,
        "mcp_list_tools.completed": _MCP,
        "mcp_list_tools.failed": _MCP,
    }
)
"""Server event type -> why no session here ever sees it."""

D = Deviation
# One row is a few lines, so that the table can be read as one.
# fmt: off

ANSWERS = (
    D("Who answers", "A speech-to-speech model.", "A brain: rules (the tutor), a script, or the "
      "chat endpoint that you name.", "No model runs here. Judge your client by it, not the "
      "answers.", "GUIDE"),
    D("Hearing", "The model takes the sound itself; transcription runs beside it.", "The brain "
      "needs words: an answer waits for the recogniser, asked for or not, so its transcript comes "
      "before its first output.", "A brain of words cannot start earlier.", "SDK, GUIDE"),
    D("Model names", "An unknown model is refused with `invalid_model` and close 4000.",
      "Any printable name of at most 128 characters is taken; the log warns of unknown ones.",
      "Names change faster than this server.", "TRACE"),
    D("Transcription models", "Each has its own ears and bounds.", "One recogniser, English; the "
      "name decides only whether words come while somebody speaks, and the unit of `usage`.",
      "Nothing is downloaded.", "SDK"),
    D("logprobs", "One entry per token, when `include` asks for them.", "When `include` asks: one "
      "entry per word, reckoned from the recogniser's confidence.", "The recogniser knows words, "
      "not tokens.", "SDK"),
    D("Times of words", "None.", "With `word_times=true` in the URL "
      "`...transcription.completed` has `words`: of each `word` its `start_ms` and `end_ms`, "
      "counted as `audio_start_ms` is, and its `confidence`; in sound that came as an item, from "
      "its beginning.",
      "The recogniser knows them, and a client may want to see them.", "SDK"),
    D("languages", "gpt-transcribe names the languages heard.", "With gpt-transcribe always "
      "English, or none when no words were heard.", "The recogniser knows no other language.",
      "SDK"),
    D("Voices", "Ten named voices, and custom ones made from samples.", "The ten names with voices "
      "of espeak-ng; with a custom voice the session is taken and each answer fails.",
      "A formant synthesiser.", "SDK"),
    D("Images", "The model sees them.", "Named to the brain by format and size.",
      "Nothing here can see.", "GUIDE"),
    D("MCP tools", "The server calls them and tells of it in events.", "Taken and shown, never "
      "called.", "This server reaches no other.", "SDK"),
)

SESSION = (
    D("silence_duration_ms", "Documented as 500; live sessions show 200.", "500.", "The documented "
      "value.", "SDK, TRACE"),
    D("semantic_vad", "A model judges whether the speaker has finished.", "A rule over the timed "
      "words and the pause, within the documented longest waits.", "No such model here.", "GUIDE"),
    D("Only shown", "`reasoning`, `prompt`, `tracing`, `noise_reduction` and the "
      "transcription hints have effects.", "Checked, kept and shown; no effect.",
      "See the table of fields.", "SDK"),
    D("Context", "Bounded by the model; `truncation` says what is left out.", "The same, by the "
      "catalog's figures; `disabled` answers with `error` code `context_length_exceeded`, and "
      "instructions, tools and the newest item are never left out.", "The service's code and its "
      "choice of items are not documented.", "SDK, GUIDE"),
    D("Limits", "Only 15 MiB per append and 512 characters per event_id are documented.", "Also on "
      "events, buffer, items, bytes kept, tools, instructions, parallel responses and items "
      "waiting for their words; see `Limits`. Codes and numbers are ours.", "A client gone wild "
      "must not take the server with it.", "SDK, OPENAPI"),
    D("gpt-realtime-whisper", "Needs turn_detection null in a transcription session.", "Refused "
      "with any other, `invalid_value`; the wording is ours.", "The service's wording is not "
      "known.", "SDK"),
    D("Truncated answers", "The transcript of a truncated item is deleted.", "The words that were "
      "heard stay, the others go.", "The brain would else not know what it said.", "SDK"),
    D("An id that is taken", "The item is added a second time.", "Refused.", "Two items of one id "
      "cannot be told apart.", "TESTED"),
    D("Unspoken sound", "How much silence stays in the buffer is not known.", "While nobody speaks "
      "the last 30 s are kept for a commit.", "Memory does not grow in a quiet room.",
      "UNVERIFIED"),
)

ORDER = (
    D("End of a spoken part", "Whether `output_audio.done` or `output_audio_transcript.done` comes "
      "first is not known.", "Audio first.", "One had to be chosen.", "UNVERIFIED"),
    D("Cancelled answers", "Open parts are closed; in which order is not known.", "In the order of "
      "a completed one, without the words not yet sent.", "One had to be chosen.", "UNVERIFIED"),
    D("Function calls", "How many `delta`s the arguments come in, and in what order with the "
      "items, is not known.", "One `delta` with all of them.", "They are known at once.",
      "UNVERIFIED"),
    D("rate_limits.updated", "About 40 ms after `response.done`, from real limits.", "At once, "
      "from a count of this session's tokens; nothing is ever refused for it.",
      "There is no account.", "TRACE"),
    D("Pace of audio", "Faster than real time.", "The first second at once, then six times real "
      "time (settable).", "So that an interruption has something to cut.", "TRACE"),
    D("usage", "Text by the model's tokenizer.", "Audio by the published rule (a token for 100 ms "
      "in, for 50 ms out); text as one token for four characters; images by the tile "
      "rule of gpt-4o; cached is the prefix that the last request held as well.",
      "There is no tokenizer here.", "GUIDE"),
)

TRANSPORT = (
    D("Ways in", "WebSocket, WebRTC, SIP; `call_id` joins a call.", "WebSocket.",
      "What a local client is tested with.", "GUIDE"),
    D("Session kinds", "realtime, transcription, translation.", "realtime and transcription.",
      "There is no translator.", "SDK"),
    D("Accepted events", "Also `session.close` and `session.input_audio_buffer.append`, which are "
      "translation's.", "The ten of the table; the list in the message is shorter.",
      "There is no translation.", "TRACE"),
    D("Keys", "A key is always needed.", "Any key or none will do, unless the server was given "
      "one.", "It listens on this machine only, unless told otherwise.", "TRACE"),
    D("Origin", "Whether pages are told apart is not known.", "Pages of other sites get HTTP 403 "
      "before the handshake.", "Any page that you visit could else talk to your machine.",
      "UNVERIFIED"),
    D("Faults", "None can be asked for.", "`fault=` in the URL asks for one "
      "(`python -m rtkit.server.faults` lists them); one that nobody knows is `invalid_fault` and "
      "close 4000.", "To teach and to test clients.", "SDK"),
    D("Length of a session", "60 minutes.", "60 minutes unless set; the message names the real "
      "number.", "To test expiry without waiting.", "GUIDE, QUOTED"),
    D("Pings", "About every 20.3 s, 4 bytes.", "Every 20 s, empty.", "Clients answer both alike.",
      "TRACE"),
    D("1011", "How a fault of the server ends a session is not known.", "`error` of type "
      "`server_error`, then close 1011.", "A missing part of this machine must be named.",
      "UNVERIFIED"),
    D("REST", "Calls, SIP and the beta's session creators, too.", "`client_secrets`, `models` and "
      "a page about the server.", "The others need calls or belong to the beta.", "SDK, OPENAPI"),
    D("Client secrets", "How many there may be is not known.", "Kept in memory, at most 10,000 "
      "and 64 MiB of settings; gone when the server ends.", "No storage.", "UNVERIFIED"),
)
# fmt: on

DEVIATIONS: Final[Mapping[str, tuple[Deviation, ...]]] = MappingProxyType(
    {
        "Hearing, thinking, speaking": ANSWERS,
        "The session": SESSION,
        "Order and numbers": ORDER,
        "The connection": TRANSPORT,
    }
)
