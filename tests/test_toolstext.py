"""Tools as an edited text: nothing is lost, and no credential is shown."""

import pytest
from hypothesis import given, settings
from sessioncases import sessions

from rtkit.errors import ConfigError
from rtkit.widgets.toolstext import read_tools, tools_text

SECRET = "Bearer abcdefgh12345678"
DOCS = {"type": "mcp", "server_label": "docs", "server_url": "https://example.org"}
KEYED = {**DOCS, "authorization": SECRET, "headers": {"X-Key": SECRET}}
LOOK_UP = {"type": "function", "name": "look_up", "description": "Looks Zürich up."}


@settings(max_examples=60, deadline=None)
@given(sessions())
def test_what_was_not_touched_is_read_as_it_was(session):
    tools = session.get("tools", [])
    assert read_tools(tools_text(tools), tools) == tools


def test_a_credential_is_masked_and_comes_back():
    text = tools_text([LOOK_UP, KEYED])
    assert SECRET not in text
    assert "Zürich" in text
    edited = text.replace("https://example.org", "https://example.com")
    assert read_tools(edited, [LOOK_UP, KEYED])[1] == {**KEYED, "server_url": "https://example.com"}


def test_a_credential_is_found_by_the_name_of_its_tool_wherever_it_stands_now():
    assert read_tools(tools_text([KEYED]), [LOOK_UP, KEYED]) == [KEYED]


def test_two_tools_of_one_name_keep_each_its_own_credential():
    tools = [KEYED, {**KEYED, "authorization": SECRET[::-1]}]
    assert read_tools(tools_text(tools), tools) == tools


def test_a_mask_of_which_nothing_is_known_is_refused():
    text = tools_text([KEYED]).replace('"docs"', '"other"')
    with pytest.raises(ConfigError, match=r"found \*\*\*.*Write it in full"):
        read_tools(text, [KEYED])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[{"type": ', "no JSON \\(line 1, column 11"),
        ('{"type": "function"}', "found dict; allowed: a list"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_list_of_tools_is_told_with_its_place(text, told):
    with pytest.raises(ConfigError, match=f"tools: .*{told}"):
        read_tools(text, [])


def test_an_empty_text_is_no_tools():
    assert read_tools("", [LOOK_UP]) == []
