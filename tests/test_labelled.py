import re

import numpy as np
import pytest

from rtkit.clip import Clip
from rtkit.errors import AudioError
from rtkit.labelled import SUFFIX, Labelled


def tone(seconds, rate=24_000):
    return Clip(0.3 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate), rate)


@pytest.fixture
def talk():
    """Speech at 0.5-1.5 and 1.8-2.8 s, one utterance; and at 4.8-5.3 s."""
    quiet = Clip.silence
    return quiet(0.5) + tone(1) + quiet(0.3) + tone(1) + quiet(2) + tone(0.5) + quiet(1)


def test_speech_is_the_utterances_without_their_pauses():
    made = Labelled(Clip.silence(5), ((3, 4), (0.5, 2.5)), pauses=((1, 1.2), (1.5, 2.5)))
    assert made.utterances == ((0.5, 2.5), (3, 4))
    assert made.speech == ((0.5, 1), (1.2, 1.5), (3, 4))


@pytest.mark.parametrize(
    ("utterances", "pauses", "said"),
    [
        (((0, 2), (1, 3)), (), r"do not overlap, found \(1\.0, 3\.0\) after 2\.0"),
        (((1, 1),), (), r"found \(1\.0, 1\.0\)"),
        (((1, 9),), (), r"within the 5\.000 s of the clip"),
        (((-1, 1),), (), r"found \(-1\.0, 1\.0\)"),
        (((1, 2),), ((2, 3),), r"the pause \(2\.0, 3\.0\) lies in no utterance"),
    ],
)
def test_labels_that_cannot_be_are_refused(utterances, pauses, said):
    with pytest.raises(ValueError, match=f"mine: .*{said}"):
        Labelled(Clip.silence(5), utterances, "mine", pauses)


def test_saved_for_audacity_it_comes_back(tmp_path, talk):
    made = Labelled(talk, ((0.5, 2.8), (4.8, 5.3)), "talk", ((1.5, 1.8),))
    made.save(tmp_path / "talk.wav")
    back = Labelled.load(tmp_path / "talk.wav")
    assert (back.utterances, back.pauses, back.name) == (made.utterances, made.pauses, "talk")
    assert np.allclose(back.clip.samples, talk.samples, atol=1e-4)
    lines = (tmp_path / f"talk{SUFFIX}").read_text().splitlines()
    assert lines[0] == "0.500000\t2.800000\tutterance"


def test_a_recording_without_labels_is_told_where_they_would_come_from(tmp_path, talk):
    talk.save(tmp_path / "talk.wav")
    with pytest.raises(FileNotFoundError, match=r"talk\.labels\.txt.* Export them from Audacity"):
        Labelled.load(tmp_path / "talk.wav")
    with pytest.raises(AudioError, match=r"no such file: .*other\.wav"):
        Labelled.load(tmp_path / "other.wav")


def test_by_energy_short_silences_are_pauses_and_long_ones_end_an_utterance(talk):
    found = Labelled.by_energy(talk, "talk")
    assert np.allclose(found.utterances, ((0.5, 2.8), (4.8, 5.3)), atol=0.02)
    assert np.allclose(found.pauses, ((1.5, 1.8),), atol=0.02)
    assert len(Labelled.by_energy(talk, turn_gap_s=0.2).utterances) == 3


def test_by_energy_silence_and_clicks_hold_no_speech():
    click = Clip(np.r_[np.zeros(24_000), np.ones(100), np.zeros(24_000)] * 0.5, 24_000)
    assert Labelled.by_energy(Clip.silence(2)).utterances == ()
    assert Labelled.by_energy(click).utterances == ()


def test_a_folder_is_labelled_by_its_files_and_else_by_energy(tmp_path, talk):
    Labelled(talk, ((0.4, 5.4),), "b").save(tmp_path / "b.wav")
    talk.save(tmp_path / "a.wav")
    (tmp_path / "a.txt").write_text("what is said, which is no label\n")
    by_energy, by_hand = Labelled.folder(tmp_path)
    assert (by_energy.name, len(by_energy.utterances)) == ("a", 2)
    assert (by_hand.name, by_hand.utterances) == ("b", ((0.4, 5.4),))
    assert re.match(r"Labelled\('b', 1 utterances, 0 pauses, Clip\(", repr(by_hand))


@pytest.mark.speech
def test_each_short_recording_of_a_person_is_one_utterance(speech_folder):
    clip = Clip.load(speech_folder / "weather-question.wav")
    (utterance,) = Labelled.by_energy(clip).utterances
    assert utterance[1] == pytest.approx(clip.speech_end, abs=0.2)
