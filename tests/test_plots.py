import numpy as np
import pytest
from helpers import talk, tone, words
from test_costmap import swept

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.colors import to_rgb  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from rtkit import plots  # noqa: E402
from rtkit.clip import Clip  # noqa: E402
from rtkit.detectors import listen  # noqa: E402
from rtkit.errors import DataError  # noqa: E402
from rtkit.segments import segment  # noqa: E402
from rtkit.telephony import PhoneLine  # noqa: E402
from rtkit.timeline import Timeline  # noqa: E402


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


@pytest.mark.parametrize("draw", [plots.waterfall, plots.conversation])
def test_what_is_no_timeline_is_told_where_there_is_one(draw):
    with pytest.raises(TypeError, match=r"found str\. .*session\.timeline"):
        draw("a session")


VOICE = Clip(tone(1.0), 24_000)
DRAWN = {
    "waterfall": lambda: plots.waterfall(talk()),
    "conversation": lambda: plots.conversation(talk()),
    "sequence": lambda: plots.sequence(talk()),
    "cost": lambda: plots.cost(talk(), tokens=True),
    "latencies": lambda: plots.latencies(talk()),
    "overlay": lambda: plots.overlay(talk(), talk()),
    "waveform": lambda: plots.waveform(VOICE),
    "compare": lambda: plots.compare({"measured": {500: 642}}),
    "spectrogram": lambda: plots.spectrogram(VOICE),
    "spectra": lambda: plots.spectra({"voice": VOICE}),
    "levels": lambda: plots.levels(VOICE),
    "quantisation": lambda: plots.quantisation(),
    "coding_quality": lambda: plots.coding_quality(),
    "packets": lambda: plots.packets(PhoneLine(loss=0.1).carry(VOICE)),
    "segmentation": lambda: plots.segmentation(segment(listen(VOICE, "energy"))),
    "heatmap": lambda: plots.heatmap(swept()),
}


NOTHING = {
    "waterfall": lambda: plots.waterfall(Timeline()),
    "sequence": lambda: plots.sequence(Timeline()),
    "cost": lambda: plots.cost(Timeline()),
    "latencies": lambda: plots.latencies(Timeline()),
    "overlay": lambda: plots.overlay(talk(), Timeline()),
    "compare": lambda: plots.compare({"measured": {}}),
    "spectra": lambda: plots.spectra({}),
    "packets": lambda: plots.packets(PhoneLine().carry(Clip([], 24_000))),
}


@pytest.mark.parametrize("draw", NOTHING.values(), ids=NOTHING)
def test_where_there_is_nothing_to_draw_that_is_an_error_of_rtkit_which_says_so(draw):
    with pytest.raises(DataError, match=r"^(no|nothing|there is no) "):
        draw()


def test_every_picture_is_looked_at_here():
    assert set(DRAWN) == set(plots.__all__)


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_dark_ink_on_white_paper_whatever_the_style_of_the_notebook(name):
    with plt.style.context("dark_background"):
        ax = DRAWN[name]()
        figure = ax.figure
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]
    assert (pixels[:2, :2] == 255).all()
    ticks = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label, ax.title]
    texts = [] if name == "heatmap" else ax.texts  # its numbers stand on their shades
    words = [text for text in (*ticks, *texts) if text.get_text()]
    assert {min(to_rgb(text.get_color())) < 0.5 for text in words} == {True}


@pytest.mark.parametrize("name", ["waterfall", "conversation", "latencies", "sequence"])
def test_a_timeline_from_disk_gives_the_same_picture(name, tmp_path):
    draw = getattr(plots, name)
    loaded = Timeline.load(talk().save(tmp_path / "talk.jsonl"))
    pixels = []
    for timeline in (talk(), loaded):
        figure = draw(timeline).figure
        figure.canvas.draw()
        pixels.append(bytes(figure.canvas.buffer_rgba()))
    assert pixels[0] == pixels[1]
