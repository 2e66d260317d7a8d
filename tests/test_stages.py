from itertools import pairwise

import numpy as np
import pytest
from helpers import Story, boxes, inside, overlaps, talk, words

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.colors import to_rgb  # noqa: E402

from rtkit import plots  # noqa: E402
from rtkit.latency import ACCEPTED, LEADING_SILENCE, MEANING, ORDER, SILENCE_WAIT, Latency  # noqa: E402
from rtkit.stages import KIND_OF, KINDS, MOST_TURNS  # noqa: E402
from rtkit.turns import Turn, read_turns  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def first_turn():
    return read_turns(talk())[0]


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def bars(ax):
    return [(bar.get_x(), bar.get_width()) for bar in ax.patches if bar.get_height() > 0.5]


def test_a_turn_has_a_row_for_each_stage_and_below_them_both_latencies():
    ax = plots.waterfall(first_turn())
    assert labels(ax) == [
        "turn detected\n(silence wait)",
        "committed",
        "response created",
        "first word received",
        "first audio received",
        "first audio playable",
        "playback started",
        "first sound heard\n(leading silence)",
        "reply ended",
        "end of speech\nto first sound heard",
        "turn detected\nto first audio received",
    ]
    assert ax.get_xlabel() == "milliseconds after end of speech"


def test_the_milliseconds_of_each_stage_and_of_the_totals_are_written():
    shown = words(plots.waterfall(first_turn()))
    assert {"540 ms", "2 ms", "21 ms", "40 ms", "0 ms", "30 ms", "103 ms"} <= set(shown)
    assert "673 ms from end of speech to first sound heard" in shown
    assert "goal 500 ms" in shown
    assert "2.00 s of reply" in shown


def test_the_bars_lie_end_to_end_and_sum_to_the_total():
    ax = plots.waterfall(first_turn())
    stages = bars(ax)
    assert stages[0][0] == 0
    assert np.allclose([x for x, _ in stages[1:]], [x + width for x, width in stages[:-1]])
    assert sum(width for _, width in stages) == pytest.approx(673, abs=1)


def test_a_latency_alone_has_no_leading_silence_and_ends_with_playback():
    ax = plots.waterfall(first_turn().latency)
    assert "end of speech\nto playback started" in labels(ax)
    assert "first sound heard\n(leading silence)" not in labels(ax)


def test_a_turn_whose_two_latencies_are_one_has_it_once():
    ax = plots.waterfall(read_turns(talk())[3])
    assert labels(ax)[-1] == "question sent\nto first word received"
    assert "goal 500 ms" not in words(ax)  # it is one between two speakers


def test_each_stage_has_a_kind_and_each_kind_its_own_look():
    ends = {SILENCE_WAIT, ACCEPTED, LEADING_SILENCE, *(MEANING[name] for name in ORDER[2:-1])}
    assert ends == set(KIND_OF)
    assert len({(kind.color, kind.hatch) for kind in KINDS}) == len(KINDS)


def brightness(color):
    """L* of a color, 0 to 100."""
    linear = [((c + 0.055) / 1.055) ** 2.4 if c > 0.04 else c / 12.92 for c in to_rgb(color)]
    return 116 * float(np.dot(linear, (0.2126, 0.7152, 0.0722))) ** (1 / 3) - 16


def test_kinds_that_meet_are_told_apart_in_greyscale():
    for first, second in pairwise(KINDS):
        apart = abs(brightness(first.color) - brightness(second.color))
        assert apart > 12 or first.hatch != second.hatch, (first.name, second.name)


# ---- a timeline


def test_a_timeline_with_several_turns_has_a_bar_for_each():
    ax = plots.waterfall(talk())
    assert labels(ax) == [
        "1 what is the capital of france",
        "2 tell me a long story",
        "3 stop",
        "4 bye",
    ]
    shown = words(ax)
    assert "4 turns: median 673 ms" in shown  # p95 needs twenty
    assert shown.count("673 ms") == 3
    assert ax.get_xlabel() == "milliseconds after end of speech or question sent"


def test_a_timeline_with_one_turn_shows_its_stages():
    story = Story().open()
    story.speak(1.0)
    story.answer("Yes.", 0.5)
    ax = plots.waterfall(story.timeline)
    assert "committed" in labels(ax)
    assert any(text.startswith("Turn 1: ") for text in words(ax))


def many(count):
    story = Story().open()
    for n in range(count):
        story.transcribe(story.speak(0.4), "donaudampfschifffahrtsgesellschaft" * (1 + n % 2))
        story.answer("It is eighty four.", 0.5, playback_s=0.03 + 0.01 * (n % 7))
    return story.timeline


def test_forty_turns_are_legible_and_have_their_p95():
    ax = plots.waterfall(many(40))
    assert overlaps(ax) == []
    assert all(inside(box, ax.figure) for _, box in boxes(ax))
    assert all(inside(tick.get_window_extent(), ax.figure) for tick in ax.get_yticklabels())
    assert inside(ax.get_legend().get_window_extent(), ax.figure)
    assert any(text.startswith("40 turns: median") and "p95" in text for text in words(ax))


def test_of_a_longer_session_the_last_turns_are_drawn_and_it_is_said():
    ax = plots.waterfall(many(MOST_TURNS + 3))
    assert len(labels(ax)) == MOST_TURNS
    assert labels(ax)[0].startswith("4 donaudampf")
    assert any(f"{MOST_TURNS + 3} turns, the last {MOST_TURNS} drawn" in text for text in words(ax))


# ---- what cannot be drawn, and how it looks


def test_a_turn_that_was_not_measured_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match="a waterfall needs a turn that was answered"):
        plots.waterfall(Turn("hello"))
    with pytest.raises(ValueError, match="Ask something first"):
        plots.waterfall(Story().open().timeline)
    with pytest.raises(ValueError, match="no stages to draw"):
        plots.waterfall(Latency())


@pytest.mark.parametrize("wait", [0.02, 0.3, 0.5, 3.0])
def test_nothing_in_the_waterfall_overlaps_or_is_clipped(wait):
    latency = Latency(
        speech_end=1.0,
        turn_detected=1.0 + wait,
        committed=1.001 + wait,
        response_created=1.02 + wait,
        first_audio=1.1 + wait,
        playback_started=1.1 + 2 * wait,
        ended=20.0,
    )
    ax = plots.waterfall(latency)
    assert overlaps(ax) == []
    assert all(inside(box, ax.figure) for _, box in boxes(ax))
    assert all(inside(tick.get_window_extent(), ax.figure) for tick in ax.get_yticklabels())


def test_a_waterfall_with_a_tool_in_it_is_higher_and_its_rows_as_far_apart():
    usual = plots.waterfall(first_turn().latency)
    instants = [name for name in ORDER if name not in ("turn_detected", "audible")]
    with_tool = plots.waterfall(Latency(**{name: float(n) for n, name in enumerate(instants)}))
    assert "tool answered" in labels(with_tool)
    inches = [ax.bbox.height / abs(np.diff(ax.get_ylim())) for ax in (usual, with_tool)]
    assert inches[0] == pytest.approx(inches[1], rel=0.05)
    assert with_tool.figure.get_figheight() > usual.figure.get_figheight()
