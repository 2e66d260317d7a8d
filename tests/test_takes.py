"""Takes by number: which one is chosen, and what is said of their sound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.clip import Clip
from rtkit.errors import AudioError
from rtkit.widgets.takes import CLIPPED, QUIET, SILENT, Take, Takes, verdict

SOUND = Clip(np.linspace(-0.5, 0.5, 2400), 24_000)


def takes(count):
    made = Takes()
    for _ in range(count):
        made.add(Take(SOUND, "microphone"))
    return made


def test_the_newest_take_is_the_chosen_one_until_another_is_chosen():
    made = takes(2)
    assert made.chosen == 2
    made.choose(1)
    assert made.chosen == 1
    assert made.add(Take(SOUND, "phrase")) == made.chosen == 3


def test_when_the_chosen_take_is_deleted_the_newest_that_is_left_is_chosen():
    made = takes(3)
    made.delete(3)
    assert made.chosen == 2
    made.choose(1)
    made.delete(2)
    assert made.chosen == 1
    made.delete(1)
    assert made.chosen is None


@pytest.mark.parametrize("act", [Takes.choose, Takes.delete])
def test_a_number_that_no_take_has_is_refused_with_those_that_there_are(act):
    with pytest.raises(AudioError, match=r"no take 7. There are: 1, 2"):
        act(takes(2), 7)
    with pytest.raises(AudioError, match="There are: none yet"):
        act(Takes(), 1)


@given(st.lists(st.one_of(st.none(), st.integers(1, 8)), max_size=20))
def test_numbers_are_never_given_twice_and_one_is_chosen_as_long_as_there_is_one(story):
    made, given_out = Takes(), []
    for number in story:
        if number is None:
            given_out.append(made.add(Take(SOUND, "file")))
        elif number in made.clips():
            made.delete(number)
        assert (made.chosen in made.clips()) == bool(made.clips())
    assert given_out == list(range(1, len(given_out) + 1))


def test_a_row_tells_length_and_level_in_what_json_can_hold():
    made = Takes()
    made.add(Take(Clip.silence(0.5), "file", "quiet.wav", "cut short"))
    [row] = made.rows()
    assert row == {
        **{"number": 1, "source": "file", "title": "quiet.wav", "note": "cut short"},
        **{"seconds": 0.5, "level": None, "clipped": False},
    }


@pytest.mark.parametrize(
    ("peak", "said"),
    [(0.0, SILENT), (0.009, QUIET), (0.011, ""), (0.9, ""), (1.0, CLIPPED)],
)
def test_a_verdict_on_the_level_names_what_to_do(peak, said):
    tone = np.clip(1.2 * np.sin(np.arange(2400) / 4), -1, 1)
    assert verdict(Clip(peak * tone, 24_000)) == said


def test_two_loud_samples_are_not_yet_clipping():
    loud = np.zeros(2400)
    loud[[100, 900]] = 1.0
    assert verdict(Clip(loud, 24_000)) == ""
    loud[1500] = -1.0
    assert verdict(Clip(loud, 24_000)) == CLIPPED
