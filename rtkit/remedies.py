"""What to do about an error of the server: its code, as the wire has it, and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .errors import RateLimited, SessionError

REMEDIES: Mapping[str, str] = {
    "rate_limit_exceeded": "Wait until the limit is lifted, then ask again.",
    "insufficient_quota": "Waiting does not help: look at the plan and the billing of the account.",
    "server_error": "The session is open: ask again.",
    "session_expired": "Open a new session with rtkit.connect, or leave reconnect=True.",
    "context_length_exceeded": (
        "Delete items, shorten the instructions, or let the server truncate the conversation."
    ),
    "conversation_already_has_active_response": (
        "Send response.create without at_once: the session then waits for the end of the other."
    ),
    "conversation_full": "Delete items by conversation.item.delete, or open a new session.",
    "cannot_update_voice": (
        "The voice is fixed once the assistant has spoken: open a new session with the other one."
    ),
    "input_audio_buffer_commit_empty": (
        "Append at least 100 ms of sound before a commit; with turn detection the server commits."
    ),
    "input_audio_buffer_full": "Commit or clear the sound that was appended, then append more.",
    "item_truncate_invalid_item_id": (
        "Truncate an answer that was spoken in this session; session.transcript names the items."
    ),
    "item_delete_invalid_item_id": "Look at session.transcript for the ids of the items.",
    "item_retrieve_invalid_item_id": "Look at session.transcript for the ids of the items.",
    "item_create_invalid_previous_item_id": (
        'Give previous_item_id an item of this conversation, "root", or leave it out.'
    ),
    "item_create_duplicate_item_id": "Give the item another id, or none.",
    "unknown_parameter": (
        "A field of that name does not exist on the GA wire: look at its spelling and its place "
        "(RealtimeSessionConfig writes them right). Nothing of the event was applied."
    ),
    "missing_required_parameter": "Add the field that is named. Nothing of the event was applied.",
    "invalid_value": "Give one of the values that are allowed. Nothing of the event was applied.",
    "invalid_event": "Look at the type and the fields: rtkit.events lists what each event holds.",
    "invalid_json": "Hand over events as dicts; session.send makes the JSON.",
    "invalid_api_key": "Give api_key=..., or set the target's variable.",
    "invalid_model": "Name a model that the server has; rtkit's catalog lists the known ones.",
}
"""Code of an error -> what to do. Codes that only one service has may be missing."""

AGAIN_IN = re.compile(r"try again in (?:(\d+)m(?!s))?(?:([\d.]+)(ms|s))?", re.IGNORECASE)


def session_error(
    error: Mapping[str, Any], lead: str = "", reset_s: float | None = None
) -> SessionError:
    """The exception for an error object of the wire, with the remedy in its message.

    `lead` stands before the server's words. A limit that was reached is a RateLimited; `reset_s`
    is when it is lifted, if that is known from elsewhere than its words.
    """
    code = error.get("code")
    words = str(error.get("message") or "the server gave no reason").rstrip(". ")
    remedy = REMEDIES.get(str(code), "")
    told = {"code": code, "param": error.get("param"), "event_id": error.get("event_id")}
    message = f"{lead}{words}." + (f" {remedy}" if remedy else "")
    failure = SessionError(message, **told)
    if code == "rate_limit_exceeded":
        failure = RateLimited(message, reset_s=told_reset(words) or reset_s, **told)
    failure.words = f"{words}."
    return failure


def told_reset(words: str) -> float | None:
    """Seconds after which a server says that one may try again; None if it does not say.

    >>> told_reset("Rate limit reached. Please try again in 1m2.5s")
    62.5
    """
    found = AGAIN_IN.search(words)
    if found is None or not (found[1] or found[2]):
        return None
    seconds = (
        float(found[2].rstrip(".") or 0) / (1000 if found[3] == "ms" else 1) if found[2] else 0
    )
    return 60.0 * int(found[1] or 0) + seconds
