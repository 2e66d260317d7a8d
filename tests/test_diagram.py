import pytest
from helpers import Story, boxes, inside, overlaps, talk, words

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from rtkit.arrows import read_arrows  # noqa: E402
from rtkit.canvas import width  # noqa: E402
from rtkit.diagram import LANE_X, NAME_PT, fitted, lanes_of, sequence  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def typed():
    """A typed question and its answer; 0 ms is the first event."""
    story = Story(now=2.0).open()
    story.type("hello")
    story.write("Good day to you.")
    return story


def arrows(ax):
    """(from x, to x, y) of every arrow, in inches, from the top down."""
    found = [(text.get_position()[0], text.xy[0], text.xy[1]) for text in ax.texts if arrow(text)]
    return sorted(found, key=lambda ends: ends[2])


def arrow(text):
    return getattr(text, "arrow_patch", None) is not None


def test_there_is_one_arrow_per_row_in_order_and_in_its_direction():
    timeline = typed().timeline
    rows = read_arrows(timeline).rows[1:]  # the first is a note at the notebook's lane
    lanes = lanes_of(rows)
    drawn = [(start, end) for start, end, _ in arrows(sequence(timeline))]
    assert drawn == [(lanes[row.sender], lanes[row.receiver]) for row in rows]


def test_lanes_and_times_are_written_and_the_first_event_is_at_0():
    story = Story().open()
    story.silence(1.0)
    shown = words(sequence(story.timeline))
    assert shown[:4] == ["ms", "person\nmic, speaker", "notebook\nclient", "server"]
    assert shown[4:8] == ["0", "session.opened", "0", "session.created"]


def test_the_person_has_a_lane_where_something_is_said_or_heard_only():
    timeline = typed().timeline
    shown = words(sequence(timeline))
    assert shown[:3] == ["ms", "notebook\nclient", "server"]
    assert lanes_of(read_arrows(timeline).rows)["notebook"] == LANE_X["person"]
    assert "10" in shown  # conversation.item.added


def test_a_stream_is_one_heavy_arrow_with_count_sound_and_both_times():
    story = Story().open()
    story.silence(1.0)
    ax = sequence(story.timeline)
    assert "input_audio_buffer.append  (×50, 1.00 s of sound)" in words(ax)
    assert "20\N{EN DASH}1000" in words(ax)
    lines = [text.arrow_patch.get_linewidth() for text in ax.texts if arrow(text)]
    assert lines[1] > 2 * lines[0]


def test_a_stretch_without_events_is_marked_with_its_length():
    story = Story().open()
    story.note("playback.finished", 2.5, item_id="item_1")
    story.note("playback.finished", 0.1, item_id="item_2")
    ax = sequence(story.timeline)
    assert [word for word in words(ax) if word.endswith("pass")] == ["2.5 s pass"]
    (_, _, created), (_, _, after), (_, _, last) = arrows(ax)
    assert after - created > last - after


def test_a_response_is_bracketed_and_one_that_goes_on_is_open_below():
    story = typed()
    assert "response completed" in words(sequence(story.timeline))
    story.type("and?")
    where = story.begin_item(story.respond())
    for n in range(8):
        story.hear("what.is.this", response_id=where["response_id"], number=n)
    assert "response in progress" in words(sequence(story.timeline))


@pytest.mark.parametrize("most", [4, 2])
def test_a_short_bracket_has_the_status_beside_it(most):
    timeline = typed().timeline
    responses = timeline.select("response.created", "response.output_item.done", "response.done")
    shown = words(sequence(list(responses)[-most:]))
    assert "completed" in shown
    assert "response completed" not in shown


def test_an_error_is_in_bold_with_its_code():
    story = Story().open()
    story.hear("error", error={"type": "invalid_request_error", "code": "invalid_value"})
    ax = sequence(story.timeline)
    (label,) = [text for text in ax.texts if text.get_text() == "error  (invalid_value)"]
    assert label.get_fontweight() == 700


def test_what_is_too_long_is_cut_with_a_clear_word():
    timeline = talk()
    more = len(read_arrows(timeline, most=1000).rows) - 60
    ax = sequence(timeline)
    assert f"{more} more are not drawn: select a part of the timeline" in words(ax)
    notes_at_a_lane = 1
    assert len(arrows(ax)) == 60 - notes_at_a_lane


def stories():
    whole = talk()
    yield whole
    yield from (whole.select(begin=n, end=n + 200) for n in range(0, len(whole), 150))
    many = Story().open()
    responses = [many.respond(None) for _ in range(6)]
    for response in responses:
        where = many.begin_item(response, "text")
        many.hear("response.output_text.delta", delta="x", **where)
    for response in responses:
        many.end_response(response)
    yield many.timeline
    long = Story().open()
    for n in range(36):
        kind = "conversation.item.input_audio_transcription.completed"
        long.hear(kind if n % 2 else "x" * 90, 0.5 * (n % 3), item_id=f"item_{n}")
    yield long.timeline


@pytest.mark.parametrize("timeline", list(stories()))
def test_no_words_cover_one_another_or_leave_the_page(timeline):
    ax = sequence(timeline)
    assert overlaps(ax) == []
    assert all(inside(box, ax.figure) for _, box in boxes(ax))


def test_words_that_do_not_fit_lose_the_beginning_of_the_type():
    type_ = "conversation.item.input_audio_transcription.completed"
    room = width("...input_audio_transcription.completed  (x)", NAME_PT) + 1
    assert fitted(type_, "(x)", room) == "...input_audio_transcription.completed  (x)"
    assert fitted(type_, "", 1000) == type_
    assert width(fitted("x" * 500, "(y)", room), NAME_PT) <= room


def test_it_draws_on_the_axes_it_is_given_and_opens_no_figure():
    ax = Figure(figsize=(8, 8)).subplots()
    assert sequence(typed().timeline, ax=ax) is ax
    assert sequence(list(typed().timeline), ax=ax) is ax
    assert plt.get_fignums() == []


@pytest.mark.parametrize("thing", ["a session", 3, None])
def test_what_holds_no_moments_is_told_where_they_are(thing):
    with pytest.raises(TypeError, match=r"found \w+\. Give session\.timeline"):
        sequence(thing)
