import typing

import pytest

from rtkit import events
from rtkit.events import AUDIO_FIELD, CLIENT_EVENTS, SERVER_EVENTS, build, missing_fields

realtime = pytest.importorskip("openai.types.realtime")


def members(union):
    return typing.get_args(typing.get_args(union)[0])


def declared(cls):
    """(type, required, optional) of a class of the official package."""
    fields = dict(cls.model_fields)
    type_ = typing.get_args(fields.pop("type").annotation)[0]
    fields.pop("event_id", None)
    required = {name for name, field in fields.items() if field.is_required()}
    return type_, required, set(fields) - required


CLIENT = [declared(cls) for cls in members(realtime.RealtimeClientEvent)]
SERVER = [declared(cls) for cls in members(realtime.RealtimeServerEvent)]


def test_there_are_eleven_client_and_forty_six_server_events():
    assert len(CLIENT_EVENTS) == 11
    assert len(SERVER_EVENTS) == 46


@pytest.mark.parametrize(("table", "official"), [(CLIENT_EVENTS, CLIENT), (SERVER_EVENTS, SERVER)])
def test_the_tables_hold_the_types_of_the_official_package(table, official):
    for type_, required, optional in official:
        assert (type_, set(table[type_].required), set(table[type_].optional)) == (
            type_,
            required,
            optional,
        )


def test_types_outside_the_official_union_are_none():
    official = {type_ for type_, *_ in CLIENT + SERVER}
    assert set(CLIENT_EVENTS) | set(SERVER_EVENTS) == official


def test_the_official_package_takes_what_the_builders_make():
    from pydantic import TypeAdapter

    adapter = TypeAdapter(realtime.RealtimeClientEvent)
    for event in (
        events.update_session({"type": "realtime", "instructions": "Be brief."}),
        events.append_audio(b"\0\1" * 240),
        events.user_text("hello"),
        events.user_text("hello", "item_1"),
        events.tool_output("call_1", ""),
        events.create_response(),
        events.create_response(output_modalities=["text"]),
        events.cancel_response(),
        events.cancel_response("resp_1"),
        events.truncate("item_1", 1200),
        build(events.COMMIT, event_id="mine"),
    ):
        assert adapter.validate_python(event).type == event["type"]


def test_an_event_without_a_required_field_is_refused_by_name():
    with pytest.raises(ValueError, match=r"missing: \['audio_end_ms'\]"):
        build("conversation.item.truncate", item_id="item_1", content_index=0)


def test_a_field_that_no_such_event_has_is_refused():
    with pytest.raises(ValueError, match=r"has no field \['text'\]; it has: "):
        build("input_audio_buffer.commit", text="hello")


def test_an_unknown_type_is_refused_with_the_types_there_are():
    with pytest.raises(ValueError, match=r"no event type 'nope'; the types are: session\.update"):
        build("nope")


def test_missing_fields_are_named_and_unknown_types_pass():
    assert missing_fields({"type": "response.created", "event_id": "event_1"}) == ["response"]
    assert missing_fields({"type": "input_audio_buffer.cleared"}) == ["event_id"]
    assert missing_fields({"type": "something.new"}) == []


def test_the_keypad_event_carries_no_event_id():
    event = {"type": "input_audio_buffer.dtmf_event_received", "event": "5", "received_at": 1}
    assert missing_fields(event) == []


def test_each_audio_field_is_a_field_of_its_event():
    for type_, field in AUDIO_FIELD.items():
        shape = events.shape_of(type_)
        assert shape is None or field in shape.required
