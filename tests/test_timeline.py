import base64
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit.audio import AudioFormat
from rtkit.errors import RtkitError
from rtkit.timeline import Moment, Span, Timeline

FRAME = b"\x01\x02" * 480


def delta(data, **fields):
    encoded = base64.b64encode(data).decode()
    return {"type": "response.output_audio.delta", "delta": encoded, **fields}


def contents(timeline):
    return (
        dict(timeline.head),
        list(timeline),
        {name: (track.format, track.data) for name, track in timeline.tracks.items()},
    )


def test_an_event_is_recorded_with_its_time_and_source():
    timeline = Timeline()
    moment = timeline.append(1.5, "local", {"type": "microphone.opened"})
    assert moment == Moment(1.5, "local", {"type": "microphone.opened"})
    assert (list(timeline), len(timeline), timeline.duration) == ([moment], 1, 1.5)
    assert (timeline[-1], timeline[:1], moment.type) == (moment, [moment], "microphone.opened")


def test_sound_lies_once_in_a_track_and_the_event_holds_none():
    timeline = Timeline()
    first = timeline.append(0.0, "server", delta(FRAME))
    second = timeline.append(0.1, "server", delta(FRAME))
    assert first.event["delta"] == second.event["delta"] == ""
    assert (first.audio, second.audio) == (Span("output", 0, 480), Span("output", 480, 480))
    assert timeline.tracks["output"].data == FRAME * 2
    assert timeline.tracks["output"].read(second.audio) == FRAME
    assert timeline.tracks["output"].duration == 0.04


def test_what_the_client_sends_goes_to_the_input_track_in_its_own_format():
    timeline = Timeline()
    event = {"type": "input_audio_buffer.append", "audio": base64.b64encode(b"\xff" * 160).decode()}
    moment = timeline.append(0.0, "client", event, format=AudioFormat.G711_ULAW)
    assert moment.audio == Span("input", 0, 160)
    assert timeline.tracks["input"].duration == 0.02
    assert timeline.clip(moment.audio).rate == 8_000


def test_bytes_may_be_handed_over_beside_the_event():
    timeline = Timeline()
    event = {"type": "input_audio_buffer.append", "audio": ""}
    assert timeline.append(0.0, "client", event, audio=FRAME).audio == Span("input", 0, 480)
    assert np.allclose(timeline.clip(Span("input", 0, 480)).samples, 0x0201 / 32768)


def test_a_change_of_format_begins_a_further_track():
    timeline = Timeline()
    timeline.append(0.0, "server", delta(FRAME))
    moment = timeline.append(0.1, "server", delta(FRAME), format=AudioFormat.G711_ALAW)
    assert moment.audio == Span("output.2", 0, 960)
    assert list(timeline.tracks) == ["output", "output.2"]


def test_received_text_is_kept_as_it_came_without_the_sound():
    text = '{"type":  "response.output_audio.delta", "delta": "AQI=", "n": 1.0}'
    timeline = Timeline()
    moment = timeline.append(0.0, "server", json.loads(text), text=text)
    assert moment.text == '{"type":  "response.output_audio.delta", "delta": "", "n": 1.0}'


def test_a_dict_that_its_owner_changes_later_is_recorded_as_it_was():
    timeline, session = Timeline(), {"type": "realtime", "tools": []}
    timeline.append(0.0, "client", {"type": "session.update", "session": session})
    session["tools"].append("later")
    assert timeline[0].event["session"]["tools"] == []


def test_a_walk_sees_what_was_there_when_it_began():
    timeline = Timeline()
    timeline.append(0.0, "local", {"type": "session.opened"})
    for moment in timeline:
        timeline.append(moment.t, "local", {"type": "error"})
    assert len(timeline) == 2


def test_a_timeline_says_what_it_holds_in_one_line():
    timeline = Timeline()
    timeline.append(2.0, "server", delta(FRAME * 50))
    assert repr(timeline) == "Timeline(1 moments, 2.0 s, output 1.0 s)"
    assert repr(timeline.tracks["output"]) == "Track('output', pcm16, 1.00 s)"


def test_a_file_keeps_everything_and_the_same_timeline_gives_the_same_bytes(tmp_path):
    timeline = Timeline(started="2026-11-22T10:00:00+00:00", target="embedded")
    timeline.append(0.0, "local", {"type": "session.opened"})
    text = '{"type": "session.created",  "session": {"note": "\\ud800 line\u2028end é"}}'
    timeline.append(0.1, "server", json.loads(text), text=text)
    timeline.append(0.2, "server", delta(FRAME * 300))
    first, second = timeline.save(tmp_path / "a.jsonl"), tmp_path / "b.jsonl"
    loaded = Timeline.load(first)
    loaded.save(second)
    assert contents(loaded) == contents(timeline)
    assert first.read_bytes() == second.read_bytes()
    assert (loaded.started, loaded.target) == ("2026-11-22T10:00:00+00:00", "embedded")


def test_a_saved_timeline_can_be_added_to(tmp_path):
    timeline = Timeline()
    timeline.append(0.0, "server", delta(FRAME))
    loaded = Timeline.load(timeline.save(tmp_path / "a.jsonl"))
    assert loaded.append(1.0, "server", delta(FRAME)).audio == Span("output", 480, 480)


def test_keys_placed_in_the_environment_and_in_tools_are_not_in_the_file(tmp_path, monkeypatch):
    key = "sk-test-0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    timeline = Timeline(target="openai")
    session = {"tools": [{"type": "mcp", "headers": {"Authorization": f"Bearer {key}"}}]}
    timeline.append(0.0, "client", {"type": "session.update", "session": session})
    timeline.append(0.0, "server", {"type": "session.updated", "session": session})
    assert key.encode() not in timeline.save(tmp_path / "a.jsonl").read_bytes()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
events = st.builds(
    lambda fields, type_: {**fields, "type": type_},
    st.dictionaries(st.text(), values, max_size=3),
    st.sampled_from(["error", "session.created", "new.type"]),
)
told = st.tuples(
    st.floats(0, 4000),
    st.sampled_from(["client", "server", "local"]),
    events | st.binary(min_size=1, max_size=20).map(delta),
    st.sampled_from(list(AudioFormat)),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(told, max_size=8))
def test_any_timeline_comes_back_from_its_file(tmp_path_factory, story):
    timeline = Timeline()
    for t, source, event, format, with_text in story:
        text = json.dumps(event) if with_text and source == "server" else None
        timeline.append(t, source, event, format=format, text=text)
    path = timeline.save(tmp_path_factory.mktemp("round") / "a.jsonl")
    assert contents(Timeline.load(path)) == contents(timeline)


def some():
    timeline = Timeline()
    timeline.append(0.0, "server", {"type": "session.created"})
    timeline.append(0.1, "client", {"type": "response.create"})
    timeline.append(0.2, "server", {"type": "response.created"})
    timeline.append(0.3, "server", delta(FRAME))
    timeline.append(0.4, "server", {"type": "response.done"})
    return timeline


@pytest.mark.parametrize(
    ("types", "options", "times"),
    [
        ((), {}, [0.0, 0.1, 0.2, 0.3, 0.4]),
        (("response.done",), {}, [0.4]),
        (("response.*",), {}, [0.1, 0.2, 0.3, 0.4]),
        (("session.created", "*.delta"), {}, [0.0, 0.3]),
        (("response.*",), {"source": "server"}, [0.2, 0.3, 0.4]),
        ((), {"without": "*.delta"}, [0.0, 0.1, 0.2, 0.4]),
        (("response.*",), {"without": ("*.delta", "*.done")}, [0.1, 0.2]),
        ((), {"begin": 3}, [0.3, 0.4]),
        ((), {"begin": 1, "end": -1}, [0.1, 0.2, 0.3]),
        (("nothing",), {}, []),
    ],
)
def test_a_part_is_selected_by_type_source_and_place(types, options, times):
    assert [moment.t for moment in some().select(*types, **options)] == times


def test_a_part_has_the_sound_of_the_whole_and_does_not_grow():
    whole = some()
    part = whole.select("*.delta")
    assert part.clip(part[0].audio).duration == 0.02
    with pytest.raises(RtkitError, match="Append to the timeline that it was selected from"):
        part.append(1.0, "local", {"type": "note"})
    whole.append(1.0, "local", {"type": "note"})
    assert (len(whole), len(part)) == (6, 1)
