import pytest
from helpers import Story, boxes, inside, overlaps, talk, words

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

from rtkit import plots  # noqa: E402
from rtkit.sounds import read_sounds  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def told(begin_s=0.5, silence_ms=500):
    """Two questions and their answers."""
    story = Story(silence_ms=silence_ms).open()
    story.silence(begin_s)
    for text in ("what is the capital of france", "and of italy"):
        story.transcribe(story.speak(1.5), text)
        story.answer("Paris.", 2.0)
    return story.timeline


def waves(ax):
    """Where each waveform begins, in seconds, with its side: up for the person."""
    found = []
    for shape in ax.collections:
        box = shape.get_datalim(ax.transData)
        middle = min((5.0, 0.0), key=lambda y: min(abs(box.y0 - y), abs(box.y1 - y)))
        found.append((round(box.x0, 2), "up" if box.y1 - middle > 0.5 else "down"))
    return found


def test_both_conversations_begin_with_their_first_question():
    ax = plots.overlay(told(0.5), told(3.0, silence_ms=900))
    first, second = waves(ax)[:4], waves(ax)[4:]
    assert first[0] == second[0] == (0.0, "up")
    assert [side for _, side in first] == ["up", "down"] * 2
    answers = [sound.start for sound in read_sounds(told(0.5)) if sound.speaker == "assistant"]
    assert first[1][0] == pytest.approx(answers[0] - 0.5, abs=0.02)
    assert second[1][0] == pytest.approx(first[1][0] + 0.4, abs=0.02)


def test_turns_that_belong_together_are_joined_with_how_much_later_the_second_is():
    shown = words(plots.overlay(told(), told(silence_ms=900)))
    assert shown.count("+400 ms") == 2
    assert {"673 ms", "1073 ms", "what is the capital of france", "before", "after"} <= set(shown)


def test_a_turn_that_only_one_has_is_not_joined():
    one = Story().open()
    one.transcribe(one.speak(1.5), "what is the capital of france")
    one.answer("Paris.", 2.0)
    shown = words(plots.overlay(told(), one.timeline))
    assert len([text for text in shown if text.startswith(("+", "-"))]) == 1


def test_an_interrupted_answer_ends_where_it_was_cut():
    timeline = talk()
    cut = next(s for s in read_sounds(timeline) if s.heard_s is not None)
    ax = plots.overlay(timeline, told())
    ends = [shape.get_datalim(ax.transData).x1 for shape in ax.collections]
    zero = min(sound.start for sound in read_sounds(timeline))
    assert any(end == pytest.approx(cut.heard_until - zero, abs=0.05) for end in ends)


def test_long_names_are_wrapped_and_nothing_overlaps_or_leaves_the_paper():
    names = ("200 ms of silence", "700 ms of silence and a brain that takes its time")
    ax = plots.overlay(told(), told(silence_ms=900), names=names)
    assert overlaps(ax) == []
    assert all(inside(box, ax.figure) for _, box in boxes(ax))


def test_a_conversation_in_which_nothing_was_said_is_refused_by_its_name():
    with pytest.raises(ValueError, match="nothing was said in the conversation 'after'"):
        plots.overlay(talk(), Story().open().timeline)


def test_what_is_no_timeline_is_told_where_there_is_one():
    with pytest.raises(TypeError, match=r"found str\. Give session\.timeline"):
        plots.overlay(talk(), "talk.jsonl")


def test_of_many_turns_the_words_that_would_cover_each_other_are_left_out():
    stories = [Story(silence_ms=silence_ms).open() for silence_ms in (300, 500)]
    for story in stories:
        for n in range(20):
            story.transcribe(story.speak(0.6), f"how much is {n} times seven")
            story.answer("It is more than you think.", 0.8 + n % 2)
    ax = plots.overlay(*(story.timeline for story in stories))
    assert overlaps(ax) == []
    assert len([line for line in ax.lines if line.get_marker() == "."]) == 20
