"""What goes wrong on the way to a server, provoked on loopback: what was found, what to do."""

import http.server
import socket
import ssl
import subprocess
import threading

import pytest
from scripted import DICT, KEY, Peer, refusing
from websockets.asyncio.server import serve

import rtkit
from rtkit.errors import SessionError, TargetError
from rtkit.events import TRANSCRIPTION_FAILED
from rtkit.session import connect
from rtkit.targets import Target
from rtkit.troubles import advised, message_in


def test_a_redirect_of_the_handshake_is_not_followed_with_the_key():
    class Elsewhere(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(302)
            self.send_header("Content-Length", "0")
            self.send_header("Connection", "close")
            self.send_header("Location", f"{elsewhere.url}?api-key={KEY}")
            self.end_headers()

        def log_message(self, *_):
            pass

    with Peer() as elsewhere, http.server.HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.handle_request).start()
        url = f"ws://127.0.0.1:{server.server_port}"
        with pytest.raises(TargetError, match=r"sends us on to ws://127.*api-key=\*\*\*"):
            connect(target=url, api_key=KEY, record=False)
        assert elsewhere.paths == []


class SecurePeer(Peer):
    """A peer that speaks TLS with a certificate of its own making."""

    def __init__(self, folder):
        super().__init__()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "cert.pem", folder / "key.pem")

    async def _start(self):
        self._server = await serve(
            self._serve, "127.0.0.1", 0, ssl=self.context, process_request=self._admit
        )
        port = next(iter(self._server.sockets)).getsockname()[1]
        self.url = f"wss://127.0.0.1:{port}/v1/realtime"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    made += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    made += ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    try:
        subprocess.run(made, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no openssl here to make a certificate with")
    return folder


def test_a_certificate_that_nobody_vouches_for_says_where_to_name_its_authority(certificate):
    with SecurePeer(certificate) as peer:
        with pytest.raises(TargetError, match=r"not trusted \(.*self.signed.*SSL_CERT_FILE"):
            connect(target=peer.url, record=False)
        with pytest.raises(TargetError, match=r"not trusted .*SSL_CERT_FILE"):
            rtkit.client_secret(target=peer.url)


def test_the_authority_that_is_named_vouches_for_it(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    with SecurePeer(certificate) as peer, connect(DICT, peer.url, record=False) as session:
        assert session.ask("hello").answer == "Paris."


def test_a_plain_server_that_is_asked_for_tls_is_called_so(peer):
    url = peer.url.replace("ws://", "wss://")
    with pytest.raises(TargetError, match=r"no valid TLS|no connection"):
        connect(target=url, record=False)


@pytest.fixture
def hosted(monkeypatch):
    """A proxy is asked for every host but this machine: names one that is no machine at all."""
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return "wss://service.invalid/v1/realtime"


def proxying(answer):
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        client, _ = server.accept()
        with client:
            client.recv(4096)
            client.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return server


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (b"HTTP/1.1 407 Authentication Required\r\n\r\n", r"the proxy of your network.*407"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", r"the proxy of your network.*403"),
        (b"garbage\r\n\r\n", r"the proxy on the way to wss://service.invalid.*HTTPS_PROXY"),
    ],
)
def test_a_proxy_that_refuses_is_told_from_the_server(hosted, monkeypatch, answer, match):
    with proxying(answer) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(TargetError, match=match):
            connect(target=hosted, record=False)


def test_a_socks_proxy_names_the_package_that_it_needs(hosted, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://127.0.0.1:9")
    with pytest.raises(TargetError, match=r"pip install python-socks|no server answers"):
        connect(target=hosted, record=False)


def test_a_host_that_is_none_is_called_so(hosted, monkeypatch):
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    with pytest.raises(TargetError, match="was not found"):
        connect(target=hosted, record=False)


AZURE_ENV = {"AZURE_OPENAI_API_KEY": KEY}


def azure(peer):
    place = peer.url.replace("ws://", "http://").removesuffix("/v1/realtime")
    return rtkit.target("azure", env={**AZURE_ENV, "AZURE_OPENAI_ENDPOINT": place})


def test_azure_says_that_its_models_are_deployments():
    with Peer(refuse=404) as peer, pytest.raises(TargetError, match="name of a deployment"):
        connect(DICT, azure(peer), record=False)


def test_azure_says_so_of_the_transcription_model_too():
    answer = refusing("invalid_value", "Invalid transcription model 'gpt-transcribe'")
    with Peer({"session.update": answer}) as peer:
        with pytest.raises(SessionError, match=r"'gpt-transcribe'.* On Azure .*with_transcription"):
            connect(DICT, azure(peer), record=False)
        with pytest.raises(SessionError) as caught:
            connect(DICT, peer.url, record=False)
    assert "Azure" not in str(caught.value)


@pytest.mark.parametrize(("where", "warnings"), [(azure, 1), (lambda peer: peer.url, 0)])
def test_a_transcription_that_fails_on_azure_is_warned_of(caplog, where, warnings):
    async def fail(voice, event):
        error = {"code": "DeploymentNotFound", "message": "no such deployment"}
        await voice.tell(TRANSCRIPTION_FAILED, item_id="u", content_index=0, error=error)
        await voice.speak()

    answers = {"response.create": fail}
    with Peer(answers) as peer, connect(DICT, where(peer), record=False) as session:
        session.ask("hello")
    told = [one.getMessage() for one in caplog.records if "deployment" in one.getMessage()]
    assert len(told) == warnings
    assert all("(no such deployment). On Azure" in text for text in told)


def test_advice_is_given_once_and_only_where_it_belongs():
    error = SessionError("no", code="x", param="session.audio.input.transcription.model")
    here = Target("azure", "wss://x")
    once = advised(here, error)
    assert (once.code, str(advised(here, once)).count("On Azure")) == ("x", 1)
    assert advised(here, SessionError("a voice")).args == ("a voice",)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"message": "two\\n words."}}', "two words"),
        (b'{"error": "plain"}', "plain"),
        (b"<html>", ""),
        (b"[]", ""),
    ],
)
def test_what_a_server_says_of_a_refusal_is_found(body, said):
    assert message_in(body) == said
