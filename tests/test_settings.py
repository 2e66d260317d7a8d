from typing import ClassVar

import pytest

from rtkit.errors import ConfigError
from rtkit.settings import Settings


class Speech(Settings):
    PATHS: ClassVar = {"speed": "audio.output.speed"}

    speed: float = 1.0
    notes: tuple[dict, ...] = ()


def test_a_value_is_checked_by_the_row_of_the_table_it_becomes():
    assert Speech(speed=0.25).speed == 0.25
    with pytest.raises(ConfigError, match=r"speed: found 9.0; allowed: .* from 0.25 to 1.5\. Pass"):
        Speech(speed=9)


def test_a_wrong_type_says_the_same_as_a_wrong_value():
    with pytest.raises(ConfigError, match=r"speed: found 'fast'; allowed: .* from 0.25 to 1.5"):
        Speech(speed="fast")


def test_an_unknown_name_is_told_with_the_nearest_known_one():
    with pytest.raises(ConfigError, match=r"sped: Speech has no such setting. .* 'speed'"):
        Speech(sped=1)


def test_several_mistakes_are_all_told():
    with pytest.raises(ConfigError) as error:
        Speech(speed="fast", volume=1)
    assert [line.split(":")[0] for line in str(error.value).split("\n")] == ["speed", "volume"]


def test_values_may_stand_in_order_as_in_a_dataclass():
    assert Speech(1.2) == Speech(speed=1.2)
    with pytest.raises(ConfigError, match="given twice"):
        Speech(1.2, speed=1.2)
    with pytest.raises(ConfigError, match="at most 2 values by position, found 3"):
        Speech(1, (), 3)


def test_a_made_object_does_not_change_and_says_how_to_make_another():
    speech = Speech()
    with pytest.raises(ConfigError, match=r"config.replace\(speed=1.2\)"):
        speech.speed = 1.2
    assert speech.replace(speed=1.2) == Speech(speed=1.2)
    assert speech == Speech()


def test_a_copy_keeps_what_was_given_and_nothing_else():
    assert Speech(speed=1.0).replace(notes=()).given() == {"speed": 1.0, "notes": ()}
    assert Speech().given() == {}


def test_nothing_is_shared_with_what_was_passed_in():
    note = {"text": "one"}
    speech = Speech(notes=[note])
    note["text"] = "two"
    speech.given()["notes"][0]["text"] = "three"
    assert speech.notes == ({"text": "one"},)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Speech.model_validate({"speed": 9}),
        lambda: Speech.model_validate_json('{"speed": 9}'),
        lambda: Speech.model_validate(3),
        lambda: Speech().replace(speed=9),
    ],
)
def test_every_way_in_ends_in_the_same_error(make):
    with pytest.raises(ConfigError):
        make()


def test_it_reads_as_the_call_that_made_it():
    assert repr(Speech(speed=1.2)) == "Speech(speed=1.2)"
    assert repr(Speech()) == "Speech()"
