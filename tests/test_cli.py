"""The `rtkit` command as its users see it: a process, its words and its exit status."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from rtkit import __version__, cli

COMMAND = [sys.executable, "-m", "rtkit.cli"]
ADDRESS = re.compile(r"ws://127\.0\.0\.1:(\d+)/v1/realtime")


@pytest.fixture
def server():
    """Starts `rtkit serve` with further arguments; (process, its first line, its port)."""
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
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


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Linux and macOS")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(server, number):
    process, _, port = server()
    process.send_signal(number)
    assert process.wait(timeout=10) == 0
    assert "Traceback" not in process.stderr.read()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


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
    assert done.stderr.startswith(f"rtkit cannot listen at 127.0.0.1:{number}")
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["x", "-1", "65536", "1.5", ""])
def test_a_bad_port_is_refused_with_what_is_allowed(text, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["serve", f"--port={text}"])
    assert caught.value.code == 2
    assert "give a number from 0 to 65535" in capsys.readouterr().err


def test_the_defaults_are_this_machine_and_port_8765():
    given = cli.parser().parse_args(["serve"])
    assert (given.host, given.port, given.api_key) == ("127.0.0.1", 8765, None)


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
