"""Exercises and questions of notebook 14, the capstone: a configuration manager, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np

from rtkit.catalog import model
from rtkit.errors import RtkitError
from rtkit.linter import lint

from .exercise import Case, Exercise, Trial, fresh, function, same, short
from .questionnaire import ask, no, yes

ULAW = {"type": "audio/pcmu"}
PCM = {"type": "audio/pcm", "rate": 24_000}
KEEP_ENOUGH = 20
"""So many turns carry a p95, as `rtkit.percentile` has it."""

OBJECTS = "A format is an object: audio/pcm has a rate, audio/pcmu none. Both directions, please."
FORMATS = function(
    "formats",
    (
        Case(("web",), {"input": PCM, "output": PCM}, OBJECTS),
        Case(("phone",), {"input": ULAW, "output": ULAW}, "mu-law in both directions, no rate."),
    ),
)


def _fresh_formats(answer: Any) -> Iterable[Trial]:
    """As asked; and what one configuration does to its formats, no other may feel."""
    yield from FORMATS(answer)
    if not callable(answer):
        return
    what, why = "changing one answer", "Make a new dict in each call: two sessions share this one."
    try:
        first = answer("web")
        first["input"]["rate"] = 0
        shared = answer("web")["input"]["rate"] == 0 or first["output"]["rate"] == 0
        yours = "changed others" if shared else "changed nothing else"
    except Exception as error:
        shared, yours = True, f"{type(error).__name__}: {error}"
    yield Trial(what, "changes nothing else", yours, not shared, why, hidden=True)


SERVER = {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 500}
TURNS = (
    Case(("server",), SERVER, "The wire says `server_vad`, with both settings beside it."),
    Case(
        ("server", 0.7, 900), SERVER | {"threshold": 0.7, "silence_duration_ms": 900}, "Use them."
    ),
    Case(("manual",), None, "Turns by hand are no type: the wire says null, in Python None."),
    Case(("client",), None, "You find the turns yourself, so the server must not: None."),
    Case(
        ("semantic", 0.7, 900),
        {"type": "semantic_vad"},
        "semantic_vad listens to words: threshold and silence belong to server_vad.",
        hidden=True,
    ),
)


def _listened(answer: Any) -> Iterable[Trial]:
    """Whether what it makes of transcription is taken by a server, and says what it should."""
    if not callable(answer):
        yield Trial(
            "listening", "a function", short(answer), False, "Hand over `listening` itself."
        )
        return
    cases: tuple[tuple[tuple[Any, ...], str, Callable[[Any], bool], str, bool], ...] = (
        ((True,), "a model, nothing else", _only_a_model, ONLY_A_MODEL, False),
        ((True, "de"), "a model, and 'de'", _german, "Say the language if there is one.", False),
        ((False,), "None", lambda found: found is None, "Off is null, not a dict.", True),
    )
    for given, asked, right, why, hidden in cases:
        what = f"listening({', '.join(map(short, given))})"
        try:
            found = answer(*given)
            yours, good = short(found), right(found)
        except Exception as error:
            yours, good = f"{type(error).__name__}: {error}", False
        yield Trial(what, asked, yours, good, why, hidden)


ONLY_A_MODEL = "Without a language the key is left out, not null; the model is gpt-transcribe."


def _only_a_model(found: Any) -> bool:
    return isinstance(found, Mapping) and found.keys() == {"model"} and _taken(found)


def _german(found: Any) -> bool:
    return _in_language(found, "de")


def _in_language(found: Any, language: str) -> bool:
    said = isinstance(found, Mapping) and found.get("language") == language
    return said and found.keys() == {"model", "language"} and _taken(found)


def _taken(transcription: Mapping[str, Any]) -> bool:
    """Whether the linter takes it, and its model is one that transcribes."""
    session = {"type": "realtime", "audio": {"input": {"transcription": dict(transcription)}}}
    known = model(str(transcription.get("model")))
    return lint(session).ok and known is not None and known.kind == "transcription"


USES: Mapping[str, tuple[Mapping[str, Any], int]] = {
    "assistant": (PCM, 500),
    "service": (PCM, 700),
    "phone": (ULAW, 500),
}
"""Use case of the capstone -> its format, and the silence that ends a turn."""


DEFAULTS = "without `for_use_case` it is the assistant, without `with_voice` it is alloy"


def _built(answer: Any) -> Iterable[Trial]:
    """The trials of a builder: every use case, then what goes wrong with the lesson's."""
    if not callable(answer):
        why = "Hand over the class: `Builder`, not `Builder()`."
        yield Trial("Builder", "a class", short(answer), False, why)
        return
    for use in USES:
        yield from _tried(f'for_use_case("{use}").build()', _built_for, answer, use)
    yield from _tried('for_use_case("service").build()', _transcribed, answer)
    yield from _tried('for_use_case("phone").with_voice("marin").build()', _with_voice, answer)
    yield from _tried('with_voice("coral").build()', _alone, answer)
    yield from _tried('with_voice("nova")', _unknown_voice, answer)
    yield from _tried("build()", _plain, answer)


def _tried(call: str, trials: Callable[..., Iterable[Trial]], *given: Any) -> Iterable[Trial]:
    """The trials; or, where the builder raises, the call with which it did."""
    try:
        yield from trials(*given)
    except Exception as error:
        why = (
            f"`Builder().{call}` fails, or its dict lacks something. "
            f"All methods but `build` return `self`; {DEFAULTS}."
        )
        yield Trial(call, "no error", f"{type(error).__name__}: {error}", False, why)


def _built_for(builder: Any, use: str) -> Iterable[Trial]:
    wire, silence_ms = USES[use]
    found = builder().for_use_case(use).build()
    wrong = lint(found).errors
    ways, silence = _chosen(found)
    if wrong or all(ways):
        said = f"{wrong[0].path}: {wrong[0].what}" if wrong else "nothing"
        why = 'Ask `rtkit.lint` about it: `type` is "realtime", formats lie under audio.input.'
        yield Trial(f"{use}: what is refused", "nothing", said, not wrong, why)
    asked = f"{wire['type']}, {silence_ms} ms"
    right = ways == [wire, wire] and silence == silence_ms
    why = "Formats and silence come from the use case: the table above."
    kinds = " and ".join(str((way or {}).get("type")) for way in ways)
    yield Trial(f"{use}: format, silence", asked, f"{kinds}, {silence} ms", right, why)


def _chosen(found: Any) -> tuple[list[Any], Any]:
    """Both formats, and the silence, of a session."""
    audio = found.get("audio", {})
    ways = [audio.get(way, {}).get("format") for way in ("input", "output")]
    silence = (audio.get("input", {}).get("turn_detection") or {}).get("silence_duration_ms")
    return ways, silence


def _transcribed(builder: Any) -> Iterable[Trial]:
    found = builder().for_use_case("service").build().get("audio", {}).get("input", {})
    words = found.get("transcription")
    why = 'Without it you hear, and read nothing: Part 3\'s `listening(True, "en")` is missing.'
    yield Trial("transcription", "a model, and 'en'", short(words), _in_language(words, "en"), why)


def _plain(builder: Any) -> Iterable[Trial]:
    found = builder().build()
    ways, silence = _chosen(found)
    voice = found.get("audio", {}).get("output", {}).get("voice")
    right = ways == [PCM, PCM] and silence == USES["assistant"][1] and voice == "alloy"
    why = f"Nothing was chosen here: {DEFAULTS}."
    yours = f"{(ways[0] or {}).get('type')}, {silence} ms, {voice}"
    yield Trial("Builder().build()", "the assistant, alloy", yours, right, why, hidden=True)


def _with_voice(builder: Any) -> Iterable[Trial]:
    found = builder().for_use_case("phone").with_voice("marin").build()
    voice = found.get("audio", {}).get("output", {}).get("voice")
    why = "The voice lies under audio.output, and stays what was asked."
    yield Trial('with_voice("marin")', "marin", short(voice), voice == "marin", why)


def _alone(builder: Any) -> Iterable[Trial]:
    one = builder().with_voice("coral")
    first = one.build()
    before = fresh(first)
    first["audio"]["output"]["format"]["type"] = "audio/pcma"
    second = one.with_voice("ash").build()
    kept = second["audio"]["output"]["format"] == PCM
    right = kept and first["audio"]["output"]["voice"] == before["audio"]["output"]["voice"]
    why = "`build` gives away its own dict, so what comes later changes it: copy it first."
    yours = "two of them" if right else "one, twice"
    yield Trial("two builds", "two of them", yours, right, why, hidden=True)


def _unknown_voice(builder: Any) -> Iterable[Trial]:
    why = "No server knows this name: `with_voice` itself should raise ValueError, not `build`."
    one, said, right = builder(), "taken", False
    try:
        one.with_voice("nova")
    except Exception as error:
        said, right = type(error).__name__, isinstance(error, ValueError | RtkitError)
    yield Trial('with_voice("nova")', "ValueError", said, right, why, hidden=True)


def _summed(answer: Any) -> Iterable[Trial]:
    """The trials of a summary of (wait in ms, milliseconds of the answer's sound) pairs."""
    if not callable(answer):
        yield Trial("summary", "a function", short(answer), False, "Hand over `summary` itself.")
        return
    for turns, hidden in _talks():
        what = f"summary of {len(turns)} turns"
        try:
            found = answer(list(turns))
            yield from _figures(what, found, turns, hidden)
        except Exception as error:
            yours = f"{type(error).__name__}: {error}"
            yield Trial(what, "a dict", yours, False, "No turn at all is possible, too.", hidden)


@cache
def _talks() -> tuple[tuple[list[tuple[float, float]], bool], ...]:
    slow = [(200.0, 1000.0)] * 18 + [(5000.0, 1000.0)]
    steps = [(10.0 * n, 500.0) for n in range(1, 101)]
    return ((slow, False), (steps, False), ([], True), (steps[39::-1], True))


def _figures(
    what: str, found: Mapping[str, Any], turns: list[tuple[float, float]], hidden: bool
) -> Iterable[Trial]:
    waits = np.array([wait for wait, _ in turns])
    count, sound = found["turns"], found["audio_ms"]
    right = same(len(turns), count) and same(sum(ms for _, ms in turns), sound)
    why = "Each turn counts once, its sound too."
    asked = f"{len(turns)}, {sum(ms for _, ms in turns):g} ms"
    yield Trial(f"{what}: turns, sound", asked, f"{count}, {sound} ms", right, why, hidden)
    median = float(np.median(waits)) if turns else None
    yield Trial(
        f"{what}: median_ms",
        short(median),
        short(found["median_ms"]),
        same(median, found["median_ms"]) if turns else found["median_ms"] is None,
        "The median is the middle one of the sorted waits; without turns it is None.",
        hidden,
    )
    yield _p95(what, found["p95_ms"], waits, hidden)


def _p95(what: str, found: Any, waits: Any, hidden: bool) -> Trial:
    if len(waits) < KEEP_ENOUGH:
        why = f"Fewer than {KEEP_ENOUGH} turns carry no p95: say None, and no other figure instead."
        return Trial(f"{what}: p95_ms", "None", short(found), found is None, why, hidden)
    low, high = (float(np.percentile(waits, 95, method=m)) for m in ("inverted_cdf", "weibull"))
    right = isinstance(found, float | int | np.number) and low <= float(found) <= high
    why = "Sort them; at most 5 in 100 wait longer. One place too far is the next turn's wait."
    return Trial(f"{what}: p95_ms", f"{low:g} to {high:g}", short(found), right, why, hidden)


QUESTIONS_ASKED = ("What is the capital of Italy?", "What is three plus four?")


def _talked(answer: Any) -> Iterable[Trial]:
    """Two questions to the embedded server, by the answer, and what it says of them."""
    if not callable(answer):
        yield Trial("talk", "a function", short(answer), False, "Hand over `talk` itself.")
        return
    why = "Open the session with the config, ask each question, return turns and pairs."
    try:
        turns, pairs = answer(_config(), [_spoken(text) for text in QUESTIONS_ASKED])
        answers = [turn.answer for turn in turns]
        pairs = [(pair[0], pair[1]) for pair in pairs]
    except Exception as error:
        yours = f"{type(error).__name__}: {error}"
        yield Trial("talk", "turns and pairs", yours, False, why)
        return
    right = len(answers) == 2 and "Rome" in answers[0] and "seven" in answers[1]
    yield Trial("answers", "about Rome, and seven", short(answers), right, why)
    if len(answers) == len(QUESTIONS_ASKED):
        yield from _paired(turns, pairs)


def _paired(turns: Any, pairs: Any) -> Iterable[Trial]:
    """Whether the figures are those of the turns."""
    waits = [turn.latency.wait_ms for turn in turns]
    right = same(waits, [pair[0] for pair in pairs])
    why = "`turn.latency.wait_ms` runs from the end of speech, not from when `ask` was called."
    yield Trial("waits", "those of the turns", "those" if right else "others", right, why)
    lengths = [1000 * turn.audio.duration for turn in turns]
    right = same(lengths, [pair[1] for pair in pairs], within=1.0)
    why = "Each answer's own length, 1000 * `turn.audio.duration`: nothing of the turn before."
    yours = "those" if right else "others"
    yield Trial("lengths", "those of the answers", yours, right, why, hidden=True)


def _config() -> dict[str, Any]:
    return {"type": "realtime", "audio": {"output": {"voice": "alloy"}}}


@cache
def _spoken(text: str) -> Any:
    from rtkit.speech.synthesis import say

    return say(text)


EXERCISES = (
    Exercise(
        "14.1",
        "Formats",
        _fresh_formats,
        "The wire objects are in notebook 04, and in the linter's table above: audio/pcm has a "
        "rate of 24000, audio/pcmu has none.",
    ),
    Exercise(
        "14.2",
        "Turn detection",
        function("turns", TURNS),
        "Four modes, two of which are None. Begin with those.",
    ),
    Exercise(
        "14.3",
        "Transcription",
        _listened,
        "Begin with {'model': 'gpt-transcribe'} and add the language in an `if`.",
    ),
    Exercise(
        "14.4",
        "The builder",
        _built,
        "Keep a use case and a voice, and make the dict in `build`. The voices are "
        "`rtkit.Voice`: [voice.value for voice in rtkit.Voice].",
    ),
    Exercise(
        "14.5",
        "Latency that is true",
        _summed,
        "`rtkit.percentile(waits, 95)` refuses too few values; its `.value` is the figure. "
        "By hand: sorted(waits)[math.ceil(0.95 * n) - 1].",
    ),
    Exercise(
        "14.6",
        "All of it, with a server",
        _talked,
        "with rtkit.connect(config) as session: turns = [session.ask(q) for q in questions].",
    ),
)

QUESTIONS = (
    ask(
        "One builder built two sessions; the voice of the second changed the first. Why?",
        yes(
            "Both are one object",
            "What `build` gives away must be a copy, else what comes later changes it.",
        ),
        no("Voices are global", "A voice is a field of each session, like any other."),
        no("The server mixed them up", "The server sees two sessions; the mistake is before it."),
    ),
    ask(
        "19 turns, one of which took 5 s. The lesson's p95 says 453 ms. What went wrong?",
        no("Its list is not sorted", "It sorts. It does not get as far as that."),
        no("5 s is an outlier to be left out", "It is the turn that people complain of."),
        yes(
            "With fewer than 20 it says the mean",
            "Under the name p95. A figure that cannot be told is better left out.",
        ),
    ),
    ask(
        "What does a manager do with a setting that no server knows?",
        no("Send it: the server will say", "It refuses the whole update, later and elsewhere."),
        yes(
            "Refuse it where it is set",
            "There stand the name, what is allowed, and the line that is wrong.",
        ),
        no("Take the default", "Then somebody looks for hours for why nothing changes."),
    ),
)
