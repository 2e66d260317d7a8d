"""The arguments of the command: their defaults, what is refused, and what is said then."""

import re

import pytest

from rtkit.arguments import parser


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(["serve", *arguments])
    assert caught.value.code == 2
    words = capsys.readouterr().err
    assert re.search(r"^[^\n]+\nAll arguments: rtkit (serve )?--help\n$", words)
    return words


def test_the_defaults_are_this_machine_the_tutor_and_nothing_broken():
    given = vars(parser().parse_args(["serve"]))
    assert given == {
        "job": "serve",
        "host": "127.0.0.1",
        "port": 8765,
        "api_key": None,
        "origin": [],
        "brain": "tutor",
        "model": None,
        "asr": None,
        "voice": None,
        "delay_ms": 0.0,
        "jitter_ms": 0.0,
        "fault": [],
        "max_session_s": 3600.0,
        "max_sessions": 64,
        "log_level": "info",
        "log_json": False,
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "x"], "'x' is not a port: give a number from 0 to 65535"),
        (["--port", "٣"], "give a number from 0 to 65535"),
        (["--max-sessions", "0"], "give a number from 1 to"),
        (["--delay-ms", "-1"], "'-1' will not do: give milliseconds from 0 to 60 000"),
        (["--jitter-ms", "nan"], "give milliseconds"),
        (["--max-session-s", "0"], "give seconds from 0.1 to 86 400"),
        (["--voice", "elvis"], "choose from 'alloy'"),
        (["--asr", "ear"], "choose from 'pocketsphinx', 'whisper'"),
        (["--log-level", "loud"], "choose from 'error', 'warning', 'info', 'debug'"),
        (["--origin", "*"], "'*' is no origin of web pages"),
        (
            ["--ports", "1"],
            "rtkit serve: unrecognized arguments: --ports 1\nAll arguments: rtkit ",
        ),
    ],
)
def test_a_bad_argument_is_refused_with_what_is_allowed(capsys, arguments, words):
    assert words in refused(capsys, *arguments)


def test_a_key_is_not_shown_when_another_argument_is_wrong(capsys):
    assert "sk-mine" not in refused(capsys, "--api-key", "sk-mine-123456", "--port", "x")


def test_origins_and_faults_may_be_given_more_than_once():
    both = ["--origin", "http://a.example", "--origin", "http://b.example"]
    given = parser().parse_args(["serve", *both, "--fault", "drop", "--fault", "stall"])
    assert given.origin == ["http://a.example", "http://b.example"]
    assert given.fault == ["drop", "stall"]


def test_help_has_groups_examples_units_and_defaults(capsys):
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(["serve", "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for words in ("where it listens", "who may come in", "limits", "examples:", "OpenAI("):
        assert words in text
    for argument in vars(parser().parse_args(["serve"])):
        if argument != "job":
            assert f"--{argument.replace('_', '-')} " in text
    assert all(len(line) <= 100 for line in text.splitlines())
