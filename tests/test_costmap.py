import matplotlib.pyplot as plt
import pytest

from rtkit import plots
from rtkit.config import VADConfig
from rtkit.scores import Outcome, Score
from rtkit.sweeps import Sweep, Trial


def trial(threshold, silence_ms, cost_ms, padding_ms=300):
    vad = VADConfig(
        threshold=threshold, silence_duration_ms=silence_ms, prefix_padding_ms=padding_ms
    )
    return Trial(vad.to_turn_detection(), Score((Outcome(1, 0, cost_ms, True, 0, 0),) * 200))


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def swept():
    trials = (
        trial(0.5, 500, 520),
        trial(0.5, 300, 340),
        trial(0.7, 300, 320),
        trial(0.7, 300, 330, padding_ms=0),
    )
    return Sweep(trials, trials[0])


def test_each_cell_holds_the_least_cost_of_its_pair():
    ax = plots.heatmap(swept())
    cells = {text.get_position(): text.get_text() for text in ax.texts}
    assert cells == {(1, 0): "520", (0, 0): "340", (0, 1): "320"}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["300", "500"]
    assert ax.get_ylabel() == "threshold"


def test_the_recommended_setting_and_the_default_are_framed():
    frames = {
        frame.get_linestyle(): (round(frame.get_x()), round(frame.get_y()))
        for frame in plots.heatmap(swept()).patches
    }
    assert sorted(frames.values()) == [(0, 1), (1, 0)]
    assert frames["-"] == (0, 1)


def test_other_settings_may_be_the_axes_and_unknown_ones_are_refused():
    ax = plots.heatmap(swept(), x="prefix_padding_ms", y="silence_duration_ms")
    assert ax.get_xlabel() == "prefix_padding_ms"
    with pytest.raises(ValueError, match=r"no trial has both 'eagerness' and 'threshold'; the"):
        plots.heatmap(swept(), x="eagerness")
