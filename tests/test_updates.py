"""A panel with a live session: what is sent, what came of it, and that nobody waits for it."""

import asyncio
import threading
import time

import pytest
import scripted
from scripted import DICT, Peer, opened, refusing

from rtkit.config import RealtimeSessionConfig
from rtkit.errors import SessionError
from rtkit.session import connect, connect_async
from rtkit.testing import ANSWERS
from rtkit.widgets.configpanel import ConfigPanel
from rtkit.widgets.updates import SETTLED, in_force

pytestmark = pytest.mark.usefixtures("own_recordings")
TURNS = ("audio", "input", "turn_detection")


def move(panel, setting, value):
    panel._view.form.controls[setting].input.value = value


def note(panel, setting):
    return panel._view.form.notes[setting].value.replace("<wbr>", "")


def wait(panel, word, seconds=10):
    """Until the panel says this word of its session; the sentence beside it."""
    said = panel._view.session
    came = threading.Event()

    def look(_=None):
        if f'data-word="{word}"' in said.value:
            came.set()

    said.observe(look, "value")
    look()
    assert came.wait(seconds), said.value
    said.unobserve(look, "value")
    return said.value.replace("<wbr>", "")


def changed(panel, setting, value, word="applied"):
    """Move a control and wait for what the session makes of it."""
    move(panel, setting, value)
    assert 'data-word="waiting"' in panel._view.session.value
    return wait(panel, word)


def detection(session):
    return session.effective["audio"]["input"]["turn_detection"]


@pytest.fixture(scope="module")
def live():
    config = RealtimeSessionConfig(instructions="Be brief.")
    with connect(config, record=False) as session:
        yield session


def test_a_change_reaches_the_server_and_is_told(live):
    panel = ConfigPanel(session=live)
    assert panel.value == RealtimeSessionConfig(instructions="Be brief.")
    assert "every change is sent" in panel._view.session.value
    assert "✓ applied" in changed(panel, "silence_duration_ms", 700)
    assert detection(live)["silence_duration_ms"] == 700
    panel.value = panel.value.replace(vad_threshold=0.7)
    wait(panel, "applied")
    assert detection(live)["threshold"] == 0.7
    panel.close()


def test_turns_may_be_found_on_this_side_and_back(live):
    panel = ConfigPanel(session=live)
    changed(panel, "vad_mode", "client_vad")
    assert detection(live) is None
    assert live._link.talking.detection["type"] == "client_vad"
    changed(panel, "vad_mode", "server_vad")
    assert detection(live)["type"] == "server_vad"
    panel.close()


def test_what_the_session_has_now_is_where_a_new_panel_begins(live):
    live.update({"audio": {"output": {"speed": 1.3}}})
    assert in_force(live).speed == 1.3
    panel = ConfigPanel(session=live)
    assert panel.value.speed == 1.3
    assert panel.value.instructions == "Be brief."
    panel.close()


def test_a_refusal_is_told_in_words_at_its_field_and_leaves_the_session_as_it_was(live):
    live.update(RealtimeSessionConfig(voice="alloy"))
    live.ask("hello", pace=None)
    panel = ConfigPanel(session=live)
    before = panel.value
    told = changed(panel, "voice", "coral", "refused")
    assert "The session goes on as it was." in told
    assert "assistant audio is present" in told
    assert "✖ not taken" in note(panel, "voice")
    assert live.effective["audio"]["output"]["voice"] == "alloy"
    assert panel._view.back.layout.display is None
    panel._view.back.click()
    assert panel.value == before
    wait(panel, "applied")
    assert "not taken" not in note(panel, "voice")
    assert panel._view.back.layout.display == "none"
    panel.close()


def test_many_moves_are_one_update():
    with Peer() as peer, opened(peer) as session:
        panel = ConfigPanel(session=session)
        sent = peer.types().count("session.update")
        for silence in range(300, 800, 50):
            move(panel, "silence_duration_ms", silence)
        wait(panel, "applied")
        assert peer.types().count("session.update") == sent + 1
        assert detection(session)["silence_duration_ms"] == 750


def test_a_configuration_that_the_session_does_not_have_is_sent_at_once():
    with Peer() as peer, opened(peer) as session:
        panel = ConfigPanel(RealtimeSessionConfig(voice="sage"), session=session)
        wait(panel, "applied")
        assert session.effective["audio"]["output"]["voice"] == "sage"
        assert panel.value.voice == "sage"


async def slower(voice, event):
    """Every change is taken, but nobody speaks faster than 1.1."""
    output = event["session"].get("audio", {}).get("output", {})
    output["speed"] = min(output.get("speed", 1.0), 1.1)
    await ANSWERS["session.update"](voice, event)


def test_what_the_server_made_of_it_otherwise_is_told():
    with Peer({"session.update": slower}) as peer, opened(peer) as session:
        panel = ConfigPanel(session=session)
        told = changed(panel, "speed", 1.4, "otherwise")
        assert "<code" in told
        assert "audio.output.speed" in told
        assert "is 1.1, asked was 1.4" in told
        assert panel.value.speed == 1.4


def test_a_refusal_of_something_that_no_field_shows_is_told_all_the_same():
    with Peer() as peer, opened(peer) as session:
        panel = ConfigPanel(session=session)
        peer.answers = {**peer.answers, "session.update": refusing("nonsense", "No such thing.")}
        assert "No such thing." in changed(panel, "speed", 1.4, "refused")


def test_a_server_that_does_not_answer_holds_up_nobody():
    with Peer() as peer, opened(peer) as session:
        panel = ConfigPanel(session=session)
        peer.answers = {**peer.answers, "session.update": scripted.stall}
        began = time.perf_counter()
        move(panel, "speed", 1.4)
        move(panel, "voice", "sage")
        assert time.perf_counter() - began < SETTLED
        assert panel.value.speed == 1.4
        session.wait_for("session.update")
        assert 'data-word="waiting"' in panel._view.session.value


def test_an_observer_may_talk_to_the_session_itself():
    with Peer() as peer, opened(peer) as session:
        panel = ConfigPanel(session=session)
        panel.observe(lambda change: session.update({"instructions": "Sing."}), "value")
        for speed in (1.1, 1.2, 1.3):
            changed(panel, "speed", speed)
        assert session.effective["instructions"] == "Sing."


def test_a_session_that_ends_is_told_and_the_form_goes_on():
    with Peer() as peer:
        with opened(peer) as session:
            panel = ConfigPanel(session=session)
        assert "a new session can begin" in wait(panel, "closed")
        move(panel, "silence_duration_ms", 700)
        assert panel.value.silence_duration_ms == 700
        wait(panel, "closed")
        with connect(panel.value, peer.url, record=False) as session:
            assert detection(session)["silence_duration_ms"] == 700


def test_a_session_that_has_ended_already_is_told_at_once():
    with Peer() as peer:
        with opened(peer) as session:
            pass
        panel = ConfigPanel(session=session)
    assert "■ closed" in panel._view.session.value
    assert panel.value.voice == "coral"


def test_a_panel_that_is_closed_leaves_the_session_alone():
    with Peer() as peer, opened(peer) as session:
        panel = ConfigPanel(session=session)
        sent = peer.types().count("session.update")
        panel._view.form.controls["speed"].input.value = 1.2
        panel.close()
        time.sleep(2 * SETTLED)
        assert peer.types().count("session.update") == sent
        session.update(RealtimeSessionConfig(speed=1.1))


def test_a_session_of_async_code_is_changed_as_well():
    async def talk(url):
        async with connect_async(DICT, url, record=False) as session:
            panel = ConfigPanel(session=session)
            move(panel, "silence_duration_ms", 700)
            await asyncio.to_thread(wait, panel, "applied")
            return detection(session)["silence_duration_ms"]

    with Peer() as peer:
        assert asyncio.run(talk(peer.url)) == 700


def test_a_tool_that_the_session_has_already_is_not_sent():
    def look_up(word: str) -> str:
        """Look a word up."""
        return word

    tool = {"type": "function", "name": "look_up"}
    with Peer() as peer, opened(peer, tools=[look_up]) as session:
        panel = ConfigPanel(session=session)
        assert panel.value.tools == ()
        panel.value = panel.value.replace(tools=[tool])
        assert "both hold a tool &#x27;look_up&#x27;" in wait(panel, "refused")
        assert [each["name"] for each in session.effective["tools"]] == ["look_up"]


def test_the_model_of_a_session_cannot_be_changed(live):
    panel = ConfigPanel(session=live)
    assert panel._view.form.controls["model"].input.disabled
    with pytest.raises(SessionError, match="model"):
        live.update(RealtimeSessionConfig(model="other"))
    panel.close()
