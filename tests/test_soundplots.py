"""Pictures of sounds and of phone lines: they show what was measured, in seconds, Hz and dB."""

import numpy as np
import pytest
from helpers import inside, tone

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from rtkit import plots  # noqa: E402
from rtkit.clip import Clip  # noqa: E402
from rtkit.quantising import coding_snr  # noqa: E402
from rtkit.telephony import PhoneLine  # noqa: E402

VOICE = Clip(tone(2.0), 24_000)
CALL = PhoneLine(loss=0.1, burst=2, jitter_ms=25, buffer_ms=40).carry(VOICE)
DRAWN = {
    "spectrogram": lambda ax: plots.spectrogram(VOICE, ax),
    "spectra": lambda ax: plots.spectra({"before": VOICE, "after": CALL.heard}, ax),
    "levels": lambda ax: plots.levels(VOICE, ax),
    "quantisation": lambda ax: plots.quantisation(ax=ax),
    "coding_quality": lambda ax: plots.coding_quality(ax),
    "packets": lambda ax: plots.packets(CALL, ax),
}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.mark.parametrize("name", DRAWN)
def test_pictures_use_the_axes_they_are_given_or_make_a_figure(name):
    given = Figure().subplots()
    assert DRAWN[name](given) is given
    assert plt.get_fignums() == []
    ax = DRAWN[name](None)
    assert len(plt.get_fignums()) == 1
    ax.figure.canvas.draw()
    assert inside(ax.get_tightbbox(), ax.figure)


def test_a_spectrogram_is_dark_where_the_sound_is():
    ax = plots.spectrogram(Clip(np.concatenate([np.zeros(24_000), tone(1.0, hertz=3000)]), 24_000))
    (image,) = ax.images
    shown = np.asarray(image.get_array())
    assert image.get_extent() == [0, 2.0, 0, 12.0]
    row, column = np.unravel_index(shown.argmax(), shown.shape)
    assert 12 * row / shown.shape[0] == pytest.approx(3.0, abs=0.1)
    assert 2 * column / shown.shape[1] > 1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("seconds", "kHz")
    low, high = image.get_clim()
    assert high - low == pytest.approx(70)


def test_shades_grow_darker_all_the_way_so_that_grey_tells_the_same():
    image = plots.spectrogram(VOICE).images[0]
    red, green, blue, _ = image.cmap(np.linspace(0, 1, 64)).T
    assert np.all(np.diff(0.299 * red + 0.587 * green + 0.114 * blue) < 0)


def test_spectra_are_lines_with_names_and_styles_of_their_own():
    ax = DRAWN["spectra"](None)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["before", "after"]
    assert {"300", "3,400"} <= {label.get_text() for label in ax.get_xticklabels()}
    assert len({line.get_linestyle() for line in ax.lines}) == 2
    assert ax.get_xlim() == (50, 12_000)
    with pytest.raises(ValueError, match="nothing to draw"):
        plots.spectra({})


def test_levels_are_drawn_from_the_clips_own_and_speech_is_told_apart():
    ax = plots.levels(VOICE.padded(after_s=1.0))
    heights = np.array([bar.get_height() + bar.get_y() for bar in ax.patches])
    drawn = np.maximum(heights[: len(heights) // 2], heights[len(heights) // 2 :])
    assert np.allclose(drawn, VOICE.padded(after_s=1.0).levels)
    colors = {bar.get_facecolor() for bar in ax.patches if bar.get_height() > 1}
    assert len(colors) >= 1


def test_a_clip_draws_its_waveform_above_its_spectrogram_over_the_same_seconds():
    above, below = VOICE.plot()
    assert above.figure is below.figure
    assert above.get_xlim() == below.get_xlim() == (0, 2.0)
    assert above.get_position().x0 == below.get_position().x0
    assert above.get_position().y0 > below.get_position().y1
    assert above.get_position().width == pytest.approx(below.get_position().width)


@pytest.mark.parametrize("clip", [Clip([], 8000), Clip([0.5], 8000), Clip.silence(0.5)])
def test_clips_with_little_in_them_are_drawn_too(clip):
    clip.plot()[0].figure.canvas.draw()
    plots.spectra({"it": clip}).figure.canvas.draw()
    plots.levels(clip).figure.canvas.draw()


def test_the_curve_of_quality_is_the_measured_one():
    line = DRAWN["coding_quality"](None).lines[0]
    at = list(line.get_xdata()).index(-30.0)
    assert line.get_ydata()[at] == coding_snr("mu-law", [-30.0])[0]


def test_steps_are_small_near_zero_and_large_near_full_scale():
    def steps(around):
        lines = plots.quantisation(around).lines
        return {line.get_label(): len(np.unique(line.get_ydata())) for line in lines}

    near, far = steps(0.0), steps(0.9)
    assert near["mu-law"] > 20 * far["mu-law"] / 2
    assert near["8-bit linear"] == pytest.approx(far["8-bit linear"], abs=1)


def test_every_packet_is_one_mark_of_its_fate():
    ax = plots.packets(CALL)
    marks = {group.get_label(): len(group.get_offsets()) for group in ax.collections}
    assert marks == {f"{count} {fate}": count for fate, count in CALL.fates.items()}
    (line,) = ax.lines
    late = next(group for group in ax.collections if "late" in group.get_label())
    played = next(group for group in ax.collections if "played" in group.get_label())
    assert late.get_offsets()[:, 1].min() > line.get_ydata()[0] > played.get_offsets()[:, 1].max()
    with pytest.raises(ValueError, match="no packets to draw"):
        plots.packets(PhoneLine().carry(Clip([], 8000)))
