"""Runs over real sockets: every caller against every configuration, here and in other processes."""

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from evalstory import QUICK, SHORT, quick_server, with_tools
from serverstory import Loudness

import rtkit
from rtkit.errors import ConfigError
from rtkit.evals import Caller, Expect, Play, Results, Say, run
from rtkit.evals.progress import Progress
from rtkit.evals.results import Result
from rtkit.onset import audible
from rtkit.server.brain import Call, Script
from rtkit.timeline import Timeline
from rtkit.turns import read_turns

UP = Caller("up", [Say("Hello.", expect=Expect(words="morning", answers=1))])
DOWN = Caller("down", [Say("Hello.", expect=Expect(words="evening"))])
CONFIGS = {"default": QUICK, "manual": {**QUICK, "audio": {"input": {"turn_detection": None}}}}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return run([UP, DOWN], CONFIGS, 2, server=quick_server, folder=folder, together=8)


def test_results_come_by_caller_configuration_and_repeat(results):
    assert [(one.caller, one.config, one.repeat) for one in results] == [
        (caller, config, repeat)
        for caller in ("up", "down")
        for config in ("default", "manual")
        for repeat in (0, 1)
    ]


def test_what_was_expected_is_checked_in_every_run(results):
    assert [one.passed for one in results] == [True] * 4 + [False] * 4
    assert {one.error for one in results} == {None}
    assert results[4].failures[0].found == "'Good morning.' (without 'evening')"


def test_each_run_keeps_its_timeline(results):
    assert len({one.timeline_path for one in results}) == len(results)
    for one in results:
        types = [moment.type for moment in one.timeline]
        assert (
            types.index("caller.turn") < types.index("caller.speech") < types.index("caller.done")
        )
        assert one.timeline.tracks["output"].duration > 0.1


def test_what_the_timeline_says_of_the_callers_speech_is_where_it_lies_in_the_sound(results):
    timeline = results[0].timeline
    (told,) = (m.event for m in timeline if m.type == "caller.speech")
    heard = timeline.tracks["input"].clip()
    assert 1000 * heard.speech_start == pytest.approx(told["audio_start_ms"], abs=15)
    assert 1000 * heard.speech_end == pytest.approx(told["audio_end_ms"], abs=15)


def test_the_wait_that_a_picture_shows_is_the_one_that_is_scored(results):
    for one in results[:2]:
        (turn,) = read_turns(one.timeline)
        assert audible(turn).wait_ms == pytest.approx(one.scores["response_ms"], abs=3)


def test_a_seed_belongs_to_caller_and_repeat_and_not_to_the_configuration(results):
    seeds = [one.seed for one in results]
    assert seeds[:2] == seeds[2:4]
    assert len(set(seeds)) == 4


def test_a_run_that_fails_does_not_stop_the_others(tmp_path):
    broken = {"type": "realtime", "audio": {"output": {"voice": "nobody"}}}
    found = run(UP, {"bad": broken, "good": QUICK}, server=quick_server, folder=tmp_path)
    assert found[0].error.startswith("SessionError: ")
    assert found[1].passed
    assert "1 did not come to their end" in str(found)


def test_a_session_that_breaks_off_leaves_its_timeline(tmp_path):
    dropped = quick_server(faults="drop")
    (found,) = run(UP, {"x": QUICK}, server=dropped, folder=tmp_path)
    assert found.error.startswith("SessionClosed: ")
    assert any(moment.type == "response.created" for moment in found.timeline)


def test_tools_are_run_and_their_calls_checked(tmp_path):
    city = {"city": "Paris"}
    caller = Caller("x", [Say("Weather?", expect=Expect("rains", tool="look", arguments=city))])
    brain = Script([Call("look", city)], "It rains.")
    server = quick_server(brain=brain)
    (found,) = run(caller, {"x": QUICK}, server=server, tools=[with_tools], folder=tmp_path)
    assert found.passed, found


def test_a_recording_is_played(tmp_path):
    rtkit.say("Hello.").save(tmp_path / "hello.wav")
    caller = Caller("x", [Play(str(tmp_path / "hello.wav"), expect=Expect("morning"))])
    (found,) = run(caller, {"x": QUICK}, server=quick_server, folder=tmp_path)
    assert found.passed, found


def dying_server():
    """The first process that makes it dies of it."""
    mark = Path(os.environ["RTKIT_TEST_MARK"])
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return quick_server()


def test_processes_have_a_server_each_and_the_runs_of_a_lost_one_are_made_again(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("RTKIT_TEST_MARK", str(tmp_path / "mark"))
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        found = run(
            UP, {"x": QUICK}, 4, server=dying_server, executor=pool, together=2, folder=tmp_path
        )
    assert [(one.repeat, one.passed) for one in found] == [(n, True) for n in range(4)]


def test_what_cannot_go_to_another_process_is_told(tmp_path):
    with ProcessPoolExecutor(1) as pool, pytest.raises(ConfigError, match="a function that can be"):
        run(UP, {"x": QUICK}, server=quick_server(detector=lambda: Loudness()), executor=pool)


@pytest.mark.parametrize(
    ("callers", "configs", "repeat", "words"),
    [
        ([], {"x": None}, 1, "found 'none'"),
        (["hello"], {"x": None}, 1, "found 'hello'"),
        ([UP, UP], {"x": None}, 1, "two callers are named 'up'"),
        (UP, {}, 1, "configs is a name for each"),
        (UP, {"x": None}, 0, "repeat is 1 or more"),
    ],
)
def test_what_cannot_be_run_is_told_before_anything_runs(callers, configs, repeat, words):
    with pytest.raises(ConfigError, match=words):
        run(callers, configs, repeat)


def test_the_timelines_lie_beside_the_recordings_if_no_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("RTKIT_RECORDINGS", str(tmp_path))
    (found,) = run(SHORT, {"x": QUICK}, server=quick_server)
    assert Path(found.timeline_path).is_relative_to(tmp_path / "evaluations")
    assert Timeline.load(found.timeline_path)
    assert rtkit.delete_recordings() == 0


def test_the_line_of_progress_counts(capsys):
    line = Progress(3, shown=False)
    line.step(Result("a", "b", 0, 0))
    line.step(Result("a", "b", 1, 0, error="lost"))
    assert line.line == "2 of 3 runs: 1 passed, 1 did not come to their end"
    line.close()
    assert capsys.readouterr() == ("", "")


def test_the_results_are_a_list(results):
    assert isinstance(results, Results)
    assert isinstance(results[:2], list)


def test_a_cluster_finds_the_same_and_so_does_the_sweep(tmp_path):
    distributed = pytest.importorskip("distributed")
    labelled = rtkit.Labelled.by_energy(rtkit.say("Hello.").padded(0.3, 0.8))
    grid = {"silence_duration_ms": (200, 500)}
    with (
        distributed.LocalCluster(1, threads_per_worker=4, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        executor = client.get_executor()
        found = run(
            [UP, DOWN], {"x": QUICK}, 2, server=quick_server, executor=executor, folder=tmp_path
        )
        swept = rtkit.sweep([labelled] * 3, grid, executor=executor)
    assert [one.passed for one in found] == [True, True, False, False]
    assert swept == rtkit.sweep([labelled] * 3, grid)
