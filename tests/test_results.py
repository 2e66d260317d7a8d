"""What came of runs: a list, a table, and a data frame."""

import pickle

import pytest

from rtkit.evals import Check, Result, Results
from rtkit.timeline import Timeline

RIGHT = Check(1, "words", "'Paris'", "'It is Paris.'", True)
WRONG = Check(2, "answered_within", "at most 800 ms", "1204 ms", False)


@pytest.fixture
def results():
    return Results(
        [
            Result("capital", "quick", 0, 7, None, (RIGHT,), {"wer": 0.0}, 3.2),
            Result("capital", "slow", 0, 7, None, (RIGHT, WRONG), {"wer": 0.1}, 4.2),
            Result("menu", "slow", 0, 7, "TurnTimeout: no answer came", (), {}, 60.0),
        ]
    )


def test_a_result_passed_if_it_came_to_its_end_and_every_expectation_was_met(results):
    assert [one.passed for one in results] == [True, False, False]
    assert results[1].failures == (WRONG,)


def test_results_are_picked_by_configuration_and_caller(results):
    assert results.by(config="slow") == results[1:]
    assert results.by(config="slow", caller="menu") == results[2:]
    assert isinstance(results.by(caller="capital"), Results)


def test_the_table_says_how_many_passed_and_what_was_found(results):
    text = str(results)
    assert text.startswith("3 runs: 1 passed, 1 failed, 1 did not come to their end.")
    assert "expected at most 800 ms, found 1204 ms" in results._repr_markdown_()
    assert "TurnTimeout" in results._repr_html_()
    assert repr(results) == "Results(3 runs, 1 passed)"


def test_a_row_of_the_frame_is_a_run_with_its_scores(results):
    frame = results.frame()
    assert list(frame["config"]) == ["quick", "slow", "slow"]
    assert list(frame["checks_failed"]) == [0, 1, 0]
    assert frame["wer"].isna().tolist() == [False, False, True]


def test_the_timeline_is_read_from_its_file_when_it_is_asked_for(tmp_path):
    timeline = Timeline()
    timeline.append(0.5, "local", {"type": "caller.done", "turns": 1})
    path = timeline.save(tmp_path / "run.jsonl")
    assert list(Result("a", "b", 0, 0, timeline_path=str(path)).timeline) == list(timeline)


def test_results_go_through_pickle(results):
    assert pickle.loads(pickle.dumps(results)) == results
