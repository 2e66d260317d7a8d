"""What the user of a recorded conversation said, and when: cues, to say it again to another server.

When is told by the answer before: so many seconds after it fell silent, or, for somebody who spoke
over it, so many seconds after it began to sound. So the turns stay turns although other answers are
longer or come later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import events
from .reading import Conversation
from .sounds import read_sounds
from .timeline import Timeline

if TYPE_CHECKING:
    from .clip import Clip

AGAIN = frozenset({"reconnecting", "reconnected"})


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing that the user said: a `clip`, or an `item` as the client sent it.

    It comes `after_s` seconds after the answer before it fell silent, or `into` that answer, after
    it began to sound. Of that answer `heard_s` seconds were listened to; None for all.
    `wants_answer` is False for an item that was only put into the conversation.
    """

    start: float
    end: float
    clip: Clip | None = None
    item: Mapping[str, Any] | None = None
    wants_answer: bool = True
    after_s: float = 0.0
    into: bool = False
    heard_s: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """When an answer sounded, or was read; `heard_s` if that was not all of it."""

    start: float
    end: float
    heard_s: float | None = None


def read_cues(timeline: Timeline) -> list[Cue]:
    """The cues of a timeline, in the order in which they came."""
    spoken, answers = [], []
    for sound in read_sounds(timeline):
        if sound.speaker == "assistant":
            answers.append(Answer(sound.start, sound.heard_until, sound.heard_s))
        else:
            start = sound.start if sound.live else sound.end
            spoken.append(Cue(start, sound.end, clip=sound.clip))
    answers += _written(timeline)
    cues = sorted([*spoken, *_put(timeline)], key=lambda cue: cue.start)
    return list(_placed(cues, sorted(answers, key=lambda answer: answer.start)))


def _written(timeline: Timeline) -> Iterator[Answer]:
    talk = Conversation(timeline)
    for item in talk.items.values():
        if item.response_id and not item.spans and item.kind == "message" and item.first_piece:
            response = talk.responses[item.response_id]
            yield Answer(item.first_piece, response.done or item.last_piece or item.first_piece)


def _put(timeline: Timeline) -> Iterator[Cue]:
    """The items that the client put there, but for outputs of tools and what a reconnection told
    again."""
    waiting: Cue | None = None
    away = False
    for moment in timeline:
        if moment.source == "local" and moment.type in AGAIN:
            away = moment.type == "reconnecting"
        elif moment.source != "client" or away:
            continue
        elif moment.type == events.RESPONSE_CREATE and waiting:
            yield replace(waiting, wants_answer=True)
            waiting = None
        elif moment.type == events.ITEM_CREATE and _is_message(moment.event):
            if waiting:
                yield waiting
            item = {key: value for key, value in moment.event["item"].items() if key != "id"}
            waiting = Cue(moment.t, moment.t, item=item, wants_answer=False)
    if waiting:
        yield waiting


def _is_message(event: Mapping[str, Any]) -> bool:
    item = event.get("item")
    return isinstance(item, Mapping) and item.get("type") == "message"


def _placed(cues: list[Cue], answers: list[Answer]) -> Iterator[Cue]:
    before = 0.0  # where the cue before ended
    for number, cue in enumerate(cues):
        begun = cues[number - 1].start if number else 0.0
        heard = [answer for answer in answers if begun <= answer.start < cue.start]
        if not heard:
            yield replace(cue, after_s=max(0.0, cue.start - before) if number else 0.0)
        elif cue.start < heard[-1].end:
            yield replace(cue, into=True, after_s=cue.start - heard[-1].start)
        else:
            gap = cue.start - heard[-1].end
            yield replace(cue, after_s=gap, heard_s=heard[-1].heard_s)
        before = cue.end
