"""The trials of a probe: what is said to a server, and what is learnt from its answer.

A trial takes the bench and gives findings. The table `TRIALS` is the order in which they are made,
and names the features that each of them tells of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import dialects, events
from .errors import TargetError
from .evidence import NOTHING, by_name, finding, is_one, refusal, status
from .findings import Finding
from .keys import client_secret
from .moments import Moment
from .soundtrials import cancel, hearing, idle, manual, semantic, sound_out, telephone

if TYPE_CHECKING:
    from .probing import Bench

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
INSTRUCTIONS = "Answer with one word."
TOOL = {
    "type": "function",
    "name": "tell_time",
    "description": "The time of day.",
    "parameters": {"type": "object", "properties": {}},
}
WANTED: Mapping[str, Any] = {
    "output_modalities": ["text"],
    "instructions": INSTRUCTIONS,
    "audio": {"input": {"turn_detection": None}},
}


async def opens(bench: Bench) -> list[Finding]:
    """How the session began, and in which shape it is told."""
    first = bench.since(0)[0].type
    shape = dialects.shape_of(bench.link.protocol.session)
    seen = f"first word `{first}`; the session object: {shape or 'not told'}"
    ga = shape == "GA" and first == events.SESSION_CREATED
    return [
        Finding("connection", True, f"open after {1000 * bench.opened_s:.0f} ms"),
        Finding("session.created in the GA shape", ga, seen),
    ]


async def ping(bench: Bench) -> list[Finding]:
    """Whether a ping of the WebSocket comes back."""
    seconds = await bench.ping()
    if seconds is None:
        return [Finding("ping", None, NOTHING)]
    return [Finding("ping", True, f"answered in {1000 * seconds:.1f} ms")]


async def update(bench: Bench) -> list[Finding]:
    """Whether a change is taken, and told back as it was sent."""
    answer = await bench.update(WANTED)
    row = finding("session.update", answer, events.SESSION_UPDATED)
    if not is_one(answer, events.SESSION_UPDATED):
        return [row, Finding("settings kept as sent", None, row.seen)]
    told = bench.link.protocol.session
    other = sorted(_differing(WANTED, told))
    seen = f"other than sent: {', '.join(other)}" if other else "all as sent"
    return [row, Finding("settings kept as sent", not other, seen)]


def _differing(wanted: Mapping[str, Any], told: Mapping[str, Any], path: str = "") -> list[str]:
    found = []
    for key, value in wanted.items():
        inner = told.get(key)
        if isinstance(value, Mapping):
            below = inner if isinstance(inner, Mapping) else {}
            found += _differing(value, below, f"{path}{key}.")
        elif inner != value or key not in told:
            found.append(f"`{path}{key}`")
    return found


async def bad_field(bench: Bench) -> list[Finding]:
    """How a field that nobody knows is refused."""
    mark = len(bench.timeline)
    answer = await bench.update({"bogus_field": 1})
    if not is_one(answer, events.ERROR):
        seen = "taken without a word" if answer else NOTHING
        return [Finding("errors with a code", False if answer else None, seen)]
    assert answer is not None
    error = answer.event["error"]
    sent = bench.timeline[mark].event["event_id"]
    named = error.get("event_id") == sent
    seen = f"`{error.get('code')}`, param `{error.get('param')}`"
    cause = "names the event that caused it" if named else f"event_id {error.get('event_id')!r}"
    return [
        Finding("errors with a code", bool(error.get("code")), seen),
        Finding("errors name their cause", named, cause),
    ]


async def text_turn(bench: Bench) -> list[Finding]:
    """A typed question and a written answer, and what goes with them."""
    mark = len(bench.timeline)
    added = (events.ITEM_ADDED, dialects.ITEM_CREATED)
    item = await bench.ask(events.user_text("Say yes."), *added)
    done = await bench.respond(output_modalities=["text"])
    words = "".join(
        m.event.get("delta", "") for m in by_name(bench, mark, events.TEXT_DELTA)
    ) or _words_of(done)
    rows = [finding("text turn", done, events.RESPONSE_DONE, f"{words.strip()[:40]!r}")]
    if by_name(bench, mark, events.AUDIO_DELTA):
        rows = [Finding("text turn", False, "answered in sound")]
    elif rows[0].supported and not words:
        rows = [Finding("text turn", False, status(done))]
    rows.append(finding("items named as in GA", item, events.ITEM_ADDED))
    if item is not None and item.type in added:
        bench.notes["item"] = item.event["item"]["id"]
    return [*rows, await _limits(bench, mark, done), _usage(done)]


def _words_of(done: Moment | None) -> str:
    if done is None or done.type != events.RESPONSE_DONE:
        return ""
    output = done.event["response"].get("output")
    parts = [part for item in output or () for part in item.get("content") or ()]
    return " ".join(part.get("text") or part.get("transcript") or "" for part in parts)


async def _limits(bench: Bench, mark: int, done: Moment | None) -> Finding:
    came = await bench.wait_for(mark, "rate_limits.updated", wait=0.3) if done else None
    return finding("rate limits", came, "rate_limits.updated")


def _usage(done: Moment | None) -> Finding:
    if not is_one(done, events.RESPONSE_DONE):
        return Finding("usage by kind", None, NOTHING)
    assert done is not None
    usage = dialects.usage_of(done.event)
    detailed = "input_token_details" in usage
    seen = "tokens of text, sound and images" if detailed else "only sums" if usage else "none"
    beside = "" if (done.event["response"].get("usage") or not usage) else ", beside the response"
    return Finding("usage by kind", detailed, seen + beside)


async def beside(bench: Bench) -> list[Finding]:
    """An answer that stays outside the conversation."""
    message = events.user_text("Say no.")["item"]
    done = await bench.respond(
        conversation="none",
        output_modalities=["text"],
        metadata={"probe": "beside"},
        input=[message],
    )
    if not is_one(done, events.RESPONSE_DONE):
        return [finding("response outside the conversation", done, events.RESPONSE_DONE)]
    assert done is not None
    response = done.event["response"]
    outside = response.get("conversation_id", "") is None
    back = response.get("metadata") == {"probe": "beside"}
    seen = f"conversation_id {response.get('conversation_id', 'not told')!r}, metadata " + (
        "came back" if back else "did not come back"
    )
    return [Finding("response outside the conversation", outside and back, seen)]


async def tools(bench: Bench) -> list[Finding]:
    """A call of a tool that must be called, and its output."""
    mark = len(bench.timeline)
    await bench.ask(events.user_text("What time is it?"), events.ITEM_DONE, wait=1.0)
    done = await bench.respond(tools=[TOOL], tool_choice="required", output_modalities=["text"])
    calls = [m.event for m in bench.since(mark, events.CALL_DONE)]
    if not calls:
        return [
            Finding("tools", None if done is None else False, status(done) if done else NOTHING)
        ]
    seen = f"called `{calls[0].get('name') or TOOL['name']}`"
    answered = await bench.ask(
        events.tool_output(str(calls[0]["call_id"]), "noon"),
        events.ITEM_ADDED,
        dialects.ITEM_CREATED,
    )
    ok = is_one(answered, events.ITEM_ADDED, dialects.ITEM_CREATED)
    output = Finding("output of a tool", ok if answered else None, refusal(answered))
    return [Finding("tools", True, seen), Finding("output of a tool", True) if ok else output]


async def retrieve(bench: Bench) -> list[Finding]:
    """An item is told once more, and deleted."""
    if "item" not in bench.notes:
        return [Finding("item retrieved", None, "no item was named")]
    told = {"type": "conversation.item.retrieve", "item_id": bench.notes["item"]}
    answer = await bench.ask(told, "conversation.item.retrieved")
    rows = [finding("item retrieved", answer, "conversation.item.retrieved")]
    gone = {"type": "conversation.item.delete", "item_id": bench.notes["item"]}
    answer = await bench.ask(gone, "conversation.item.deleted")
    return [*rows, finding("item deleted", answer, "conversation.item.deleted")]


async def images(bench: Bench) -> list[Finding]:
    """A picture of one pixel as a question."""
    part = {"type": "input_image", "image_url": PIXEL}
    item = {"type": "message", "role": "user", "content": [part]}
    told = {"type": events.ITEM_CREATE, "item": item}
    answer = await bench.ask(told, events.ITEM_ADDED, dialects.ITEM_CREATED)
    ok = is_one(answer, events.ITEM_ADDED, dialects.ITEM_CREATED)
    return [Finding("images", ok if answer else None, "taken" if ok else refusal(answer))]


async def ephemeral(bench: Bench) -> list[Finding]:
    """A key for those who must not have the real one."""
    whole = replace(bench.target, url=bench.url)
    try:
        secret = await asyncio.to_thread(
            client_secret, {"model": bench.model}, whole, seconds=60, timeout=bench.patience
        )
    except TargetError as exc:
        return [Finding("ephemeral keys", False, str(exc).partition(". ")[0])]
    return [Finding("ephemeral keys", True, f"one until {secret.expires:%H:%M:%S} UTC")]


async def stranger(bench: Bench) -> list[Finding]:
    """What somebody gets who has a wrong key, if the server asks for one at all."""
    if not bench.target.key:
        return [Finding("wrong key turned away", None, "no key was given to compare with")]
    return [Finding("wrong key turned away", *await bench.knock("wrong-key-0123456789"))]


TRIALS: Mapping[tuple[str, ...], Callable[[Bench], Awaitable[list[Finding]]]] = {
    ("connection", "session.created in the GA shape"): opens,
    ("ping",): ping,
    ("session.update", "settings kept as sent"): update,
    ("errors with a code", "errors name their cause"): bad_field,
    ("text turn", "items named as in GA", "rate limits", "usage by kind"): text_turn,
    ("response outside the conversation",): beside,
    ("tools", "output of a tool"): tools,
    ("item retrieved", "item deleted"): retrieve,
    ("images",): images,
    ("audio out", "audio faster than real time", "truncation"): sound_out,
    ("cancellation",): cancel,
    ("server_vad", "transcription", "logprobs", "create_response false"): hearing,
    ("semantic_vad",): semantic,
    ("idle_timeout_ms",): idle,
    ("turn committed by hand", "sound cleared"): manual,
    ("G.711",): telephone,
    ("ephemeral keys",): ephemeral,
    ("wrong key turned away",): stranger,
}
"""The features that a trial tells of -> the trial."""
