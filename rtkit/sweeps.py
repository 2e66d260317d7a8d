"""Turn detection under many settings on labelled material, and which of them to take.

The detector hears each clip once; the settings are then tried on what it heard. What is handed to
an executor is one clip with all settings, which can be pickled, so threads, processes and clusters
(any `concurrent.futures.Executor`) do. What a lost worker was doing is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

from rtkit.clip import Clip
from rtkit.detectors import as_detector, listen
from rtkit.errors import DataError
from rtkit.formats import AudioFormat
from rtkit.labelled import Labelled
from rtkit.parts import VADConfig
from rtkit.scores import CUT_OFF_COST_MS, Score, score
from rtkit.segments import described, in_force, segment
from rtkit.sheets import Sheet, Shown
from rtkit.vad import Detector
from rtkit.workers import Workers

if TYPE_CHECKING:
    from concurrent.futures import Executor

Setting = Mapping[str, Any]
Grid = Mapping[str, Any] | Iterable[VADConfig | Setting]

USUAL_GRID: Mapping[str, Sequence[Any]] = {
    "threshold": (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    "silence_duration_ms": (200, 300, 400, 500, 600, 700, 800, 1000),
}
WORTH_MS = 50.0
"""A setting that waits this much less is told of, with what it costs."""

HEAD = (
    "setting",
    "cost ms",
    "wait ms",
    "cut-offs",
    "fragments",
    "missed",
    "unended",
    "false onsets",
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One setting, a wire `turn_detection` object, and its score on all the material."""

    vad: Setting
    score: Score

    @property
    def config(self) -> VADConfig:
        """The setting as a VADConfig."""
        names = set(VADConfig.model_fields) & set(self.vad)
        return VADConfig(mode=self.vad["type"], **{name: self.vad[name] for name in names})

    def _cells(self) -> list[str]:
        found = self.score
        return [
            described(self.vad),
            f"{found.cost_ms:.0f}",
            f"{found.wait_ms:.0f}",
            f"{found.cut_offs}",
            f"{found.fragments_per_utterance:.2f}",
            f"{found.missed}",
            f"{found.unended}",
            f"{found.false_onsets}",
        ]


@dataclass(frozen=True, slots=True, repr=False)
class Recommendation(Shown):
    """The setting to take, beside the default, and in words what it gains and what it costs."""

    trial: Trial
    default: Trial
    trade_off: str

    @property
    def config(self) -> VADConfig:
        """The recommended setting."""
        return self.trial.config

    def on(
        self,
        material: Labelled | Iterable[Labelled],
        *,
        detector: str | Callable[[], Detector] = "silero",
        format: AudioFormat = AudioFormat.PCM16,
        executor: Executor | None = None,
    ) -> Recommendation:
        """The same setting beside the default on other clips; arguments as those of `sweep`.

        That is what a recommendation is worth: on the clips it was learnt from it looks better.
        """
        tried = sweep(
            material, [self.trial.vad], detector=detector, format=format, executor=executor
        )
        trial, default = tried.trials[-1], tried.default
        text = (
            "It is the default."
            if trial is default
            else f"On {default.score.utterances} other utterances it "
            f"{_change(trial.score, default.score)}: it costs {default.score.cost_ms:.0f} ms with "
            f"the default and {trial.score.cost_ms:.0f} ms with it."
        )
        return Recommendation(trial, default, text)

    def sheet(self) -> Sheet:
        """Both settings, under the trade-off."""
        rows = [
            [name, *trial._cells()]
            for name, trial in (("recommended", self.trial), ("default", self.default))
        ]
        return Sheet(("", *HEAD), rows, self.trade_off)

    def __repr__(self) -> str:
        return f"Recommendation({described(self.trial.vad)}: {self.trade_off})"


@dataclass(frozen=True, slots=True, repr=False)
class Sweep(Shown):
    """The trials of a sweep, the default's among them. It shows itself as a table, best first."""

    trials: tuple[Trial, ...]
    default: Trial

    def table(self, most: int | None = None) -> Sheet:
        """A line for each setting, the lowest cost first; the first `most` of them."""
        best = sorted(self.trials, key=lambda trial: trial.score.cost_ms)[:most]
        found = self.default.score
        title = (
            f"{found.utterances} utterances in {found.seconds:.0f} s. Cost: mean wait in ms "
            f"+ {CUT_OFF_COST_MS:,.0f} x cut-offs per utterance."
        )
        return Sheet(HEAD, [trial._cells() for trial in best], title, "No setting was tried.")

    def sheet(self) -> Sheet:
        """The whole table."""
        return self.table()

    def recommend(self) -> Recommendation:
        """The setting that is surest to cost less than the default, or the default itself.

        It cuts off no more, misses no more and begins no more turns while nobody speaks than the
        default does. Of those it is the one whose gain is largest at worst (see
        `Score.sure_change_ms`): the lowest cost of a small set is often luck, and is lost on the
        next recording.
        """
        base = self.default.score
        others = [trial for trial in self.trials if _no_worse(trial.score, base)]
        best = min(others, key=lambda trial: trial.score.sure_change_ms(base))
        if best.score.sure_change_ms(base) >= 0:
            best = self.default
        return Recommendation(best, self.default, self._trade_off(best))

    def _trade_off(self, best: Trial) -> str:
        """What changes from the default to the best, and what less waiting would cost."""
        base = self.default.score
        if best is self.default:
            text = f"Keep the default: in {base.utterances} utterances nothing is surely better."
        else:
            text = f"Beside the default it {_change(best.score, base)}."
        quicker = [t for t in self.trials if t.score.wait_ms < best.score.wait_ms - WORTH_MS]
        if quicker:
            other = min(quicker, key=lambda trial: trial.score.cost_ms)
            text += f" Quicker: {described(other.vad)} {_change(other.score, best.score)}."
        return text

    def __repr__(self) -> str:
        return f"Sweep({len(self.trials)} settings, {self.default.score.utterances} utterances)"


def sweep(
    material: Labelled | Iterable[Labelled],
    grid: Grid = USUAL_GRID,
    *,
    detector: str | Callable[[], Detector] = "silero",
    format: AudioFormat = AudioFormat.PCM16,
    executor: Executor | None = None,
) -> Sweep:
    """Try settings of turn detection on labelled clips, or on one.

    `grid` is values by name ({"threshold": (0.4, 0.6), "silence_duration_ms": 500}), of which every
    combination is tried, or a list of settings. The default is tried too. `detector`
    is a name that `rtkit.listen` knows or what makes one (with processes: something that can be
    pickled). ConfigError for a setting that a server refuses, TypeError for a clip without labels.
    """
    settings = _settings(grid)
    material = _checked(material)
    judge = partial(_judge, settings=settings, detector=detector, format=format)
    scores = Workers(executor, judge).map(material)
    by_setting = zip(settings, zip(*scores, strict=True), strict=True)
    trials = tuple(Trial(vad, sum(of_clips, Score())) for vad, of_clips in by_setting)
    return Sweep(trials, trials[0])


def _checked(material: Labelled | Iterable[Labelled]) -> list[Labelled]:
    """The labelled clips, of which there are some."""
    found = [material] if isinstance(material, Clip | Labelled) else list(material)
    if wrong := [one for one in found if not isinstance(one, Labelled)]:
        raise TypeError(
            f"a sweep needs clips with labels, found {wrong[0]!r}. Give a list of Labelled, such "
            "as Labelled.by_energy(clip)."
        )
    if not found:
        raise DataError("a sweep needs labelled clips, found none. Give a list of Labelled.")
    return found


def _judge(
    labelled: Labelled,
    settings: Sequence[Setting],
    detector: str | Callable[[], Detector],
    format: AudioFormat,
) -> list[Score]:
    """The scores of one clip, one for each setting."""
    judge = as_detector(detector) if isinstance(detector, str) else detector()
    heard = listen(labelled.clip, judge, format)
    return [score(labelled, segment(heard, vad, labelled.words)) for vad in settings]


def _settings(grid: Grid) -> list[Setting]:
    """What is tried, as wire objects in force; the default first, none twice."""
    if isinstance(grid, Mapping):
        kind = "semantic_vad" if "eagerness" in grid else "server_vad"
        chosen: Iterable[VADConfig | Setting] = (
            {"type": kind, **dict(zip(grid, values, strict=True))}
            for values in product(*map(_values, grid.values()))
        )
    else:
        chosen = grid
    found: list[Setting] = []
    for vad in (None, *chosen):
        wire = in_force(vad)
        if wire is not None and wire not in found:
            found.append(wire)
    return found


def _values(given: Any) -> Iterable[Any]:
    """One value stands for a list of it."""
    return given if isinstance(given, Iterable) and not isinstance(given, str) else [given]


def _no_worse(one: Score, other: Score) -> bool:
    return (
        one.cut_offs <= other.cut_offs
        and one.missed <= other.missed
        and one.false_onsets <= other.false_onsets
    )


def _change(to: Score, since: Score) -> str:
    """In words what one score has over another: waits, cut-offs, and what else differs."""
    waits = to.wait_ms - since.wait_ms
    parts = [f"waits {abs(waits):.0f} ms {'less' if waits < 0 else 'more'}"]
    for verb, before, after in (
        ("cuts off", since.cut_offs, to.cut_offs),
        ("misses", since.missed, to.missed),
        ("begins without speech", since.false_onsets, to.false_onsets),
    ):
        more = 100 * (after - before) / max(to.utterances, 1)
        if after != before:
            count = f"{abs(more):.{0 if abs(more) >= 1 else 1}f}"
            parts.append(f"{verb} {count} {'fewer' if more < 0 else 'more'} in 100")
    if to.cut_offs == since.cut_offs:
        parts.append("cuts off as many")
    return ", ".join(parts[:-1]) + f" and {parts[-1]}" if len(parts) > 1 else parts[0]
