"""The `rtkit` command as its users see it: a process, its words and its exit status."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
import websockets
from upstream import says, upstream
from websockets.sync.client import connect

from rtkit import __version__, cli

COMMAND = [sys.executable, "-m", "rtkit.cli"]
MODEL = "?model=gpt-realtime-2.1"
KEY = "sk-proj-Ab12Cd34Ef56Gh78"
OTHER_KEYS = ("sk-wrong-Zy98Xw76Vu54Ts32", "ek_Qw12Er34Ty56Ui78Op90A", "fedcba9876543210fedcba98")
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of Linux and macOS")
ADDRESS = re.compile(r"ws://127\.0\.0\.1:(\d+)/v1/realtime")


@pytest.fixture
def server():
    """Starts `rtkit serve` with further arguments; (process, its first line, its port)."""
    started = []

    def start(*arguments, **env):
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **env},
        )
        started.append(process)
        line = process.stdout.readline()
        return process, line, int(ADDRESS.search(line).group(1))

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_serve_says_where_when_it_is_ready(server):
    _, _, port = server()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
        assert isinstance(json.load(answer), dict)


def seconds_to_ready():
    """(by the wall clock, of the processor) from the start of a fresh process to its ready line."""
    code = """
import builtins, sys, time
say = builtins.print
def told(*words, **how):
    say(*words, time.process_time(), **how)
builtins.print = told
from rtkit.cli import main
sys.exit(main(["serve", "--port", "0"]))
"""
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        line = child.stdout.readline()
        took = time.perf_counter() - began
        child.kill()
    assert ADDRESS.search(line)
    return took, float(line.split()[-1])


def test_it_is_ready_in_a_second():
    # Where other programs hold the cores the wall clock measures them, so the processor decides.
    took = []
    while len(took) < 3 and min(took, default=9.0) > 1.0:
        took.append(min(seconds_to_ready()))
    assert min(took) < 1.0, took


def first_events(connection, until):
    """What comes up to the first event of that type."""
    events = []
    while not events or events[-1]["type"] != until:
        events.append(json.loads(connection.recv(timeout=20)))
    return events


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_says_goodbye_to_the_sessions_and_ends_with_0(server, number):
    process, _, port = server("--log-level", "error")
    with connect(f"ws://127.0.0.1:{port}/v1/realtime{MODEL}") as connection:
        first_events(connection, "session.created")
        process.send_signal(number)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            connection.recv(timeout=10)
        assert closed.value.rcvd.code == 1001
    assert process.wait(timeout=10) == 0
    assert (process.stdout.read(), process.stderr.read()) == ("", "")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def status_of(request):
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@posix
def test_the_log_of_a_day_has_every_session_and_no_key_wherever_it_was_put(server):
    process, _, port = server("--log-level", "debug", RTKIT_API_KEY=KEY)
    url = f"ws://127.0.0.1:{port}/v1/realtime"
    right = {"Authorization": f"Bearer {KEY}"}
    with connect(url + MODEL, additional_headers=right) as connection:
        update = {"type": "session.update", "session": {"type": "realtime", KEY: OTHER_KEYS[0]}}
        connection.send(json.dumps(update))
        assert KEY in first_events(connection, "error")[-1]["error"]["message"]
        connection.send(f"{{ {KEY}")
        first_events(connection, "error")
        text = {"type": "input_text", "text": f"my secret diary {KEY}"}
        item = {"type": "message", "role": "user", "content": [text]}
        connection.send(json.dumps({"type": "conversation.item.create", "item": item}))
        first_events(connection, "conversation.item.done")
    for key in OTHER_KEYS:
        for query, headers, offered in (
            (MODEL, {"Authorization": f"Bearer {key}"}, None),
            (MODEL, {"api-key": key}, None),
            (f"?model={key}&api_key={key}&fault={key}", {}, ["openai-insecure-api-key." + key]),
        ):
            options = {"additional_headers": headers, "subprotocols": offered}
            with connect(url + query, **options) as connection:
                first_events(connection, "error")
    body = json.dumps({"session": {"type": "realtime", "model": OTHER_KEYS[1]}, "x": KEY}).encode()
    secrets = url.replace("ws://", "http://") + "/client_secrets"
    assert status_of(urllib.request.Request(secrets, body, right)) == 400
    assert status_of(urllib.request.Request(f"{secrets}?key={KEY}", body)) == 401
    with socket.create_connection(("127.0.0.1", port)) as nonsense:
        nonsense.sendall(f"GET / \r\nAuthorization: Bearer {KEY}\r\n\r\n".encode())
        assert b"400" in nonsense.recv(1000)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    log = process.stderr.read()
    for key in (KEY, *OTHER_KEYS):
        assert key[-16:] not in log
    assert "diary" not in log
    lines = [line for line in log.splitlines() if line.startswith("time=")]
    events = [re.search(r" event=(\S+)", line)[1] for line in lines]
    told = {name: events.count(name) for name in events if name != "note"}
    assert "note" in events  # aiohttp's, about the nonsense
    assert told == {
        "server.start": 1,
        "session.begin": 1,
        "session.error": 2,
        "session.end": 1,
        "session.refused": 9,
        "http.refused": 2,
        "server.stop": 1,
    }


def test_a_script_speaks_and_its_log_may_be_json(server, tmp_path):
    path = tmp_path / "replies.txt"
    path.write_text('One moment.\n{"call": "look", "arguments": {"at": "it"}}\n\nThere it is.\n')
    process, _, port = server("--brain", f"script:{path}", "--voice", "coral", "--log-json")
    with connect(f"ws://127.0.0.1:{port}/v1/realtime{MODEL}", max_size=None) as connection:
        session = first_events(connection, "session.created")[0]["session"]
        assert session["audio"]["output"]["voice"] == "coral"
        outputs = []
        for _ in range(2):
            connection.send(json.dumps({"type": "response.create"}))
            outputs += first_events(connection, "response.done")[-1]["response"]["output"]
    words, call, more = outputs
    assert words["content"][0]["transcript"] == "One moment."
    assert (call["name"], call["arguments"]) == ("look", '{"at": "it"}')
    assert more["content"][0]["transcript"] == "There it is."
    begin, end = (json.loads(process.stderr.readline()) for _ in range(2))
    assert (begin["event"], end["event"], end["responses"]) == ("session.begin", "session.end", 2)
    assert end["audio_out_s"] > 0.5


@posix
def test_what_cannot_be_served_is_told_before_anything_is_opened():
    """Errors of the command as one sees them: a sentence, status 1, no traceback."""
    arguments = ["--host", "0.0.0.0", "--port", "0"]
    env = {name: value for name, value in os.environ.items() if name != "RTKIT_API_KEY"}
    done = subprocess.run(
        [*COMMAND, "serve", *arguments], capture_output=True, text=True, check=False, env=env
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("rtkit serve: a server at 0.0.0.0 can be reached from other")
    assert "RTKIT_API_KEY" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_first_line_does_not_show_the_key(server):
    _, line, _ = server("--api-key", "secret-of-mine")
    assert "secret" not in line


def test_a_taken_port_is_told_with_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "serve", "--port", number], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"rtkit serve: cannot listen at 127.0.0.1:{number}")
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["x", "-1", "65536", "1.5", ""])
def test_a_bad_port_is_refused_with_what_is_allowed(text, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["serve", f"--port={text}"])
    assert caught.value.code == 2
    assert "give a number from 0 to 65535" in capsys.readouterr().err


def test_version_and_help(capsys):
    for argument, expected in (("--version", __version__), ("--help", "doctor")):
        with pytest.raises(SystemExit) as caught:
            cli.main([argument])
        assert caught.value.code == 0
        assert expected in capsys.readouterr().out


def test_without_a_job_it_names_the_jobs(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main([])
    assert caught.value.code == 2
    assert "serve|doctor" in capsys.readouterr().err


def test_doctor_is_a_job_and_its_status_is_the_doctors(monkeypatch, capsys):
    monkeypatch.setattr("rtkit.checkup.doctor.__defaults__", ((),))
    assert cli.main(["doctor"]) == 0
    assert capsys.readouterr().out == "All is well.\n"


def test_serving_with_a_recogniser_that_nobody_knows_ends_with_a_sentence(monkeypatch, capsys):
    monkeypatch.setenv("RTKIT_RECOGNISER", "foo")
    assert cli.main(["serve", "--port", "0"]) == 1
    assert "no recogniser is named 'foo'" in capsys.readouterr().err


def test_stopped_while_it_still_loads_it_says_nothing(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("rtkit.arguments.parser", interrupted)
    assert cli.main(["serve"]) == 130
    assert capsys.readouterr() == ("", "")


def test_words_come_from_a_chat_endpoint_and_when_it_is_gone_the_log_says_so():
    async def story():
        process = None
        try:
            async with upstream(says("Hello ", "from afar. ", "Bye.")) as chat:
                process = await asyncio.create_subprocess_exec(
                    *(*COMMAND, "serve", "--port", "0", "--brain", f"chat:{chat.url}#small"),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env={**os.environ, "RTKIT_CHAT_API_KEY": KEY},
                )
                url = (await process.stdout.readline()).split()[2].decode()
                first = await answer_of(url)
                assert first["output"][0]["content"][0]["text"] == "Hello from afar. Bye."
                assert chat.asked[0]["model"] == "small"
                assert chat.headers[0]["Authorization"] == f"Bearer {KEY}"
            failed = await answer_of(url)
            assert failed["status"] == "failed"
            process.terminate()
            _, log = await process.communicate()
            return process.returncode, log.decode()
        finally:
            if process is not None and process.returncode is None:
                process.kill()
                await process.wait()

    status, log = asyncio.run(story())
    assert status == 0
    assert "failed=1" in log
    assert "error=BrainError" in log
    assert KEY not in log
    assert "afar" not in log
    assert "Traceback" not in log


async def answer_of(url):
    """The response to a typed question, in text."""
    async with websockets.connect(url + MODEL) as socket:
        session = {"type": "realtime", "output_modalities": ["text"]}
        item = {"type": "message", "role": "user"}
        item["content"] = [{"type": "input_text", "text": "hello"}]
        for event in (
            {"type": "session.update", "session": session},
            {"type": "conversation.item.create", "item": item},
            {"type": "response.create"},
        ):
            await socket.send(json.dumps(event))
        async with asyncio.timeout(20):
            async for text in socket:
                if (event := json.loads(text))["type"] == "response.done":
                    return event["response"]
