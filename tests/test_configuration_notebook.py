"""Notebook 04: its measure, what it claims, and its exercises, which judge by a real server."""

import pytest
from lessonbook import Lesson

import rtkit
from rtkit import RealtimeConfigBuilder, UseCase
from rtkit.linter import RULES

LESSON = Lesson("04_configuration")
TOLD = " ".join(cell.source for cell in LESSON.prose)


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=5)


def test_the_smallest_configuration_sends_as_many_settings_as_it_says():
    def count(value):
        return sum(map(count, value.values())) if isinstance(value, dict) else 1

    assert count(RealtimeConfigBuilder().build().to_session()) == 23
    assert "Twenty-three." in TOLD


def test_it_names_as_many_rules_as_there_are():
    assert f"{len(RULES)} rules" in TOLD


def test_what_use_cases_differ_in_most_are_voice_and_turns():
    choices = [name for case in UseCase for name in rtkit.preset(case).choices]
    most = sorted(set(choices), key=choices.count)[-3:]
    assert most == ["silence_duration_ms", "vad_mode", "voice"]


@pytest.mark.parametrize(("silence_ms", "count"), [(200, 1), (299, 1), (300, 0), (700, 0)])
def test_the_panel_finds_a_silence_that_is_too_short(silence_ms, count):
    panel = rtkit.ConfigPanel(
        RealtimeConfigBuilder().with_vad("server_vad", silence_ms=700).build()
    )
    panel.value = panel.value.replace(silence_duration_ms=silence_ms)
    assert len(panel.findings.at("audio.input.turn_detection.silence_duration_ms")) == count


def test_the_lessons_preset_is_what_its_builder_makes():
    (source,) = [cell.source for cell in LESSON.code if cell.source.startswith("lesson = ")]
    exec(source, names := {})
    builder = RealtimeConfigBuilder().for_use_case(UseCase.TELEPHONY)
    with pytest.warns(rtkit.RetiredModelWarning):
        builder.with_settings(model="gpt-4o-realtime-preview", transcription_model="whisper-1")
    made = builder.config.get_api_config()
    del made["turn_detection"]["prefix_padding_ms"]  # which the lesson forgot
    assert names["lesson"] == made


@pytest.mark.parametrize("names", [("instructions", "voice"), ("voice", "instructions")])
def test_nothing_of_an_update_with_a_field_of_the_beta_is_taken(names):
    wish = {"instructions": "Speak like a pirate.", "voice": "coral"}
    with rtkit.connect() as session:
        before = session.effective
        with pytest.raises(rtkit.SessionError):
            session.update({name: wish[name] for name in names})
        assert session.effective == before


@pytest.mark.parametrize("setting", [{"idle_timeout_ms": 6000}, {"threshold": 0.5}])
def test_what_goes_with_silence_only_is_refused_beside_semantic_detection(setting):
    detection = {"type": "semantic_vad", **setting}
    wish = {"type": "realtime", "audio": {"input": {"turn_detection": detection}}}
    assert rtkit.lint(wish).errors
