"""Turn detection on this side finds what the server's finds, sample for sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serverstory import Loudness, Story

from rtkit.audio import AudioFormat, encode
from rtkit.config import VADConfig, VADMode
from rtkit.ownears import Began, Ended, OwnEars, Send

RATE = 24_000


def burst(ms, rate=RATE):
    return 0.3 * np.sin(2 * np.pi * 220 * np.arange(round(ms * rate / 1000)) / rate)


def quiet(ms, rate=RATE):
    return np.zeros(round(ms * rate / 1000))


TALK = np.concatenate(
    [quiet(900), burst(600), quiet(800), burst(300), quiet(250), burst(500), quiet(900)]
)


def client(**fields):
    return VADConfig(mode=VADMode.CLIENT, **fields)


def ears(config=None, format=AudioFormat.PCM16):
    return OwnEars(config or client(), Loudness(), format)


def hear(ears, data, size=960, frame_s=0.02):
    found, now = [], 0.0
    for at in range(0, len(data), size):
        now += frame_s
        found += ears.hear(data[at : at + size], now)
    return found


def turns(found):
    """(audio_start_ms, audio_end_ms, the bytes that were sent) of each."""
    out = []
    for heard in found:
        if isinstance(heard, Began):
            out.append([heard.audio_start_ms, None, b""])
        elif isinstance(heard, Send):
            out[-1][2] += heard.data
        else:
            out[-1][1] = heard.audio_end_ms
    return [tuple(turn) for turn in out]


def server_turns(samples, format, **detection):
    """The same, of the embedded server."""
    story = Story()
    story.format = format
    detection = {"type": "server_vad", "create_response": False, **detection}
    story.update(audio={"input": {"format": format.to_wire(), "turn_detection": detection}})
    story.append(samples)
    by_type = {name: [e for e in story.events if e["type"].endswith(name)] for name in ENDS}
    return [
        (began["audio_start_ms"], ended["audio_end_ms"], bytes(entry.sound.data))
        for began, ended, entry in zip(
            by_type["speech_started"],
            by_type["speech_stopped"],
            list(story.core.conversation),
            strict=True,
        )
    ]


ENDS = ("speech_started", "speech_stopped")


@pytest.mark.parametrize("format", list(AudioFormat))
@pytest.mark.parametrize(
    "detection",
    [
        {},
        {"silence_duration_ms": 200, "prefix_padding_ms": 100},
        {"silence_duration_ms": 700, "prefix_padding_ms": 0},
        {"threshold": 0.9, "prefix_padding_ms": 1000},
    ],
)
def test_its_turns_are_those_of_server_vad(format, detection):
    samples = TALK if format.rate == RATE else TALK[::3]
    found = turns(hear(ears(client(**detection), format), encode(samples, format)))
    expected = server_turns(samples, format, **detection)
    assert [turn[:2] for turn in found] == [turn[:2] for turn in expected]
    assert [turn[2] for turn in found] == [turn[2] for turn in expected]
    assert len(found) == {200: 3}.get(detection.get("silence_duration_ms"), len(found)) > 0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 4000), min_size=1, max_size=60))
def test_however_the_sound_is_cut_the_turns_are_the_same(sizes):
    data, at, found, whole = encode(TALK, AudioFormat.PCM16), 0, [], ears()
    for size in sizes:
        found += whole.hear(data[at : at + 2 * size], 0.0)
        at += 2 * size
    found += whole.hear(data[at:], 0.0)
    assert turns(found) == turns(hear(ears(), data))


def test_only_the_turns_are_sent():
    found = hear(ears(), encode(TALK, AudioFormat.PCM16))
    sent = sum(len(heard.data) for heard in found if isinstance(heard, Send))
    assert sent < 0.8 * len(encode(TALK, AudioFormat.PCM16))
    ended = [heard for heard in found if isinstance(heard, Ended)]
    assert sum(heard.sent_ms for heard in ended) == pytest.approx(sent / 48)


def test_instants_are_those_at_which_the_sound_was_spoken():
    found = hear(ears(), encode(TALK, AudioFormat.PCM16))
    began, ended = found[0], next(heard for heard in found if isinstance(heard, Ended))
    assert began.start_t == pytest.approx(0.9 - 0.3, abs=0.05)
    assert ended.end_of_speech_t == pytest.approx(1.5, abs=0.05)


def test_sound_that_comes_at_once_has_no_instant_of_its_end():
    found = hear(ears(), encode(TALK, AudioFormat.PCM16), frame_s=0.0)
    assert [heard.end_of_speech_t for heard in found if isinstance(heard, Ended)] == [None, None]


def test_what_is_forgotten_is_no_turn():
    own = ears()
    hear(own, encode(np.concatenate([quiet(500), burst(300), quiet(100)]), AudioFormat.PCM16))
    assert own.speaking
    own.forget()
    assert not own.speaking
    assert turns(hear(own, encode(quiet(2000), AudioFormat.PCM16))) == []


def test_other_settings_hold_from_the_next_frame_on():
    own = ears()
    own.configure(client(silence_duration_ms=200))
    (first, *_) = turns(hear(own, encode(TALK, AudioFormat.PCM16)))
    assert first[1] == pytest.approx(1500 + 200, abs=40)


def test_another_format_begins_anew():
    own = ears().in_format(AudioFormat.G711_ULAW)
    assert (own.format, own.position_ms, own.speaking) == (AudioFormat.G711_ULAW, 0, False)
