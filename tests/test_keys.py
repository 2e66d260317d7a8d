"""Ephemeral keys: made, used, gating, expiring, never shown."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from scripted import DICT, KEY, Peer

import rtkit
from rtkit.errors import TargetError
from rtkit.server.local import ServerOptions

GATED = {"api_key": KEY}
EPHEMERAL = "ek_0123456789abcdefghijk"


@contextmanager
def answering(status, body, more=None, wait=0.0):
    """An HTTP server on loopback that answers every POST alike; yields (its URL, the requests)."""
    seen = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen.append((self.path, headers, json.loads(self.rfile.read(length) or "null")))
            time.sleep(wait)
            self.send_response(status)
            for name, value in (more or {}).items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # who asked may be gone
                self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        do_GET = do_POST

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.server_port}/v1/realtime", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def made(url, **options):
    return rtkit.client_secret(options.pop("config", DICT), url, api_key=KEY, **options)


def test_the_embedded_server_makes_a_key_that_opens_sessions_of_its_configuration():
    server = ServerOptions(**GATED)
    config = rtkit.RealtimeSessionConfig(voice="sage", instructions="Be brief.")
    secret = rtkit.client_secret(config, server=server, seconds=60)
    assert secret.value.startswith("ek_")
    assert 50 < secret.expires_at - time.time() <= 60
    assert secret.model == config.model
    with rtkit.connect(server=server, api_key=secret, record=False) as session:
        assert session.effective["audio"]["output"]["voice"] == "sage"
        assert session.effective["instructions"] == "Be brief."
        assert session.ask("What is two plus two?").answer == "Two plus two is four."
        assert "session.update" not in [moment.type for moment in session.timeline]
        assert secret.value not in f"{session!r} {session.target!r} {list(session.timeline)}"


def test_a_gated_server_takes_the_real_key_and_an_ephemeral_one_and_no_other():
    server = ServerOptions(**GATED)
    secret = rtkit.client_secret(server=server)
    for key in (KEY, secret, secret.value):
        with rtkit.connect({}, server=server, api_key=key, record=False) as session:
            assert session.id
    with pytest.raises(TargetError, match="API key"):
        rtkit.connect(server=server, api_key="ek_somebodyelses", record=False)
    with pytest.raises(TargetError, match="api_key"):
        rtkit.connect(server=server, record=False)


def test_an_expired_key_opens_no_session_and_those_that_are_open_go_on(monkeypatch):
    for module in ("rtkit.keys", "rtkit.server.secrets"):
        monkeypatch.setattr(f"{module}.SHORTEST_S", 1)  # the least that is allowed is 10 s
    server = ServerOptions(**GATED)
    secret = rtkit.client_secret(server=server, seconds=1)
    with rtkit.connect(server=server, api_key=secret, record=False) as session:
        time.sleep(max(0.0, secret.expires_at - time.time()) + 0.05)
        with pytest.raises(TargetError, match="expired"):
            rtkit.connect(server=server, api_key=secret, record=False)
        assert session.ask("What is two plus two?").answer == "Two plus two is four."


def test_the_model_of_the_key_is_asked_for_and_the_configurations_is_left_out(peer):
    secret = rtkit.ClientSecret(EPHEMERAL, time.time() + 60, {"type": "realtime", "model": "m-2"})
    with rtkit.connect({"model": "other", **DICT}, peer.url, api_key=secret, record=False):
        assert peer.paths == ["/v1/realtime?model=m-2"]
        assert peer.headers[0]["authorization"] == f"Bearer {EPHEMERAL}"
        assert "model" not in peer.received[0]["session"]


def test_a_key_for_transcription_opens_a_session_that_transcribes():
    server = ServerOptions(**GATED)
    wanted = {"type": "transcription", "audio": {"input": {"turn_detection": None}}}
    secret = rtkit.client_secret(wanted, server=server)
    assert secret.kind == "transcription"
    with rtkit.connect(server=server, api_key=secret, record=False) as session:
        assert session.effective["type"] == "transcription"
        assert session.effective["audio"]["input"]["turn_detection"] is None


def test_the_request_is_the_one_that_the_service_wants():
    answer = {"value": EPHEMERAL, "expires_at": 1_900_000_000, "session": {"type": "realtime"}}
    with answering(200, answer) as (url, seen):
        whole = rtkit.target(f"{url}?model=x&tenant=blue", api_key=KEY, safety_identifier="hash")
        secret = rtkit.client_secret({"model": "m", **DICT}, whole, seconds=30)
    [(path, headers, body)] = seen
    assert path == "/v1/realtime/client_secrets?tenant=blue"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["openai-safety-identifier"] == "hash"
    assert body["expires_after"] == {"anchor": "created_at", "seconds": 30}
    assert body["session"] == {"type": "realtime", "model": "m", **DICT}
    assert secret.expires.year == 2030


def test_the_same_request_is_made_by_the_official_client():
    from openai import OpenAI

    answer = {"value": EPHEMERAL, "expires_at": 1_900_000_000, "session": {"type": "realtime"}}
    session = {"type": "realtime", "model": "m", **DICT}
    with answering(200, answer, {"Content-Type": "application/json"}) as (url, seen):
        ours = made(url, config={"model": "m", **DICT}, seconds=30)
        base = url.replace("ws://", "http://").removesuffix("/realtime")
        theirs = OpenAI(api_key=KEY, base_url=base).realtime.client_secrets.create(
            expires_after={"anchor": "created_at", "seconds": 30}, session=session
        )
    (path, headers, body), (their_path, their_headers, their_body) = seen
    assert (path, body) == (their_path, their_body)
    assert headers["authorization"] == their_headers["authorization"]
    assert (ours.value, ours.expires_at) == (theirs.value, theirs.expires_at)


def test_azure_has_its_own_path_and_header_for_the_real_key_and_a_bearer_for_the_other():
    answer = {"value": EPHEMERAL, "expires_at": 1_900_000_000}
    with answering(200, answer) as (url, seen):
        env = {
            "AZURE_OPENAI_ENDPOINT": url.replace("ws://", "http://").removesuffix("/v1/realtime"),
            "AZURE_OPENAI_API_KEY": KEY,
        }
        azure = rtkit.target("azure", env=env)
        secret = rtkit.client_secret({}, azure)
    path, headers, _ = seen[0]
    assert path == "/openai/v1/realtime/client_secrets"
    assert headers["api-key"] == KEY
    assert rtkit.target("azure", api_key=secret, env=env).headers == {
        "Authorization": f"Bearer {EPHEMERAL}"
    }


@pytest.mark.parametrize(
    ("status", "body", "match"),
    [
        (401, {"error": {"message": f"Incorrect API key provided: {KEY}."}}, r"401.*api_key="),
        (403, {}, "403.*no right"),
        (404, b"not here", "makes no ephemeral keys"),
        (405, b"", "makes no ephemeral keys"),
        (400, {"error": {"message": "Unknown parameter: 'x'"}}, "Unknown parameter: 'x'"),
        (429, {"error": "slow down"}, r"429 \(slow down\)\. Too many requests"),
        (500, b"<html>", r"500\. The server has a fault of its own"),
        (200, b"<html>", "no JSON"),
        (200, {"value": "ek_1"}, "no ephemeral key in it"),
        (200, [], "no ephemeral key in it"),
    ],
)
def test_a_refusal_says_what_was_found_and_what_to_do(status, body, match):
    with answering(status, body) as (url, _), pytest.raises(TargetError, match=match) as caught:
        made(url)
    assert KEY not in str(caught.value)


def test_a_redirect_is_not_followed_with_the_key():
    with answering(200, {}) as (elsewhere, seen):
        place = {"Location": elsewhere.replace("ws://", "http://")}
        with (
            answering(302, b"", place) as (url, _),
            pytest.raises(TargetError, match="sends us on"),
        ):
            made(url)
    assert seen == []


def test_a_server_that_does_not_answer_in_time_is_said_to():
    with (
        answering(200, {}, wait=0.5) as (url, _),
        pytest.raises(TargetError, match="did not answer within"),
    ):
        made(url, timeout=0.1)


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(TargetError, match="no server answers at ws:"):
        made("ws://127.0.0.1:9/v1/realtime")


@pytest.mark.parametrize("seconds", [9, 7201, True])
def test_a_time_that_no_key_may_have_is_refused_before_anything_is_sent(seconds):
    with pytest.raises(ValueError, match="10 to 7200"):
        rtkit.client_secret(seconds=seconds)


def test_the_server_would_refuse_the_same_times():
    with Peer() as peer, pytest.raises(TargetError):
        made(peer.url)  # a WebSocket server, which makes no keys
    from rtkit import keys
    from rtkit.server import secrets

    assert (keys.SHORTEST_S, keys.LONGEST_S) == (secrets.SHORTEST_S, secrets.LONGEST_S)


def test_a_key_shows_everything_but_itself():
    secret = rtkit.ClientSecret(EPHEMERAL, 1_900_000_000, {"model": "m", "type": "realtime"})
    assert repr(secret) == str(secret) == "ClientSecret(***, m, until 2030-03-17 17:46:40 UTC)"
    with pytest.raises(TypeError, match="found a dict"):
        rtkit.connect(target="ws://127.0.0.1:9", api_key={"value": EPHEMERAL})


def test_async_code_makes_a_key_in_a_thread():
    secret = asyncio.run(asyncio.to_thread(rtkit.client_secret, {}))
    assert secret.value.startswith("ek_")
