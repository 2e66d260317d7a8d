"""What a server supports, tried out: on the embedded one, and on peers that speak dialects."""

import json
import re
import time
from pathlib import Path

import pytest
from foreign import PEERS, beta_peer, xai_peer
from scripted import KEY, Peer

import rtkit
from rtkit import events
from rtkit.errors import TargetError
from rtkit.findings import Finding
from rtkit.server.local import ServerOptions
from rtkit.trials import TRIALS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "protocol.md"
FEATURES = {feature for features in TRIALS for feature in features}


@pytest.fixture(scope="module")
def embedded_findings():
    began = time.monotonic()
    found = rtkit.probe(server=ServerOptions(api_key=KEY), api_key=KEY)
    return found, time.monotonic() - began


def test_the_embedded_server_supports_all_that_is_looked_for(embedded_findings):
    found, seconds = embedded_findings
    assert [repr(row) for row in found if row.supported is not True] == []
    assert {row.feature for row in found} == FEATURES
    assert seconds < 15


def test_what_the_protocol_page_calls_supported_is_what_was_tried():
    """Each client event of the page has its trial, but for the one of other transports."""
    page = PAGE.read_text(encoding="utf-8")
    table = page.partition("## Client events")[2].partition("## Server events")[0]
    named = set(re.findall(r"^\| `([a-z_.]+)` \|", table, re.MULTILINE))
    assert named == set(events.CLIENT_EVENTS)
    package = Path(rtkit.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in package.glob("*trials.py"))
    said = {
        type_
        for type_ in events.CLIENT_EVENTS
        if f'"{type_}"' in source or any(word in source for word in SPOKEN_BY.get(type_, ()))
    }
    assert said == named - {"output_audio_buffer.clear"}


SPOKEN_BY = {
    events.SESSION_UPDATE: ["bench.update("],
    events.APPEND: ["append_wire("],
    events.COMMIT: ["events.COMMIT}"],
    events.CLEAR: ["events.CLEAR}"],
    events.ITEM_CREATE: ["events.user_text("],
    events.TRUNCATE: ["events.truncate("],
    events.RESPONSE_CREATE: ["events.create_response("],
    events.RESPONSE_CANCEL: ["events.cancel_response("],
}


def test_the_refusals_that_are_part_of_it_are_not_logged_as_trouble(caplog):
    rtkit.probe(patience=1.0)
    assert [record for record in caplog.records if record.name == "rtkit"] == []


def test_the_table_is_shown_in_a_terminal_in_a_notebook_and_on_a_page(embedded_findings):
    found, _ = embedded_findings
    assert re.match(rf"embedded: {len(found)} of {len(found)} found, in [\d.]+ s\n", repr(found))
    assert "<table" in found._repr_html_()
    assert "| truncation | yes | " in found._repr_markdown_()
    assert KEY not in f"{found!r}{found._repr_html_()}"
    with pytest.raises(KeyError, match="was not looked for"):
        found["telepathy"]


def differences(peer):
    """What a probe of a peer finds missing or unknown, and what it saw there."""
    with peer:
        found = rtkit.probe(peer.url, patience=0.4)
    return {row.feature: row.seen for row in found if row.supported is not True}, found


def test_a_beta_shaped_server_is_told_by_its_differences():
    missing, found = differences(beta_peer())
    assert "beta" in missing["session.created in the GA shape"]
    assert "`audio.input.turn_detection`" in missing["settings kept as sent"]
    assert missing["items named as in GA"] == "`conversation.item.created`"
    assert missing["usage by kind"] == "none"
    assert missing["text turn"] == "answered in sound"
    assert "server_vad" in missing["semantic_vad"]
    assert missing["G.711"] == "the session has pcm16"
    assert missing["item retrieved"] == "no answer"
    assert "response.audio.delta" in found["audio out"].seen
    assert found["server_vad"].supported
    assert found["transcription"].supported


def test_a_server_with_its_own_session_object_is_told_by_its_differences():
    missing, found = differences(xai_peer())
    assert "first word `conversation.created`" in missing["session.created in the GA shape"]
    assert missing["usage by kind"] == "only sums, beside the response"
    assert missing["create_response false"] == "answered all the same"
    assert found["server_vad"].seen == "no places told"
    assert found["audio out"].supported


def test_a_server_that_announces_little_is_told_by_its_differences():
    missing, found = differences(PEERS["face"]())
    assert missing["truncation"] == "no answer"
    assert missing["usage by kind"] == "only sums"
    assert found["truncation"].supported is None
    assert found["session.created in the GA shape"].supported


def test_a_server_that_hangs_up_is_called_again_for_the_next_trial():
    async def touchy(voice, event):
        if "bogus_field" in event["session"]:
            await voice.close(4000, "bogus")
        else:
            await voice.tell("session.updated", session=voice.session)

    missing, found = differences(Peer({"session.update": touchy}))
    assert missing["errors with a code"] == "the session ended with 4000"
    assert found["text turn"].supported is not None


def test_a_server_that_always_hangs_up_is_not_called_for_ever():
    calls = []

    async def gone(voice, event):
        calls.append(event)
        voice.drop()

    peer = Peer(dict.fromkeys(["session.update", "response.create", events.ITEM_CREATE], gone))
    missing, found = differences(peer)
    assert len(calls) <= 6
    assert "sessions ended" in missing["G.711"]
    assert {row.feature for row in found} == FEATURES


def test_events_of_a_wrong_shape_are_findings_and_no_exceptions():
    async def odd(voice, event):
        await voice.tell("response.done", response="none")
        await voice.tell("error", error="none")

    missing, _ = differences(Peer({"response.create": odd}))
    assert "cannot be read" in missing["response outside the conversation"]


def test_a_hosted_target_is_not_asked_for_anything_until_it_is_said_that_it_may_cost():
    with pytest.raises(ValueError, match=r"may cost some cents\. Say spend=True"):
        rtkit.probe("wss://service.invalid/v1/realtime")
    with pytest.raises(TargetError):
        rtkit.probe("wss://service.invalid/v1/realtime", spend=True, patience=0.1)


def test_a_server_that_is_not_there_is_an_error_and_no_table():
    with pytest.raises(TargetError, match="no server answers"):
        rtkit.probe("ws://127.0.0.1:9")


def test_a_wrong_key_that_is_let_in_is_told():
    with Peer() as peer:
        found = rtkit.probe(peer.url, api_key=KEY, patience=0.2)
    assert found["wrong key turned away"] == Finding("wrong key turned away", False, "was let in")
    assert KEY not in json.dumps([row.seen for row in found])


def test_nothing_is_left_open_after_a_probe():
    with Peer() as peer:
        rtkit.probe(peer.url, patience=0.2)
        time.sleep(0.1)  # the goodbye is on its way
        assert not peer._serving
