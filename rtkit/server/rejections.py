"""The `error` events of a session beside those about fields, as one table.

`rtkit.refusals` knows what can be wrong with a session object; this is the rest: the frame, the
audio buffer, items, responses, the door. Wordings are those of the hosted service where its own
are on record; a row whose `seen` is False has our wording. `{}` fields are filled in by `refuse`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rtkit.refusals import Refusal

LONGEST_QUOTE = 2_000
"""Characters of a message or a param, so that an error is not as long as what it is about."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of refusal. `code` and `param` are the wire's; `message` is a format string."""

    code: str  # "" is null on the wire
    message: str
    param: str | None = None
    seen: bool = True


REFUSALS: dict[str, Row] = {
    "not_json": Row("invalid_json", "Invalid event: failed to parse JSON value. {detail}"),
    "binary": Row(
        "invalid_event", "Expected a text WebSocket message; binary frames are not supported."
    ),
    "no_type": Row("invalid_event", "The 'type' field is missing."),
    "not_an_object": Row(
        "invalid_event", "Invalid event: expected a JSON object, got {found}.", seen=False
    ),
    "unknown_parameter": Row("unknown_parameter", "Unknown parameter: '{param}'.", "{param}"),
    "bad_audio": Row(
        "invalid_value",
        "Invalid '{param}'. Expected base64-encoded audio bytes ({expected}) but got an invalid "
        "value: {detail}",
        "{param}",
    ),
    "append_too_long": Row(
        "string_above_max_length",
        "Invalid 'audio': at most 15 MiB of audio may be appended at once, got {found} bytes. "
        "Send it in smaller pieces.",
        "audio",
        seen=False,
    ),
    "event_too_long": Row(
        "string_above_max_length",
        "Invalid event: at most {most} characters are read at once, got {found}. Send it in "
        "smaller pieces.",
        seen=False,
    ),
    "event_too_deep": Row(
        "invalid_value",
        "Invalid event: nested more than {most} levels deep.",
        seen=False,
    ),
    "event_too_large": Row(
        "invalid_value",
        "Invalid event: it holds more than {most} values. Send fewer at once.",
        seen=False,
    ),
    "string_too_long": Row(
        "string_above_max_length",
        "Invalid '{param}': string too long. Expected a string with maximum length {most}, but "
        "got a string with length {found} instead.",
        "{param}",
        seen=False,
    ),
    "too_many_tools": Row(
        "array_above_max_length",
        "Invalid '{param}': array too long. Expected an array with maximum length {most}, but "
        "got an array with length {found} instead.",
        "{param}",
        seen=False,
    ),
    "buffer_full": Row(
        "input_audio_buffer_full",
        "The input audio buffer may hold {most:g} s of audio and this would make {found:.1f} s. "
        "Commit it or clear it, then send on.",
        "audio",
        seen=False,
    ),
    "too_many_items": Row(
        "conversation_full",
        "The conversation holds {found} items, the most is {most}. Delete some of them.",
        seen=False,
    ),
    "conversation_full": Row(
        "conversation_full",
        "The conversation may keep {most} bytes of audio, images and text and this would make "
        "{found}. Delete some of its items.",
        seen=False,
    ),
    "too_many_unheard": Row(
        "rate_limit_exceeded",
        "The words of {found} items are still to come, the most is {most}. Wait until they are "
        "transcribed or answered.",
        seen=False,
    ),
    "too_many_responses": Row(
        "rate_limit_exceeded",
        "{found} responses outside the conversation are in progress, the most is {most}. Wait "
        "until one is done.",
        "response.conversation",
        seen=False,
    ),
    "context_too_long": Row(
        "context_length_exceeded",
        "The conversation has {have} tokens; {most} fit beside the instructions, and nothing more "
        "can be left out. Delete items, shorten the instructions, or set 'truncation' to 'auto'.",
        "session.truncation",
        seen=False,
    ),
    "post_instructions_above": Row(
        "integer_above_max_value",
        "Invalid 'session.truncation.token_limits.post_instructions': integer above maximum "
        "value. Expected a value <= {most}, but got {found} instead.",
        "session.truncation.token_limits.post_instructions",
        seen=False,
    ),
    "commit_empty": Row(
        "input_audio_buffer_commit_empty",
        "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
        "but buffer only has {ms:.2f}ms of audio.",
    ),
    "active_response": Row(
        "conversation_already_has_active_response",
        "Conversation already has an active response in progress: {response_id}. Wait until the "
        "response is finished before creating a new one.",
    ),
    "voice_fixed": Row(
        "cannot_update_voice",
        "Cannot update a conversation's voice if assistant audio is present.",
        "response.audio.output.voice",
    ),
    "cancel_not_active": Row(
        "response_cancel_not_active", "Cancellation failed: no active response found"
    ),
    "truncate_too_long": Row(
        "invalid_value",
        "Audio content of {have}ms is already shorter than {wanted}ms",
        "audio_end_ms",
    ),
    "truncate_below_zero": Row(
        "integer_below_min_value",
        "Invalid 'audio_end_ms': integer below minimum value. Expected a value >= 0, but got "
        "{wanted} instead.",
        "audio_end_ms",
        seen=False,
    ),
    "truncate_unknown": Row(
        "item_truncate_invalid_item_id", "Item with item_id not found: {item_id}", "item_id"
    ),
    "truncate_not_audio": Row(
        "invalid_value", "Only model output audio messages can be truncated", "item_id"
    ),
    "delete_unknown": Row(
        "item_delete_invalid_item_id",
        "Error deleting item: the item with id '{item_id}' does not exist.",
    ),
    "retrieve_unknown": Row(
        "item_retrieve_invalid_item_id",
        "Error retrieving item: the item with id '{item_id}' does not exist.",
    ),
    "previous_unknown": Row(
        "item_create_invalid_previous_item_id",
        "Error adding item: the previous item with id '{item_id}' does not exist.",
        "previous_item_id",
        seen=False,
    ),
    "item_exists": Row(
        "item_create_duplicate_item_id",
        "Error adding item: an item with id '{item_id}' already exists.",
        "item.id",
        seen=False,
    ),
    "bad_image": Row(
        "invalid_value",
        "Invalid '{param}'. Expected a PNG or JPEG image as a data URI, but {detail}.",
        "{param}",
        seen=False,
    ),
    "reference_unknown": Row(
        "invalid_value", "Item with item_id not found: {item_id}", "response.input", seen=False
    ),
    "no_responses": Row(
        "invalid_event",
        "A transcription session makes no responses; '{type}' is not available in it.",
        "type",
        seen=False,
    ),
    "session_expired": Row(
        "session_expired", "Your session hit the maximum duration of {minutes:g} minutes."
    ),
    "server_error": Row("server_error", "{detail}", seen=False),
    "secret_below": Row(
        "integer_below_min_value",
        "Invalid 'expires_after.seconds': integer below minimum value. Expected a value >= {low}, "
        "but got {found} instead.",
        "expires_after.seconds",
        seen=False,
    ),
    "secret_above": Row(
        "integer_above_max_value",
        "Invalid 'expires_after.seconds': integer above maximum value. Expected a value <= "
        "{high}, but got {found} instead.",
        "expires_after.seconds",
        seen=False,
    ),
    "too_many_secrets": Row(
        "rate_limit_exceeded",
        "There are {most} ephemeral keys already. Wait until some have expired.",
        seen=False,
    ),
    "expired_key": Row(
        "invalid_api_key",
        "The ephemeral key has expired. Make another by POST /v1/realtime/client_secrets.",
        seen=False,
    ),
    "bad_origin": Row(
        "origin_not_allowed",
        "Pages of {origin} may not connect. To let them in, start the server with --origin "
        "{origin}, or ServerOptions(origins=...).",
        seen=False,
    ),
    "bad_host": Row(
        "host_not_allowed",
        "This server does not go by the name {host}. Use its IP address or localhost; if the name "
        "is yours, start the server with --origin http://{host}, or with a key.",
        seen=False,
    ),
    "too_many_sessions": Row(
        "rate_limit_exceeded",
        "This server holds {most} sessions already, which is its limit. Close one, come back "
        "later, or start it with a higher --max-sessions.",
        seen=False,
    ),
    "no_key": Row("", "Missing bearer or basic authentication in header"),
    "bad_key": Row("invalid_api_key", "Incorrect API key provided: {masked}."),
    "no_model": Row(
        "missing_model",
        "You must provide a model parameter, for example "
        "wss://api.openai.com/v1/realtime?model=gpt-realtime-1.5",
    ),
    "bad_model": Row("invalid_model", 'Model "{model}" is not supported in realtime mode.'),
    "beta": Row(
        "beta_api_shape_disabled",
        "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.",
    ),
}


class Refused(Exception):
    """A client event cannot be carried out; nothing of it was done."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def refuse(kind: str, **values: Any) -> Refusal:
    """The refusal of that kind, its message filled in.

    >>> refuse("truncate_too_long", have=6350, wanted=8160).message
    'Audio content of 6350ms is already shorter than 8160ms'
    """
    row = REFUSALS[kind]
    param = row.param.format(**values) if row.param else None
    return Refusal(row.code, row.message.format(**values), param)


def raise_if(refusal: Refusal | None) -> None:
    """Raise what was found to be wrong, if anything was."""
    if refusal is not None:
        raise Refused(refusal)


def error_event(refusal: Refusal, client_event_id: str | None = None) -> dict[str, Any]:
    """The `error` event of a refusal, without its own event_id.

    It quotes no more of what the client sent than fits in `LONGEST_QUOTE` characters.
    """
    return {
        "type": "error",
        "error": {
            "type": "invalid_request_error",
            "code": refusal.code or None,
            "message": _shortened(refusal.message),
            "param": refusal.param and _shortened(refusal.param),
            "event_id": client_event_id,
        },
    }


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "..."
