"""Scores of told turns against told labels: every number by hand."""

import numpy as np
import pytest

from rtkit.clip import Clip
from rtkit.detection import Detection
from rtkit.formats import AudioFormat
from rtkit.labelled import Labelled
from rtkit.scores import Frames, Outcome, Score, score, score_frames
from rtkit.segments import Segment, Segmentation

TALK = Labelled(Clip.silence(10), ((1.0, 3.0), (5.0, 7.0)), "talk", ((1.5, 2.0),))


def detection(probabilities=(), clip=TALK.clip):
    return Detection(clip, "told", AudioFormat.PCM16, 16_000, 320, probabilities)


def found(*turns):
    """Turns as (speech from, speech to, decided) in ms; decided None: still open."""
    segments = tuple(
        Segment(start - 300, decided and end + 500, start, end, decided)
        for start, end, decided in turns
    )
    return Segmentation(detection(), {"type": "server_vad"}, segments, (), ())


def test_turns_that_fit_are_waited_for_and_nothing_else():
    perfect = score(TALK, found((1010, 2950, 3500), (5020, 7040, 7600)))
    assert perfect.outcomes == (
        Outcome(1, 0, 500, True, 10, -50),
        Outcome(1, 0, 600, True, 20, 40),
    )
    assert (perfect.wait_ms, perfect.cost_ms, perfect.fragments_per_utterance) == (550, 550, 1)
    assert (perfect.onset_error_ms, perfect.offset_error_ms) == (15, 45)
    assert (perfect.missed, perfect.false_onsets, perfect.cut_offs, perfect.unended) == (0, 0, 0, 0)


def test_a_turn_that_is_over_in_mid_utterance_is_a_cut_off_and_makes_fragments():
    broken = score(TALK, found((1000, 1500, 2010), (2050, 3000, 3500), (5000, 7000, 7500)))
    assert broken.outcomes[0] == Outcome(2, 1, 500, True, 0, 0)
    assert broken.cut_offs_per_utterance == 0.5
    assert broken.fragments_per_utterance == 1.5
    assert broken.cost_ms == 500 + 1000 * 0.5


def test_a_turn_that_is_over_just_before_the_last_sound_fades_cuts_nothing_off():
    assert score(TALK, found((1000, 2700, 2910), (5000, 7000, 7500))).cut_offs == 0
    assert score(TALK, found((1000, 2700, 2890), (5000, 7000, 7500))).cut_offs == 1


def test_the_end_of_an_utterance_that_is_not_heard_is_no_negative_wait():
    assert score(TALK, found((1000, 2000, 2500), (5000, 7000, 7500))).outcomes[0].wait_ms == 0


def test_what_is_missed_is_waited_for_until_the_next_utterance_or_the_end():
    silent = score(TALK, found())
    assert (silent.missed, silent.wait_ms) == (2, (2000 + 3000) / 2)
    assert silent.outcomes[0] == Outcome(0, 0, 2000, False, None, None)
    assert (silent.onset_error_ms, silent.fragments_per_utterance) == (None, 0)


def test_two_utterances_in_one_turn_are_one_that_did_not_end():
    merged = score(TALK, found((1000, 7000, 8000)))
    assert merged.unended == 1
    assert [outcome.wait_ms for outcome in merged.outcomes] == [2000, 1000]
    assert merged.outcomes[1].onset_error_ms is None
    assert score(TALK, found((1000, 7000, None))).unended == 2


@pytest.mark.parametrize(("begins", "false"), [(700, 1), (760, 0), (2990, 0), (3010, 1), (9000, 1)])
def test_a_turn_that_begins_while_nobody_speaks_is_a_false_onset(begins, false):
    assert score(TALK, found((begins, begins + 50, begins + 600))).false_onsets == false


def test_scores_of_clips_add_up():
    one = score(TALK, found((1000, 3000, 3500), (5000, 7000, 7500)))
    both = one + score(TALK, found())
    assert (both.utterances, both.missed, both.seconds) == (4, 2, 20)
    assert both.wait_ms == pytest.approx((500 + 2500) / 2)
    assert repr(both) == "Score(4 utterances: wait 1500 ms, cut-offs 0, missed 2, false onsets 0)"
    assert (Score().cost_ms, Score().wait_ms, Score().onset_error_ms) == (0, 0, None)


def test_a_gain_is_sure_when_it_is_the_same_for_many_and_not_when_it_hangs_on_a_few():
    slow, quick = Outcome(1, 0, 600, True, 0, 0), Outcome(1, 0, 500, True, 0, 0)
    cut, whole = Outcome(2, 1, 500, True, 0, 0), Outcome(1, 0, 500, True, 0, 0)
    many = Score((quick,) * 100).sure_change_ms(Score((slow,) * 100))
    few = Score((quick,) * 5).sure_change_ms(Score((slow,) * 5))
    assert many == pytest.approx(-100 + 1.645 * 10)
    assert few > 0  # a cut-off may just not have happened
    lucky = Score((whole,) * 100).sure_change_ms(Score((cut,) + (whole,) * 99))
    assert lucky > 0


def test_frames_are_scored_against_the_speech_without_its_pauses():
    probabilities = np.zeros(500)  # 20 ms each
    probabilities[50:150] = 0.9  # 1.0 to 3.0 s, the pause of half a second too
    frames = score_frames(TALK, detection(probabilities))
    assert frames == Frames(hits=150, false_alarms=50, misses=200)
    assert frames.f1 == pytest.approx(300 / 550)
    assert score_frames(TALK, detection(probabilities), 0.95) == Frames(0, 0, 350)
    assert (Frames().f1, (frames + frames).hits) == (0, 300)
