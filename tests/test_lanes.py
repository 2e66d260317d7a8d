import pytest
from helpers import Story, boxes, inside, overlaps, talk, words

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

from rtkit import plots  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_the_conversation_shows_both_sides_words_and_the_wait_of_each_turn():
    ax = plots.conversation(talk())
    shown = " ".join(" ".join(words(ax)).split())
    for text in ("you", "assistant", "what is the capital of france", "Goodbye", "not heard"):
        assert text in shown
    assert shown.count("673 ms") == 3
    assert ax.get_xlabel() == "seconds since the session began"


def test_a_wait_with_no_room_behind_it_has_its_length_before_it():
    ax = plots.conversation(talk(), begin=0.0, end=3.3)
    (length,) = [text for text in ax.texts if text.get_text() == "673 ms"]
    assert length.get_ha() == "right"


def test_no_words_of_the_conversation_overlap_or_leave_the_figure():
    ax = plots.conversation(talk())
    assert overlaps(ax) == []
    assert all(inside(box, ax.figure) for _, box in boxes(ax))


def test_a_long_and_dense_conversation_stays_legible():
    story = Story().open()
    for n in range(12):
        story.silence(0.3 + n % 3)
        story.transcribe(story.speak(0.6), "how much is twelve times seven please")
        story.answer("It is eighty four, as it was the last time you asked.", 1.0 + n % 2)
    ax = plots.conversation(story.timeline)
    assert overlaps(ax) == []


def test_the_sound_lies_where_it_was_heard():
    timeline = talk()
    ax = plots.conversation(timeline)
    begin, end = ax.get_xlim()
    assert begin < 1.0
    assert end > timeline.duration
    waves = [shape.get_datalim(ax.transData) for shape in ax.collections]
    assert waves[0].x0 == pytest.approx(1.0)


def test_a_session_in_which_nothing_was_said_is_drawn_empty():
    ax = plots.conversation(Story().open().timeline)
    assert words(ax) == ["you", "assistant"]


def test_words_that_the_recogniser_doubts_are_marked():
    story = Story().open()
    story.transcribe(story.speak(2.5), "old friends", logprobs=[{"logprob": -2.0}])
    assert "old friends (unsure)" in words(plots.conversation(story.timeline))


# ---- words where they were said


def spoken(text, seconds=3.0):
    story = Story().open()
    story.transcribe(story.speak(seconds), text)
    return story.timeline


def test_words_stand_where_they_were_said_if_there_is_room():
    ax = plots.conversation(spoken("one two three"))
    places = {text.get_text(): text.xy[0] for text in ax.texts if text.get_text()}
    assert places["one"] == pytest.approx(0.0, abs=0.05)
    assert places["two"] - places["one"] == pytest.approx(3.0 * 4 / 13, abs=0.05)
    assert places["three"] - places["one"] == pytest.approx(3.0 * 8 / 13, abs=0.05)


def test_words_that_would_touch_are_wrapped_below_their_sound():
    text = "one two three four five six seven eight nine ten eleven twelve thirteen"
    shown = words(plots.conversation(spoken(text, 1.0)))
    assert "one" not in shown
    assert " ".join(" ".join(shown).split()).count(text) == 1


def test_words_that_were_not_heard_are_marked_where_they_would_have_been():
    story = Story().open()
    story.speak(0.5)
    story.interrupted_answer("Once upon a time", 8.0, heard_s=3.0)
    ax = plots.conversation(story.timeline)
    styles = {text.get_text(): text.get_fontstyle() for text in ax.texts}
    assert (styles["Once"], styles["time"]) == ("normal", "italic")


def test_words_that_were_not_heard_do_not_run_into_the_next_answer():
    story = Story().open()
    story.speak(0.5)
    story.interrupted_answer("Once upon a time there was a king", 6.0, heard_s=1.0, speech=0.5)
    story.answer("All right.", 1.0)
    ax = plots.conversation(story.timeline)
    assert overlaps(ax) == []
    assert {"Once", "All", "right."} <= set(words(ax))
    assert "king" not in words(ax)


def test_what_was_not_heard_stands_in_brackets_that_close_where_its_words_are_cut_short():
    story = Story().open()
    story.speak(0.5)
    numbers = " ".join(f"number{n}" for n in range(60))
    story.interrupted_answer(numbers, 10.0, heard_s=1.0, speech=0.5)
    story.answer("All right.", 1.0)
    (rest,) = [text for text in words(plots.conversation(story.timeline)) if text[0] == "["]
    assert rest.endswith("...]")


# ---- a part of it


def test_a_part_of_a_long_session_is_drawn_in_its_own_time():
    ax = plots.conversation(talk(), begin=4.0, end=9.0)
    assert ax.get_xlim() == (4.0, 9.0)
    ax.figure.canvas.draw()
    drawn = [text for text in ax.texts if text.get_text() and text.get_window_extent().width]
    left, right = ax.bbox.x0, ax.bbox.x1
    inside_axes = [t for t in drawn if left - 1 <= t.get_window_extent().x0 <= right]
    assert any(text.get_text().startswith("tell me") for text in inside_axes)


def test_no_stretch_of_time_is_refused():
    with pytest.raises(ValueError, match="from 5 s to 2 s is no time"):
        plots.conversation(talk(), begin=5, end=2)


# ---- tools and lost connections


def with_a_tool():
    story = Story().open()
    story.speak(1.0)
    call = {"type": "function_call", "call_id": "c", "name": "get_weather", "arguments": "{}"}
    response_id = story.respond()
    story.hear("response.output_item.done", 0.1, response_id=response_id, item={"id": "f", **call})
    story.end_response(response_id)
    output = {"type": "function_call_output", "call_id": "c", "output": "dry"}
    story.send("conversation.item.create", 0.6, item=output)
    story.hear("conversation.item.added", 0.01, item={"id": "o", **output})
    story.answer("It is dry.", 2.0)
    return story


def test_tools_have_a_lane_of_their_own_with_their_names():
    with_tools, without = plots.conversation(with_a_tool().timeline), plots.conversation(talk())
    assert {"tools", "get_weather"} <= set(words(with_tools))
    assert "tools" not in words(without)
    assert overlaps(with_tools) == []
    scale = [ax.bbox.height / (ax.get_ylim()[1] - ax.get_ylim()[0]) for ax in (with_tools, without)]
    assert scale[0] == pytest.approx(scale[1], rel=0.03)  # the lanes stay as high


def test_a_lost_connection_is_a_bar_with_its_length():
    story = with_a_tool()
    story.note("reconnecting", 0.5, reason="1006", attempt=1)
    story.note("reconnected", 0.25, session="s", input_ms=0, kept=[], again=[])
    story.speak(1.0)
    ax = plots.conversation(story.timeline)
    assert "connection lost, 250 ms" in words(ax)
    assert all(inside(box, ax.figure) for _, box in boxes(ax))


def test_a_connection_that_never_came_back_has_no_length():
    story = with_a_tool()
    story.note("reconnecting", 0.5, reason="1006", attempt=1)
    assert "connection lost" in words(plots.conversation(story.timeline))


def test_of_breaks_that_follow_each_other_closely_the_words_do_not_overlap():
    story = with_a_tool()
    for _ in range(4):
        story.note("reconnecting", 0.1, reason="1006", attempt=1)
        story.note("reconnected", 0.1, session="s", input_ms=0, kept=[], again=[])
    ax = plots.conversation(story.timeline)
    assert overlaps(ax) == []
    assert len([text for text in words(ax) if text.startswith("connection lost")]) == 1


def test_turns_are_numbered():
    assert {"1", "2", "3", "4"} <= set(words(plots.conversation(talk())))
