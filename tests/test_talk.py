"""A caller at work in told time: what is said when, and what of it stands in the timeline."""

import itertools

import numpy as np
import pytest

from rtkit.evals import (
    Backchannel,
    Background,
    BargeIn,
    Burst,
    Caller,
    Expect,
    Play,
    Say,
    Silent,
    Wait,
)
from rtkit.evals.talk import FRAME_MS, Talk
from rtkit.evals.voicing import LEAD_MS, Sound, Voicing, voiced
from rtkit.moments import Moment

RATE = 24_000
SPOKEN_MS = 310


def tone(seconds):
    return Sound(np.full(round(seconds * RATE), 0.25, np.float32), seconds)


class Call:
    """A talk in told time, with an assistant whose moments are told by hand."""

    def __init__(self, *steps, bed=(), **settings):
        caller = Caller("x", steps, **settings)
        sounds = tuple(
            None if isinstance(step, Silent | Wait) else tone(SPOKEN_MS / 1000) for step in steps
        )
        self.talk = Talk(caller, Voicing(RATE, sounds, np.asarray(bed, np.float32)))
        self.now, self.facts, self.sound = 0.0, [], []
        self._plans = []

    def at(self, seconds, type_, **fields):
        """A moment that the session has then."""
        self._plans.append((seconds, Moment(seconds, "server", {"type": type_, **fields})))

    def answer(self, begin, end, id_="r1", done=None):
        """An answer that sounds from one instant to another."""
        self.at(begin, "response.created", response={"id": id_})
        self.at(begin, "playback.started", item_id=id_)
        self.at(done or begin + 0.1, "response.done", response={"id": id_})
        self.at(end, "playback.finished", item_id=id_)

    def run(self, most_s=300):
        """To the end; the facts by type, with the instant of each."""
        plans = sorted(self._plans, key=lambda plan: plan[0])
        while self.now < most_s:
            while plans and plans[0][0] <= self.now:
                self.talk.take(plans.pop(0)[1])
            frame = self.talk.frame(self.now)
            self.facts += [(round(self.now, 3), fact) for fact in self.talk.facts()]
            if frame is None:
                return self
            self.sound.append(frame)
            self.now = round(self.now + FRAME_MS / 1000, 6)
        raise AssertionError("the call does not end")

    def when(self, type_):
        return [at for at, fact in self.facts if fact["type"] == type_]

    @property
    def heard(self):
        """The frames in which something is said, as (first, last) of each stretch."""
        loud = [n for n, frame in enumerate(self.sound) if np.abs(frame).max() > 0.1]
        runs = itertools.groupby(enumerate(loud), key=lambda pair: pair[1] - pair[0])
        stretches = [[n for _, n in group] for _, group in runs]
        return [(run[0], run[-1]) for run in stretches]


def test_every_frame_is_20_ms_long():
    call = Call(Say("a"), Silent(0.5))
    call.answer(1.0, 2.0)
    assert {len(frame) for frame in call.run().sound} == {RATE * FRAME_MS // 1000}


def test_a_question_is_asked_when_the_last_answer_was_heard_to_its_end():
    call = Call(Say("a"), Say("b"))
    call.answer(1.0, 2.0)
    call.answer(4.0, 5.0, "r2")
    first, second = call.run().when("caller.turn")
    assert first == 0.0
    assert 2.0 < second < 2.6


def test_the_facts_say_where_in_the_stream_it_was_said():
    call = Call(Say("a"), Say("b"))
    call.answer(1.0, 2.0)
    call.answer(4.0, 5.0, "r2")
    spoken = [fact for _, fact in call.run().facts if fact["type"] == "caller.speech"]
    for fact, (first, last) in zip(spoken, call.heard, strict=True):
        assert fact["audio_start_ms"] == first * FRAME_MS
        assert fact["audio_end_ms"] == fact["audio_start_ms"] + SPOKEN_MS
        assert fact["audio_end_ms"] <= (last + 1) * FRAME_MS
    assert [(fact["turn"], fact["kind"], fact["text"]) for fact in spoken] == [
        (1, "question", "a"),
        (2, "question", "b"),
    ]
    assert call.facts[-1][1] == {"type": "caller.done", "turns": 2}


def test_the_end_of_speech_is_told_with_the_frame_that_holds_it():
    call = Call(Say("a"))
    call.answer(1.0, 2.0)
    ((at, fact),) = [one for one in call.run().facts if one[1]["type"] == "input.ended"]
    assert at == pytest.approx(15 * FRAME_MS / 1000)  # 310 ms: the 16th frame
    assert fact["rest_ms"] == pytest.approx(16 * FRAME_MS - SPOKEN_MS)


def test_a_question_that_nobody_answers_is_left():
    call = Call(Say("a"), Say("b"), patience_s=2).run()
    first, second = call.when("caller.turn")
    assert second - first == pytest.approx(SPOKEN_MS / 1000 + 2, abs=0.05)


@pytest.mark.parametrize("late_s", [0.0, 0.5])
@pytest.mark.parametrize("cut", ["cancelled", "flushed"])
def test_an_answer_to_half_a_question_is_not_the_answer(cut, late_s):
    """It is cut off by the rest of the question, which is answered a second later; a server that
    is late may tell of both when all has been said."""
    call = Call(Say("What is the capital of ... France?"), patience_s=3)
    call.at(0.1 + late_s, "response.created", response={"id": "half"})
    if cut == "flushed":
        call.at(0.15 + late_s, "playback.started", item_id="half")
        call.at(0.2 + late_s, "playback.flushed", item_id="half")
    status = "cancelled" if cut == "cancelled" else "completed"
    call.at(0.2 + late_s, "response.done", response={"id": "half", "status": status})
    call.answer(1.3, 2.0)
    assert call.run().when("caller.done") == [pytest.approx(2.4, abs=0.1)]


def test_a_barge_in_comes_so_long_after_the_first_sound():
    call = Call(Say("a"), BargeIn("stop", at_ms=700))
    call.answer(1.0, 9.0)
    call.at(1.8, "playback.flushed", item_id="r1")
    call.answer(3.0, 4.0, "r2")
    assert call.run().when("caller.turn")[1] == pytest.approx(1.7, abs=0.021)


def test_a_barge_in_into_an_answer_that_is_over_before_comes_at_its_end():
    call = Call(Say("a"), BargeIn("stop", at_ms=5000))
    call.answer(1.0, 2.0)
    call.answer(4.0, 5.0, "r2")
    assert call.run().when("caller.turn")[1] == pytest.approx(2.0, abs=0.021)


def test_a_backchannel_is_said_into_the_answer_and_wants_none():
    call = Call(Say("a"), Backchannel(at_ms=500), Say("b"))
    call.answer(1.0, 8.0)
    call.answer(10.0, 11.0, "r2")
    _, hum, question = call.run().when("caller.turn")
    assert hum == pytest.approx(1.5, abs=0.021)
    assert 8.0 < question < 8.6


def test_two_backchannels_count_from_the_same_first_sound():
    call = Call(Say("a"), Wait("first_sound"), Backchannel(at_ms=500), Wait(100))
    call.answer(1.0, 8.0)
    assert call.run().when("caller.turn")[1] == pytest.approx(1.5, abs=0.021)


def test_waits_are_for_the_first_sound_for_milliseconds_and_for_the_end():
    call = Call(Say("a"), Wait("first_sound"), Say("b"), Wait(600), Say("c"), Wait("answer"))
    call.answer(1.0, 9.0)
    _, second, third = call.run().when("caller.turn")
    assert second == pytest.approx(1.0, abs=0.021)
    assert third == pytest.approx(1.0 + SPOKEN_MS / 1000 + 0.6, abs=0.05)
    assert call.now > 9.0


def test_silence_lasts_as_long_as_it_says():
    call = Call(Say("a"), Silent(2.5))
    call.answer(1.0, 2.0)
    start = call.run().when("caller.turn")[1]
    assert call.when("caller.done")[0] - start == pytest.approx(2.5, abs=0.041)


def test_what_expects_silence_is_given_its_time_and_no_more():
    call = Call(Say("a", expect=Expect(silence=True)), Silent(0.1), quiet_s=1.5).run()
    assert call.when("caller.turn")[1] == pytest.approx(SPOKEN_MS / 1000 + 1.5, abs=0.06)


def test_a_noise_is_followed_by_a_while_of_waiting():
    call = Call(Burst(), Silent(0.1), quiet_s=1.0).run()
    assert call.when("caller.turn")[1] == pytest.approx(SPOKEN_MS / 1000 + 1.0, abs=0.06)


def test_a_tool_that_runs_is_waited_for():
    call = Call(Say("a"), Silent(0.1))
    call.at(1.0, "response.created", response={"id": "r1"})
    call.at(1.1, "tool.called", name="f")
    call.at(1.2, "response.done", response={"id": "r1"})
    call.at(4.0, "tool.returned", name="f")
    call.at(4.0, "response.create")
    call.answer(4.3, 5.0, "r2")
    assert 5.0 < call.run().when("caller.turn")[1] < 5.6


def test_a_tool_that_is_called_a_moment_after_the_response_is_waited_for_too():
    call = Call(Say("a"), Silent(0.1))
    call.at(1.0, "response.created", response={"id": "r1"})
    call.at(1.0, "response.done", response={"id": "r1"})
    call.at(1.05, "tool.called", name="f")
    call.at(1.3, "tool.returned", name="f")
    call.at(1.3, "response.create")
    call.answer(1.4, 3.0, "r2")
    assert call.run().when("caller.turn")[1] > 3.0


def test_a_second_answer_is_heard_out():
    call = Call(Say("a"), Silent(0.1))
    call.answer(1.0, 2.0)
    call.answer(2.2, 3.0, "r2")
    assert call.run().when("caller.turn")[1] > 3.0


def test_an_answer_that_never_ends_does_not_hold_the_caller_for_ever():
    call = Call(Say("a"), Say("b"), patience_s=1)
    call.at(1.0, "response.created", response={"id": "r1"})
    assert call.run().when("caller.turn")[1] < 130


def test_the_background_goes_on_behind_everything():
    bed = np.sin(np.arange(1000) / 7) * 0.01
    call = Call(Silent(0.4), bed=bed)
    sound = np.concatenate(call.run().sound)
    assert np.allclose(sound, np.resize(bed, len(sound)), atol=1e-6)


# ---- what it sounds like


def test_the_sounds_are_those_that_the_steps_name():
    caller = Caller("x", [Say("Hello there."), Silent(1), Burst(seconds=0.3, level_dbfs=-20)])
    made = voiced(caller, RATE, seed=4)
    said, nothing, noise = made.sounds
    assert nothing is None
    assert 0.4 < said.seconds < 1.5
    assert noise.seconds == pytest.approx(0.3)
    assert 20 * np.log10(np.sqrt(np.mean(noise.samples**2))) == pytest.approx(-20, abs=0.1)
    assert not len(made.bed)


def test_the_background_is_so_much_below_the_voice():
    behind = Caller("x", [Say("Hello there.")], background=Background("white", snr_db=12))
    (dry,) = voiced(Caller("x", [Say("Hello there.")]), RATE).sounds
    made = voiced(behind, RATE)
    noise = made.sounds[0].samples - dry.samples
    from rtkit import Clip

    voice = Clip(dry.samples, RATE).speech_level_dbfs
    for samples in (noise, made.bed):
        assert voice - Clip(samples, RATE).level_dbfs == pytest.approx(12, abs=0.3)


def test_a_seed_draws_the_noise_the_line_and_the_beginning():
    from rtkit import PhoneLine

    caller = Caller("x", [Say("Hello.")], background=Background("pink"), phone=PhoneLine(loss=0.2))
    first, again, other = (voiced(caller, RATE, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.sounds[0].samples, again.sounds[0].samples)
    assert np.array_equal(first.bed, again.bed)
    assert first.lead_ms == again.lead_ms
    assert not np.array_equal(first.sounds[0].samples, other.sounds[0].samples)
    leads = {voiced(Caller("x", [Silent(1)]), RATE, seed).lead_ms for seed in range(20)}
    assert len(leads) > 10
    assert max(leads) < LEAD_MS


def test_a_recording_is_played_without_the_silence_around_it(tmp_path):
    import rtkit

    clip = rtkit.say("Hello.")
    clip.padded(1.0, 1.0).save(tmp_path / "hello.wav")
    (sound,) = voiced(Caller("x", [Play(str(tmp_path / "hello.wav"))]), RATE).sounds
    assert sound.seconds == pytest.approx(clip.trimmed().duration, abs=0.05)
