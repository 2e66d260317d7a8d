import pytest
from helpers import Story, tone

from rtkit.cost import read_cost
from rtkit.timeline import Timeline
from rtkit.widgets.costmeter import CostMeter, dollars


def metered(target, model="gpt-realtime-2.1", turns=2):
    """A conversation of some turns, and the meter that has followed it."""
    story = Story(Timeline(target=target))
    story.note("session.opened")
    story.hear("session.created", session={"type": "realtime", "model": model})
    meter = CostMeter(story.timeline)
    shown, read = [meter.now()["cost"]], len(story.timeline)
    for _ in range(turns):
        story.type("hello")
        story.answer("Yes.", tone(0.2))
    told = [meter.take(moment) for moment in story.timeline[read:]]
    assert CostMeter(story.timeline).now() == meter.now()
    return story.timeline, shown + [changes["cost"] for changes in told if changes]


def test_the_meter_says_what_the_bill_says_and_grows_with_each_answer():
    timeline, shown = metered("OpenAI")
    cost = read_cost(timeline)
    assert shown[0] == {"text": "Cost: nothing yet", "more": "Each answer brings its bill."}
    assert shown[-1]["text"] == f"Cost: {dollars(cost.usd)}"
    assert shown[-1]["more"] == "2 responses, at list prices."
    assert len(shown) == 3


def test_the_embedded_server_costs_nothing_and_tells_what_its_counts_would():
    timeline, shown = metered("embedded")
    assert shown[0]["text"] == "Cost: none"
    assert shown[-1]["text"] == f"Cost: none ({dollars(read_cost(timeline).usd)} if hosted)"
    assert "list prices of gpt-realtime-2.1: an estimate" in shown[-1]["more"]


def test_a_model_without_a_price_is_an_unknown_cost_not_none():
    _, shown = metered("a server", model="parrot-1")
    assert shown[-1]["text"] == "Cost: unknown"
    assert "no price of parrot-1" in shown[-1]["more"]


@pytest.mark.parametrize(
    ("usd", "words"),
    [(0, "$0.00"), (0.00001, "under $0.0001"), (0.0567, "$0.0567"), (3.2, "$3.20")],
)
def test_dollars_have_as_many_digits_as_matter(usd, words):
    assert dollars(usd) == words
