"""What is inside the events of all scenes: keys and values that the official types leave open."""

import base64

import conformance_scenes  # noqa: F401 - the scenes register themselves
from conformance import SCENES, log_of

RESPONSE = (
    "id object status status_details output conversation_id output_modalities max_output_tokens"
    " audio usage metadata"
).split()
TOKENS = {"text_tokens", "audio_tokens"}
GIVEN = {*TOKENS, "image_tokens"}
USAGE = {
    "input_token_details": {*GIVEN, "cached_tokens", "cached_tokens_details"},
    "output_token_details": TOKENS,
}
ITEMS = {
    "message": {"id", "type", "status", "role", "content"},
    "function_call": {"id", "type", "status", "name", "call_id", "arguments"},
    "function_call_output": {"id", "type", "status", "call_id", "output"},
}
PARTS = {"audio": {"type", "transcript"}, "text": {"type", "text"}}
CONTENT = {
    "input_text": {"type", "text"},
    "input_audio": {"type", "transcript"},
    "output_text": {"type", "text"},
    "output_audio": {"type", "transcript"},
}


def all_sent(*types):
    """Every event of these types that any scene saw."""
    logs = (log_of(name) for name in SCENES)
    found = [event for log in logs for side, event in log if side == "<"]
    return [event for event in found if event["type"] in types]


def test_responses_have_the_fields_of_the_service():
    for event in all_sent("response.created", "response.done"):
        response = event["response"]
        assert sorted(response) == sorted(RESPONSE)
        if event["type"] == "response.created":
            assert (response["status"], response["output"]) == ("in_progress", [])
        open_ = response["status"] in ("in_progress", "completed")
        assert (response["status_details"] is None) is open_
        assert (response["usage"] is None) is (event["type"] == "response.created")
        assert set(response["audio"]["output"]) == {"format", "voice"}


def test_usage_adds_up():
    for event in all_sent("response.done"):
        usage = event["response"]["usage"]
        details = {name: set(value) for name, value in usage.items() if isinstance(value, dict)}
        assert details == USAGE
        given, made = usage["input_token_details"], usage["output_token_details"]
        assert usage["input_tokens"] == sum(given[name] for name in GIVEN)
        assert usage["output_tokens"] == sum(made.values())
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
        assert given["cached_tokens"] == sum(given["cached_tokens_details"].values())


def test_items_are_shown_as_the_service_shows_them():
    events = all_sent("conversation.item.added", "conversation.item.done")
    items = [event["item"] for event in events]
    events += all_sent("response.output_item.added", "response.output_item.done")
    items += [event["item"] for event in events]
    items += [item for e in all_sent("response.done") for item in e["response"]["output"]]
    for item in items:
        assert set(item) == ITEMS[item["type"]]
        for part in item.get("content", ()):
            assert set(part) == CONTENT[part["type"]]


def test_only_a_retrieved_item_holds_its_sound():
    spoken = [e["item"]["content"][0] for e in all_sent("conversation.item.retrieved")]
    assert spoken
    assert all(set(part) == {"type", "transcript", "audio"} for part in spoken)


def test_parts_are_named_without_direction_and_hold_no_sound():
    for event in all_sent("response.content_part.added", "response.content_part.done"):
        part = event["part"]
        assert set(part) == PARTS[part["type"]]
        if event["type"].endswith("added"):
            assert "" in part.values()


def test_the_item_before_is_named_even_when_there_is_none():
    types = ("conversation.item.added", "conversation.item.done", "input_audio_buffer.committed")
    events = all_sent(*types)
    assert all("previous_item_id" in event for event in events)
    assert None in {event["previous_item_id"] for event in events}


def test_limits_are_told_in_tokens_only():
    for event in all_sent("rate_limits.updated"):
        (row,) = event["rate_limits"]
        assert set(row) == {"name", "limit", "remaining", "reset_seconds"}
        assert row["name"] == "tokens"


def test_an_error_has_all_its_fields():
    for event in all_sent("error"):
        assert set(event["error"]) == {"type", "code", "message", "param", "event_id"}


def test_deltas_make_what_done_says():
    for kind, field in (
        ("response.output_text", "text"),
        ("response.output_audio_transcript", "transcript"),
        ("response.function_call_arguments", "arguments"),
        ("conversation.item.input_audio_transcription", "transcript"),
    ):
        whole = {}
        for event in all_sent(f"{kind}.delta"):
            whole[event["item_id"]] = whole.get(event["item_id"], "") + event["delta"]
        ends = all_sent(f"{kind}.done", f"{kind}.completed")
        assert ends
        for end in ends:
            assert end[field] == whole.get(end["item_id"], "")


def test_sound_comes_in_pieces_faster_than_it_lasts():
    pieces = all_sent("response.output_audio.delta")
    sizes = [len(base64.b64decode(piece["delta"])) for piece in pieces]
    assert all(size % 2 == 0 for size in sizes)
    assert max(sizes) <= 48 * 400  # 400 ms


# The session object


def test_a_transcription_session_begins_with_its_own_object():
    session = log_of("a_transcription_session")[0][1]["session"]
    for name in ("id", "expires_at"):
        assert session[name]
    assert set(session) == {"type", "object", "id", "expires_at", "audio", "include"}
    assert session["object"] == "realtime.transcription_session"
    assert set(session["audio"]) == {"input"}
    assert set(session["audio"]["input"]) == {
        "format",
        "transcription",
        "noise_reduction",
        "turn_detection",
    }


def test_session_created_is_the_object_of_the_service_with_documented_defaults():
    session = dict(log_of("a_voice_turn")[0][1]["session"])
    for name in ("id", "expires_at", "instructions"):
        assert session.pop(name)
    detection = {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300}
    detection |= {"silence_duration_ms": 500, "idle_timeout_ms": None}
    detection |= {"create_response": True, "interrupt_response": True}
    pcm = {"type": "audio/pcm", "rate": 24000}
    hearing = {"format": pcm, "transcription": None, "noise_reduction": None}
    assert session == {
        "type": "realtime",
        "object": "realtime.session",
        "model": "gpt-realtime-2.1",
        "output_modalities": ["audio"],
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "audio": {
            "input": {**hearing, "turn_detection": detection},
            "output": {"format": pcm, "voice": "alloy", "speed": 1.0},
        },
        "include": None,
    }
