"""`rtkit serve` from its arguments to a server's options."""

import errno
import signal
import socket
import subprocess
import sys
import time

import pytest

from rtkit.arguments import parser
from rtkit.errors import ConfigError, MissingExtra
from rtkit.program import brain_of, cannot_listen, options_of
from rtkit.server.brain import Script


def options(*arguments, env=()):
    return options_of(parser().parse_args(["serve", *arguments]), dict(env))


def test_nothing_said_is_the_usual_server():
    made = options()
    assert (made.brain, made.recogniser, made.api_key, made.origins) == (None, None, None, ())
    assert (made.max_session_s, made.max_sessions, made.default_voice) == (3600.0, 64, None)


def test_every_argument_reaches_the_server():
    made = options(
        *("--api-key", "k", "--voice", "coral", "--asr", "pocketsphinx", "--max-session-s", "9"),
        *("--max-sessions", "3", "--origin", "http://a.example", "--origin", "http://b.example"),
    )
    assert (made.api_key, made.default_voice, made.recogniser) == ("k", "coral", "pocketsphinx")
    assert (made.max_session_s, made.max_sessions) == (9.0, 3)
    assert made.origins == ("http://a.example", "http://b.example")


def test_the_key_may_stand_in_the_environment_where_an_empty_one_is_none():
    assert options(env={"RTKIT_API_KEY": "from-env"}).api_key == "from-env"
    assert options("--api-key", "mine", env={"RTKIT_API_KEY": "from-env"}).api_key == "mine"
    assert options(env={"RTKIT_API_KEY": ""}).api_key is None
    with pytest.raises(ConfigError, match="the server's key is empty"):
        options("--api-key", "")


def test_delays_and_faults_reach_the_server():
    made = options("--delay-ms", "800", "--jitter-ms", "120", "--fault", "drop", "--fault", "stall")
    assert (made.delays.think_ms, made.delays.jitter_ms) == (800.0, 120.0)
    assert [fault.kind for fault in made.faults] == ["drop", "stall"]
    with pytest.raises(ConfigError, match="earthquake"):
        options("--fault", "earthquake")


def test_a_script_is_read_from_its_file(tmp_path):
    path = tmp_path / "replies.txt"
    path.write_text("Grüß Gott.\n", encoding="utf-8")
    assert isinstance(brain_of(f"script:{path}", None, {}), Script)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Hello.\nGr\xfc\xdf Gott.\n", "line 2: this is no UTF-8 text"),
        (b"Hello.\n\n{\n", "line 3: a line that begins with { is a tool call"),
        (b"", "holds no reply"),
    ],
)
def test_a_script_that_is_wrong_is_named_with_the_line(tmp_path, content, words):
    path = tmp_path / "replies.txt"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        brain_of(f"script:{path}", None, {})
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_a_script_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot be read: No such file.*script:FILE"):
        brain_of(f"script:{tmp_path / 'none.txt'}", None, {})
    with pytest.raises(ConfigError, match="cannot be read"):
        brain_of(f"script:{tmp_path}", None, {})


def test_a_chat_endpoint_has_its_model_by_either_way_and_its_key_from_the_environment():
    url = "chat:http://127.0.0.1:11434/v1"
    for brain in (brain_of(url, "llama3.2", {}), brain_of(f"{url}#llama3.2", None, {})):
        assert brain.url == "http://127.0.0.1:11434/v1/chat/completions"
        assert brain.model == "llama3.2"
    assert "sk-chat-1234567890" not in repr(
        brain_of(url, "m", {"RTKIT_CHAT_API_KEY": "sk-chat-1234567890"})
    )


@pytest.mark.parametrize(
    ("text", "model", "words"),
    [
        ("parrot", None, "'parrot' is no brain. Allowed: tutor, script:FILE or chat:URL"),
        ("script:", None, "'script:' is no brain"),
        ("chat:", None, "'chat:' is no brain"),
        ("tutor", "llama3.2", "Leave --model out"),
        ("chat:http://127.0.0.1:1", None, "Give --model NAME"),
        ("chat:http://127.0.0.1:1#a", "b", "two models are named, 'a' behind the # and 'b'"),
    ],
)
def test_a_brain_that_is_none_is_refused_with_what_is_allowed(text, model, words):
    with pytest.raises(ConfigError) as caught:
        brain_of(text, model, {})
    assert words in str(caught.value)


def test_a_part_that_is_not_installed_is_named_with_its_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    with pytest.raises(MissingExtra, match=r"pip install 'rtkit\[local\]'"):
        options()


def test_of_an_address_that_cannot_be_had_it_says_why_and_what_to_do():
    for error, words in (
        (OSError(errno.EADDRINUSE, "x"), "--port"),
        (OSError(errno.EACCES, "x"), "above 1023"),
        (OSError(errno.EADDRNOTAVAIL, "x"), "no network of this machine"),
        (socket.gaierror(-2, "x"), "nobody here knows that name"),
        (OSError(errno.EMFILE, "too many files"), "too many files"),
    ):
        said = str(cannot_listen("h", 1, error))
        assert said.startswith("cannot listen at h:1: ")
        assert words in said


SLOW_GOODBYE = """
import asyncio
from rtkit import program

program.GRACE_S = {grace}

async def serve():
    stopped = program.stop_event()
    print("ready", flush=True)
    await stopped.wait()
    print("stops", flush=True)
    await asyncio.sleep(60)

asyncio.run(serve())
"""


def signalled(grace, numbers):
    """(exit status, seconds from the last signal to the end) of a server that cannot end."""
    code = SLOW_GOODBYE.format(grace=grace)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        try:
            for number in numbers:
                child.stdout.readline()
                child.send_signal(number)
                began = time.perf_counter()
            return child.wait(timeout=20), time.perf_counter() - began
        finally:
            child.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Linux and macOS")
def test_a_second_ctrl_c_ends_at_once_and_a_goodbye_has_an_end_of_its_own():
    status, seconds = signalled(60, [signal.SIGINT, signal.SIGINT])
    assert status == 130
    assert seconds < 5
    assert signalled(0.1, [signal.SIGTERM])[0] == 0
