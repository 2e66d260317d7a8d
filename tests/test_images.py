"""What is read in the header of an image, and what a session does with one."""

import base64
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serverstory import Story, Think, error, only, types

from rtkit.server.images import Image, NoImage, read_image
from rtkit.server.tutor import Tutor
from rtkit.server.usage import image_tokens


def png(width, height):
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(9)


def jpeg(width, height, before=b""):
    frame = struct.pack(">2sHBHH", b"\xff\xc2", 17, 8, height, width)
    return b"\xff\xd8" + before + frame + bytes(12)


def uri(data, kind="png"):
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


PNG_URI = uri(png(640, 480))
EXIF = b"\xff\xe1" + struct.pack(">H", 102) + bytes(100)
TABLE = b"\xff\xc4" + struct.pack(">H", 4) + bytes(2)


@pytest.mark.parametrize(
    ("url", "image"),
    [
        (PNG_URI, Image("PNG", 640, 480)),
        (uri(jpeg(800, 600), "jpeg"), Image("JPEG", 800, 600)),
        (uri(jpeg(800, 600, EXIF + TABLE + b"\xff"), "jpg"), Image("JPEG", 800, 600)),
    ],
)
def test_the_header_tells_format_and_size(url, image):
    assert read_image(url) == image


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://example.org/cat.png", "a data URI is needed"),
        ("data:image/gif;base64,AAAA", "a data URI is needed"),
        ("data:image/png;base64,%%%", "cannot be read"),
        (uri(b"GIF89a"), "no PNG or JPEG header"),
        (uri(png(0, 480)), "no PNG or JPEG header"),
        (uri(png(640, 480)[:20]), "no PNG or JPEG header"),
        (uri(jpeg(1, 1)[:6], "jpeg"), "no PNG or JPEG header"),
        (uri(png(640, 480), "jpeg"), "says that it is JPEG, but its bytes are PNG"),
    ],
)
def test_what_is_no_image_is_refused_with_the_reason(url, why):
    with pytest.raises(NoImage, match=why):
        read_image(url)


@given(st.binary(max_size=64))
def test_no_bytes_make_it_stumble(data):
    for start in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"):
        with suppress(NoImage):
            assert read_image(uri(start + data)).width > 0


def show(story, url=PNG_URI, text="what is this"):
    content = [{"type": "input_text", "text": text}] if text else []
    content.append({"type": "input_image", "image_url": url, "detail": "low"})
    item = {"type": "message", "role": "user", "content": content}
    return story.send("conversation.item.create", item=item)


def test_the_brain_is_told_what_the_image_is():
    story = Story()
    sent = show(story)
    assert types(sent) == ["conversation.item.added", "conversation.item.done"]
    assert only(sent, "conversation.item.done")["item"]["content"][1]["image_url"] == PNG_URI
    assert "description" not in sent[1]["item"]["content"][1]
    story.send("response.create")
    part = story.asked(Think).request.history[0]["content"][1]
    assert part["description"] == "an image, PNG, 640 by 480"


def test_the_tutor_says_what_it_can_and_no_more():
    story = Story()
    show(story, text="")
    story.send("response.create")
    said = [piece.text for piece in Tutor().answer(story.asked(Think).request)]
    assert said == ["You sent an image, PNG, 640 by 480. What it shows I cannot see."]


def test_an_image_comes_back_when_it_is_retrieved():
    story = Story()
    item_id = show(story)[0]["item"]["id"]
    item = story.send("conversation.item.retrieve", item_id=item_id)[0]["item"]
    assert item["content"][1] == {"type": "input_image", "image_url": PNG_URI, "detail": "low"}


def test_an_image_by_address_is_refused_and_nothing_is_added():
    story = Story()
    refused = error(show(story, "https://example.org/cat.png"))
    assert refused["code"] == "invalid_value"
    assert refused["param"] == "item.content[1].image_url"
    assert len(story.core.conversation) == 0


@pytest.mark.parametrize(
    ("detail", "tokens"),
    [("low", 85), ("high", 425), ("auto", 425), (None, 425)],  # 640 by 480: 85 + 2 * 170
)
def test_an_image_is_counted_by_its_tiles(detail, tokens):
    story = Story()
    story.update(instructions="", output_modalities=["text"])
    part = {"type": "input_image", "image_url": PNG_URI}
    part |= {} if detail is None else {"detail": detail}
    item = {"type": "message", "role": "user", "content": [part]}
    story.send("conversation.item.create", item=item)
    story.send("response.create")
    usage = only(story.done(), "response.done")["response"]["usage"]
    assert usage["input_token_details"]["image_tokens"] == usage["input_tokens"] == tokens
    story.send("response.create")
    usage = only(story.done(), "response.done")["response"]["usage"]
    assert usage["input_token_details"]["cached_tokens_details"]["image_tokens"] == tokens


@pytest.mark.parametrize(
    ("size", "tiles"),
    [((1, 1), 1), ((512, 512), 1), ((513, 512), 2), ((1024, 1024), 4), ((2**31, 1), 4)],
)
def test_an_image_is_made_smaller_before_its_tiles_are_counted(size, tiles):
    assert image_tokens(*size) == 85 + 170 * tiles
