"""The form is a table over the field table: it repeats no range, no choice and no word."""

import pytest

from rtkit.config import CustomVoice, RealtimeSessionConfig, TranscriptionSessionConfig, VADMode
from rtkit.form import (
    ENTRIES,
    FORM,
    PATHS,
    SUGGESTED,
    by_setting,
    choices,
    meaning,
    setting_at,
    suggestions,
    visible,
)
from rtkit.linter import lint
from rtkit.schema import FIELDS

SOUGHT = RealtimeSessionConfig()
MODES = {"server_vad": SOUGHT, **{mode.value: SOUGHT.replace(vad_mode=mode) for mode in VADMode}}
DETECTION = {
    "vad_threshold",
    "prefix_padding_ms",
    "silence_duration_ms",
    "idle_timeout_ms",
    "eagerness",
    "create_response",
    "interrupt_response",
}


@pytest.mark.parametrize("setting", ENTRIES)
def test_every_entry_is_a_setting_with_a_row_and_words(setting):
    assert setting in RealtimeSessionConfig.model_fields
    assert ENTRIES[setting].row in FIELDS
    assert meaning(setting, SOUGHT)


def test_labels_are_short_and_differ_on_their_page():
    for entries in FORM.values():
        labels = [entry.label for entry in entries]
        assert len(set(labels)) == len(labels)
        kinds = {entry.label: entry.kind for entry in entries}
        assert all(len(label) <= 20 or kinds[label] == "switch" for label in labels)


@pytest.mark.parametrize("setting", [n for n, e in ENTRIES.items() if e.kind == "choice"])
def test_every_choice_that_is_offered_is_taken(setting):
    offered = choices(setting, SOUGHT)
    assert len(offered) == len(set(offered)) >= 2
    for value in offered:
        SOUGHT.replace(**{setting: value})


def test_sliders_end_where_the_table_says_or_where_the_form_does():
    for setting, entry in ENTRIES.items():
        if entry.kind == "slider":
            assert (entry.row.high is None) == (entry.end > 0), setting


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        ("server_vad", DETECTION - {"eagerness"}),
        ("semantic_vad", {"eagerness", "create_response", "interrupt_response"}),
        ("client_vad", DETECTION - {"eagerness", "idle_timeout_ms"}),
        ("manual", set()),
    ],
)
def test_what_a_mode_does_not_know_is_not_shown(mode, shown):
    assert set(visible(MODES[mode])) & DETECTION == shown


def test_what_is_only_spoken_is_hidden_where_answers_are_written():
    hidden = set(visible(SOUGHT)) - set(visible(SOUGHT.replace(output_modalities="text")))
    assert hidden == {"voice", "speed", "output_audio_format"}


def test_a_session_that_only_writes_down_has_no_answers():
    shown = visible(TranscriptionSessionConfig())
    assert not {"voice", "instructions", "tools", "create_response"} & set(shown)
    assert {"vad_mode", "transcription_model", "noise_reduction"} <= set(shown)


def test_a_value_of_your_own_is_among_the_choices():
    own = RealtimeSessionConfig(voice=CustomVoice(id="voice_1"))
    assert choices("voice", own)[-1] == {"id": "voice_1"}
    force = RealtimeSessionConfig(tool_choice={"type": "function", "name": "look_up"})
    assert choices("tool_choice", force)[-1] == {"type": "function", "name": "look_up"}


def test_models_that_have_ended_are_not_suggested():
    assert "gpt-realtime-2.1" in suggestions("model")
    assert "gpt-4o-realtime-preview" not in suggestions("model")
    assert all(suggestions(setting) for setting in SUGGESTED)


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("session.audio.input.turn_detection.threshold", "vad_threshold"),
        ("session.audio.input.turn_detection", "vad_mode"),
        ("session.audio.input.format.rate", "input_audio_format"),
        ("session.tools[3].parameters", "tools"),
        ("session.tool_choice.name", "tool_choice"),
        ("session.audio.input.transcription.keywords[0]", "transcription_keywords"),
        ("session", None),
        (None, None),
    ],
)
def test_a_path_of_the_wire_leads_to_its_setting(path, setting):
    assert setting_at(path) == setting


def test_findings_stand_at_their_field_or_at_the_end():
    config = RealtimeSessionConfig(silence_duration_ms=200, prompt={"id": "pmpt_1"})
    placed, others = by_setting(lint(config), visible(config))
    assert [found.rule for found in placed["silence_duration_ms"]] == ["silence-short"]
    assert [found.path for found in others] == ["session.prompt"]
    assert placed["vad_mode"] == []


def test_each_path_is_said_once():
    assert len({PATHS[setting] for setting in ENTRIES}) == len(ENTRIES)
