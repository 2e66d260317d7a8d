"""A client, ears, brain and voice in memory around one server core, with a hand-held clock."""

import json
from datetime import UTC, datetime
from typing import Annotated, get_args

import numpy as np
from openai.types.realtime.realtime_server_event import RealtimeServerEvent
from pydantic import Field, TypeAdapter

from rtkit.audio import AudioFormat, encode, to_base64
from rtkit.rules import violations
from rtkit.server.brain import Call, Say
from rtkit.server.commands import Finish, Forget, Listen, Send, Stop, Think
from rtkit.server.core import Core, Settings
from rtkit.speech.recognition import Heard, Word

OFFICIAL = TypeAdapter(Annotated[get_args(RealtimeServerEvent)[0], Field(discriminator="type")])
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FRAME_MS = 20


class Loudness:
    """A detector that takes every loud frame for speech."""

    rate, hop = 16_000, 512

    def probability(self, frame):
        return 1.0 if np.abs(frame).max() > 0.05 else 0.0

    def reset(self):
        pass


def counted_ids():
    counts = {}

    def new_id(prefix):
        counts[prefix] = counts.get(prefix, 0) + 1
        return f"{prefix}{counts[prefix]:021d}"

    return new_id


def voiced(ms, rate=24_000):
    return 0.3 * np.sin(2 * np.pi * 220 * np.arange(round(ms * rate / 1000)) / rate)


def words_heard(text, confidence=0.9, engine="grammar"):
    words = tuple(
        Word(word, 100.0 * i, 100.0 * i + 90, confidence) for i, word in enumerate(text.split())
    )
    return Heard(text, words, confidence, engine)


class Story:
    """Tells a core what happens; every event it sends is checked against the official types and
    the rules of order. Methods return the events that were sent in answer.
    """

    def __init__(self, detector=Loudness, open_=True, **settings):
        settings = {"model": "gpt-realtime-2.1", "wall": lambda: NOON, **settings}
        self.core = Core(Settings(**settings), detector, counted_ids())
        self.now = 0.0
        self.events = []
        self.commands = []
        self.format = AudioFormat.PCM16
        if open_:
            self._take(self.core.open(self.now))

    def _take(self, commands):
        self.commands += commands
        sent = [command.event for command in commands if isinstance(command, Send)]
        for event in sent:
            OFFICIAL.validate_python(event)
        self.events += sent
        found = [str(violation) for violation in violations(self.events)]
        assert found == [], found
        return sent

    def send(self, type_, **fields):
        return self.frame(json.dumps({"type": type_, **fields}))

    def frame(self, frame):
        sent = self._take(self.core.receive(frame, self.now))
        while self.core.hungry:
            sent += self._take(self.core.resume(self.now))
        return sent

    def update(self, **session):
        return self.send("session.update", session={"type": "realtime", **session})

    def manual(self):
        return self.update(audio={"input": {"turn_detection": None}})

    def transcribe(self, model="gpt-4o-mini-transcribe"):
        return self.update(audio={"input": {"transcription": {"model": model}}})

    def append(self, samples, frame_ms=FRAME_MS):
        """Sound at the format's rate, as the frames that a client sends."""
        sent, size = [], round(frame_ms * self.format.rate / 1000)
        for at in range(0, len(samples), size):
            data = encode(np.asarray(samples[at : at + size], np.float32), self.format)
            self.now += frame_ms / 1000
            sent += self.send("input_audio_buffer.append", audio=to_base64(data))
        return sent

    def speak(self, ms=600, frame_ms=FRAME_MS):
        return self.append(voiced(ms, self.format.rate), frame_ms)

    def silence(self, ms=700, frame_ms=FRAME_MS):
        return self.append(np.zeros(round(ms * self.format.rate / 1000)), frame_ms)

    def say_and_wait(self):
        """A spoken turn that turn detection ends."""
        return self.speak() + self.silence()

    def type(self, text, **fields):
        item = {"type": "message", "role": "user"}
        item["content"] = [{"type": "input_text", "text": text}]
        return self.send("conversation.item.create", item={**item, **fields})

    @property
    def last_id(self):
        """The id of the last item in the conversation."""
        return [entry.id for entry in self.core.conversation][-1]

    def asked(self, kind):
        """The newest command of a kind."""
        return [command for command in self.commands if isinstance(command, kind)][-1]

    def count(self, kind):
        return sum(isinstance(command, kind) for command in self.commands)

    def hear(self, text, confidence=0.9):
        heard = words_heard(text, confidence)
        return self._take(self.core.heard(self.asked(Finish).item_id, heard, self.now))

    def guess(self, text):
        """What the recogniser guesses of the utterance under way."""
        return self._take(self.core.partial(self.asked(Listen).item_id, text, self.now))

    def mishear(self, message):
        return self._take(self.core.unheard(self.asked(Finish).item_id, message, self.now))

    @property
    def thinking(self):
        return self.asked(Think).response_id

    def reply(self, text, ms=None):
        """A sentence; spoken in `ms` milliseconds, its words evenly spread, in 100 ms pieces."""
        sent = self._take(self.core.reply_piece(self.thinking, Say(text), self.now))
        starts = [at for at, c in enumerate(text) if at == 0 or text[at - 1] == " "]
        for at in range(0, ms or 0, 100):
            words = [(c, round(ms * i / len(starts))) for i, c in enumerate(starts)]
            part = tuple(word for word in words if at <= word[1] < at + 100)
            samples = np.full(24 * min(100, ms - at), 1000, np.int16)
            sent += self._take(self.core.audio(self.thinking, samples, self.now, part))
        return sent

    def call(self, name, **arguments):
        return self._take(self.core.reply_piece(self.thinking, Call(name, arguments), self.now))

    def done(self, error=None):
        return self._take(self.core.reply_done(self.thinking, self.now, error))

    def say_in(self, response_id, text):
        """A sentence in one of several responses."""
        return self._take(self.core.reply_piece(response_id, Say(text), self.now))

    def done_with(self, response_id):
        return self._take(self.core.reply_done(response_id, self.now))

    def wake(self, now):
        self.now = now
        return self._take(self.core.wake(now))

    def spoken_answer(self, text="Hello there my friend.", ms=800):
        """A whole text question with a spoken answer; the id of the answer's item."""
        self.type("hello")
        self.send("response.create")
        sent = self.reply(text, ms) + self.done()
        return only(sent, "response.output_item.done")["item"]["id"]


def types(events):
    """The types, runs of the same delta counted once."""
    names = [event["type"] for event in events]
    return [
        name for i, name in enumerate(names) if not (name.endswith("delta") and name in names[:i])
    ]


def only(events, type_):
    found = [event for event in events if event["type"] == type_]
    assert len(found) == 1, f"{len(found)} of {type_} in {[event['type'] for event in events]}"
    return found[0]


def error(events):
    """The error of the only event."""
    assert [event["type"] for event in events] == ["error"]
    return events[0]["error"]


__all__ = ["Finish", "Forget", "Listen", "Say", "Stop", "Story", "Think", "error", "only", "types"]
