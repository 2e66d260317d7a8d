"""Whether a call went as expected, read from a timeline in which everything is told by hand."""

import pytest

from rtkit.evals import (
    KINDS,
    Backchannel,
    BargeIn,
    Burst,
    Caller,
    Expect,
    Say,
    Silent,
    check,
)
from rtkit.evals.calls import read_call
from rtkit.evals.checking import LOOK
from rtkit.testing import Story


class Call(Story):
    """A session in told time with a caller in it."""

    turn = 0

    def says(self, kind="question", seconds=1.0):
        """The caller begins a turn, and says something for so long."""
        self.turn += 1
        self.note("caller.turn", turn=self.turn)
        if kind:
            where = {"audio_start_ms": 0.0, "audio_end_ms": 1000 * seconds}
            self.note("caller.speech", turn=self.turn, kind=kind, text="", **where)
            self.wait(seconds)
            self.note("input.ended", end_of_speech_t=self.now)

    def answers(self, text="It is Paris.", after=0.5, id_="r1", seconds=2.0):
        """A whole answer, of which so much sound has come; it is not yet heard."""
        self.wait(after)
        item = {"id": f"i{id_}", "type": "message", "role": "assistant", "content": []}
        place = {"response_id": id_, "output_index": 0, "item_id": f"i{id_}", "content_index": 0}
        self.begin(id_)
        self.hear("response.output_item.added", 0, response_id=id_, output_index=0, item=item)
        self.hear("response.output_audio_transcript.delta", 0, delta=text, **place)
        self.speak(1000 * seconds, f"i{id_}", id_, after=0)
        self.hear("response.output_audio.done", 0, **place)
        self.end(id_)

    def calls(self, name="get_weather", arguments='{"city": "Paris"}', id_="r1"):
        """An answer that is a call of a tool, and nothing else."""
        item = {"id": f"c{id_}", "type": "function_call", "call_id": f"call_{id_}", "name": name}
        item |= {"arguments": arguments, "status": "completed"}
        self.begin(id_)
        self.hear("response.output_item.added", response_id=id_, output_index=0, item=item)
        self.hear("response.output_item.done", response_id=id_, output_index=0, item=item)
        self.end(id_)

    def checked(self, *steps):
        """Every check, as (kind, found, passed)."""
        self.note("caller.done", turns=self.turn)
        found = check(Caller("x", steps), self.timeline)
        return [(one.kind, one.found, one.passed) for one in found]


@pytest.fixture
def call():
    return Call()


def asked(**expect):
    return Say("Where?", expect=Expect(**expect))


def only(found):
    (one,) = found
    return one


def test_every_expectation_is_looked_at():
    assert set(LOOK) == set(KINDS)


@pytest.mark.parametrize(
    ("words", "passed"),
    [("Paris", True), ("paris", True), ("is paris", True), ("Par", False), (("it", "Rome"), False)],
)
def test_words_are_whole_words_in_any_case(call, words, passed):
    call.says()
    call.answers()
    kind, found, was = only(call.checked(asked(words=words)))
    assert (kind, was) == ("words", passed)
    assert "It is Paris." in found
    assert ("Rome" in found) == ("Rome" in words)


def test_a_pattern_is_searched_for(call):
    call.says()
    call.answers("It is 21 degrees.")
    assert call.checked(asked(pattern=r"\b\d+ DEGREES")) == [
        ("pattern", "'It is 21 degrees.'", True)
    ]


def test_no_answer_meets_neither_words_nor_a_time(call):
    call.says()
    found = call.checked(asked(words="Paris", pattern=".*", answers=1, answered_within_ms=900))
    assert {(answer, passed) for _, answer, passed in found} == {("no answer", False)}


def test_the_answer_of_another_turn_does_not_count(call):
    call.says()
    call.answers()
    call.wait(3)
    call.says()
    found = call.checked(asked(), asked(words="Paris"))
    assert found == [("words", "no answer", False)]


@pytest.mark.parametrize(("limit", "passed"), [(600, True), (400, False)])
def test_the_wait_is_from_the_end_of_speech_to_the_first_sound(call, limit, passed):
    call.says(seconds=1.2)
    call.answers(after=0.49)
    assert call.checked(asked(answered_within_ms=limit)) == [
        ("answered_within_ms", "500 ms", passed)
    ]


def test_an_answer_before_the_end_of_the_question_is_none(call):
    call.note("caller.turn", turn=1)
    where = {"audio_start_ms": 0.0, "audio_end_ms": 900.0}
    call.note("caller.speech", turn=1, kind="question", text="", **where)
    call.answers(after=0.29)
    call.wait(0.6)
    call.note("input.ended", end_of_speech_t=call.now)
    _, found, passed = only(call.checked(asked(answered_within_ms=900)))
    assert found == "610 ms before the end of the question"
    assert not passed


def test_a_tool_is_called_with_exactly_these_arguments(call):
    call.says()
    call.calls()
    found = call.checked(
        asked(tool="get_weather", arguments={"city": "Paris"}),
    )
    assert found == [("tool", 'get_weather(city="Paris")', True)]
    for expect in (
        {"tool": "get_weather", "arguments": {"city": "Rome"}},
        {"tool": "get_weather", "arguments": {}},
        {"tool": "get_tide"},
    ):
        assert call.checked(asked(**expect)) == [("tool", 'get_weather(city="Paris")', False)]
    assert only(call.checked(asked(tool="get_weather")))[2]


def test_no_call_is_told_as_such(call):
    call.says()
    call.answers()
    assert call.checked(asked(tool="f")) == [("tool", "no tool was called", False)]


def test_arguments_that_are_no_json_are_shown_as_they_came(call):
    call.says()
    call.calls(arguments='{"city": ')
    assert call.checked(asked(tool="get_weather", arguments={})) == [
        ("tool", 'get_weather({"city": )', False)
    ]


def test_two_answers_to_one_question_are_two(call):
    call.says()
    call.answers()
    call.answers("Paris, as I said.", id_="r2")
    _, found, passed = only(call.checked(asked(answers=1)))
    assert found == "2 ('It is Paris.'; 'Paris, as I said.')"
    assert not passed


def test_what_is_said_after_a_tool_is_the_same_answer(call):
    call.says()
    call.answers("One moment.")
    call.calls(id_="r2")
    call.answers("It rains in Paris.", id_="r3")
    found = call.checked(asked(answers=1, words=("moment", "rains")))
    assert [passed for _, _, passed in found] == [True, True]


def test_a_call_of_a_tool_alone_is_no_answer_and_what_follows_it_is_one(call):
    call.says()
    call.calls()
    assert only(call.checked(asked(silence=True)))[2]
    call.answers("It rains in Paris.", id_="r2")
    assert [one.text for one in read_call(call.timeline)[0].responses if one.came]


def test_silence_is_no_answer(call):
    call.says(kind="")
    call.wait(2)
    assert call.checked(Silent(2, expect=Expect(silence=True))) == [("silence", "no answer", True)]
    call.answers("Hello?")
    assert not only(call.checked(Silent(2, expect=Expect(silence=True))))[2]


def barge_in(call, after_ms):
    call.says()
    call.answers(seconds=9.0)
    call.wait(1)
    call.turn += 1
    call.note("caller.turn", turn=2)
    where = {"audio_start_ms": 0.0, "audio_end_ms": 500.0}
    call.note("caller.speech", turn=2, kind="barge_in", text="stop", **where)
    if after_ms is not None:
        call.wait(after_ms / 1000)
        call.interrupt()
    call.wait(0.5)


@pytest.mark.parametrize(("after_ms", "passed"), [(300, True), (800, False)])
def test_a_barge_in_silences_the_assistant_in_time(call, after_ms, passed):
    barge_in(call, after_ms)
    steps = asked(), BargeIn("stop", expect=Expect(interrupted_within_ms=500))
    assert call.checked(*steps) == [
        ("interrupted_within_ms", f"silent after {after_ms} ms", passed)
    ]


def test_an_assistant_that_does_not_stop_is_told(call):
    barge_in(call, None)
    steps = asked(), BargeIn("stop", expect=Expect(interrupted_within_ms=500))
    assert "spoke on to the end" in only(call.checked(*steps))[1]
    call.wait(20)
    assert "silent after" in only(call.checked(*steps))[1]


def test_a_barge_in_into_silence_is_none(call):
    call.says()
    call.answers(seconds=1)
    call.wait(3)
    call.says("barge_in")
    steps = asked(), BargeIn("stop", expect=Expect(interrupted_within_ms=500))
    assert call.checked(*steps) == [
        ("interrupted_within_ms", "the assistant was silent already", False)
    ]


def test_an_assistant_goes_on_over_a_backchannel(call):
    call.says()
    call.answers(seconds=5)
    call.wait(1)
    call.says("backchannel", 0.3)
    call.wait(6)
    assert call.checked(asked(), Backchannel()) == [("not_interrupted", "it went on", True)]


def test_an_assistant_that_stops_for_a_backchannel_is_told(call):
    call.says()
    call.answers(seconds=5)
    call.wait(1)
    call.says("backchannel", 0.3)
    call.interrupt()
    call.wait(1)
    assert call.checked(asked(), Backchannel()) == [
        ("not_interrupted", "it stopped after 300 ms", False)
    ]


def test_an_assistant_that_answers_a_backchannel_is_told(call):
    call.says()
    call.answers(seconds=1)
    call.wait(0.5)
    call.says("backchannel", 0.3)
    call.answers("Yes?", id_="r2")
    assert call.checked(asked(), Backchannel()) == [
        ("not_interrupted", "it was answered: 'Yes?'", False)
    ]


def test_a_noise_in_silence_leads_to_nothing(call):
    call.says("noise", 0.3)
    call.wait(2)
    burst = Burst(expect=Expect(not_interrupted=True))
    assert only(call.checked(burst))[2]
    call.answers("Yes?")
    assert not only(call.checked(burst))[2]


def test_turns_that_were_never_reached_are_not_judged(call):
    call.says()
    call.answers()
    found = call.checked(asked(words="Paris"), asked(words="Rome"))
    assert [kind for kind, _, _ in found] == ["words"]


def test_an_answer_in_text_counts_from_its_first_word(call):
    call.says()
    item = {"id": "i1", "type": "message", "role": "assistant", "content": []}
    call.begin()
    call.hear("response.output_item.added", 0, response_id="r1", output_index=0, item=item)
    place = {"response_id": "r1", "output_index": 0, "item_id": "i1", "content_index": 0}
    call.hear("response.output_text.delta", 0.19, delta="Paris.", **place)
    call.end()
    found = call.checked(asked(words="paris", answered_within_ms=250))
    assert [(told, passed) for _, told, passed in found] == [("'Paris.'", True), ("200 ms", True)]
