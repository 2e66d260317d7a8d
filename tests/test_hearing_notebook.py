"""Notebook 03: its measure, what it claims of detectors and turns, and its exercises."""

import numpy as np
import pytest
from lessonbook import Lesson

import rtkit
from rtkit import Clip, ConfigError, SessionError, VADConfig, VADMode, segment
from rtkit.scores import Frames, score_frames

LESSON = Lesson("03_hearing_turns")
WORDLESS = {"type": "semantic_vad", "eagerness": "auto"}


def line(start):
    """The line of the notebook's code that begins so."""
    found = [line for cell in LESSON.code for line in cell.source.splitlines()]
    (line,) = [line for line in found if line.startswith(start)]
    return line


@pytest.fixture(scope="module")
def names():
    """The names that stand when the exercises begin."""
    found = {}
    exec("import rtkit\nfrom rtkit import Clip, VADConfig, VADMode, segment", found)
    for start in (
        "thinker = rtkit",
        "thinker = thinker",
        "thought = ",
        "short, long = ",
        "room = ",
    ):
        exec(line(start), found)
    found["talks"] = rtkit.synthetic_set(4)
    return found


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=12)


def test_headless_it_says_that_a_phrase_stands_in_for_the_voice():
    phrase = "What is the capital of ... France?"
    assert LESSON.printed(f"Nothing was recorded, so a spoken phrase stands in: {phrase!r}\n")


def test_the_pause_of_the_thinker_ends_the_turn_with_500_ms_and_not_with_1000(names):
    assert [len(names[found].segments) for found in ("short", "long")] == [2, 1]


def test_silence_and_padding_fill_the_pause_so_one_turn_begins_where_the_other_ends(names):
    first, second = names["short"].segments
    assert second.start_ms == first.end_ms
    pause = second.speech_start_ms - first.speech_end_ms
    assert 700 < pause <= 500 + 300  # what is left of it is the padding, all of it or a part


def test_without_recognition_semantic_vad_hears_only_the_pause_and_the_tuner_reads(names):
    rule = VADConfig(mode=VADMode.SEMANTIC)
    assert len(segment(names["thought"], rule).segments) == 2
    assert len(rtkit.VADTuner(names["thinker"], rule).segmentation.segments) == 1


def test_the_stand_in_has_a_pause_that_200_ms_cut_off_and_500_do_not():
    heard = rtkit.listen(rtkit.say("What is the capital of ... France?").padded(after_s=1.5))
    found = [segment(heard, VADConfig(silence_duration_ms=ms)) for ms in (200, 500)]
    assert [len(one.segments) for one in found] == [2, 1]


def test_without_padding_a_tenth_of_a_second_of_speech_is_lost():
    she = Clip.silence(0.5) + rtkit.say("She sells fresh fish.").trimmed() + Clip.silence(1)
    (turn,) = segment(she, VADConfig(prefix_padding_ms=0)).segments
    assert turn.start_ms == pytest.approx(600, abs=40)
    assert she.cut(0.5, turn.start_ms / 1000).level_dbfs > -40
    (padded,) = segment(she).segments
    assert padded.start_ms == turn.start_ms - 300


@pytest.mark.parametrize(
    "wish",
    [{"type": "none"}, {"type": "client_vad"}, {"type": "server_vad", "threshold": 5}],
)
def test_the_server_says_the_same_of_a_wish_that_it_refuses(wish):
    with pytest.raises(ConfigError) as foretold:
        segment(Clip.silence(0.1), wish)
    config = {"audio": {"input": {"turn_detection": wish}}}
    with pytest.raises(SessionError) as refused, rtkit.connect(config):
        pass
    assert str(foretold.value) in str(refused.value)


def test_turns_by_hand_are_null_on_the_wire():
    modes = [mode for mode in VADMode if VADConfig(mode=mode).to_turn_detection() is None]
    assert modes == [VADMode.CLIENT, VADMode.MANUAL]


def test_in_hiss_silero_hears_both_turns_webrtc_no_end_and_loudness_no_pause(names):
    noisy = names["thinker"].with_noise("pink", 5)
    ends = {
        name: [turn.end_ms is not None for turn in segment(rtkit.listen(noisy, name)).segments]
        for name in ("silero", "webrtc", "energy")
    }
    assert ends == {"silero": [True, True], "webrtc": [False], "energy": [True]}


def f1(talks, kind, snr_db, detector):
    noisy = [(talk, talk.clip.with_noise(kind, snr_db)) for talk in talks]
    parts = [score_frames(talk, rtkit.listen(clip, detector)) for talk, clip in noisy]
    return sum(parts, Frames()).f1


def test_a_hiss_harms_silero_less_than_voices_and_who_always_says_speech_gets_0_6(names):
    talks = names["talks"][:2]
    assert f1(talks, "pink", 0, "silero") > 0.85 > 0.75 > f1(talks, "babble", 0, "silero")
    heard = [rtkit.listen(talk.clip, "energy") for talk in talks]
    ones = [
        rtkit.Detection(h.clip, "yes", h.format, h.rate, h.hop, np.ones_like(h.probabilities))
        for h in heard
    ]
    always = sum(map(score_frames, talks, ones), Frames()).f1
    assert always == pytest.approx(0.6, abs=0.05)
    assert f1(talks, "babble", 0, "webrtc") == pytest.approx(always, abs=0.03)


def test_words_leave_the_curve_of_wait_against_cut_offs(names):
    talks = names["talks"]
    by_silence = {
        trial.vad["silence_duration_ms"]: trial.score
        for trial in rtkit.sweep(talks, {"silence_duration_ms": (200, 500, 1200)}).trials
    }
    wise = rtkit.sweep(talks, [{**WORDLESS, "eagerness": "medium"}]).trials[-1].score
    assert by_silence[200].wait_ms < by_silence[500].wait_ms < by_silence[1200].wait_ms
    assert by_silence[200].cut_offs > by_silence[500].cut_offs > by_silence[1200].cut_offs
    assert wise.wait_ms < by_silence[500].wait_ms
    assert wise.cut_offs < by_silence[500].cut_offs
