"""The waterfall of the turn under way, told moment by moment as a session tells it."""

from itertools import pairwise

import pytest
from helpers import Story, tone

from rtkit.latency import measure
from rtkit.onset import audible
from rtkit.stages import KINDS
from rtkit.turns import read_turns
from rtkit.widgets.liveturn import BEFORE, LiveTurn, words


class Watched(Story):
    """A story whose moments are shown to a live turn, and what the page was told at each."""

    def __init__(self):
        super().__init__()
        self.live, self.told = LiveTurn(self.timeline), []
        self.open()

    def _tell(self, *told):
        moment = super()._tell(*told)
        changes = self.live.take(self.timeline[len(self.timeline) - 1])
        if changes.get("waterfall") and (not self.told or self.told[-1] != changes["waterfall"]):
            self.told.append(changes["waterfall"])
        return moment


def names(picture):
    return [stage["name"] for stage in picture["stages"]]


@pytest.fixture
def story():
    story = Watched()
    story.speak(1.0)
    story.answer("Paris is the capital.", tone(0.5, level=0.5))
    return story


def test_each_stage_is_told_when_it_ends(story):
    pictures = [names(told) for told in story.told if told["stages"]]
    assert pictures[0] == ["turn detected (silence wait)", "committed"]
    assert pictures[-1][-1] == "first sound heard (leading silence)"
    assert all(len(a) <= len(b) for a, b in pairwise(pictures))
    assert [told["over"] for told in story.told][-1] is True
    assert story.told[0]["over"] is False


def test_it_is_the_waterfall_that_is_drawn_afterwards(story):
    (turn,) = read_turns(story.timeline)
    latency, last = audible(turn), story.told[-1]
    stages = latency.stages()
    zero = stages[0][1]
    told = [(s["name"], s["start"] / 1000 + zero, s["end"] / 1000 + zero) for s in last["stages"]]
    assert [name for name, _, _ in told] == [name for name, _, _ in stages]
    assert [end for _, _, end in told] == pytest.approx([end for _, _, end in stages], abs=0.001)
    for stage in last["stages"]:
        assert stage["name"] in KINDS[stage["kind"]].ends
    assert last["totals"][0]["ms"] == round(latency.wait_ms)
    assert last["totals"][1]["ms"] == round(latency.response_ms)
    assert (last["goal_ms"], last["zero"]) == (500, "end of speech")


def test_words_and_sound_that_bring_no_stage_tell_nothing(story):
    count = len(story.told)
    response = story.respond()
    where = story.begin_item(response)
    for _ in range(50):
        story.hear("response.output_audio_transcript.delta", 0.01, delta=" a", **where)
    told = [names(picture) for picture in story.told[count:]]
    assert len(told) <= 4


def test_a_typed_question_has_no_goal_and_begins_when_it_was_sent():
    story = Watched()
    story.type("hello")
    story.answer("Hi.", tone(0.3, level=0.5))
    last = story.told[-1]
    assert (last["goal_ms"], last["zero"]) == (None, "question sent")
    assert names(last)[0] == "question accepted"


def test_the_turns_before_are_small_bars_and_the_oldest_fall_off(story):
    for _ in range(BEFORE + 2):
        story.speak(0.5)
        story.answer("Yes.", tone(0.3, level=0.5))
    last = story.told[-1]
    assert last["number"] == BEFORE + 3
    assert [bar["number"] for bar in last["before"]] == list(range(3, BEFORE + 3))
    assert all(bar["stages"] for bar in last["before"])


def test_the_same_is_said_in_words(story):
    [latency] = measure(story.timeline)
    text = words(1, latency)
    assert text.startswith(f"Turn 1: {latency.wait_ms:.0f} ms from end of speech to")
    assert f"{latency.response_ms:.0f} ms from turn detected to first audio received" in text
    assert "turn detected (silence wait) 540 ms" in text


def test_a_turn_that_nobody_has_answered_says_so():
    story = Watched()
    story.speak(1.0)
    assert story.told[-1]["text"].startswith("Turn 1: not answered yet. Stages: turn detected")
