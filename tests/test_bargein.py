"""Barge-in, exactly: whenever an answer is interrupted, it is cut where it was truly heard.

First in told time: a server in memory that is as strict as the wire, with any chunks, any speed and
any way to it. Then over real sockets with the embedded server. What was truly played is reckoned
here from the sound as it came, and not by the code under test.
"""

import base64
import random
import time
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from socketstory import options

from rtkit import events
from rtkit.commands import Play
from rtkit.playback import ClockPlayer
from rtkit.server.brain import Script
from rtkit.session import connect
from rtkit.testing import Story

NEAR_MS = 20.0
LEAST_S, ROUNDING = 1e-9, 1e-5  # of a told clock (s), of what is added up (ms)
MS = 48  # bytes of PCM16 at 24 kHz
WORDS = " ".join(f"word{n}" for n in range(60))


def truly_played(arrivals, until):
    """Milliseconds that a loudspeaker has played by then of (instant, ms) pieces, as they came."""
    free, played = 0.0, 0.0
    for came, ms in arrivals:
        if came <= until:
            start = max(free, came)
            free = start + ms / 1000
            played += max(0.0, min(until, free) - start) * 1000
    return played


@dataclass(frozen=True)
class Course:
    """An answer in pieces of (ms, seconds until it is sent), and when it is talked over."""

    pieces: list
    lag: float  # seconds on the way, each way
    at: float  # of the interruption, seconds after the question
    by_speech: bool

    @property
    def sent(self):
        """(instant at the server, ms) of each piece, if nobody interrupts."""
        now, told = self.lag, []
        for ms, gap in self.pieces:
            now += gap
            told.append((now, ms))
        return told

    @property
    def stops(self):
        """When the server learns of the interruption, and sends no more."""
        return self.at - self.lag if self.by_speech else self.at + self.lag


courses = st.builds(
    Course,
    pieces=st.lists(st.tuples(st.integers(1, 400), st.floats(0, 0.3)), min_size=1, max_size=25),
    lag=st.floats(0.001, 0.2),
    at=st.floats(0.002, 6.0),
    by_speech=st.booleans(),
)


class Line:
    """A story with a strict server at the other end of the line."""

    def __init__(self, course):
        self.course, self.story, self.errors, self.cuts = course, Story(), [], []
        self.late = []  # what was wanted of the sound that came after the interruption
        self.zero = self.story.now
        self.story.send("response.create")
        self.story.sent()

    def run(self):
        """Tell everything in the order of its coming."""
        course, story = self.course, self.story
        told = [(at + course.lag, 1, ms, n) for n, (at, ms) in enumerate(course.sent)]
        told = [one for one in told if one[0] - course.lag <= course.stops]
        done = len(told) == len(course.pieces)
        end = max([course.stops if not done else 0.0, *(at - course.lag for at, *_ in told)])
        begun = 2 * course.lag
        self.status = "completed" if done else "cancelled"
        self.done = end + course.lag + LEAST_S  # after what caused it
        told += [(begun, 0, 0, 0), (self.done, 2, 0, 0), (course.at, 3, 0, 0)]
        for at, kind, ms, n in sorted(told):
            story.wait(max(0.0, self.zero + at - story.now))
            if kind == 0:
                story.hear(events.RESPONSE_CREATED, 0.0, response=response("r1", "in_progress"))
            elif kind == 1:
                self._piece(ms, n, at > course.at)
            elif kind == 2:
                story.hear(events.RESPONSE_DONE, 0.0, response=response("r1", self.status))
            else:
                self._interrupt()
            self._serve()
        story.wait(1.0)
        self._serve()

    def _piece(self, ms, n, late):
        ids = {"response_id": "r1", "item_id": "i1", "output_index": 0, "content_index": 0}
        if n == 0:
            item = {"id": "i1", "type": "message", "role": "assistant", "content": []}
            place = {"response_id": "r1", "output_index": 0}
            self.story.hear(events.OUTPUT_ITEM_ADDED, 0.0, item=item, **place)
        word = f" {WORDS.split()[n]}" if n else WORDS.split()[0]
        self.story.hear(events.TRANSCRIPT_DELTA, 0.0, delta=word, **ids)
        wanted = self.story.speak(ms, after=0.0)
        if late:
            self.late += [one for one in wanted if isinstance(one, Play)]

    def _interrupt(self):
        story, course = self.story, self.course
        self.played = truly_played(self.came(course.at), course.at)
        if course.by_speech:
            story.hear(events.SPEECH_STARTED, 0.0, item_id="u1", audio_start_ms=0)
        else:
            story.interrupt()

    def came(self, until):
        """(instant, ms) of the sound that has come by then."""
        came = [(at + self.course.lag, ms) for at, ms in self.course.sent]
        return [(at, ms) for at, ms in came if at <= until and at - self.course.lag <= self.stops]

    @property
    def stops(self):
        return self.course.stops

    def _serve(self):
        """As strict as the wire: no cut beyond what was sent, and none of nothing."""
        for event in self.story.sent():
            if event["type"] == events.TRUNCATE:
                arrives = self.story.now - self.zero + self.course.lag
                sent = sum(ms for at, ms in self.course.sent if at <= min(arrives, self.stops))
                self.cuts.append(event["audio_end_ms"])
                fits = sent and 0 <= event["audio_end_ms"] <= sent
                if not fits or event["item_id"] != "i1":
                    self.errors.append(event)
                fields = ("item_id", "content_index", "audio_end_ms")
                self.story.hear(events.TRUNCATED, 0.0, **{key: event[key] for key in fields})
            elif event["type"] != events.RESPONSE_CANCEL:
                self.errors.append(event)


def response(response_id, status):
    body = {"id": response_id, "status": status, "conversation_id": "conv_1", "output": []}
    if status == "cancelled":
        body["status_details"] = {"type": "cancelled", "reason": "client_cancelled"}
    return body


@given(courses)
@settings(max_examples=400, deadline=None)
@example(Course([(100, 0.0)], 0.01, 0.05, False))  # in the middle
@example(Course([(100, 0.0)], 0.01, 3.0, False))  # after its end
@example(Course([(100, 0.0)], 0.1, 0.02, False))  # before there is anything
@example(Course([(400, 0.0)] * 25, 0.2, 0.41, True))  # a server much faster than speech
@example(Course([(1, 0.3)] * 25, 0.01, 4.0, True))  # one much slower
@example(Course([(100, 0.0), (100, 0.0)], 0.01, 0.22, False))  # at the very end
def test_whenever_it_is_interrupted_an_answer_is_cut_where_it_was_heard(course):
    line = Line(course)
    line.run()
    sound = sum(ms for _, ms in line.came(float("inf")))
    here = sum(ms for _, ms in line.came(course.at))
    complete = line.status == "completed" and line.done <= course.at  # as far as one could know
    assert line.errors == []
    assert line.late == []
    assert len(line.cuts) <= 1
    if not here or (complete and line.played >= sound - ROUNDING):
        assert line.cuts == []
    else:
        [cut] = line.cuts
        assert cut <= min(line.played, here) + ROUNDING
        assert line.played - cut <= 1.0 + ROUNDING  # whole milliseconds, well within NEAR_MS
    assert_words_are_cut(line, sound)
    assert not line.story.queue


def assert_words_are_cut(line, sound):
    """What was heard and what was not are told apart, in the transcript and in the turn."""
    if not sound:
        return
    [told] = line.story.transcript
    [turn] = line.story.turns
    if not line.cuts and line.played:
        assert told.heard is None
        assert told.unheard == ""
        return
    if line.cuts and line.cuts[0] < sound - 1:
        assert told.text.startswith(told.heard)
        assert f"{told.heard} {told.unheard}".strip() == told.text
        share = len(told.heard) / len(told.text)
        assert share == pytest.approx(line.cuts[0] / sound, abs=8 / len(told.text))
        assert turn.interrupted
        assert (turn.heard, turn.answer) == (told.heard, told.text)


def test_after_an_interruption_the_next_answer_is_heard_whole():
    line = Line(Course([(200, 0.0)] * 10, 0.05, 0.5, False))
    line.run()
    story = line.story
    story.send("response.create")
    story.begin("r2")
    assert any(isinstance(one, Play) for one in story.speak(300, "i2", "r2"))
    story.end("r2")
    story.wait(1.0)
    assert story.sent_types() == ["response.create"]
    finished = [m.event for m in story.timeline if m.type == "playback.finished"]
    assert finished == [{"type": "playback.finished", "item_id": "i2", "played_ms": 300.0}]


# ---- with the embedded server, by real sockets and the clock


class Witness(ClockPlayer):
    """The player of a session without loudspeakers, which writes down what it is given."""

    def __init__(self):
        super().__init__()
        self.came, self.flushed = {}, {}

    def play(self, item_id, pcm):
        self.came.setdefault(item_id, []).append((time.monotonic(), len(pcm) / MS))
        super().play(item_id, pcm)

    def flush(self):
        now = time.monotonic()
        heard = super().flush()
        for item_id, _ in heard:
            self.flushed[item_id] = truly_played(self.came[item_id], now)
        return heard


def retrieved(session, item_id):
    session.send({"type": "conversation.item.retrieve", "item_id": item_id})
    return session.wait_for("conversation.item.retrieved")


def still_answering(session):
    begun = sum(m.type == "response.created" for m in session.timeline)
    return begun > sum(m.type == "response.done" for m in session.timeline)


def interrupted(session, wait):
    """A long answer, interrupted after so long; nothing is under way afterwards."""
    session.send(events.user_text("go on"))
    session.send(events.create_response())
    session.wait_for("playback.started")
    time.sleep(wait)
    session.interrupt()
    if still_answering(session):
        session.wait_for("response.done")


@pytest.mark.parametrize("pace", [None, 1.0, 3.0])
def test_the_embedded_server_cuts_its_own_item_at_the_same_place(pace):
    dice, witness = random.Random(f"barge-in {pace}"), Witness()
    server = options(brain=Script(WORDS), pace=pace)
    with connect(server=server, player=witness, record=False) as session:
        for _ in range(6):
            interrupted(session, dice.uniform(0.0, 0.6))
        assert session.ask("and now?").answer == WORDS
        cuts = [m.event for m in session.timeline if m.type == events.TRUNCATED]
        assert [m.event for m in session.timeline if m.type == "error"] == []
        assert {cut["item_id"] for cut in cuts} == set(witness.flushed)
        assert len(cuts) >= 5
        for cut in cuts:
            assert_same_place(session, witness, cut)


def assert_same_place(session, witness, cut):
    item_id, ms = cut["item_id"], cut["audio_end_ms"]
    assert abs(ms - witness.flushed[item_id]) <= NEAR_MS
    [part] = retrieved(session, item_id).event["item"]["content"]
    assert len(base64.b64decode(part["audio"])) / MS == pytest.approx(ms, abs=1)
    [line] = [line for line in session.transcript if line.item_id == item_id]
    [turn] = [turn for turn in session.turns if item_id in turn.assistant_item_ids]
    assert WORDS.startswith(part["transcript"].rstrip(" .…"))
    assert line.text.startswith(line.heard)
    assert line.unheard
    assert turn.heard == line.heard
    words = [len(text.split()) for text in (line.heard, part["transcript"])]
    assert abs(words[0] - words[1]) <= 2, (line, part["transcript"])
