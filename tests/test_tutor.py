"""The tutor: what it answers, over several turns, with and without tools."""

import asyncio
from datetime import datetime

import pytest

from rtkit.server.brain import Brain, Call, Request, Say
from rtkit.server.knowledge import CAPITALS, STORIES, TERMS
from rtkit.server.tutor import ANSWERS, PHRASES, Tutor, sample_phrases

NOON = datetime(2026, 11, 22, 13, 5)


def user(text):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def assistant(text):
    part = {"type": "output_audio", "transcript": text}
    return {"type": "message", "role": "assistant", "content": [part]}


def talk(*said, **request):
    """What the tutor answers to the last of several sentences said one after the other."""
    history, answer = [], ""
    for text in said:
        history.append(user(text))
        pieces = Tutor().answer(Request(history, NOON, **request))
        answer = " ".join(piece.text for piece in pieces)
        history.append(assistant(answer))
    return answer


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("What is the capital of France?", "The capital of France is Paris."),
        ("what's the capital of the netherlands", "The capital of the Netherlands is Amsterdam."),
        ("what time is it", "It is one oh five p m."),
        ("What's today's date?", "Today is Sunday, November 22, 2026."),
        ("What's 7 x 6?", "Seven times six is forty two."),
        ("how much is ten divided by three", "Ten divided by three is three point three three."),
        ("12 - 30", "Twelve minus thirty is minus eighteen."),
        ("one divided by zero", "Nothing can be divided by zero."),
        ("count to five", "one, two, three, four, five."),
        ("count from 3 to 1", "three, two, one."),
        ("spell cat", "cat: C, A, T."),
        ("Repeat after me: realtime is fun!", "Realtime is fun."),
        ("explain the threshold please", "I heard: explain the threshold please."),
    ],
)
def test_single_questions(said, answer):
    assert talk(said).startswith(answer)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (["capital of france", "what is the capital of france", "and of spain"], "Madrid"),
        (["what is 7 times 6", "divided by 5", "plus 3"], "is eleven point four."),
        (["6 times 7", "hello", "and that times two"], "Forty two times two is eighty four."),
        (["my name is Ada Lovelace", "hello", "what is my name"], "Ada Lovelace"),
        (["what is my name"], "You have not told me"),
        (["spell cat", "say that again"], "cat: C, A, T."),
        (["hello world", "what did I just say"], "You said: hello world"),
        (["plus five"], "I do not know from which number"),
    ],
)
def test_conversations_of_several_turns(said, answer):
    assert answer in talk(*said)


def test_the_second_story_is_another_one():
    first, second = talk("tell me a story"), talk("tell me a story", "tell me another story")
    assert first == " ".join(STORIES[0])
    assert second == " ".join(STORIES[1])


def test_a_story_is_long_enough_to_be_interrupted():
    assert all(len(" ".join(story).split()) > 130 for story in STORIES)


def test_what_it_does_not_understand_is_said_back_with_an_offer():
    answer = talk("purple monkeys sing")
    assert "purple monkeys sing" in answer
    assert "Ask me" in answer


def test_what_was_hardly_heard_is_asked_back_not_guessed():
    assert "not sure" in talk("what is the capital of france", confidence=0.1)


def test_silence_is_answered_as_silence():
    assert talk("").startswith("I did not catch any words. Ask me the time")


def test_brief_instructions_shorten_explanations():
    assert len(talk("explain latency", instructions="Be brief.")) < len(talk("explain latency"))


def test_every_phrase_has_an_answer_and_every_answer_a_phrase():
    assert set(PHRASES) == set(ANSWERS)


@pytest.mark.parametrize("said", sample_phrases(4))
def test_whatever_the_recogniser_may_hear_is_understood(said):
    assert "I am only a small set of rules" not in talk(said)


def test_all_capitals_and_terms_can_be_asked_for():
    assert all(CAPITALS[c] in talk(f"what is the capital of {c}") for c in CAPITALS)
    assert all(TERMS[term][0] in talk(f"what is {term}") for term in TERMS)


WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
LIGHT = {
    "type": "function",
    "name": "setLight",
    "parameters": {
        "type": "object",
        "properties": {
            "room": {"type": "string", "enum": ["kitchen", "living room"]},
            "level": {"type": "integer"},
        },
        "required": ["room", "level"],
    },
}


def pieces(*history, tools=(WEATHER, LIGHT), choice="auto", confidence=None):
    asked = Request(list(history), NOON, tools=tools, tool_choice=choice, confidence=confidence)
    return Tutor().answer(asked)


def test_a_sentence_that_names_a_tool_calls_it_with_its_arguments():
    assert pieces(user("What's the weather like in Oslo?")) == [
        Call("get_weather", {"city": "Oslo"})
    ]
    said = "please set the light in the living room to forty"
    assert pieces(user(said)) == [Call("setLight", {"room": "living room", "level": 40})]


def test_a_missing_argument_is_asked_for_and_then_used():
    [question] = pieces(user("how is the weather"))
    assert question.text.startswith("Which city?")
    history = [user("how is the weather"), assistant(question.text), user("in Rome")]
    assert pieces(*history) == [Call("get_weather", {"city": "Rome"})]


def test_a_text_that_was_dictated_is_read_back_before_it_is_used():
    said = user("what is the weather in springfield")
    call = Call("get_weather", {"city": "springfield"})
    assert pieces(said, confidence=0.5) == [Say("I understood: springfield."), call]
    assert pieces(said, confidence=0.9) == [call]
    assert pieces(user("how is the weather"), confidence=0.5)[0].text.startswith("Which city?")


def test_tool_choice_is_kept():
    said = user("what's the weather like in Oslo")
    assert isinstance(pieces(said, choice="none")[0], Say)
    chosen = {"type": "function", "name": "get_weather"}
    assert pieces(user("in Bonn"), choice=chosen) == [Call("get_weather", {"city": "Bonn"})]


def test_a_tool_result_is_read_out():
    output = {"type": "function_call_output", "call_id": "c", "output": '{"sky": "clear"}'}
    assert pieces(user("weather in Oslo"), output) == [Say("The result is: sky clear.")]


def test_reply_yields_what_answer_returns():
    async def collect():
        return [piece async for piece in Tutor().reply(request)]

    request = Request([user("hello")], NOON)
    assert asyncio.run(collect()) == Tutor().answer(request)
    assert isinstance(Tutor(), Brain)
