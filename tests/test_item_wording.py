"""Words, where they lie in the sound, and which events brought them."""

import pytest
from helpers import Story, talk, tone

from rtkit import events
from rtkit.listing import Listing

TALK = talk()


def wording(timeline, item_id):
    listing = Listing(timeline)
    listing.read_on()
    return listing.wording(item_id)


def types(timeline, word):
    return [timeline[i].type for i in word.carriers]


def test_a_spoken_answer_has_its_words_in_its_sound():
    said = wording(TALK, "item_2")
    assert said.speaker == "assistant"
    assert [word.text for word in said.words] == "Paris is the capital of France.".split()
    assert said.clip.duration == pytest.approx(2.0)
    starts = [word.start for word in said.words]
    assert starts == sorted(starts)
    assert all(a.end == b.start for a, b in zip(said.words, said.words[1:], strict=False))
    assert not said.timed


def test_a_word_is_brought_by_its_delta_the_whole_and_the_sound_around_it():
    word = wording(TALK, "item_2").words[0]
    first = types(TALK, word)
    assert first[:2] == [events.TRANSCRIPT_DELTA, events.TRANSCRIPT_DONE]
    assert set(first[2:]) == {events.AUDIO_DELTA}


def test_deltas_carry_the_words_that_have_a_letter_of_theirs():
    story = Story().open()
    response = story.respond()
    where = story.begin_item(response)
    for delta in ("Go", "od mor", "ning."):
        story.hear(events.TRANSCRIPT_DELTA, delta=delta, **where)
    story.hear(events.TRANSCRIPT_DONE, transcript="Good morning.", **where)
    told = [m.event.get("delta") or "whole" for m in story.timeline]
    good, morning = wording(story.timeline, where["item_id"]).words
    assert [told[i] for i in good.carriers] == ["Go", "od mor", "whole"]
    assert [told[i] for i in morning.carriers] == ["od mor", "ning.", "whole"]
    assert (good.start, good.end) == (None, None)


def test_words_that_were_corrected_come_from_the_whole_alone():
    story = Story().open()
    item_id = story.speak(1.0)
    story.hear(events.TRANSCRIPTION_DELTA, item_id=item_id, content_index=0, delta="the cap is")
    story.transcribe(item_id, "the capital is")
    said = wording(story.timeline, item_id)
    assert [word.text for word in said.words] == ["the", "capital", "is"]
    for word in said.words:
        assert types(story.timeline, word)[0] == events.TRANSCRIPTION_COMPLETED


def test_frames_of_the_input_lie_in_the_question_that_they_carried():
    said = wording(TALK, "item_1")
    places, starts, ends = zip(*said.pieces, strict=True)
    assert all(TALK[i].type == "input_audio_buffer.append" for i in places)
    assert starts[0] == 0.0
    assert ends[-1] == pytest.approx(said.clip.duration, abs=0.021)
    assert said.stretch(places[3]) == pytest.approx((0.06, 0.08))


def test_words_that_a_recogniser_timed_lie_where_it_says():
    story = Story().open()
    story.silence(1.0)
    item_id = story.speak(tone(1.0))
    words = [
        {"word": "hello", "start_ms": 1100, "end_ms": 1400, "confidence": 0.9},
        {"word": "there", "start_ms": 1500, "end_ms": 1900, "confidence": 0.9},
    ]
    told = {"item_id": item_id, "content_index": 0, "transcript": "hello there", "words": words}
    story.hear(events.TRANSCRIPTION_COMPLETED, usage={"type": "duration", "seconds": 1.0}, **told)
    said = wording(story.timeline, item_id)
    assert said.timed
    spans = [(word.start, word.end) for word in said.words]
    assert spans == [pytest.approx((0.1, 0.4), abs=0.021), pytest.approx((0.5, 0.9), abs=0.021)]


def test_an_event_with_words_has_their_stretch_and_any_other_none():
    listing = Listing(TALK)
    listing.read_on()
    said = listing.wording("item_2")
    whole = next(i for i, m in enumerate(TALK) if m.type == events.TRANSCRIPT_DONE)
    assert said.stretch(whole) == (said.words[0].start, said.words[-1].end)
    created = next(i for i, m in enumerate(TALK) if m.type == "response.created")
    assert said.stretch(created) is None


def test_a_cut_answer_tells_how_much_was_heard():
    assert wording(TALK, "item_4").heard_s == pytest.approx(2.5)


def test_an_item_that_nobody_knows_has_no_words():
    assert wording(TALK, "item_99") is None
