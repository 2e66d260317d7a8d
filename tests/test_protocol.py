"""The client core, told everything: no socket, no clock."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit import testing
from rtkit.audio import AudioFormat, to_base64
from rtkit.commands import Fail, Play, PlayDone, Report, StopPlayback, TurnDone, Updated
from rtkit.dialects import audio_format, turn_detection

MS = 48  # bytes of PCM16 at 24 kHz
SESSION = {
    "id": "sess_1",
    "type": "realtime",
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "turn_detection": {"type": "server_vad"},
        },
        "output": {"format": {"type": "audio/pcm", "rate": 24000}},
    },
}


class Story(testing.Story):
    """A core whose player is the test."""

    say = testing.Story.send

    def __init__(self, session=SESSION):
        super().__init__(session, player=False)


def test_what_is_sent_gets_an_id_and_stands_on_the_timeline_and_in_the_outbox_once():
    story = Story()
    event_id = story.say("input_audio_buffer.commit")
    assert story.sent() == [{"type": "input_audio_buffer.commit", "event_id": event_id}]
    assert story.sent() == []
    assert [m.type for m in story.timeline] == ["session.created", "input_audio_buffer.commit"]
    assert story.say("input_audio_buffer.commit", event_id="mine") == "mine"


def test_an_event_without_a_type_is_refused_at_the_call():
    with pytest.raises(ValueError, match=r"needs a `type`, found the keys \['audio'\]"):
        Story().protocol.send({"audio": ""}, 0.0)


def test_appended_sound_lies_in_the_input_track_and_goes_out_as_base64():
    story = Story()
    story.protocol.append(b"\1\0" * 480, 0.5)
    assert story.sent()[0]["audio"] == to_base64(b"\1\0" * 480)
    moment = story.timeline[-1]
    assert (moment.event["audio"], moment.audio.track, moment.audio.count) == ("", "input", 480)


def test_a_second_response_waits_until_the_first_is_done():
    story = Story()
    story.say("response.create")
    second = story.say("response.create")
    assert story.sent_types() == ["response.create"]
    story.begin("r1")
    assert story.sent_types() == []
    story.end("r1")
    assert [event["event_id"] for event in story.sent()] == [second]


def test_a_create_that_goes_at_once_waits_for_nobody_and_may_be_refused():
    story = Story()
    story.begin("r1")
    key = story.protocol.send({"type": "response.create"}, story.now, at_once=True)
    assert [event["event_id"] for event in story.sent()] == [key]
    error = {"code": "conversation_already_has_active_response", "event_id": key, "message": "no"}
    (failure,) = story.hear("error", error=error)
    assert (failure.event_id, failure.error.code) == (key, error["code"])
    story.end("r1")
    assert story.sent() == []  # it is not sent again


def test_a_response_that_the_server_began_makes_ours_wait_too():
    story = Story()
    story.begin("r1")
    story.say("response.create")
    assert story.sent_types() == []
    story.end("r1")
    assert story.sent_types() == ["response.create"]


def test_a_create_that_crossed_the_servers_own_is_sent_again_and_not_failed():
    story = Story()
    ours = story.say("response.create")
    story.begin("r1")  # the server's own: it had not yet read ours
    error = {"code": "conversation_already_has_active_response", "message": "no", "event_id": ours}
    assert story.hear("error", error=error) == []
    assert story.sent_types() == ["response.create"]
    assert story.end("r1") == [TurnDone("r1", None, "completed")]
    assert story.sent_types() == ["response.create"]
    story.begin("r2")
    assert story.end("r2") == [TurnDone("r2", ours, "completed")]


def test_responses_outside_the_conversation_run_beside_the_active_one():
    story = Story()
    story.begin("r1")
    aside = story.say("response.create", response={"conversation": "none"})
    assert story.sent_types() == ["response.create"]
    story.begin("r2", conversation_id=None)
    story.say("response.create")
    assert story.end("r2") == [TurnDone("r2", aside, "completed")]
    assert story.sent_types() == []
    story.end("r1")
    assert story.sent_types() == ["response.create"]


def test_a_turn_tells_which_event_asked_for_it_and_how_it_ended():
    story = Story()
    ours = story.say("response.create")
    story.begin("r1")
    assert story.end("r1", status="failed") == [TurnDone("r1", ours, "failed")]


def test_an_error_goes_to_the_event_that_caused_it():
    story = Story()
    cause = story.say("conversation.item.delete", item_id="nope")
    error = {"code": "item_delete_invalid_item_id", "message": "No such item", "event_id": cause}
    [command] = story.hear("error", error=error)
    assert isinstance(command, Fail)
    assert (command.event_id, command.error.code) == (cause, "item_delete_invalid_item_id")
    assert str(command.error).startswith("No such item. Look at session.transcript")


def test_a_refused_create_frees_the_conversation():
    story = Story()
    first = story.say("response.create", response={"instructions": 3})
    second = story.say("response.create")
    story.sent()
    [command] = story.hear(
        "error", error={"code": "invalid_value", "message": "x", "event_id": first}
    )
    assert isinstance(command, Fail)
    story.say("response.create")
    assert story.sent()[0]["event_id"] == second


def test_an_error_that_nobody_caused_is_reported():
    [command] = Story().hear("error", error={"code": "session_expired", "message": "60 minutes"})
    assert isinstance(command, Report)
    assert command.error.code == "session_expired"


def test_a_cancel_that_came_too_late_is_no_error():
    error = {"code": "response_cancel_not_active", "message": "no", "event_id": "e"}
    assert Story().hear("error", error=error) == []


def test_updates_are_confirmed_in_order_and_the_servers_session_is_kept():
    story = Story()
    first = story.say("session.update", session={"type": "realtime"})
    second = story.say("session.update", session={"type": "realtime"})
    story.hear("error", error={"code": "invalid_value", "message": "x", "event_id": first})
    assert story.hear("session.updated", session={"type": "x"}) == [Updated(second)]
    assert story.hear("session.updated", session={"type": "y"}) == [Updated(None)]
    assert story.protocol.session == {"type": "y"}


@pytest.mark.parametrize("name", ["response.output_audio", "response.audio"])
def test_sound_is_played_under_its_present_and_its_former_name(name):
    story = Story()
    story.begin()
    assert story.speak(20, type_=f"{name}.delta") == [
        Play("i1", "r1", 0, bytes(20 * MS), AudioFormat.PCM16)
    ]
    ids = {"item_id": "i1", "response_id": "r1", "output_index": 0, "content_index": 0}
    assert story.hear(f"{name}.done", **ids) == [PlayDone("i1")]
    assert story.end() == [TurnDone("r1", None, "completed")]


def test_a_response_that_ends_without_audio_done_still_ends_its_playback():
    story = Story()
    story.begin()
    story.speak(20)
    assert story.end(status="cancelled") == [PlayDone("i1"), TurnDone("r1", None, "cancelled")]


def test_speaking_over_the_reply_stops_playback_once_and_truncates_to_what_was_played():
    story = Story()
    story.begin()
    story.speak(500)
    assert story.hear("input_audio_buffer.speech_started", item_id="u1") == [StopPlayback("i1")]
    assert story.hear("input_audio_buffer.speech_started", item_id="u1") == []
    story.note("playback.flushed", item_id="i1", played_ms=123.9)
    [truncate] = story.sent()
    assert truncate["type"] == "conversation.item.truncate"
    assert (truncate["item_id"], truncate["audio_end_ms"]) == ("i1", 123)
    story.note("playback.flushed", item_id="i1", played_ms=300)
    assert story.sent() == []


def test_speaking_over_a_reply_that_is_generated_but_still_plays_truncates_without_cancel():
    story = Story()
    story.begin()
    story.speak(500)
    story.end()
    assert story.hear("input_audio_buffer.speech_started", item_id="u1") == [StopPlayback("i1")]
    story.note("playback.flushed", item_id="i1", played_ms=100)
    assert story.sent_types() == ["conversation.item.truncate"]


def test_late_sound_of_an_interrupted_response_is_recorded_but_not_played():
    story = Story()
    story.begin()
    story.speak(100)
    story.hear("input_audio_buffer.speech_started", item_id="u1")
    assert story.speak(100) == []
    assert story.speak(100, item_id="i2") == []
    assert story.timeline.tracks["output"].duration == pytest.approx(0.3)
    story.note("playback.flushed", item_id="i1", played_ms=900)
    assert story.sent()[0]["audio_end_ms"] == 100  # what was received for playing, no more


def test_the_button_cancels_the_active_response_once_and_stops_playback():
    story = Story()
    story.begin()
    story.speak(100)
    assert story.protocol.interrupt(story.now) == [StopPlayback("i1")]
    assert story.protocol.interrupt(story.now) == []
    [cancel] = story.sent()
    assert (cancel["type"], cancel["response_id"]) == ("response.cancel", "r1")


def test_the_button_before_the_response_exists_cancels_it_when_it_does():
    story = Story()
    story.say("response.create")
    assert story.protocol.interrupt(story.now) == []
    assert story.sent_types() == ["response.create"]
    story.begin()
    assert story.sent_types() == ["response.cancel"]
    assert story.speak(100) == []


def test_of_an_answer_that_was_not_heard_nothing_is_kept():
    story = Story()
    story.begin()
    story.speak(100)
    story.hear("input_audio_buffer.speech_started", item_id="u1")
    story.note("playback.flushed", item_id="i1", played_ms=0.9)
    assert [event["audio_end_ms"] for event in story.sent()] == [0]


def test_an_answer_that_was_heard_whole_needs_no_truncate():
    story = Story()
    story.begin()
    story.speak(100)
    story.end()
    story.note("playback.flushed", item_id="i1", played_ms=100)
    assert story.sent() == []


def test_an_item_played_to_its_end_is_not_stopped_again():
    story = Story()
    story.begin()
    story.speak(100)
    story.end()
    story.note("playback.finished", item_id="i1", played_ms=100)
    assert story.hear("input_audio_buffer.speech_started", item_id="u1") == []


def test_speech_does_not_interrupt_where_the_session_says_so():
    session = json.loads(json.dumps(SESSION))
    session["audio"]["input"]["turn_detection"]["interrupt_response"] = False
    story = Story(session)
    story.begin()
    story.speak(100)
    assert story.hear("input_audio_buffer.speech_started", item_id="u1") == []
    assert len(story.speak(100)) == 1


def test_unknown_events_pass_through_to_the_timeline():
    story = Story()
    assert story.hear("response.dreamt", dream="of sheep") == []
    assert story.timeline[-1].event == {"type": "response.dreamt", "dream": "of sheep"}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", '"x"', "{}", '{"type": 3}', "[" * 100_000, '{"type": "error"}'],
)
def test_what_is_no_event_is_recorded_and_reported_and_the_session_goes_on(text):
    story = Story()
    [command] = story.protocol.receive(text, 1.0)
    assert isinstance(command, Report)
    assert story.timeline[-1].type == "error"
    assert "receive" in story.timeline[-1].event["where"]
    story.begin()
    assert len(story.speak(20)) == 1


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        ("response.output_audio.delta", {"delta": "!!!", "item_id": "i", "response_id": "r"}),
        ("response.output_audio.delta", {"delta": 3, "item_id": "i", "response_id": "r"}),
        ("response.output_audio.delta", {"item_id": "i", "response_id": "r"}),
        ("response.output_audio.delta", {"delta": "AAAA"}),
        ("response.output_audio.delta", {"delta": "AAAA", "item_id": [], "response_id": "r"}),
        ("response.created", {}),
        ("response.created", {"response": None}),
        ("response.done", {"response": []}),
        ("session.updated", {"session": "all of it"}),
        ("error", {"error": "oh"}),
    ],
)
def test_an_event_of_wrong_shape_is_recorded_once_and_reported(type_, fields):
    story = Story()
    [command] = story.hear(type_, **fields)
    assert isinstance(command, Report)
    assert [m.type for m in story.timeline] == ["session.created", type_, "error"]


def test_sound_in_mulaw_is_counted_in_its_own_milliseconds():
    session = json.loads(json.dumps(SESSION))
    session["audio"]["output"]["format"] = {"type": "audio/pcmu"}
    story = Story(session)
    story.begin()
    delta = to_base64(bytes(800))
    story.hear("response.output_audio.delta", item_id="i1", response_id="r1", delta=delta)
    story.hear("input_audio_buffer.speech_started", item_id="u1")
    story.note("playback.flushed", item_id="i1", played_ms=5000)
    assert story.sent()[0]["audio_end_ms"] == 100


def test_sessions_of_the_former_shape_are_read():
    beta = {"input_audio_format": "g711_ulaw", "turn_detection": {"type": "server_vad"}}
    assert audio_format(beta, "input") is AudioFormat.G711_ULAW
    assert audio_format(beta, "output") is AudioFormat.PCM16
    assert turn_detection(beta) == {"type": "server_vad"}
    assert turn_detection({}) is None


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("speak"), st.floats(0, 400), st.integers(1, 3)),
        st.tuples(st.just("flushed"), st.floats(0, 3000), st.integers(1, 3)),
        st.tuples(st.just("finished"), st.floats(0, 3000), st.integers(1, 3)),
        st.tuples(
            st.sampled_from(["interrupt", "speech", "begin", "end"]),
            st.just(0.0),
            st.integers(1, 3),
        ),
    ),
    max_size=40,
)


@given(STEPS)
def test_whenever_it_is_interrupted_no_truncate_exceeds_what_was_received_or_played(steps):
    story, received, played = Story(), {}, {}
    for act, amount, number in steps:
        item, response = f"i{number}", f"r{number}"
        if act == "begin":
            story.begin(response)
        elif act == "end":
            story.end(response)
        elif act == "speak":
            whole = int(amount)
            story.speak(whole, item, response)
            received[item] = received.get(item, 0) + whole
        elif act == "interrupt":
            story.protocol.interrupt(story.now)
        elif act == "speech":
            story.hear("input_audio_buffer.speech_started", item_id="u")
        else:
            story.note(f"playback.{act}", item_id=item, played_ms=amount)
            played[item] = max(played.get(item, 0), amount)
    cuts = [event for event in story.sent() if event["type"] == "conversation.item.truncate"]
    for cut in cuts:
        assert 0 <= cut["audio_end_ms"] <= min(received[cut["item_id"]], played[cut["item_id"]])
    assert len({cut["item_id"] for cut in cuts}) == len(cuts)
