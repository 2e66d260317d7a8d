import re
from itertools import pairwise

import pytest
from helpers import Story, words
from test_cost import BIG, done, session, timeline, usage

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

from rtkit.bill import CACHED, PARTS, cost  # noqa: E402
from rtkit.cost import Cost, read_cost  # noqa: E402
from rtkit.forecasting import forecast  # noqa: E402
from rtkit.turns import Turn  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def bills(*usages, model=BIG):
    """A turn for each usage object, whose bill is that."""
    told = [done(f"r{number}", usage) for number, usage in enumerate(usages)]
    charges = read_cost(timeline(session(model), *told)).charges
    return [Turn(cost=Cost((charge,))) for charge in charges]


FIRST = usage(text=36, audio=24, out=(8, 40))
SECOND = usage(text=36, audio=84, cached=(36, 24, 0), out=(8, 50))


def stacks(ax):
    """Of each part that is drawn: its name, and how high it is in each turn."""
    return {bar.get_label(): [patch.get_height() for patch in bar] for bar in ax.containers}


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_each_turn_is_a_stack_of_its_parts_in_cents():
    drawn = stacks(cost(bills(FIRST, SECOND)))
    assert drawn["sound in"] == pytest.approx([100 * 24 * 32e-6, 100 * 60 * 32e-6])
    assert drawn["sound out"] == pytest.approx([100 * 40 * 64e-6, 100 * 50 * 64e-6])
    assert drawn["text in"] == pytest.approx([100 * 36 * 4e-6, 0])
    assert drawn["text out"] == pytest.approx([100 * 8 * 24e-6] * 2)
    assert drawn["cached"] == pytest.approx([0, 100 * 60 * 0.4e-6])
    assert "image in" not in drawn
    assert "transcription" not in drawn


def test_the_stacks_are_as_high_as_the_bills():
    turns = bills(FIRST, SECOND)
    tops = [sum(parts) for parts in zip(*stacks(cost(turns)).values(), strict=True)]
    assert tops == pytest.approx([100 * turn.cost.usd for turn in turns])


def test_tokens_show_what_was_read_and_how_much_of_it_from_the_cache():
    ax = cost(bills(FIRST, SECOND), tokens=True)
    assert stacks(ax) == {"cached": [0, 60], "sound in": [24, 60], "text in": [36, 0]}
    assert words(ax)[:2] == ["0 %", "50 %"]
    assert ax.get_ylabel() == "tokens to read"


def test_the_title_sums_up_and_says_what_is_estimated():
    story = Story().open()
    story.type("hello")
    story.answer("Hello.", 0.5)
    title = cost(story.timeline, tokens=True).get_title(loc="left")
    assert re.fullmatch(r"1 turn: \d+ % of what was read came from the cache", title)
    (guessed,) = bills(FIRST)
    guessed = Turn(cost=Cost(guessed.cost.charges, estimated=True))
    title = cost([guessed]).get_title(loc="left")
    assert title == "1 turn: 0.4 cents, estimated; 0 % of what was read came from the cache"


def test_forecasts_go_on_where_the_bars_end_and_say_their_sum():
    turns = bills(FIRST, SECOND)
    whole = Cost(tuple(charge for turn in turns for charge in turn.cost.charges))
    coming = forecast(whole, 5)
    ax = cost(turns, forecasts={"as it is": coming})
    (line,) = ax.lines
    assert list(line.get_xdata()) == [3, 4, 5, 6, 7]
    assert list(line.get_ydata()) == pytest.approx([100 * usd for usd in coming.usd])
    assert legend(ax)[-1] == f"as it is: {100 * coming.total_usd:.0f} cents"
    assert legend(ax)[-2] == "cached"  # the lowest of the bars stands last


def test_the_colours_differ_in_brightness_too():
    def brightness(color):
        red, green, blue = matplotlib.colors.to_rgb(color)
        return 0.299 * red + 0.587 * green + 0.114 * blue

    plain = sorted(brightness(part.color) for part in PARTS if part is not CACHED)
    assert all(b - a > 0.04 for a, b in pairwise(plain))
    assert CACHED.hatch


def test_nothing_billed_no_price_and_no_turns_are_refused_with_what_to_do():
    with pytest.raises(ValueError, match="Ask something first"):
        cost([])
    with pytest.raises(ValueError, match=r"no price is known of 'gpt-nope'\. Give tokens=True"):
        cost(bills(FIRST, model="gpt-nope"))
    assert stacks(cost(bills(FIRST, model="gpt-nope"), tokens=True))["sound in"] == [24]
    with pytest.raises(TypeError, match=r"Give session\.timeline"):
        cost("talk.jsonl")


def test_percentages_are_left_out_where_they_would_overlap():
    assert words(cost(bills(*[FIRST] * 16), tokens=True)).count("0 %") == 16
    assert "0 %" not in words(cost(bills(*[FIRST] * 17), tokens=True))
