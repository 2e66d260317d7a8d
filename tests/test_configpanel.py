"""The panel without a browser: values in and out, what is shown of them, and what it refuses."""

import json
import re
import warnings

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from nbclient import NotebookClient
from scripted import KEY
from sessioncases import sessions

import rtkit
from rtkit.config import (
    CustomVoice,
    RealtimeSessionConfig,
    RetiredModelWarning,
    TranscriptionSessionConfig,
)
from rtkit.draft import as_config
from rtkit.errors import ConfigError
from rtkit.form import ENTRIES, chosen, visible
from rtkit.linter import lint
from rtkit.settings import plain_value
from rtkit.widgets.configpanel import ConfigPanel
from rtkit.widgets.panelview import family
from rtkit.widgets.sample import SENTENCE, sample

TOOL = {"type": "function", "name": "look_up", "description": "Looks up a word."}
KEYED = {
    "type": "mcp",
    "server_label": "docs",
    "server_url": "https://example.org",
    "authorization": KEY,
}


@pytest.fixture
def panel():
    panel = ConfigPanel(RealtimeSessionConfig(instructions="Be brief."))
    yield panel
    panel.close()


@pytest.fixture(scope="module")
def shared():
    return ConfigPanel()


def move(panel, setting, value):
    """What the page does when a person moves a control."""
    panel._view.form.controls[setting].input.value = value


def control(panel, setting):
    return panel._view.form.controls[setting]


def note(panel, setting):
    """What stands under a field, as words."""
    return re.sub(r"<[^>]*>", " ", panel._view.form.notes[setting].value)


def shown(panel):
    """The settings whose rows are laid out."""
    return [n for n, row in panel._view.form.rows.items() if row.layout.display != "none"]


def tab(panel, name):
    return next(tab for tab in panel._view.sources.tabs if tab["name"] == name)


# ---- values in and out


def test_it_begins_with_the_configuration_that_it_was_given(panel):
    given = RealtimeSessionConfig(voice="sage")
    assert ConfigPanel(given).value is given
    assert ConfigPanel().value == RealtimeSessionConfig()
    assert ConfigPanel({"instructions": "Hi."}).value.instructions == "Hi."


def test_a_control_that_is_moved_makes_a_new_frozen_value(panel):
    before = panel.value
    move(panel, "silence_duration_ms", 700)
    assert panel.value is not before
    assert (before.silence_duration_ms, panel.value.silence_duration_ms) == (500, 700)
    assert panel.value == before.replace(silence_duration_ms=700)
    with pytest.raises(ConfigError, match="never changed"):
        panel.value.voice = "sage"


def test_who_observes_the_value_is_told_once_for_each_change(panel):
    told = []
    panel.observe(lambda change: told.append(change["new"]), "value")
    move(panel, "voice", "coral")
    panel.value = RealtimeSessionConfig(voice="sage", speed=1.2, vad_mode="semantic_vad")
    assert [config.voice for config in told] == ["coral", "sage"]
    assert told[-1] is panel.value


def test_assigning_a_value_moves_every_control(panel):
    panel.value = RealtimeSessionConfig(
        voice="sage", speed=1.2, max_response_tokens="inf", idle_timeout_ms=6000, tools=[TOOL]
    )
    assert control(panel, "voice").input.value == "sage"
    assert control(panel, "speed").input.value == 1.2
    assert control(panel, "max_response_tokens").none.value is True
    assert control(panel, "max_response_tokens").input.disabled is True
    assert control(panel, "idle_timeout_ms").none.value is False
    assert control(panel, "idle_timeout_ms").input.value == 6000
    assert json.loads(control(panel, "tools").input.value) == [TOOL]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(session=sessions("realtime") | sessions("transcription"))
def test_any_configuration_comes_out_as_it_went_in(shared, session):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RetiredModelWarning)
        config = as_config(session)
        shared.value = config
        assert shared.value is config
        assert json.loads(shared.json) == config.to_session()
        made = {"rtkit": rtkit}
        exec(shared.python, made)
        assert made["config"] == config
    assert shown(shared) == visible(config)
    for setting in visible(config):
        assert reads(shared, setting) == wanted(setting, config)
    assert shared.findings == lint(config)
    assert len(re.findall("rtkit-finding", "".join(said(shared)))) == len(shared.findings)


def reads(panel, setting):
    """What a control has, as if the person had just set it."""
    try:
        return control(panel, setting).read(panel.value)
    except ConfigError:
        return "refused"


def wanted(setting, config):
    """What a control may read of a configuration that nobody has touched."""
    if ENTRIES[setting].kind == "choice":
        return chosen(setting, config)
    value = plain_value(getattr(config, setting))
    if ENTRIES[setting].kind == "suggestion":  # a model without a name cannot be chosen
        return value.strip() or "refused"
    return value or None if ENTRIES[setting].kind == "line" else value


def said(panel):
    form = panel._view.form
    yield from (form.notes[setting].value for setting in shown(panel))
    yield panel._view.others.value


def test_what_no_control_shows_survives(panel):
    panel.value = RealtimeSessionConfig(
        voice=CustomVoice(id="voice_1"),
        tracing={"workflow_name": "w"},
        transcription_keywords=["rtkit"],
        temperature=0.6,
        vad_threshold=0.123,
        silence_duration_ms=9000,
    )
    before = panel.value.given()
    move(panel, "speed", 1.25)
    assert panel.value.given() == before | {"speed": 1.25}
    assert control(panel, "silence_duration_ms").input.value == 9000


@pytest.mark.parametrize(
    ("wrong", "error", "told"),
    [
        (3, TypeError, "found int"),
        (None, TypeError, "found NoneType"),
        ("coral", TypeError, "found str"),
        (rtkit.VADConfig(), TypeError, "found VADConfig"),
        ({"voice": "sage"}, ConfigError, r"session\.voice"),
    ],
)
def test_assigning_what_is_no_configuration_changes_nothing(panel, wrong, error, told):
    before, text = panel.value, panel._view.sources.tabs
    with pytest.raises(error, match=told):
        panel.value = wrong
    assert panel.value is before
    assert panel._view.sources.tabs == text


@pytest.mark.parametrize(
    ("options", "told"),
    [({"config": 3}, "found int"), ({"session": "x"}, "found str"), ({"target": 3}, "found 3")],
)
def test_a_panel_of_what_makes_none_is_refused(options, told):
    with pytest.raises(TypeError, match=told):
        ConfigPanel(**options)


# ---- what a person may do


@pytest.mark.parametrize(
    ("setting", "moved", "value"),
    [
        ("model", "gpt-realtime-mini", "gpt-realtime-mini"),
        ("output_modalities", "text", ("text",)),
        ("voice", "marin", "marin"),
        ("instructions", "Be kind.", "Be kind."),
        ("instructions", "", ""),
        ("max_response_tokens", 100, 100),
        ("vad_mode", "manual", "manual"),
        ("vad_threshold", 0.75, 0.75),
        ("create_response", False, False),
        ("transcription_enabled", False, False),
        ("transcription_language", "en", "en"),
        ("transcription_language", "", None),
        ("transcription_prompt", "Names", "Names"),
        ("input_audio_format", "g711_ulaw", "g711_ulaw"),
        ("noise_reduction", "far_field", "far_field"),
        ("noise_reduction", "off", None),
        ("tool_choice", "required", "required"),
        ("tools", json.dumps([TOOL]), (TOOL,)),
    ],
)
def test_each_control_sets_its_field(panel, setting, moved, value):
    panel.value = RealtimeSessionConfig(instructions="Be brief.", noise_reduction="near_field")
    move(panel, setting, moved)
    found = getattr(panel.value, setting)
    assert getattr(found, "value", found) == value


def test_a_number_may_be_none(panel):
    idle = control(panel, "idle_timeout_ms")
    idle.none.value = False
    assert panel.value.idle_timeout_ms == 5000
    move(panel, "idle_timeout_ms", 8000)
    assert "after 8 s of silence" in note(panel, "idle_timeout_ms")
    idle.none.value = True
    assert panel.value.idle_timeout_ms is None
    assert idle.input.disabled
    control(panel, "max_response_tokens").none.value = True
    assert panel.value.max_response_tokens == "inf"


def test_another_mode_shows_other_controls_and_the_first_ones_come_back_as_they_were(panel):
    move(panel, "vad_threshold", 0.65)
    control(panel, "idle_timeout_ms").none.value = False
    move(panel, "vad_mode", "semantic_vad")
    assert "eagerness" in shown(panel)
    assert "silence_duration_ms" not in shown(panel)
    assert panel.value.idle_timeout_ms is None
    move(panel, "vad_mode", "server_vad")
    assert "eagerness" not in shown(panel)
    assert (panel.value.vad_threshold, panel.value.idle_timeout_ms) == (0.65, 5000)
    assert control(panel, "idle_timeout_ms").none.value is False


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[{"type": ', "no JSON (line 1, column 11"),
        ('[{"type": "tool"}]', "found &#x27;tool&#x27;|Invalid value: &#x27;tool&#x27;"),
    ],
)
def test_an_edit_that_is_refused_is_told_under_the_field_and_changes_nothing(panel, text, told):
    before = panel.value
    move(panel, "tools", text)
    assert panel.value is before
    assert "✖ not taken" in note(panel, "tools")
    assert any(each in note(panel, "tools") for each in told.split("|"))
    assert control(panel, "tools").input.value == text
    move(panel, "voice", "coral")  # another field leaves what was typed alone
    assert control(panel, "tools").input.value == text
    move(panel, "tools", json.dumps([TOOL]))
    assert "not taken" not in note(panel, "tools")
    assert panel.value.tools == (TOOL,)


def test_an_edit_that_is_taken_back_is_no_longer_refused(panel):
    move(panel, "model", " ")
    assert "such as gpt-realtime-2.1" in note(panel, "model")
    move(panel, "model", panel.value.model)
    assert "not taken" not in note(panel, "model")


def test_assigning_a_value_forgets_what_was_refused(panel):
    move(panel, "tools", "[")
    panel.value = RealtimeSessionConfig()
    assert control(panel, "tools").input.value == "[]"
    assert "not taken" not in note(panel, "tools")


# ---- what is said


def test_findings_stand_under_their_field_by_word_and_mark(panel):
    assert "advice" not in note(panel, "silence_duration_ms")
    move(panel, "silence_duration_ms", 200)
    assert "a breath ends the turn" in note(panel, "silence_duration_ms")
    assert "● advice" in note(panel, "silence_duration_ms")
    assert "Say 500 for conversation." in note(panel, "silence_duration_ms")
    assert "Turns ● 1" in panel._view.form.box.titles
    assert [found.rule for found in panel.findings][:1] == ["silence-short"]


def test_findings_at_no_field_of_the_form_stand_at_the_end(panel):
    panel.value = RealtimeSessionConfig(prompt={"id": "pmpt_1"})
    assert "session.prompt" in panel._view.others.value.replace("<wbr>", "")


def test_findings_are_about_the_target(panel):
    config = RealtimeSessionConfig(transcription_model="my-own")
    hosted = ConfigPanel(config, target="openai")
    assert hosted.findings == lint(config, target="openai")
    assert hosted.findings != ConfigPanel(config).findings
    assert "▲ warning" in note(hosted, "transcription_model")


def test_the_code_beside_it_follows(panel):
    move(panel, "silence_duration_ms", 700)
    assert tab(panel, "Python")["text"] == panel.python
    assert "silence_duration_ms=700," in panel.python
    assert tab(panel, "JSON")["text"] == panel.json
    assert json.loads(panel.json) == panel.value.to_session()


def test_a_use_case_is_loaded_with_its_reasons(panel):
    panel._view.use_case.value = "noisy_room"
    assert panel.value.vad_threshold == 0.65
    assert panel.value.instructions == "Be brief."
    assert control(panel, "vad_threshold").input.value == 0.65
    assert "NOISY_ROOM: a microphone that hears the room" in tab(panel, "Why")["html"]
    move(panel, "vad_threshold", 0.5)
    assert panel._view.use_case.value == "your own"
    panel._view.use_case.value = "noisy_room"
    assert panel.value.vad_threshold == 0.65


def test_tools_are_listed_with_what_they_are_for(panel):
    panel.value = RealtimeSessionConfig(tools=[TOOL])
    assert "look_up: Looks up a word." in note(panel, "tools")


def test_a_credential_is_shown_nowhere_and_kept(panel):
    panel.value = RealtimeSessionConfig(tools=[KEYED])
    data, _ = panel._repr_mimebundle_()
    views = [str(widget.get_state()) for widget in family(panel)]
    for text in (*views, repr(panel), data["text/html"], data["text/plain"]):
        assert KEY not in text
    assert "***" in tab(panel, "Python")["text"]
    assert "panel.python and panel.json have it" in tab(panel, "JSON")["note"]
    assert KEY in panel.python
    assert KEY in panel.json
    move(panel, "tools", control(panel, "tools").input.value.replace(".org", ".com"))
    assert panel.value.tools[0] == {**KEYED, "server_url": "https://example.com"}


@pytest.mark.parametrize("voice", ["coral", CustomVoice(id="voice_1")])
def test_a_voice_can_be_listened_to_and_says_whose_it_is(panel, voice):
    panel.value = RealtimeSessionConfig(voice=voice)
    panel._view.listen.click()
    heard = "coral" if voice == "coral" else "alloy, in place of your own"
    assert f"the embedded server's voice for {heard}" in note(panel, "voice").replace("&#x27;", "'")
    move(panel, "voice", "echo")
    assert "You heard" not in note(panel, "voice")


@pytest.mark.parametrize("speed", [0.75, 1.5])
def test_what_is_heard_of_a_voice_is_speech_at_its_speed(speed):
    wav, told = sample(RealtimeSessionConfig(voice="sage", speed=speed))
    clip = rtkit.Clip.load(wav)
    usual = rtkit.say(SENTENCE, "sage")
    assert (clip.rate, "for sage" in told) == (24000, True)
    assert clip.duration == pytest.approx(usual.duration / speed, rel=0.15)
    assert -35 < clip.level_dbfs < -6


def test_a_page_that_cannot_play_is_told_of(panel):
    panel._view.sources._handle_custom_msg({"silent": "no device"}, [])
    assert "could not play the voice (no device)" in note(panel, "voice")


def test_a_session_that_only_writes_down_has_its_form():
    panel = ConfigPanel(TranscriptionSessionConfig(transcription_language="en"))
    assert "instructions" not in shown(panel)
    assert [title.split()[0] for title in panel._view.form.box.titles] == [
        "Turns",
        "Transcription",
        "Sound",
    ]
    move(panel, "silence_duration_ms", 700)
    assert panel.value == TranscriptionSessionConfig(
        transcription_language="en", silence_duration_ms=700
    )
    panel.value = RealtimeSessionConfig()
    assert "instructions" in shown(panel)


# ---- without a page


def test_without_a_page_it_is_a_table_that_is_always_the_same(panel):
    data, _ = panel._repr_mimebundle_()
    again, _ = ConfigPanel(panel.value)._repr_mimebundle_()
    assert data["text/plain"] == again["text/plain"]
    assert data["text/html"] == again["text/html"]
    assert "<table" in data["text/html"]
    for setting in visible(panel.value):
        assert setting in data["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in data


def test_a_notebook_with_a_panel_runs_headless_and_stores_the_table():
    cells = [
        "import rtkit\npanel = rtkit.ConfigPanel()\npanel",
        "panel.value = panel.value.replace(voice='sage')\nprint(panel.value)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3", store_widget_state=False).execute()
    [shown], [printed] = (cell.outputs for cell in notebook.cells)
    assert "silence_duration_ms" in shown.data["text/html"].replace("<wbr>", "")
    assert "quick; a pause for thought" in shown.data["text/plain"]
    assert printed.text == "voice='sage'\n"
    assert "widgets" not in notebook.metadata
