"""How a clip shows itself: a picture, a player, and nothing else moved."""

import base64
import re
import sys

import numpy as np
import pytest

from rtkit.clip import Clip
from rtkit.clipview import (
    COLUMNS,
    LONGEST_PLAYED,
    envelope,
    mimebundle,
    player_html,
    waveform_png,
)
from rtkit.wav import read_wav

CLIP = Clip(0.5 * np.sin(np.arange(48000) / 10), 24000)


def test_the_bundle_holds_text_picture_and_player():
    pytest.importorskip("matplotlib")
    bundle = CLIP._repr_mimebundle_()
    assert bundle["text/plain"] == repr(CLIP) == "Clip(2.00 s, 24000 Hz, -9.0 dBFS)"
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["image/png"] in bundle["text/html"]
    assert set(bundle) == {"text/plain", "text/html", "image/png"}


def test_the_player_holds_the_whole_clip():
    sound = re.search('data:audio/wav;base64,([^"]+)', player_html(CLIP))[1]
    samples, rate = read_wav(base64.b64decode(sound))
    assert rate == 24000
    assert np.abs(samples - CLIP.samples).max() <= 0.5 / 32768


def test_a_clip_that_would_swell_the_notebook_has_a_sentence_instead_of_a_player():
    long = Clip(np.zeros(LONGEST_PLAYED + 1, np.float32), 24_000)
    shown = player_html(long, b"png")
    assert "11 minutes are too much for a page to play. Show a part" in shown
    assert "image/png" in shown
    assert "<audio" not in shown
    assert "<audio" in player_html(long.cut(0, 60))


def test_the_same_clip_gives_the_same_picture():
    pytest.importorskip("matplotlib")
    assert waveform_png(CLIP) == waveform_png(Clip(CLIP.samples, 24000))


def test_drawing_leaves_pyplot_alone():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    before = pyplot.get_fignums()
    mimebundle(CLIP)
    assert pyplot.get_fignums() == before


def test_an_empty_and_a_very_short_clip_can_be_shown():
    pytest.importorskip("matplotlib")
    for clip in (Clip([], 24000), Clip([0.5], 24000)):
        assert mimebundle(clip)["image/png"]


def test_without_matplotlib_there_is_a_player_and_no_picture(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    bundle = mimebundle(CLIP)
    assert set(bundle) == {"text/plain", "text/html"}
    assert "<img" not in bundle["text/html"]


def test_a_click_of_one_sample_is_seen_in_the_envelope_of_a_long_clip():
    samples = np.zeros(100_000, np.float32)
    samples[54_321] = 0.9
    times, low, high = envelope(Clip(samples, 10_000))
    assert len(times) == len(low) == len(high) == COLUMNS
    assert high.max() == np.float32(0.9)
    assert times[high.argmax()] == pytest.approx(5.4321, abs=0.01)
