import pytest

pytest.importorskip("matplotlib")

from rtkit.lettering import width, wrapped

TEXT = "once upon a time there was a king who had three sons"


def test_every_line_fits():
    for room in (40, 60, 90, 400):
        assert all(width(line, 8) <= room for line in wrapped(TEXT, room, 8, 20))


def test_nothing_is_lost_where_there_is_room():
    assert " ".join(wrapped(TEXT, 90, 8, 20)) == TEXT


def test_what_does_not_fit_ends_in_dots():
    lines = wrapped(TEXT, 60, 8, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("...")
    assert width(lines[-1], 8) <= 60


def test_a_word_that_is_wider_than_a_line_is_cut():
    assert wrapped("incomprehensibilities", 40, 8, 3)[0].endswith("...")


def test_a_column_too_narrow_for_words_gets_none():
    assert wrapped(TEXT, 10, 8, 4) == []
    assert wrapped("", 100, 8, 4) == []
