from itertools import pairwise

import pytest
from helpers import Story, tone
from hypothesis import given
from hypothesis import strategies as st

from rtkit.audio import AudioFormat
from rtkit.latency import ORDER, Latency, measure


def spoken(**options):
    story = Story(**options).open()
    story.silence(1.0)
    story.speak(1.5)
    return story


def only(story):
    (latency,) = measure(story.timeline)
    return latency


def test_the_instants_of_a_spoken_turn_lie_where_they_were_told():
    story = spoken()
    detected = story.now
    story.answer("Paris.", 1.0, playback_s=0.03)
    latency = only(story)
    assert latency.speech_end == pytest.approx(2.5)
    assert latency.turn_detected == pytest.approx(detected - 0.003)
    assert latency.committed == pytest.approx(detected - 0.001)
    assert latency.response_created == pytest.approx(detected + 0.02)
    assert latency.first_token == pytest.approx(detected + 0.06)
    assert latency.first_audio == pytest.approx(detected + 0.1)
    assert latency.playable == latency.first_audio
    assert latency.playback_started == pytest.approx(latency.first_audio + 0.029, abs=0.002)
    assert latency.done == pytest.approx(detected + 0.22)


@pytest.mark.parametrize("format", AudioFormat)
@pytest.mark.parametrize("silence_ms", [200, 500, 900])
def test_the_wait_is_the_silence_window_and_what_comes_after(format, silence_ms):
    story = spoken(format=format, silence_ms=silence_ms)
    story.answer("Paris.", 1.0)
    latency = only(story)
    assert latency.silence_ms == pytest.approx(silence_ms + 40)
    assert latency.response_ms == pytest.approx(103, abs=2)
    assert latency.wait_ms == pytest.approx(silence_ms + 40 + 103 + 30, abs=3)
    assert latency.wait_span == ("speech_end", "playback_started")


def test_the_stages_run_from_the_end_of_speech_to_the_first_sound_without_a_gap():
    story = spoken()
    story.answer("Paris.", 1.0)
    latency = only(story)
    stages = latency.stages()
    assert [name for name, *_ in stages] == [
        "turn detected (silence wait)",
        "committed",
        "response created",
        "first word received",
        "first audio received",
        "first audio playable",
        "playback started",
    ]
    assert stages[0][1] == latency.speech_end
    assert stages[-1][2] == latency.first_sound
    assert all(end == start for (*_, end), (_, start, _) in pairwise(stages))


def test_without_a_player_the_first_sound_is_when_a_tenth_of_a_second_had_come():
    story = spoken()
    response_id = story.respond()
    where = story.begin_item(response_id)
    for _ in range(3):
        data = b"\0\0" * 1200  # 50 ms
        story.hear("response.output_audio.delta", 0.01, data, delta="", **where)
    latency = only(story)
    assert latency.playable == pytest.approx(latency.first_audio + 0.01)
    assert latency.wait_span == ("speech_end", "playable")


def test_an_answer_shorter_than_that_is_playable_when_it_is_complete():
    story = spoken()
    response_id = story.respond()
    where = story.begin_item(response_id)
    story.hear("response.output_audio.delta", 0.01, b"\0\0" * 240, delta="", **where)
    story.hear("response.output_audio.done", 0.05, **where)
    latency = only(story)
    assert latency.playable == pytest.approx(latency.first_audio + 0.05)


def test_the_end_of_speech_that_a_clip_tells_goes_before_what_the_server_heard():
    story = Story().open()
    begun = story.now
    story.stream(tone(1.5))
    story.note("input.ended", end_of_speech_t=begun + 1.42)
    story.hear("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    story.silence(0.5)
    story.hear("input_audio_buffer.speech_stopped", item_id="u", audio_end_ms=2000)
    story.commit("u")
    story.answer("Yes.", 0.5)
    assert only(story).speech_end == begun + 1.42


def test_a_clip_with_a_pause_in_it_gives_its_end_to_the_last_of_its_turns():
    story = Story().open()
    story.speak(1.0)
    story.answer("Yes?", 0.3)
    begun = story.now
    story.speak(1.0)
    story.note("input.ended", end_of_speech_t=begun + 0.95)
    story.answer("I see.", 0.5)
    first, second = measure(story.timeline)
    assert first.speech_end == pytest.approx(1.0)
    assert second.speech_end == pytest.approx(begun + 0.95)


def test_sound_sent_faster_than_it_can_be_spoken_has_no_end_of_speech():
    story = Story().open()
    story.speak(1.5, pace=0.0)
    story.note("input.ended", end_of_speech_t=None)
    story.answer("Paris.", 1.0)
    latency = only(story)
    assert (latency.speech_end, latency.silence_ms, latency.wait_ms) == (None, None, None)
    assert latency.response_ms == pytest.approx(103, abs=2)
    assert latency.stages()[0][0] == "committed"


def test_a_typed_question_waits_from_when_it_was_sent_to_the_first_word():
    story = Story().open()
    story.type("hello")
    story.write("Good morning to you.")
    latency = only(story)
    assert latency.wait_ms == latency.response_ms == pytest.approx(50)
    assert latency.wait_span == ("asked", "first_token")
    assert [name for name, *_ in latency.stages()] == [
        "question accepted",
        "response created",
        "first word received",
    ]


def test_a_manual_turn_waits_from_its_commit():
    story = Story().open(turn_detection=False)
    story.stream(tone(1.0))
    committed = story.now
    story.send("input_audio_buffer.commit")
    story.commit("u")
    story.send("response.create")
    story.answer("Yes.", 0.5)
    latency = only(story)
    assert (latency.speech_end, latency.turn_detected) == (None, None)
    assert latency.asked == committed
    assert latency.wait_span == ("asked", "playback_started")


def test_typed_questions_without_ids_are_matched_in_order():
    story = Story().open()
    for text in ("one", "two"):
        story.send("conversation.item.create", 1.0, item={"type": "message", "role": "user"})
        story._add(text, "user", [{"type": "input_text", "text": text}], done=True, after=0.1)
        story.write("ok")
    assert [round(1000 * (x.committed - x.asked)) for x in measure(story.timeline)] == [100, 100]


def test_a_response_that_answers_nothing_is_measured_from_its_creation():
    story = Story().open()
    story.answer("Welcome.", 0.5)
    latency = only(story)
    assert (latency.item_id, latency.wait_ms) == (None, None)
    assert latency.first_audio - latency.response_created == pytest.approx(0.08)


def test_a_call_of_a_tool_is_part_of_the_wait():
    story = Story().open()
    story.type("what is the weather?")
    first = story.respond()
    story.end_response(first)
    output = {"id": "o", "type": "function_call_output", "call_id": "c", "output": "dry"}
    story.hear("conversation.item.added", 0.5, item=output)
    story.answer("It is dry.", 0.5)
    latency = only(story)
    assert latency.wait_ms > 500
    assert latency.response_id == "resp_2"


def call_a_tool(story, seconds, *, words=""):
    """A response with one call, answered after so many seconds; the instants of both."""
    first = story.respond()
    if words:
        where = story.begin_item(first)
        story.pieces(where, words, tone(0.5))
        story.end_item(where, words)
    call = {"id": "f", "type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"}
    story.hear("response.output_item.added", 0.01, response_id=first, item=call)
    story.hear("response.output_item.done", 0.01, response_id=first, item=call)
    called = story.now
    story.end_response(first)
    output = {"type": "function_call_output", "call_id": "c", "output": "dry"}
    story.send("conversation.item.create", seconds, item=output)
    returned = story.now
    story.hear("conversation.item.added", 0.01, item={"id": "o", **output})
    return called, returned


def test_the_time_of_a_tool_is_a_stage_of_its_own():
    story = Story().open()
    story.type("what is the weather?")
    called, returned = call_a_tool(story, 0.5)
    story.answer("It is dry.", 0.5)
    stages = only(story).stages()
    assert [name for name, _, _ in stages] == [
        "question accepted",
        "response created",
        "tool called",
        "tool answered",
        "first word received",
        "first audio received",
        "first audio playable",
        "playback started",
    ]
    assert stages[3][1:] == (called, returned)
    assert all(end == start for (_, _, end), (_, start, _) in pairwise(stages))


def test_a_tool_that_is_called_after_the_first_word_is_no_stage_of_the_wait():
    story = Story().open()
    story.type("what is the weather?")
    call_a_tool(story, 0.5, words="One moment.")
    story.answer("It is dry.", 0.5)
    latency = only(story)
    assert (latency.tool_called, latency.tool_returned) == (None, None)
    assert "tool called" not in [name for name, _, _ in latency.stages()]


def test_a_latency_says_its_totals_in_one_line():
    assert repr(Latency()) == "Latency(nothing measured)"
    known = Latency(speech_end=1.0, turn_detected=1.54, first_audio=1.643, playable=1.643)
    assert repr(known) == "Latency(wait 643 ms, response 103 ms)"


# ---- the stages sum to the total

TICKS = st.integers(0, 4_000_000)  # of 2 ** -20 s: sums and differences of such times are exact
INSTANTS = st.dictionaries(st.sampled_from(ORDER), TICKS, min_size=2)


def at(ticks):
    return {name: tick / 2**20 for name, tick in ticks.items()}


@given(st.lists(TICKS, min_size=len(ORDER), max_size=len(ORDER)))
def test_the_stages_of_a_spoken_turn_sum_to_its_wait_exactly(steps):
    ticks = {name: sum(steps[: n + 1]) for n, name in enumerate(ORDER)}
    del ticks["asked"]
    latency = Latency(**at(ticks))
    stages = latency.stages()
    assert len(stages) == len(ticks) - 1
    assert sum(1000 * (end - start) for _, start, end in stages) == latency.wait_ms
    assert [1000 * (end - start) for _, start, end in stages] == [
        1000 * step / 2**20 for step in [steps[1], steps[2] + steps[3], *steps[4:]]
    ]


@given(INSTANTS)
def test_whatever_is_known_and_in_whatever_order_stages_leave_no_gap(ticks):
    latency = Latency(**at(ticks))
    stages = latency.stages()
    assert all(end >= start for _, start, end in stages)
    assert all(end == start for (*_, end), (_, start, _) in pairwise(stages))
    if latency.wait_span in {("speech_end", "audible"), ("speech_end", "playback_started")}:
        assert sum(1000 * (end - start) for _, start, end in stages) == max(0, latency.wait_ms)


@given(st.lists(st.floats(0, 4), min_size=8, max_size=8))
def test_the_stages_of_a_told_session_sum_to_its_wait(seconds):
    think, first, play, *_ = seconds
    story = spoken()
    story.now += think
    response_id = story.respond(after=seconds[3])
    where = story.begin_item(response_id)
    story.pieces(where, "Paris.", tone(0.4), first=first)
    story.note("playback.started", play, item_id=where["item_id"])
    latency = only(story)
    parts = [1000 * (end - start) for _, start, end in latency.stages()]
    assert sum(parts) == pytest.approx(latency.wait_ms, abs=1e-9)
    assert parts[2] == pytest.approx(1000 * (think + seconds[3]), abs=1.001)


def test_a_first_word_that_comes_after_the_sound_is_no_stage_of_the_wait():
    latency = Latency(response_created=1.0, first_token=1.3, first_audio=1.2, playable=1.25)
    assert [name for name, _, _ in latency.stages()] == [
        "first audio received",
        "first audio playable",
    ]


def test_a_turn_that_was_detected_before_the_end_of_its_speech_waited_for_no_silence():
    latency = Latency(speech_end=1.1, turn_detected=1.0, committed=1.2, first_token=1.5)
    assert latency.stages()[0] == ("turn detected (silence wait)", 1.1, 1.1)
    assert latency.stages()[1] == ("committed", 1.1, 1.2)


def test_the_end_of_the_reply_is_when_the_player_says_so():
    story = spoken()
    story.answer("Paris.", 1.0)
    latency = only(story)
    assert latency.ended == pytest.approx(latency.playback_started + 1.0)
