import numpy as np
import pytest
from helpers import Story, tone

from rtkit.audio import AudioFormat, bytes_for_ms, encode
from rtkit.errors import AudioError
from rtkit.ownears import Began, Ended, OwnEars
from rtkit.parts import VADConfig
from rtkit.stereo import RATE, export_wav, mix_stereo, place_sounds
from rtkit.wav import read_wav

LEFT, RIGHT = 0, 1


def noise(seconds, rate=RATE, seed=1, level=0.2):
    """Sound that correlates with nothing but itself."""
    return np.random.default_rng(seed).normal(0, level, round(seconds * rate)).astype(np.float32)


def place_of(samples, channel):
    """The second at which this sound lies in a channel, and how well it fits there (0 to 1)."""
    size = 1 << int(np.ceil(np.log2(len(channel) + len(samples))))
    spectrum = np.fft.rfft(channel, size) * np.conj(np.fft.rfft(samples, size))
    shifts = np.fft.irfft(spectrum, size)[: len(channel)]
    at = int(np.argmax(shifts))
    there = channel[at : at + len(samples)]
    fit = there @ samples[: len(there)]
    return at / RATE, fit / max(1e-9, np.linalg.norm(there) * np.linalg.norm(samples))


def first_sound(timeline, type_="playback.started"):
    return next(moment.t for moment in timeline if moment.type == type_)


def test_both_sides_lie_to_the_sample_where_they_were_heard():
    question, answer = noise(1.5, seed=1), noise(2.0, seed=2)
    story = Story().open()
    story.silence(1.0)
    story.speak(question)
    story.answer("Paris.", answer)
    mixed = mix_stereo(story.timeline)
    at, fit = place_of(question, mixed[:, LEFT])
    assert (at, fit > 0.99) == (pytest.approx(1.0, abs=1 / RATE), True)
    at, fit = place_of(answer, mixed[:, RIGHT])
    assert at == pytest.approx(first_sound(story.timeline), abs=1 / RATE)
    assert fit > 0.99
    assert len(mixed) == pytest.approx(RATE * (first_sound(story.timeline) + 2.0), abs=2)
    assert abs(place_of(question, mixed[:, RIGHT])[1]) < 0.2


def test_an_answer_that_was_cut_off_ends_there_and_the_voice_that_did_it_lies_over_it():
    answer, interruption = noise(8.0, seed=2), noise(1.0, seed=3)
    story = Story().open()
    story.speak(noise(0.5))
    story.interrupted_answer("once upon a time", answer, heard_s=2.0, speech=interruption)
    started = first_sound(story.timeline)
    mixed = mix_stereo(story.timeline)
    right = mixed[:, RIGHT]
    assert place_of(answer[: 2 * RATE], right) == (
        pytest.approx(started, abs=1e-4),
        pytest.approx(1),
    )
    assert np.flatnonzero(right)[-1] == pytest.approx(RATE * (started + 2.0), abs=2)
    at, fit = place_of(interruption, mixed[:, LEFT])
    assert fit > 0.99
    assert started < at < started + 2.0 < at + 1.0  # both speak at once for a while


def test_a_long_silence_stays_as_long_as_it_was():
    first, second = noise(0.5, seed=1), noise(0.5, seed=2)
    story = Story().open()
    story.speak(first)
    story.silence(30.0)
    story.at(story.now + 60.0)  # the microphone is off
    begun = story.now
    story.speak(second)
    mixed = mix_stereo(story.timeline)[:, LEFT]
    assert place_of(first, mixed)[0] == pytest.approx(0.0, abs=1e-4)
    assert place_of(second, mixed)[0] == pytest.approx(begun, abs=1e-4)
    assert begun > 90.0


@pytest.mark.parametrize("frame_ms", [20, 30, 100])
def test_speech_that_begins_within_a_frame_is_not_moved_by_it(frame_ms):
    voice = noise(1.0)
    story = Story().open()
    begun_ms, sent = 250, np.concatenate([np.zeros(round(0.25 * RATE), np.float32), voice])
    sent = np.concatenate([sent, np.zeros(RATE, np.float32)])
    size = frame_ms * RATE // 1000
    for at in range(0, len(sent), size):
        frame = encode(sent[at : at + size], AudioFormat.PCM16)
        story.send("input_audio_buffer.append", frame_ms / 1000, frame, audio="")
    story.hear("input_audio_buffer.speech_started", item_id="u", audio_start_ms=begun_ms)
    story.hear("input_audio_buffer.speech_stopped", item_id="u", audio_end_ms=1777)
    story.commit("u")
    (placed,) = place_sounds(story.timeline)
    assert placed.sound.clip.duration == pytest.approx(1.527, abs=1e-3)
    at, fit = place_of(voice, mix_stereo(story.timeline)[:, LEFT])
    assert (at, fit > 0.99) == (pytest.approx(0.25, abs=1 / RATE), True)


@pytest.mark.parametrize("format", [AudioFormat.G711_ULAW, AudioFormat.G711_ALAW])
def test_a_telephone_talk_is_brought_to_the_rate_of_the_file(format):
    question, answer = tone(1.5, 8000), tone(2.0, 8000, hertz=140.0)
    story = Story(format=format).open()
    story.silence(0.5)
    story.speak(question)
    story.answer("Paris.", answer)
    mixed = mix_stereo(story.timeline)
    at, fit = place_of(tone(1.5), mixed[:, LEFT])
    assert (at, fit > 0.98) == (pytest.approx(0.5, abs=2e-3), True)
    at, fit = place_of(tone(2.0, hertz=140.0), mixed[:, RIGHT])
    assert (at, fit > 0.98) == (pytest.approx(first_sound(story.timeline), abs=2e-3), True)


def test_a_question_that_was_sent_at_once_ends_where_it_was_sent_if_there_is_room():
    question = noise(1.5)
    story = Story().open()
    story.at(5.0).speak(question, pace=0.0)
    story.answer("Paris.", noise(1.0, seed=2))
    mixed = mix_stereo(story.timeline)
    assert place_of(question, mixed[:, LEFT])[0] == pytest.approx(3.0, abs=1e-4)
    started = first_sound(story.timeline)
    assert place_of(noise(1.0, seed=2), mixed[:, RIGHT])[0] == pytest.approx(started, abs=1e-4)


def test_for_questions_in_bursts_room_is_made_and_the_waits_stay():
    story = Story().open()
    sounds = [noise(1.0 + n / 10, seed=n) for n in range(6)]
    for question, answer in zip(sounds[:3], sounds[3:], strict=True):
        story.speak(question, pace=0.0)
        story.answer("Yes.", answer)
        story.at(story.now + 0.1)
    placed = place_sounds(story.timeline)
    assert [p.sound.speaker for p in placed] == ["user", "assistant"] * 3
    ends = [p.start + p.sound.clip.duration for p in placed]
    assert placed[0].start == 0.0
    for before, later in zip(ends, placed[1:], strict=False):
        assert later.start >= before - 1e-9
    waits = [placed[n + 1].start - ends[n] for n in (0, 2, 4)]
    assert waits == [pytest.approx(waits[0], abs=1e-6)] * 3
    assert 0.1 < waits[0] < 0.3
    mixed = mix_stereo(story.timeline)
    for samples, p in zip([sounds[0], sounds[3], sounds[1], sounds[4]], placed, strict=False):
        channel = LEFT if p.sound.speaker == "user" else RIGHT
        at, fit = place_of(samples, mixed[:, channel])
        assert (at, fit > 0.99) == (pytest.approx(p.start, abs=1e-4), True)


class Loud:
    """A detector that is as sure as a frame is loud."""

    rate, hop = 8000, 256

    def reset(self):
        pass

    def probability(self, frame):
        return float(np.abs(frame).mean() > 0.01)


def hear_turns(story, samples, config):
    """Stream sound into ears on this side, 20 ms at a time, and tell the story what they send."""
    ears = OwnEars(config, Loud(), story.format)
    size = bytes_for_ms(20, story.format)
    data = encode(samples, story.format)
    for at in range(0, len(data), size):
        story.now += 0.02
        for heard in ears.hear(data[at : at + size], story.now):
            if isinstance(heard, Began):
                story.note("turn.started", start_t=heard.start_t, audio_start_ms=0)
            elif isinstance(heard, Ended):
                fields = {"audio_end_ms": heard.audio_end_ms, "sent_ms": heard.sent_ms}
                story.note("turn.ended", end_of_speech_t=heard.end_of_speech_t, **fields)
                story.send("input_audio_buffer.commit")
                story.commit(story.new_id("item"))
            else:
                story.send("input_audio_buffer.append", 0.0, heard.data, audio="")


def test_turns_found_on_this_side_lie_where_they_were_spoken_though_little_else_was_sent():
    first, second = noise(1.0, seed=1), noise(1.5, seed=2)
    quiet = [np.zeros(round(s * RATE), np.float32) for s in (2.0, 7.0, 1.5)]
    story = Story().open(turn_detection=False)
    hear_turns(
        story,
        np.concatenate([quiet[0], first, quiet[1], second, quiet[2]]),
        VADConfig(mode="client_vad"),
    )
    assert story.timeline.tracks["input"].duration < 5.0  # of 13 s
    mixed = mix_stereo(story.timeline)[:, LEFT]
    for sound, begun in ((first, 2.0), (second, 10.0)):
        at, fit = place_of(sound, mixed)
        assert (at, fit > 0.99) == (pytest.approx(begun, abs=0.005), True)


def test_the_file_is_24_khz_16_bit_stereo(tmp_path):
    story = Story().open()
    story.speak(0.5)
    story.answer("Yes.", 0.5)
    path = export_wav(story.timeline, tmp_path / "talk.wav")
    header = path.read_bytes()[:44]
    assert np.frombuffer(header[20:24], "<u2").tolist() == [1, 2]  # PCM, two channels
    assert np.frombuffer(header[24:28], "<u4").tolist() == [24_000]
    assert np.frombuffer(header[34:36], "<u2").tolist() == [16]
    pairs = np.frombuffer(path.read_bytes()[44:], "<i2").reshape(-1, 2) / 32768
    assert np.abs(pairs - mix_stereo(story.timeline)).max() < 1e-4
    samples, rate = read_wav(path.read_bytes())
    assert (len(samples), rate) == (len(pairs), RATE)


def test_what_cannot_be_exported_says_what_to_do(tmp_path):
    story = Story().open()
    story.type("hello")
    story.write("Hello.")
    with pytest.raises(AudioError, match="holds no sound to export"):
        export_wav(story.timeline, tmp_path / "talk.wav")
    with pytest.raises(AudioError, match=r"Export it as 'talk\.wav'"):
        export_wav(story.timeline, tmp_path / "talk.mp3")
