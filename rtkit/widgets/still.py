"""A tuner where there is no page: a sentence and a picture."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rtkit.canvas import WIDE
from rtkit.clipview import as_text, png_of
from rtkit.segments import Segmentation

from .outcome import summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HIGH = 2.6  # inches of each setting


def still(found: Sequence[Segmentation], text: str) -> dict[str, Any]:
    """What Jupyter stores of one or two settings; only words without matplotlib."""
    said = "".join(f"<p>{html.escape(line)}</p>" for line in (text, *map(summary, found)))
    png = png_of(WIDE, HIGH * len(found), lambda figure: _draw(figure, found))
    if png is None:
        return {"text/plain": text, "text/html": said}
    picture = f'<img alt="turns of the clip" src="data:image/png;base64,{as_text(png)}">'
    return {"text/plain": text, "text/html": said + picture, "image/png": as_text(png)}


def _draw(figure: Figure, found: Sequence[Segmentation]) -> None:
    from rtkit.turnview import segmentation

    for one, axes in zip(found, figure.subplots(len(found), squeeze=False)[:, 0], strict=True):
        segmentation(one, axes)
