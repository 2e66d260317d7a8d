import pytest
from helpers import talk, tone, words

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from rtkit import plots  # noqa: E402
from rtkit.clip import Clip  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


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
