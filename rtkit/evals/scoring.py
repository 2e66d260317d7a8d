"""The scores of one call of a scripted caller: what `rtkit.evals.DEFINITIONS` lists, measured.

Nothing is played or asked again: all is read from the timeline, in which the caller's own moments
(`caller.speech`, `caller.turn`) stand beside what was on the wire.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from rtkit import dialects, events
from rtkit.agreement import effective_session
from rtkit.cost import read_cost
from rtkit.timeline import Timeline

from .definitions import DEFINITIONS
from .outcomes import Outcome, read_outcomes
from .toolscore import score_tools
from .wording import character_errors, word_errors

Scores = dict[str, float | None]


def scores(timeline: Timeline) -> Scores:
    """The scores of one timeline by name; None for what cannot be measured in it.

    Counts are floats, too. MissingExtra without jiwer. See `rtkit.evals.DEFINITIONS`.
    """
    outcomes = read_outcomes(timeline)
    found = {
        **_turn_taking(outcomes),
        **_reactions(outcomes),
        **_tools(timeline),
        **_words(timeline, outcomes),
        "usd": read_cost(timeline).usd,
    }
    return {name: found[name] for name in DEFINITIONS}


def _turn_taking(outcomes: Sequence[Outcome]) -> Scores:
    turns = [one for one in outcomes if one.speech.asks]
    barge_ins = [one for one in turns if one.spoken_over and one.settled]
    yields = [one.yield_ms for one in barge_ins if one.yielded]
    return {
        "turns": len(turns),
        "missed_turns": _count(turns, [one.missed for one in turns]),
        "false_interruptions": _count(turns, [one.interrupted for one in turns]),
        "double_answers": _count(turns, [one.doubled > 0 for one in turns]),
        "response_ms": _mean(one.response_ms for one in turns),
        "barge_ins": len(barge_ins),
        "yields": _count(barge_ins, [True for _ in yields]),
        "yield_ms": _mean(yields),
    }


def _reactions(outcomes: Sequence[Outcome]) -> Scores:
    heard = {
        kind: [one.let_pass for one in outcomes if one.speech.kind == kind]
        for kind in ("backchannel", "noise")
    }
    return {
        "backchannels": len(heard["backchannel"]),
        "talked_through": _count(heard["backchannel"], heard["backchannel"]),
        "noises": len(heard["noise"]),
        "ignored_noises": _count(heard["noise"], heard["noise"]),
    }


def _tools(timeline: Timeline) -> Scores:
    calls = score_tools(timeline)
    if calls is None:
        return dict.fromkeys(("tool_calls", "exact_tool_calls", "stray_tool_calls"))
    exact = float(calls.exact) if calls.expected else None
    return {
        "tool_calls": calls.expected,
        "exact_tool_calls": exact,
        "stray_tool_calls": calls.stray,
    }


def _words(timeline: Timeline, outcomes: Sequence[Outcome]) -> Scores:
    asked = [one for one in outcomes if one.speech.asks]
    if not asked or not _writes_down(timeline):
        names = ("wer", "words", "word_errors", "cer", "characters", "character_errors")
        return dict.fromkeys(names)
    said, heard = (
        " ".join(text)
        for text in zip(*((one.speech.text, one.heard) for one in asked), strict=True)
    )
    words, characters = word_errors(said, heard), character_errors(said, heard)
    return {
        "wer": words.rate,
        "words": words.said,
        "word_errors": words.wrong,
        "cer": characters.rate,
        "characters": characters.said,
        "character_errors": characters.wrong,
    }


def _writes_down(timeline: Timeline) -> bool:
    """Whether the session tells what it hears; else words cannot be judged."""
    if dialects.transcription(effective_session(timeline)) is not None:
        return True
    return any(moment.type == events.TRANSCRIPTION_COMPLETED for moment in timeline)


def _count(among: Sequence[object], right: Iterable[float]) -> float | None:
    """How many; None where there was no opportunity."""
    return float(sum(right)) if among else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
