"""A brain behind a chat endpoint: a real HTTP server on loopback streams what it is to say."""

import asyncio
import gc
import socket
import sys
import warnings
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import numpy as np
import pytest
from socketstory import Parrot, connected, serving
from upstream import DONE, data, delta, says, upstream

from rtkit.errors import BrainError, ConfigError
from rtkit.server.brain import Brain, Call, Cut, Request, Say
from rtkit.server.chat import ChatCompletions, grammar_of
from rtkit.server.local import ServerOptions
from rtkit.speech.grammar import Grammar

NOW = datetime(2026, 11, 22, tzinfo=UTC)
KEY = "sk-secret-0123456789"
HI = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi."}]}
TOOL = {"type": "function", "name": "clock", "parameters": {"type": "object"}}


def chat(url, **fields):
    return ChatCompletions(url, "llama3.2", **fields)


async def pieces(brain, **fields):
    return [piece async for piece in brain.reply(Request([HI], NOW, **fields))]


def replied(*scripts, step=None, kind="text/event-stream", request=None, **fields):
    """(pieces, the endpoint) of one reply."""

    async def go():
        async with upstream(*scripts, step=step, kind=kind) as there:
            return await pieces(chat(there.url, **fields), **(request or {})), there

    return asyncio.run(go())


def refused(*scripts, **options):
    with pytest.raises(BrainError) as caught:
        replied(*scripts, **options)
    return str(caught.value)


# ---- answers


STREAM = (
    b": keep-alive\r\n\r\n"
    + delta(role="assistant", content="")
    + delta(content="<think>What is it?</think>", reasoning="hm")
    + delta(content="**Zürich** is")
    + b"data: {\ndata: \"choices\": [{\"delta\": {\"content\": \" big.\"}}]}\r\n\r\n"
    + delta(content=" 東京 is bigger, e.g. by")
    + delta(content=" area. Y")
    + delta("stop", content="es")
)  # fmt: skip
SENTENCES = [Say("Zürich is big."), Say("東京 is bigger, e.g. by area."), Say("Yes")]


@pytest.mark.parametrize("step", [None, 1, 7])
@pytest.mark.parametrize("end", [DONE, b"data: [DONE]", b"", b'data: {"choices": []}\n\n' + DONE])
def test_a_stream_becomes_sentences_however_it_is_cut_and_ends(step, end):
    assert replied(STREAM + end, step=step)[0] == SENTENCES


def test_an_endpoint_that_leaves_the_stream_open_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("rtkit.server.chat.GRACE_S", 0.05)
    found, there = replied([STREAM, asyncio.Event()])
    assert found == SENTENCES
    assert there.finished == 0


def test_a_completion_that_is_no_stream_is_spoken_too():
    whole = '{"choices": [{"message": {"content": "One. Two."}, "finish_reason": "stop"}]}'
    assert replied((200, whole))[0] == [Say("One."), Say("Two.")]


def test_the_request_is_what_the_api_asks_for_and_carries_the_key():
    brain = {"api_key": KEY, "headers": {"X-Team": "blue"}, "body": {"reasoning_effort": "none"}}
    request = {"instructions": "Be brief.", "max_output_tokens": 9, "tools": [TOOL]}
    _, there = replied(says("Yes."), request=request, **brain)
    assert there.asked == [
        {
            "model": "llama3.2",
            "stream": True,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Hi."},
            ],
            "tools": [
                {
                    "type": "function",
                    "function": {"name": "clock", "parameters": {"type": "object"}},
                }
            ],
            "max_tokens": 9,
            "reasoning_effort": "none",
        }
    ]
    assert there.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert there.headers[0]["X-Team"] == "blue"
    assert "Authorization" not in replied(says("Yes."))[1].headers[0]


def test_calls_come_after_the_words_and_none_when_none_were_allowed():
    call = {"index": 0, "id": "a", "function": {"name": "clock", "arguments": '{"zone": '}}
    rest = {"index": 0, "function": {"arguments": '"CET"}'}}
    script = (
        delta(content="One moment.") + delta(tool_calls=[call]) + delta(tool_calls=[rest])
        + delta("tool_calls") + DONE
    )  # fmt: skip
    found, _ = replied(script, step=3, request={"tools": [TOOL]})
    assert found == [Say("One moment."), Call("clock", {"zone": "CET"})]
    found, _ = replied(script, request={"tools": [TOOL], "tool_choice": "none"})
    assert found == [Say("One moment.")]


def test_an_answer_that_was_cut_says_why():
    assert replied(says("Once upon", finish="length"))[0] == [
        Say("Once upon"),
        Cut("max_output_tokens"),
    ]


def test_the_first_sentence_is_there_while_the_second_is_not_yet_written():
    async def go():
        written = asyncio.Event()
        script = [delta(content="Paris is big. "), written, says("Rome too.")]
        async with (
            upstream(script) as there,
            asyncio.timeout(5),
            aclosing(chat(there.url).reply(Request([HI], NOW))) as found,
        ):
            assert await anext(found) == Say("Paris is big.")
            assert there.finished == 0
            written.set()
            assert await anext(found) == Say("Rome too.")

    asyncio.run(go())


# ---- what goes wrong


@pytest.mark.parametrize(
    ("status", "body", "match"),
    [
        (401, '{"error": {"message": "Bad key."}}', "401: Bad key. Give the endpoint's key"),
        (404, '{"error": {"message": "model not found"}}', "404: model not found. Is the model"),
        (404, "<h1>404</h1> page not found", "404: 404 page not found. Is the model"),
        (429, '{"error": {"message": "slow down"}}', "429: slow down. Too many requests"),
        (400, '{"error": "no tools"}', "400: no tools. It does not take"),
        (422, '{"detail": "bad body"}', "422: bad body. The fault is"),
        (500, '{"error": {"code": 500}}', "500: 500. The fault is the endpoint's"),
        (503, "", "answered 503. The fault"),
        (200, "<html>Open WebUI</html>", "a web page, not a stream"),
        (302, "", "answered 302. It sends us elsewhere"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_the_endpoint_said_and_what_to_do(status, body, match):
    headers = {"Location": "http://127.0.0.1:1/"} if status == 302 else None
    text = refused((status, body, headers))
    assert text.startswith("llama3.2 at http://127.0.0.1:")
    assert match in text


@pytest.mark.parametrize(
    ("script", "match"),
    [
        (delta(content="One.") + data({"error": {"message": "out of memory"}}), "out of memory"),
        (b'error: {"code": 500, "message": "slot gone"}\n\n', "broke off: slot gone"),
        (b"data: nonsense\n\n", "no JSON object: 'nonsense'"),
        (DONE, "ended without an answer"),
        (b"", "ended without an answer"),
        ([delta(content="Half a"), 0.05, "drop"], "the connection broke off"),
    ],
)
def test_a_broken_stream_is_named(script, match):
    assert match in refused(script)


def test_silence_ends_after_the_time_that_was_allowed():
    for script in ([asyncio.Event()], [delta(content="Half a"), 30]):
        assert "silent for 0.2 s. It may still be loading" in refused(script, silence_s=0.2)


def test_comments_are_no_silence():
    waiting = [b": waiting\n\n", 0.15] * 4
    assert replied([*waiting, says("Yes.")], silence_s=0.4)[0] == [Say("Yes.")]


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_a_missing_endpoint_says_what_to_do(monkeypatch):
    port = free_port()
    with pytest.raises(BrainError, match=rf"127.0.0.1:{port}/v1: nothing answers there. Is the se"):
        asyncio.run(pieces(chat(f"http://127.0.0.1:{port}")))
    monkeypatch.setattr("rtkit.server.chat.OLLAMA_PORT", port)
    with pytest.raises(BrainError, match=r"Is Ollama running\? Do: ollama serve, and: ollama pull"):
        asyncio.run(pieces(chat(f"http://127.0.0.1:{port}")))


@pytest.mark.skipif(sys.platform != "linux", reason="others refuse what they have no room for")
def test_an_address_that_swallows_connections_is_given_up():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        with pytest.raises(BrainError, match=r"no connection within 0.2 s"):
            asyncio.run(pieces(chat(f"http://127.0.0.1:{port}", connect_s=0.2)))
        for one in waiting:
            one.close()


def test_no_key_is_in_an_error_a_repr_or_an_address():
    brain = ChatCompletions(
        "http://me:password1@127.0.0.1:1/v1?token=token-123", "m", api_key=KEY,
        headers={"api-key": "other-secret"},
    )  # fmt: skip
    assert repr(brain) == "ChatCompletions('http://127.0.0.1:1/v1', 'm')"
    assert "secret" not in repr(ServerOptions(brain=brain))
    echo = f'{{"error": {{"message": "Incorrect API key {KEY} or other-secret"}}}}'
    text = refused((401, echo), api_key=KEY, headers={"api-key": "other-secret"})
    assert "Incorrect API key *** or ***" in text
    long = refused(f"data: {'x' * 70}{KEY}\n\n".encode(), api_key=KEY)
    assert "sk-" not in long
    for wrong in ("sk two", "sk\n1", "schlüssel"):
        with pytest.raises(ConfigError, match="Copy it again") as caught:
            chat("http://127.0.0.1", api_key=f"{wrong}")
        assert wrong not in str(caught.value)


# ---- how it is made


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions"),
        ("http://127.0.0.1:11434/v1/", "http://127.0.0.1:11434/v1/chat/completions"),
        ("https://a.b/api/v3", "https://a.b/api/v3/chat/completions"),
        ("https://a.b/v1/chat/completions", "https://a.b/v1/chat/completions"),
        ("https://a.b/v1?version=2", "https://a.b/v1/chat/completions?version=2"),
    ],
)
def test_the_address_may_be_written_in_several_ways(given, url):
    assert chat(given).url == url


@pytest.mark.parametrize(
    "given", ["127.0.0.1:11434", "ws://a.b", "", "http://", "http://a:99999", 7]
)
def test_what_is_no_address_is_refused(given):
    with pytest.raises(ConfigError, match="is not the address of a chat endpoint"):
        chat(given)


def test_a_model_must_be_named():
    with pytest.raises(ConfigError, match="the model is ''"):
        ChatCompletions("http://a.b", "")


def test_equal_brains_are_equal_options_and_a_brain_is_a_brain():
    one, two = (chat("http://a.b", api_key=KEY, body={"x": [1]}) for _ in range(2))
    assert isinstance(one, Brain)
    assert ServerOptions(brain=one) == ServerOptions(brain=two)
    assert hash(ServerOptions(brain=one)) == hash(ServerOptions(brain=two))
    assert one != chat("http://a.b", api_key=KEY + "1", body={"x": [1]})
    assert one != chat("http://a.b", api_key=KEY)


def test_openai_itself_is_given_the_limit_under_its_own_name():
    request = Request([HI], NOW, max_output_tokens=7)
    assert chat("https://api.openai.com/v1")._body(request)["max_completion_tokens"] == 7


def test_phrases_become_a_grammar():
    brain = chat("http://a.b", grammar=["Turn on the light.", "What’s next?"])
    assert Grammar(brain.grammar).holds("what's next")
    assert chat("http://a.b").grammar == ""
    with pytest.raises(ConfigError, match=r"'room 7' cannot be listened for"):
        grammar_of(["room 7"])


# ---- cancelled, and in a session


@asynccontextmanager
async def talking(*scripts, step=None, **fields):
    async with (
        upstream(*scripts, step=step) as there,
        serving(brain=chat(there.url), **fields) as running,
        connected(running) as client,
    ):
        yield there, client


@pytest.mark.parametrize("script", [[delta(content="One. Two")], []])
def test_a_cancelled_answer_closes_the_request_at_once(script):
    async def go():
        async with upstream([*script, asyncio.Event()]) as there:
            task = asyncio.create_task(pieces(chat(there.url)))
            while not there.asked:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            task.cancel()
            async with asyncio.timeout(1):
                await there.gone.wait()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(go())


def test_an_answer_that_is_no_longer_asked_for_closes_the_request():
    async def go():
        async with upstream([delta(content="One. Two. "), asyncio.Event()]) as there:
            async with aclosing(chat(there.url).reply(Request([HI], NOW))) as found:
                assert await anext(found) == Say("One.")
            async with asyncio.timeout(1):
                await there.gone.wait()

    asyncio.run(go())


def test_nothing_is_left_open_and_one_brain_serves_two_loops():
    port = free_port()
    brain = chat(f"http://127.0.0.1:{port}")

    async def go():
        async with upstream(says("Yes."), port=port):
            return await asyncio.gather(pieces(brain), pieces(brain))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert asyncio.run(go()) == asyncio.run(go()) == [[Say("Yes.")]] * 2
        gc.collect()


def test_in_a_session_the_first_sound_comes_before_the_answer_is_written():
    async def go():
        written = asyncio.Event()
        script = [delta(content="Paris is the capital. "), written, says("It is big.")]
        async with talking(script, step=1) as (there, client):
            await client.type("What is the capital of France?")
            await client.send("response.create")
            await client.until("response.output_audio.delta")
            assert there.finished == 0
            written.set()
            done = (await client.until("response.done"))[-1]["response"]
            assert done["status"] == "completed"
            said = done["output"][0]["content"][0]["transcript"]
            assert said == "Paris is the capital. It is big."
            assert there.asked[0]["messages"][-1]["content"] == "What is the capital of France?"

    asyncio.run(go())


def test_the_model_is_told_that_it_speaks_and_the_server_says_what_it_is():
    async def go():
        async with talking(says("Yes.")) as (there, client), aiohttp.ClientSession() as http:
            session = client.events[0]["session"]
            assert session["instructions"] == chat("http://a.b").instructions
            await client.send("response.create")
            await client.until("response.done")
            first = {"role": "system", "content": session["instructions"]}
            assert there.asked[0]["messages"][0] == first
            port = client.socket.remote_address[1]
            async with http.get(f"http://127.0.0.1:{port}/healthz") as facts:
                about = (await facts.json())["about"]
            assert about.endswith(f"the answers come from the model llama3.2 at {there.url}.")

    asyncio.run(go())


def test_a_response_that_is_cancelled_closes_the_request():
    async def go():
        script = [delta(content="Paris is the capital. "), asyncio.Event()]
        async with talking(script) as (there, client):
            await client.type("Hi")
            await client.send("response.create")
            await client.until("response.output_audio.delta")
            await client.send("response.cancel")
            assert (await client.until("response.done"))[-1]["response"]["status"] == "cancelled"
            async with asyncio.timeout(1):
                await there.gone.wait()

    asyncio.run(go())


def test_a_failed_answer_ends_its_response_and_the_session_goes_on(caplog):
    async def go():
        failing = (500, '{"error": {"message": "out of memory"}}')
        async with talking(failing, says("Better.")) as (_, client):
            await client.type("Hi")
            await client.send("response.create")
            done = (await client.until("response.done"))[-1]["response"]
            assert done["status"] == "failed"
            message = done["status_details"]["error"]["message"]
            assert message.startswith("llama3.2 at http://127.0.0.1:")
            assert "answered 500: out of memory." in message
            await client.send("response.create")
            done = (await client.until("response.done"))[-1]["response"]
            assert done["output"][0]["content"][0]["transcript"] == "Better."

    asyncio.run(go())
    assert "response.failed" in caplog.text
    assert "it answered 500" in caplog.text
    assert "out of memory" not in caplog.text  # an endpoint may repeat what was said


def test_an_answer_cut_by_the_endpoint_is_incomplete():
    async def go():
        async with talking(says("Once upon a time", finish="length")) as (there, client):
            await client.type("Hi")
            await client.send("response.create", response={"max_output_tokens": 500})
            done = (await client.until("response.done"))[-1]["response"]
            assert done["status"] == "incomplete"
            assert done["status_details"]["reason"] == "max_output_tokens"
            assert done["output"][0]["content"][0]["transcript"] == "Once upon a time"
            assert there.asked[0]["max_tokens"] == 500

    asyncio.run(go())


def test_a_tool_is_called_and_its_result_goes_back():
    async def go():
        call = {"index": 0, "id": "up", "function": {"name": "clock", "arguments": "{}"}}
        first = delta(tool_calls=[call]) + delta("tool_calls") + DONE
        async with talking(first, says("It is noon.")) as (there, client):
            session = {"type": "realtime", "tools": [TOOL]}
            await client.send("session.update", session=session)
            await client.type("What time is it?")
            await client.send("response.create")
            done = (await client.until("response.done"))[-1]["response"]
            item = done["output"][0]
            output = {
                "type": "function_call_output",
                "call_id": item["call_id"],
                "output": "12",
            }
            await client.send("conversation.item.create", item=output)
            await client.send("response.create")
            await client.until("response.done")
            called, result = there.asked[1]["messages"][-2:]
            assert called["tool_calls"][0]["function"] == {"name": "clock", "arguments": "{}"}
            assert result == {"role": "tool", "tool_call_id": item["call_id"], "content": "12"}

    asyncio.run(go())


def test_spoken_words_reach_the_endpoint():
    async def go():
        heard = {"recogniser": lambda grammar: Parrot("good morning")}
        async with talking(says("Hello."), **heard) as (there, client):
            tone = 0.5 * np.sin(np.arange(24_000) * 0.1)
            await client.append(np.concatenate([tone, np.zeros(24_000)]))
            await client.until("response.done")
            assert there.asked[0]["messages"][-1]["content"] == "good morning"

    asyncio.run(go())
