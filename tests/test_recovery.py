"""What a new session is told after the old one broke off. Told time, and a cut at every place."""

import pytest
from helpers import Story, talk, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit import events
from rtkit.reading import Conversation
from rtkit.recovery import HEARD_S, SOUND_MS, UNTOLD, Fate, fate, history, unanswered, unsaid
from rtkit.sounds import read_sounds
from rtkit.timeline import Timeline
from rtkit.transcript import read_transcript
from rtkit.turns import read_turns

TALK = talk()
PLACES = st.integers(0, len(TALK))


def told(story, **options):
    return [row.item for row in history(Conversation(story.timeline), **options)]


def words(items):
    return [(item["role"], item["content"][0]["text"]) for item in items]


def cut(timeline, end):
    """The same timeline, as it was when so many moments had happened; it grows."""
    copy = Timeline()
    for moment in timeline[:end]:
        sound = timeline.tracks[moment.audio.track].read(moment.audio) if moment.audio else None
        copy.append(moment.t, moment.source, moment.event, audio=sound)
    return copy


def reconnected(timeline, lost=(), kept=()):
    """Tell what a session does after a break: the history anew, then the sound."""
    story = Story(timeline, now=timeline.duration)
    story.ids = {"item": 1000, "resp": 1000}
    talk = Conversation(timeline)
    story.note("reconnecting", reason="cut", attempt=1, wait_s=0.0)
    story.hear("session.created", session={"type": "realtime", "id": "sess_2"})
    before = None
    for row in history(talk, lost):
        story.send("conversation.item.create", item=row.item)
        story.hear(events.ITEM_ADDED, item=row.item, previous_item_id=before)
        story.hear(events.ITEM_DONE, item=row.item, previous_item_id=before)
        before = row.item["id"]
    sound = unsaid(Conversation(timeline), [], by_hand=False)
    ends = {"kept": list(kept), "again": list(lost)}
    story.note("reconnected", session="sess_2", items=0, attempt=1, input_ms=sound.from_ms, **ends)
    for span in sound.spans:
        timeline.append(story.now, "client", {"type": events.APPEND, "audio": ""}, span=span)
    return story


def test_the_history_is_typed_items_transcripts_and_what_was_heard_of_answers():
    story = Story().open()
    story.transcribe(story.speak(1.5), "what is the capital of france")
    story.answer("Paris is the capital of France.")
    story.type("and of Italy?", item_id="item_mine")
    story.write("Rome.")
    items = told(story)
    assert words(items) == [
        ("user", "what is the capital of france"),
        ("assistant", "Paris is the capital of France."),
        ("user", "and of Italy?"),
        ("assistant", "Rome."),
    ]
    assert [item["content"][0]["type"] for item in items] == ["input_text", "output_text"] * 2
    assert items[2]["id"] == "item_mine"


def test_of_an_interrupted_answer_only_what_was_heard_is_told():
    story = Story().open()
    story.type("tell me a story")
    _, user = story.interrupted_answer("one two three four five six seven eight", 8.0, 4.0)
    story.transcribe(user, "stop")
    assert words(told(story))[1:] == [("assistant", "one two three four"), ("user", "stop")]


def test_calls_of_tools_and_their_outputs_keep_their_ids_and_order():
    story = Story().open()
    story.type("weather?")
    response_id = story.respond()
    call = {"id": "fc_1", "type": "function_call", "name": "weather", "call_id": "call_1"}
    where = {"response_id": response_id, "output_index": 0}
    story.hear(events.OUTPUT_ITEM_ADDED, item={**call, "arguments": ""}, **where)
    done = {**call, "arguments": '{"town": "Rome"}', "status": "completed"}
    story.hear(events.OUTPUT_ITEM_DONE, item=done, **where)
    story.end_response(response_id)
    output = {"type": "function_call_output", "call_id": "call_1", "output": "sunny"}
    story.send("conversation.item.create", item=output)
    added = {**output, "id": "item_out", "status": "completed"}
    story.hear(events.ITEM_ADDED, item=added, previous_item_id="fc_1")
    assert told(story)[1:] == [
        {key: done[key] for key in ("id", "type", "call_id", "name", "arguments")},
        {"id": "item_out", **output},
    ]


def test_a_call_that_broke_off_and_what_was_deleted_are_not_told():
    story = Story().open()
    item_id = story.type("weather?")
    story.send("conversation.item.delete", item_id=item_id)
    response_id = story.respond()
    call = {"id": "fc_1", "type": "function_call", "name": "weather", "call_id": "call_1"}
    where = {"response_id": response_id, "output_index": 0}
    story.hear(events.OUTPUT_ITEM_ADDED, item={**call, "arguments": None}, **where)
    assert told(story) == []


def test_a_question_without_words_is_told_as_its_sound():
    story = Story().open()
    story.silence(1.0)
    item_id = story.speak(1.5)
    [row] = history(Conversation(story.timeline))
    assert row.item["id"] == item_id
    assert row.item["content"] == [{"type": "input_audio", "audio": ""}]
    assert row.sound.first / 24_000 == pytest.approx(1.0)
    assert row.sound.count / 24_000 == pytest.approx(2.0)


def test_of_much_sound_without_words_the_newest_goes_and_the_rest_is_told_to_be_unknown():
    story = Story().open()
    for _ in range(4):
        story.speak(20.0)
        story.answer("Yes.", 0.5)
    rows = [row for row in history(Conversation(story.timeline)) if row.item["role"] == "user"]
    assert [row.untold for row in rows] == [True, True, False, False]
    assert rows[0].item["content"] == [{"type": "input_text", "text": UNTOLD}]
    assert sum(row.sound.count for row in rows if row.sound) / 24 <= SOUND_MS


# the answer that broke off


def broken_off(sound_s, played, item_done=False):
    story = Story().open()
    story.type("hello")
    response_id = story.respond()
    where = story.begin_item(response_id)
    if sound_s:
        story.pieces(where, "Good morning to you", tone(sound_s))
    if played:
        story.note("playback.started", item_id=where["item_id"])
    if item_done:
        story.end_item(where, "Good morning to you")
    return story, response_id


@pytest.mark.parametrize(
    ("sound_s", "played", "later", "waited", "done", "expected"),
    [
        (0, False, 1.0, False, False, Fate.AGAIN),  # nothing had come
        (2, False, 1.0, False, False, Fate.AGAIN),  # nothing was heard
        (2, True, HEARD_S / 2, False, False, Fate.AGAIN),  # less than a word
        (2, True, HEARD_S * 2, False, False, Fate.KEPT),  # somebody listens
        (2, True, HEARD_S * 2, True, False, Fate.AGAIN),  # somebody waits for all of it
        (2, True, HEARD_S * 2, True, True, Fate.KEPT),  # it was whole
    ],
)
def test_whether_an_answer_is_asked_for_again(sound_s, played, later, waited, done, expected):
    story, response_id = broken_off(sound_s, played, done)
    talk = Conversation(story.timeline)
    options = {"now": story.now + later, "waited": waited}
    assert fate(talk, response_id, cancelled=False, **options) is expected
    assert fate(talk, response_id, cancelled=True, **options) is Fate.KEPT


def test_words_that_were_read_were_heard():
    story = Story().open()
    story.type("hello")
    response_id = story.respond()
    where = story.begin_item(response_id, "text")
    story.hear(events.TEXT_DELTA, delta="Good mor", **where)
    talk = Conversation(story.timeline)
    found = fate(talk, response_id, now=story.now, waited=False, cancelled=False)
    assert found is Fate.KEPT


def test_only_a_spoken_question_is_answered_without_being_asked():
    story = Story().open()
    story.type("hello")
    assert not unanswered(Conversation(story.timeline))
    story.write("Hello.")
    story.speak(1.0)
    assert unanswered(Conversation(story.timeline))
    story.answer("Yes.")
    assert not unanswered(Conversation(story.timeline))


# the sound


def test_what_was_said_before_the_cut_is_sent_from_where_speech_began():
    story = Story().open()
    story.silence(2.0)
    story.stream(tone(0.5))
    story.hear(events.SPEECH_STARTED, item_id="item_u", audio_start_ms=2000)
    story.stream(tone(1.0))
    sound = unsaid(Conversation(story.timeline), [], by_hand=False, judged_t=story.now)
    assert (sound.from_ms, sound.lost_ms) == (1700.0, 0.0)
    assert sum(span.count for span in sound.spans) / 24 == pytest.approx(1800.0)


def test_silence_that_the_server_has_judged_is_not_sent_again_and_not_lost():
    story = Story().open()
    story.silence(90.0)
    sound = unsaid(Conversation(story.timeline), [], by_hand=False, judged_t=story.now - 1.0)
    assert sound.from_ms == pytest.approx(89_000.0, abs=20)
    assert sound.lost_ms == 0.0


def test_of_a_turn_by_hand_that_is_too_long_the_beginning_is_lost_and_told():
    story = Story().open(turn_detection=False)
    story.silence(70.0)
    sound = unsaid(Conversation(story.timeline), [], by_hand=True, judged_t=story.now)
    assert (sound.from_ms, sound.lost_ms) == (pytest.approx(10_000.0), pytest.approx(10_000.0))


def test_what_was_said_without_a_connection_is_kept_up_to_the_bound():
    story = Story().open()
    story.silence(5.0)
    held = []
    for _ in range(65):
        story.now += 1.0
        sound = b"\1\0" * 24_000
        fact = {"type": "input.held"}
        held.append(
            story.timeline.append(story.now, "local", fact, audio=sound, track="input").audio
        )
    found = unsaid(Conversation(story.timeline), held, by_hand=False, judged_t=4.0)
    assert (found.from_ms, found.lost_ms) == (10_000.0, 5000.0)
    assert found.spans == tuple(held[5:])


# views read a timeline with a reconnection as one conversation


@settings(max_examples=40, deadline=None)
@given(PLACES)
def test_wherever_the_cut_falls_views_show_each_item_once_and_no_word_changes(end):
    timeline = cut(TALK, end)
    before = [str(line) for line in read_transcript(timeline)]
    turns = [(turn.question, turn.answer, turn.heard) for turn in read_turns(timeline)]
    sounds = [(sound.item_id, sound.start) for sound in read_sounds(timeline)]
    reconnected(timeline)
    assert [str(line) for line in read_transcript(timeline)] == before
    assert [(turn.question, turn.answer, turn.heard) for turn in read_turns(timeline)] == turns
    assert [(sound.item_id, sound.start) for sound in read_sounds(timeline)] == sounds


@settings(max_examples=40, deadline=None)
@given(PLACES)
def test_wherever_the_cut_falls_each_item_is_told_once_and_no_speech_is_lost(end):
    timeline = cut(TALK, end)
    talk = Conversation(timeline)
    rows = history(talk)
    ids = [row.item["id"] for row in rows]
    assert len(ids) == len(set(ids))
    spoken = [item for item in talk.items.values() if item.committed is not None]
    assert {item.id for item in spoken} <= set(ids)
    sound = unsaid(talk, [], by_hand=False)
    committed_ms = max((item.stopped_ms for item in spoken), default=0.0)
    assert committed_ms - 20 <= sound.from_ms <= talk.clock.length_ms
    assert sound.lost_ms == 0.0
    if talk.questions.unplaced:  # somebody was speaking
        assert sound.from_ms <= talk.items[talk.questions.unplaced].begun_ms


def test_sound_that_is_sent_again_lies_once_and_keeps_the_time_at_which_it_was_spoken():
    story = Story().open()
    story.silence(1.0)
    story.stream(tone(0.4))
    story.hear(events.SPEECH_STARTED, item_id="item_old", audio_start_ms=1000)
    story.stream(tone(0.6))
    length = len(story.timeline.tracks["input"])
    story = reconnected(story.timeline)
    assert len(story.timeline.tracks["input"]) == length
    story.hear(events.SPEECH_STARTED, 0.1, item_id="item_u", audio_start_ms=300)
    story.silence(0.5)
    story.hear(events.SPEECH_STOPPED, item_id="item_u", audio_end_ms=1800)
    story.commit("item_u")
    story.transcribe("item_u", "good morning")
    [line] = read_transcript(story.timeline)
    assert (line.text, line.start) == ("good morning", pytest.approx(1.0))
    [sound] = read_sounds(story.timeline)
    assert sound.clip.duration == pytest.approx(1.5)


def test_the_answer_that_was_asked_for_again_is_the_turns_answer_and_the_half_one_is_not_told():
    story, response_id = broken_off(1, True)
    story = reconnected(story.timeline, lost=[response_id])
    assert words(told(story)) == [("user", "hello")]
    story.send("response.create")
    story.answer("Good morning to you.")
    [turn] = read_turns(story.timeline)
    assert (turn.question, turn.answer, turn.status) == (
        "hello",
        "Good morning to you.",
        "completed",
    )
    assert [line.text for line in read_transcript(story.timeline)] == [
        "hello",
        "Good morning to you.",
    ]


def test_an_answer_that_is_kept_is_incomplete_unless_it_was_whole():
    for done, status in ((False, "incomplete"), (True, "completed")):
        story, response_id = broken_off(1, True, done)
        story = reconnected(story.timeline, kept=[response_id])
        [turn] = read_turns(story.timeline)
        assert (turn.status, turn.answer) == (status, "Good morning to you")
