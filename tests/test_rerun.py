import threading
import time

import pytest
from helpers import Story, talk, tone
from test_console import Page

from rtkit import background
from rtkit.errors import ConfigError, RtkitError
from rtkit.latency import measure
from rtkit.rerun import Replay
from rtkit.turns import read_turns
from rtkit.widgets.console import LiveConsole


def contents(timeline):
    tracks = {name: (t.format, t.data) for name, t in timeline.tracks.items()}
    return dict(timeline.head), list(timeline), tracks


@pytest.mark.parametrize("saved", [False, True])
def test_a_replay_at_once_is_the_same_timeline_and_so_are_all_views_of_it(tmp_path, saved):
    timeline = talk()
    replay = Replay(timeline.save(tmp_path / "talk.jsonl") if saved else timeline, speed=None)
    seen = []
    replay.subscribe(seen.append)
    replay.play()
    assert contents(replay.timeline) == contents(timeline)
    assert seen == list(timeline)
    assert [repr(turn) for turn in replay.turns] == [repr(t) for t in read_turns(timeline)]
    assert measure(replay.timeline) == measure(timeline)
    assert replay.closed


def test_sound_that_was_sent_again_after_a_break_lies_once_in_a_replay_too():
    story = Story().open()
    story.stream(tone(1.0))
    again = next(moment.audio for moment in story.timeline if moment.audio)
    event = {"type": "input_audio_buffer.append", "audio": ""}
    story.timeline.append(story.now, "client", event, span=again)
    replay = Replay(story.timeline, speed=None)
    replay.play()
    assert contents(replay.timeline) == contents(story.timeline)


def test_in_the_middle_everything_is_as_it_was_then():
    timeline = talk()
    replay = Replay(timeline)
    for t in (0.5, 3.0, 7.0, timeline.duration):
        replay.seek(t)
        then = next((n for n, m in enumerate(timeline) if m.t > t), len(timeline))
        assert list(replay.timeline) == timeline[:then]
        assert replay.position == pytest.approx(t)
        lengths = {name: len(track) for name, track in replay.timeline.tracks.items()}
        for moment in timeline[:then]:
            if moment.audio:
                assert lengths[moment.audio.track] >= moment.audio.first + moment.audio.count
        assert sum(lengths.values()) == sum(m.audio.count for m in timeline[:then] if m.audio)
    assert replay.closed


def short(speed=1.0):
    story = Story()
    for n in range(21):
        story.note(f"note.{n}", 0.05)
    return Replay(story.timeline, speed)


@pytest.mark.parametrize("speed", [1.0, 4.0])
def test_moments_come_at_their_pace(speed):
    replay, came = short(speed), []
    replay.subscribe(lambda moment: came.append((moment.t, time.monotonic())))
    replay.play()
    began = time.monotonic()
    replay.wait(5)
    assert len(came) == 21
    late = [at - began - t / speed for t, at in came]
    assert max(late) < 0.2  # a busy machine; alone it is below 5 ms
    assert min(late) > -0.02


def test_pause_resume_seek_and_stop():
    replay = short()
    replay.play()
    replay.pause()
    stood = replay.position
    count = len(replay.timeline)
    time.sleep(0.1)
    assert (replay.position, len(replay.timeline)) == (stood, count)
    replay.seek(0.5)
    assert len(replay.timeline) == 10
    with pytest.raises(ValueError, match="cannot go back"):
        replay.seek(0.2)
    replay.speed = None
    replay.resume()
    replay.wait(5)
    assert len(replay.timeline) == 21
    stopped = short()
    stopped.play()
    stopped.stop()
    assert stopped.closed
    stopped.wait(1)
    assert len(stopped.timeline) < 21


def test_a_replay_is_a_session_that_nobody_answers(caplog):
    story = Story().open()
    story.send("session.update", session={"type": "realtime", "instructions": "Be brief."})
    with Replay(story.timeline) as replay:
        assert (replay.config, replay.effective, replay.closed) == ({}, {}, False)
        replay.seek()
        assert replay.config["instructions"] == "Be brief."
        assert replay.effective["model"] == "gpt-realtime-2.1"
        replay.append(b"12")
        replay.note({"type": "x"})
        replay.interrupt()
        assert replay.send({"type": "response.create"}) == ""
    assert "response.create was not sent" in caplog.text
    assert len(replay.timeline) == len(story.timeline)
    assert repr(Replay(story.timeline, None)) == "Replay(0.0 of 0.0 s, at once)"


def test_what_is_no_timeline_is_refused(tmp_path):
    with pytest.raises(RtkitError, match="no timeline at"):
        Replay(tmp_path / "nothing.jsonl")


class Recorder:
    """A player that writes down what it is told."""

    def __init__(self):
        self.told = []

    def attach(self, report):
        self.report = report

    def play(self, item_id, pcm):
        self.told.append(("play", item_id, len(pcm)))

    def finish(self, item_id):
        self.told.append(("finish", item_id))

    def flush(self):
        self.told.append(("flush",))
        return []


def test_answers_sound_and_fall_silent_where_they_did():
    story = Story().open()
    story.speak(0.2, pace=0.001)
    item_id, _ = story.interrupted_answer("one two three", 0.4, heard_s=0.2, speech=0.1)
    player, replay = Recorder(), Replay(story.timeline)
    replay.attach(player)
    replay.play()
    replay.wait(10)
    kinds = [told[0] for told in player.told if told[0] != "flush" or told is player.told[-1]]
    assert ("play", item_id, 9600) in player.told
    assert kinds.index("play") < kinds.index("finish") < kinds.index("flush")
    again = Recorder()
    fast = Replay(story.timeline, speed=None)
    fast.attach(again)
    fast.play()
    assert [told for told in again.told if told[0] != "flush"] == []


def test_a_console_shows_a_replay_as_if_it_were_live():
    timeline = talk()
    console = LiveConsole(session=Replay(timeline, speed=None))
    page = Page(console._host)
    deadline = time.monotonic() + 5
    while not console.timeline or len(console.timeline) < len(timeline):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    while "Goodbye to you." not in str(page.texts("lines")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert [line.text for line in console.transcript][-1] == "Goodbye to you."
    console.close()
    with pytest.raises(ConfigError, match="leave config, target and server out"):
        LiveConsole(target="openai", session=Replay(timeline))


def test_a_replay_leaves_nothing_behind():
    threads = threading.active_count()
    for _ in range(5):
        replay = short()
        replay.play()
        replay.stop()

    async def timers():
        return [
            h for h in background.loop()._scheduled if not h.cancelled() and "Replay" in repr(h)
        ]

    assert background.run(timers()) == []
    assert threading.active_count() <= threads + 1
