"""Clients with environments of their own, unmodified, against `rtkit serve` as a process.

Each has a program in its folder that uses it as its documentation shows, and prints what came of
it; without Node.js or a network the ones that need it are skipped with the reason, and with
RTKIT_REQUIRE_CLIENTS=1 they fail.
"""

import json
import os
from functools import cache

import pytest
from served import served

import rtkit
from clients.environments import Program, Unavailable

WORDS = {"time": "What time is it?", "weather": "What is the weather in Paris?"}
CLIENTS = {
    "agents_realtime": (
        "npm @openai/agents-realtime",
        "`OpenAIRealtimeWebSocket({ url })`, with its own semantic_vad",
    ),
    "pipecat": (
        "pipecat-ai",
        "`OpenAIRealtimeLLMService(base_url=)` in a pipeline, audio in and out as frames",
    ),
    "livekit": (
        "livekit-plugins-openai",
        "`RealtimeModel(base_url=)`: its session, driven directly; no LiveKit room is involved",
    ),
    "openai_node": (
        "npm openai",
        "no: its realtime classes insist on `wss://`, and this server has no TLS; "
        "its REST calls (models, client secrets) work",
    ),
}
TALKERS = ("agents_realtime", "pipecat", "livekit")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What each program printed; each runs once, against one server."""
    folder = tmp_path_factory.mktemp("clients")
    for name, words in WORDS.items():
        pcm = (rtkit.say(words) + rtkit.Clip.silence(2.5)).to_pcm16()
        (folder / f"{name}.pcm").write_bytes(pcm)

    @cache
    def printed(name):
        try:
            return json.loads(Program(name).run(url, str(folder)))
        except Unavailable as lack:
            return str(lack)

    with served(folder) as url:
        yield printed


@pytest.fixture
def result(name, results, record_property):
    """What the program of the client `name` printed; its row of the table is noted."""
    record_property("client", CLIENTS[name][0])
    record_property("version", version(name))
    found = results(name)
    if isinstance(found, str):
        if os.environ.get("RTKIT_REQUIRE_CLIENTS") == "1":
            pytest.fail(found)
        pytest.skip(found)
    return found


def version(name):
    """The version that its pins name."""
    program = Program(name)
    if program.node:
        package = json.loads((program.home / "package.json").read_text())
        return next(iter(package["dependencies"].values()))
    return (program.home / "requirements.in").read_text().split("==")[-1].strip()


talkers = pytest.mark.parametrize("name", TALKERS)


@talkers
def test_text(name, result, record_property):
    record_property("shows", "text")
    assert result["text"] == "The capital of France is Paris."


@talkers
def test_voice(name, result, record_property):
    record_property("shows", "voice")
    assert result["voice"].startswith("It is")
    assert result["sound_s"] > 1


@talkers
def test_transcription(name, result, record_property):
    record_property("shows", "transcription")
    assert result["heard"] == "what time is it"


@talkers
def test_tool(name, result, record_property):
    record_property("shows", "tool")
    assert len(result["calls"]) == 2  # typed, then spoken
    assert result["tool"].startswith("The result is:")
    assert "snow in paris" in result["tool"].lower()
    assert "snow in paris" in result["spoken_tool"].lower()


@talkers
def test_interruption(name, result, record_property):
    record_property("shows", "interruption")
    assert result["interruptions"] >= 1
    assert 100 < result["truncated_ms"] < 3_000
    assert result["after"].startswith("It is")


@talkers
def test_no_error_and_no_warning(name, result, record_property):
    record_property("remark", CLIENTS[name][1])
    assert (result["errors"], result.get("warnings", [])) == ([], [])


@pytest.mark.parametrize("name", ["openai_node"])
def test_rest_is_reached_but_no_socket_without_tls(name, result, record_property):
    record_property("remark", CLIENTS[name][1])
    assert result["models"] > 10
    assert result["secret"] == "ek_"
    assert not result["own"]["connected"]
    assert result["own"]["url"].startswith("wss://")
    assert not result["custom"]["connected"]
    assert "must use the wss: protocol" in result["custom"]["said"]
