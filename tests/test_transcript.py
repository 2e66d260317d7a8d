import math

import pytest
from helpers import Story, tone

from rtkit.items import Item
from rtkit.transcript import heard_words, read_transcript


def words(story):
    return [(line.speaker, line.text) for line in read_transcript(story.timeline)]


def test_both_sides_words_stand_in_the_order_of_the_conversation():
    story = Story().open()
    item_id = story.speak(0.5)
    story.transcribe(item_id, "capital of france")
    story.answer("Paris.", 0.5)
    story.type("and of spain?")
    story.write("It is Madrid.")
    assert words(story) == [
        ("user", "capital of france"),
        ("assistant", "Paris."),
        ("user", "and of spain?"),
        ("assistant", "It is Madrid."),
    ]


def test_a_transcription_that_comes_late_lands_in_its_place():
    story = Story().open()
    first = story.speak(0.5)
    story.answer("Paris.", 0.5)
    second = story.speak(0.5)
    story.transcribe(second, "thank you")
    story.answer("Gladly.", 0.5)
    story.transcribe(first, "capital of france")
    assert [text for _, text in words(story)] == [
        "capital of france",
        "Paris.",
        "thank you",
        "Gladly.",
    ]


def test_words_grow_while_they_come_and_the_last_word_is_the_recognisers():
    story = Story().open()
    item_id = story.speak(0.5)
    name = "conversation.item.input_audio_transcription.delta"
    for piece in ("capital ", "of frank"):
        story.hear(name, item_id=item_id, content_index=0, delta=piece)
    (line,) = read_transcript(story.timeline)
    assert (line.text, line.final, str(line)) == (
        "capital of frank",
        False,
        "user: capital of frank ...",
    )
    story.transcribe(item_id, "capital of france")
    story.hear(name, item_id=item_id, content_index=0, delta="!")
    (line,) = read_transcript(story.timeline)
    assert (line.text, line.final) == ("capital of france", True)


def test_a_failed_transcription_says_why_there_are_no_words():
    story = Story().open()
    item_id = story.speak(0.5)
    name = "conversation.item.input_audio_transcription.failed"
    story.hear(name, item_id=item_id, content_index=0, error={"message": "too noisy"})
    (line,) = read_transcript(story.timeline)
    assert (line.text, line.final, line.error) == ("", True, "too noisy")
    assert str(line) == "user: (too noisy)"


def test_a_line_carries_the_confidence_of_the_recogniser():
    story = Story().open()
    item_id = story.speak(0.5)
    logprobs = [{"token": "yes", "logprob": math.log(0.5), "bytes": []}]
    story.transcribe(item_id, "yes", logprobs=logprobs)
    assert read_transcript(story.timeline)[0].confidence == pytest.approx(0.5)


def test_words_that_the_recogniser_doubts_are_marked():
    story = Story().open()
    story.transcribe(story.speak(0.5), "old friends", logprobs=[{"logprob": math.log(0.2)}])
    (line,) = read_transcript(story.timeline)
    assert line.unsure
    assert str(line) == "user: old friends (unsure)"


def test_an_interrupted_line_keeps_what_was_not_heard_apart():
    story = Story().open()
    story.speak(0.5)
    story.interrupted_answer("one two three four five six seven eight", 8.0, heard_s=4.0)
    line = read_transcript(story.timeline)[1]
    assert (line.heard, line.unheard) == ("one two three four", "five six seven eight")
    assert str(line) == "assistant: one two three four ⟨five six seven eight⟩"
    assert line.end - line.start == pytest.approx(4.0, abs=0.02)


def test_a_line_that_was_heard_to_its_end_is_not_marked():
    story = Story().open()
    story.speak(0.5)
    story.answer("Paris.", 0.5)
    line = read_transcript(story.timeline)[1]
    assert (line.heard, line.unheard) == (None, "")


@pytest.mark.parametrize(
    ("heard_s", "words"),
    [
        (0.0, ""),
        (0.1, ""),
        (1.0, "once"),
        (5.0, "once upon a time"),
        (10.0, "once upon a time there"),
    ],
)
def test_the_words_are_cut_in_proportion_to_the_sound(heard_s, words):
    item = Item("a", texts={0: ["once upon a time there"]}, audio_s=6.6, played_s=heard_s)
    assert heard_words(item) == words


def test_more_is_never_unheard_the_longer_one_listens():
    text = "a long  story with\nuneven   gaps, told twice"
    kept = [
        len(heard_words(Item("a", texts={0: [text]}, audio_s=5.0, played_s=n / 10)))
        for n in range(51)
    ]
    assert kept == sorted(kept)
    assert kept[-1] == len(text)


def test_lines_lie_where_they_were_spoken_and_played():
    story = Story().open()
    story.silence(1.0)
    story.speak(1.5)
    story.answer("Paris.", 2.0)
    user, assistant = read_transcript(story.timeline)
    assert (user.start, user.end) == (pytest.approx(1.0), pytest.approx(2.5))
    assert assistant.end - assistant.start == pytest.approx(2.0)


def test_history_that_the_client_puts_first_stands_first():
    story = Story().open()
    story.type("hello", item_id="b")
    item = {"id": "a", "type": "message", "role": "user"}
    item["content"] = [{"type": "input_text", "text": "before"}]
    story.send("conversation.item.create", item=item, previous_item_id="root")
    story.hear("conversation.item.added", item=item, previous_item_id=None)
    assert [text for _, text in words(story)] == ["before", "hello"]


def test_calls_and_their_outputs_are_no_lines():
    story = Story().open()
    for item in (
        {"id": "c", "type": "function_call", "name": "weather"},
        {"id": "o", "type": "function_call_output", "output": "dry"},
        {"id": "s", "type": "message", "role": "system", "content": [{"text": "be brief"}]},
    ):
        story.hear("conversation.item.added", item=item)
    assert read_transcript(story.timeline) == []


def test_the_words_of_an_answer_advance_as_it_is_played_and_only_while_it_sounds():
    story = Story().open()
    story.type("count")
    response_id = story.respond()
    where = story.begin_item(response_id)
    story.pieces(where, "one two three four", tone(4.0))
    item_id = where["item_id"]

    def spoken():
        return read_transcript(story.timeline)[-1].spoken

    seen = [spoken()]
    story.note("playback.started", item_id=item_id)
    seen.append(spoken())
    for ms in (1000, 2000, 4000):
        story.note("playback.position", item_id=item_id, played_ms=ms)
        seen.append(spoken())
    story.note("playback.finished", item_id=item_id, played_ms=4000)
    seen.append(spoken())
    assert seen == [None, "", "one", "one two", "one two three four", None]


def test_the_images_of_a_message_stand_with_its_line():
    story = Story().open()
    url = "data:image/png;base64,iVBORw0KGgo="
    content = [{"type": "input_image", "image_url": url}]
    item = {"id": "i1", "type": "message", "role": "user", "content": content}
    story.send("conversation.item.create", item=item)
    story.hear("conversation.item.added", item=item, previous_item_id=None)
    [line] = read_transcript(story.timeline)
    assert (line.images, line.text, str(line)) == ((url,), "", "user: (image)")
