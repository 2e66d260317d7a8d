import sys

import pytest

from rtkit.canvas import STYLE, new_axes
from rtkit.errors import MissingExtra


def brightness(color):
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_the_two_speakers_stay_apart_in_greyscale():
    assert abs(brightness(STYLE["user"]) - brightness(STYLE["assistant"])) > 60


def test_words_stand_out_from_the_shade_behind_them():
    for name in ("ink", "faint"):
        assert brightness(STYLE["shade"]) - brightness(STYLE[name]) > 120


def test_without_matplotlib_the_error_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingExtra, match=r"matplotlib.* Do: pip install 'rtkit\[lab\]'"):
        new_axes(8, 3)
