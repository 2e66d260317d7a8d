import pytest
from helpers import Story, talk, tone

from rtkit.arrows import LANES, MOST_ROWS, Bracket, read_arrows
from rtkit.timeline import Timeline


def seen(moments, **options):
    return [
        (f"{row.sender} > {row.receiver}", row.type, row.count)
        for row in read_arrows(moments, **options).rows
    ]


def of_type(view, type_):
    return [row for row in view.rows if row.type == type_]


def test_a_run_of_frames_is_one_arrow_with_its_count_sound_and_times():
    story = Story().open()
    story.silence(1.0)
    (row,) = of_type(read_arrows(story.timeline), "input_audio_buffer.append")
    assert (row.count, round(row.audio_s, 6)) == (50, 1.0)
    assert (round(row.t, 6), round(row.until, 6)) == (0.02, 1.0)
    assert (row.sender, row.receiver) == ("person", "server")


def test_an_event_on_the_wire_ends_a_run():
    story = Story().open()
    story.silence(0.1)
    story.hear("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=0)
    story.silence(0.2)
    counts = [row.count for row in of_type(read_arrows(story.timeline), APPEND)]
    assert counts == [5, 10]


def test_a_local_fact_does_not_end_a_run():
    story = Story().open()
    story.silence(0.1)
    story.note("input.ended", end_of_speech_t=0.1)
    story.silence(0.1)
    assert seen(story.timeline)[2:] == [
        ("person > server", APPEND, 10),
        ("person > notebook", "input.ended", 1),
    ]


def test_words_and_sound_that_come_interleaved_are_two_arrows():
    story = Story().open()
    response = story.respond()
    where = story.begin_item(response)
    for _ in range(3):
        story.pieces(where, "words ", tone(0.4))
    view = read_arrows(story.timeline)
    (words,) = of_type(view, "response.output_audio_transcript.delta")
    (sound,) = of_type(view, "response.output_audio.delta")
    assert (words.count, words.audio_s) == (3, 0.0)
    assert (sound.count, round(sound.audio_s, 6)) == (6, 1.2)


def test_pieces_of_two_items_stay_apart():
    story = Story().open()
    for item_id in ("item_a", "item_b", "item_a"):
        story.hear("conversation.item.input_audio_transcription.delta", item_id=item_id, delta="x")
    assert [row.count for row in read_arrows(story.timeline).rows[2:]] == [2, 1]


def test_without_the_timeline_the_sound_of_a_run_is_not_known():
    story = Story().open()
    story.silence(0.1)
    (row,) = of_type(read_arrows(list(story.timeline)), APPEND)
    assert (row.count, row.audio_s) == (5, 0.0)
    (row,) = of_type(read_arrows(story.timeline.select(APPEND)), APPEND)
    assert round(row.audio_s, 6) == 0.1


def test_every_arrow_runs_between_known_lanes_and_the_person_hears_and_speaks():
    view = read_arrows(talk(), most=1000)
    assert {row.sender for row in view.rows} | {row.receiver for row in view.rows} == set(LANES)
    ends = {(row.sender, row.receiver) for row in view.rows if row.type.startswith("playback")}
    assert ends == {("notebook", "person")}
    opened = view.rows[0]
    assert (opened.type, opened.sender, opened.receiver) == (
        "session.opened",
        "notebook",
        "notebook",
    )


def test_how_far_the_player_is_is_no_step():
    story = Story().open()
    story.note("playback.position", item_id="item_1", played_ms=500)
    assert len(read_arrows(story.timeline).rows) == 2


def test_a_response_is_bracketed_from_created_to_done():
    story = Story().open()
    story.type("hello")
    story.write("Good day to you.")
    view = read_arrows(story.timeline)
    types = [row.type for row in view.rows]
    first, last = types.index("response.created"), types.index("response.done")
    assert view.responses == (Bracket("resp_1", first, last, "completed"),)
    assert view.rows[last].note == "completed"


def test_a_response_whose_end_is_not_among_the_moments_is_in_progress():
    story = Story().open()
    story.type("hello")
    story.respond()
    assert read_arrows(story.timeline).responses[0].status == "in_progress"


def test_responses_beside_each_other_have_a_bracket_each():
    story = Story().open()
    first, second = story.respond(None), story.respond(None)
    story.end_response(first)
    story.end_response(second)
    spans = [(b.response_id, b.first, b.last) for b in read_arrows(story.timeline).responses]
    assert spans == [("resp_1", 2, 4), ("resp_2", 3, 5)]


def test_an_interruption_says_where_it_cut_and_why():
    story = Story().open()
    story.speak(0.5)
    story.interrupted_answer("a long story", 4.0, 1.0)
    response = story.respond()
    story.end_response(response, "cancelled", "turn_detected")
    notes = {row.type: row.note for row in read_arrows(story.timeline).rows}
    assert notes["conversation.item.truncate"] == "at 1000 ms"
    assert notes["conversation.item.truncated"] == "at 1000 ms"
    assert notes["response.done"] == "cancelled: turn_detected"


def test_where_playback_stopped_is_told_as_in_the_truncate_in_whole_milliseconds():
    story = Story().open()
    story.note("playback.flushed", item_id="item_1", played_ms=1112.9)
    assert read_arrows(story.timeline).rows[-1].note == "at 1112 ms"


def test_an_error_is_known_by_its_code():
    story = Story().open()
    story.hear("error", error={"type": "invalid_request_error", "code": "invalid_value"})
    row = read_arrows(story.timeline).rows[-1]
    assert (row.is_error, row.note) == (True, "invalid_value")


@pytest.mark.parametrize("event", [{}, {"item": None}, {"item": {}}, {"response": 3}])
def test_events_of_any_shape_are_shown(event):
    timeline = Timeline()
    for type_ in ("conversation.item.added", "response.done", "error", "what.is.this"):
        timeline.append(0.0, "server", {"type": type_, **event})
    assert [row.note for row in read_arrows(timeline).rows] == [""] * 4


def test_what_is_too_long_is_cut_and_counted():
    timeline = talk()
    whole, part = read_arrows(timeline, most=1000), read_arrows(timeline, most=20)
    assert len(whole.rows) > MOST_ROWS > 20
    assert part.rows == whole.rows[:20]
    assert part.left_out == len(whole.rows) - 20
    assert all(bracket.last < 20 for bracket in part.responses)
    assert part.responses[-1].status == "in_progress"


def test_nothing_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match="Ask something first, or select a longer part"):
        read_arrows(Timeline())


APPEND = "input_audio_buffer.append"
