import pytest

from rtkit.audio import AudioFormat
from rtkit.server.conversation import ROOT, Conversation, Entry, Sound
from rtkit.server.items import spoken_item
from rtkit.server.rejections import Refused


def entry(item_id, text="hello"):
    content = [{"type": "input_text", "text": text}]
    return Entry({"id": item_id, "type": "message", "role": "user", "content": content})


def answer(words="one two three", ms=900):
    part = {"type": "output_audio", "transcript": words}
    item = {"id": "item_a", "type": "message", "role": "assistant", "content": [part]}
    sound = Sound(AudioFormat.PCM16, bytearray(48 * ms), [(0, 0.0), (4, 300.0), (8, 600.0)])
    return Entry(item, sound)


def test_items_stand_in_order_and_know_the_one_before():
    conversation = Conversation("conv_1")
    assert conversation.insert(entry("a")) is None
    assert conversation.insert(entry("c")) == "a"
    assert conversation.insert(entry("b"), "a") == "a"
    assert conversation.insert(entry("root"), ROOT) is None
    assert [e.id for e in conversation] == ["root", "a", "b", "c"]
    assert conversation.previous_id("c") == "b"
    assert conversation.previous_id("gone") is None


def test_a_removed_item_is_unknown():
    conversation = Conversation("conv_1")
    conversation.insert(entry("a"))
    conversation.remove("a")
    assert conversation.get("a") is None
    assert len(conversation) == 0


def test_what_was_sent_does_not_change_later():
    one = entry("a")
    sent = one.wire()
    one.item["content"][0]["text"] = "bye"
    assert sent["content"][0]["text"] == "hello"


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0, ""), (299, ""), (300, "one"), (600, "one two"), (899, "one two"), (900, None)],
)
def test_words_are_kept_when_they_were_heard_to_their_end(ms, words):
    conversation = Conversation("conv_1")
    conversation.insert(answer())
    conversation.truncate("item_a", 0, ms)
    kept = conversation.get("item_a")
    assert kept.item["content"][0]["transcript"] == ("one two three" if words is None else words)
    assert kept.sound.ms == ms


def test_a_word_before_a_long_pause_counts_as_heard():
    sound = Sound(AudioFormat.PCM16, bytearray(48 * 3000), [(0, 0.0), (4, 2500.0)])
    assert sound.characters_heard(700) == 4


def test_only_what_is_there_can_be_truncated():
    conversation = Conversation("conv_1")
    conversation.insert(answer())
    conversation.insert(entry("typed"))
    for place in (("gone", 0, 1), ("typed", 0, 1), ("item_a", 1, 1), ("item_a", 0, 901)):
        with pytest.raises(Refused):
            conversation.truncate(*place)


def test_the_brain_sees_words_that_the_client_did_not_ask_for():
    heard = Entry(spoken_item("a"), Sound(AudioFormat.PCM16), heard="hello")
    assert heard.known()["content"][0]["transcript"] == "hello"
    assert heard.wire()["content"][0]["transcript"] is None


def test_sound_costs_audio_tokens_and_text_costs_text_tokens():
    assert (answer().tokens().audio, answer().tokens().text) == (18, 0)
    assert (entry("a", "x" * 9).tokens().audio, entry("a", "x" * 9).tokens().text) == (0, 3)
    output = Entry({"id": "o", "type": "function_call_output", "output": "12345678"})
    assert output.tokens().text == 2


def test_what_was_reckoned_of_an_item_follows_its_changes():
    conversation = Conversation("conv_1")
    conversation.insert(answer())
    kept = conversation.get("item_a")
    before = (conversation.size, kept.tokens().audio, kept.known()["content"][0]["transcript"])
    assert before[1:] == (18, "one two three")
    conversation.truncate("item_a", 0, 400)
    assert conversation.size < before[0]
    assert kept.tokens().audio == 8
    assert kept.known()["content"] == kept.wire()["content"]
    spoken = Entry(spoken_item("b"), Sound(AudioFormat.PCM16))
    assert spoken.known()["content"][0]["transcript"] is None
    spoken.heard = "hello"
    assert spoken.known()["content"][0]["transcript"] == "hello"
    spoken.tell("hello there")
    assert spoken.wire()["content"][0]["transcript"] == "hello there"


def test_of_an_item_in_progress_nothing_is_kept():
    growing = Entry({**entry("a", "one").item, "status": "in_progress"})
    assert growing.tokens().text == 1
    growing.item["content"][0]["text"] = "one two three"
    assert growing.tokens().text == 4
    growing.item["status"] = "completed"
    growing.item["content"][0]["text"] = "one two three four five"
    assert growing.tokens().text == 6
