import numpy as np
import pytest
from helpers import Story, boxes, inside, overlaps, talk, tone, words

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from rtkit import plots  # noqa: E402
from rtkit.clip import Clip  # noqa: E402
from rtkit.latency import Latency  # noqa: E402
from rtkit.turns import Turn, read_turns  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_the_waterfall_writes_the_milliseconds_at_each_stage_and_what_the_totals_mean():
    ax = plots.waterfall(read_turns(talk())[0])
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == [
        "turn detected\n(silence wait)",
        "committed",
        "response created",
        "first audio received",
        "first audio playable",
        "playback started",
    ]
    shown = words(ax)
    assert shown[:6] == ["540 ms", "2 ms", "21 ms", "80 ms", "0 ms", "30 ms"]
    assert "673 ms from end of speech to playback started" in shown
    assert "103 ms from turn detected to first audio received" in shown
    assert "goal 500 ms" in shown
    assert ax.get_xlabel() == "milliseconds after end of speech"


def test_the_bars_lie_end_to_end():
    ax = plots.waterfall(read_turns(talk())[0])
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert bars[0][0] == 0
    assert np.allclose([x for x, _ in bars[1:]], [x + width for x, width in bars[:-1]])


def test_a_timeline_shows_its_last_turn():
    ax = plots.waterfall(talk())
    assert "Turn 4: 50 ms from question sent to first word received" in words(ax)


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
    )
    ax = plots.waterfall(latency)
    assert overlaps(ax) == []
    assert all(inside(box, ax.figure) for _, box in boxes(ax))


def test_plots_draw_on_the_axes_they_are_given_and_open_no_figure():
    figure = Figure(figsize=(8, 8))
    top, middle, bottom = figure.subplots(3)
    timeline = talk()
    assert plots.waterfall(timeline, ax=top) is top
    assert plots.conversation(timeline, ax=middle) is middle
    assert plots.waveform(Clip(tone(1.0), 24_000), ax=bottom) is bottom
    assert plt.get_fignums() == []


def test_a_waveform_runs_over_the_seconds_of_its_clip():
    ax = plots.waveform(Clip(tone(2.0), 24_000))
    assert ax.get_xlim() == (0, 2.0)
    assert ax.get_xlabel() == "seconds"


def test_compare_draws_one_bar_per_series_and_value_and_writes_its_milliseconds():
    ax = plots.compare({"predicted": {500: 400, 200: 300}, "measured": {200: 341.4, 500: 642}})
    assert [bar.get_height() for bar in ax.patches] == [300, 400, 341.4, 642]
    assert {"300 ms", "400 ms", "341 ms", "642 ms"} <= set(words(ax))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["200 ms", "500 ms"]


def test_compare_leaves_out_what_a_series_does_not_have():
    ax = plots.compare({"predicted": {200: 300}, "measured": {500: 642}})
    assert [round(bar.get_x() + bar.get_width() / 2) for bar in ax.patches] == [0, 1]


def test_compare_refuses_nothing():
    with pytest.raises(ValueError, match="nothing to compare"):
        plots.compare({"measured": {}})


@pytest.mark.parametrize("draw", [plots.waterfall, plots.conversation])
def test_what_is_no_timeline_is_told_where_there_is_one(draw):
    with pytest.raises(TypeError, match=r"found str\. .*session\.timeline"):
        draw("a session")


def test_a_waterfall_with_a_tool_in_it_is_higher_and_its_rows_as_far_apart():
    usual = plots.waterfall(read_turns(talk())[0])
    instants = ("asked", "committed", "response_created", "tool_called", "tool_returned")
    instants += ("first_audio", "playable", "playback_started")
    with_tool = plots.waterfall(Latency(**{name: float(n) for n, name in enumerate(instants)}))
    assert "tool answered" in [label.get_text() for label in with_tool.get_yticklabels()]
    rows = [ax.bbox.height / len(ax.patches) for ax in (usual, with_tool)]
    assert rows[0] == pytest.approx(rows[1], rel=0.05)
    assert with_tool.figure.get_figheight() > usual.figure.get_figheight()
