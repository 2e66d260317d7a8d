import pytest
from helpers import Story, boxes, inside, overlaps, talk, words

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from rtkit import plots  # noqa: E402
from rtkit.onset import audible  # noqa: E402
from rtkit.percentiles import percentile  # noqa: E402
from rtkit.turns import Turn, read_turns  # noqa: E402

TWENTY = [float(400 + 10 * n) for n in range(20)]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def dots(ax):
    """The dots of each series, by their milliseconds."""
    return [list(line.get_xdata()) for line in ax.lines if line.get_alpha()]


def figures(ax):
    """What stands beside the first series."""
    return next(text for text in words(ax) if "p95" in text)


def names(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_every_turn_is_a_dot_and_the_percentiles_stand_beside_them_with_their_intervals():
    ax = plots.latencies(TWENTY)
    assert dots(ax) == [TWENTY]
    p50, p95 = percentile(TWENTY, 50), percentile(TWENTY, 95)
    assert figures(ax) == (
        f"● p50 {p50.value:.0f} ({p50.low:.0f} to {p50.high:.0f})\n"
        f"◇ p95 {p95.value:.0f} ({p95.low:.0f} or more)"
    )
    ends = [tuple(line.get_xdata()) for line in ax.lines if line.get_linewidth() == 1.4]
    assert ends == [(p50.low, p50.high), (p95.low, max(TWENTY))]


def arrows(ax):
    return [text for text in ax.texts if getattr(text, "arrow_patch", None)]


def test_an_end_that_so_few_turns_leave_open_is_an_arrow_beyond_the_largest():
    (arrow,) = arrows(plots.latencies(TWENTY))
    assert arrow.xy[0] == max(TWENTY)
    assert arrow.xyann[0] > 0
    assert arrows(plots.latencies([400.0 + n for n in range(100)])) == []


def test_two_turns_have_a_median_and_no_interval():
    ax = plots.latencies([400.0, 500.0])
    assert "● p50 450 (no interval)" in next(text for text in words(ax) if "p50" in text)
    assert [line for line in ax.lines if line.get_linewidth() == 1.4] == []


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (1, "● p50 needs 2 turns\n◇ p95 needs 20 turns"),
        (19, "◇ p95 needs 20 turns"),
    ],
)
def test_a_percentile_that_so_few_turns_cannot_carry_is_withheld(count, told):
    ax = plots.latencies(TWENTY[:count])
    assert figures(ax).endswith(told)
    assert dots(ax) == [TWENTY[:count]]


def test_configurations_are_compared_by_name_in_the_order_in_which_they_are_given():
    timeline = talk()
    ax = plots.latencies({"slow": [900.0, 950.0], "talk": timeline, "turns": read_turns(timeline)})
    assert names(ax) == ["slow\n2 turns", "talk\n4 turns", "turns\n4 turns"]
    waits = sorted(audible(turn).wait_ms for turn in read_turns(timeline))
    assert dots(ax)[1] == dots(ax)[2] == pytest.approx(waits)


@pytest.mark.parametrize(
    ("measure", "label", "goal"),
    [("wait_ms", "first sound heard", True), ("response_ms", "first audio received", False)],
)
def test_the_axis_says_between_which_instants_was_measured(measure, label, goal):
    ax = plots.latencies(talk(), measure=measure)
    assert label in ax.get_xlabel()
    assert ("goal 500 ms" in words(ax)) is goal


def test_turns_that_were_not_measured_are_left_out():
    ax = plots.latencies([Turn("hello"), *read_turns(talk())])
    assert names(ax) == ["4 turns"]


@pytest.mark.parametrize(
    ("of", "kind", "told"),
    [
        (Story().open().timeline, ValueError, "no wait_ms was measured. Ask something first"),
        ({"a": TWENTY, "b": []}, ValueError, "no wait_ms was measured in 'b'"),
        ({}, ValueError, "nothing to draw"),
        ("talk", TypeError, r"found str\. Give session\.timeline"),
        (7, TypeError, r"found int\. Give session\.timeline"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_to_do(of, kind, told):
    with pytest.raises(kind, match=told):
        plots.latencies(of)


def test_an_unknown_measure_is_told_which_there_are():
    with pytest.raises(ValueError, match=r"no latency is named 'wait'\. Allowed: wait_ms"):
        plots.latencies(TWENTY, measure="wait")


def test_long_names_are_wrapped_and_nothing_overlaps_or_leaves_the_paper():
    long = "server_vad with 500 milliseconds of silence and donaudampfschifffahrtsgesellschaft"
    ax = plots.latencies({long: TWENTY, "b": [1.0], "c": [10_000.0, 12_000.0]})
    assert overlaps(ax) == []
    assert overlaps(plots.latencies({"a little below the goal": [60.0, 480.0]})) == []
    assert all(inside(box, ax.figure) for _, box in boxes(ax))
    assert all(inside(tick.get_window_extent(), ax.figure) for tick in ax.get_yticklabels())


def test_it_draws_on_given_axes_and_the_same_each_time():
    places = []
    for _ in range(2):
        ax = Figure(figsize=(8, 3)).subplots()
        assert plots.latencies(TWENTY, ax=ax) is ax
        places.append([line.get_xydata().tolist() for line in ax.lines])
    assert places[0] == places[1]
    assert plt.get_fignums() == []
