"""The console without a browser: what it is headless, and what the kernel's side does."""

import asyncio
import inspect
import subprocess
import sys

import nbformat
import pytest
from ipykernel.comm.comm import BaseComm
from ipykernel.ipkernel import IPythonKernel
from nbclient import NotebookClient
from pages import Page

from rtkit.config import RealtimeSessionConfig, VADMode
from rtkit.errors import ConfigError
from rtkit.server.brain import Script
from rtkit.server.local import ServerOptions
from rtkit.server.tutor import Tutor
from rtkit.speech.synthesis import say
from rtkit.widgets import assets, interpreter
from rtkit.widgets.console import TEXT, LiveConsole
from rtkit.widgets.messages import MessageLink, unroute
from rtkit.widgets.sentences import RECONNECTED, RECONNECTING, ROUGH
from rtkit.widgets.wire import parse, unpack


def speak(page, text):
    """Say this into the microphone of a page."""
    speech = say(text).to_pcm16()
    for number, start in enumerate(range(0, len(speech) - 960, 960)):
        page.hear(number, speech[start : start + 960])


@pytest.fixture
def console():
    script = ServerOptions(brain=Script(["A first answer."]))
    console = LiveConsole(server=script, record=False)
    yield console
    console.close()


def test_the_text_of_a_console_is_always_the_same(console):
    data, _ = console._repr_mimebundle_()
    assert repr(console) == data["text/plain"] == TEXT
    assert TEXT in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data


def test_before_anybody_speaks_there_is_nothing_to_read(console):
    assert console.session is None
    assert len(console.timeline) == 0
    assert console.transcript == []
    assert console.transport is None
    assert console.notice == ""


def test_without_a_grammar_the_page_says_that_recognition_is_rough(console):
    page = Page(console._host)
    page.until(lambda: page.texts("notice"))
    assert page.texts("notice")[0] == {"type": "notice", "text": ROUGH, "kind": "hint"}
    page.tell("microphone", on=True)
    page.until(lambda: len(page.texts("notice")) == 2)
    assert page.texts("notice")[1]["text"] == console.notice == ROUGH


@pytest.mark.parametrize(
    "server",
    [
        None,
        ServerOptions(brain=Script("Yes.", grammar=Tutor().grammar)),
        ServerOptions(brain=Script("Yes."), recogniser="whisper"),
        ServerOptions(brain=Script("Yes."), recogniser=lambda grammar: None),
    ],
)
def test_with_phrases_to_go_by_or_better_ears_it_says_nothing(server):
    console = LiveConsole(server=server, record=False)
    assert console._host._hint == ""
    console.close()


def test_a_transport_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError, match=r"'pigeon'.*direct, proxy, messages"):
        LiveConsole(transport="pigeon")


def test_a_notebook_with_a_console_runs_headless_and_shows_its_text():
    cells = ["import rtkit\nconsole = rtkit.LiveConsole()\nconsole", "print(console.transcript)"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    shown, read = (cell.outputs for cell in notebook.cells)
    assert [output.data["text/plain"] for output in shown] == [TEXT]
    assert read[0].text == "[]\n"


def test_a_typed_message_is_answered_and_both_lines_reach_the_page(console):
    page = Page(console._host)
    page.tell("text", text="hello")
    page.until(lambda: console.session and len(console.session.turns) == 1)
    page.until(lambda: page.texts("lines"))
    assert console.session.turns[0].question == "hello"
    assert console.session.turns[0].answer == "A first answer."
    assert [line.text for line in console.transcript] == ["hello", "A first answer."]
    assert any(isinstance(data, bytes) for data in page.sent)
    assert "thinking" in [text["shown"].get("word") for text in page.texts("show")]


def test_a_page_is_told_how_long_the_session_may_last_yet(console):
    page = Page(console._host)
    page.tell("text", text="hello")
    page.until(lambda: page.texts("left"))
    assert 3590 < page.texts("left")[0]["seconds"] <= 3600
    [welcome] = Page(console._host).texts("welcome")
    assert 3590 < welcome["left"] <= 3600


def test_a_page_that_comes_later_is_told_everything_at_once(console):
    first = Page(console._host)
    first.tell("text", text="hello")
    first.until(lambda: first.texts("lines") and len(first.texts("lines")[-1]["lines"]) > 0)
    first.until(lambda: console.session.turns and console.session.turns[0].status == "completed")
    first.until(lambda: [row["final"] for row in console._host.board.rows] == [True, True])
    second = Page(console._host)
    [welcome] = second.texts("welcome")
    assert [line["text"] for line in welcome["lines"]] == ["hello", "A first answer."]
    [bye] = first.texts("bye")
    assert "open in another page" in bye["text"]
    assert first.sent[-1] == "closed"


def test_a_microphone_that_is_lost_leaves_a_fact_a_sentence_and_the_timeline(console):
    page = Page(console._host)
    page.until(lambda: console.session)
    page.tell("microphone", on=True, label="a microphone", rate=48000, processing=True)
    page.tell("microphone", on=False, reason="the track ended", sentence="The microphone stopped.")
    facts = [m.event for m in console.timeline if m.type.startswith("microphone.")]
    assert [fact["type"] for fact in facts] == ["microphone.opened", "microphone.closed"]
    assert facts[1]["reason"] == "the track ended"
    assert console.notice == "The microphone stopped."
    assert not console.session.closed


def test_a_page_that_says_goodbye_ends_the_session_and_keeps_the_timeline(console):
    page = Page(console._host)
    page.until(lambda: console.session)
    page.tell("bye", reason="output removed")
    page.until(lambda: console.session.closed)
    types = [m.type for m in console.timeline]
    assert types.index("console.closed") < types.index("session.closed")


def test_a_server_that_cannot_be_reached_is_a_sentence_on_the_page():
    console = LiveConsole(target="ws://127.0.0.1:9/v1/realtime", record=False)
    page = Page(console._host)
    page.tell("text", text="hello")
    page.until(lambda: page.texts("notice"))
    assert "127.0.0.1:9" in console.notice
    assert page.texts("microphone")
    assert console.session is None
    console.close()


def test_a_hosted_target_is_not_contacted_before_somebody_speaks():
    console = LiveConsole(target="ws://127.0.0.1:9/v1/realtime", record=False)
    page = Page(console._host)
    assert console._host._opening is None
    assert page.texts("notice") == []
    console.close()


def test_a_console_survives_a_broken_connection():
    faults = "drop:after=response.created,nth=2"
    options = ServerOptions(brain=Script("An answer."), faults=faults)
    console = LiveConsole(server=options, record=False)
    page = Page(console._host)
    page.until(lambda: console.session)
    page.tell("microphone", on=True, label="a microphone", rate=48000, processing=True)
    page.tell("text", text="one")
    page.until(lambda: console.session.turns and console.session.turns[0].status == "completed")
    page.tell("text", text="two")
    page.until(lambda: len(console.session.turns) == 2 and console.session.turns[1].answer)
    said = [text["text"] for text in page.texts("notice")]
    assert said[-2:] == [RECONNECTING, RECONNECTED]
    assert console._host.turns.live
    assert not console.session.closed
    lines = [line.text for line in console.transcript]
    assert lines == ["one", "An answer.", "two", "An answer."]
    page.hear(0, bytes(960))
    page.until(lambda: "input" in console.timeline.tracks)
    console.close()


def test_holding_the_button_makes_a_turn_and_letting_go_ends_it():
    config = RealtimeSessionConfig(vad_mode=VADMode.MANUAL)
    options = ServerOptions(brain=Script("An answer.", grammar=Tutor().grammar))
    console = LiveConsole(config, server=options, record=False)
    page = Page(console._host)
    page.tell("microphone", on=True)
    page.tell("press")
    speak(page, "What time is it?")
    assert console.session.turns == []
    page.tell("release")
    page.until(lambda: console.session.turns and console.session.turns[0].answer == "An answer.")
    assert "what time is it" in console.session.turns[0].question
    assert console.notice == ""
    console.close()


def test_a_page_that_goes_while_the_session_opens_leaves_no_session_open(console):
    page = Page(console._host)
    page.tell("bye", reason="output removed")
    page.until(lambda: console.session is not None and console.session.closed)


def test_a_live_microphone_makes_room_beside_a_computing_cell(console, monkeypatch):
    monkeypatch.setattr("rtkit.widgets.turntaking.GRACE", 0.02)
    page, before = Page(console._host), sys.getswitchinterval()
    page.tell("microphone", on=True)
    assert sys.getswitchinterval() == pytest.approx(interpreter.INTERVAL)
    page.leave()
    page.until(lambda: sys.getswitchinterval() == pytest.approx(before))


def test_a_page_that_comes_back_by_another_way_goes_on_speaking(console):
    page = Page(console._host)
    page.until(lambda: console.session)
    page.tell("microphone", on=True, label="a microphone", first=7)
    page.hear(7, bytes(960))
    page.leave()
    again = Page(console._host)
    again.path = "proxy"
    again.tell("microphone", on=True, label="a microphone", first=8)
    again.hear(8, bytes(960))
    facts = [m.event for m in console.timeline if m.type.startswith("microphone.")]
    assert [fact["type"] for fact in facts] == ["microphone.opened", "microphone.changed"]
    assert facts[1]["path"] == "proxy"
    assert console._host.turns.frames.expected == 9
    assert console.lost_frames == 0


def test_with_half_duplex_the_microphone_waits_while_the_assistant_sounds():
    console = LiveConsole(
        server=ServerOptions(brain=Script("Yes.")), record=False, half_duplex=True
    )
    page = Page(console._host)
    [welcome] = page.texts("welcome")
    assert welcome["shown"]["half_duplex"] is True
    page.until(lambda: console.session)
    page.tell("microphone", on=True)
    noise = b"\x10\x20" * 480
    page.tell("started", item=1)
    page.hear(0, noise)
    page.tell("half_duplex", on=False)
    page.hear(1, noise)
    page.until(lambda: "input" in console.timeline.tracks)
    page.until(lambda: len(console.timeline.tracks["input"].data) == 1920)
    assert console.timeline.tracks["input"].data == bytes(960) + noise
    facts = [m.event["on"] for m in console.timeline if m.type == "microphone.half_duplex"]
    assert facts == [False]
    console.close()


def echo_shown(page):
    """What the page was told last of its echo test."""
    shown = [text["shown"]["echo"] for text in page.texts("show") if "echo" in text["shown"]]
    return shown[-1] if shown else {}


def test_an_echo_test_is_played_measured_and_told_and_is_no_part_of_the_talk(console):
    page = Page(console._host)
    page.until(lambda: console.session)
    page.tell("echo", first=3)
    assert echo_shown(page) == {"running": True}
    sounds = [unpack(data) for data in page.sent if isinstance(data, bytes)]
    played = b"".join(pcm for number, pcm in sounds if number == 0)
    page.tell("started", item=0)
    sound = bytes(2400) + played + bytes(48_000)
    for number in range(len(sound) // 960):
        page.hear(3 + number, sound[number * 960 : (number + 1) * 960])
    page.until(lambda: not echo_shown(page)["running"])
    found = echo_shown(page)
    assert found["verdict"] == "heard"
    assert "(0 dB, 50 ms later)" in found["text"]
    assert console._host.preflight.guard.tail_ms == pytest.approx(250, abs=1)
    [fact] = [m.event for m in console.timeline if m.type == "echo.measured"]
    assert fact["level_db"] == pytest.approx(0, abs=0.2)
    assert "input" not in console.timeline.tracks


def test_an_echo_test_that_hears_nothing_says_so(console, monkeypatch):
    monkeypatch.setattr("rtkit.widgets.preflight.PATIENCE", 0.02)
    page = Page(console._host)
    page.tell("echo")
    page.until(lambda: echo_shown(page).get("verdict") == "failed")
    assert "was not played" in echo_shown(page)["text"]


def test_closing_the_console_closes_its_page(console):
    page = Page(console._host)
    page.until(lambda: console.session)
    console.close()
    page.until(lambda: "closed" in page.sent)
    page.until(lambda: console.session.closed)


def test_a_console_that_is_closed_keeps_no_comm(console):
    layout = console.layout
    assert None not in (console.comm, layout.comm)
    console.close()
    assert (console.comm, layout.comm) == (None, None)


def test_a_link_over_kernel_messages_carries_words_sound_and_a_heartbeat(monkeypatch):
    monkeypatch.setattr("rtkit.widgets.messages.BEAT", 0.02)
    posted = []

    async def act():
        link = MessageLink(lambda content, buffers: posted.append((content, buffers)), print)
        link.send("hello")
        link.send(b"sound")
        await asyncio.sleep(0.1)
        link.close()

    asyncio.run(act())
    assert posted[:2] == [({"way": "link", "text": "hello"}, []), ({"way": "link"}, [b"sound"])]
    assert {parse(content["text"])["type"] for content, _ in posted[2:]} == {"beat"}


def test_a_page_over_kernel_messages_that_falls_silent_is_gone(monkeypatch):
    monkeypatch.setattr("rtkit.widgets.messages.BEAT", 0.02)
    monkeypatch.setattr("rtkit.widgets.messages.SILENT_PAGE", 0.1)
    gone = []

    async def act():
        link = MessageLink(lambda content, buffers: None, gone.append)
        await asyncio.sleep(0.08)
        link.heard()
        await asyncio.sleep(0.06)
        assert gone == []
        await asyncio.sleep(0.2)
        assert gone == [link]

    asyncio.run(act())


def test_the_routing_of_comm_messages_that_is_switched_off_is_as_ipykernel_has_it():
    """When this fails, look at ipykernel's release notes and at `messages.unroute`."""
    routed = hasattr(BaseComm, "_reply_subshell_for")
    source = inspect.getsource(IPythonKernel.shell_channel_thread_main)
    assert routed == ("_reply_subshell_for" in source)
    if not routed:
        pytest.skip("this ipykernel routes no comm messages")
    assert 'getattr(comm, "_reply_subshell_for", None)' in source
    assert "if route is not None" in source


def test_only_a_comm_that_routes_is_changed():
    class Routing:
        def _reply_subshell_for(self, data, default): ...

    comm = Routing()
    assert unroute(comm)
    assert comm._reply_subshell_for is None
    assert not unroute(object())


def test_the_module_carries_both_worklets_and_names_no_other_place():
    module = assets.module("console")
    assert "rtkit-microphone" in module
    assert "rtkit-player" in module
    assert "https://" not in module
    assert "import " not in module


def test_naming_the_widgets_package_loads_no_widget_library():
    code = "import rtkit.widgets, sys; print('anywidget' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "False\n"
