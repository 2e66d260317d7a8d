"""What came of runs, for people: the figures, the pictures, and the worst turns to hear and see.

`Report(results)` shows itself in a notebook; `save` writes it as one HTML page that stands alone
(pictures and sounds lie in it, nothing is fetched), or as Markdown with its files beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from rtkit.clipview import as_text
from rtkit.sheets import Sheet

from .aggregates import PASSED, flaky, latencies, measured, title_of
from .comparing import Comparison, compare
from .definitions import DEFINITIONS
from .exhibits import case_png, case_wav, png
from .overview import ARROWS, Summary, summary
from .pages import Entry, Page, Part, Picture, Text
from .pictures import plot_latencies, plot_shares
from .results import Result
from .worst import Case, worst_turns

CHANCE = 20
"""Of so many comparisons of equals, one is called sure by chance."""


class Report:
    """The report of some runs: `Report(rtkit.evals.run(...)).save("report.html")`.

    Every configuration is compared with `baseline`, the first one if none is named; the `worst`
    turns are shown and heard. ValueError if there is no run, or none of the baseline.
    """

    def __init__(
        self,
        results: Iterable[Result],
        *,
        title: str = "Evaluation",
        baseline: str | None = None,
        worst: int = 5,
    ) -> None:
        self.results = list(results)
        if not self.results:
            raise ValueError("nothing to report: no run was made. Give the results of a run.")
        self.title, self._worst = title, worst
        configs = dict.fromkeys(one.config for one in self.results)
        self.baseline = next(iter(configs)) if baseline is None else baseline
        if self.baseline not in configs:
            names = ", ".join(map(repr, configs))
            raise ValueError(f"no run of a configuration {self.baseline!r}. There are: {names}.")
        self._others = [name for name in configs if name != self.baseline]

    @cached_property
    def summary(self) -> Summary:
        """The scores by configuration."""
        return summary(self.results)

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """Every score of every configuration against the baseline."""
        names = [PASSED, *measured(self.results)]
        return [
            compare(self.results, self.baseline, other, name)
            for other in self._others
            for name in names
        ]

    @cached_property
    def cases(self) -> list[Case]:
        """The worst turns, the worst first."""
        return worst_turns(self.results, self._worst)

    @cached_property
    def page(self) -> Page:
        """All of it in the order in which it is read."""
        return Page(self.title, tuple(self._parts()))

    def html(self) -> str:
        """One page that stands alone."""
        return self.page.html()

    def markdown(self) -> str:
        """The report without pictures and sounds, as GitHub Markdown."""
        return self.page.markdown()

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the report, and return its path: `.html`, or `.md` with a folder of its pictures
        and sounds beside it. ValueError for another name."""
        path = Path(path)
        if path.suffix.lower() not in (".html", ".md"):
            raise ValueError(
                f"a report is saved as .html or .md, found {path.name!r}. "
                f"Save it as {path.with_suffix('.html').name!r}."
            )
        if path.suffix.lower() == ".html":
            path.write_text(self.html(), encoding="utf-8")
        else:
            folder = path.with_name(f"{path.stem}_files")
            path.write_text(self.page.markdown(folder), encoding="utf-8")
        return path

    def __repr__(self) -> str:
        return f"Report({self.title!r}: {self._made()})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What Jupyter shows: the whole report; where HTML is not kept, its first picture."""
        shares = next(part for part in self.page.parts if isinstance(part, Picture))
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self.page.fragment()}
        return bundle | {"image/png": as_text(shares.png)}

    # what stands in it, in order

    def _made(self) -> str:
        callers = len({one.caller for one in self.results})
        runs, configs = len(self.results), 1 + len(self._others)
        return ", ".join(
            (_many(runs, "run"), _many(callers, "caller"), _many(configs, "configuration"))
        )

    def _parts(self) -> Iterator[Part]:
        yield Text(f"{self._made()}.")
        yield from (Text(line) for line in self._verdicts())
        yield Text("Which share of turns, and of runs?", heading=True)
        yield Picture("shares", "shares by configuration", png(plot_shares(self.results)))
        if self._waits():
            yield Text("How long do callers wait?", heading=True)
            yield Picture("waits", "waits by configuration", png(plot_latencies(self.results)))
        yield Text("Which turns went worst?", heading=True)
        yield from self._worst_parts()
        if self.comparisons:
            yield Text("What changes?", heading=True)
            yield self._changes()
            yield Text(_CAUTION.format(len(self.comparisons), CHANCE))
        yield Text("All figures", heading=True)
        yield self.summary.sheet()
        yield Text("What the scores mean", heading=True)
        yield _meanings([score for score in self.summary.figures if score in DEFINITIONS])

    def _waits(self) -> bool:
        """Whether every configuration has a turn that was answered."""
        runs = ([r for r in self.results if r.config == name] for name in self.summary.configs)
        return all(latencies(one) for one in runs)

    def _verdicts(self) -> Iterator[str]:
        for other in self._others:
            found = [one for one in self.comparisons if one.b == other]
            told = [
                f"{verdict}: {', '.join(names)}"
                for verdict in ("surely better", "surely worse")
                if (names := [_named(one) for one in found if one.verdict == verdict])
            ]
            yield f"{other} against {self.baseline}: {'; '.join(told) or 'no difference is shown'}."
        if names := [f"{caller} ({config})" for caller, config in flaky(self.results)]:
            yield f"Passing at times only: {', '.join(names)}."

    def _worst_parts(self) -> Iterator[Part]:
        if not self.cases:
            yield Text("No run has kept a timeline with a caller's turn in it.")
            return
        if not any(case.faulty for case in self.cases):
            yield Text("Nothing went wrong. These are the slowest turns.")
        for number, case in enumerate(self.cases, 1):
            picture = Picture(f"turn_{number}", str(case), case_png(case))
            yield Entry(str(case), picture, case_wav(case))

    def _changes(self) -> Sheet:
        rows = [(f"{title_of(o.score)}, {o.b}", o.verdict, o.change) for o in self.comparisons]
        return Sheet(("score", "verdict", "change"), rows, f"Against {self.baseline}:")


_CAUTION = (
    "Each interval is a paired bootstrap over runs of the same caller. Of {} comparisons of equals "
    "about 1 in {} would be called sure by chance: decide by the score that you chose before."
)


def _named(comparison: Comparison) -> str:
    return f"{title_of(comparison.score)} ({comparison.size})"


def _meanings(names: Iterable[str]) -> Sheet:
    rows = [
        (f"{one.title}\u00a0{ARROWS[one.better]}", one.meaning, one.source)
        for one in map(DEFINITIONS.__getitem__, names)
        if one.better
    ]
    return Sheet(("score", "meaning", "as in"), rows)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
