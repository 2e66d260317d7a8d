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
