"""People who talk to a realtime server: the load generator of `benchmarks/server.py`.

A `Speaker` is one session. It sends a frame of 20 ms every 20 ms, whether it speaks or not, as a
microphone does; it asks, hears the answer, pauses and asks again. So that its own work stays
small, sounds are made and encoded before, silence is one frame that all share, and what comes in
is only kept, with its instant; it is read after the run.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import time
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import websockets

import rtkit
from rtkit.server.knowledge import CAPITALS
from rtkit.server.phrases import number_to_words

FRAME_S = 0.02
FRAME_BYTES = 960  # PCM16 at 24 kHz
RATE = 24_000
VOICES = ("alloy", "coral", "echo", "marin", "verse")
SUMS = ((1, 2), (3, 4), (5, 6), (6, 4), (4, 9), (7, 8), (6, 3), (9, 9))
COUNTRIES = ("france", "brazil", "japan", "canada", "egypt", "norway", "kenya", "poland")
LONGEST_TURN_S = 30.0
HEARD_S = 2.0  # so much of an answer is listened to before the pause
PAUSE_S = (0.3, 1.0)
SESSION = {
    "type": "realtime",
    "audio": {"input": {"transcription": {"model": "gpt-4o-mini-transcribe"}}},
}
COMPLETED = "conversation.item.input_audio_transcription.completed"


@dataclass(frozen=True)
class Question:
    """Words, the sound of them as frames ready to be sent, and what their answer must hold.

    Speech ends with the last of the frames: `rtkit.Clip.speech_end`.
    """

    text: str
    frames: tuple[str, ...]
    answer: str = ""


@dataclass
class Turn:
    """One question asked: when its speech ended, and which of the events are about it."""

    question: Question
    first: int  # in Speaker.events
    speech_end: float = 0.0
    last: int = 0
    answered: bool = False


@dataclass
class Plan:
    """What the speakers of a run do: how many turns, which questions, in step or not."""

    questions: list[Question]
    turns: int
    in_step: bool = False
    rounds: list[asyncio.Barrier] = field(default_factory=list)


def frame(samples):
    """One frame as the text that is sent."""
    audio = base64.b64encode(samples.tobytes()).decode()
    return json.dumps({"type": "input_audio_buffer.append", "audio": audio})


SILENCE = frame(np.zeros(FRAME_BYTES // 2, "<i2"))


def question(text, voice, answer=""):
    """The question, spoken: cut after its speech, filled up at its front to whole frames."""
    clip = rtkit.say(text, voice=voice)
    said = np.frombuffer(clip.to_pcm16(), "<i2")[: round(clip.speech_end * RATE)]
    size = FRAME_BYTES // 2
    sound = np.concatenate([np.zeros(-len(said) % size, "<i2"), said])
    parts = [sound[at : at + size] for at in range(0, len(sound), size)]
    return Question(text, tuple(map(frame, parts)), answer)


def grammar_questions():
    """Sums and capitals, each with the words its answer must hold."""
    texts = [
        (f"what is {number_to_words(a)} plus {number_to_words(b)}", number_to_words(a + b))
        for a, b in SUMS
    ]
    texts += [(f"what is the capital of {name}", CAPITALS[name]) for name in COUNTRIES]
    return [
        question(text, VOICES[i % len(VOICES)], answer) for i, (text, answer) in enumerate(texts)
    ]


def type_of(text):
    """The type of an event, without reading all of it: it stands first."""
    start = text.index('"type": "') + 9
    return text[start : text.index('"', start)]


class Speaker:
    """One session. `events` are (instant, text) as they came in."""

    def __init__(self, url, number):
        self.url, self.number = url, number
        self.events, self.turns, self.sent_at = [], [], []
        self.latest_frame_s = 0.0  # how late the generator itself was, at worst
        self.closed = None  # the close code, when the server ended the session
        self._dice = random.Random(number)
        self._speech = deque()
        self._spoken = asyncio.Event()
        self._done = asyncio.Event()
        self._sound_s = 0.0

    async def talk(self, plan):
        """The whole session."""
        async with websockets.connect(self.url, max_size=None, compression=None) as socket:
            await socket.send(json.dumps({"type": "session.update", "session": SESSION}))
            helpers = [
                asyncio.create_task(self._listen(socket)),
                asyncio.create_task(self._speak(socket)),
            ]
            try:
                await self._hold(plan)
            finally:
                for helper in helpers:
                    helper.cancel()
                await asyncio.gather(*helpers, return_exceptions=True)

    async def _hold(self, plan):
        if not plan.in_step:
            await asyncio.sleep(self._dice.uniform(0, 4.0))
        for count in range(plan.turns):
            at = (5 * self.number + count) % len(plan.questions)
            if plan.in_step:
                await self._in_step(plan, plan.questions[at], count)
            await self._ask(plan.questions[at])
            await asyncio.sleep(min(self._sound_s, HEARD_S) + self._dice.uniform(*PAUSE_S))

    async def _in_step(self, plan, asked, count):
        """Wait until all are there, and then so long that all speech ends at one instant."""
        longest = max(len(one.frames) for one in plan.questions)
        async with asyncio.timeout(2 * LONGEST_TURN_S):
            await plan.rounds[count].wait()
        await asyncio.sleep((longest - len(asked.frames)) * FRAME_S)

    async def _ask(self, asked):
        turn = Turn(asked, first=len(self.events))
        self.turns.append(turn)
        self._done.clear()
        self._spoken.clear()
        self._sound_s = 0.0
        self._speech.extend(asked.frames)
        try:
            async with asyncio.timeout(LONGEST_TURN_S):
                await self._spoken.wait()
                turn.speech_end = self.sent_at[-1]
                await self._done.wait()
                turn.answered = True
        except TimeoutError:
            self._speech.clear()
        turn.last = len(self.events)

    async def _listen(self, socket):
        async for text in socket:
            self.events.append((time.perf_counter(), text))
            kind = type_of(text)
            if kind == "response.output_audio.delta":
                self._sound_s += len(text) * 0.75 / (2 * RATE)
            elif kind == "response.done" and '"status": "completed"' in text:
                self._done.set()
        self.closed = socket.close_code
        self._done.set()

    async def _speak(self, socket):
        began = time.perf_counter()
        while self.closed is None:
            now = time.perf_counter()
            self.latest_frame_s = max(self.latest_frame_s, now - began)
            await socket.send(self._speech.popleft() if self._speech else SILENCE)
            self.sent_at.append(now)
            if not self._speech:
                self._spoken.set()
            began += FRAME_S
            await asyncio.sleep(began - time.perf_counter())


async def hold_talks(url, count, plan):
    """So many speakers at once; they come back with what they were told."""
    speakers = [Speaker(url, number) for number in range(count)]
    plan.rounds = [asyncio.Barrier(count) for _ in range(plan.turns)]
    talks = await asyncio.gather(*(one.talk(plan) for one in speakers), return_exceptions=True)
    failures = [repr(talk) for talk in talks if isinstance(talk, BaseException)]
    return speakers, failures
