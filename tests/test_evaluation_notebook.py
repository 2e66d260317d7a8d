"""Notebook 13: its measure, and what it claims of the settings that it compares."""

from lessonbook import Lesson

import rtkit
from rtkit.evals import Caller, Expect, Play

LESSON = Lesson("13_evaluation")


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=5)


def test_the_settings_cut_off_as_many_strangers_as_the_text_says():
    """By the rule that the server follows, in the sound of each caller; no call is made."""
    cells = "\n".join(cell.source for cell in LESSON.code)
    names = {"rtkit": rtkit, "Clip": rtkit.Clip, "Caller": Caller, "Expect": Expect, "Play": Play}
    thinker = cells[cells.index("def thinker") : cells.index("team =")]
    exec(thinker, names)
    exec(next(line for line in cells.splitlines() if line.startswith("pauses =")), names)
    clips = [names["thinker"]("x", pause).steps[0].clip for pause in names["pauses"]]
    heard = [rtkit.listen(clip.padded(0.5, 1.5)) for clip in clips]
    cut = {
        ms: sum(
            len(rtkit.segment(one, rtkit.VADConfig(silence_duration_ms=ms)).segments) > 1
            for one in heard
        )
        for ms in (300, 500, 800)
    }
    assert cut == {300: 6, 500: 2, 800: 0}
