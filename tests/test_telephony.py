"""A phone line: its band, its coding, its packets, and what is said in place of the lost ones."""

import dataclasses
import math

import numpy as np
import pytest
from helpers import tone
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit.audio import AudioFormat
from rtkit.clip import Clip
from rtkit.concealment import Concealment
from rtkit.errors import AudioError
from rtkit.telephony import PhoneLine, band_limited

VOICE = Clip(tone(3.0), 24_000)
BAD = PhoneLine(loss=0.1, burst=2, jitter_ms=25, buffer_ms=40)


def sine(hertz, seconds=1.0, rate=24_000):
    return Clip(0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate), rate)


def passed_db(hertz):
    """How much of a tone is left."""
    return band_limited(sine(hertz)).cut(0.1, 0.9).level_dbfs - sine(hertz).level_dbfs


# The band


@pytest.mark.parametrize("hertz", [330, 500, 1000, 2000, 3000, 3370])
def test_what_lies_inside_the_band_passes_within_1_db(hertz):
    assert passed_db(hertz) == pytest.approx(0, abs=1)


@pytest.mark.parametrize("hertz", [300, 3400])
def test_the_edges_of_the_band_are_6_db_down(hertz):
    assert passed_db(hertz) == pytest.approx(-6, abs=0.2)


@pytest.mark.parametrize("hertz", [50, 100, 200, 230, 3470, 3700, 3990, 4500, 7000, 11_000])
def test_what_lies_outside_the_band_is_gone(hertz):
    assert passed_db(hertz) < -59


def test_the_band_limit_delays_nothing():
    click = Clip(np.eye(1, 8000, 4000)[0], 8000)
    assert np.argmax(band_limited(click).samples) == 4000
    assert len(band_limited(click).samples) == 8000
    assert band_limited(Clip([], 48_000)) == Clip([], 8000)


# A good line


@pytest.mark.parametrize("coding", [AudioFormat.G711_ULAW, AudioFormat.G711_ALAW])
def test_a_good_line_changes_nothing_but_band_and_coding(coding):
    call = PhoneLine(coding).carry(VOICE)
    assert call.heard == call.sent == Clip.from_bytes(band_limited(VOICE).to_bytes(coding), coding)
    assert call.fates == {"played": 150, "late": 0, "lost": 0}
    assert call.delay_ms == pytest.approx(20 + 40 + 60)
    assert repr(call) == "Call(150 packets: 150 played, 0 late, 0 lost; 120 ms behind)"


def test_jitter_within_the_buffer_is_not_heard():
    call = PhoneLine(jitter_ms=5, buffer_ms=120).carry(VOICE)
    assert call.heard == call.sent
    assert len({packet.arrived_s - packet.sent_s for packet in call.packets}) == 150


def test_the_length_stays_whatever_the_packets():
    for packet_ms in (10, 20, 30, 37.5):
        call = PhoneLine(packet_ms=packet_ms).carry(Clip(VOICE.samples[:-100], 24_000))
        assert len(call.heard.samples) == len(call.sent.samples) == round(71_900 / 3)
        assert len(call.packets) == math.ceil(71_900 / 24_000 / (packet_ms / 1000))


def test_an_empty_clip_makes_an_empty_call():
    call = BAD.carry(Clip([], 24_000))
    assert (call.heard.duration, call.packets, call.concealed) == (0, (), 0)


# A bad one


def test_every_packet_has_its_fate_and_what_came_in_time_is_heard_as_it_was_sent():
    call = BAD.carry(VOICE)
    assert sum(call.fates.values()) == len(call.packets) == 150
    assert min(call.fates.values()) > 0
    assert call.concealed == pytest.approx(1 - call.fates["played"] / 150)
    for packet in call.packets:
        piece = slice(160 * packet.number, 160 * (packet.number + 1))
        same = np.array_equal(call.heard.samples[piece], call.sent.samples[piece])
        assert same or packet.fate != "played"
        assert (packet.arrived_s is None) == (packet.fate == "lost")
        if packet.fate != "lost":
            due = call.delay_ms / 1000 + packet.number * 0.02
            assert (packet.arrived_s > due) == (packet.fate == "late")


def test_the_same_seed_makes_the_same_call_and_another_one_another():
    again, other = BAD.carry(VOICE), dataclasses.replace(BAD, seed=1).carry(VOICE)
    assert again == BAD.carry(VOICE)
    assert again.packets != other.packets


def test_more_loss_does_not_change_when_the_others_arrive():
    worse = dataclasses.replace(BAD, loss=0.3).carry(VOICE)
    arrived = {p.number: p.arrived_s for p in BAD.carry(VOICE).packets if p.arrived_s}
    for packet in worse.packets:
        assert packet.arrived_s in (None, arrived.get(packet.number, packet.arrived_s))


@pytest.mark.parametrize(("burst", "mean_run"), [(0, 1 / 0.9), (1.5, 1.5), (4, 4)])
def test_loss_and_its_bursts_are_as_asked(burst, mean_run):
    line = PhoneLine(loss=0.1, burst=burst, packet_ms=1, concealment="silence")
    packets = line.carry(Clip.silence(60, 8000)).packets
    lost = np.array([packet.fate == "lost" for packet in packets])
    runs = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], lost, [0]]))))[::2]
    assert lost.mean() == pytest.approx(0.1, rel=0.1)
    assert runs.mean() == pytest.approx(mean_run, rel=0.1)


def test_jitter_is_the_mean_difference_of_two_delays():
    call = PhoneLine(jitter_ms=30).carry(Clip.silence(200, 8000))
    delays = [packet.arrived_s - packet.sent_s for packet in call.packets]
    assert np.abs(np.diff(delays)).mean() == pytest.approx(0.030, rel=0.05)
    assert min(delays) >= 0.04 - 1e-9


def test_a_longer_buffer_loses_less_and_waits_longer():
    short, long = (dataclasses.replace(BAD, buffer_ms=ms).carry(VOICE) for ms in (20, 200))
    assert short.fates["late"] > 10 > long.fates["late"]
    assert long.delay_ms - short.delay_ms == pytest.approx(180)


def test_when_everything_is_lost_there_is_silence():
    call = PhoneLine(loss=0.999, concealment="silence").carry(VOICE.cut(0, 0.5))
    assert call.fates["played"] == 0
    assert call.heard == Clip.silence(0.5, 8000)


LINES = st.builds(
    PhoneLine,
    coding=st.sampled_from([AudioFormat.G711_ULAW, AudioFormat.G711_ALAW]),
    loss=st.floats(0, 0.9),
    jitter_ms=st.floats(0, 200),
    packet_ms=st.sampled_from([5, 10, 20, 60]),
    buffer_ms=st.floats(0, 300),
    concealment=st.sampled_from(["repeat", "silence"]),
    seed=st.integers(0, 2**32),
)


@settings(max_examples=30)
@given(LINES, st.integers(0, 4000))
def test_any_line_gives_back_as_much_as_was_said_and_no_louder(line, count):
    clip = Clip(VOICE.samples[:count], 8000)
    call = line.carry(clip)
    assert len(call.heard.samples) == len(call.sent.samples) == count
    assert np.abs(call.heard.samples).max(initial=0) <= np.abs(call.sent.samples).max(initial=0)
    assert sum(call.fates.values()) == math.ceil(count / (8 * line.packet_ms))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"coding": AudioFormat.PCM16}, "G711_ULAW or G711_ALAW, found PCM16"),
        ({"loss": 1.0}, "from 0 to below 1, found 1.0"),
        ({"loss": 0.8, "burst": 2}, "needs a mean burst of 4.00 packets or more, found 2"),
        ({"burst": 0.5}, "1.00 packets or more, found 0.5"),
        ({"jitter_ms": -1}, r"are 0 ms or more, found \(-1"),
        ({"transit_ms": math.nan}, r"are 0 ms or more, found \(0.0, nan"),
        ({"packet_ms": 0}, "1 ms or more and holds whole samples .* found packet_ms=0"),
        ({"packet_ms": 20.01}, "holds whole samples of 0.125 ms, found packet_ms=20.01"),
        ({"concealment": "magic"}, "'repeat' or 'silence', found 'magic'"),
    ],
)
def test_a_line_that_cannot_be_is_refused(fields, said):
    with pytest.raises(AudioError, match=said):
        PhoneLine(**fields)


# Concealment


def snr_db(clean, noisy):
    return 10 * np.log10(np.mean(clean**2) / np.mean((clean - noisy) ** 2))


@pytest.mark.parametrize("hertz", [90, 120, 160, 220, 350])
def test_a_short_gap_in_a_steady_voice_is_filled_in_its_own_pitch(hertz):
    seconds = np.arange(1600) / 8000
    voice = sum(np.sin(2 * np.pi * k * hertz * seconds) / k for k in range(1, 6))
    voice = (0.2 * voice).astype(np.float32)
    conceal = Concealment(8000)
    conceal.frame(voice[:800])
    filled = conceal.gap(80) / (1 - np.arange(80) / 480)  # without the fading
    assert snr_db(voice[800:880], filled) > 10


def test_a_gap_fades_to_silence_in_60_ms():
    conceal = Concealment(8000)
    conceal.frame(np.ones(800, np.float32))
    gap = np.concatenate([conceal.gap(160) for _ in range(4)])
    assert np.allclose(gap[:480], 1 - np.arange(480) / 480, atol=1e-6)
    assert not gap[480:].any()


@given(st.lists(st.integers(0, 90), max_size=8), st.integers(0, 8))
def test_a_gap_sounds_the_same_in_one_piece_or_in_many(sizes, before):
    whole, parts = Concealment(8000), Concealment(8000)
    whole.frame(VOICE.samples[: 100 * before])
    for n in range(before):
        parts.frame(VOICE.samples[100 * n : 100 * (n + 1)])
    pieces = [np.zeros(0, np.float32), *(parts.gap(size) for size in sizes)]
    assert np.array_equal(np.concatenate(pieces), whole.gap(sum(sizes)))


def test_a_gap_at_the_very_beginning_is_silence():
    assert not Concealment(8000).gap(160).any()
