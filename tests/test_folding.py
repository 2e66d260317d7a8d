"""Events as trees: what is folded, what sound and pictures are, and that nothing else is lost."""

import base64
import json

from helpers import Story, tone
from hypothesis import given
from hypothesis import strategies as st

from rtkit.audio import encode
from rtkit.folding import DEEPEST, LONGEST_CHARS, fold
from rtkit.moments import Moment

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def leaf(root, *path):
    for name in path:
        root = next(each for each in root.inside if each.name == name)
    return root


def unfolded(node):
    """The value that a tree without sound, data or cut texts was made of."""
    if node.kind == "object":
        return {each.name: unfolded(each) for each in node.inside}
    if node.kind == "list":
        return [unfolded(each) for each in node.inside]
    return json.loads(node.text)


def test_sound_is_told_by_its_length():
    story = Story()
    sound = encode(tone(0.2), story.format)
    moment = story.send("input_audio_buffer.append", 0.0, sound, audio="")
    told = leaf(fold(moment, 0.2), "audio")
    assert (told.kind, told.text) == ("sound", "200 ms of sound, 4,800 samples")


def test_base64_and_pictures_are_told_by_their_size():
    data = base64.b64encode(bytes(range(256)) * 3).decode()
    item = {"image_url": f"data:image/png;base64,{data}", "audio": data, "text": "a" * 150}
    tree = fold(Moment(0.0, "client", {"type": "x", "item": item}))
    assert leaf(tree, "item", "image_url").text == "image/png, 768 bytes as base64"
    assert leaf(tree, "item", "audio").text == "768 bytes as base64"
    assert leaf(tree, "item", "text").text == json.dumps("a" * 150)


def test_a_long_text_is_cut_and_says_so():
    words = "word " * 1000
    told = leaf(fold(Moment(0.0, "server", {"type": "x", "text": words})), "text")
    assert told.text.endswith(f"… ({5000 - LONGEST_CHARS:,} more characters)")


def test_what_is_large_or_deep_is_folded_at_first():
    wide = {str(n): n for n in range(30)}
    tree = fold(Moment(0.0, "server", {"type": "x", "wide": wide, "near": {"a": {"b": {"c": 1}}}}))
    assert not leaf(tree, "wide").opened
    assert leaf(tree, "wide").text == "30 fields"
    assert leaf(tree, "near").opened
    assert leaf(tree, "near", "a").opened
    assert not leaf(tree, "near", "a", "b").opened


def test_what_is_too_deep_ends():
    value = 1
    for _ in range(500):
        value = [value]
    node, depth = leaf(fold(Moment(0.0, "server", {"type": "x", "deep": value})), "deep"), 1
    while node.inside:
        node, depth = node.inside[0], depth + 1
    assert depth == DEEPEST


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_nothing_else_is_lost(event):
    assert unfolded(fold(Moment(0.0, "server", event))) == event
