import base64
import itertools

import numpy as np
import pytest
from helpers import Story
from scripted import Peer, speaking

import rtkit
from rtkit import RealtimeSessionConfig, events
from rtkit.audio import AudioFormat, encode
from rtkit.cues import read_cues
from rtkit.errors import ConfigError, RtkitError
from rtkit.resending import resend
from rtkit.sounds import read_sounds
from rtkit.testing import ANSWERS
from rtkit.timeline import Timeline
from rtkit.turns import read_turns

QUICK = {"audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 200}}}}
MANUAL = {"audio": {"input": {"turn_detection": None}}}
FAILED = "resend.failed"


def voice(seconds, seed):
    """Sound without a sample of silence, so that the scripted peer hears all of it."""
    sound = np.random.default_rng(seed).uniform(0.02, 0.3, round(seconds * 24_000))
    return sound.astype(np.float32)


def asked(turns=2, seconds=0.4, gap=0.3):
    story = Story(silence_ms=200).open()
    for n in range(turns):
        story.speak(voice(seconds, n))
        story.answer("Yes.", 0.1)
        story.silence(gap)
    return story


def instants(timeline, type_, field=None):
    found = [moment for moment in timeline if moment.type == type_]
    return [m.event[field] for m in found] if field else [m.t for m in found]


def test_the_same_sound_goes_to_another_configuration_and_the_turns_stay_turns():
    story = asked(turns=2)
    with Peer() as peer:
        again = resend(story.timeline, QUICK, peer.url, pace=2.0)
    assert peer.received[0]["session"]["audio"] == QUICK["audio"]
    assert len(read_turns(again)) == len(read_turns(story.timeline)) == 2
    assert instants(again, FAILED) == []
    users = [[s for s in read_sounds(t) if s.speaker == "user"] for t in (story.timeline, again)]
    for before, after in zip(*users, strict=True):
        first = np.flatnonzero(after.clip.samples)[0]
        sound = before.clip.samples[:9600]
        assert np.array_equal(after.clip.samples[first : first + 9600], sound)


def test_a_question_comes_as_long_after_the_answer_as_it_did():
    story = asked(turns=2, seconds=0.2, gap=0.5)
    with Peer({"response.create": speaking(300)}) as peer:
        again = resend(story.timeline, QUICK, peer.url)
    silent = instants(again, "playback.finished")[0]
    spoken = [sound for sound in read_sounds(again) if sound.speaker == "user"][1].start
    assert spoken - silent == pytest.approx(read_cues(story.timeline)[1].after_s, abs=0.15)


@pytest.mark.parametrize("config", [QUICK, MANUAL])
def test_who_spoke_over_the_answer_does_so_at_the_same_place_in_the_new_one(config):
    story = Story(silence_ms=200).open()
    story.speak(voice(0.2, 1))
    story.interrupted_answer("one two three", 8.0, heard_s=1.0, speech=voice(0.3, 2))
    story.answer("Yes.", 0.2)
    lengths = itertools.chain([5000], itertools.repeat(60))

    async def long_then_short(voice, event):
        await speaking(next(lengths))(voice, event)

    answers = {"response.create": long_then_short}
    if config is QUICK:  # there the server answers by itself
        answers = {"input_audio_buffer.append": _hearing(ANSWERS[events.APPEND], lengths)}
    with Peer(answers) as peer:
        again = resend(story.timeline, config, peer.url)
    first, second, *_ = read_turns(again)
    assert (first.interrupted, second.interrupted) == (True, False)
    (cut,) = instants(again, "conversation.item.truncate", "audio_end_ms")
    assert cut == pytest.approx(1000 * read_cues(story.timeline)[1].after_s, abs=250)


def _hearing(append, lengths):
    async def hear(voice, event):
        speak = voice.speak

        async def of_that_length(*_, **__):
            return await speak(seconds=next(lengths) / 1000)

        voice.speak = of_that_length
        try:
            await append(voice, event)
        finally:
            voice.speak = speak

    return hear


def test_typed_words_and_other_formats_go_along():
    story = asked(turns=1)
    story.type("and now in writing")
    story.write("As you like.")
    telephone = {
        "audio": {
            **{"input": {**QUICK["audio"]["input"], "format": {"type": "audio/pcmu"}}},
            "output": {"format": {"type": "audio/pcmu"}},
        }
    }
    with Peer() as peer:
        again = resend(story.timeline, telephone, peer.url, pace=None)
    assert again.tracks["input"].format is AudioFormat.G711_ULAW
    assert [turn.question for turn in read_turns(again)][-1] == "and now in writing"
    assert "conversation.item.create" in peer.types()


def test_without_a_configuration_it_is_the_one_that_was_sent():
    story = asked(turns=1)
    told = {"type": "realtime", "instructions": "Be brief.", **QUICK}
    story.send("session.update", session=told)
    with Peer() as peer:
        resend(story.timeline, target=peer.url, pace=None)
    assert peer.received[0]["session"] == told


def test_a_configuration_with_credentials_has_to_be_given_again():
    story = asked(turns=1)
    tools = [{"type": "mcp", "server_label": "x", "authorization": "Bearer abcdefghijk1"}]
    story.send("session.update", session={"type": "realtime", "tools": tools})
    with pytest.raises(ConfigError, match="held credentials"):
        resend(story.timeline)


def test_a_question_that_fails_is_told_and_the_next_one_is_asked():
    story = Story().open()
    for n in range(3):
        story.type(f"question {n}")
        story.write("Answer.")
    answered = itertools.count()

    async def refuse_the_second(voice, event):
        if next(answered) == 1:
            await voice.refuse("bad", "no such thing", event["event_id"])
        else:
            await voice.speak()

    with Peer({"response.create": refuse_the_second}) as peer:
        again = resend(story.timeline, QUICK, peer.url, pace=None)
    (failed,) = [moment.event for moment in again if moment.type == FAILED]
    assert failed["cue"] == 2
    assert "no such thing" in failed["message"]
    assert peer.types().count("response.create") == 3


def test_a_session_that_ends_in_between_leaves_its_timeline(caplog):
    story = asked(turns=2)

    async def leave(voice, event):
        await voice.close(4000, "no more")

    with Peer({"input_audio_buffer.append": leave}) as peer:
        again = resend(story.timeline, QUICK, peer.url, pace=None)
    assert again[-1].type == "session.closed"


def test_a_timeline_in_which_nobody_said_anything_is_refused():
    with pytest.raises(RtkitError, match="nothing that a user said"):
        resend(Timeline())


def test_a_recorded_talk_can_be_had_again_with_the_embedded_server(tmp_path):
    config = rtkit.RealtimeSessionConfig(silence_duration_ms=300)
    with rtkit.connect(config, record=False) as session:
        session.ask(rtkit.say("What is the capital of France?"), pace=None)
        session.ask("Spell cat.")
    path = session.timeline.save(tmp_path / "talk.jsonl")
    other = rtkit.RealtimeSessionConfig(voice="coral", silence_duration_ms=400)
    again = resend(Timeline.load(path), other, pace=None)
    questions = [turn.question for turn in read_turns(again)]
    assert questions == [turn.question for turn in session.turns]
    assert [t.answer for t in read_turns(again)] == [t.answer for t in session.turns]


# what was heard between the turns


def knock(seed, level=1.0):
    return level * voice(0.1, seed)


def noisy(level):
    """Two questions, and knocks: before them, during the answer, after it, and at the end."""
    story = Story(silence_ms=200).open()
    story.stream(knock(11, level))
    story.silence(0.3)
    story.speak(voice(0.4, 1))
    story.silence(0.1)
    story.stream(knock(12, level))
    story.answer("Yes.", 0.2)
    story.silence(0.4)
    story.stream(knock(13, level))
    story.silence(0.2)
    story.speak(voice(0.4, 2))
    story.silence(0.3)
    story.stream(knock(14, level))
    return story


FAINT = 0.01


async def deaf(voice, event):
    """Ears that take what is faint for silence."""
    samples = np.frombuffer(base64.b64decode(event["audio"]), "<i2")
    heard = np.where(np.abs(samples) < FAINT * 12_000, 0, samples).astype("<i2")
    sound = base64.b64encode(heard.tobytes()).decode()
    await ANSWERS[events.APPEND](voice, {**event, "audio": sound})


def instant_of(timeline, sound):
    """When a sound was sent that the input holds once (seconds), its end; None without it."""
    track = timeline.tracks["input"]
    place = track.data.find(encode(sound, track.format))
    if place < 0:
        return None
    end = place // 2 + len(sound)
    frames = [m for m in timeline if m.type == events.APPEND and m.audio]
    return next(m.t for m in frames if m.audio.first + m.audio.count >= end)


def test_what_was_heard_between_the_turns_goes_at_its_distance_from_them():
    story = noisy(FAINT)
    assert read_cues(story.timeline)[0].clip.speech_end > 0.3  # numpy loads much at its first use
    with Peer({events.APPEND: deaf}) as peer:
        again = resend(story.timeline, QUICK, peer.url)
    sounds = [
        knock(11, FAINT),
        voice(0.4, 1),
        knock(12, FAINT),
        knock(13, FAINT),
        voice(0.4, 2),
        knock(14, FAINT),
    ]
    before, after = ([instant_of(t, s) for s in sounds] for t in (story.timeline, again))
    assert None not in after
    assert after == sorted(after)
    fell_silent = [instants(t, "playback.finished")[0] for t in (story.timeline, again)]
    for number, since in ((1, 0), (2, 1), (4, 3), (5, 4)):
        distances = [times[number] - times[since] for times in (before, after)]
        assert distances[1] == pytest.approx(distances[0], abs=0.25)
    assert after[3] - fell_silent[1] == pytest.approx(before[3] - fell_silent[0], abs=0.25)
    assert len(read_turns(again)) == 2


def test_a_noise_that_was_no_turn_may_be_one_by_another_turn_detection():
    story = noisy(1.0)
    assert len(read_turns(story.timeline)) == 2
    with Peer() as peer:
        again = resend(story.timeline, QUICK, peer.url)
    starts = instants(again, events.SPEECH_STARTED)
    assert len(starts) > 2
    assert instants(again, FAILED) == []
    assert len(read_turns(again)) > 2


def test_pauses_are_shortened_for_a_caller_who_asks_for_it():
    story = noisy(FAINT)
    with Peer({events.APPEND: deaf}) as peer:
        again = resend(story.timeline, QUICK, peer.url, longest_pause=0.05)
    assert [instant_of(again, knock(n, FAINT)) for n in (11, 12, 13, 14)] == [None] * 4
    question = [s for s in read_sounds(again) if s.speaker == "user"][1].start
    assert question - instants(again, "playback.finished")[0] < 0.3


def test_a_button_keeps_out_what_was_heard_between_the_turns():
    story = noisy(FAINT)
    with Peer() as peer:
        again = resend(story.timeline, MANUAL, peer.url, pace=4.0)
    assert [instant_of(again, knock(n, FAINT)) for n in (11, 12, 13, 14)] == [None] * 4
    assert len(read_turns(again)) == 2


def test_in_a_hurry_it_all_goes_in_its_order():
    story = noisy(FAINT)
    with Peer({events.APPEND: deaf}) as peer:
        again = resend(story.timeline, QUICK, peer.url, pace=None)
    knocks = [instant_of(again, knock(n, FAINT)) for n in (11, 12, 13, 14)]
    assert None not in knocks
    assert knocks == sorted(knocks)


def test_the_embedded_detector_hears_between_turns_what_another_threshold_did_not():
    """One sentence of which only the loud half was a turn; the new session hears both halves."""
    story = Story(silence_ms=200).open()
    clip = rtkit.say("What time is it now?")
    story.stream(0.3 * clip.samples)
    story.silence(1.0)
    story.speak(clip.samples)
    story.answer("Noon.", 0.3)
    assert len(read_turns(story.timeline)) == 1
    again = resend(story.timeline, RealtimeSessionConfig())
    assert [turn.question for turn in read_turns(again)] == ["what time is it now"] * 2
