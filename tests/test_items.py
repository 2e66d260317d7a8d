import base64

import pytest
from serverstory import counted_ids
from test_images import PNG_URI

from rtkit.audio import AudioFormat
from rtkit.server.conversation import Conversation
from rtkit.server.items import Maker, check_item, decoded_audio
from rtkit.server.rejections import Refused

MAKER = Maker(counted_ids(), AudioFormat.PCM16)


def message(*content, role="user", more=None):
    return {"type": "message", "role": role, "content": [*content, *([more] if more else [])]}


def image(url, **fields):
    return message({"type": "input_image", "image_url": url, **fields})


TEXT = {"type": "input_text", "text": "hello"}


@pytest.mark.parametrize(
    ("item", "param"),
    [
        ("hello", "item"),
        ({}, "item.type"),
        ({"type": ["message"]}, "item.type"),
        ({"type": "message", "role": "user"}, "item.content"),
        (message(role="robot"), "item.role"),
        (message(role={}), "item.role"),
        ({**message(), "content": "hello"}, "item.content"),
        (message("hello"), "item.content[0]"),
        (message(TEXT, {"text": "a"}), "item.content[1].type"),
        (message({"type": "input_text"}), "item.content[0].text"),
        (message({"type": "input_text", "text": 7}), "item.content[0].text"),
        (message({"type": "output_text", "text": "a"}), "item.content[0].type"),
        ({"type": "function_call_output", "output": "x"}, "item.call_id"),
        ({"type": "function_call_output", "call_id": "c", "output": {}}, "item.output"),
        ({"type": "function_call", "name": 7, "arguments": "{}"}, "item.name"),
        ({"type": "function_call", "name": "f", "arguments": {}}, "item.arguments"),
        ({**message(TEXT), "id": 7}, "item.id"),
        ({**message(TEXT), "id": "x" * 33}, "item.id"),
        ({**message(TEXT), "bogus": 1}, "item.bogus"),
        (message({**TEXT, "bogus": 1}), "item.content[0].bogus"),
        (message(TEXT, role="system", more={"type": "input_image"}), "item.content[1].type"),
        (image("https://example.org/cat.png"), "item.content[0].image_url"),
        (image(PNG_URI, detail="huge"), "item.content[0].detail"),
        (message({"type": "input_image", "image_url": None}), "item.content[0].image_url"),
    ],
)
def test_what_is_no_item_is_refused_where_it_goes_wrong(item, param):
    assert check_item(item).param == param


@pytest.mark.parametrize(
    "item",
    [
        message(TEXT),
        message(TEXT, role="system"),
        message({"type": "output_text", "text": "hi"}, role="assistant"),
        message({"type": "input_image", "image_url": PNG_URI, "detail": "low"}),
        {**message(TEXT), "object": "realtime.item", "status": "completed", "id": None},
        message({**TEXT, "audio": None, "image_url": None}),
        {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "call_1"},
        {"type": "function_call_output", "call_id": "call_1", "output": ""},
    ],
)
def test_all_kinds_of_items_can_be_made(item):
    entry = MAKER.entry(item)
    assert entry.item["status"] == "completed"
    assert entry.id.startswith("item_")


def test_the_id_of_the_client_is_kept():
    assert MAKER.entry({**message(TEXT), "id": "mine"}).id == "mine"


def test_sound_is_kept_beside_the_item():
    audio = base64.b64encode(bytes(480)).decode()
    entry = MAKER.entry(message({"type": "input_audio", "audio": audio}))
    assert entry.item["content"] == [{"type": "input_audio", "transcript": None}]
    assert entry.sound.ms == 10
    assert entry.retrieved()["content"][0]["audio"] == audio


def test_sound_that_cannot_be_used_is_refused_where_it_stands():
    with pytest.raises(Refused) as refused:
        MAKER.entry(message(TEXT, {"type": "input_audio", "audio": "?"}))
    assert refused.value.refusal.param == "item.content[1].audio"


def test_a_context_of_items_and_references():
    conversation = Conversation("conv_1")
    conversation.insert(MAKER.entry({**message(TEXT), "id": "item_a"}))
    items = [{"type": "item_reference", "id": "item_a"}, message(TEXT)]
    first, second = MAKER.context(items, conversation)
    assert first is conversation.get("item_a")
    assert second.id not in conversation
    for wrong in ("hello", [{"type": "item_reference", "id": "gone"}], [7]):
        with pytest.raises(Refused):
            MAKER.context(wrong, conversation)
    with pytest.raises(Refused) as refused:
        MAKER.context([{"type": "item_reference"}], conversation)
    assert refused.value.refusal.param == "response.input[0].id"


def test_decoded_audio_names_the_format_that_was_expected():
    with pytest.raises(Refused, match=r"G.711 mu-law at 8kHz"):
        decoded_audio("%", AudioFormat.G711_ULAW)
    assert decoded_audio("AAA=", AudioFormat.G711_ULAW) == b"\0\0"
