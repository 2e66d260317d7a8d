"""A configuration made by hand: frozen values, reasons, and what comes back with its mode."""

import warnings

import pytest

from rtkit.config import RealtimeSessionConfig, TranscriptionSessionConfig, UseCase, VADMode
from rtkit.draft import Draft, as_config
from rtkit.errors import ConfigError


def test_each_step_makes_a_new_configuration():
    draft = Draft(RealtimeSessionConfig(voice="sage"))
    first = draft.config
    second = draft.set("silence_duration_ms", 700)
    assert (first.silence_duration_ms, second.silence_duration_ms) == (500, 700)
    assert draft.config is second
    assert second.voice == "sage"


def test_a_refused_step_changes_nothing():
    draft = Draft(RealtimeSessionConfig())
    before = draft.config
    with pytest.raises(ConfigError, match="vad_threshold: found 2"):
        draft.set("vad_threshold", 2)
    assert draft.config is before


@pytest.mark.parametrize("kind", [RealtimeSessionConfig, TranscriptionSessionConfig])
@pytest.mark.parametrize("other", ["semantic_vad", "manual", "client_vad"])
def test_an_idle_timeout_goes_with_its_mode_and_comes_back_with_it(kind, other):
    draft = Draft(kind(idle_timeout_ms=6000, vad_threshold=0.7))
    assert draft.set("vad_mode", other).idle_timeout_ms is None
    draft.set("prefix_padding_ms", 200)
    back = draft.set("vad_mode", "server_vad")
    assert (back.idle_timeout_ms, back.vad_threshold) == (6000, 0.7)


def test_a_mode_says_nothing_of_an_idle_timeout_that_never_was():
    draft = Draft(RealtimeSessionConfig())
    assert draft.set("vad_mode", "manual").given() == {"vad_mode": VADMode.MANUAL}


def test_an_idle_timeout_that_was_turned_off_stays_off():
    draft = Draft(RealtimeSessionConfig(idle_timeout_ms=6000))
    draft.set("idle_timeout_ms", None)
    draft.set("vad_mode", VADMode.MANUAL)
    assert draft.set("vad_mode", VADMode.SERVER).idle_timeout_ms is None


def test_a_use_case_gives_reasons_until_it_is_changed():
    draft = Draft(RealtimeSessionConfig(instructions="Be brief."))
    draft.load("noisy_room")
    assert draft.use_case is UseCase.NOISY_ROOM
    assert draft.config.instructions == "Be brief."
    why = {reason.setting: reason.why for reason in draft.explanation}
    assert why["vad_threshold"].startswith("NOISY_ROOM: ")
    draft.set("vad_threshold", 0.6)
    assert draft.use_case is None
    why = {reason.setting: reason.why for reason in draft.explanation}
    assert why["vad_threshold"] == "You said so."


def test_a_session_that_only_writes_down_has_no_use_case_and_no_reasons():
    draft = Draft(TranscriptionSessionConfig())
    draft.load("noisy_room")
    assert draft.config == TranscriptionSessionConfig()
    assert draft.use_case is draft.explanation is None


def test_a_model_that_ends_is_chosen_without_a_warning():
    draft = Draft(RealtimeSessionConfig())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert draft.set("transcription_model", "whisper-1").transcription_model == "whisper-1"


def test_a_session_dict_is_a_configuration_too():
    assert as_config({"instructions": "Hi."}).instructions == "Hi."
    assert isinstance(as_config({"type": "transcription"}), TranscriptionSessionConfig)
    with pytest.raises(ConfigError, match=r"session\.voice"):
        as_config({"voice": "sage"})


@pytest.mark.parametrize("wrong", [None, 3, "coral", RealtimeSessionConfig])
def test_what_is_no_configuration_is_told(wrong):
    with pytest.raises(TypeError, match="a configuration is a RealtimeSessionConfig"):
        as_config(wrong)
