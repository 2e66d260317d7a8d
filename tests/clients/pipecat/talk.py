"""pipecat's OpenAI realtime service in a pipeline: text, voice, tool, interruption. Prints JSON.

python talk.py ws://127.0.0.1:8765/v1/realtime FOLDER    (FOLDER holds time.pcm, weather.pcm)
"""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

from loguru import logger
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import (
    ErrorFrame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMRunFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
)
from pipecat.observers.base_observer import BaseObserver
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.services.openai.realtime.events import (
    AudioConfiguration,
    AudioInput,
    InputAudioTranscription,
    SemanticTurnDetection,
    SessionProperties,
)
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.workers.runner import WorkerRunner

URL, FOLDER = sys.argv[1], Path(sys.argv[2])
RATE = 24_000
FRAME = 960  # bytes: 20 ms, as a transport delivers
EVERY_S = 0.01  # twice the pace of speech
TURN_S = 20
TRUNCATING = "Truncating audio"


class Watch(BaseObserver):
    """Every frame once, however many processors it passes."""

    def __init__(self):
        super().__init__()
        self.frames = {}

    async def on_push_frame(self, data):
        self.frames.setdefault(data.frame.id, data.frame)

    def all(self, kind):
        return [frame for frame in self.frames.values() if isinstance(frame, kind)]


class Bot:
    """A pipeline without a transport: audio is pushed in as frames, all frames are watched."""

    def __init__(self, question):
        self.watch, self.said, self.calls = Watch(), [], []
        messages = [{"role": "user", "content": question}]
        context = LLMContext(messages, ToolsSchema(standard_tools=[WEATHER]))
        llm = service()
        llm.register_function("get_weather", self.weather)
        user, assistant = LLMContextAggregatorPair(context)
        assistant.add_event_handler("on_assistant_turn_stopped", self.answered)
        self.worker = PipelineWorker(Pipeline([user, llm, assistant]), observers=[self.watch])

    async def weather(self, params):
        self.calls.append(params.arguments)
        await params.result_callback({"sky": f"snow in {params.arguments['city']}"})

    async def answered(self, aggregator, message):
        if message.content:  # a turn that only called a tool says nothing
            self.said.append(message.content)

    async def speak(self, name):
        """The recorded words, then silence for as long as nobody stops us."""
        pcm, at = (FOLDER / f"{name}.pcm").read_bytes(), 0
        while True:
            piece = pcm[at : at + FRAME].ljust(FRAME, b"\0")
            await self.worker.queue_frame(InputAudioRawFrame(piece, RATE, 1))
            at += FRAME
            await asyncio.sleep(EVERY_S)

    async def until(self, true):
        async with asyncio.timeout(TURN_S):
            while not true():
                await asyncio.sleep(0.02)

    def heard(self):
        return [frame.text for frame in self.watch.all(TranscriptionFrame)]

    def sound_s(self):
        return sum(len(frame.audio) for frame in self.watch.all(TTSAudioRawFrame)) / RATE / 2


WEATHER = FunctionSchema(
    name="get_weather",
    description="The weather of a city.",
    properties={"city": {"type": "string"}},
    required=["city"],
)


def service():
    hearing = AudioInput(
        transcription=InputAudioTranscription(), turn_detection=SemanticTurnDetection()
    )
    return OpenAIRealtimeLLMService(
        api_key="local",
        base_url=URL,
        settings=OpenAIRealtimeLLMService.Settings(
            system_instruction="You are the tutor.",
            session_properties=SessionProperties(audio=AudioConfiguration(input=hearing)),
        ),
    )


@contextlib.asynccontextmanager
async def running(question, result):
    """A bot in a pipeline that is asked the question at once; its errors go to the result."""
    bot = Bot(question)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(bot.worker)
    task = asyncio.create_task(runner.run())
    await bot.worker.queue_frame(LLMRunFrame())
    try:
        yield bot
    finally:
        await bot.worker.cancel()
        await asyncio.wait([task], timeout=5)
        result["errors"] += [frame.error for frame in bot.watch.all(ErrorFrame)]


async def text(result):
    async with running("What is the capital of France?", result) as bot:
        await bot.until(lambda: bot.said)
        result["text"] = bot.said[0]


async def voice(result):
    async with running("Hello.", result) as bot:
        await bot.until(lambda: bot.said)
        before = bot.sound_s()
        speaking = asyncio.create_task(bot.speak("time"))
        await bot.until(lambda: len(bot.said) > 1)
        speaking.cancel()
        result.update(heard=bot.heard()[-1], voice=bot.said[-1], sound_s=bot.sound_s() - before)


async def tools(result):
    async with running("What is the weather in Paris?", result) as bot:
        await bot.until(lambda: bot.said)
        result.update(tool=bot.said[0])
        speaking = asyncio.create_task(bot.speak("weather"))
        # the tutor, unsure of a word, says first what it understood
        await bot.until(lambda: any("result" in said for said in bot.said[1:]))
        speaking.cancel()
        result.update(spoken_tool=bot.said[-1], calls=bot.calls)


async def interruption(result):
    async with running("Tell me a story", result) as bot:
        await bot.until(lambda: bot.sound_s() > 1)
        await asyncio.sleep(0.4)
        speaking = asyncio.create_task(bot.speak("time"))
        await bot.until(lambda: any("It is" in said for said in bot.said))
        speaking.cancel()
        broadcast = bot.watch.all(InterruptionFrame)  # one frame upstream, one downstream
        result.update(interruptions=len(broadcast) // 2, after=bot.said[-1])


async def main():
    warnings, truncations = [], []
    logger.remove()
    logger.add(lambda line: warnings.append(line.strip()), level="WARNING", format="{message}")
    logger.add(
        lambda line: truncations.append(line.strip()),
        level="TRACE",
        format="{message}",
        filter=lambda record: record["message"].startswith(TRUNCATING),
    )
    result = {"errors": []}
    for part in (text, voice, tools, interruption):
        try:
            await part(result)
        except Exception as error:
            result["errors"].append(f"{part.__name__}: {error!r}")
    if truncations:
        result["truncated_ms"] = int(truncations[-1].rpartition("=")[2].removesuffix("ms"))
    print(json.dumps({**result, "warnings": warnings}))


asyncio.run(main())
