"""What a client may send that means no harm, that means some, and that means nothing at all."""

import base64
import json

import numpy as np
from hypothesis import strategies as st

from rtkit.server.frames import UNDERSTOOD

IDS = ["item_a", "item_b", "", "root", "resp_x", "\x00\x1f", "Ä" * 40, "\U0001f600"]
NUMBERS = [0, -1, 1, 99, 100, 10**9, 10**400, -(10**30), 0.5, 1e308, -1e308, 1e-320]
SURROGATES = ["\ud800", "\udfff", "a\ud83d", "\ude00\ud83d"]

texts = st.text(max_size=12) | st.sampled_from(["x" * 3000, "\x00", "\u2028", *SURROGATES])
leaves = st.one_of(
    st.none(), st.booleans(), st.sampled_from(NUMBERS), st.integers(), st.floats(), texts
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)


def _nested(depth):
    value = 1
    for _ in range(depth):
        value = [value] if depth % 2 else {"a": value}
    return value


deep = st.sampled_from([50, 97, 99, 100, 150]).map(_nested)
junk = values | deep


def half(sound):
    """Something that is right nearly always."""
    return st.integers(0, 30).flatmap(lambda n: junk if n == 30 else sound)


def optional(**fields):
    return st.fixed_dictionaries({}, optional=fields)


def tone(ms, loud):
    samples = loud * np.sin(2 * np.pi * 220 * np.arange(24 * ms) / 24_000)
    return base64.b64encode((samples * 32767).astype("<i2").tobytes()).decode()


TONES = {f"~{ms} ms {loud}~": tone(ms, loud) for ms in (20, 300, 900) for loud in (0.0, 0.4)}
"""Sounds by names, so that a failing example can be read; `spelled` puts them in."""


def spelled(frame):
    """A frame with the sounds that it names."""
    if isinstance(frame, str) and "~" in frame:
        for name, sound in TONES.items():
            frame = frame.replace(name, sound)
    return frame


sounds = st.sampled_from([*TONES, "", "AAA", "AA==", "%%%", "AAAA"])
PNG = "iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgCAYAAAA10dzk"
ids = half(st.sampled_from(IDS))
formats = st.sampled_from(
    [{"type": "audio/pcm", "rate": 24000}, {"type": "audio/pcmu"}, {"type": "audio/pcma"}]
)
tools = st.lists(
    half(st.just({"type": "function", "name": "look", "parameters": {"type": "object"}})),
    max_size=3,
)
parts = st.one_of(
    st.fixed_dictionaries({"type": st.just("input_text"), "text": half(texts)}),
    st.fixed_dictionaries(
        {"type": st.just("input_audio"), "audio": half(sounds)},
        optional={"transcript": half(texts)},
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("input_image"),
            "image_url": half(st.just(f"data:image/png;base64,{PNG}")),
        },
        optional={"detail": half(st.just("low"))},
    ),
    st.fixed_dictionaries({"type": st.just("output_text"), "text": half(texts)}),
    junk,
)
items = half(
    st.one_of(
        st.fixed_dictionaries(
            {
                "type": st.just("message"),
                "role": half(st.sampled_from(["user", "assistant", "system"])),
                "content": half(st.lists(parts, max_size=3)),
            },
            optional={"id": ids, "status": half(st.just("completed")), "object": texts},
        ),
        st.fixed_dictionaries(
            {"type": st.just("function_call"), "name": texts, "arguments": texts},
            optional={"call_id": ids, "id": ids},
        ),
        st.fixed_dictionaries(
            {"type": st.just("function_call_output"), "call_id": ids, "output": half(texts)}
        ),
    )
)
truncations = st.one_of(
    st.sampled_from(["auto", "disabled"]),
    st.fixed_dictionaries(
        {
            "type": st.just("retention_ratio"),
            "retention_ratio": half(st.sampled_from([0, 0.5, 1.0])),
        },
        optional={"token_limits": optional(post_instructions=half(st.sampled_from([0, 5, 500])))},
    ),
)
turn_detections = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"type": st.just("server_vad")},
        optional={
            "threshold": half(st.sampled_from([0, 0.5, 1])),
            "prefix_padding_ms": half(st.sampled_from([0, 300, 10**9, 10**400])),
            "silence_duration_ms": half(st.sampled_from([0, 200, 10**9, 10**400])),
            "idle_timeout_ms": half(st.sampled_from([None, 5000, 30000])),
            "create_response": half(st.booleans()),
            "interrupt_response": half(st.booleans()),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("semantic_vad")},
        optional={"eagerness": half(st.sampled_from(["low", "high", "auto"]))},
    ),
)
transcriptions = st.none() | st.fixed_dictionaries(
    {"model": half(st.sampled_from(["gpt-transcribe", "gpt-live-transcribe", "whisper-1"]))},
    optional={"language": half(st.just("en")), "prompt": half(texts)},
)
outputs = optional(
    format=half(formats),
    voice=half(st.sampled_from(["alloy", "sage", {"id": "voice_x"}])),
)
sessions = st.fixed_dictionaries(
    {"type": half(st.just("realtime"))},
    optional={
        "output_modalities": half(st.sampled_from([["text"], ["audio"], ["text", "audio"]])),
        "instructions": half(texts),
        "tools": half(tools),
        "tool_choice": half(st.sampled_from(["auto", "none", "required"])),
        "max_output_tokens": half(st.sampled_from(["inf", 1, 5, 4096])),
        "truncation": half(truncations),
        "include": half(st.just(["item.input_audio_transcription.logprobs"])),
        "tracing": half(st.sampled_from([None, "auto"])),
        "prompt": half(st.none()),
        "audio": half(
            optional(
                input=half(
                    optional(
                        format=half(formats),
                        turn_detection=half(turn_detections),
                        transcription=half(transcriptions),
                        noise_reduction=half(st.just({"type": "near_field"})),
                    )
                ),
                output=half(outputs),
            )
        ),
    },
)
references = st.fixed_dictionaries({"type": st.just("item_reference"), "id": ids})
responses = optional(
    conversation=half(st.sampled_from(["none", "auto"])),
    input=half(st.lists(items | references, max_size=3)),
    metadata=half(st.dictionaries(texts, texts, max_size=3)),
    output_modalities=half(st.sampled_from([["text"], ["audio"]])),
    instructions=half(texts),
    tools=half(tools),
    max_output_tokens=half(st.sampled_from(["inf", 1, 5, 4096])),
    audio=half(optional(output=half(outputs))),
)
FIELDS = {
    "session.update": {"session": half(sessions)},
    "input_audio_buffer.append": {"audio": half(sounds)},
    "conversation.item.create": {"item": half(items), "previous_item_id": ids},
    "conversation.item.truncate": {
        "item_id": ids,
        "content_index": half(st.just(0)),
        "audio_end_ms": half(st.sampled_from([0, 100, 10**9])),
    },
    "conversation.item.delete": {"item_id": ids},
    "conversation.item.retrieve": {"item_id": ids},
    "response.create": {"response": half(responses)},
    "response.cancel": {"response_id": ids},
}


def _event(type_):
    fields = FIELDS.get(type_, {})
    needed = {name: f for name, f in fields.items() if name not in OPTIONAL_FIELDS}
    others = {name: fields[name] for name in OPTIONAL_FIELDS & set(fields)}
    event_id = half(st.just("event_mine") | st.just("e" * 600))
    return st.fixed_dictionaries(
        {"type": st.just(type_), **needed}, optional={**others, "event_id": event_id}
    )


def _event_of(type_, **fields):
    return json.dumps({"type": type_, **fields})


TEXT = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
SOUND = {"type": "input_audio", "audio": "~300 ms 0.4~"}
good = st.sampled_from(
    [
        _event_of("conversation.item.create", item=TEXT),
        _event_of("conversation.item.create", item={**TEXT, "id": "item_a"}),
        _event_of("conversation.item.create", item={**TEXT, "content": [SOUND, SOUND]}),
        _event_of("conversation.item.delete", item_id="item_a"),
        _event_of("conversation.item.retrieve", item_id="item_a"),
        _event_of("response.create"),
        _event_of("response.create", response={"output_modalities": ["text"]}),
        _event_of("response.create", response={"conversation": "none"}),
        _event_of("response.create", response={"conversation": "none", "input": [TEXT]}),
        _event_of("response.create", response={"max_output_tokens": 3}),
        _event_of("response.cancel"),
        _event_of("conversation.item.delete", item_id="a\ud83d"),
        _event_of("input_audio_buffer.append", audio="~900 ms 0.4~"),
        _event_of("input_audio_buffer.commit"),
        _event_of("input_audio_buffer.clear"),
        *(
            _event_of("session.update", session={"type": "realtime", **session})
            for session in (
                {"audio": {"input": {"turn_detection": None}}},
                {"audio": {"input": {"turn_detection": {"type": "server_vad"}}}},
                {"audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}},
                {"audio": {"input": {"transcription": {"model": "gpt-live-transcribe"}}}},
                {"audio": {"input": {"format": {"type": "audio/pcmu"}}}},
                {"audio": {"output": {"format": {"type": "audio/pcma"}}}},
                {
                    "truncation": {
                        "type": "retention_ratio",
                        "retention_ratio": 0.5,
                        "token_limits": {"post_instructions": 10},
                    }
                },
                {"truncation": "disabled"},
            )
        ),
        _event_of(
            "session.update",
            session={
                "type": "realtime",
                "audio": {
                    "input": {
                        "turn_detection": {
                            "type": "server_vad",
                            "idle_timeout_ms": 5000,
                            "interrupt_response": False,
                        }
                    }
                },
            },
        ),
    ]
)
OPTIONAL_FIELDS = {"previous_item_id", "response", "response_id"}
events = st.one_of(
    *(_event(type_) for type_ in UNDERSTOOD),
    *(_event(type_) for type_ in UNDERSTOOD),
    st.dictionaries(st.sampled_from(["type", "event_id", "session", "audio"]), junk),
)
frames = st.one_of(
    events.map(json.dumps),
    events.map(json.dumps),
    events.map(json.dumps),
    events.map(json.dumps),
    events.map(lambda event: json.dumps(event)[:-1]),
    junk.map(json.dumps),
    st.text(max_size=30),
    st.binary(max_size=30),
    st.sampled_from(
        [
            "",
            "null",
            "NaN",
            "[1e999]",
            _event_of("response.create", response={"instructions": "\ud83d"}),
            "[" * 5000,
            '{"a":' * 2000,
            "1e999",
            '{"type":"\\ud800"}',
        ]
    ),
)
