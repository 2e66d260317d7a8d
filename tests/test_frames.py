import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit.events import CLIENT_EVENTS
from rtkit.server.frames import UNDERSTOOD, check, parse
from rtkit.server.limits import Limits
from rtkit.server.rejections import Refused


def test_what_is_understood_is_what_a_websocket_client_may_send():
    assert set(CLIENT_EVENTS) - set(UNDERSTOOD) == {"output_audio_buffer.clear"}


def test_an_event_with_its_fields_passes():
    event = parse(
        '{"type": "conversation.item.delete", "item_id": "item_1", "event_id": "e"}', Limits()
    )
    check(event, Limits())
    assert event["item_id"] == "item_1"


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"type": "input_audio_buffer.append"}, "Missing required parameter: 'audio'."),
        ({"type": "response.cancel", "now": 1}, "Unknown parameter: 'now'."),
        ({"type": None}, "The 'type' field is missing."),
        ({"type": {"a": 1}}, "Invalid value: "),
    ],
)
def test_other_events_are_refused(event, message):
    with pytest.raises(Refused, match=message):
        check(event, Limits())


@settings(deadline=None)
@given(
    st.one_of(
        st.text(),
        st.binary(),
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ).map(json.dumps),
    )
)
def test_no_frame_raises_anything_else(frame):
    with contextlib.suppress(Refused):
        check(parse(frame, Limits()), Limits())


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "1e999", '"\\ud800"', '"\\udc00\\ud83d"']
)
def test_what_cannot_be_said_again_in_json_is_refused(value):
    with pytest.raises(Refused) as refused:
        parse(f'{{"type": "response.create", "response": [{value}]}}', Limits())
    assert refused.value.refusal.code == "invalid_json"


def test_a_pair_of_surrogates_is_a_character():
    event = parse('{"type": "response.create", "response": "\\ud83d\\ude00"}', Limits())
    assert event["response"] == "\N{GRINNING FACE}"
