import sys

import pytest

pytest.importorskip("matplotlib")

from rtkit.canvas import STYLE, new_axes, width, wrapped
from rtkit.errors import MissingExtra

TEXT = "once upon a time there was a king who had three sons"


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
        new_axes(3)


def test_every_line_fits():
    for room in (40, 60, 90, 400):
        assert all(width(line, 8) <= room for line in wrapped(TEXT, room, 8, 20))


def test_nothing_is_lost_where_there_is_room():
    assert " ".join(wrapped(TEXT, 90, 8, 20)) == TEXT


@pytest.mark.parametrize("room", range(60, 110, 7))
def test_what_does_not_fit_ends_in_dots_after_a_whole_word(room):
    lines = wrapped(TEXT, room, 8, 2)
    assert len(lines) == 2
    assert TEXT.startswith(" ".join(lines).removesuffix("..."))
    assert lines[-1].removesuffix("...").split()[-1] in TEXT.split()
    assert lines[-1].endswith("...")
    assert width(lines[-1], 8) <= room


def test_a_word_that_is_wider_than_a_line_is_cut():
    assert wrapped("incomprehensibilities", 40, 8, 3)[0].endswith("...")


def test_a_column_too_narrow_for_words_gets_none():
    assert wrapped(TEXT, 10, 8, 4) == []
    assert wrapped("", 100, 8, 4) == []
