"""The way to an open socket: what is found, and what to do."""

import logging
import socket
import threading

import pytest
from scripted import KEY, Peer, opened

from rtkit.errors import (
    TargetError,
)
from rtkit.session import connect


def test_a_dead_server_is_named_with_what_to_do():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{free.getsockname()[1]}/v1/realtime"
    with pytest.raises(TargetError, match=rf"no server answers at {url} .*rtkit serve"):
        connect(target=url, record=False)


@pytest.mark.parametrize(("status", "remedy"), [(401, "api_key"), (404, "/v1/realtime"), (500, "")])
def test_a_refused_upgrade_says_its_status_and_what_to_do(status, remedy):
    with Peer(refuse=status) as peer, pytest.raises(TargetError, match=f"{status}.*{remedy}"):
        opened(peer)


def test_what_is_no_websocket_server_is_called_so():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            client, _ = server.accept()
            client.recv(4096)
            client.sendall(b"220 mail.example.org ESMTP\r\n")
            client.close()

        threading.Thread(target=answer).start()
        with pytest.raises(TargetError, match="not a WebSocket server"):
            connect(target=f"ws://127.0.0.1:{server.getsockname()[1]}", record=False)


def test_a_key_in_a_url_is_not_in_the_error():
    with Peer(refuse=401) as peer, pytest.raises(TargetError) as caught:
        connect(target=f"{peer.url}?api-key={KEY}", record=False)
    assert KEY not in str(caught.value)


def test_a_key_is_not_in_the_debug_log(peer, caplog):
    caplog.set_level(logging.DEBUG)
    with connect(target=f"{peer.url}?api-key={KEY}", api_key=KEY, record=False):
        pass
    ours = [record for record in caplog.records if record.name != "websockets.server"]
    assert all(KEY not in record.getMessage() for record in ours)
