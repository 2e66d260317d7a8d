"""The same input gives the same sequence of events, however it is cut into pieces.

Runs of deltas of one part are joined, ids are numbered as they appear; everything else is compared,
positions in the input and usage among it.
"""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serverstory import Story, Think, voiced

from rtkit.audio import AudioFormat, encode, to_base64
from rtkit.server.brain import Call, Say
from rtkit.server.commands import Send

ID = re.compile(r"^(event|item|resp|call|conv|sess)_")
SENTENCE = "One two three four."
FORMATS = {
    "audio/pcm": AudioFormat.PCM16,
    "audio/pcmu": AudioFormat.G711_ULAW,
    "audio/pcma": AudioFormat.G711_ALAW,
}
cuts = st.lists(st.integers(240, 9_000), min_size=1, max_size=12)
"""Sizes of pieces, in samples; they are used again and again until the sound is over."""


def cut(sound, sizes):
    """The sound in pieces of these sizes, the last one perhaps shorter."""
    at, number = 0, 0
    while at < len(sound):
        yield sound[at : at + sizes[number % len(sizes)]]
        at += sizes[number % len(sizes)]
        number += 1


class Swift(Story):
    """A story whose events are compared, and so need not be judged at every step."""

    def _take(self, commands):
        self.commands += commands
        sent = [command.event for command in commands if isinstance(command, Send)]
        self.events += sent
        return sent


def told(events):
    """The sequence as it is compared."""
    names, found, deltas = {}, [], {}

    def plain(value, key=""):
        if isinstance(value, dict):
            left = {k: v for k, v in value.items() if k not in ("event_id", "obfuscation")}
            return {k: plain(v, k) for k, v in left.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        if isinstance(value, str) and ID.match(value):
            return names.setdefault(value, f"{value.split('_')[0]} {len(names)}")
        return value

    for event in events:
        if not event["type"].endswith(".delta"):
            found.append(plain(event))
            continue
        key = (event["type"], event["item_id"])
        if key not in deltas:
            deltas[key] = plain(event) | {"delta": ""}
            found.append(deltas[key])
        is_sound = event["type"] == "response.output_audio.delta"
        deltas[key]["delta"] += "" if is_sound else event["delta"]
    return found


def speak(story, sound, sizes):
    """The sound in frames of these sizes."""
    for piece in cut(sound, sizes):
        data = encode(np.asarray(piece, np.float32), story.format)
        story.now += len(piece) / story.format.rate
        story.send("input_audio_buffer.append", audio=to_base64(data))


def answer(story, sizes):
    """A sentence of 1.2 s whose sound comes in pieces of these sizes, and a call."""
    core, response_id = story.core, story.asked(Think).response_id
    story._take(core.reply_piece(response_id, Say(SENTENCE), story.now))
    words = [(0, 0), (4, 300), (8, 600), (14, 900)]
    at = 0
    for piece in cut(np.full(28_800, 1000, np.int16), sizes):
        here = tuple(word for word in words if at <= word[1] * 24 < at + len(piece))
        story._take(core.audio(response_id, piece, story.now, here))
        at += len(piece)
    story._take(core.reply_piece(response_id, Call("look", {"at": "it"}), story.now))
    story.done()


def talk(frames, pieces, kind="audio/pcm", ends="server_vad"):
    """Two spoken turns, the second one interrupting nothing; all events."""
    story = Swift()
    wire = {"type": kind} | ({"rate": 24000} if kind == "audio/pcm" else {})
    turn_detection = None if ends == "by hand" else {"type": ends}
    audio = {"input": {"format": wire, "turn_detection": turn_detection}}
    audio["input"]["transcription"] = {"model": "gpt-transcribe"}
    story.update(audio={**audio, "output": {"format": wire}})
    story.format = FORMATS[kind]
    rate = story.format.rate
    sound = np.concatenate([np.zeros(rate // 2), voiced(700, rate), np.zeros(rate)])
    for words in ("what time is it", "and now"):
        speak(story, sound, frames)
        if ends == "by hand":
            story.send("input_audio_buffer.commit")
            story.send("response.create")
        story.hear(words)
        answer(story, pieces)
        story.now += 2
    return told(story.events)


CALM = talk([480], [2_400])


def test_what_is_compared_is_a_whole_conversation():
    names = [event["type"] for event in CALM]
    assert names.count("response.done") == names.count("input_audio_buffer.speech_stopped") == 2
    assert names.count("response.function_call_arguments.done") == 2
    deltas = [e["delta"] for e in CALM if e["type"] == "response.output_audio_transcript.delta"]
    assert deltas == [SENTENCE, SENTENCE]


def test_told_twice_it_is_the_same():
    assert talk([480], [2_400]) == CALM


@settings(max_examples=30, deadline=None)
@given(cuts)
def test_other_frames_of_the_input_change_nothing(frames):
    assert talk(frames, [2_400]) == CALM


@settings(max_examples=30, deadline=None)
@given(cuts)
def test_other_pieces_of_the_answer_change_nothing(pieces):
    assert talk([480], pieces) == CALM


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("ends", ["server_vad", "semantic_vad", "by hand"])
def test_in_every_format_and_with_every_end_of_turn(kind, ends):
    calm = talk([160], [2_400], kind, ends)
    assert talk([7_001, 33], [999, 5_000], kind, ends) == calm
    assert [e["type"] for e in calm].count("response.done") == 2
