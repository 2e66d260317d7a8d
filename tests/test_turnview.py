import matplotlib.pyplot as plt
import numpy as np
import pytest
from serverstory import Loudness

from rtkit import plots
from rtkit.clip import Clip
from rtkit.config import VADConfig, VADMode
from rtkit.detectors import listen
from rtkit.segments import segment


@pytest.fixture(scope="module")
def heard():
    tone = Clip(0.3 * np.sin(2 * np.pi * 220 * np.arange(24_000) / 24_000), 24_000)
    return listen(Clip.silence(1.0) + tone + Clip.silence(1.0), Loudness())


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_the_line_where_a_turn_is_over_says_how_long_the_caller_waited(heard):
    told = segment(heard)
    ax = plots.segmentation(told)
    assert f"waited {told.segments[0].wait_ms:.0f} ms" in words(ax)
    assert "silence 500 ms" in ax.get_title(loc="left")
    lines = {round(float(line.get_xdata()[0]), 3) for line in ax.lines}
    assert round(told.segments[0].decided_ms / 1000, 3) in lines
    assert ax.get_xlim() == (0, 3.0)


def test_the_probability_is_drawn_frame_by_frame_with_both_thresholds(heard):
    ax = plots.segmentation(segment(heard, VADConfig(threshold=0.6)))
    (steps,) = [patch for patch in ax.patches if hasattr(patch, "get_data")]
    assert np.array_equal(steps.get_data().values, heard.probabilities)
    heights = {round(float(line.get_ydata()[0]), 2) for line in ax.lines}
    assert {0.6, 0.45} <= heights


def test_two_settings_side_by_side_on_given_axes(heard):
    _, axes = plt.subplots(1, 2)
    for ax, ms in zip(axes, (200, 800), strict=True):
        assert plots.segmentation(segment(heard, VADConfig(silence_duration_ms=ms)), ax) is ax
    assert len(plt.get_fignums()) == 1


def test_turns_by_hand_and_open_turns_have_no_end_to_show(heard):
    assert words(plots.segmentation(segment(heard, VADConfig(mode=VADMode.MANUAL)))) == []
    open_turn = plots.segmentation(segment(heard, VADConfig(silence_duration_ms=5000)))
    assert words(open_turn) == ["0.5"]
