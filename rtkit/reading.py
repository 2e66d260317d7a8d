"""One walk over a timeline: its items and responses, with every instant that a view may ask for.

Nothing else reads the events of a conversation. The names of the beta are understood; unknown
events and events of a wrong shape are passed over, since a timeline holds whatever a server has
sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import dialects, events
from .answers import Answers
from .garbage import uncollected
from .moments import Moment
from .pairing import Pairing
from .questions import Questions
from .roster import Roster
from .timeline import Timeline

WRONG_SHAPE = (KeyError, TypeError, AttributeError, ValueError)
Handler = Callable[[Moment, Mapping[str, Any]], None]


class Conversation:
    """Everything that one walk gathers."""

    def __init__(self, timeline: Timeline) -> None:
        self._pairing = Pairing()
        self._roster = Roster(self._pairing)
        self.questions = Questions(self._roster, self._pairing)
        self._answers = Answers(self._roster, self._pairing, self.questions.seconds)
        self.items, self.order = self._roster.items, self._roster.order
        self.deleted, self.sent = self._roster.deleted, self._roster.sent
        self.responses, self.exchanges = self._answers.responses, self._pairing.exchanges
        self.clock = self.questions.clock
        self._seen = 0
        self.read_on(timeline)

    def read_on(self, timeline: Timeline) -> None:
        """Take in what the timeline has got since it was last read."""
        rates = {name: track.format.rate for name, track in timeline.tracks.items()}
        self.questions.rates = rates
        first, self._seen = self._seen, len(timeline)
        with uncollected():
            self._read(timeline[first : self._seen])
        self.questions.place_ends()

    def _read(self, moments: Iterable[Moment]) -> None:
        handlers = self._handlers()  # made anew: kept, they would be a ring of references
        for moment in moments:
            handler = handlers.get(moment.type)
            if handler is not None:
                try:
                    handler(moment, moment.event)
                except WRONG_SHAPE:
                    continue

    def _reconnecting(self, moment: Moment, event: Mapping[str, Any]) -> None:
        """The session is gone; the next one is told again what is known here."""
        self._roster.leave()
        self.questions.leave()

    def _reconnected(self, moment: Moment, event: Mapping[str, Any]) -> None:
        """What became of the responses that broke off, and where the input is counted from."""
        self.questions.resume(event["input_ms"])
        self._roster.resume()
        for response_id in event.get("kept", ()):
            self._answers.keep(response_id)
        for response_id in event.get("again", ()):
            self._answers.lose(response_id)

    def _item_sent(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._roster.create_sent(moment, event)
        self.questions.told(moment, event)

    def _handlers(self) -> dict[str, Handler]:
        """What takes which event, under its name of today and that of the beta."""
        named: dict[str, Handler] = {
            "reconnecting": self._reconnecting,
            "reconnected": self._reconnected,
            events.ITEM_CREATE: self._item_sent,
            **_of_questions(self.questions),
            **_of_items(self._roster),
            **_of_answers(self._answers),
        }
        return named | {old: named[new] for old, new in dialects.NAMES.items()}


def _of_questions(questions: Questions) -> dict[str, Handler]:
    return {
        events.SESSION_CREATED: questions.session,
        events.SESSION_UPDATED: questions.session,
        events.APPEND: questions.append,
        "input.held": questions.append,
        events.COMMIT: questions.commit,
        events.SPEECH_STARTED: questions.started,
        events.SPEECH_STOPPED: questions.stopped,
        events.COMMITTED: questions.committed,
        "input_audio_buffer.cleared": questions.cleared,
        "input.ended": questions.ended,
        "turn.started": questions.turn_started,
        "turn.ended": questions.turn_ended,
        events.TRANSCRIPTION_DELTA: questions.transcript_delta,
        dialects.TRANSCRIPTION_UPDATED: questions.transcript_so_far,
        events.TRANSCRIPTION_COMPLETED: questions.transcribed,
        events.TRANSCRIPTION_FAILED: questions.not_transcribed,
    }


def _of_items(roster: Roster) -> dict[str, Handler]:
    return {
        events.ITEM_ADDED: roster.added,
        events.ITEM_DONE: roster.done,
        "conversation.item.deleted": roster.gone,
        "conversation.item.delete": roster.gone,
    }


def _of_answers(answers: Answers) -> dict[str, Handler]:
    return {
        events.RESPONSE_CREATE: answers.asked_for,
        events.RESPONSE_CREATED: answers.created,
        events.OUTPUT_ITEM_ADDED: answers.item_added,
        events.OUTPUT_ITEM_DONE: answers.item_done,
        events.TRANSCRIPT_DELTA: answers.words,
        events.TEXT_DELTA: answers.written,
        events.TRANSCRIPT_DONE: answers.words_done,
        events.TEXT_DONE: answers.words_done,
        events.AUDIO_DELTA: answers.sound,
        events.AUDIO_DONE: answers.sound_done,
        events.RESPONSE_DONE: answers.done,
        events.TRUNCATED: answers.truncated,
        "playback.started": answers.playback_started,
        "playback.position": answers.playback_moved,
        "playback.flushed": answers.playback_ended,
        "playback.finished": answers.playback_ended,
    }
