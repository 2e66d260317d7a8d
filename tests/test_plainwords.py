import pytest

from rtkit.choices import VADMode
from rtkit.plainwords import BANDS, CHOICES, MEANINGS, MODES, SAID, meaning_of
from rtkit.schema import FIELDS, field

WITH_WORDS = [
    row.path
    for row in FIELDS
    if not row.read_only
    and not row.path.startswith(("tools[]", "tool_choice."))
    and not row.path.endswith(("[]", "*"))
    and not row.path.startswith("input[]")
]


def test_every_field_has_its_words_and_no_other():
    assert set(MEANINGS) == set(WITH_WORDS)
    assert all(words.endswith(".") for words in MEANINGS.values())


@pytest.mark.parametrize("path", BANDS)
def test_every_value_of_a_slider_means_something(path):
    row = field(path)
    low, high = row.low or 0, row.high or 3000
    said = [meaning_of(path, low + (high - low) * n / 50) for n in range(51)]
    assert all(said)
    assert len(set(said)) >= 3
    bounds = [bound for bound, _ in BANDS[path]]
    assert bounds == sorted(bounds)


def test_choices_are_those_of_the_fields():
    for path, value in CHOICES:
        assert value is None or value in field(path).allowed
    assert set(SAID) <= set(MEANINGS)
    assert meaning_of("audio.input.turn_detection.idle_timeout_ms", 6000) == "after 6 s of silence"
    assert meaning_of("audio.input.turn_detection.idle_timeout_ms", None) == "never"
    assert meaning_of("max_output_tokens", "inf") == "no limit"
    assert meaning_of("tools", []) == ""
    assert meaning_of("voice", "sage") == ""


def test_every_way_to_end_a_turn_has_its_words():
    assert set(MODES) == {mode.value for mode in VADMode}
    assert "button" in meaning_of("audio.input.turn_detection.type", "manual")
