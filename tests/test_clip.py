"""Clips: loading, saving, cutting, joining, and where speech ends."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rtkit.clip import Clip
from rtkit.errors import AudioError

SOUNDS = arrays(np.float32, st.integers(0, 300), elements=st.floats(-1, 0.9990234375, width=32))
RATES = st.sampled_from([8000, 11025, 16000, 24000, 44100])


def tone(seconds, level=0.5, rate=24000):
    return Clip(level * np.sin(2 * np.pi * 300 * np.arange(round(seconds * rate)) / rate), rate)


def test_a_clip_says_what_it_is():
    assert repr(tone(2.31)) == "Clip(2.31 s, 24000 Hz, -9.0 dBFS)"
    assert repr(Clip([], 8000)) == "Clip(0.00 s, 8000 Hz, -inf dBFS)"


def test_a_clip_never_changes():
    source = np.ones(4, np.float32)
    clip = Clip(source, 24000)
    source[:] = 0
    assert clip.samples.tolist() == [1, 1, 1, 1]
    with pytest.raises(ValueError, match="read-only"):
        clip.samples[0] = 0
    with pytest.raises(AttributeError):
        clip.rate = 8000


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_a_copy_is_equal_and_read_only_too(copied):
    clip = copied(tone(0.01))
    assert clip == tone(0.01)
    assert hash(clip) == hash(tone(0.01))
    assert not clip.samples.flags.writeable


def test_clips_differ_by_samples_and_by_rate():
    assert Clip([0.5], 8000) != Clip([0.5], 16000)
    assert Clip([0.5], 8000) != Clip([0.25], 8000)
    assert Clip([0.5], 8000) != "a clip"


@pytest.mark.parametrize(
    ("samples", "rate", "said"),
    [
        ([0.0], 0, "1 or more, found 0"),
        ([0.0], 44100.5, "found 44100.5"),
        (np.zeros((3, 2)), 24000, "mono"),
        (np.zeros(3, np.int16), 24000, "found int16"),
        ([math.nan], 24000, "found nan"),
    ],
)
def test_what_is_not_a_sound_is_refused(samples, rate, said):
    with pytest.raises(AudioError, match=said):
        Clip(samples, rate)


# Files


@settings(max_examples=40)
@given(sound=SOUNDS, rate=RATES)
def test_saved_clips_come_back_within_half_a_step(tmp_path_factory, sound, rate):
    path = tmp_path_factory.getbasetemp() / "clip.wav"
    Clip(sound, rate).save(path)
    back = Clip.load(path)
    assert back.rate == rate
    assert np.all(np.abs(back.samples - sound) <= 0.5 / 32768)
    data = path.read_bytes()
    assert Clip.load(data) == Clip.load(memoryview(data)) == Clip.load(str(path)) == back


@given(st.binary(max_size=100).map(lambda data: data[: len(data) // 2 * 2]))
def test_pcm16_goes_in_and_out_unchanged(data):
    assert Clip.from_pcm16(data).to_pcm16() == data
    assert Clip.from_pcm16(data).rate == 24000


def test_an_odd_number_of_bytes_is_refused():
    with pytest.raises(AudioError, match="odd number"):
        Clip.from_pcm16(b"abc")


def test_only_wav_is_saved(tmp_path):
    with pytest.raises(AudioError, match=r"found the name .*a\.mp3.*Save it as 'a\.wav'"):
        tone(0.1).save(tmp_path / "a.mp3")


def test_files_that_are_not_sound_are_refused_by_name_and_content(tmp_path):
    path = tmp_path / "notes.wav"
    path.write_text("dear diary")
    with pytest.raises(AudioError, match=r"notes\.wav.*begins with b'dear diary'.*Allowed: WAV"):
        Clip.load(path)
    path.write_bytes(b"")
    with pytest.raises(AudioError, match=r"notes\.wav.*empty"):
        Clip.load(path)
    with pytest.raises(AudioError, match="is a folder"):
        Clip.load(tmp_path)
    with pytest.raises(AudioError, match=r"no such file: .*missing\.wav.*looked for it in"):
        Clip.load(tmp_path / "missing.wav")
    with pytest.raises(AudioError, match="these bytes: empty"):
        Clip.load(b"")


def test_a_damaged_wav_is_refused_as_such():
    with pytest.raises(AudioError, match="these bytes: a WAV file without its format"):
        Clip.load(b"RIFF\x04\0\0\0WAVE")


def test_a_wav_in_a_coding_of_its_own_goes_to_the_decoder_of_other_media():
    pytest.importorskip("av")
    data = bytearray(b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x99\x09\x01\0\x40\x1f\0\0\x40\x1f\0\0")
    data += b"\x01\0\x04\0data\0\0\0\0"
    with pytest.raises(
        AudioError, match="these bytes: this begins like WAV, but it cannot be decoded"
    ):
        Clip.load(bytes(data))


# Cutting and joining


def test_cuts_and_sums_are_the_clip_again():
    clip = tone(1.0)
    assert clip.cut(0, 0.4) + clip.cut(0.4) == clip
    assert clip.cut(0.25, 0.5).duration == 0.25
    assert clip.cut(0.9, 5).duration == pytest.approx(0.1)
    assert clip.cut(2, 3).duration == 0


@pytest.mark.parametrize("ends", [(-1, 1), (2, 1), (math.nan, 1)])
def test_cuts_run_forward_from_zero(ends):
    with pytest.raises(AudioError, match=r"a cut goes from 0 s .* in a clip of 1\.00 s"):
        tone(1.0).cut(*ends)


def test_clips_of_two_rates_are_not_joined():
    with pytest.raises(AudioError, match=r"24000 and 8000 Hz.*other\.resampled\(24000\)"):
        tone(0.1) + tone(0.1, rate=8000)
    with pytest.raises(TypeError):
        tone(0.1) + 1


def test_resampling_keeps_duration_and_level():
    clip = tone(1.0)
    other = clip.resampled(16000)
    assert (other.rate, other.duration) == (16000, 1.0)
    assert other.level_dbfs == pytest.approx(clip.level_dbfs, abs=0.05)
    assert clip.resampled(24000) is clip


def test_silence_lasts_as_long_as_asked():
    assert Clip.silence(0.5).duration == 0.5
    assert Clip.silence(1, rate=8000).samples.shape == (8000,)
    with pytest.raises(AudioError, match="0 seconds or more, found -1"):
        Clip.silence(-1)


# The end of speech


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 24000, 44100])
def test_speech_ends_at_the_last_loud_frame_at_any_rate(rate):
    noise = Clip(np.random.default_rng(1).normal(0, 1e-4, rate), rate)
    clip = Clip.silence(0.3, rate) + tone(0.5, rate=rate) + noise
    assert clip.speech_end == pytest.approx(0.8, abs=0.0101)
    assert clip.speech_end >= 0.8 - 1e-3


def test_a_soft_ending_counts_to_30_db_below():
    base = tone(1.0)
    for level, counts in ((-29, True), (-31, False)):
        clip = base + tone(0.2, level=0.5 * 10 ** (level / 20)) + Clip.silence(0.5)
        assert clip.speech_end == pytest.approx(1.2 if counts else 1.0)


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100])
def test_speech_starts_at_the_first_loud_sample_at_any_rate(rate):
    for silence in (0.0, 0.1234, 0.8):
        clip = Clip.silence(silence, rate) + tone(0.5, rate=rate)
        assert clip.speech_start == pytest.approx(silence, abs=0.0005)
    assert Clip.silence(1).speech_start == Clip([], 8000).speech_start == 0.0


def test_speech_starts_behind_the_noise_before_it_and_not_at_a_click():
    noise = Clip(0.002 * np.random.default_rng(1).standard_normal(12000), 24000)
    assert (noise + tone(0.5)).speech_start == pytest.approx(0.5, abs=0.0005)
    click = np.zeros(12000, np.float32)
    click[2000] = 0.05  # one sample: its 10 ms frame is not loud
    assert (Clip(click, 24000) + tone(0.5)).speech_start == pytest.approx(0.5, abs=0.0005)


def test_speech_ends_with_the_clip_at_the_latest_and_silence_has_none():
    assert tone(0.333).speech_end == pytest.approx(0.333)
    assert Clip.silence(1).speech_end == Clip([], 8000).speech_end == 0.0


@settings(max_examples=40)
@given(SOUNDS, RATES)
def test_the_end_of_speech_lies_within_the_clip(sound, rate):
    clip = Clip(sound, rate)
    assert 0 <= clip.speech_end <= clip.duration


@pytest.mark.speech
def test_speech_ends_before_the_silence_that_follows_a_recording(speech_folder):
    clip = Clip.load(speech_folder / "weather-like.wav")
    assert 0.8 < clip.speech_end < 1.5
    assert (clip + Clip.silence(2, clip.rate)).speech_end <= clip.duration
