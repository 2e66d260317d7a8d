"""The official `openai-agents` package, unmodified, against `rtkit serve` as a process.

It validates every server event, sends two session updates, interrupts by truncation, and lets the
server's semantic turn detection end a turn: its own defaults, nothing is set here but the address.
"""

import asyncio
import contextlib
import logging

import numpy as np
import pytest
from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimePlaybackTracker, RealtimeRunner
from served import served
from websockets.exceptions import ConnectionClosed

import rtkit

MODEL = "gpt-realtime-2.1"
INSTRUCTIONS = "You are the tutor."
TURN_S = 20
FRAME = 4800  # bytes: 100 ms at 24 kHz
EVERY_S = 0.05  # twice the pace of speech


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with served(tmp_path_factory.mktemp("served")) as address:
        yield address


@pytest.fixture(autouse=True)
def _no_complaints(caplog):
    """The client's log holds nothing from warnings up."""
    yield
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


class Talk:
    """A session of the client, and the events that it was given."""

    def __init__(self, session):
        self.session = session
        self.events = []
        self._coming = aiter(session)

    async def until(self, type_, count=1):
        """The events up to the `count`-th of that type from now on."""
        async with asyncio.timeout(TURN_S):
            found = []
            async for event in self._coming:
                assert event.type != "error", event.error
                found.append(event)
                if sum(e.type == type_ for e in found) == count:
                    break
        self.events += found
        return found

    async def speak(self, words):
        """Send spoken words, and the silence that lets the server find their end."""
        pcm = (rtkit.say(words) + rtkit.Clip.silence(2.5)).to_pcm16()
        for at in range(0, len(pcm), FRAME):
            await self.session.send_audio(pcm[at : at + FRAME])
            await asyncio.sleep(EVERY_S)

    def raw(self, type_):
        """The server's events of that type, as they came over the wire."""
        inner = (event.data for event in self.events if event.type == "raw_model_event")
        wire = (event.data for event in inner if event.type == "raw_server_event")
        return [event for event in wire if event["type"] == type_]

    def said(self, role):
        """What that side said, oldest first, by the client's own history."""
        [*_, last] = (event for event in self.events if event.type == "history_updated")
        items = [item for item in last.history if item.type == "message" and item.role == role]
        parts = [part for item in items for part in item.content]
        return [part.text if part.type == "input_text" else part.transcript for part in parts]


@contextlib.asynccontextmanager
async def talking(url, agent=None, settings=None, **model_config):
    agent = agent or RealtimeAgent(name="Tutor", instructions=INSTRUCTIONS)
    settings = {"model_name": MODEL, **(settings or {})}
    runner = RealtimeRunner(agent, config={"model_settings": settings})
    address = {"api_key": "local", "url": f"{url}?model={MODEL}"}
    async with await runner.run(model_config={**address, **model_config}) as session:
        yield Talk(session)


@function_tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"snow in {city}"


@pytest.mark.client("openai-agents", "text")
def test_a_text_turn_is_answered_aloud(url):
    async def story():
        async with talking(url) as talk:
            await talk.session.send_message("What is the capital of France?")
            events = await talk.until("agent_end")
            assert talk.said("assistant")[-1] == "The capital of France is Paris."
            sound = b"".join(event.audio.data for event in events if event.type == "audio")
            assert np.abs(np.frombuffer(sound, "<i2").astype(int)).max() > 3_000

    asyncio.run(story())


@pytest.mark.client("openai-agents", "voice")
@pytest.mark.client("openai-agents", "transcription")
def test_a_voice_turn_ends_by_the_clients_own_semantic_turn_detection(url):
    async def story():
        async with talking(url) as talk:
            speaking = asyncio.create_task(talk.speak("What time is it?"))
            await talk.until("agent_end")
            speaking.cancel()
            assert talk.said("user") == ["what time is it"]
            assert talk.said("assistant")[-1].startswith("It is")
            session = talk.raw("session.updated")[-1]["session"]
            assert session["audio"]["input"]["turn_detection"]["type"] == "semantic_vad"
            assert session["tracing"] == "auto"

    asyncio.run(story())


@pytest.mark.client("openai-agents", "tool")
def test_a_tool_is_called_and_the_answer_uses_its_output(url):
    async def story():
        agent = RealtimeAgent(name="Tutor", instructions=INSTRUCTIONS, tools=[get_weather])
        async with talking(url, agent) as talk:
            await talk.session.send_message("What is the weather in Paris?")
            events = await talk.until("agent_end", count=2)
            [end] = [event for event in events if event.type == "tool_end"]
            assert (end.arguments, end.output) == ('{"city": "Paris"}', "snow in Paris")
            assert talk.said("assistant")[-1] == "The result is: snow in Paris."

    asyncio.run(story())


@pytest.mark.client("openai-agents", "tool")
def test_a_spoken_question_calls_a_tool(url):
    async def story():
        agent = RealtimeAgent(name="Tutor", instructions=INSTRUCTIONS, tools=[get_weather])
        async with talking(url, agent) as talk:
            speaking = asyncio.create_task(talk.speak("What is the weather in Paris?"))
            await talk.until("agent_end", count=2)
            speaking.cancel()
            assert talk.said("assistant")[-1].lower() == "the result is: snow in paris."

    asyncio.run(story())


@pytest.mark.client("openai-agents", "tool")
def test_a_handoff_gives_the_session_to_the_other_agent(url):
    async def story():
        other = RealtimeAgent(name="Librarian", instructions="You are the librarian.")
        first = RealtimeAgent(name="Tutor", instructions=INSTRUCTIONS, handoffs=[other])
        async with talking(url, first) as talk:
            await talk.session.send_message("Please transfer me to the librarian.")
            events = await talk.until("agent_end", count=2)
            [handoff] = [event for event in events if event.type == "handoff"]
            assert (handoff.from_agent.name, handoff.to_agent.name) == ("Tutor", "Librarian")
            session = talk.raw("session.updated")[-1]["session"]
            assert session["instructions"] == "You are the librarian."

    asyncio.run(story())


@pytest.mark.client("openai-agents", "interruption")
def test_speech_over_a_story_interrupts_it_where_its_playback_was(url):
    async def story():
        player = RealtimePlaybackTracker()
        async with talking(url, playback_tracker=player) as talk:
            await talk.session.send_message("Tell me a story")
            [*_, first] = await talk.until("audio", count=8)
            player.on_play_ms(first.item_id, first.content_index, 500)
            speaking = asyncio.create_task(talk.speak("What time is it?"))
            await talk.until("audio_interrupted")
            await talk.until("agent_start")
            await talk.until("agent_end")
            speaking.cancel()
            [truncated] = talk.raw("conversation.item.truncated")
            assert (truncated["item_id"], truncated["audio_end_ms"]) == (first.item_id, 500)
            assert talk.said("assistant")[-1].startswith("It is")

    asyncio.run(story())


@pytest.mark.client("openai-agents", "interruption")
def test_the_clients_own_interruption_truncates_and_cancels(url):
    patient = {"turn_detection": {"type": "semantic_vad", "interrupt_response": False}}

    async def story():
        player = RealtimePlaybackTracker()
        async with talking(url, settings=patient, playback_tracker=player) as talk:
            await talk.session.send_message("Tell me a story")
            [*_, first] = await talk.until("audio", count=8)
            player.on_play_ms(first.item_id, first.content_index, 300)
            await talk.session.interrupt()
            await talk.until("audio_interrupted")
            await talk.session.send_message("What is two plus three?")
            await talk.until("agent_end", count=2)
            [truncated] = talk.raw("conversation.item.truncated")
            assert truncated["audio_end_ms"] == 300
            statuses = [done["response"]["status"] for done in talk.raw("response.done")]
            assert statuses == ["cancelled", "completed"]
            assert talk.said("assistant")[-1] == "Two plus three is five."

    asyncio.run(story())


def test_a_wrong_key_is_named_to_the_client(tmp_path):
    async def story(url):
        async with talking(url) as talk:
            await talk.until("agent_start")

    told = (AssertionError, ConnectionClosed)  # the event, or the reason of the close
    with served(tmp_path, "--api-key", "secret") as url:  # noqa: SIM117
        with pytest.raises(told, match="invalid_api_key"):
            asyncio.run(story(url))
