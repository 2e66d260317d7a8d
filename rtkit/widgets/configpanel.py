"""The panel: a configuration as a form, with what it means, what is wrong with it, and its code.

The value is the one truth: a control that is moved makes a new value, and all that is shown
follows from it. What no control shows of it stays untouched. Messages of the page and cells may
come on different threads, so that whatever changes the panel holds its lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from rtkit.draft import Draft, as_config
from rtkit.errors import ConfigError, RtkitError
from rtkit.form import ENTRIES, Config, setting_at
from rtkit.linter import Findings, lint
from rtkit.rulebook import EMBEDDED
from rtkit.session import AsyncSession, Session
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.sheets import Sheet
from rtkit.sourcecode import as_python

from . import notes
from .messages import unroute
from .panelview import OWN, PanelView, family
from .sample import sample
from .sources import as_json
from .updates import CLOSED, LIVE, Outcome, Updates, in_force

if TYPE_CHECKING:
    from rtkit.targets import Target

WAITING = Outcome("waiting", "The change is on its way.")
READY = Outcome("applied", "It works with this configuration; every change is sent to it.")


class Configuration(traitlets.TraitType[Any, Any]):
    """A trait that holds a configuration; what is none is refused as `as_config` does."""

    def validate(self, obj: object, value: object) -> Config:
        return as_config(value)


class ConfigPanel(ipywidgets.VBox):  # type: ignore[misc]  # it has no types
    """A configuration to be looked at and changed by hand, in the output of a cell.

    `config` is a RealtimeSessionConfig, a TranscriptionSessionConfig or a GA session dict; left
    out, it is that of the session, else a new one. `session`, an open one, gets every change 250 ms
    after the last. `target` is the server that the findings are about, named as for `rtkit.lint`;
    left out, that of the session, else the embedded one.

    `value` is the configuration as it stands, a new frozen object after each change; assigning
    another moves the controls, and `observe(handler, "value")` tells of both. Without a page it is
    a table. TypeError for what is no configuration or session, ConfigError for what no session can
    have; nothing changes then.
    """

    value = Configuration()

    def __init__(
        self,
        config: Config | Mapping[str, Any] | None = None,
        *,
        session: LIVE | None = None,
        target: str | Target | None = None,
    ) -> None:
        if session is not None and not isinstance(session, Session | AsyncSession):
            raise TypeError(
                f"session takes what rtkit.connect(...) returns, found {type(session).__name__}."
            )
        self._in_force = in_force(session) if session is not None else None
        start = as_config(config) if config is not None else self._in_force
        start = start or RealtimeSessionConfig()
        if target is None:
            target = session.target if session is not None else EMBEDDED
        self._target = target
        self._findings = lint(start, target=target)
        self._lock = RLock()
        self._showing = False
        self._refusals: dict[str, str] = {}  # by what a configuration may be
        self._declined: dict[str, str] = {}  # by the session's server
        self._heard = ""
        self._draft = Draft(start)
        self._updates: Updates | None = None
        self._view = PanelView(self._draft, self._edited, session is not None)
        super().__init__(self._view.children)
        self.add_class("rtkit-configpanel")
        self.value = start
        self._view.use_case.observe(self._load, "value")
        self._view.listen.on_click(self._listen)
        self._view.sources.on_msg(self._silent)
        self._view.back.on_click(self._go_back)
        for widget in family(self):
            unroute(widget.comm)
        if session is not None:
            self._go_live(session)

    def _go_live(self, session: LIVE) -> None:
        self._view.form.disable("model")  # a session keeps the one that it was opened with
        self._view.say(CLOSED if session.closed else READY)
        self._updates = Updates(session, self._tell)
        if self._in_force != self.value:
            self._hand_over()

    # what cells read

    @property
    def findings(self) -> Findings:
        """What the linter says of the value."""
        return self._findings

    @property
    def python(self) -> str:
        """The statement that makes the value."""
        return as_python(self.value)

    @property
    def json(self) -> str:
        """The GA session that the value is sent as, as JSON."""
        return as_json(self.value.to_session())

    def sheet(self) -> Sheet:
        """Every setting of the form: its value, what it means, and what was found."""
        return notes.table(self.value, self._findings)

    # what changes the value

    @traitlets.observe("value")
    def _assigned(self, change: Any) -> None:
        with self._lock:
            if self._draft.config is not change["new"]:  # not by a control
                self._draft = Draft(change["new"])
                self._refusals.clear()
                self._show(ENTRIES)
            self._refresh()
            self._hand_over()

    def _edited(self, setting: str) -> None:
        """A control was moved, by the person or from a cell."""
        with self._lock:
            if self._showing:
                return
            before = self._draft.config
            try:
                after = self._draft.set(setting, self._view.form.controls[setting].read(before))
            except ConfigError as refusal:
                self._refusals[setting] = str(refusal)
                self._refresh()
                return
            self._refusals.pop(setting, None)
            self._heard = "" if setting == "voice" else self._heard
            self._show([n for n in ENTRIES if n != setting and _differ(n, before, after)])
            self._take(after)

    def _load(self, change: Any) -> None:
        """A use case was chosen."""
        with self._lock:
            if self._showing:
                return
            if change["new"] != OWN:
                self._draft.load(change["new"])
                self._refusals.clear()
                self._show(ENTRIES)
            self._take(self._draft.config)

    def _take(self, config: Config) -> None:
        if self.value == config:
            self._refresh()  # nobody is told, but a refusal may be gone
        self.value = config

    def _go_back(self, _: object) -> None:
        if self._in_force is not None:
            self.value = self._in_force

    # what follows from the value

    def _show(self, settings: Iterable[str]) -> None:
        """Move controls without taking it for the person's doing."""
        self._showing = True
        try:
            self._view.form.show(self._draft.config, list(settings))
        finally:
            self._showing = False

    def _refresh(self) -> None:
        """Draw everything that is said of the value."""
        self._findings = lint(self._draft.config, target=self._target)
        self._showing = True
        try:
            refusals = {**self._declined, **self._refusals}
            self._view.draw(self._draft, self._findings, refusals, self._heard)
        finally:
            self._showing = False

    def _listen(self, _: object) -> None:
        """Speak a sentence in the chosen voice."""
        try:
            wav, told = sample(self.value)
        except RtkitError as problem:
            self._say_of_voice(str(problem))
            return
        self._view.sources.play(wav)
        self._say_of_voice(told)

    def _silent(self, _: object, content: Mapping[str, Any], buffers: object) -> None:
        """The page could not play."""
        self._say_of_voice(f"This page could not play the voice ({content.get('silent')}).")

    def _say_of_voice(self, text: str) -> None:
        with self._lock:
            self._heard = text
            self._refresh()

    # the session

    def _hand_over(self) -> None:
        if self._updates is not None:
            self._view.say(WAITING)
            self._updates.want(self._draft.config)

    def _tell(self, outcome: Outcome) -> None:
        """What came of an update; on a thread of its own."""
        with self._lock:
            if outcome.word in ("applied", "otherwise"):
                self._in_force = outcome.config
            if outcome.config not in (None, self._draft.config):
                return  # it has changed since then, so that another outcome will come
            setting = setting_at(outcome.param)
            refused = outcome.word == "refused" and setting in ENTRIES
            self._declined = {str(setting): outcome.text} if refused else {}
            self._refresh()
            self._view.say(outcome)

    def close(self) -> None:
        """Take the panel away; a session that it was given goes on without it."""
        updates = self.__dict__.get("_updates")
        if updates is not None:
            updates.close()
        super().close()

    def __repr__(self) -> str:
        return f"ConfigPanel({self.value!r})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        sheet = self.sheet()
        return {**data, "text/plain": sheet.text(), "text/html": sheet.html()}, metadata


def _differ(setting: str, before: Config, after: Config) -> bool:
    return bool(getattr(before, setting, None) != getattr(after, setting, None))
