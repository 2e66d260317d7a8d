import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serverstory import Loudness, Story, voiced

from rtkit.audio import AudioFormat, encode
from rtkit.clip import Clip
from rtkit.detectors import default_detector
from rtkit.fields import default_session, merge
from rtkit.server.hearing import (
    IDLE_SECONDS,
    Began,
    Ended,
    Heard16k,
    Hearing,
    silence_ms,
    to_hearing_rate,
)

INPUT = default_session()["audio"]["input"]


def changed(**changes):
    update = {"audio": {"input": changes}}
    return merge(default_session(), update)["audio"]["input"]


def quiet(ms, rate=24_000):
    return np.zeros(round(ms * rate / 1000))


def hear(hearing, samples):
    """The findings for some sound; an end is answered by taking the turn."""
    hearing.append(encode(np.asarray(samples, np.float32), hearing.format))
    found, turns = [], []
    while hearing.hungry:
        for finding in hearing.listen():
            found.append(finding)
            if isinstance(finding, Ended):
                turns.append(hearing.take(finding.audio_end_ms))
    return found, turns


def marks(findings):
    return [finding for finding in findings if not isinstance(finding, Heard16k)]


def test_a_turn_is_found_and_its_bytes_are_those_of_the_turn():
    hearing = Hearing(Loudness, INPUT)
    samples = np.concatenate([quiet(1000), voiced(500), quiet(900)])
    found, turns = hear(hearing, samples)
    began, ended = marks(found)
    assert began == Began(692)  # frames of 32 ms: the voice is found in that from 992 ms
    assert ended == Ended(2004)
    data = encode(samples.astype(np.float32), AudioFormat.PCM16)
    assert turns == [data[692 * 48 : 2004 * 48]]
    assert hearing.buffered_ms == 2400 - 2004


def test_sound_waits_until_somebody_listens():
    hearing = Hearing(Loudness, INPUT)
    hearing.append(bytes(48 * 250))
    assert hearing.hungry
    slices = 0
    while hearing.hungry:
        assert list(hearing.listen()) == []
        slices += 1
    assert slices == 3
    assert list(hearing.listen()) == []


def test_the_detector_is_made_when_there_is_something_to_judge():
    made = []

    def make():
        made.append(Loudness())
        return made[-1]

    hearing = Hearing(make, INPUT)
    assert made == []
    hear(hearing, quiet(100))
    hear(hearing, quiet(100))
    assert len(made) == 1


def test_without_turn_detection_all_sound_is_the_utterance():
    hearing = Hearing(Loudness, changed(turn_detection=None))
    found, _ = hear(hearing, voiced(300))
    heard = sum(len(finding.samples) for finding in found) + len(hearing.rest())
    assert marks(found) == []
    assert heard == 4800
    assert len(hearing.take()) == 300 * 48
    assert hearing.buffered_ms == 0


def test_positions_go_on_after_a_commit_by_hand():
    hearing = Hearing(Loudness, INPUT)
    hear(hearing, quiet(1000))
    hearing.take()
    found, _ = hear(hearing, np.concatenate([quiet(500), voiced(300), quiet(700)]))
    assert marks(found)[0].audio_start_ms in range(1160, 1201)


def test_cleared_sound_counts_as_position_but_is_gone():
    hearing = Hearing(Loudness, INPUT)
    hear(hearing, voiced(500))
    hearing.clear()
    assert (hearing.buffered_ms, hearing.speaking) == (0, False)
    found, _ = hear(hearing, np.concatenate([quiet(400), voiced(300)]))
    assert marks(found)[0].audio_start_ms in range(560, 601)


def test_settings_change_in_mid_turn():
    hearing = Hearing(Loudness, INPUT)
    hear(hearing, voiced(300))
    slower = changed(turn_detection={"type": "server_vad", "silence_duration_ms": 900})
    assert hearing.configure(slower) is False
    assert marks(hear(hearing, quiet(800))[0]) == []
    assert len(marks(hear(hearing, quiet(200))[0])) == 1


def test_another_format_begins_anew():
    hearing = Hearing(Loudness, INPUT)
    hear(hearing, quiet(500))
    assert hearing.configure(changed(format={"type": "audio/pcmu"})) is True
    assert hearing.buffered_ms == 0
    found, turns = hear(hearing, np.concatenate([voiced(400, 8000), quiet(700, 8000)]))
    began, ended = marks(found)
    assert began.audio_start_ms == 500
    assert len(turns[0]) == (ended.audio_end_ms - 500) * 8


def test_turning_detection_off_and_on_begins_judging_anew():
    hearing = Hearing(Loudness, INPUT)
    hear(hearing, voiced(300))
    assert hearing.configure(changed(turn_detection=None)) is True
    assert not hearing.speaking
    assert hearing.configure(INPUT) is True
    assert hearing.configure(INPUT) is False
    assert hearing.buffered_ms == 300


def test_a_quiet_room_does_not_fill_the_memory():
    hearing = Hearing(Loudness, INPUT)
    for _ in range(4):
        hear(hearing, quiet(10_000))
    assert hearing.buffered_ms == IDLE_SECONDS * 1000


@pytest.mark.parametrize(
    ("eagerness", "ms"), [("low", 1200), ("medium", 700), ("auto", 700), ("high", 400)]
)
def test_semantic_vad_without_words_is_a_pause_of_its_eagerness(eagerness, ms):
    assert silence_ms({"type": "semantic_vad", "eagerness": eagerness}) == ms
    assert silence_ms({"type": "server_vad", "silence_duration_ms": 200}) == 200


def test_telephone_sound_comes_to_the_rate_of_hearing():
    data = encode(voiced(100, 8000).astype(np.float32), AudioFormat.G711_ALAW)
    samples = to_hearing_rate(data, AudioFormat.G711_ALAW)
    assert (len(samples), samples.dtype) == (1600, np.int16)
    assert 9000 < np.abs(samples.astype(int)).max() < 11_000


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=8))
def test_any_chunking_gives_the_same_marks_and_bytes(sizes):
    story = np.concatenate([quiet(300), voiced(300), quiet(700), voiced(200), quiet(700)])

    def told(cuts):
        hearing, found, turns = Hearing(Loudness, INPUT), [], []
        for piece in np.split(story, cuts):
            more, taken = hear(hearing, piece)
            found, turns = found + more, turns + taken
        return marks(found), turns

    cuts = [cut for cut in np.cumsum(sizes) if cut < len(story)]
    assert told(cuts) == told([])


@pytest.mark.speech
def test_each_short_recording_followed_by_silence_is_exactly_one_turn(speech_folder):
    turns = {}
    for path in sorted(speech_folder.glob("*.wav")):
        clip = Clip.load(path)
        if clip.duration < 20:
            sound = clip.resampled(24_000) + Clip.silence(1.0)
            turns[path.name] = len(hear(Hearing(default_detector, INPUT), sound.samples)[1])
    assert turns
    assert set(turns.values()) == {1}, turns


@pytest.mark.parametrize("name", ["prefix_padding_ms", "silence_duration_ms"])
def test_settings_beyond_all_measure_are_taken_as_very_long(name):
    story = Story()
    turn_detection = {"type": "server_vad", name: 10**400}
    story.update(audio={"input": {"turn_detection": turn_detection}})
    story.silence(1000)
    sent = story.speak(600) + story.silence(1000)
    assert sent[0]["type"] == "input_audio_buffer.speech_started"
    assert (len(sent) == 1) == (name == "silence_duration_ms")
    assert (sent[0]["audio_start_ms"] == 0) == (name == "prefix_padding_ms")
