"""What can be looked for: words, fields, sources, and what is not to be there."""

import pytest
from helpers import Story, talk
from hypothesis import given
from hypothesis import strategies as st

from rtkit.listing import Choice, Listing
from rtkit.matching import Search, Term, readable

PARTS = st.sampled_from(
    ["type:", "item_id:", "from:", "-", '"', " ", "a.b:", "*", "capital", ":", "é"]
)
TYPED = st.lists(PARTS | st.text(max_size=5), max_size=8).map("".join)


def found(timeline, text):
    listing = Listing(timeline)
    listing.read_on()
    return [timeline[i].type for i in listing.matches(Choice(Search.parse(text)))]


def test_a_word_is_found_anywhere_in_an_event_in_any_case():
    types = found(talk(), "CAPITAL of")
    assert "conversation.item.input_audio_transcription.completed" in types
    assert "input_audio_buffer.append" not in types


def test_words_in_quotes_stand_as_they_are():
    assert found(talk(), '"what is the capital"') == [
        "conversation.item.input_audio_transcription.completed"
    ]
    assert found(talk(), '"capital france"') == []


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("type:speech_started", {"input_audio_buffer.speech_started"}),
        ("type:*.truncated", {"conversation.item.truncated"}),
        (
            "type:conversation.item.truncate*",
            {"conversation.item.truncate", "conversation.item.truncated"},
        ),
        ("from:local -playback", {"session.opened"}),
        (
            "from:client -append",
            {"conversation.item.truncate", "conversation.item.create", "response.create"},
        ),
        ("audio_end_ms:2500", {"conversation.item.truncate", "conversation.item.truncated"}),
        ("response.status:completed", {"response.done"}),
        ("silence_duration_ms:", {"session.created"}),
        ("turn_detection.type:server_vad", {"session.created"}),
        ("no_such_field:", set()),
    ],
)
def test_fields_hold_values(text, types):
    assert set(found(talk(), text)) == types


def test_values_in_a_list_are_found_and_words_that_are_no_text():
    story = Story()
    story.hear("rate_limits.updated", rate_limits=[{"name": "tokens", "left": None}, {"name": "x"}])
    story.hear("session.updated", session={"type": "realtime", "output_modalities": ["text"]})
    for text in ("name:tokens", "left:null", "rate_limits.name:x", "-output_modalities:text"):
        assert found(story.timeline, text) == ["rate_limits.updated"], text
    assert found(story.timeline, "output_modalities:text") == ["session.updated"]


def test_what_is_half_typed_is_taken_as_far_as_it_goes():
    assert Search.parse('"is the') == Search((Term("is the"),))
    assert Search.parse("item_id:") == Search((Term("", "item_id"),))
    assert Search.parse("- ") == Search()
    assert found(talk(), "-") == [moment.type for moment in talk()]


@given(TYPED)
def test_a_search_written_down_is_the_same_search(typed):
    search = Search.parse(typed)
    assert Search.parse(str(search)) == search


@given(TYPED)
def test_whatever_is_typed_can_be_looked_for(typed):
    moment = talk_moment()
    search = Search.parse(typed)
    text = readable(moment, "")
    assert search.holds(moment, text) is all(term.holds(moment, text) for term in search.terms)
    for term in search.terms:
        other = Term(term.value, term.field, not term.negated)
        assert other.holds(moment, text) is not term.holds(moment, text)


def talk_moment(known=[]):  # noqa: B006 - made once
    if not known:
        known.extend(m for m in talk() if m.type == "session.created")
    return known[0]
