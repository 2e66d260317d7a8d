import numpy as np
import pytest

from rtkit.detectors import listen
from rtkit.material import PAUSE_LIMITS_S, QUIET, UTTERANCES, synthetic_set
from rtkit.scores import score_frames
from rtkit.segments import segment


@pytest.fixture(scope="module")
def clean():
    return synthetic_set(4, seed=5)


def within(made, start, end):
    rate = made.clip.rate
    return np.abs(made.clip.samples[round(start * rate) : round(end * rate)])


def test_speech_is_where_the_labels_say_to_the_sample(clean):
    for made in clean:
        for start, end in made.speech:
            sound = within(made, start, end)
            assert min(sound[0], sound[-1]) > QUIET
        for start, end in made.pauses:
            assert not within(made, start, end).any()
        spoken = sum(within(made, *stretch).sum() for stretch in made.utterances)
        assert spoken == pytest.approx(np.abs(made.clip.samples).sum())


def test_pauses_are_as_long_as_told_and_longer_for_the_hesitant():
    def pauses(seconds):
        made = synthetic_set(10, seed=2, pause_s=seconds)
        return np.array([end - start for one in made for start, end in one.pauses])

    brisk, hesitant = pauses(0.2), pauses(0.8)
    assert np.median(brisk) == pytest.approx(0.2, rel=0.35)
    assert np.median(hesitant) == pytest.approx(0.8, rel=0.35)
    assert PAUSE_LIMITS_S[0] - 0.001 < brisk.min()
    assert hesitant.max() < PAUSE_LIMITS_S[1] + 0.001


def lengths(made):
    return [end - start for one in made for start, end in one.pauses]


def test_the_same_seed_says_the_same_and_another_something_else(clean):
    again, other = synthetic_set(4, seed=5), synthetic_set(4, seed=6)
    assert lengths(again) == pytest.approx(lengths(clean), abs=1e-4)
    for one, same in zip(clean, again, strict=True):
        assert [word.text for word in one.words] == [word.text for word in same.words]
        assert np.allclose(one.utterances, same.utterances, atol=0.02)  # espeak-ng is not exact
    assert lengths(other) != lengths(clean)


def test_noise_is_as_loud_as_told_and_leaves_the_pauses(clean):
    noisy = synthetic_set(4, seed=5, noise="white", snr_db=10)
    assert lengths(noisy) == pytest.approx(lengths(clean), abs=1e-4)
    for made in noisy:
        quiet = np.concatenate([within(made, *pause) for pause in made.pauses] or [[1.0]])
        speech = np.concatenate([within(made, *stretch) for stretch in made.speech])
        ratio = 10 * np.log10(np.mean(speech**2) / np.mean(quiet**2))
        assert not made.pauses or ratio == pytest.approx(10.4, abs=1.5)  # speech with its noise
        assert made.name.endswith("white at 10 dB")


def test_each_word_has_the_place_where_it_ends(clean):
    known = {word.lower() for phrases in UTTERANCES for p in phrases for word in p.split()}
    for made in clean:
        places = [word.at_ms for word in made.words]
        assert places == sorted(places)
        assert {word.text for word in made.words} <= known
        ends = {round(1000 * end, 3) for _, end in made.speech}
        assert ends <= {round(place, 3) for place in places}


def test_a_detector_hears_speech_where_the_labels_have_it(clean):
    for made in clean:
        assert score_frames(made, listen(made.clip)).f1 > 0.9


def test_the_words_end_the_turn_sooner_where_the_sentence_is_finished(clean):
    made = clean[0]
    heard, vad = listen(made.clip), {"type": "semantic_vad", "eagerness": "medium"}
    by_words = segment(heard, vad, made.words).segments[-1]
    by_pauses = segment(heard, vad).segments[-1]
    assert by_words.wait_ms != by_pauses.wait_ms
