"""One response: what the brain says and the voice speaks, as wire events in the wire's order.

    response.created
      per message   output_item.added, conversation.item.added, content_part.added, deltas,
                    the part's done events, content_part.done, conversation.item.done,
                    output_item.done
      per call      the same around function_call_arguments.delta and .done, without a part
    response.done, rate_limits.updated

A response that is stopped closes what it had opened. Every method returns events; none sends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtkit.audio import (
    PCM_RATE,
    AudioFormat,
    StreamResampler,
    encode,
    pcm16_to_float,
    to_base64,
)
from rtkit.server.context import Given
from rtkit.server.conversation import Conversation, Entry, Sound
from rtkit.server.plans import Plan
from rtkit.server.usage import Output, Tokens, response_usage

Event = dict[str, Any]
Samples = NDArray[np.int16]
WORDS = re.compile(r"\s*\S+\s*?|\s+")
"""A text as the pieces of its deltas: words, each with the blank before it."""


@dataclass(slots=True)
class Message:
    """The message item being made: its text so far, and the sentence being spoken."""

    entry: Entry
    index: int
    text: str = ""
    sentence: str = ""
    written: int = 0  # characters of the sentence that have been sent
    sentence_ms: float = 0.0  # where in the item's sound the sentence begins
    sentence_at: int = 0  # where in the text it begins


@dataclass(slots=True)
class Response:
    """The state of one response; `done` once it has ended."""

    id: str
    plan: Plan
    conversation: Conversation
    new_id: Callable[[str], str]
    given: Given | None = None  # once it thinks
    cached: Tokens = field(default_factory=Tokens)
    waiting_for: set[str] = field(default_factory=set)
    thinking: bool = False
    done: bool = False
    made: Output = field(init=False)
    _output: list[Entry] = field(default_factory=list)
    _called: bool = False
    _message: Message | None = None
    _resampler: StreamResampler | None = None

    def __post_init__(self) -> None:
        self.made = Output(self.plan.limit)

    @property
    def item_ids(self) -> set[str]:
        """The items that it made so far."""
        return {entry.id for entry in self._output}

    def start(self) -> list[Event]:
        """`response.created`."""
        return [{"type": "response.created", "response": self._wire("in_progress")}]

    def say(self, text: str) -> list[Event]:
        """A sentence of the answer. Written, it is sent; spoken, its sound follows by `sound`."""
        events = self._end_sentence()
        opened, message = self._open_message()
        events += opened
        text = f" {text}" if message.text else text
        if not self.plan.spoken:
            words = WORDS.findall(text)
            return events + [event for word in words for event in self._write(message, word)]
        message.sentence, message.written = text, 0
        message.sentence_at = len(message.text)
        message.sentence_ms = message.entry.sound.ms if message.entry.sound else 0.0
        return events

    def sound(self, samples: Samples, words: Sequence[tuple[int, int]] = ()) -> list[Event]:
        """Sound of the current sentence: int16[n] at 24 kHz, and the words that begin in it.

        `words` are (character, ms) within the sentence as it was said.
        """
        message = self._message
        if message is None or message.entry.sound is None:
            return []
        lead = len(message.sentence) - len(message.sentence.lstrip())
        if len(samples) and not message.written and not words:
            words = [(0, 0)]  # a breath before the first word: the text still runs ahead
        events: list[Event] = []
        for character, ms in words:
            events += self._write_word(message, character + lead, ms)
        return events + self._play(message, self._encoded(samples))

    def call(self, name: str, arguments: Mapping[str, Any]) -> list[Event]:
        """A call of a tool, as an item of its own.

        Nothing when there has been one and `parallel_tool_calls` is off.
        """
        if self._called and self.plan.settings.get("parallel_tool_calls") is False:
            return []
        events = self._end_speech()
        if self.made.full:
            return events
        self._called = True
        events += self._close_message("completed")
        item = {
            "id": self.new_id("item_"),
            "type": "function_call",
            "status": "in_progress",
            "name": name,
            "call_id": self.new_id("call_"),
            "arguments": "",
        }
        entry = Entry(item)
        events += self._add(entry)
        return events + self._fill_in(entry, json.dumps(arguments))

    def finish(
        self, status: str, reason: str | None = None, error: Mapping[str, Any] | None = None
    ) -> list[Event]:
        """The end: open parts closed, `response.done`. `status` and `reason` are the wire's.

        A response that was completed, but for what there was no room for, is incomplete.
        """
        events = self._end_speech() if status in ("completed", "incomplete") else []
        if status == "completed" and self.made.full:
            status, reason = "incomplete", "max_output_tokens"
        events += self._close_message("completed" if status == "completed" else "incomplete")
        self.done = True
        usage = response_usage(
            self.given.tokens if self.given else Tokens(), self.cached, self.made.tokens
        )
        details = None
        if status != "completed":
            details = {"type": status}
            if reason is not None:
                details["reason"] = reason
            if error is not None:
                details["error"] = dict(error)  # type: ignore[assignment]
        response = self._wire(status) | {"status_details": details, "usage": usage}
        return [*events, {"type": "response.done", "response": response}]

    def _wire(self, status: str) -> Event:
        settings = self.plan.settings
        output = settings["audio"]["output"]
        return {
            "id": self.id,
            "object": "realtime.response",
            "status": status,
            "status_details": None,
            "output": [entry.wire() for entry in self._output],
            "conversation_id": self.conversation.id if self.plan.in_conversation else None,
            "output_modalities": list(settings["output_modalities"]),
            "max_output_tokens": settings["max_output_tokens"],
            "audio": {"output": {"format": dict(output["format"]), "voice": self.plan.voice}},
            "usage": None,
            "metadata": dict(self.plan.metadata) if self.plan.metadata else None,
        }

    def _add(self, entry: Entry) -> list[Event]:
        added = {
            "type": "response.output_item.added",
            "response_id": self.id,
            "output_index": len(self._output),
            "item": entry.wire(),
        }
        self._output.append(entry)
        if not self.plan.in_conversation:
            return [added]
        previous = self.conversation.insert(entry)
        item_added = {
            "type": "conversation.item.added",
            "previous_item_id": previous,
            "item": entry.wire(),
        }
        return [added, item_added]

    def _complete(self, entry: Entry, status: str) -> list[Event]:
        entry.item["status"] = status
        done = {
            "type": "response.output_item.done",
            "response_id": self.id,
            "output_index": self._output.index(entry),
            "item": entry.wire(),
        }
        if self.conversation.get(entry.id) is not entry:  # beside it, or deleted by the client
            return [done]
        item_done = {
            "type": "conversation.item.done",
            "previous_item_id": self.conversation.previous_id(entry.id),
            "item": entry.wire(),
        }
        return [item_done, done]

    def _open_message(self) -> tuple[list[Event], Message]:
        if self._message is not None:
            return [], self._message
        item = {
            "id": self.new_id("item_"),
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        entry = Entry(item, Sound(self.plan.format) if self.plan.spoken else None)
        self._message = Message(entry, len(self._output))
        self._resampler = None
        events = self._add(entry)
        entry.item["content"] = [self._content("")]
        return [*events, self._part_event("response.content_part.added", "")], self._message

    def _content(self, text: str) -> Event:
        if self.plan.spoken:
            return {"type": "output_audio", "transcript": text}
        return {"type": "output_text", "text": text}

    def _place(self, type_: str) -> Event:
        assert self._message is not None
        return {
            "type": type_,
            "response_id": self.id,
            "item_id": self._message.entry.id,
            "output_index": self._message.index,
            "content_index": 0,
        }

    def _part_event(self, type_: str, text: str) -> Event:
        part = (
            {"type": "audio", "transcript": text}
            if self.plan.spoken
            else {"type": "text", "text": text}
        )
        return self._place(type_) | {"part": part}

    def _write(self, message: Message, text: str) -> list[Event]:
        """Text that the client gets to read: of the answer, or of what is being spoken."""
        text = self.made.text(text)
        if not text:
            return []
        message.text += text
        if not message.entry.cut:
            message.entry.item["content"] = [self._content(message.text)]
        type_ = "output_audio_transcript" if self.plan.spoken else "output_text"
        padding = self.new_id("")[: 4 + len(text) % 12]
        delta = {"delta": text, "obfuscation": padding}
        return [self._place(f"response.{type_}.delta") | delta]

    def _write_word(self, message: Message, character: int, ms: float) -> list[Event]:
        end = message.sentence.find(" ", character)
        end = len(message.sentence) if end < 0 else end
        if end <= message.written:
            return []
        text = message.sentence[message.written : end]
        message.written = end
        if message.entry.sound is not None and not message.entry.cut:
            begin = message.sentence_at + character
            message.entry.sound.words.append((begin, message.sentence_ms + ms))
        return self._write(message, text)

    def _end_sentence(self) -> list[Event]:
        """The words of the sentence that the voice did not mark."""
        message = self._message
        if message is None:
            return []
        rest = message.sentence[message.written :]
        message.written = len(message.sentence)
        return self._write(message, rest)

    def _encoded(self, samples: Samples, *, last: bool = False) -> bytes:
        pcm, form = samples.astype("<i2").tobytes(), self.plan.format
        if form is AudioFormat.PCM16:
            return pcm
        if self._resampler is None:
            self._resampler = StreamResampler(PCM_RATE, form.rate)
        floats = self._resampler.push(pcm16_to_float(pcm))
        if last:
            floats = np.concatenate([floats, self._resampler.finish()])
        return encode(floats, form)

    def _end_speech(self) -> list[Event]:
        """What the message that is open still lacks: the last words, the end of its sound."""
        message = self._message
        if message is None:
            return []
        events = self._end_sentence()
        if self.plan.spoken:
            events += self._play(message, self._encoded(np.zeros(0, np.int16), last=True))
        return events

    def _play(self, message: Message, data: bytes) -> list[Event]:
        sound = message.entry.sound
        assert sound is not None
        data = self.made.sound(data, sound.format)
        if not data:
            return []
        if not message.entry.cut:
            sound.data += data
        return [self._place("response.output_audio.delta") | {"delta": to_base64(data)}]

    def _close_message(self, status: str) -> list[Event]:
        message = self._message
        if message is None:
            return []
        events = []
        if self.plan.spoken:
            events.append(self._place("response.output_audio.done"))
            text = {"transcript": message.text}
            events.append(self._place("response.output_audio_transcript.done") | text)
        else:
            events.append(self._place("response.output_text.done") | {"text": message.text})
        events.append(self._part_event("response.content_part.done", message.text))
        self._message = None
        return events + self._complete(message.entry, status)

    def _fill_in(self, entry: Entry, arguments: str) -> list[Event]:
        place = {
            "response_id": self.id,
            "item_id": entry.id,
            "output_index": len(self._output) - 1,
            "call_id": entry.item["call_id"],
        }
        self.made.text(entry.item["name"])
        arguments = entry.item["arguments"] = self.made.text(arguments)
        type_ = "response.function_call_arguments"
        delta = {"type": f"{type_}.delta", **place, "delta": arguments}
        named = {"name": entry.item["name"], "arguments": arguments}
        done = {"type": f"{type_}.done", **place, **named}
        delta["obfuscation"] = self.new_id("")[:8]
        status = "incomplete" if self.made.full else "completed"
        return [delta, done, *self._complete(entry, status)]
