"""How a session comes to be open, and that keys stay unseen."""

import pytest
from scripted import DICT, KEY, Peer, opened, refusing, types

from rtkit.errors import (
    SessionClosed,
    SessionError,
    TargetError,
)
from rtkit.session import connect

pytestmark = pytest.mark.usefixtures("own_recordings")


def test_a_session_is_open_when_its_configuration_took_effect(session, peer):
    assert types(session.timeline)[:4] == [
        "local session.opened",
        "server session.created",
        "client session.update",
        "server session.updated",
    ]
    assert session.effective["audio"]["output"]["voice"] == "coral"
    assert session.id == "sess_scripted"
    assert peer.paths == ["/v1/realtime?model=gpt-realtime-2.1"]


def test_without_a_configuration_the_default_one_is_sent(peer):
    with connect(target=peer.url, record=False):
        assert peer.received[0]["session"]["type"] == "realtime"


def test_a_configuration_that_the_server_refuses_is_an_error_with_its_words():
    answers = {"session.update": refusing("unknown_parameter", "Unknown parameter: 'x'.")}
    with Peer(answers) as peer, pytest.raises(SessionError, match=r"Unknown parameter: 'x'\."):
        opened(peer)


def test_a_wrong_scheme_says_what_is_allowed():
    with pytest.raises(TargetError, match="Allowed"):
        connect(target="ftp://127.0.0.1", record=False)


def test_settings_of_the_embedded_server_do_not_go_with_another_target(peer):
    from rtkit.server.local import ServerOptions

    with pytest.raises(TargetError, match="settings of the embedded server"):
        connect(target=peer.url, server=ServerOptions())


def test_a_key_is_sent_in_its_header_and_seen_nowhere_else(tmp_path):
    async def betray(voice, event):
        await voice.refuse("invalid_api_key", f"Incorrect API key provided: {KEY}", None)
        await voice.close(3000, f"bad key {KEY}"[:100])

    with Peer({"response.create": betray}) as peer:
        session = connect(DICT, peer.url, api_key=KEY)
        with pytest.raises(SessionClosed) as caught:
            session.ask("hello")
        session.timeline.save(tmp_path / "talk.jsonl")
        session.close()
    assert peer.headers[0]["authorization"] == f"Bearer {KEY}"
    seen = f"{session!r} {session.target!r} {caught.value} {list(session.timeline)}"
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert "Incorrect API key provided: ***" in seen
    assert KEY not in seen
    assert KEY.encode() not in written


def test_a_target_in_the_place_of_the_configuration_is_told_where_it_belongs():
    with pytest.raises(TypeError, match=r"found 'openai'.*target="):
        connect("openai", record=False)
    from rtkit.builder import RealtimeConfigBuilder

    with pytest.raises(TypeError, match=r"\.build\(\)"):
        connect(RealtimeConfigBuilder(), record=False)
