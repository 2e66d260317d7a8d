"""A caller as a test: what an evaluation found once is looked for again, every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from os import PathLike
from typing import TYPE_CHECKING, Any

from rtkit.errors import RtkitError
from rtkit.tools import Tool

from .aligned import Row, side_by_side

if TYPE_CHECKING:
    from rtkit.evals.caller import Caller
    from rtkit.evals.results import Result, Results
    from rtkit.evals.work import MakesServer
    from rtkit.opening import ConfigLike
    from rtkit.server.local import ServerOptions
    from rtkit.targets import Target

MOST_SHOWN = 3  # runs that failed
LONGEST = 120  # characters of an answer


class CallFailure(AssertionError, RtkitError):
    """A call did not go as its caller expects; the text shows both sides, turn by turn."""


def check(
    caller: Caller | str | PathLike[str],
    config: ConfigLike | None = None,
    *,
    repeat: int = 1,
    least: float = 1.0,
    target: str | Target | None = None,
    server: ServerOptions | MakesServer | None = None,
    tools: Iterable[Tool | Callable[..., Any]] = (),
    folder: str | PathLike[str] | None = None,
    together: int | None = None,
) -> Results:
    """Let a caller, or that of a YAML file, call this configuration; the results, if all is well.

    Of `repeat` calls a share of `least` (0 to 1) has to go as the caller expects, for what is not
    alike every time. The other arguments are those of `rtkit.evals.run`. CallFailure, which is an
    AssertionError, with what was expected beside what was found.
    """
    from rtkit.evals.caller import Caller
    from rtkit.evals.runs import run

    if not 0 < least <= 1:
        raise ValueError(f"least is a share above 0, to 1, found {least!r}.")
    found = caller if isinstance(caller, Caller) else Caller.load(caller)
    results = run(
        found,
        {"config": config},
        repeat,
        target=target,
        server=server,
        tools=tools,
        folder=folder,
        together=together,
        progress=False,
    )
    if sum(one.passed for one in results) < least * repeat:
        raise CallFailure(told(found, results))
    return results


def told(caller: Caller, results: Results) -> str:
    """What went otherwise than the caller expects, in both columns, run by run."""
    wrong = [one for one in results if not one.passed]
    head = f"{len(wrong)} of {len(results)} calls of {caller.name!r} did not go as expected."
    return "\n\n".join([head, *(_run(caller, one) for one in wrong[:MOST_SHOWN])])


def _run(caller: Caller, result: Result) -> str:
    lines = [f"Run {result.repeat + 1}:"]
    if result.error is not None:
        lines.append(f"it did not come to its end: {result.error}")
    if result.checks:
        lines.append(side_by_side(_rows(caller, result)))
    if result.timeline_path:
        lines.append(f"Its timeline: rtkit.Timeline.load({result.timeline_path!r})")
    return "\n".join(lines)


def _rows(caller: Caller, result: Result) -> Iterator[Row]:
    """Each turn with what was said in it, and below it what was expected."""
    from rtkit.evals.calls import read_call

    answers = {turn.number: turn.text for turn in read_call(result.timeline)}
    for number, step in enumerate(caller.turns, 1):
        if number not in answers:
            return
        said = getattr(step, "text", "") or type(step).__name__.lower()
        answer = answers[number] or "(nothing)"
        yield Row(f"{number} > {said}", f"< {answer[:LONGEST]}")
        for one in result.checks:
            if one.turn == number:
                expected = f"{one.kind}: {one.expected}"
                yield Row(f"    {expected}", f"    {one.found}", not one.passed)
