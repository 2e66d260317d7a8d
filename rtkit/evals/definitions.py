"""What each score means, in which unit, which way is better, and the published source it follows.

One table: the report prints it, the scores are its keys, and sums over several runs follow its
`parts`. Sources: tau-voice is the interaction panel of tau2-bench (docs/interaction-metrics.md,
arXiv 2603.13686), FDB is Full-Duplex-Bench (v1 arXiv 2503.04721, v1.5 arXiv 2507.23159).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "ms", "count", "USD"]
Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Definition:
    """One score; `title` is what it is called where people read it.

    `parts` are the keys of its count and of what it is counted among, where it is a share of such;
    `trials` says whether each of those is either right or wrong (so that the share is a proportion
    with an interval of its own). `better` is None for a mere count of opportunities.
    """

    name: str
    title: str
    unit: Unit
    better: Better | None
    meaning: str
    source: str = ""
    parts: tuple[str, str] | None = None
    trials: bool = False

    @property
    def headline(self) -> bool:
        """Whether it is a score, not merely a part of others."""
        return self.better is not None


def _share(name: str, better: Better, among: str, meaning: str, source: str) -> Definition:
    title = name.replace("_", " ")
    return Definition(name, title, "share", better, meaning, source, (name, among), trials=True)


_ROWS = (
    Definition(
        "response_ms",
        "wait for an answer",
        "ms",
        "lower",
        "end of the caller's speech to the first sample of the answer that can be heard (of a call "
        "the mean, of several calls the median of all turns)",
        "tau-voice L_R; FDB response latency",
    ),
    Definition(
        "yield_ms",
        "time to yield",
        "ms",
        "lower",
        "start of the caller's interruption until the assistant is silent, of those it yielded to "
        "(mean and median as above)",
        "tau-voice L_Y; FDB v1.5 stop latency",
    ),
    _share(
        "missed_turns",
        "lower",
        "turns",
        "turns that got no answer before the caller asked again",
        "tau-voice 1 - R_R",
    ),
    _share(
        "false_interruptions",
        "lower",
        "turns",
        "turns that the server ended, or answered, while the caller was still speaking",
        "tau-voice I_A (there each event counts, here a turn counts once); FDB takeover rate in "
        "pauses",
    ),
    _share(
        "yields",
        "higher",
        "barge_ins",
        "interruptions for which the assistant fell silent within 2 s; an answer that came to its "
        "own end by then is left out",
        "tau-voice R_Y",
    ),
    _share(
        "talked_through",
        "higher",
        "backchannels",
        "backchannels that neither stopped the assistant within 1 s nor were answered",
        "tau-voice S_BC; FDB v1.5 user backchannel",
    ),
    _share(
        "ignored_noises",
        "higher",
        "noises",
        "noises that neither stopped the assistant within 1 s nor were answered",
        "tau-voice S_VT",
    ),
    _share(
        "double_answers",
        "lower",
        "turns",
        "turns after which more answers were heard than the one that was asked for",
        "pipecat evals (an event that has to be absent)",
    ),
    _share(
        "exact_tool_calls",
        "higher",
        "tool_calls",
        "expected calls that were made with the expected arguments",
        "tau2-bench action checks; BFCL syntax-tree match",
    ),
    Definition(
        "stray_tool_calls",
        "stray tool calls",
        "count",
        "lower",
        "calls beyond the expected ones, wrong arguments included",
        "tau2-bench action checks",
    ),
    Definition(
        "wer",
        "word error rate",
        "share",
        "lower",
        "words of the caller that the server heard wrongly, of those said",
        "jiwer; NIST: (S + D + I) / N",
        ("word_errors", "words"),
    ),
    Definition(
        "cer",
        "character error rate",
        "share",
        "lower",
        "characters heard wrongly, of those said",
        "jiwer; NIST: (S + D + I) / N",
        ("character_errors", "characters"),
    ),
    Definition(
        "usd", "cost", "USD", "lower", "what the session costs at list prices", "rtkit.read_cost"
    ),
    *(
        Definition(name, name.replace("_", " "), "count", None, meaning)
        for name, meaning in (
            ("turns", "questions and interruptions of the caller"),
            ("barge_ins", "times the caller spoke over an answer, for a turn of its own"),
            ("backchannels", "backchannels of the caller"),
            ("noises", "noises on the caller's side"),
            ("tool_calls", "calls of tools that the caller expects"),
            ("words", "words that the caller said"),
            ("word_errors", "of them substituted, deleted, or inserted"),
            ("characters", "characters that the caller said"),
            ("character_errors", "of them substituted, deleted, or inserted"),
        )
    ),
)

DEFINITIONS: Mapping[str, Definition] = {row.name: row for row in _ROWS}
"""Every key of `rtkit.evals.scores`, and what it stands for."""


def definition(score: str) -> Definition:
    """The definition of a score; ValueError with the names if there is none of that name."""
    if score not in DEFINITIONS:
        names = ", ".join(name for name, row in DEFINITIONS.items() if row.headline)
        raise ValueError(f"no score is named {score!r}. Allowed: {names}.")
    return DEFINITIONS[score]
