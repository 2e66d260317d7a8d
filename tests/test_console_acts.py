"""What a person does in a console, without a browser: what the kernel's side makes of it."""

import base64
import json
from datetime import datetime

import pytest
from pages import Page

from rtkit.clip import Clip
from rtkit.config import RealtimeSessionConfig, VADMode
from rtkit.rerun import Replay
from rtkit.server.brain import Script
from rtkit.server.local import ServerOptions
from rtkit.server.tutor import Tutor
from rtkit.timeline import Timeline
from rtkit.widgets.console import LiveConsole
from rtkit.widgets.keeping import free_path
from rtkit.widgets.sentences import AS_IT_WAS, HOLD, NOTHING_SAID, RECORDED, VOICE_FIXED

PNG = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x80\x00\x00\x01\xe0\x08\x02\x00\x00\x00"
).decode()


def weather(city: str) -> str:
    """The weather of a city."""
    return f"Clear in {city}."


@pytest.fixture
def console(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = ServerOptions(brain=Script(["A first answer."], grammar=Tutor().grammar))
    console = LiveConsole(server=script, record=False)
    yield console
    console.close()


@pytest.fixture
def page(console):
    page = Page(console._host)
    page.until(lambda: console.session)
    return page


def shown(page, name):
    """The value of a fact that the page shows now."""
    [welcome] = page.texts("welcome")
    told = welcome["shown"]
    for text in page.texts("show"):
        told |= text["shown"]
    return told.get(name)


def converse(console, page):
    page.tell("text", text="hello")
    page.until(lambda: console.session.turns and console.session.turns[0].status == "completed")
    page.until(lambda: len(console._host.board.rows) == 2)


def decided(page, count=1):
    page.until(lambda: shown(page, "settings")["answers"] == count)
    return shown(page, "settings")


# turns


def test_hands_are_free_or_hold_the_button_as_the_server_confirms_it(console, page):
    before = console.session.effective["audio"]["input"]["turn_detection"]
    page.tell("hands", free=False)
    assert decided(page)["manual"]
    assert console.session.effective["audio"]["input"]["turn_detection"] is None
    page.tell("hands", free=True)
    assert not decided(page, 2)["manual"]
    assert console.session.effective["audio"]["input"]["turn_detection"] == before


def test_a_session_that_began_with_manual_turns_gets_free_hands_all_the_same():
    console = LiveConsole(RealtimeSessionConfig(vad_mode=VADMode.MANUAL), record=False)
    page = Page(console._host)
    assert shown(page, "settings")["manual"]
    page.tell("hands", free=True)
    assert decided(page)["turns"]["type"] == "server_vad"
    console.close()


def test_a_tap_is_no_turn_and_says_what_to_do(console, page):
    page.tell("hands", free=False)
    decided(page)
    page.tell("release", tap=True)
    assert console.notice == HOLD
    assert [m for m in console.timeline if m.type.startswith("turn.")] == []


def test_the_button_may_go_down_before_the_session_is_open():
    config = RealtimeSessionConfig(vad_mode=VADMode.MANUAL)
    script = ServerOptions(brain=Script("An answer."))
    console = LiveConsole(config, server=script, record=False)
    page = Page(console._host)
    page.tell("microphone", on=True)
    page.tell("press")
    for number in range(25):
        page.hear(number, bytes(960))
    page.tell("release")
    page.until(lambda: [m for m in console.timeline if m.type == "turn.ended"])
    page.until(lambda: [m for m in console.timeline if m.type.endswith("buffer.committed")])
    assert console.timeline.tracks["input"].duration == pytest.approx(0.5)
    console.close()


# settings


def test_a_knob_is_what_the_server_confirmed(console, page):
    turns = {**shown(page, "settings")["turns"], "silence_duration_ms": 900}
    page.tell("adjust", name="turns", value=turns)
    assert decided(page)["turns"]["silence_duration_ms"] == 900
    assert console.session.effective["audio"]["input"]["turn_detection"] == turns


def test_what_the_server_refuses_stays_as_it_was_and_says_why(console, page):
    before = shown(page, "settings")
    page.tell("adjust", name="turns", value={"type": "server_vad", "threshold": 7})
    assert decided(page) == {**before, "answers": 1}
    assert "threshold" in console.notice
    assert console.notice.endswith(AS_IT_WAS)


def test_the_voice_may_be_changed_until_the_assistant_has_spoken(console, page):
    assert shown(page, "settings")["voiceFixed"] is None
    page.tell("adjust", name="voice", value="coral")
    assert decided(page)["voice"] == "coral"
    converse(console, page)
    page.until(lambda: shown(page, "settings")["voiceFixed"] == VOICE_FIXED)
    page.tell("adjust", name="voice", value="sage")
    assert decided(page, 2)["voice"] == "coral"
    assert "voice" in console.notice


# messages


def test_an_image_goes_with_the_text_and_stands_in_the_transcript(console, page):
    url = f"data:image/png;base64,{PNG}"
    page.tell("text", text="what is this", image=url)
    page.until(lambda: console.session.turns and console.session.turns[0].status == "completed")
    [sent] = [m for m in console.timeline if m.type == "conversation.item.create"]
    assert [part["type"] for part in sent.event["item"]["content"]] == ["input_text", "input_image"]
    page.until(lambda: console._host.board.rows)
    assert console._host.board.rows[0]["images"] == [url]


def test_what_is_no_image_is_not_sent_and_says_why(console, page):
    page.tell("text", text="look", image="data:image/gif;base64,R0lGODlh")
    assert "Choose a PNG or JPEG" in console.notice
    assert [m for m in console.timeline if m.type == "conversation.item.create"] == []


def test_a_tool_is_called_and_its_call_stands_in_the_transcript():
    console = LiveConsole(tools=[weather], record=False)
    page = Page(console._host)
    page.tell("text", text="what is the weather in Paris")
    page.until(lambda: any(row["speaker"] == "tool" for row in console._host.board.rows))
    page.until(lambda: console._host.board.rows[1]["state"] == "done")
    [_, row, *_] = console._host.board.rows
    assert (row["name"], row["output"], row["error"]) == ("weather", "Clear in Paris.", None)
    assert json.loads(row["arguments"]) == {"city": "Paris"}
    console.close()


# files


def test_the_timeline_is_saved_beside_the_notebook_and_can_be_fetched(console, page, tmp_path):
    converse(console, page)
    page.tell("keep", kind="jsonl")
    page.until(lambda: shown(page, "kept"))
    [path] = tmp_path.glob("conversation-*.jsonl")
    assert str(path) in console.notice
    assert [m.type for m in Timeline.load(path)][:3] == [m.type for m in console.timeline][:3]
    page.tell("fetch")
    page.until(lambda: page.texts("file") and page.texts("file")[-1]["last"])
    pieces = [base64.b64decode(text["data"]) for text in page.texts("file")]
    assert b"".join(pieces) == path.read_bytes()


def test_the_sound_is_exported_as_stereo(console, page, tmp_path):
    converse(console, page)
    page.tell("keep", kind="wav")
    page.until(lambda: shown(page, "kept"))
    [path] = tmp_path.glob("conversation-*.wav")
    assert Clip.load(path).duration > 0.5


def test_before_anybody_has_spoken_there_is_nothing_to_keep(console, page, tmp_path):
    for told in ({"type": "keep", "kind": "wav"}, {"type": "replay", "on": True}):
        page.tell(**told)
        assert console.notice == NOTHING_SAID
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(console, page, tmp_path, monkeypatch):
    converse(console, page)
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    page.tell("keep", kind="jsonl")
    page.until(lambda: "Nothing was written: No such file" in console.notice)


def test_a_file_is_never_written_over(tmp_path):
    now = datetime(2026, 1, 2, 3, 4, 5)
    names = []
    for _ in range(3):
        path = free_path(tmp_path, "wav", now)
        path.touch()
        names.append(path.name)
    assert names == [f"conversation-2026-01-02_03-04-05{more}.wav" for more in ("", "-2", "-3")]


# replay


def test_a_replay_shows_the_conversation_again_and_then_it_goes_on(console, page):
    converse(console, page)
    sent = len(page.sent)
    page.tell("replay", on=True)
    page.until(lambda: shown(page, "replay"))
    assert console._host.board.rows == [] or console._host.rerun.active
    page.until(lambda: shown(page, "replay") is None, seconds=20)
    assert any(isinstance(data, bytes) for data in page.sent[sent:])
    assert [row["text"] for row in console._host.board.rows] == ["hello", "A first answer."]
    page.tell("text", text="again")
    page.until(lambda: len(console.session.turns) == 2)


def test_who_writes_during_a_replay_is_back_in_the_conversation(console, page):
    converse(console, page)
    page.tell("replay", on=True)
    page.until(lambda: shown(page, "replay"))
    page.tell("text", text="hello again")
    assert shown(page, "replay") is None
    page.until(lambda: len(console.session.turns) == 2)


def test_a_recorded_conversation_is_replayed_from_its_beginning_and_has_nothing_to_set(
    console, page, tmp_path
):
    converse(console, page)
    path = console.timeline.save(tmp_path / "talk.jsonl")
    again = LiveConsole(session=Replay(path, speed=None))
    other = Page(again._host)
    other.until(lambda: len(again._host.board.rows) == 2)
    assert shown(other, "settings")["fixed"] == RECORDED
    other.tell("replay", on=True)
    other.until(lambda: shown(other, "replay"))
    other.until(lambda: shown(other, "replay") is None, seconds=20)
    assert len(again._host.board.rows) == 2
    again.close()
