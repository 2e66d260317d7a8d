"""Exercises and questions of notebook 07, live conversation and interruption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rtkit.canvas import STYLE

from .exercise import Case, Exercise, function
from .questionnaire import ask, no, yes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CUTS = (
    Case((900.7, 2000), 900, "`audio_end_ms` is a whole number, and not more than was heard."),
    Case(
        (2040, 2000),
        2000,
        "A clock can run ahead of the sound: what was never received cannot be kept, and asking "
        "for it is an error.",
    ),
    Case(
        (0, 2000),
        0,
        "Two seconds came, and none of it was heard: cut at 0, or the model believes that it said "
        "them.",
    ),
    Case((0, 0), None, "Nothing came: there is no sound to cut, and asking for it is an error."),
    Case((1500.2, 1500.9), 1500, "Both may have a part of a millisecond.", hidden=True),
    Case((12.0, 0), None, "Nothing came, whatever the clock says.", hidden=True),
)

TALK = ("playback.started", "playback.position", "playback.flushed", "turn.started")
PLAYING = "Sound is being played: the microphone would hear the loudspeaker."
MICROPHONE = (
    Case(([],), True, "Nothing was ever played: the microphone is open."),
    Case((list(TALK[:1]),), False, PLAYING),
    Case((list(TALK[:2]),), False, "A position is a sign of playing, too."),
    Case((list(TALK[:3]),), True, "After a flush all is silent at once."),
    Case((list(TALK),), True, "What is no `playback.` does not make a sound: look further back."),
    Case(
        (["playback.started", "turn.started"],),
        False,
        "What is no `playback.` does not end one: look further back.",
        hidden=True,
    ),
    Case((["playback.started", "playback.finished"],), True, "An answer may end by itself."),
    Case(
        (["playback.started", "playback.finished", "playback.started"],),
        False,
        "Only the newest of them counts: the next answer plays already.",
        hidden=True,
    ),
)

PIECE_MS, PIECES, HEARD_S = 500, 4, 1.2


def _two_answers() -> Sequence[Case]:
    """One answer that was heard to its end, and one that was cut."""
    from rtkit.testing.story import Story

    story = Story()
    for number, heard_s in ((1, 3.0), (2, HEARD_S)):
        story.begin(f"r{number}")
        for _ in range(PIECES):
            story.speak(PIECE_MS, f"item_{number}", f"r{number}")
        story.end(f"r{number}")
        story.wait(heard_s)
    story.interrupt()
    (cut,) = story.timeline.select("conversation.item.truncate")
    unheard = float(PIECE_MS * PIECES - cut.event["audio_end_ms"])
    story.begin("r3")
    story.speak(PIECE_MS, "item_3", "r3")
    return (
        Case(
            (story.timeline, "item_1"),
            0.0,
            "It was heard to its end: there is no truncate of it.",
            what="an answer heard to its end",
        ),
        Case(
            (story.timeline, "item_2"),
            unheard,
            "Milliseconds received, less the `audio_end_ms` of *this* item's truncate; a "
            "millisecond has 24 samples.",
            what=f"one of {PIECE_MS * PIECES} ms, cut",
        ),
        Case(
            (story.timeline, "item_3"),
            0.0,
            "Nobody has cut it (yet).",
            hidden=True,
            what="one that has just begun",
        ),
    )


def _cut(answer: Any, figure: Figure) -> None:
    """For each case how much was received and heard, and where the answer cuts."""
    ax = figure.subplots()
    for row, case in enumerate(CUTS[:4]):
        played, received = case.given
        ax.barh(row, received, color=STYLE["pale assistant"], height=0.6)
        ax.barh(row, played, color=STYLE["user"], height=0.25)
        cut = answer(played, received)
        if cut is not None:
            ax.plot([cut, cut], [row - 0.42, row + 0.42], color=STYLE["ink"], linewidth=2)
        ax.text(2120, row, "nothing sent" if cut is None else f"cut at {cut}", va="center")
    ax.set_yticks(range(4), [f"heard {case.given[0]:g}" for case in CUTS[:4]])
    ax.invert_yaxis()
    ax.set(xlabel="ms of the answer; pale is received, blue heard, the stroke is yours")
    ax.set(xlim=(0, 2700), xticks=(0, 500, 1000, 1500, 2000))
    ax.spines[["top", "right"]].set_visible(False)


EXERCISES = (
    Exercise(
        "07.1",
        "Where an answer is cut",
        function("cut_at", CUTS),
        "The smaller of the two, as a whole number; and None where nothing was received.",
        _cut,
    ),
    Exercise(
        "07.2",
        "Half duplex",
        function("may_send", MICROPHONE),
        "Keep only the types that begin with `playback.`; the last of them decides.",
    ),
    Exercise(
        "07.3",
        "Received and never heard",
        function("wasted_ms", _two_answers, within=2.0),
        "Of the moments of this item: samples in its audio deltas by 24, less the cut if any.",
    ),
)

QUESTIONS = (
    ask(
        "The server sent ten seconds of an answer, and after three somebody speaks over it. Who "
        "knows that it was three?",
        no("The server", "It sent all of it long ago, faster than it is heard."),
        yes("Whoever plays it", "Only the player counts the samples that became sound."),
        no("The model", "It made the words, and believes all of them said until it is told."),
    ),
    ask(
        "A person interrupts. What does the client do first?",
        yes("It silences the loudspeaker", "That is what the person notices; the rest can wait."),
        no("It sends the truncate", "Where to cut is known only once the loudspeaker is silent."),
        no("It waits for `response.done`", "That may have come long ago, with seconds unplayed."),
    ),
    ask(
        "You never send `conversation.item.truncate`. What goes wrong?",
        no("The next answer is refused", "Nothing is refused: the session goes on."),
        no("The loudspeaker plays on", "It was silenced here, without the server."),
        yes("The assistant builds on words nobody heard", "They stay in what it remembers."),
    ),
)
