"""Which events belong together, by ids and by order; in whatever portions they are read."""

from helpers import Story, talk
from hypothesis import given
from hypothesis import strategies as st

from rtkit import events
from rtkit.partners import Partners


def grouped(timeline):
    """The types of each group of two or more, in order."""
    partners = read(timeline)
    groups = dict.fromkeys(partners.of(index) for index in range(len(timeline)))
    return [[timeline[i].type for i in group] for group in groups if group]


def read(timeline):
    partners = Partners()
    for index, moment in enumerate(timeline):
        partners.take(index, moment)
    return partners


def session():
    return {"type": "realtime"}


def test_an_update_belongs_to_what_confirms_it_and_a_refused_one_to_its_error():
    story = Story()
    story.send("session.update", session=session(), event_id="event_a")
    story.send("session.update", session=session(), event_id="event_b")
    story.hear("error", error={"code": "invalid_value", "event_id": "event_a"})
    story.hear("session.updated", session=session())
    partners = read(story.timeline)
    assert partners.of(0) == partners.of(2) == (0, 2)
    assert partners.of(1) == partners.of(3) == (1, 3)


def test_an_error_that_names_no_cause_stands_alone():
    story = Story()
    story.send("input_audio_buffer.clear")
    story.hear("error", error={"code": "server_error"})
    story.hear("input_audio_buffer.cleared")
    assert read(story.timeline).of(1) == ()
    assert read(story.timeline).of(0) == (0, 2)


def test_a_spoken_turn_is_one_group_from_the_first_sound_to_the_words():
    story = Story().open()
    story.transcribe(story.speak(0.3), "hello")
    (turn,) = grouped(story.timeline)
    assert turn == [
        events.SPEECH_STARTED,
        events.SPEECH_STOPPED,
        events.COMMITTED,
        events.ITEM_ADDED,
        events.ITEM_DONE,
        events.TRANSCRIPTION_COMPLETED,
    ]


def test_a_commit_of_the_client_belongs_to_the_item_that_it_makes():
    story = Story().open(turn_detection=False)
    story.send("input_audio_buffer.commit")
    story.commit("item_1")
    (made,) = grouped(story.timeline)
    assert made == ["input_audio_buffer.commit", *made[1:]]
    assert made[1:] == [events.COMMITTED, events.ITEM_ADDED, events.ITEM_DONE]


def test_a_commit_while_somebody_speaks_joins_the_turn_that_it_ends():
    story = Story().open()
    story.hear(events.SPEECH_STARTED, item_id="item_1", audio_start_ms=0)
    story.send("input_audio_buffer.commit")
    story.commit("item_1")
    assert grouped(story.timeline)[0][:3] == [
        events.SPEECH_STARTED,
        "input_audio_buffer.commit",
        events.COMMITTED,
    ]


def test_a_turn_that_the_server_ended_is_not_the_answer_to_a_commit():
    story = Story().open()
    story.hear(events.SPEECH_STARTED, item_id="item_1", audio_start_ms=0)
    story.hear(events.SPEECH_STOPPED, item_id="item_1", audio_end_ms=900)
    story.send("input_audio_buffer.commit", event_id="event_late")
    story.commit("item_1")
    story.hear("error", error={"code": "empty", "event_id": "event_late"})
    assert ["input_audio_buffer.commit", "error"] in grouped(story.timeline)


def test_a_typed_turn_is_an_item_and_a_response_each_with_its_request():
    story = Story().open()
    story.type("hello")
    story.write("Hi there.")
    groups = grouped(story.timeline)
    assert [events.ITEM_CREATE, events.ITEM_ADDED, events.ITEM_DONE] in groups
    assert [events.RESPONSE_CREATE, events.RESPONSE_CREATED, events.RESPONSE_DONE] in groups
    assert [events.TEXT_DELTA, events.TEXT_DELTA, events.TEXT_DONE] in groups


def test_items_that_bring_their_ids_are_told_apart_whatever_the_order():
    story = Story()
    for item_id in ("item_a", "item_b"):
        story.send("conversation.item.delete", item_id=item_id)
    for item_id in ("item_b", "item_a"):
        story.hear("conversation.item.deleted", item_id=item_id)
    partners = read(story.timeline)
    assert (partners.of(0), partners.of(1)) == ((0, 3), (1, 2))


def test_a_call_belongs_to_the_output_that_answers_it():
    story = Story()
    call = {"response_id": "resp_1", "item_id": "item_c", "output_index": 0, "call_id": "call_1"}
    story.hear(events.CALL_DELTA, delta="{}", **call)
    story.hear(events.CALL_DONE, arguments="{}", name="clock", **call)
    story.send("conversation.item.create", item=events.tool_output("call_1", "noon")["item"])
    story.hear(events.ITEM_ADDED, item={"id": "item_o", "type": "function_call_output"})
    assert read(story.timeline).of(0) == (0, 1, 2, 3)


def test_a_cancelled_response_has_its_cancel_in_the_middle():
    story = Story().open()
    response_id = story.respond()
    story.send("response.cancel")
    story.end_response(response_id, "cancelled", "client_cancelled")
    assert grouped(story.timeline) == [
        [events.RESPONSE_CREATED, events.RESPONSE_CANCEL, events.RESPONSE_DONE]
    ]


def test_what_was_asked_of_a_lost_connection_is_answered_by_nobody():
    story = Story()
    story.send("session.update", session=session())
    story.note("reconnecting", reason="closed")
    story.note("reconnected", input_ms=0)
    story.hear("session.updated", session=session())
    assert grouped(story.timeline) == [["reconnecting", "reconnected"]]


def test_each_playback_has_its_own_beginning_and_end():
    groups = grouped(talk())
    assert groups.count(["playback.started", "playback.finished"]) == 2
    assert groups.count(["playback.started", "playback.flushed"]) == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    ["item_id", "item", "response", "response_id", "error", "event_id", "call_id"]
)
TYPES = st.sampled_from(
    [*events.CLIENT_EVENTS, *events.SERVER_EVENTS, "reconnecting", "turn.started"]
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["client", "server", "local"]),
            TYPES,
            st.dictionaries(FIELDS, VALUES | st.sampled_from(["a", "b", {"id": "a"}])),
        ),
        max_size=30,
    )
)
def test_groups_are_apart_and_in_order_whatever_comes(told):
    story = Story()
    for source, type_, fields in told:
        story.timeline.append(0.0, source, {**fields, "type": type_})
    partners = read(story.timeline)
    for index in range(len(told)):
        group = partners.of(index)
        assert list(group) == sorted(set(group))
        assert all(partners.of(other) == group for other in group)
        assert not group or index in group
