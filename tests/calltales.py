"""Calls of a scripted caller, told by hand: what was said, what the server made of it, and when.

In every call the server ends a turn 500 ms after the end of speech. From there until an answer is
heard it takes, as the story tells it: 40 ms to say so, 2 + 1 ms to commit, 20 ms to begin a
response, 80 ms to the first sound, 30 ms to play it. An answer is thus heard 673 ms after the end
of speech, if nothing else is told.
"""

import json

import numpy as np
from helpers import Story, tone

from rtkit import events

ANSWER_MS = 500 + 40 + 2 + 1 + 20 + 80 + 30
NOBODY = "the capital of france is paris"


class Call(Story):
    """A story with a scripted caller in it, who tells what it says."""

    def __init__(self, **options):
        super().__init__(**options)
        self.open()
        self.turn = 0
        self.silence(0.5)

    def begins(self, **fields):
        """The caller begins a step."""
        self.turn += 1
        self.note("caller.turn", turn=self.turn, **fields)

    def tells(self, kind, text, seconds):
        """The caller tells what it says from now on."""
        start = 1000 * self.sent_s
        places = {"audio_start_ms": start, "audio_end_ms": start + 1000 * seconds}
        self.note("caller.speech", turn=self.turn, kind=kind, text=text, **places)

    def asks(self, text=NOBODY, seconds=1.0, kind="question", heard=None, pace=1.0):
        """The caller asks, and the server has the whole of it as one turn."""
        self.begins()
        self.tells(kind, text, seconds)
        item_id = self.speak(seconds, pace=pace)
        if heard is not None:
            self.transcribe(item_id, heard)
        return item_id

    def starts(self, seconds=3.0, text="Once upon a time", after=0.0):
        """An answer of that length that begins to play now; the clock stands where it does."""
        response_id = self.respond(after=0.02 + after)
        where = self.begin_item(response_id)
        begun = self.now + 0.08 + 0.03
        self.pieces(where, text, tone(seconds, hertz=140.0))
        self.end_item(where, text)
        self.end_response(response_id)
        self.at(begun).note("playback.started", item_id=where["item_id"])
        self.playing = where["item_id"], begun, seconds
        return where["item_id"]

    def stops(self):
        """The answer that plays is silenced now."""
        item_id, begun, _ = self.playing
        ms = round(1000 * (self.now - begun))
        self.note("playback.flushed", item_id=item_id, played_ms=ms)
        cut = {"item_id": item_id, "content_index": 0, "audio_end_ms": ms}
        self.send("conversation.item.truncate", **cut)
        self.hear(events.TRUNCATED, **cut)

    def ends(self):
        """The answer plays to its end, while the caller is silent."""
        item_id, begun, seconds = self.playing
        if begun + seconds > self.now:
            self.silence(begun + seconds - self.now)
        self.at(begun + seconds)
        self.note("playback.finished", item_id=item_id, played_ms=round(1000 * seconds))

    def says_over(self, kind, text, seconds, silent_after=None):
        """The caller says something while an answer plays, which falls silent so much later."""
        self.begins()
        self.tells(kind, text, seconds)
        at = self.sent_s
        if silent_after is not None:
            self.stream(tone(silent_after))
            self.stops()
        self.stream(tone(max(0.0, at + seconds - self.sent_s)))

    def hears(self, begun_s, ended_s, words=None):
        """The server takes the sound between two positions for a turn."""
        item_id = self.new_id("item")
        self.hear(events.SPEECH_STARTED, item_id=item_id, audio_start_ms=round(1000 * begun_s))
        stop = round(1000 * ended_s) + self.silence_ms
        self.hear(events.SPEECH_STOPPED, 0.04, item_id=item_id, audio_end_ms=stop)
        self.commit(item_id)
        if words is not None:
            self.transcribe(item_id, words)
        return item_id

    def calls(self, name, **arguments):
        """The model calls a tool, and is answered."""
        response_id, call_id = self.respond(), self.new_id("call")
        item = {"id": self.new_id("item"), "type": "function_call", "name": name}
        item |= {"call_id": call_id, "arguments": json.dumps(arguments), "status": "completed"}
        where = {"response_id": response_id, "output_index": 0}
        self.hear(events.OUTPUT_ITEM_ADDED, item=item, **where)
        self.hear(events.ITEM_ADDED, item=item, previous_item_id=self.last_item)
        self.hear(events.OUTPUT_ITEM_DONE, item=item, **where)
        self.end_response(response_id)
        output = {"type": "function_call_output", "call_id": call_id, "output": "21"}
        self.send(events.ITEM_CREATE, item=output)
        self.send(events.RESPONSE_CREATE)
        told = {**output, "id": self.new_id("item")}
        self.hear(events.ITEM_ADDED, 0.01, item=told, previous_item_id=item["id"])


def answered(call):
    call.asks()
    call.answer("Paris.", 1.0)


def answered_twice_as_asked(call):
    answered(call)
    call.silence(0.5)
    call.asks()
    call.starts(1.0, after=0.4)
    call.ends()


def answered_after_silence_in_the_answer(call):
    call.asks()
    call.answer("Paris.", np.concatenate([np.zeros(4800, np.float32), tone(1.0)]))


def never_answered(call):
    call.asks()
    call.silence(3.0)


def answered_only_when_asked_again(call):
    call.asks()
    call.silence(2.0)
    answered(call)


def answered_into_a_pause(call):
    """Speech 0.5 to 1.0, a pause of 0.8, speech to 3.3 s; the answer begins at 1.673."""
    call.begins()
    call.tells("question", "what is the capital of ... france", 2.8)
    call.stream(tone(0.5))
    call.silence(0.5)
    call.hears(0.5, 1.0, "what is the capital of")
    call.starts(4.0)
    call.stream(np.concatenate([np.zeros(4800, np.float32), tone(0.1)]))
    call.stops()
    call.stream(tone(1.5))
    end = call.sent_s
    call.silence(0.5)
    call.hears(1.8, end, "france")
    call.answer("Paris.", 1.0)


def turn_ended_in_a_pause_without_a_word(call):
    call.begins()
    call.tells("question", "what is the capital of ... france", 2.8)
    call.stream(tone(0.5))
    call.silence(0.5)
    call.hears(0.5, 1.0)
    call.silence(0.3)
    call.stream(tone(1.5))
    call.silence(0.5)
    call.hears(1.8, 3.3)
    call.answer("Paris.", 1.0)


def answered_with_the_last_sound(call):
    """The answer is heard 60 ms before the end of speech, by a server that needs no silence."""
    call.begins()
    call.tells("question", NOBODY, 1.0)
    call.stream(tone(1.0))
    item_id = call.new_id("item")
    call.hear(events.SPEECH_STARTED, item_id=item_id, audio_start_ms=500)
    call.hear(events.SPEECH_STOPPED, item_id=item_id, audio_end_ms=1500)
    call.at(call.now - 0.003 - 0.13 - 0.06).commit(item_id)
    call.starts(1.0)
    call.ends()


def interrupted_and_yielding(call):
    call.asks()
    call.starts(8.0)
    call.silence(2.0)
    call.says_over("barge_in", "stop it please", 1.0, silent_after=0.24)
    end = call.sent_s
    call.silence(0.5)
    call.hears(end - 1.0, end)
    call.answer("All right.", 1.0)


def interrupted_and_deaf(call):
    call.asks()
    call.starts(8.0)
    call.silence(2.0)
    call.says_over("barge_in", "stop it please", 1.0)
    call.ends()


def interrupted_just_before_its_end(call):
    call.asks()
    call.starts(3.0)
    call.silence(2.5)
    call.says_over("barge_in", "stop it please", 1.0)
    call.note("playback.finished", item_id=call.playing[0], played_ms=3000)
    end = call.sent_s
    call.silence(0.5)
    call.hears(end - 1.0, end)
    call.answer("All right.", 1.0)


def interrupted_and_yielding_late(call):
    call.asks()
    call.starts(8.0)
    call.silence(2.0)
    call.says_over("barge_in", "stop it now", 3.0, silent_after=2.5)
    end = call.sent_s
    call.silence(0.5)
    call.hears(end - 3.0, end)
    call.answer("All right.", 1.0)


def interrupted_where_nothing_plays(call):
    answered(call)
    call.silence(0.5)
    call.asks(kind="barge_in")
    call.answer("Yes.", 1.0)


def mm_hmm_let_pass(call):
    call.asks()
    call.starts(4.0)
    call.silence(1.0)
    call.says_over("backchannel", "mm-hmm", 0.4)
    call.ends()


def mm_hmm_that_stops_the_answer(call):
    call.asks()
    call.starts(4.0)
    call.silence(1.0)
    call.says_over("backchannel", "mm-hmm", 0.4, silent_after=0.3)
    call.silence(3.0)


def mm_hmm_that_is_answered_later(call):
    call.asks()
    call.starts(4.0)
    call.silence(1.0)
    call.says_over("backchannel", "mm-hmm", 0.4)
    end = call.sent_s
    call.silence(0.5)
    call.hears(end - 0.4, end, "mm")
    call.ends()
    call.answer("Pardon?", 1.0)


def mm_hmm_then_a_question(call):
    """Someone asks 0.6 s after a backchannel, and for that the assistant stops."""
    call.asks()
    call.starts(6.0)
    call.silence(1.0)
    call.says_over("backchannel", "mm-hmm", 0.4)
    call.silence(0.2)
    call.says_over("barge_in", "stop it please", 1.0, silent_after=0.2)
    end = call.sent_s
    call.silence(0.5)
    call.hears(end - 1.0, end)
    call.answer("All right.", 1.0)


def a_cough_let_pass_and_a_cough_answered(call):
    answered(call)
    call.begins()
    call.tells("noise", "", 0.3)
    call.stream(tone(0.3))
    call.silence(1.0)
    call.begins()
    call.tells("noise", "", 0.3)
    call.stream(tone(0.3))
    end = call.sent_s
    call.silence(0.5)
    call.hears(end - 0.3, end, "hm")
    call.answer("Pardon?", 1.0)


def answered_twice(call):
    answered(call)
    call.silence(0.3)
    call.answer("As I said, Paris.", 1.0)


def greeted_before_asking(call):
    call.answer("Hello, how may I help?", 1.0)
    answered(call)


def answered_to_nobody(call):
    """The server hears a turn where the caller said nothing, and answers it."""
    answered(call)
    call.silence(3.0)
    end = call.sent_s
    call.hears(end - 1.0, end - 0.5, "uh")
    call.answer("Pardon?", 1.0)


def tool_called_rightly(call):
    call.begins(calls=[{"name": "get_weather", "arguments": {"city": "Paris"}}])
    call.tells("question", "what is the weather in paris", 1.0)
    call.speak(1.0)
    call.calls("get_weather", city="Paris", units="metric")
    call.answer("It is clear.", 1.0)


def tool_called_wrongly_and_again(call):
    call.begins(calls=[{"name": "get_weather", "arguments": {"city": "Paris"}}])
    call.tells("question", "what is the weather in paris", 1.0)
    call.speak(1.0)
    call.calls("get_weather", city="Rome")
    call.calls("get_time")
    call.answer("It is noon.", 1.0)


def misheard(call):
    call.asks("What's the capital of France?", heard="what the capitol of france is")
    call.answer("Paris.", 1.0)


def unheard(call):
    call.asks("What's the capital of France?", heard="what's the capital of France")
    call.answer("Paris.", 1.0)
    call.begins()
    call.tells("question", "and of Spain", 1.0)
    call.stream(tone(1.0))
    call.silence(3.0)


def sent_at_once(call):
    call.asks(pace=0.1)
    call.answer("Paris.", 1.0)


def answered_in_text(call):
    call.asks()
    call.write("It is Paris.")
