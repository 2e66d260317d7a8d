"""Turns from probabilities: the rules one by one, and the same turns from any chunking."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtkit.detectors import Energy
from rtkit.errors import AudioError, ConfigError
from rtkit.vad import SpeechStarted, SpeechStopped, TurnDetector, VoiceActivity

FRAME_MS = 32
SPEECH, PAUSE = 0.9, 0.1
SETTINGS = st.fixed_dictionaries(
    {
        "threshold": st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]),
        "prefix_padding_ms": st.integers(0, 600),
        "silence_duration_ms": st.integers(0, 600),
    }
)


def run(probabilities, turns=None, frame_ms=FRAME_MS):
    turns = turns or TurnDetector()
    return [event for p in probabilities for event in turns.push(p, frame_ms)]


def test_a_turn_is_speech_with_its_padding_before_and_its_silence_after():
    # 20 frames of pause, 30 of speech, pause: speech from 640 to 1600 ms
    assert run([PAUSE] * 20 + [SPEECH] * 30 + [PAUSE] * 40) == [
        SpeechStarted(audio_start_ms=340, at_ms=672),
        SpeechStopped(audio_end_ms=2100, at_ms=2112),
    ]


def test_a_pause_shorter_than_the_silence_window_does_not_end_a_turn():
    fifteen, sixteen = ([SPEECH, *[PAUSE] * n, SPEECH] for n in (15, 16))  # 480 and 512 ms
    assert len(run(fifteen)) == 1
    assert len(run(sixteen)) == 3


def test_padding_stops_at_the_beginning_and_at_the_turn_before():
    events = run([SPEECH, *[PAUSE] * 16, SPEECH, *[PAUSE] * 16])
    assert [e.audio_start_ms for e in events[::2]] == [0, 532]
    assert [e.audio_end_ms for e in events[1::2]] == [532, 1076]


def test_once_voiced_the_probability_may_fall_by_0_15():
    turns = TurnDetector(threshold=0.5, silence_duration_ms=0)
    assert run([0.49], turns) == []
    assert run([0.5, 0.36, 0.4, 0.35], turns) == [SpeechStarted(0, 64)]
    assert run([0.34], turns) == [SpeechStopped(160, 192)]
    assert run([0.4], turns) == []


def test_a_threshold_near_zero_does_not_end_what_it_began():
    assert run([0.007] * 5, TurnDetector(threshold=0.005, silence_duration_ms=0)) == [
        SpeechStarted(0, 32)
    ]


def test_what_ended_a_voiced_stretch_needs_the_full_threshold_to_resume():
    middling = [SPEECH, PAUSE, *[0.45] * 15]
    assert run(middling)[-1] == SpeechStopped(532, 544)


def test_one_loud_frame_is_a_turn_as_long_as_itself_and_the_silence():
    assert run([PAUSE] * 10 + [SPEECH] + [PAUSE] * 20) == [
        SpeechStarted(20, 352),
        SpeechStopped(852, 864),
    ]


def test_an_open_turn_at_the_end_stays_open():
    turns = TurnDetector()
    assert len(run([SPEECH] * 5, turns)) == 1
    assert turns.speaking


def test_settings_change_from_the_next_frame_on():
    turns = TurnDetector()
    run([SPEECH] * 4 + [PAUSE] * 8, turns)  # 256 ms into the silence
    turns.update(silence_duration_ms=200)
    assert run([PAUSE], turns) == [SpeechStopped(audio_end_ms=328, at_ms=416)]
    turns.update(threshold=0.95, prefix_padding_ms=0)
    assert run([SPEECH, 0.96], turns) == [SpeechStarted(448, 480)]
    assert turns.settings.silence_duration_ms == 200


def test_a_dropped_turn_makes_no_event_and_gives_none_of_its_audio_to_the_next():
    turns = TurnDetector()
    run([SPEECH] * 10, turns)
    turns.drop_turn()
    assert not turns.speaking
    assert run([PAUSE] * 30, turns) == []
    assert run([SPEECH], turns) == [SpeechStarted(980, 1312)]
    turns.drop_turn()
    assert run([SPEECH], turns) == [SpeechStarted(1312, 1344)]


def test_a_reset_begins_at_zero_with_the_same_settings():
    turns = TurnDetector(silence_duration_ms=100)
    story = [SPEECH] * 5 + [PAUSE] * 5 + [SPEECH]
    first = run(story, turns)
    turns.reset()
    assert run(story, turns) == first
    assert turns.position_ms == 11 * FRAME_MS


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"threshold": 1.5}, "threshold is between 0 and 1, found 1.5"),
        ({"threshold": math.nan}, "found nan"),
        ({"prefix_padding_ms": -1}, "prefix_padding_ms is 0 or more, found -1"),
        ({"silence_duration_ms": -20}, "silence_duration_ms is 0 or more, found -20"),
    ],
)
def test_settings_out_of_range_are_refused_and_the_old_ones_stay(fields, said):
    turns = TurnDetector()
    before = turns.settings
    with pytest.raises(ConfigError, match=said):
        turns.update(**fields)
    with pytest.raises(ConfigError, match=said):
        TurnDetector(**fields)
    assert turns.settings == before


@pytest.mark.parametrize("probability", [-0.1, 1.1, math.nan])
def test_a_probability_outside_0_to_1_is_refused(probability):
    with pytest.raises(AudioError, match=r"between 0 and 1, found .*Check the detector"):
        TurnDetector().push(probability, FRAME_MS)


@given(st.lists(st.floats(0, 1), max_size=120), SETTINGS)
def test_starts_and_stops_alternate_in_order_and_none_is_in_the_future(probabilities, chosen):
    events = run(probabilities, TurnDetector(**chosen))
    kinds = [type(event) for event in events]
    assert kinds == [SpeechStarted, SpeechStopped] * (len(kinds) // 2) + [SpeechStarted] * (
        len(kinds) % 2
    )
    places = [e.audio_start_ms if isinstance(e, SpeechStarted) else e.audio_end_ms for e in events]
    assert places == sorted(places)
    assert [e.at_ms for e in events] == sorted({e.at_ms for e in events})
    assert all(place <= round(e.at_ms) for place, e in zip(places, events, strict=True))


@given(st.lists(st.booleans(), max_size=150), SETTINGS)
def test_turns_are_what_a_plain_reading_of_the_rule_gives(voiced, chosen):
    chosen["threshold"] = 0.5
    stops, last, speaking = [], 0, False
    for index, voice in enumerate(voiced):
        last = index + 1 if voice else last
        silent_ms = (index + 1 - last) * FRAME_MS
        if speaking and not voice and silent_ms >= chosen["silence_duration_ms"]:
            stops.append(last * FRAME_MS + chosen["silence_duration_ms"])
            speaking = False
        speaking = speaking or voice
    events = run([SPEECH if voice else PAUSE for voice in voiced], TurnDetector(**chosen))
    assert [e.audio_end_ms for e in events if isinstance(e, SpeechStopped)] == stops


# Sound in, turns out


class Meter:
    """A detector whose probability is the loudest sample of the frame."""

    def __init__(self, rate=16000, hop=512):
        self.rate, self.hop = rate, hop

    def probability(self, frame):
        return float(np.abs(frame).max())

    def reset(self):
        pass


def talk(seed, parts=8, rate=16000):
    """Bursts of noise and near silence of random lengths, up to 0.7 s each."""
    rng = np.random.default_rng(seed)
    pieces = [
        rng.uniform(-1, 1, rng.integers(0, 0.7 * rate)) * (0.5 if index % 2 else 1e-3)
        for index in range(parts)
    ]
    return np.concatenate(pieces).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.lists(st.integers(0, 40000), max_size=30).map(sorted),
    st.sampled_from([Energy, Meter]),
)
def test_any_chunking_gives_the_same_events(seed, cuts, detector):
    sound = talk(seed)
    whole = VoiceActivity(detector())
    expected = whole.push(sound)
    activity = VoiceActivity(detector())
    pieces = np.split(sound, np.minimum(cuts, len(sound)))
    assert [event for piece in pieces for event in activity.push(piece)] == expected
    assert activity.position_ms == whole.position_ms
    assert activity.speaking == whole.speaking


def test_single_samples_give_the_events_of_the_whole():
    sound = talk(5, parts=3)
    activity = VoiceActivity(Energy())
    events = [event for i in range(len(sound)) for event in activity.push(sound[i : i + 1])]
    assert events == VoiceActivity(Energy()).push(sound) != []


def test_positions_do_not_drift_in_a_long_stream():
    # 10.67 ms frames for ten hours: a sum of rounded milliseconds would be minutes off
    activity = VoiceActivity(Meter(rate=24000, hop=256))
    activity._frames = 10 * 3600 * 24000 // 256
    (started,) = activity.push(np.ones(256))
    assert started.at_ms == pytest.approx(10 * 3600_000 + 256 / 24, abs=1e-6)
    assert started.audio_start_ms == 10 * 3600_000 - 300


def test_a_buffer_that_the_caller_reuses_is_not_heard_twice():
    activity, buffer = VoiceActivity(Meter()), np.ones(300, np.float32)
    activity.push(buffer)
    buffer[:] = 0
    assert [type(event) for event in activity.push(buffer)] == [SpeechStarted]


def test_a_reset_forgets_the_rest_of_a_frame_too():
    activity = VoiceActivity(Meter())
    activity.push(np.ones(1000))
    activity.reset()
    assert not activity.speaking
    assert activity.position_ms == 0
    assert activity.push(np.zeros(512)) == []
    assert (activity.position_ms, activity.probability) == (32, 0)


def test_updates_and_drops_reach_the_turn_detector():
    activity = VoiceActivity(Meter())
    activity.update(silence_duration_ms=64)
    assert len(activity.push(np.ones(512))) == 1
    activity.drop_turn()
    assert activity.push(np.zeros(2048)) == []
    assert [e.audio_end_ms for e in activity.push(np.r_[np.ones(512), np.zeros(1024)])[1:]] == [256]


@pytest.mark.parametrize("bad", [np.array([math.nan]), np.zeros(4, np.int16), np.zeros((2, 2))])
def test_what_is_not_mono_float_sound_is_refused(bad):
    with pytest.raises(AudioError):
        VoiceActivity(Meter()).push(bad)
