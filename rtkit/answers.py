"""What the assistant said, as the events tell it: its responses, their items, what was heard.

Out-of-band responses (`conversation_id` null) are no part of the conversation and are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .items import Item, Response
from .moments import Moment, Span
from .pairing import Pairing
from .roster import Roster, deep, read_content

PLAYABLE_S = 0.1
"""Seconds of a reply that must have come before a player can begin without a gap."""


class Answers:
    """The responses so far."""

    def __init__(self, roster: Roster, pairing: Pairing, seconds: Callable[[Span], float]) -> None:
        self.responses: dict[str, Response] = {}
        self._named = False  # the server names the conversation of its responses
        self._beside = 0  # responses outside the conversation that were asked for
        self._roster, self._pairing, self._seconds = roster, pairing, seconds
        self._items = roster.items

    # a response that broke off with the connection

    def keep(self, response_id: str) -> None:
        """What came of it is the answer."""
        response = self.responses[response_id]
        items = [self._items[item_id] for item_id in response.item_ids]
        whole = bool(items) and all(item.final for item in items)
        response.status = "completed" if whole else "incomplete"
        response.reason = None if whole else "connection_lost"
        for item in items:
            item.final = True

    def lose(self, response_id: str) -> None:
        """It is asked for again: the next response answers the same question."""
        response = self.responses[response_id]
        response.status, response.reason = "incomplete", "connection_lost"
        for item_id in response.item_ids:
            self._items[item_id].lost = self._items[item_id].final = True
        self._pairing.lose(response)

    # its beginning and its items

    def asked_for(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._beside += deep(event, "response", "conversation") == "none"

    def created(self, moment: Moment, event: Mapping[str, Any]) -> None:
        told = event["response"]
        if self._stays_beside(told.get("conversation_id", "")):
            self._roster.aside.add(told["id"])
            return
        self.responses[told["id"]] = Response(told["id"], moment.t)
        self._pairing.begin(told["id"])

    def _stays_beside(self, conversation: str | None) -> bool:
        """Null means outside, but not from a server that never names a conversation."""
        self._named |= bool(conversation)
        if conversation is not None or not (self._named or self._beside):
            return False
        self._beside = max(0, self._beside - 1)
        return True

    def item_added(self, moment: Moment, event: Mapping[str, Any]) -> None:
        told = event["item"]
        response = self.responses.get(event["response_id"])
        if event["response_id"] in self._roster.aside:
            self._roster.aside.add(told["id"])
        if response is None or told["id"] in response.item_ids:
            return
        item = self._roster.item(told["id"])
        item.response_id = response.id
        item.kind, item.role = told.get("type", item.kind), told.get("role") or item.role
        response.item_ids.append(item.id)
        self._roster.order.expect(item.id)
        if exchange := self._pairing.of_response(response.id):
            exchange.answered.append(item.id)

    def item_done(self, moment: Moment, event: Mapping[str, Any]) -> None:
        response = self.responses.get(event["response_id"])
        if response and event["item"]["id"] in self._items:
            self._items[event["item"]["id"]].told = event["item"]
        exchange = self._pairing.of_response(response.id) if response else None
        if exchange and exchange.called is None and event["item"]["type"] == "function_call":
            exchange.called = moment.t

    # its words and its sound

    def _piece(self, moment: Moment, event: Mapping[str, Any]) -> tuple[Item, Response] | None:
        response = self.responses.get(event["response_id"])
        if response is None:
            return None
        if event["item_id"] not in response.item_ids:  # never announced
            message = {"id": event["item_id"], "type": "message", "role": "assistant"}
            self.item_added(moment, {"response_id": response.id, "item": message})
        item = self._roster.item(event["item_id"])
        if item.first_piece is None:
            item.first_piece = moment.t
        item.last_piece = moment.t
        return item, response

    def words(self, moment: Moment, event: Mapping[str, Any]) -> None:
        found = self._piece(moment, event)
        if found:
            item, response = found
            item.texts.setdefault(event.get("content_index") or 0, []).append(event["delta"])
            if response.first_token is None:
                response.first_token = moment.t

    def written(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self.words(moment, event)
        if event["item_id"] in self._items:
            self._items[event["item_id"]].written = True

    def words_done(self, moment: Moment, event: Mapping[str, Any]) -> None:
        found = self._piece(moment, event)
        if found:
            words = event.get("text") if "text" in event else event.get("transcript")
            if words is not None:  # else those that came are all there are
                found[0].texts[event.get("content_index") or 0] = [words]

    def sound(self, moment: Moment, event: Mapping[str, Any]) -> None:
        found = self._piece(moment, event)
        if found is None or moment.audio is None:
            return
        item, response = found
        seconds = self._seconds(moment.audio)
        item.spans.append(moment.audio)
        item.audio_s += seconds
        response.audio_s += seconds
        if response.first_audio is None:
            response.first_audio = moment.t
        if response.playable is None and response.audio_s >= PLAYABLE_S:
            response.playable = moment.t

    def sound_done(self, moment: Moment, event: Mapping[str, Any]) -> None:
        response = self.responses.get(event["response_id"])
        if response and response.first_audio is not None and response.playable is None:
            response.playable = moment.t

    def done(self, moment: Moment, event: Mapping[str, Any]) -> None:
        told = event["response"]
        response = self.responses.get(told["id"])
        if response is None:
            return
        response.done = moment.t
        response.status = told.get("status", "completed")
        response.reason = deep(told, "status_details", "reason")
        if response.status == "failed":
            self._pairing.go_on()  # another try answers the same question
        for output in told.get("output") or ():
            if output.get("id") in response.item_ids and not self._items[output["id"]].text:
                read_content(self._items[output["id"]], output)
        for item_id in response.item_ids:
            self._items[item_id].final = True

    # what was heard of it

    def truncated(self, moment: Moment, event: Mapping[str, Any]) -> None:
        if event["item_id"] in self._items:
            self._items[event["item_id"]].truncated_s = event["audio_end_ms"] / 1000

    def playback_started(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._items.get(event["item_id"])
        if item and item.playing is None:
            item.playing, item.sounding_s = moment.t, 0.0

    def playback_moved(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._items.get(event["item_id"])
        if item and item.played_until is None:
            item.sounding_s = event["played_ms"] / 1000

    def playback_ended(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._items.get(event["item_id"])
        if item:
            item.played_until, item.sounding_s = moment.t, None
            seconds = event["played_ms"] / 1000
            if moment.type == "playback.flushed":
                item.played_s = seconds
            else:
                item.finished_s = seconds
