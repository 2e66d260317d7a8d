import pytest

from rtkit.choices import UseCase
from rtkit.errors import ConfigError
from rtkit.linter import lint
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.usecases import PRESETS, preset, settings_for


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


@pytest.mark.parametrize("use_case", UseCase)
@pytest.mark.parametrize("target", ["embedded", "openai"])
def test_the_linter_warns_of_none_of_them(use_case, target):
    findings = lint(RealtimeSessionConfig(**settings_for(use_case)), target=target)
    assert not findings.errors
    assert not findings.warnings


def test_a_preset_shows_every_setting_with_its_reason():
    shown = preset("noisy_room")
    markdown = shown._repr_markdown_()
    for name, choice in PRESETS[UseCase.NOISY_ROOM].items():
        assert f"`{name}`" in markdown
        assert choice.why in markdown
    assert "<table" in shown._repr_html_()
    with pytest.raises(ConfigError, match="use_case: found 'party'; allowed: 'voice_assistant'"):
        preset("party")
