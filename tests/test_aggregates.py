"""What many runs say together, what they are too few to say, and which configuration is better."""

import numpy as np
import pytest
from calltales import Call, answered, interrupted_and_yielding
from hypothesis import given
from hypothesis import strategies as st

from rtkit.errors import RtkitError
from rtkit.evals import Check, Result, Results
from rtkit.evals.aggregates import figure, flaky, latencies, shown
from rtkit.evals.bootstrap import LEAST_ROWS
from rtkit.evals.comparing import compare
from rtkit.evals.overview import summary
from rtkit.evals.rates import LEAST, rate
from rtkit.evals.scoring import scores


def run(caller="capital", config="default", repeat=0, passed=True, **found):
    checks = (Check(1, "words", "Paris", "Paris", passed),)
    return Result(caller, config, repeat, repeat, None, checks, found)


def runs(config, values, score="wer", caller="capital"):
    return [run(caller, config, n, **{score: value}) for n, value in enumerate(values)]


# rates


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [  # 81 of 263 is a case of Newcombe 1998, where the interval has these ends
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_the_interval_of_a_rate_is_wilsons(count, n, low, high):
    found = rate(count, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_a_rate_of_fewer_than_ten_is_refused():
    with pytest.raises(RtkitError, match="needs 10 cases, found 3 of 9"):
        rate(3, 9)


def test_a_rate_above_one_is_no_rate():
    with pytest.raises(ValueError, match="between 0 and its 10 cases"):
        rate(11, 10)


@given(st.integers(LEAST, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_lies_in_its_interval_and_mirrors_its_opposite(case):
    count, n = case
    found, opposite = rate(count, n), rate(n - count, n)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((1 - opposite.high, 1 - opposite.low))


# figures


def test_shares_are_pooled_over_runs_not_averaged():
    found = figure(
        [run(turns=9.0, missed_turns=0.0), run(turns=1.0, missed_turns=1.0)], "missed_turns"
    )
    assert (found.value, found.told, found.n) == (0.1, "1 of 10", 10)


def test_a_share_of_too_few_is_withheld_and_says_how_many_it_needs():
    found = figure([run(turns=3.0, missed_turns=1.0)], "missed_turns")
    assert found.withheld
    assert str(found) == "1 of 3: 10 are needed"


def test_a_score_that_was_never_measured_says_so():
    assert str(figure([run(barge_ins=0.0, yields=None)], "yields")) == "not measured"


def test_word_errors_are_pooled_and_their_interval_is_drawn_from_runs():
    some = [run(words=10.0, word_errors=float(n % 3), wer=n % 3 / 10) for n in range(12)]
    found = figure(some, "wer")
    assert found.value == pytest.approx(0.1)
    assert found.low < 0.1 < found.high
    assert found == figure(some, "wer")  # the same runs, the same interval
    assert figure(some[: LEAST_ROWS - 1], "wer").withheld


def test_a_cost_is_a_mean_over_runs():
    found = figure([run(usd=value) for value in (0.01, 0.02, 0.03) * 2], "usd")
    assert str(found).startswith("0.0200 USD (")


def test_latencies_are_those_of_all_turns_read_from_the_timelines(tmp_path):
    kept = []
    for n, tell in enumerate((answered, interrupted_and_yielding)):
        call = Call()
        tell(call)
        path = str(call.timeline.save(tmp_path / f"{n}.jsonl"))
        kept.append(Result("a", "b", n, n, scores=scores(call.timeline), timeline_path=path))
    assert latencies(kept) == pytest.approx([673, 673, 673], abs=10)
    assert latencies(kept, "yield_ms") == pytest.approx([240], abs=10)
    assert figure(kept, "response_ms").withheld
    assert figure(kept * 2, "response_ms").value == pytest.approx(673, abs=10)


def test_a_run_without_a_timeline_counts_with_its_mean():
    assert latencies([run(response_ms=700.0), run(response_ms=None)]) == [700.0]


def test_a_caller_that_passes_at_times_only_is_flaky():
    steady = [run("a", repeat=n) for n in range(3)]
    mixed = [run("b", repeat=n, passed=n != 1) for n in range(3)]
    never = [run("c", repeat=n, passed=False) for n in range(3)]
    once = [run("d")]
    found = [*steady, *mixed, *never, *once]
    assert flaky(found) == [("b", "default")]
    assert figure(found, "flaky").told == "1 of 3"
    assert figure(found, "passed").told == "6 of 10"


def test_there_is_no_score_of_another_name():
    with pytest.raises(ValueError, match=r"no score is named 'speed'. Allowed: response_ms"):
        figure([run()], "speed")


@pytest.mark.parametrize(
    ("score", "value", "text"),
    [
        ("wer", 0.042, "4.2 %"),
        ("wer", 0.5, "50 %"),
        ("response_ms", 673.4, "673 ms"),
        ("usd", 0.00123, "0.0012 USD"),
        ("stray_tool_calls", 0.25, "0.25"),
    ],
)
def test_values_are_shown_in_their_unit(score, value, text):
    assert shown(score, value) == text


def test_the_summary_is_a_table_of_scores_by_configuration():
    both = [run(config=c, repeat=n, turns=2.0, missed_turns=0.0) for c in "ab" for n in range(6)]
    table = summary(Results(both)).sheet()
    assert table.head == ("score", "a", "b")
    assert [row[0] for row in table.rows][:3] == [
        "runs that passed\u00a0↑",
        "callers that pass at times only\u00a0↓",
        "missed turns\u00a0↓",
    ]
    assert table.rows[2][1] == "0 % (0 % to 24 %; 0 of 12)"
    assert (
        summary([]).sheet().text()
        == "Value (95 % interval; of what). The arrow says which way is better.\nNo run was made."
    )


# two configurations


def paired(a, b, score="wer"):
    return compare([*runs("a", a, score), *runs("b", b, score)], "a", "b", score)


def test_a_difference_that_all_pairs_show_is_sure():
    found = paired(
        [700, 900, 1100, 800, 750, 950, 1000], [500, 720, 880, 640, 500, 760, 790], "response_ms"
    )
    assert found.verdict == "surely better"
    assert found.difference == pytest.approx(np.mean(found.differences))
    assert found.low < found.difference < found.high < 0
    assert (
        paired([500] * 7, [700, 710, 720, 730, 740, 705, 715], "response_ms").verdict
        == "surely worse"
    )


def test_more_is_better_where_the_score_says_so():
    good, bad = ({"yields": n, "barge_ins": 2.0} for n in (2.0, 0.0))
    both = [run(config="a", repeat=n, **bad) for n in range(8)]
    both += [run(config="b", repeat=n, **good) for n in range(8)]
    assert compare(both, "a", "b", "yields").verdict == "surely better"
    assert compare(both, "b", "a", "yields").verdict == "surely worse"


def test_a_difference_that_chance_could_make_is_not_shown():
    found = paired([600, 700, 800, 900, 650, 750], [610, 650, 850, 880, 700, 700], "response_ms")
    assert found.verdict == "not shown"
    assert found.low < 0 < found.high


def test_five_pairs_that_agree_are_too_few():
    found = paired([900] * 5, [500] * 5, "response_ms")
    assert (found.verdict, found.low, found.n) == ("not shown", None, 5)
    assert str(found) == (
        "wait for an answer, b against a: not shown; −400 ms in 5 pairs of runs, and 6 are needed."
    )


def test_a_hard_caller_does_not_count_against_the_configuration_it_met():
    """Between callers the waits differ by seconds, within a pair by 50 ms, always the same way."""
    easy = [(n, 500.0 + n, 450.0 + n) for n in range(4)]
    hard = [(n, 3000.0 + n, 2950.0 + n) for n in range(4)]
    found = [
        run(caller, config, n, response_ms=value)
        for caller, rows in (("easy", easy), ("hard", hard))
        for n, a, b in rows
        for config, value in (("a", a), ("b", b))
    ]
    assert compare(found, "a", "b", "response_ms").verdict == "surely better"


def test_runs_without_their_twin_and_scores_that_are_missing_are_left_out():
    found = [*runs("a", [1, 2, 3, None], "response_ms"), *runs("b", [2, 3, None], "response_ms")]
    assert compare(found, "a", "b", "response_ms").differences == (1.0, 1.0)


def test_what_was_measured_nowhere_is_not_shown():
    found = paired([None] * 8, [None] * 8)
    assert "measured in no pair of runs" in str(found)
    assert found.verdict == "not shown"


def test_passing_is_compared_like_a_score():
    both = [run(config="a", repeat=n, passed=n % 4 == 0) for n in range(16)]
    both += [run(config="b", repeat=n) for n in range(16)]
    found = compare(both, "a", "b")
    assert found.difference == 0.75
    assert found.verdict == "surely better"


def test_a_configuration_that_was_not_run_is_named_with_those_that_were():
    with pytest.raises(
        ValueError, match=r"no run of a configuration 'c'. There are runs of: 'a', 'b'"
    ):
        compare([*runs("a", [1]), *runs("b", [1])], "a", "c", "wer")


def test_two_that_are_alike_are_rarely_called_different():
    """Of 200 comparisons of equals, with 12 pairs each, about 1 in 20 may err; a few more may,
    since a bootstrap of few is a little narrow."""
    chance = np.random.default_rng(1)
    wrong = sum(
        paired(*chance.normal(800, 100, (2, 12)), "response_ms").verdict != "not shown"
        for _ in range(200)
    )
    assert wrong <= 24


@given(st.lists(st.tuples(*[st.floats(100, 5000)] * 2), min_size=6, max_size=12))
def test_exchanging_the_two_turns_the_difference_round(pairs):
    a, b = zip(*pairs, strict=True)
    one, other = paired(a, b, "response_ms"), paired(b, a, "response_ms")
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-6)
