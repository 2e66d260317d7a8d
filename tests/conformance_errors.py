"""Every refusal that the embedded server can make, provoked on a real socket, as one table.

`source` says whose wording it is: that of the hosted service as a recorded trace of it shows it
("trace"), as several public code bases quote it ("quoted"), as its documentation gives it
("docs"); or our own, because no wording of the service is known ("ours").
"""

import base64
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from conformance import nameless
from conformance_scenes import MANUAL, STORY, TOOL, Pausing, ask, ask_without_waiting, item_of
from serverstory import voiced
from socketstory import MODEL, Parrot

from rtkit.errors import ConfigError
from rtkit.server.limits import Limits
from rtkit.server.rejections import REFUSALS

LIST = (
    "'session.update', 'input_audio_buffer.append', 'input_audio_buffer.commit', "
    "'input_audio_buffer.clear', 'conversation.item.create', 'conversation.item.truncate', "
    "'conversation.item.delete', 'conversation.item.retrieve', 'response.create', and "
    "'response.cancel'"
)
TRACE, QUOTED, DOCS, OURS = "trace", "quoted", "docs", "ours"


async def nothing(talk):
    return {}


async def answered(talk):
    """The id of a spoken answer's item."""
    return {"item_id": item_of(await ask(talk))["id"]}


async def typed(talk):
    await talk.type("hello")
    return {"item_id": (await talk.until("conversation.item.done"))[-1]["item"]["id"]}


async def answering(talk):
    await ask_without_waiting(talk)
    await talk.until("response.output_audio.delta")
    return {}


async def traced(talk):
    await talk.update(tracing="auto")
    return {}


async def by_hand(talk):
    await talk.update(audio=MANUAL)
    await talk.append(voiced(50))
    return {}


async def aside(talk):
    """An answer beside the conversation that does not end."""
    await talk.type(STORY)
    await talk.send("response.create", response={"conversation": "none"})
    await talk.until("response.output_audio.delta")
    return {}


async def stuffed(talk):
    """More text than the model's window takes, and nothing may be left out."""
    await talk.update(truncation="disabled", instructions="")
    await talk.type("x" * 200_000)
    await talk.until("conversation.item.done")
    return {}


async def unheard(talk):
    """An utterance whose words are still to come, and the sound of a second one."""
    await talk.update(audio=MANUAL)
    await talk.append(voiced(200))
    await talk.send("input_audio_buffer.commit")
    await talk.until("conversation.item.done")
    await talk.append(voiced(200))
    return {}


@dataclass(frozen=True)
class Wrong:
    """A frame that is refused: what is sent, and the `error` that comes.

    `before` brings the session into the state that it takes; what it returns is put into the
    event. `frame` stands in place of an event. Ids in `message` are replaced by their kind.
    """

    name: str
    type: str
    fields: dict[str, Any]
    code: str
    message: str
    param: str | None
    source: str = OURS
    before: Callable[[Any], Awaitable[dict[str, Any]]] = nothing
    frame: str | bytes | None = None
    query: str = MODEL
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def server(self):
        """The options of its server."""
        limits = {"limits": Limits(**self.options["limits"])} if "limits" in self.options else {}
        return {"brain": Pausing(), **self.options, **limits}

    async def provoke(self, talk):
        """The `error` object; the session must go on after it."""
        given = await self.before(talk)
        if self.frame is not None:
            await talk.frame(self.frame)
        else:
            await talk.send(self.type, **{"event_id": "mine", **given, **self.fields})
        error = (await talk.until("error"))[-1]["error"]
        await talk.send("input_audio_buffer.clear")
        await talk.until("input_audio_buffer.cleared")
        return {**error, "message": nameless(error["message"])}

    @property
    def expected(self):
        names = {"code": self.code, "message": self.message, "param": self.param}
        known = self.frame is None and "event_id" not in self.fields
        echoed = "mine" if known else None
        return {"type": "invalid_request_error", **names, "event_id": echoed}


def session(**fields):
    return {"session": {"type": "realtime", **fields}}


def sound(**fields):
    return session(audio=fields)


def place(**fields):
    return {"item_id": "item_x", "content_index": 0, **fields}


def created(**fields):
    return {"item": {"type": "message", "role": "user", "content": [], **fields}}


def response(**fields):
    return {"response": fields}


UPDATE, CREATE, TRUNCATE = (
    "session.update",
    "conversation.item.create",
    "conversation.item.truncate",
)
APPEND, RESPONSE = "input_audio_buffer.append", "response.create"
AT_24K = "Expected base64-encoded audio bytes (mono PCM16 at 24kHz) but got an invalid value: "
PCM_AT_16K = {"type": "audio/pcm", "rate": 16000}
IMAGE = {"type": "input_image", "image_url": "https://example.org/a.png"}

# fmt: off
WRONG = [
    Wrong("unknown event type", "nope", {}, "invalid_value",
          f"Invalid value: 'nope'. Supported values are: {LIST}.", "type", TRACE),
    Wrong("output_audio_buffer.clear", "output_audio_buffer.clear", {}, "invalid_value",
          f"Invalid value: 'output_audio_buffer.clear'. Supported values are: {LIST}.", "type",
          TRACE),
    Wrong("not JSON", "", {}, "invalid_json",
          "Invalid event: failed to parse JSON value. Expecting property name enclosed in double "
          "quotes: line 1 column 2 (char 1)", None, TRACE, frame="{nope"),
    Wrong("not an object", "", {}, "invalid_event",
          "Invalid event: expected a JSON object, got list.", None, frame="[]"),
    Wrong("binary frame", "", {}, "invalid_event",
          "Expected a text WebSocket message; binary frames are not supported.", None, TRACE,
          frame=b"\x00\x01"),
    Wrong("type missing", "", {}, "invalid_event", "The 'type' field is missing.", None, DOCS,
          frame="{}"),
    Wrong("field of the event missing", UPDATE, {}, "missing_required_parameter",
          "Missing required parameter: 'session'.", "session"),
    Wrong("field of the event unknown", "input_audio_buffer.clear", {"now": True},
          "unknown_parameter", "Unknown parameter: 'now'.", "now"),
    Wrong("unknown session field", UPDATE, session(bogus_field=1), "unknown_parameter",
          "Unknown parameter: 'session.bogus_field'.", "session.bogus_field", TRACE),
    Wrong("beta field", UPDATE, session(voice="sage"), "unknown_parameter",
          "Unknown parameter: 'session.voice'.", "session.voice", TRACE),
    Wrong("session.type missing", UPDATE, {"session": {}}, "missing_required_parameter",
          "Missing required parameter: 'session.type'.", "session.type", QUOTED),
    Wrong("wrong session.type", UPDATE, {"session": {"type": "talk"}}, "invalid_value",
          "Invalid value: 'talk'. Supported values are: 'realtime' and 'transcription'.",
          "session.type", QUOTED),
    Wrong("session of the other kind", UPDATE, {"session": {"type": "transcription"}},
          "invalid_value", "Passing a transcription session update event to a realtime session is "
          "not allowed.", "session.type", QUOTED),
    Wrong("both modalities", UPDATE, session(output_modalities=["audio", "text"]),
          "invalid_value", "Invalid modalities: ['audio', 'text']. Supported combinations are: "
          "['text'] and ['audio'].", "session.output_modalities", QUOTED),
    Wrong("rate below 24 kHz", UPDATE, sound(input={"format": PCM_AT_16K}),
          "integer_below_min_value", "Invalid 'session.audio.input.format.rate': integer below "
          "minimum value. Expected a value >= 24000, but got 16000 instead.",
          "session.audio.input.format.rate", TRACE),
    Wrong("rate above 24 kHz", UPDATE,
          sound(input={"format": {"type": "audio/pcm", "rate": 48000}}),
          "integer_above_max_value", "Invalid 'session.audio.input.format.rate': integer above "
          "maximum value. Expected a value <= 24000, but got 48000 instead.",
          "session.audio.input.format.rate"),
    Wrong("speed out of bounds", UPDATE, sound(output={"speed": 2.0}),
          "decimal_above_max_value", "Invalid 'session.audio.output.speed': decimal above maximum "
          "value. Expected a value <= 1.5, but got 2.0 instead.", "session.audio.output.speed"),
    Wrong("speed too slow", UPDATE, sound(output={"speed": 0.1}),
          "decimal_below_min_value", "Invalid 'session.audio.output.speed': decimal below minimum "
          "value. Expected a value >= 0.25, but got 0.1 instead.", "session.audio.output.speed"),
    Wrong("wrong JSON type", UPDATE, session(instructions=5), "invalid_type",
          "Invalid type for 'session.instructions': expected a string, but got an integer "
          "instead.", "session.instructions"),
    Wrong("another model", UPDATE, session(model="gpt-realtime-1.5"), "invalid_value",
          "Cannot update 'session.model': it is set when the session is created.",
          "session.model"),
    Wrong("tracing changed once on", UPDATE, session(tracing={"group_id": "g"}), "invalid_value",
          "Cannot update 'session.tracing' once it is on.", "session.tracing", before=traced),
    Wrong("speed changed during an answer", UPDATE, sound(output={"speed": 1.5}), "invalid_value",
          "Cannot update 'session.audio.output.speed' while a response is in progress.",
          "session.audio.output.speed", before=answering),
    Wrong("no languages in a list", UPDATE,
          sound(input={"transcription": {"model": "gpt-transcribe", "languages": []}}),
          "empty_array", "Invalid 'session.audio.input.transcription.languages': empty array. "
          "Expected an array with minimum length 1, but got an empty array instead.",
          "session.audio.input.transcription.languages"),
    Wrong("voice changed after audio", UPDATE, sound(output={"voice": "sage"}),
          "cannot_update_voice",
          "Cannot update a conversation's voice if assistant audio is present.",
          "session.audio.output.voice", QUOTED, before=lambda talk: heard(talk)),
    Wrong("voice of one response changed after audio", RESPONSE,
          response(audio={"output": {"voice": "sage"}}), "cannot_update_voice",
          "Cannot update a conversation's voice if assistant audio is present.",
          "response.audio.output.voice", before=lambda talk: heard(talk)),
    Wrong("response.create while one is active", RESPONSE, {},
          "conversation_already_has_active_response", "Conversation already has an active response "
          "in progress: resp_…. Wait until the response is finished before creating a new one.",
          None, QUOTED, before=answering),
    Wrong("response.cancel, none active", "response.cancel", {}, "response_cancel_not_active",
          "Cancellation failed: no active response found", None, QUOTED),
    Wrong("conversation neither auto nor none", RESPONSE, response(conversation="aside"),
          "invalid_value", "Invalid value: 'aside'. Supported values are: 'auto' and 'none'.",
          "response.conversation"),
    Wrong("reference to an unknown item", RESPONSE,
          response(input=[{"type": "item_reference", "id": "item_x"}]), "invalid_value",
          "Item with item_id not found: item_x", "response.input"),
    Wrong("17 pairs of metadata", RESPONSE,
          response(metadata={str(number): "" for number in range(17)}),
          "object_above_max_properties", "Invalid 'response.metadata': too many properties. "
          "Expected an object with at most 16 properties, but got an object with 17 properties "
          "instead.", "response.metadata"),
    Wrong("metadata key too long", RESPONSE, response(metadata={"k" * 65: ""}),
          "property_name_above_max_length", "Invalid 'response.metadata': property name too long. "
          "Expected at most 64 characters, but got 65 instead.", "response.metadata"),
    Wrong("metadata value too long", RESPONSE, response(metadata={"k": "v" * 513}),
          "string_above_max_length", "Invalid 'response.metadata.k': string too long. Expected a "
          "string with maximum length 512, but got a string with length 513 instead.",
          "response.metadata.k"),
    Wrong("commit of less than 100 ms", "input_audio_buffer.commit", {},
          "input_audio_buffer_commit_empty", "Error committing input audio buffer: buffer too "
          "small. Expected at least 100ms of audio, but buffer only has 50.00ms of audio.", None,
          QUOTED, before=by_hand),
    Wrong("audio that is not base64", APPEND, {"audio": "not base64!"}, "invalid_value",
          f"Invalid 'audio'. {AT_24K}audio travels as base64 text (A-Z a-z 0-9 + / and = at the "
          "end), found 'not base64!': 11 characters, not a multiple of 4. Encode the bytes with "
          "to_base64(data).", "audio"),
    Wrong("half a sample", APPEND, {"audio": base64.b64encode(b"odd").decode()}, "invalid_value",
          f"Invalid 'audio'. {AT_24K}3 bytes are not a whole number of samples.", "audio"),
    Wrong("more than 15 MiB at once", APPEND, {"audio": "A" * (4 * 5 * 1024 * 1024 + 8)},
          "string_above_max_length", "Invalid 'audio': at most 15 MiB of audio may be appended at "
          "once, got 15728646 bytes. Send it in smaller pieces.", "audio"),
    Wrong("truncate beyond the end", TRUNCATE,
          {"content_index": 0, "audio_end_ms": 8160}, "invalid_value",
          "Audio content of 120ms is already shorter than 8160ms", "audio_end_ms", QUOTED,
          before=lambda talk: answered(talk)),
    Wrong("truncate an unknown item", TRUNCATE, place(audio_end_ms=1),
          "item_truncate_invalid_item_id", "Item with item_id not found: item_x", "item_id",
          QUOTED),
    Wrong("truncate below zero", TRUNCATE, place(audio_end_ms=-1), "integer_below_min_value",
          "Invalid 'audio_end_ms': integer below minimum value. Expected a value >= 0, but got -1 "
          "instead.", "audio_end_ms"),
    Wrong("truncate what is no speech of the assistant", TRUNCATE,
          {"content_index": 0, "audio_end_ms": 1}, "invalid_value",
          "Only model output audio messages can be truncated", "item_id", QUOTED, before=typed),
    Wrong("delete an unknown item", "conversation.item.delete", {"item_id": "item_x"},
          "item_delete_invalid_item_id",
          "Error deleting item: the item with id 'item_x' does not exist.", None, QUOTED),
    Wrong("retrieve an unknown item", "conversation.item.retrieve", {"item_id": "item_x"},
          "item_retrieve_invalid_item_id",
          "Error retrieving item: the item with id 'item_x' does not exist.", None, QUOTED),
    Wrong("unknown previous_item_id", CREATE, {**created(), "previous_item_id": "item_x"},
          "item_create_invalid_previous_item_id",
          "Error adding item: the previous item with id 'item_x' does not exist.",
          "previous_item_id"),
    Wrong("an id that is taken", CREATE, created(id="here"), "item_create_duplicate_item_id",
          "Error adding item: an item with id 'here' already exists.", "item.id",
          before=lambda talk: here(talk)),
    Wrong("an id that is too long", CREATE, created(id="i" * 33), "string_above_max_length",
          "Invalid 'item.id': string too long. Expected a string with maximum length 32, but got "
          "a string with length 33 instead.", "item.id"),
    Wrong("unknown item type", CREATE, created(type="song"), "invalid_value",
          "Invalid value: 'song'. Supported values are: 'message', 'function_call', and "
          "'function_call_output'.", "item.type"),
    Wrong("assistant audio made by the client", CREATE,
          created(role="assistant", content=[{"type": "output_audio", "audio": ""}]),
          "invalid_value", "Invalid value: 'output_audio'. Supported values are: 'output_text'.",
          "item.content[0].type"),
    Wrong("an image by its address", CREATE, created(content=[IMAGE]), "invalid_value",
          "Invalid 'item.content[0].image_url'. Expected a PNG or JPEG image as a data URI, but "
          "a data URI is needed, data:image/png;base64,... or data:image/jpeg;....",
          "item.content[0].image_url"),
    Wrong("an event_id that is too long", "input_audio_buffer.clear", {"event_id": "e" * 513},
          "string_above_max_length", "Invalid 'event_id': string too long. Expected a string with "
          "maximum length 512, but got a string with length 513 instead.", "event_id"),
    Wrong("an event that is too long", "", {}, "string_above_max_length",
          "Invalid event: at most 100 characters are read at once, got 101. Send it in smaller "
          "pieces.", None, frame="x" * 101, options={"limits": {"event_chars": 100}}),
    Wrong("an event that is too deep", "", {}, "invalid_value",
          "Invalid event: nested more than 100 levels deep.", None,
          frame='{"type":' + "[" * 100 + "]" * 100 + "}"),
    Wrong("an event of too many values", "", {}, "invalid_value",
          "Invalid event: it holds more than 20 values. Send fewer at once.", None,
          frame="[" + "0," * 20 + "0]", options={"limits": {"event_values": 20}}),
    Wrong("too many tools", UPDATE, session(tools=[TOOL, TOOL]), "array_above_max_length",
          "Invalid 'session.tools': array too long. Expected an array with maximum length 1, but "
          "got an array with length 2 instead.", "session.tools",
          options={"limits": {"tools": 1}}),
    Wrong("too much sound that is not committed", APPEND,
          {"audio": base64.b64encode(bytes(48 * 300)).decode()}, "input_audio_buffer_full",
          "The input audio buffer may hold 0.2 s of audio and this would make 0.3 s. Commit it or "
          "clear it, then send on.", "audio", options={"limits": {"buffer_s": 0.2}}),
    Wrong("too many items", CREATE, created(), "conversation_full",
          "The conversation holds 1 items, the most is 1. Delete some of them.", None,
          before=lambda talk: here(talk), options={"limits": {"items": 1}}),
    Wrong("too much in the conversation", CREATE,
          created(content=[{"type": "input_text", "text": "x" * 300}]), "conversation_full",
          "The conversation may keep 200 bytes of audio, images and text and this would make 356. "
          "Delete some of its items.", None, options={"limits": {"conversation_bytes": 200}}),
    Wrong("too many responses beside the conversation", RESPONSE, response(conversation="none"),
          "rate_limit_exceeded", "1 responses outside the conversation are in progress, the most "
          "is 1. Wait until one is done.", "response.conversation", before=aside,
          options={"limits": {"responses_aside": 1}}),
    Wrong("too many items whose words are to come", "input_audio_buffer.commit", {},
          "rate_limit_exceeded", "The words of 1 items are still to come, the most is 1. Wait "
          "until they are transcribed or answered.", None, before=unheard,
          options={"limits": {"unheard": 1}, "recogniser": lambda grammar: Parrot(finish_s=60)}),
    Wrong("context too long, truncation disabled", RESPONSE, {}, "context_length_exceeded",
          "The conversation has 50000 tokens; 27904 fit beside the instructions, and nothing more "
          "can be left out. Delete items, shorten the instructions, or set 'truncation' to 'auto'.",
          "session.truncation", before=stuffed, query="?model=gpt-realtime-1.5"),
    Wrong("a window of its own above the model's", UPDATE,
          session(truncation={"type": "retention_ratio", "retention_ratio": 0.5,
                              "token_limits": {"post_instructions": 1_000_000}}),
          "integer_above_max_value",
          "Invalid 'session.truncation.token_limits.post_instructions': integer above maximum "
          "value. Expected a value <= 96000, but got 1000000 instead.",
          "session.truncation.token_limits.post_instructions"),
    Wrong("a response in a transcription session", RESPONSE, {}, "invalid_event",
          "A transcription session makes no responses; 'response.create' is not available in it.",
          "type", query="?intent=transcription"),
]
# fmt: on


async def heard(talk):
    """The assistant was heard; nothing of it is needed."""
    await answered(talk)
    return {}


async def here(talk):
    """There is an item with the id `here`."""
    await talk.send(CREATE, **created(id="here"))
    await talk.until("conversation.item.done")
    return {}


@dataclass(frozen=True)
class Away:
    """A visitor that is turned away, or sent off: one `error` event, then a close frame."""

    name: str
    code: str | None
    message: str
    close: tuple[int, str]
    source: str
    query: str = MODEL
    headers: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    type: str = "invalid_request_error"
    hear: bool = False  # the client must send sound
    after: int = 0  # how many sessions are open already


BAD = "invalid_request_error"
LOCKED = {"api_key": "secret-key-of-the-server"}


def without_ears():
    raise ConfigError("no ears here")


# fmt: off
AWAY = [
    Away("no key", None, "Missing bearer or basic authentication in header", (3000, BAD), TRACE,
         options=LOCKED),
    Away("wrong key", "invalid_api_key", "Incorrect API key provided: sk-***4567.",
         (3000, f"{BAD}.invalid_api_key"), TRACE,
         headers={"Authorization": "Bearer sk-wrong-1234567"}, options=LOCKED),
    Away("no model", "missing_model", "You must provide a model parameter, for example "
         "wss://api.openai.com/v1/realtime?model=gpt-realtime-1.5",
         (4000, f"{BAD}.missing_model"), TRACE, query=""),
    Away("a model that is no name", "invalid_model",
         f'Model "{"m" * 128}" is not supported in realtime mode.',
         (4000, f"{BAD}.invalid_model"), TRACE, query="?model=" + "m" * 129),
    Away("the beta header", "beta_api_shape_disabled", "The Realtime Beta API is no longer "
         "supported. Please use /v1/realtime for the GA API.",
         (4000, f"{BAD}.beta_api_shape_disabled"), TRACE, headers={"OpenAI-Beta": "realtime=v1"}),
    Away("the session's time is over", "session_expired",
         "Your session hit the maximum duration of 0.001 minutes.", (1001, "session_expired"),
         QUOTED, options={"max_session_s": 0.06}),
    Away("no room for another session", "rate_limit_exceeded", "This server holds 1 sessions "
         "already, which is its limit. Close one, come back later, or start it with a higher "
         "--max-sessions.", (1013, f"{BAD}.rate_limit_exceeded"), OURS,
         options={"max_sessions": 1}, after=1),
    Away("the server has no ears", "server_error", "ConfigError: no ears here",
         (1011, "server_error"), OURS, options={"detector": without_ears}, type="server_error",
         hear=True),
]
# fmt: on


LIMITS = {name: row.name for row in WRONG for name in row.options.get("limits", ())} | {
    "append_bytes": "more than 15 MiB at once",
    "event_id_chars": "an event_id that is too long",
    "event_depth": "an event that is too deep",
    "instructions_chars": "test_limits::test_tools_and_instructions_have_a_length",
}
"""Limit of a session -> the row above, or the test, that shows it."""

ELSEWHERE = {
    "too_many_secrets": "test_secrets::test_there_is_an_end_to_keys_until_some_have_expired",
    "expired_key": "test_rest::test_a_key_that_has_expired_or_never_was_does_not_open",
}
"""Refusals that take too long to provoke here: kind -> the test that does."""


@dataclass(frozen=True)
class Http:
    """An HTTP request and its answer: the status, and the error's code and param if it is one."""

    name: str
    method: str
    path: str
    status: int
    code: str | None = None
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    message: str = ""  # what the answer's text must hold


SECRETS, MODELS, SOCKET = "/v1/realtime/client_secrets", "/v1/models", "/v1/realtime"
KEY = {"Authorization": f"Bearer {LOCKED['api_key']}"}
FOREIGN = {"Origin": "https://evil.example"}

# fmt: off
HTTP = [
    Http("about", "GET", "/", 200, message="stand-in"),
    Http("health", "GET", "/healthz", 200, message="ok"),
    Http("models", "GET", MODELS, 200, message="gpt-realtime-2.1"),
    Http("an ephemeral key", "POST", SECRETS, 200, message="ek_"),
    Http("an ephemeral key of ten seconds", "POST", SECRETS, 200, message="ek_",
         body='{"expires_after": {"anchor": "created_at", "seconds": 10}}'),
    Http("with the server's key", "POST", SECRETS, 200, headers=KEY, options=LOCKED,
         message="ek_"),
    Http("no key", "GET", MODELS, 401, options=LOCKED),
    Http("wrong key", "POST", SECRETS, 401, "invalid_api_key", options=LOCKED,
         headers={"Authorization": "Bearer sk-wrong"}),
    Http("beta header", "POST", SECRETS, 400, "beta_api_shape_disabled",
         headers={"OpenAI-Beta": "realtime=v1"}),
    Http("page of another site", "POST", SECRETS, 403, "origin_not_allowed", headers=FOREIGN),
    Http("name of another site", "GET", MODELS, 403, "host_not_allowed",
         headers={"Host": "evil.example"}),
    Http("a lifetime too short", "POST", SECRETS, 400, "integer_below_min_value",
         "expires_after.seconds", body='{"expires_after": {"seconds": 9}}'),
    Http("a lifetime too long", "POST", SECRETS, 400, "integer_above_max_value",
         "expires_after.seconds", body='{"expires_after": {"seconds": 7201}}'),
    Http("body is not JSON", "POST", SECRETS, 400, "invalid_json", body="{nope"),
    Http("body is no object", "POST", SECRETS, 400, "invalid_event", body="[]"),
    Http("session without type", "POST", SECRETS, 400, "missing_required_parameter",
         "session.type", body='{"session": {}}'),
    Http("not a WebSocket", "GET", SOCKET, 426, message="ws://"),
]
# fmt: on


def kinds_of(code, message):
    """The rows of the server's own table that make such a refusal."""
    for kind, row in REFUSALS.items():
        pattern = re.sub(r"\\{[^}]*\\}", ".*", re.escape(row.message))
        if (row.code or None) == code and re.fullmatch(pattern, message, re.DOTALL):
            yield kind
