"""The inspector: every event of a timeline, in the output of a cell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rtkit.moments import Moment
from rtkit.timeline import Timeline

from . import assets
from .desk import Desk, timeline_of
from .eventsheet import event_sheet
from .linked import LinkedWidget, allowed_paths

if TYPE_CHECKING:
    from rtkit.handle import Handle
    from rtkit.rerun import Replay

    from .console import LiveConsole

TEXT = "Inspector: the events of a timeline, one by one."
HERE = "It appears here when the notebook is open in JupyterLab."


class Inspector(LinkedWidget):
    """Look at every event of a timeline: what it says, what it belongs to, what it broke.

    `of` is a Timeline, a session, a Replay or a LiveConsole (it is followed while it grows), or the
    path of a saved timeline or a recording; TypeError for anything else, RtkitError for a file that
    holds none. `search` is what is looked for at first:

        capital     "two words"     type:response.*     item_id:item_7     from:server     -append

    Events are shown as the timeline holds them: without keys, sound as its length. Requests and
    answers are linked, events out of order (`rtkit.rules`) marked; an event that carried sound or
    words plays them. `selected` is the event that was chosen in the page. `transport` allows only
    one way to the page: "direct", "proxy" or "messages". Headless it is a table.
    """

    _esm = assets.module("inspector")
    _css = assets.style("inspector")
    text = f"{TEXT} {HERE}"

    def __init__(
        self,
        of: Timeline | Handle | Replay | LiveConsole | str | os.PathLike[str],
        *,
        search: str = "",
        transport: str | None = None,
    ) -> None:
        paths = allowed_paths(transport)
        if not isinstance(search, str):
            raise TypeError(f"search is {search!r}. Allowed: a text such as 'type:error'.")
        self._source, live = timeline_of(of)
        self._desk = Desk(self._source, search, live)
        super().__init__(self._desk, paths)

    @property
    def timeline(self) -> Timeline:
        """What is shown; of a console that of its newest session."""
        return self._source()

    @property
    def selected(self) -> Moment | None:
        """The event that was chosen last in a page; None before that."""
        index = self._desk.selected
        return None if index is None else self.timeline[index]

    def close(self) -> None:
        """Take the inspector away, and let its pages go. The timeline stays."""
        desk = self.__dict__.get("_desk")  # none when the arguments were refused
        if desk is not None:
            desk.close()
            if self._socket is not None:
                self._socket.forget(desk)
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        sheet = event_sheet(self.timeline, TEXT)
        return {**shown[0], "text/plain": sheet.text(), "text/html": sheet.html()}, shown[1]
