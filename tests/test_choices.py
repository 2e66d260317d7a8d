import warnings

import pytest

from rtkit import catalog
from rtkit.choices import NoiseReduction, RetiredModelWarning, VADMode, Voice, warn_of_the_end
from rtkit.schema import field


def test_the_voices_are_those_of_the_table_and_of_the_catalog():
    names = tuple(voice.value for voice in Voice)
    assert names == field("audio.output.voice").allowed
    assert names == tuple(voice.name for voice in catalog.voices())


def test_the_modes_hold_every_turn_detection_of_the_wire():
    wire = field("audio.input.turn_detection.type").allowed
    assert wire == (VADMode.SERVER.value, VADMode.SEMANTIC.value)


def test_noise_reduction_is_as_on_the_wire():
    kinds = tuple(kind.value for kind in NoiseReduction)
    assert kinds == field("audio.input.noise_reduction.type").allowed


def test_a_choice_reads_as_its_wire_string():
    assert f"{Voice.CORAL}" == "coral" == Voice.CORAL
    assert Voice("coral") is Voice.CORAL


def test_a_warning_points_at_the_line_that_named_the_model():
    with pytest.warns(RetiredModelWarning, match="2027-02-26.*gpt-transcribe") as told:
        warn_of_the_end("whisper-1")
    assert told[0].filename == __file__


@pytest.mark.parametrize("name", ["gpt-realtime-2.1", "my-deployment"])
def test_active_and_unknown_models_are_no_reason_to_warn(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_the_end(name)
