"""The one table of session fields: what a session and a `response.create` may say.

Each row is one field of the GA wire shape. Types, defaults, refusals and documentation are read off
this table; nothing else in rtkit knows a range or a list of choices. A path is dotted, `[]` stands
for the elements of a list, and a field that exists in one variant of its parent only (by the
parent's `type`) names it in `of`. Sources of the facts:

    SDK      official Python package `openai` 3.54.0, types and docstrings in openai/types/realtime
    OPENAPI  github.com/openai/openai-openapi, openapi.yaml, commit f85dbe2, 2026-08-21
    GUIDE    developers.openai.com/api/docs/guides/realtime*, mid 2026
    TRACE    recorded traces of the hosted service, December 2025 and 2026-09-18
    ?        after the source: a detail named in the note is not verified
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

from rtkit.catalog import DEFAULT_TRANSCRIPTION

Kind = Literal["string", "boolean", "integer", "number", "array", "object", "map"]
Scope = Literal["realtime", "transcription", "response"]
Frozen = Literal["always", "once on", "after assistant audio", "during a response"]

MISSING: Final = object()
SOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "SDK": "openai Python SDK",
        "OPENAPI": "OpenAI's OpenAPI file",
        "GUIDE": "OpenAI Realtime guide",
        "TRACE": "recorded sessions",
    }
)
"""A source of the head of this module -> how it is called in a sentence."""

BOTH: Final = frozenset[Scope]({"realtime", "transcription"})
REALTIME: Final = frozenset[Scope]({"realtime"})
RESPONSE: Final = frozenset[Scope]({"response"})
TALK: Final = REALTIME | RESPONSE
ALL: Final = BOTH | RESPONSE


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the table.

    `kinds` are the JSON types it takes ("map" is an object with free keys). `allowed` are the
    strings it takes, () for any. `low` and `high` bound a number, the length of a list or string,
    or the size of a map. `default` is what the server shows when the field was never set (MISSING:
    the field is absent). `required` is "always", or "new" for needed only when there is no value
    yet. `whole` objects and lists are replaced, others are merged key by key; a change of the key
    named by `switch` starts the object afresh. `ignored` names the sessions that accept the field
    and drop it. `code` is the error code when one differs from that of the rule that was broken.
    """

    path: str
    kinds: tuple[Kind, ...]
    source: str
    scopes: frozenset[Scope] = BOTH
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    default: Any = MISSING
    nullable: bool = False
    required: Literal["", "always", "new"] = ""
    of: tuple[str, ...] = ()
    whole: bool = False
    switch: str = ""
    ignored: frozenset[Scope] = frozenset()
    frozen: Frozen | None = None
    read_only: bool = False
    code: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def known_from(self) -> str:
        """Where its facts come from, in words."""
        return ", ".join(SOURCES[name] for name in self.source.rstrip("?").split(", "))

    @property
    def parent(self) -> str:
        """The path of the object that holds the field, "" at the top."""
        return self.path.rpartition(".")[0]


VOICES: Final = tuple("alloy ash ballad coral echo sage shimmer verse marin cedar".split())
EFFORTS: Final = ("minimal", "low", "medium", "high", "xhigh")
LOGPROBS: Final = "item.input_audio_transcription.logprobs"
ITEM_TYPES: Final = (
    "message",
    "function_call",
    "function_call_output",
    "mcp_list_tools",
    "mcp_call",
    "mcp_approval_request",
    "mcp_approval_response",
    "item_reference",
)
CONNECTORS: Final = tuple(
    "connector_" + name
    for name in (
        "dropbox gmail googlecalendar googledrive microsoftteams outlookcalendar outlookemail "
        "sharepoint"
    ).split()
)

STRING: Final[tuple[Kind, ...]] = ("string",)
BOOLEAN: Final[tuple[Kind, ...]] = ("boolean",)
INTEGER: Final[tuple[Kind, ...]] = ("integer",)
NUMBER: Final[tuple[Kind, ...]] = ("number",)
ARRAY: Final[tuple[Kind, ...]] = ("array",)
OBJECT: Final[tuple[Kind, ...]] = ("object",)
MAP: Final[tuple[Kind, ...]] = ("map",)

F = Field
# One row is one or two lines, so that the table can be read as one.
# fmt: off

SESSION = (
    F("type", STRING, "SDK, TRACE", allowed=("realtime", "transcription"), required="always"),
    F("object", STRING, "TRACE?", read_only=True, note="Sent by the server. That sending it back "
      "is refused is not verified."),
    F("id", STRING, "TRACE?", read_only=True, note="As `object`."),
    F("expires_at", INTEGER, "TRACE?", read_only=True, note="Unix seconds. As `object`."),
    F("model", STRING, "SDK?", REALTIME, frozen="always", note="Set by the URL or the client "
      "secret; the same value may be sent again. The error code of a change is not verified."),
    F("output_modalities", ARRAY, "SDK, TRACE", TALK, default=["audio"], whole=True,
      note="Audio comes with a transcript. Exactly one of the two."),
    F("output_modalities[]", STRING, "SDK", TALK, allowed=("text", "audio")),
    F("instructions", STRING, "SDK, TRACE", TALK, default=""),
    F("tools", ARRAY, "SDK, TRACE", TALK, default=[], whole=True),
    F("tool_choice", ("string", "object"), "SDK, TRACE", TALK, allowed=("none", "auto", "required"),
      default="auto", whole=True),
    F("max_output_tokens", ("integer", "string"), "SDK, TRACE", TALK, allowed=("inf",), low=1,
      high=4096, default="inf", note="Tool calls are counted too."),
    F("parallel_tool_calls", BOOLEAN, "SDK?", TALK, note="Reasoning models only. Whether the "
      "server shows a default is not verified."),
    F("reasoning", OBJECT, "SDK, OPENAPI?", TALK, note="Reasoning models only. Whether the server "
      "shows a default is not verified."),
    F("reasoning.effort", STRING, "SDK, OPENAPI", TALK, allowed=EFFORTS,
      note="The server uses low when it is not set."),
    F("tracing", ("string", "object"), "SDK, TRACE", REALTIME, allowed=("auto",), default=None,
      nullable=True, whole=True, frozen="once on"),
    F("tracing.workflow_name", STRING, "SDK", REALTIME),
    F("tracing.group_id", STRING, "SDK", REALTIME),
    F("tracing.metadata", MAP, "SDK", REALTIME),
    F("truncation", ("string", "object"), "SDK, TRACE", REALTIME, allowed=("auto", "disabled"),
      default="auto", whole=True),
    F("truncation.type", STRING, "SDK", REALTIME, allowed=("retention_ratio",), required="always"),
    F("truncation.retention_ratio", NUMBER, "SDK", REALTIME, low=0, high=1, required="always"),
    F("truncation.token_limits", OBJECT, "SDK", REALTIME),
    F("truncation.token_limits.post_instructions", INTEGER, "SDK", REALTIME, low=0),
    F("prompt", OBJECT, "SDK, TRACE", TALK, default=None, nullable=True, whole=True,
      note="Reusable prompts are shut down on 2026-11-30: put the text into `instructions`."),
    F("prompt.id", STRING, "SDK", TALK, required="always"),
    F("prompt.version", STRING, "SDK", TALK),
    F("prompt.variables", MAP, "SDK", TALK),
    F("include", ARRAY, "SDK, TRACE", default=None, nullable=True, whole=True),
    F("include[]", STRING, "SDK", allowed=(LOGPROBS,)),
)

AUDIO = (
    F("audio", OBJECT, "SDK, TRACE", ALL, default={}),
    F("audio.input", OBJECT, "SDK, TRACE", default={}),
    F("audio.input.format", OBJECT, "SDK, TRACE", default={"type": "audio/pcm"}, switch="type"),
    F("audio.input.transcription", OBJECT, "SDK, TRACE", default=None, nullable=True,
      switch="model"),
    F("audio.input.transcription.model", STRING, "SDK?", default=DEFAULT_TRANSCRIPTION,
      note="The types take any name. A default of the hosted service is not verified: name one."),
    F("audio.input.transcription.language", STRING, "SDK", note="One ISO-639-1 code."),
    F("audio.input.transcription.languages", ARRAY, "SDK", low=1, whole=True,
      note="gpt-transcribe and gpt-live-transcribe only."),
    F("audio.input.transcription.languages[]", STRING, "SDK"),
    F("audio.input.transcription.keywords", ARRAY, "SDK", whole=True,
      note="gpt-transcribe and gpt-live-transcribe only."),
    F("audio.input.transcription.keywords[]", STRING, "SDK"),
    F("audio.input.transcription.prompt", STRING, "SDK", note="Free text, or keywords for "
      "whisper-1; not for gpt-realtime-whisper."),
    F("audio.input.transcription.delay", STRING, "SDK?", allowed=EFFORTS,
      note="gpt-realtime-whisper; with gpt-live-transcribe not verified."),
    F("audio.input.noise_reduction", OBJECT, "SDK, TRACE", default=None, nullable=True),
    F("audio.input.noise_reduction.type", STRING, "SDK?", allowed=("near_field", "far_field"),
      required="new", note="That it is needed to turn it on is not verified."),
    F("audio.input.noise_reduction.strength", NUMBER, "SDK?", note="1 when first turned on; kept "
      "when left out. Its range is not documented."),
    F("audio.input.turn_detection", OBJECT, "SDK, TRACE", default={"type": "server_vad"},
      nullable=True, switch="type", note="null: turns are committed by hand."),
    F("audio.input.turn_detection.type", STRING, "SDK", allowed=("server_vad", "semantic_vad"),
      required="always"),
    F("audio.input.turn_detection.threshold", NUMBER, "SDK, TRACE", low=0, high=1, default=0.5,
      of=("server_vad",)),
    F("audio.input.turn_detection.prefix_padding_ms", INTEGER, "SDK, TRACE", low=0, default=300,
      of=("server_vad",), note="The lower bound is plain sense, not documented."),
    F("audio.input.turn_detection.silence_duration_ms", INTEGER, "SDK, GUIDE, TRACE", low=0,
      default=500, of=("server_vad",), note="Documented default 500, used here; live sessions show "
      "200. The lower bound is plain sense, not documented."),
    F("audio.input.turn_detection.idle_timeout_ms", INTEGER, "SDK, OPENAPI, TRACE", low=5000,
      high=30000, default=None, nullable=True, of=("server_vad",)),
    F("audio.input.turn_detection.eagerness", STRING, "SDK", allowed=("low", "medium", "high",
      "auto"), default="auto", of=("semantic_vad",),
      note="Waits at most 8, 4 or 2 s; auto is medium."),
    F("audio.input.turn_detection.create_response", BOOLEAN, "SDK, TRACE", default=True,
      ignored=frozenset({"transcription"})),
    F("audio.input.turn_detection.interrupt_response", BOOLEAN, "SDK, TRACE", default=True,
      ignored=frozenset({"transcription"})),
    F("audio.output", OBJECT, "SDK, TRACE", TALK, default={}),
    F("audio.output.format", OBJECT, "SDK, TRACE", TALK, default={"type": "audio/pcm"},
      switch="type"),
    F("audio.output.voice", ("string", "object"), "SDK, TRACE", TALK, allowed=VOICES,
      default="alloy", whole=True, frozen="after assistant audio", code="cannot_update_voice"),
    F("audio.output.voice.id", STRING, "SDK", TALK, required="always",
      note="A custom voice, made from audio samples."),
    F("audio.output.speed", NUMBER, "SDK, TRACE?", REALTIME, low=0.25, high=1.5, default=1.0,
      frozen="during a response", note="The error code of a change during a response is not "
      "verified."),
)


def _format(parent: str, scopes: frozenset[Scope]) -> tuple[Field, ...]:
    kinds = ("audio/pcm", "audio/pcmu", "audio/pcma")
    rate = "16-bit little-endian mono PCM at 24 kHz only; G.711 has no rate, it is 8 kHz."
    return (
        F(f"{parent}.type", STRING, "SDK, TRACE", scopes, allowed=kinds, required="new"),
        F(f"{parent}.rate", INTEGER, "SDK, TRACE", scopes, low=24000, high=24000, default=24000,
          of=("audio/pcm",), note=rate),
    )


FORMATS = _format("audio.input.format", BOTH) + _format("audio.output.format", TALK)

MCP = ("mcp",)
TOOLS = (
    F("tools[]", OBJECT, "SDK", TALK, whole=True),
    F("tools[].type", STRING, "SDK", TALK, allowed=("function", "mcp"), required="always"),
    F("tools[].name", STRING, "SDK, GUIDE", TALK, of=("function",), required="always",
      note="Flat: there is no nested `function` object."),
    F("tools[].description", STRING, "SDK", TALK, of=("function",)),
    F("tools[].parameters", MAP, "SDK", TALK, of=("function",), note="A JSON schema."),
    F("tools[].server_label", STRING, "SDK", TALK, of=MCP, required="always"),
    F("tools[].server_url", STRING, "SDK", TALK, of=MCP, note="One of server_url, connector_id and "
      "tunnel_id is needed."),
    F("tools[].tunnel_id", STRING, "SDK", TALK, of=MCP),
    F("tools[].connector_id", STRING, "SDK", TALK, of=MCP, allowed=CONNECTORS,
      note="Deprecated for models released after 2026-09-01."),
    F("tools[].server_description", STRING, "SDK", TALK, of=MCP),
    F("tools[].authorization", STRING, "SDK", TALK, of=MCP),
    F("tools[].headers", MAP, "SDK", TALK, of=MCP, nullable=True),
    F("tools[].headers.*", STRING, "SDK", TALK),
    F("tools[].allowed_tools", ("array", "object"), "SDK", TALK, of=MCP, nullable=True),
    F("tools[].allowed_tools[]", STRING, "SDK", TALK),
    F("tools[].require_approval", ("string", "object"), "SDK", TALK, of=MCP, nullable=True,
      allowed=("always", "never"), note="The server uses always when it is not set."),
    F("tools[].require_approval.always", OBJECT, "SDK", TALK),
    F("tools[].require_approval.never", OBJECT, "SDK", TALK),
    F("tools[].defer_loading", BOOLEAN, "SDK", TALK, of=MCP),
    F("tools[].allowed_callers", ARRAY, "SDK", TALK, of=MCP),
    F("tools[].allowed_callers[]", STRING, "SDK", TALK, allowed=("direct", "programmatic")),
    F("tool_choice.type", STRING, "SDK", TALK, allowed=("function", "mcp"), required="always"),
    F("tool_choice.name", STRING, "SDK?", TALK, note="Needed for a function, optional for mcp."),
    F("tool_choice.server_label", STRING, "SDK", TALK, of=MCP, required="always"),
)
FILTERS = tuple(
    row
    for parent in ("allowed_tools", "require_approval.always", "require_approval.never")
    for row in (
        F(f"tools[].{parent}.tool_names", ARRAY, "SDK", TALK),
        F(f"tools[].{parent}.tool_names[]", STRING, "SDK", TALK),
        F(f"tools[].{parent}.read_only", BOOLEAN, "SDK", TALK),
    )
)

RESPONSES = (
    F("conversation", STRING, "SDK", RESPONSE, allowed=("auto", "none"), default="auto",
      note="none: out of band, the output joins no conversation."),
    F("metadata", MAP, "SDK?", RESPONSE, high=16, nullable=True, note="Keys of at most 64 "
      "characters. The error codes are not verified."),
    F("metadata.*", STRING, "SDK", RESPONSE, high=512),
    F("input", ARRAY, "SDK", RESPONSE, whole=True, note="Stands in for the conversation; [] is no "
      "context at all."),
    F("input[]", MAP, "SDK", RESPONSE, note="What an item holds is checked where items are."),
    F("input[].type", STRING, "SDK", RESPONSE, allowed=ITEM_TYPES, required="always"),
)
# fmt: on
# fmt: on

FIELDS: Final[tuple[Field, ...]] = SESSION + AUDIO + FORMATS + TOOLS + FILTERS + RESPONSES


@cache
def field(path: str) -> Field:
    """The row of a path such as "audio.output.speed". Unknown paths raise KeyError."""
    return _by_path()[path]


@cache
def children(path: str) -> Mapping[str, Field]:
    """The rows directly below a path ("" for the top), by name, without list and map elements."""
    rows = (row for row in FIELDS if row.parent == path and not row.name.endswith(("[]", "*")))
    return MappingProxyType({row.name: row for row in rows})


@cache
def _by_path() -> Mapping[str, Field]:
    return MappingProxyType({row.path: row for row in FIELDS})


def belongs(row: Field, scope: Scope, variant: object) -> bool:
    """Whether a field exists in a session or response, and in this variant of its parent."""
    return scope in row.scopes and not row.read_only and (not row.of or variant in row.of)
