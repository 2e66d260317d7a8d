"""Exercises and questions of notebook 06, the event stream."""

from __future__ import annotations

from collections.abc import Sequence

from rtkit import events
from rtkit.timeline import Timeline

from .exercise import Case, Exercise, function
from .questionnaire import ask, no, yes


def _spoken(stopped_at: float, first_at: float, before: bool = False) -> Timeline:
    """A turn whose speech stops and whose first sound comes at these times (seconds).

    `before`: an earlier answer has already been heard.
    """
    from rtkit.testing.story import Story

    story = Story()
    if before:
        story.wait(0.1)
        story.begin("r0")
        story.speak(100, "i0", "r0")
        story.end("r0")
    story.hear(events.SPEECH_STARTED, item_id="u1", audio_start_ms=400)
    story.wait(stopped_at - story.now)
    story.hear(events.SPEECH_STOPPED, 0.0, item_id="u1", audio_end_ms=1900)
    story.begin("r1")
    story.hear(events.TRANSCRIPT_DELTA, item_id="i1", response_id="r1", delta="Paris")
    story.wait(first_at - story.now)
    for _ in range(3):
        story.speak(200, "i1", "r1", after=0.0)
        story.wait(0.05)
    story.end("r1")
    return story.timeline


def _first_sounds() -> Sequence[Case]:
    why = "From `speech_stopped` to the *first* `response.output_audio.delta`, in seconds."
    return (
        Case((_spoken(2.0, 2.25),), 0.25, why, what="stopped at 2 s, sound at 2.25 s"),
        Case(
            (_spoken(1.0, 2.5),),
            1.5,
            "Words come before sound: a transcript delta is not heard.",
            what="stopped at 1 s, sound at 2.5 s",
        ),
        Case(
            (_spoken(3.0, 3.125, before=True),),
            0.125,
            "An answer of before is in the stream, too: take the first sound *after* the stop.",
            what="the same, after an earlier answer",
        ),
    )


def _said(*responses: tuple[str, str]) -> Timeline:
    """Responses whose words come in pieces, mixed with each other."""
    from rtkit.testing.story import Story

    story = Story()
    pieces = [(id_, word) for id_, words in responses for word in words.split("|")]
    for id_, _ in responses:
        story.begin(id_)
    for id_, word in sorted(pieces, key=lambda piece: piece[1].isupper()):
        story.hear(events.TRANSCRIPT_DELTA, item_id=f"i_{id_}", response_id=id_, delta=word)
    for id_, words in responses:
        whole = words.replace("|", "")
        item = f"i_{id_}"
        story.hear(events.TRANSCRIPT_DONE, item_id=item, response_id=id_, transcript=whole)
        story.end(id_)
    return story.timeline


def _answers() -> Sequence[Case]:
    return (
        Case(
            (_said(("r1", "The| capital| is| Paris.")),),
            {"r1": "The capital is Paris."},
            "Join the deltas as they are: they bring their own spaces.",
            what="one answer in four deltas",
        ),
        Case(
            (_said(("r1", "One|, two."), ("r2", "Three|.")),),
            {"r1": "One, two.", "r2": "Three."},
            "Two answers: the `response_id` of each delta says to which it belongs.",
            what="two answers",
        ),
        Case((_said(),), {}, "Nothing was said.", hidden=True, what="no answer"),
    )


def _refused(which: int, of: int, more: bool = False) -> Timeline:
    """Items are deleted, and the server refuses one of them."""
    from rtkit.testing.story import Story

    story = Story()
    ids = [
        story.send("conversation.item.delete", item_id=f"item_{n}", event_id=f"mine_{n}")
        for n in range(of)
    ]
    for n in range(of):
        if n != which:
            story.hear("conversation.item.deleted", item_id=f"item_{n}")
    words = {"type": "invalid_request_error", "code": "item_not_found", "message": "No such item."}
    error = {**words, "param": None, "event_id": ids[which]}
    story.hear("error", event_id="event_of_the_error", error=error)
    if more:
        story.send("conversation.item.delete", item_id="item_later")
    return story.timeline


def _blamed() -> Sequence[Case]:
    why = (
        "In the `error`, `event_id` is that of the *event you sent*; that event has the `item_id`. "
        "(The `event_id` one level up is the error's own.)"
    )
    return (
        Case((_refused(1, 2),), "item_1", why, what="two deleted, the second refused"),
        Case(
            (_refused(0, 3),),
            "item_0",
            "It need not be the newest event that you sent: follow the id.",
            what="three deleted, the first refused",
        ),
        Case(
            (_refused(1, 3, more=True),),
            "item_1",
            "Events may have been sent since: follow the id.",
            hidden=True,
            what="one of the middle, and an event since",
        ),
    )


EXERCISES = (
    Exercise(
        "06.1",
        "Until the first sound",
        function("first_sound", _first_sounds, within=1e-3),
        "`timeline.select(...)` gives moments, and a moment has its time `t`.",
    ),
    Exercise(
        "06.2",
        "Words by response",
        function("answers", _answers),
        "Go through `response.output_audio_transcript.delta`; a dict collects by `response_id`.",
    ),
    Exercise(
        "06.3",
        "Who is to blame",
        function("blamed", _blamed),
        "moment.event['error']['event_id'] is the id of the event that was refused.",
    ),
)

QUESTIONS = (
    ask(
        "When has the person heard the answer?",
        no("At `response.done`", "Then the server has *sent* it, seconds earlier."),
        no("At `response.output_audio.done`", "Then its last sound was sent."),
        yes("When the player has played it", "Nobody on the wire knows; it is a local fact."),
    ),
    ask(
        "You answered a function call with an item, and there is silence. What is missing?",
        yes("`response.create`", "The server never goes on by itself after a tool."),
        no("`input_audio_buffer.commit`", "Nothing was spoken."),
        no("Patience", "Nothing more will come."),
    ),
    ask(
        "An event of a type comes that you do not know. What do you do?",
        no("Close the session", "Then each new type would end your program."),
        yes("Ignore it", "New types and fields do appear; what you know still holds."),
        no("Raise an error", "Nothing is wrong: the service has grown."),
    ),
)
