"""Questions as sound, spoken to a scripted server that hears every sample."""

import time

import numpy as np
import pytest
from scripted import TONE, Peer, opened

from rtkit.audio import AudioFormat, decode
from rtkit.clip import Clip
from rtkit.errors import (
    TurnTimeout,
)


def test_a_clip_is_spoken_in_real_time_and_then_silence_until_the_turn_ends(session, peer):
    began = time.monotonic()
    turn = session.ask(TONE)
    assert time.monotonic() - began > 0.3 + 0.2 - 0.05
    assert turn.answer == "Paris."
    sound = decode(peer.sound(), AudioFormat.PCM16)
    assert np.allclose(sound[:7200], TONE.samples, atol=1e-4)
    assert not sound[7200:].any()
    assert 0.45 < len(sound) / 24000 < 5.0


def test_frames_do_not_drift_and_the_end_of_speech_is_told_to_the_sample(session):
    tone = Clip(TONE.samples[:6960], TONE.rate)
    session.ask(tone)
    frames = [m for m in session.timeline if m.type == "input_audio_buffer.append"][:15]
    [ended] = [m for m in session.timeline if m.type == "input.ended"]
    late = [m.t - frames[0].t - number * 0.02 for number, m in enumerate(frames)]
    assert min(late[8:]) < 0.02  # a late frame does not make the next ones late
    assert {m.audio.count for m in frames} == {480}
    behind = 15 * 0.02 - tone.speech_end  # the rest of the frame that holds it
    assert 0 < behind < 0.02
    assert 0 <= ended.event["end_of_speech_t"] - (frames[-1].t - behind) < 0.01


def test_a_clip_at_once_is_one_turn_and_its_end_of_speech_has_no_time(session, peer):
    began = time.monotonic()
    assert session.ask(TONE + Clip.silence(0.1) + TONE, pace=None).answer == "Paris."
    assert time.monotonic() - began < 0.7
    assert "input.ended" not in [m.type for m in session.timeline]
    assert len(session.turns) == 1


def test_a_clip_of_another_rate_and_a_telephone_session_are_converted():
    config = {"audio": {"input": {"format": {"type": "audio/pcmu"}}}}
    with Peer() as peer, opened(peer, config=config) as session:
        assert session.ask(TONE.resampled(16000), pace=None).answer == "Paris."
        sound = decode(peer.sound(), AudioFormat.G711_ULAW)
        assert np.argmax(np.abs(np.fft.rfft(sound[:2400]))) == pytest.approx(132, abs=2)
        assert session.timeline.tracks["input"].format is AudioFormat.G711_ULAW


def test_with_manual_turns_the_clip_is_committed_and_an_answer_asked_for():
    config = {"audio": {"input": {"turn_detection": None}}}
    with Peer() as peer, opened(peer, config=config) as session:
        assert session.ask(TONE, pace=4.0).answer == "Paris."
        assert peer.types()[-2:] == ["input_audio_buffer.commit", "response.create"]
        assert len(peer.sound()) == 2 * 7200


def test_where_the_server_does_not_answer_by_itself_it_is_asked_to():
    detection = {"type": "server_vad", "silence_duration_ms": 200, "create_response": False}
    config = {"audio": {"input": {"turn_detection": detection}}}
    with Peer() as peer, opened(peer, config=config) as session:
        assert session.ask(TONE, pace=None).answer == "Paris."
        assert peer.types()[-1] == "response.create"


@pytest.mark.parametrize("pace", [20.0, None])
def test_a_clip_without_speech_says_so_soon(session, monkeypatch, pace):
    monkeypatch.setattr("rtkit.spoken.GRACE", 0.2)
    with pytest.raises(TurnTimeout, match=r"heard no speech in Clip\(0\.50 s.*threshold"):
        session.ask(Clip.silence(0.5), pace=pace)
    assert session.ask("still there?").answer == "Paris."


def test_a_clip_with_a_pause_gives_the_answer_to_its_last_part(session):
    clip = TONE + Clip.silence(0.5) + TONE
    turn = session.ask(clip, pace=4.0)
    assert turn.response_id == session.turns[-1].response_id
    assert len([m for m in session.timeline if m.type == "response.created"]) == 2
