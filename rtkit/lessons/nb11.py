"""Exercises and questions of notebook 11, cost and long sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from rtkit import catalog
from rtkit.cost import Cost, read_cost
from rtkit.errors import RtkitError
from rtkit.forecasting import Truncation, forecast, saving

from .exercise import Case, Exercise, Trial, function
from .questionnaire import ask, no, yes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MODEL = "gpt-realtime-2.1"
USER_TOKENS, ASSISTANT_TOKENS = 10, 20  # of sound, a second
TURNS, LIMIT = 60, 1500


def _prices() -> Mapping[str, catalog.Price]:
    """US dollars for a million tokens, by modality, as the catalog lists them."""
    model = catalog.model(MODEL)
    return model.prices if model is not None else {}


def _speech() -> Sequence[Case]:
    price = _prices()["audio"]
    made = price.output or 0.0

    def usd(user_s: float, assistant_s: float) -> float:
        tokens = USER_TOKENS * user_s * price.input + ASSISTANT_TOKENS * assistant_s * made
        return tokens / 1_000_000

    return (
        Case(
            (60, 0),
            usd(60, 0),
            "Your second is 10 tokens, at the input price; prices are for a million tokens.",
        ),
        Case(
            (0, 60),
            usd(0, 60),
            "The assistant's second is 20 tokens, at the output price.",
        ),
        Case((30, 90), usd(30, 90), "Each side has its own tokens and its own price.", hidden=True),
        Case((0, 0), 0.0, "Silence costs nothing here.", hidden=True),
    )


def _usage(text: int, sound: int, cached: tuple[int, int], made: tuple[int, int]) -> dict[str, Any]:
    """The usage of a response: tokens read, how many of them from the cache, tokens made."""
    details = {"text_tokens": cached[0], "audio_tokens": cached[1], "image_tokens": 0}
    read = {"text_tokens": text, "audio_tokens": sound, "image_tokens": 0}
    return {
        "total_tokens": text + sound + sum(made),
        "input_tokens": text + sound,
        "output_tokens": sum(made),
        "input_token_details": {
            **read,
            "cached_tokens": sum(cached),
            "cached_tokens_details": details,
        },
        "output_token_details": {"text_tokens": made[0], "audio_tokens": made[1]},
    }


def bill(*usages: dict[str, Any]) -> Cost:
    """What these responses cost."""
    from rtkit.testing.story import Story

    story = Story({"type": "realtime", "model": MODEL})
    for number, usage in enumerate(usages):
        story.begin(f"r{number}")
        done = {"id": f"r{number}", "status": "completed", "output": [], "usage": usage}
        story.hear("response.done", response={**done, "conversation_id": "conv_1"})
    return read_cost(story.timeline)


@cache
def growing() -> Cost:
    """Ten turns, each of which reads 80 tokens of sound more than the one before."""
    return bill(
        *(_usage(36, 24 + 80 * n, (36, 80 * n) if n else (0, 0), (10, 60)) for n in range(10))
    )


def _uncached() -> Sequence[Case]:
    prices = _prices()
    fresh = bill(_usage(100, 50, (0, 0), (10, 60)))
    text = bill(_usage(1000, 0, (1000, 0), (0, 0)))
    both = bill(_usage(2000, 1500, (1900, 1400), (30, 200)))

    def without(cost: Cost) -> float:
        lines = [line for line in cost.lines if line.usd is not None]
        return sum(
            line.amount * prices[line.modality].input / 1e6
            if line.direction == "cached"
            else float(line.usd or 0.0)
            for line in lines
        )

    return (
        Case((fresh,), without(fresh), "Nothing was cached: it is what it is.", what="no cache"),
        Case(
            (text,),
            without(text),
            "A cached token of text would cost what a fresh one of text does.",
            what="1000 tokens of text, all cached",
        ),
        Case(
            (both,),
            without(both),
            "Text and sound have different prices, and so have input and output.",
            what="text and sound, most of it cached",
        ),
        Case((growing(),), without(growing()), "Ten turns add up.", hidden=True, what="ten turns"),
    )


def _ratio(answer: Any) -> Iterable[Trial]:
    try:
        rule = Truncation(LIMIT, answer)
    except (RtkitError, TypeError, ValueError) as error:
        why = "A ratio is a number from 0 to 1: the part of the limit that is kept."
        yield Trial("ratio", "0 to 1", str(error), False, why)
        return
    why = (
        "Cutting at this ratio costs more than keeping all: each cut makes the cache worthless. "
        "Cut deeper, and so less often."
    )
    for turns in (TURNS, 2 * TURNS):
        usd = saving(growing(), turns, rule)
        yours = "nothing known" if usd is None else f"{100 * usd:+.1f} cents"
        right = usd is not None and usd > 0
        hidden = turns > TURNS
        yield Trial(f"saved in {turns} more turns", "more than 0", yours, right, why, hidden)


def _draw(answer: Any, figure: Figure) -> None:
    from rtkit.canvas import LINES

    ax = figure.subplots()
    rules = {
        "keep all": None,
        "cut to the limit": Truncation(LIMIT),
        "yours": Truncation(LIMIT, answer),
    }
    broad = LINES[0] | {"linewidth": 4.0, "alpha": 0.5, "zorder": 1}  # under what it may lie on
    for (name, rule), style in zip(rules.items(), (LINES[2], LINES[1], broad), strict=True):
        coming = forecast(growing(), TURNS, rule)
        usd = coming.usd
        total = [100 * sum(usd[: n + 1]) for n in range(len(usd))]
        ax.plot(range(1, len(total) + 1), total, label=name, **style)
    ax.set(xlabel="turns to come", ylabel="cents", ylim=(0, None))
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=8)


EXERCISES = (
    Exercise(
        "11.1",
        "The price of speech",
        function("speech_usd", _speech, within=1e-6),
        "Seconds times tokens a second times the price, by a million; each side by itself.",
    ),
    Exercise(
        "11.2",
        "Without a cache",
        function("without_cache", _uncached, within=1e-7),
        "For each `cached` line take out its `usd` and put in amount times the input price.",
    ),
    Exercise(
        "11.3",
        "A cut that pays",
        _ratio,
        "The deeper the cut, the seldomer it comes. Try halves of halves.",
        _draw,
    ),
)

QUESTIONS = (
    ask(
        "Why does the tenth answer cost more than the first?",
        no("Prices rise with time", "The price of a token stays; there are more of them."),
        yes("The whole conversation is read again", "Each response reads all that was said."),
        no("Answers become longer", "These do not; what is *read* grows."),
    ),
    ask(
        "A usage has 1000 input tokens, 900 of them cached. How many are paid as fresh?",
        no("1000", "Cached tokens are a part of the input, with a price of their own."),
        no("1900", "They are a part of the 1000, not beside them."),
        yes("100", "900 cost the cached price, the rest the full one."),
    ),
    ask(
        "To save, somebody deletes the oldest item in every turn. What happens to the bill?",
        yes("It grows", "The beginning changes each time, so nothing comes from the cache."),
        no("It shrinks", "Fewer tokens, but each at many times the price."),
        no("Nothing", "The cache needs the same beginning, and that has changed."),
    ),
)
