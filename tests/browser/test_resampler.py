"""The microphone worklet's filter, run as the browser runs it."""

import numpy as np
import pytest

from rtkit.widgets import assets

MEASURE = """
([rate, tone, sizes]) => {
    const resampler = new Resampler(rate, 24000);
    const output = [];
    const total = rate / 5;
    for (let at = 0, turn = 0; at < total; turn += 1) {
        const size = Math.min(sizes[turn % sizes.length], total - at);
        const block = Float32Array.from({ length: size }, (_, i) =>
            Math.sin((2 * Math.PI * tone * (at + i)) / rate));
        output.push(...resampler.push(block));
        at += size;
    }
    return output;
}
"""


@pytest.fixture(scope="module")
def filter_page(playwright, browser_path):
    browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
    page = browser.new_page()
    page.add_script_tag(content=assets.read("resampler.js") + "\nwindow.Resampler = Resampler;")
    yield page
    browser.close()


def measure(page, rate, tone, sizes=(128,)):
    return np.array(page.evaluate(MEASURE, [rate, tone, list(sizes)]))


def level_db(samples):
    steady = samples[480:-480]
    return 20 * np.log10(np.sqrt(2 * np.mean(steady**2)) + 1e-12)


@pytest.mark.parametrize("rate", [48_000, 44_100, 96_000])
def test_tones_above_12_khz_are_rejected_by_60_db(filter_page, rate):
    tones = [12_050, 12_500, 13_000, 14_000, 16_000, 18_000, 20_000, 21_900]
    assert max(level_db(measure(filter_page, rate, tone)) for tone in tones) < -60


@pytest.mark.parametrize("rate", [48_000, 44_100, 96_000, 16_000, 24_000])
def test_tones_of_speech_pass_unchanged(filter_page, rate):
    tones = [100, 1000, 3400, 6000] + ([9500] if rate > 16_000 else [])
    levels = [level_db(measure(filter_page, rate, tone)) for tone in tones]
    assert np.abs(levels).max() < 0.1


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_images_of_a_tone_are_rejected_by_60_db(filter_page, rate):
    samples = measure(filter_page, rate, 1000)[480:-480]
    t = np.arange(len(samples)) / 24_000
    basis = np.stack([np.sin(2 * np.pi * 1000 * t), np.cos(2 * np.pi * 1000 * t)])
    rest = samples - np.linalg.lstsq(basis.T, samples, rcond=None)[0] @ basis
    assert 10 * np.log10(2 * np.mean(rest**2)) < -60


def test_a_fifth_of_a_second_stays_a_fifth(filter_page):
    lengths = [len(measure(filter_page, rate, 440)) for rate in (8000, 16_000, 44_100, 48_000)]
    assert all(abs(length - 4800) < 96 for length in lengths)


def test_any_block_sizes_give_the_same_samples(filter_page):
    whole = measure(filter_page, 44_100, 700, sizes=(8820,))
    parts = measure(filter_page, 44_100, 700, sizes=(1, 128, 7, 1000))
    assert np.array_equal(whole, parts)
