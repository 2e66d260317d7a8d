import pytest

from rtkit.choices import UseCase
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.usecases import PRESETS, settings_for


@pytest.mark.parametrize("use_case", UseCase)
def test_every_use_case_sets_something_that_a_session_can_have_and_says_why(use_case):
    assert PRESETS[use_case]
    assert all(choice.why for choice in PRESETS[use_case].values())
    config = RealtimeSessionConfig(**settings_for(use_case))
    for name, choice in PRESETS[use_case].items():
        assert getattr(config, name) == choice.value


def test_the_phone_line_carries_mu_law_both_ways():
    audio = RealtimeSessionConfig(**settings_for(UseCase.TELEPHONY)).to_session()["audio"]
    assert audio["input"]["format"] == audio["output"]["format"] == {"type": "audio/pcmu"}
