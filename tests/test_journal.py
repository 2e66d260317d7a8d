"""The log of a server: its lines, and that no key gets into one, by whatever way it came."""

import io
import json
import logging
import sys

import pytest

from rtkit.errors import BrainError, ConfigError
from rtkit.server.journal import Format, Line, cleaned, note, pairs, write_to

KEYS = ("sk-proj-Ab12Cd34Ef56Gh78", "ek_0123456789abcdefABCDE", "0123456789abcdef0123456789abcdef")


@pytest.fixture
def writing():
    """Turns the log of this process into text; (make, its handlers are taken away again)."""
    root, ours = logging.getLogger(), logging.getLogger("rtkit")
    before, levels = list(root.handlers), (root.level, ours.level)

    def make(level="info", **options):
        stream = io.StringIO()
        write_to(stream, level, **options)
        return stream

    yield make
    root.handlers[:] = before
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    logging.captureWarnings(False)


def record(message="hello", args=(), error=None, level=logging.INFO, name="rtkit.server"):
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, level, "file.py", 1, message, args, info)


def raised(error):
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_line_is_key_value_and_nothing_in_it_breaks_the_line():
    fields = {
        "session": "sess_1",
        "close": 1000,
        "key": False,
        "origin": None,
        "model": "a\nb \x1b",
    }
    line = Format().format(record("%s", (Line("session.end", fields),)))
    assert line.partition(" ")[0][-1:] == "Z"
    assert line.partition(" ")[2] == (
        'level=info event=session.end session=sess_1 close=1000 key=false model="a\\nb \\u001b"'
    )


def test_the_same_line_as_json():
    line = Format(as_json=True).format(record("%s", (Line("session.end", {"close": 1000}),)))
    told = json.loads(line)
    assert told.pop("time").endswith("Z")
    assert told == {"level": "info", "event": "session.end", "close": 1000}


def test_whoever_formats_the_log_sees_the_same_words(caplog):
    with caplog.at_level(logging.INFO, "rtkit.server"):
        note(logging.INFO, "session.begin", session="sess_1", seconds=1.23456, model=None)
    assert caplog.messages == ["session.begin session=sess_1 seconds=1.235"]


def test_other_packages_words_are_a_note_with_their_name():
    line = Format().format(record("it is %s", ("late",), name="aiohttp.server"))
    assert line.endswith('event=note from=aiohttp.server text="it is late"')


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer {}",
        "{{'authorization': 'Bearer {}'}}",
        "('Authorization', 'Bearer {}')",
        "> api-key: {}",
        '{{"api_key":"{}"}}',
        "GET /v1/realtime?model=m&api_key={}&x=1 HTTP/1.1",
        "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.{}",
        '{{"text": "{{\\"client_secret\\": \\"{}\\"}}"}}',
        "client_secret={}",
    ],
)
def test_a_key_is_masked_wherever_it_stands(text, key):
    shown = cleaned(text.format(key))
    assert key[4:] not in shown
    assert "***" in shown


@pytest.mark.parametrize("key", KEYS[:2])
def test_what_looks_like_a_key_is_masked_without_a_word_before_it(key):
    assert cleaned(f"model {key} is unknown") == "model *** is unknown"


def test_a_known_secret_is_masked_whatever_it_looks_like():
    line = Format(secrets=("correcthorse",)).format(record("it was correcthorse"))
    assert line.endswith('text="it was ***"')


def test_ids_and_ordinary_words_are_left_alone():
    text = "session.end session=sess_8hGf3kLm9pQr2sTu4vWx6 model=gpt-realtime-2.1 tokens 12, basic"
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConfigError("no voice is named 'x'"), "error=ConfigError why=\"no voice is named 'x'\""),
        (BrainError("it said 'my diary'", "it said too much"), 'BrainError why="it said too much"'),
        (ConnectionResetError("gone"), "error=ConnectionResetError why=gone"),
    ],
)
def test_our_own_errors_and_the_systems_are_told_in_their_words(error, told):
    assert Format().format(record(error=raised(error))).endswith(told)


def test_of_other_errors_only_type_and_place_are_told_above_debug():
    error = raised(ValueError("my secret diary"))
    line = Format().format(record("a response failed", error=error))
    assert "diary" not in line
    assert "error=ValueError at=tests/test_journal.py:" in line
    assert "\n" not in line
    whole = Format(debug=True).format(record("a response failed", error=error))
    assert whole.splitlines()[-1] == "ValueError: my secret diary"
    told = json.loads(Format(as_json=True, debug=True).format(record(error=error)))
    assert "diary" in told["traceback"]


def test_a_traceback_holds_no_key_either():
    error = raised(ValueError(f"bad header b'Authorization: Bearer {KEYS[0]}'"))
    assert KEYS[0] not in Format(debug=True).format(record(error=error))
    assert KEYS[0] not in Format(debug=True, as_json=True).format(record(error=error))


def test_levels_are_those_that_were_asked_for_and_other_packages_speak_from_a_warning_on(writing):
    stream = writing("info")
    logging.getLogger("rtkit.server").debug("too fine")
    logging.getLogger("aiohttp.server").info("not ours")
    logging.getLogger("aiohttp.server").warning("worth it")
    note(logging.INFO, "server.start")
    told = [line.partition("event=")[2] for line in stream.getvalue().splitlines()]
    assert told == ['note from=aiohttp.server text="worth it"', "server.start"]


def test_at_error_a_session_is_not_told(writing):
    stream = writing("error")
    note(logging.INFO, "session.begin")
    assert stream.getvalue() == ""


def test_without_a_stream_it_is_stderr(writing, capsys):
    writing()
    handler = write_to(None, "info")
    assert handler.stream is sys.stderr


def test_pairs_keep_plain_values_plain():
    assert pairs({"url": "ws://[::1]:1/v1", "n": 0}) == ['url="ws://[::1]:1/v1"', "n=0"]
