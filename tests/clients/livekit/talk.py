"""livekit's realtime session of its openai plugin: text, voice, tool, interruption. Prints JSON.

    python talk.py ws://127.0.0.1:8765/v1/realtime FOLDER    (FOLDER holds time.pcm, weather.pcm)

There is no LiveKit room: the session that AgentSession drives is driven here directly, with the
turn detection, transcription and voice that the plugin chooses by itself.
"""

import asyncio
import contextlib
import json
import logging
import sys
from pathlib import Path

import aiohttp
from livekit import rtc
from livekit.agents import function_tool, llm
from livekit.plugins.openai.realtime import RealtimeModel

URL, FOLDER = sys.argv[1], Path(sys.argv[2])
RATE = 24_000
FRAME = 960  # bytes: 20 ms, as a room delivers
EVERY_S = 0.01  # twice the pace of speech
TURN_S = 20


@function_tool
async def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"snow in {city}"


class Talk:
    """One session; keeps what was heard and every generation that the server began by itself."""

    def __init__(self, session):
        self.session = session
        self.heard, self.errors, self.interruptions = [], [], 0
        self.answers = asyncio.Queue()
        session.on("error", lambda event: self.errors.append(str(event.error)))
        session.on("input_speech_started", self.interrupted)
        session.on("input_audio_transcription_completed", self.transcribed)
        session.on("generation_created", self.generated)

    def interrupted(self, event):
        self.interruptions += 1

    def transcribed(self, event):
        if event.is_final:
            self.heard.append(event.transcript)

    def generated(self, event):
        if not event.user_initiated:
            self.answers.put_nowait(event)

    async def ask(self, words):
        """Add a message to the context, have it answered; the generation."""
        context = self.session.chat_ctx.copy()
        context.add_message(role="user", content=words)
        await self.session.update_chat_ctx(context)
        return await self.session.generate_reply()

    async def speak(self, name):
        """The recorded words, then silence for as long as nobody stops us."""
        pcm, at = (FOLDER / f"{name}.pcm").read_bytes(), 0
        while True:
            piece = pcm[at : at + FRAME].ljust(FRAME, b"\0")
            self.session.push_audio(rtc.AudioFrame(piece, RATE, 1, FRAME // 2))
            at += FRAME
            await asyncio.sleep(EVERY_S)

    async def answer_to(self, name):
        """What was answered to spoken words, as the server's own generation."""
        speaking = asyncio.create_task(self.speak(name))
        try:
            async with asyncio.timeout(TURN_S):
                return await self.answers.get()
        finally:
            speaking.cancel()

    async def use_tools(self, generation):
        """Run the tools that a generation calls, give back their output, have it answered."""
        context, calls = self.session.chat_ctx.copy(), []
        async for call in generation.function_stream:
            calls.append(json.loads(call.arguments))
            output = await get_weather(**calls[-1])
            result = llm.FunctionCallOutput(
                call_id=call.call_id, name=call.name, output=output, is_error=False
            )
            context.items.append(result)
        await self.session.update_chat_ctx(context)
        return calls, await self.session.generate_reply()


async def spoken(generation):
    """(text, seconds of sound, id of the message) of a whole generation."""
    async with asyncio.timeout(TURN_S):
        async for message in generation.message_stream:
            text = "".join([piece async for piece in message.text_stream])
            seconds = sum([frame.duration async for frame in message.audio_stream])
            return text, seconds, message.message_id
    raise AssertionError("the generation holds no message")


@contextlib.asynccontextmanager
async def talking(result):
    async with aiohttp.ClientSession() as http:
        base_url = URL.replace("ws://", "http://").removesuffix("/realtime")
        model = RealtimeModel(base_url=base_url, api_key="local", http_session=http)
        session = model.session()
        talk = Talk(session)
        try:
            await session.update_instructions("You are the tutor.")
            await session.update_tools([get_weather])
            yield talk
        finally:
            await session.aclose()
            await model.aclose()
            result["errors"] += talk.errors


async def text(result):
    async with talking(result) as talk:
        answer, _, _ = await spoken(await talk.ask("What is the capital of France?"))
        result["text"] = answer


async def voice(result):
    async with talking(result) as talk:
        answer, seconds, _ = await spoken(await talk.answer_to("time"))
        result.update(heard=talk.heard[-1], voice=answer, sound_s=seconds)


async def tools(result):
    async with talking(result) as talk:
        calls, generation = await talk.use_tools(await talk.ask("What is the weather in Paris?"))
        answer, _, _ = await spoken(generation)
        more, generation = await talk.use_tools(await talk.answer_to("weather"))
        again, _, _ = await spoken(generation)
        result.update(calls=calls + more, tool=answer, spoken_tool=again)


async def interruption(result):
    """Somebody speaks over a story; what was played of it is kept, as AgentSession would do."""
    async with talking(result) as talk:
        story = asyncio.create_task(spoken(await talk.ask("Tell me a story")))
        await asyncio.sleep(0.4)
        generation = await talk.answer_to("time")
        cut, _, message_id = await story
        truncated = asyncio.Event()
        talk.session.on("openai_server_event_received", lambda event: note(event, truncated))
        talk.session.truncate(
            message_id=message_id, modalities=["audio"], audio_end_ms=400, audio_transcript=cut
        )
        answer, _, _ = await spoken(generation)
        async with asyncio.timeout(TURN_S):
            await truncated.wait()
        result.update(interruptions=talk.interruptions, truncated_ms=400, after=answer)


def note(event, truncated):
    if event["type"] == "conversation.item.truncated" and event["audio_end_ms"] == 400:
        truncated.set()


class Warnings(logging.Handler):
    """Everything that any logger says from warnings up."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


async def main():
    warnings = Warnings()
    logging.getLogger().addHandler(warnings)
    result = {"errors": []}
    for part in (text, voice, tools, interruption):
        await part(result)
    print(json.dumps({**result, "warnings": warnings.lines}))


asyncio.run(main())
