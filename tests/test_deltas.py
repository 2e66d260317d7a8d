"""The chunks of a streamed chat completion."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit.errors import BrainError
from rtkit.server.brain import Call, Cut
from rtkit.server.deltas import Answer, Thoughts


def chunk(finish=None, **delta):
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def part(arguments=None, **fields):
    function = {k: v for k, v in (("name", fields.pop("name", None)),) if v}
    if arguments is not None:
        function["arguments"] = arguments
    return {**fields, "function": function}


def read(*chunks):
    answer = Answer()
    said = "".join(answer.take(data) for data in chunks) + answer.rest()
    return said, list(answer.calls()), answer.cut


def test_words_are_gathered_and_empty_content_is_none():
    first = chunk(role="assistant", content=None)
    usage = json.dumps({"choices": [], "usage": {"total_tokens": 3}})
    chunks = [first, chunk(content="Hel"), chunk(content="lo."), chunk("stop"), usage]
    assert read(*chunks) == ("Hello.", [], None)


def test_reasoning_fields_are_no_words_and_a_refusal_is():
    thought = chunk(content="", reasoning="hm", reasoning_content="hm", thinking="hm")
    assert read(thought, chunk(refusal="I cannot."))[0] == "I cannot."


def test_calls_are_put_together_by_index():
    chunks = [
        chunk(tool_calls=[part("", index=0, id="a", name="clock")]),
        chunk(tool_calls=[part('{"zone":', index=0)]),
        chunk(tool_calls=[part(index=1, id="b", name="lamp"), part(' "CET"}', index=0)]),
        chunk(tool_calls=[part('{"on": true}', index=1)]),
        chunk("tool_calls"),
    ]
    assert read(*chunks)[1] == [Call("clock", {"zone": "CET"}), Call("lamp", {"on": True})]


@pytest.mark.parametrize(
    "parts",
    [
        [part("{}", index=0, id="a", name="x"), part("{}", index=0, id="b", name="y")],
        [part("{}", name="x"), part("{}", name="y")],
        [part({}, index=0, name="x"), part(None, index=1, name="y")],
    ],
)
def test_endpoints_that_do_not_count_or_send_objects_are_understood(parts):
    together = [chunk(tool_calls=parts)]
    apart = [chunk(tool_calls=[one]) for one in parts]
    assert read(*together)[1] == read(*apart)[1] == [Call("x"), Call("y")]


@pytest.mark.parametrize("arguments", ['{"a": ', "[1]", "nonsense"])
def test_arguments_that_are_no_object_are_named(arguments):
    with pytest.raises(BrainError, match="called lamp with arguments that are no JSON object"):
        read(chunk(tool_calls=[part(arguments, index=0, name="lamp")]))


@pytest.mark.parametrize(
    ("data", "match"),
    [
        ("nonsense", "no JSON object: 'nonsense'"),
        ("[]", "no JSON object"),
        ('{"hello": 1}', "without choices"),
        ('{"choices": [7]}', "another shape"),
        ('{"choices": [{"delta": {"tool_calls": [3]}}]}', "another shape"),
        ('{"error": {"message": "out of memory.", "code": 500}}', "broke off: out of memory$"),
        ('{"error": "boom"}', "broke off: boom"),
        ('{"error": {"type": "x"}}', 'broke off: {"type": "x"}'),
    ],
)
def test_what_is_no_chunk_is_an_error_that_shows_it(data, match):
    with pytest.raises(BrainError, match=match) as error:
        read(data)
    assert error.value.outline.startswith("it ")
    assert not re.search("nonsense|hello|7|memory|boom", error.value.outline)  # logs may hold it


def test_a_chunk_without_end_is_none():
    with pytest.raises(BrainError, match="no JSON object"):
        read("[" * 100_000)


@pytest.mark.parametrize(
    ("finish", "cut"),
    [
        ("stop", None),
        ("length", Cut("max_output_tokens")),
        ("content_filter", Cut("content_filter")),
    ],
)
def test_an_answer_that_is_not_whole_says_why(finish, cut):
    assert read(chunk(content="One"), chunk(finish)) == ("One", [], cut)


def test_a_whole_completion_is_one_chunk():
    message = {"role": "assistant", "content": "Hello."}
    data = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]})
    assert read(data) == ("Hello.", [], None)


def test_text_in_parts_is_joined():
    assert (
        read(chunk(content=[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]))[0]
        == "ab"
    )


def without_thoughts(*pieces):
    thoughts = Thoughts()
    return "".join(thoughts.push(piece) for piece in pieces) + thoughts.finish()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<think>hm</think>Yes.", "Yes."),
        ("One <thinking>hm < </thinking>two<think>x</think>.", "One two."),
        ("1 < 2 and <thin", "1 < 2 and <thin"),
        ("Yes. <think>never closed", "Yes. "),
        ("</thinking", "</thinking"),
        ("<think></thinkin</think>Yes", "Yes"),
    ],
)
def test_thoughts_are_cut_out_however_they_come(text, said):
    assert without_thoughts(text) == said
    assert without_thoughts(*text) == said


@given(
    st.lists(
        st.sampled_from(["<think>", "</think>", "<thinking>", "</thinking>", "<", "a", "think"])
    ),
    st.data(),
)
def test_any_pieces_leave_the_same_words(parts, data):
    text, pieces = "".join(parts), []
    while sum(map(len, pieces)) < len(text):
        at = sum(map(len, pieces))
        pieces.append(text[at : at + data.draw(st.integers(1, 9))])
    assert without_thoughts(*pieces) == without_thoughts(text)
