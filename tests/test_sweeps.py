import re
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from serverstory import Loudness

from rtkit.clip import Clip
from rtkit.config import VADConfig, VADMode
from rtkit.errors import ConfigError
from rtkit.labelled import Labelled
from rtkit.scores import Outcome, Score
from rtkit.sweeps import USUAL_GRID, Sweep, Trial, sweep

SILENCES = {"silence_duration_ms": (300, 500, 900)}


def tone(seconds):
    return Clip(0.3 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * 24_000)) / 24_000), 24_000)


def with_pause(seconds, name="talk"):
    """One utterance of 1 s, a pause and 1 s."""
    clip = Clip.silence(0.64) + tone(0.96) + Clip.silence(seconds) + tone(0.96) + Clip.silence(2)
    return Labelled(clip, ((0.64, 2.56 + seconds),), name, ((1.6, 1.6 + seconds),))


def waited(ms, cut_offs=0, false_onsets=0, count=100):
    """A score of utterances that are all alike, but for the first, which is cut off."""
    cut = [Outcome(2, 1, ms, True, 0, 0)] * cut_offs
    return Score(tuple(cut + [Outcome(1, 0, ms, True, 0, 0)] * (count - cut_offs)), false_onsets)


def of(*scores):
    """A sweep of told scores, by silence; the first is the default's."""
    trials = [
        Trial(VADConfig(silence_duration_ms=ms).to_turn_detection(), score) for ms, score in scores
    ]
    return Sweep(tuple(trials), trials[0])


def silence(recommendation):
    return recommendation.config.silence_duration_ms


# trying settings


def test_every_combination_is_tried_and_the_default_once():
    made = sweep([with_pause(0.3)], {"threshold": (0.4, 0.5), **SILENCES}, detector=Loudness)
    tried = [(t.vad["threshold"], t.vad["silence_duration_ms"]) for t in made.trials]
    assert tried == [(0.5, 500), (0.4, 300), (0.4, 500), (0.4, 900), (0.5, 300), (0.5, 900)]
    assert made.default is made.trials[0]


def test_one_clip_and_one_value_need_no_list():
    one = sweep(with_pause(0.3), {"threshold": 0.4, "silence_duration_ms": 300}, detector=Loudness)
    listed = {"threshold": (0.4,), "silence_duration_ms": (300,)}
    assert one == sweep([with_pause(0.3)], listed, detector=Loudness)
    eager = sweep(with_pause(0.3), {"eagerness": "low"}, detector=Loudness)
    assert [t.vad.get("eagerness") for t in eager.trials] == [None, "low"]


def test_a_silence_longer_than_the_pause_cuts_nothing_off_and_is_waited_for():
    made = sweep([with_pause(0.64)], SILENCES, detector=Loudness)
    by_silence = {t.vad["silence_duration_ms"]: t.score for t in made.trials}
    assert [by_silence[ms].cut_offs for ms in (300, 500, 900)] == [1, 1, 0]
    assert [by_silence[ms].wait_ms for ms in (300, 500, 900)] == pytest.approx(
        [350, 550, 950],
        abs=40,  # to the end of the frame, and what the resampler holds back
    )


def test_settings_may_be_told_one_by_one_and_be_semantic():
    told = [VADConfig(mode=VADMode.SEMANTIC, eagerness="high"), {"type": "server_vad"}]
    made = sweep([with_pause(0.3)], told, detector=Loudness)
    assert [t.vad["type"] for t in made.trials] == ["server_vad", "semantic_vad"]
    assert made.trials[1].config == told[0]
    eager = sweep([with_pause(0.3)], {"eagerness": ("low", "high")}, detector=Loudness)
    assert [t.vad.get("eagerness") for t in eager.trials] == [None, "low", "high"]


def test_scores_of_all_clips_are_added_up():
    made = sweep([with_pause(0.3), with_pause(0.64)], SILENCES, detector=Loudness)
    assert (made.default.score.utterances, made.default.score.cut_offs) == (2, 1)


@pytest.mark.parametrize("threads", [True, False])
def test_any_executor_finds_the_same(threads):
    material = [with_pause(pause, str(pause)) for pause in (0.2, 0.4, 0.64)]
    alone = sweep(material, SILENCES, detector="energy")
    make = ThreadPoolExecutor if threads else ProcessPoolExecutor
    options = {} if threads else {"mp_context": get_context("spawn")}
    with make(2, **options) as executor:
        assert sweep(material, SILENCES, detector="energy", executor=executor) == alone


def test_what_cannot_be_tried_is_refused():
    with pytest.raises(ConfigError, match="threshold"):
        sweep([with_pause(0.3)], {"threshold": (2,)}, detector=Loudness)
    with pytest.raises(ValueError, match="needs labelled clips, found none"):
        sweep([], USUAL_GRID)
    clip = with_pause(0.3).clip
    for unlabelled in (clip, [clip]):
        with pytest.raises(TypeError, match=r"needs clips with labels, found Clip\("):
            sweep(unlabelled)


# what to take


def test_what_surely_costs_less_is_recommended_with_what_it_changes():
    found = of((500, waited(520, cut_offs=30)), (800, waited(820, cut_offs=0))).recommend()
    assert found.trial.vad == found.default.vad  # 300 ms more for 30 in 100: the same
    found = of((500, waited(520, cut_offs=60)), (800, waited(820, cut_offs=2))).recommend()
    assert silence(found) == 800
    assert found.trade_off == (
        "Beside the default it waits 300 ms more and cuts off 58 fewer in 100. Quicker: "
        "server_vad, threshold 0.5, padding 300 ms, silence 500 ms waits 300 ms less and cuts off "
        "58 more in 100."
    )


def test_more_cut_offs_misses_or_false_onsets_are_never_recommended():
    worse = of((500, waited(520)), (200, waited(220, cut_offs=1))).recommend()
    assert silence(worse) == 500
    assert worse.trade_off == (
        "Keep the default: in 100 utterances nothing is surely better. Quicker: server_vad, "
        "threshold 0.5, padding 300 ms, silence 200 ms waits 300 ms less and cuts off 1 more in "
        "100."
    )
    assert silence(of((500, waited(520)), (200, waited(220, false_onsets=1))).recommend()) == 500
    assert silence(of((500, waited(520)), (200, waited(220))).recommend()) == 200


def test_a_gain_that_may_be_luck_is_not_recommended():
    assert silence(of((500, waited(520, count=5)), (400, waited(420, count=5))).recommend()) == 500


def test_what_happens_less_than_once_in_100_is_told_as_well():
    rare = waited(220, cut_offs=1, count=400)
    said = of((500, waited(520, count=400)), (200, rare)).recommend().trade_off
    assert said.endswith("waits 300 ms less and cuts off 0.2 more in 100.")


def test_words_for_what_stays_the_same():
    said = of((500, waited(520, 3)), (400, waited(420, 3))).recommend().trade_off
    assert said == "Beside the default it waits 100 ms less and cuts off as many."


def test_a_recommendation_is_tried_on_clips_it_never_saw():
    learnt = [with_pause(0.64, str(number)) for number in range(20)]
    advice = sweep(learnt, SILENCES, detector=Loudness).recommend()
    assert silence(advice) == 900
    there = advice.on([with_pause(0.6)], detector=Loudness)
    assert (there.trial.score.cut_offs, there.default.score.cut_offs) == (0, 1)
    assert re.match(
        r"On 1 other utterances it waits \d+ ms more and cuts off 100 fewer in 100: it costs "
        r"15\d\d ms with the default and 9\d\d ms with it\.",
        there.trade_off,
    )
    elsewhere = advice.on([with_pause(0.2)], detector=Loudness)
    assert elsewhere.trial.score.cost_ms > elsewhere.default.score.cost_ms
    kept = of((500, waited(520))).recommend()
    assert kept.on([with_pause(0.2)], detector=Loudness).trade_off == "It is the default."


# how it looks


def test_the_table_has_the_lowest_cost_first():
    made = of((500, waited(520)), (200, waited(220, cut_offs=9)), (400, waited(420)))
    assert [row[1] for row in made.table().rows] == ["310", "420", "520"]
    assert len(made.table(2).rows) == 2
    assert "100 utterances in 0 s. Cost: mean wait in ms + 1,000 x cut-offs" in made._repr_html_()
    assert str(made.table(1)).count("server_vad") == 1
    assert repr(made) == "Sweep(3 settings, 100 utterances)"


def test_a_recommendation_shows_both_settings_under_what_it_changes():
    found = of((500, waited(520)), (400, waited(420))).recommend()
    assert [row[0] for row in found.sheet().rows] == ["recommended", "default"]
    assert "waits 100 ms less" in str(found)
    assert repr(found).startswith("Recommendation(server_vad, threshold 0.5")
