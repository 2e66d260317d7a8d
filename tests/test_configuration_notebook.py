"""Notebook 04: its measure, what it claims, and its exercises, which judge by a real server."""

import contextlib
import io
import itertools
import warnings

import pytest
from lessonbook import Lesson

import rtkit
from rtkit import RealtimeConfigBuilder, UseCase, events
from rtkit.linter import RULES

LESSON = Lesson("04_configuration")
EXERCISES = [cell.source for cell in LESSON.code if '"Not yet."' in cell.source]
TOLD = " ".join(cell.source for cell in LESSON.prose)


@pytest.fixture(scope="module")
def names():
    """The names that stand when the exercises begin, their session open."""
    found = {}
    exec("import rtkit\nfrom rtkit import RealtimeConfigBuilder, UseCase, VADMode, Voice", found)
    for needed in ("shop = ", "flat = ", "def send", "lesson = ", "kitchen = "):
        (source,) = [cell.source for cell in LESSON.code if needed in cell.source]
        exec(source, found)
    yield found
    found["session"].close()


@pytest.fixture
def verdict(names):
    def verdict(number, answer):
        """What an exercise says of an answer, in Python, that stands in for its first lines."""
        _, _, check = EXERCISES[number - 1].partition("\n\n")
        told = io.StringIO()
        with warnings.catch_warnings(), contextlib.redirect_stdout(told):
            warnings.simplefilter("ignore")  # that models of the lesson have ended
            exec(f"{answer}\n{check}", dict(names))
        return told.getvalue().splitlines()[-1]

    return verdict


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound_and_every_exercise_begins_unsolved():
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


def test_the_lessons_preset_is_what_its_builder_makes(names):
    builder = RealtimeConfigBuilder().for_use_case(UseCase.TELEPHONY)
    with pytest.warns(rtkit.RetiredModelWarning):
        builder.with_settings(model="gpt-4o-realtime-preview", transcription_model="whisper-1")
    made = builder.config.get_api_config()
    del made["turn_detection"]["prefix_padding_ms"]  # which the lesson forgot
    assert names["lesson"] == made


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_solution_is_right(verdict, number):
    assert verdict(number, LESSON.answers[number - 1]) == "Right."


@pytest.mark.parametrize("guess", list(itertools.product([False, True], repeat=4)))
def test_only_one_guess_is_right(verdict, guess):
    wishes = dict(zip(("16 kHz", "null", "none", "both"), guess, strict=True))
    expected = "Right." if guess == (True, False, True, True) else "Not yet."
    assert verdict(1, f"refused = {wishes}") == expected


WRONG_PHONES = {
    "the size of the lesson's frames": "frame_bytes = 320",
    "no more patience": "phone = phone.replace(silence_duration_ms=500)",
    "a model that ends": "phone = phone.replace(transcription_model='whisper-1')",
    "no instructions": "phone = phone.replace(instructions='')",
    "the sound of a computer": (
        "phone = phone.replace(input_audio_format='pcm16', output_audio_format='pcm16')"
    ),
    "the other law": (
        "phone = phone.replace(input_audio_format='g711_alaw', output_audio_format='g711_alaw')"
    ),
    "an old name left": "phone = phone.to_session() | {'temperature': 0.8}",
}


@pytest.mark.parametrize("change", WRONG_PHONES.values(), ids=WRONG_PHONES)
def test_a_phone_line_that_is_half_mended_is_not_right(verdict, change):
    assert verdict(2, LESSON.answers[1] + change) == "Not yet."


WRONG_COOKS = {
    "hears the radio": "cook = cook.replace(vad_threshold=0.3)",
    "is deaf": "cook = cook.replace(vad_threshold=0.9)",
    "knows no language": "cook = cook.replace(transcription_language=None)",
    "has no task": "cook = cook.replace(instructions='')",
}


@pytest.mark.parametrize("change", WRONG_COOKS.values(), ids=WRONG_COOKS)
def test_a_kitchen_that_is_half_mended_is_not_right(verdict, change):
    assert verdict(3, LESSON.answers[2] + change) == "Not yet."


def test_an_answer_that_comes_by_itself_and_on_demand_is_refused():
    with rtkit.connect() as session:
        session.send(events.user_text("Count to twenty."))
        session.send(events.create_response())
        session.send(events.create_response(), at_once=True)
        error = session.wait_for("error").event["error"]
    assert error["code"] == "conversation_already_has_active_response"
    assert error["code"] in TOLD


@pytest.mark.parametrize("setting", [{"idle_timeout_ms": 6000}, {"threshold": 0.5}])
def test_what_goes_with_silence_only_is_refused_beside_semantic_detection(setting):
    detection = {"type": "semantic_vad", **setting}
    wish = {"type": "realtime", "audio": {"input": {"turn_detection": detection}}}
    assert rtkit.lint(wish).errors
