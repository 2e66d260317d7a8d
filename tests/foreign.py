"""Servers on loopback that speak almost the protocol, written from the documented differences.

Each is a peer whose words are put into a dialect on their way out. None of them is the program it
is named after; that nobody's recordings are repeated here is on purpose.
"""

import base64
import json

from scripted import Peer

from rtkit import events
from rtkit.dialects import NAMES, turn_detection
from rtkit.testing import ANSWERS
from rtkit.testing.voice import Voice

WORDS = "where is the tower"
BETA_NAMES = {ga: beta for beta, ga in NAMES.items()}
BETA_CONTENT = {"output_audio": "audio", "output_text": "text"}
FLAT = {
    "id": "sess_flat",
    "object": "realtime.session",
    "model": "some-model",
    "modalities": ["audio", "text"],
    "instructions": "",
    "voice": "af_heart",
    "input_audio_format": "pcm16",
    "output_audio_format": "pcm16",
    "input_audio_transcription": {"model": "some-listener"},
    "turn_detection": {"type": "server_vad", "threshold": 0.6, "silence_duration_ms": 200},
    "temperature": 0.8,
    "max_response_output_tokens": "inf",
}
XAI = {
    "voice": "eve",
    "model": "grok-voice",
    "instructions": "",
    "turn_detection": {"type": "server_vad", "silence_duration_ms": 200},
    "audio": {
        "input": {"format": {"type": "audio/pcm", "rate": 24000}},
        "output": {"format": {"type": "audio/pcm", "rate": 24000}},
    },
    "tools": [],
}
LUMP = {"total_tokens": 30, "input_tokens": 20, "output_tokens": 10}


def without(event, *names):
    return {name: value for name, value in event.items() if name not in names}


class Dialect(Voice):
    """A voice whose every GA event passes `say`, which yields what is sent in its place."""

    async def tell(self, type_, **fields):
        for said in self.say({"type": type_, "event_id": f"event_{next(self.numbers)}", **fields}):
            await self.socket.send(json.dumps(said))

    async def refuse(self, code, message, event_id=None, **fields):
        await super().refuse(code, message, None, **fields)  # none of them says of which event


class BetaVoice(Dialect):
    """As speaches: old names, old content types, positions since the last commit."""

    began_ms = 0.0

    def say(self, event):
        type_ = event["type"]
        if type_ in (events.ITEM_DONE, "rate_limits.updated"):
            return
        event = {**event, "type": BETA_NAMES.get(type_, type_)}
        for name in ("audio_start_ms", "audio_end_ms"):
            if name in event:
                event[name] = int(event[name] - self.began_ms)
        if type_ == events.COMMITTED:
            self.began_ms = self.heard_ms
        if "item" in event:
            event["item"] = self.old_item(event["item"])
        if "response" in event:
            event["response"] = {
                **without(event["response"], "usage", "conversation_id", "status_details"),
                "modalities": ["audio", "text"],
            }
            if type_ == events.RESPONSE_CREATED:
                event["response"]["status"] = "incomplete"
        if type_ == events.TRANSCRIPTION_COMPLETED:
            event = without(event, "usage")
        yield event

    def old_item(self, item):
        parts = item.get("content", [])
        parts = [{**part, "type": BETA_CONTENT.get(part["type"], part["type"])} for part in parts]
        status = "completed" if item.get("status") == "completed" else "incomplete"
        return {**item, "content": parts, "status": status} if "content" in item else item


class XaiVoice(Dialect):
    """As xAI's: no places, no indices, the usage beside the response, pings."""

    def say(self, event):
        type_ = event["type"]
        if type_ in (events.ITEM_DONE, "rate_limits.updated"):
            return
        event = without(event, "audio_start_ms", "audio_end_ms")
        if type_ == events.TRANSCRIPTION_COMPLETED:
            so_far = without(event, "usage", "content_index")
            for end in (5, 12):
                words = event["transcript"][:end]
                name = "conversation.item.input_audio_transcription.updated"
                yield {**so_far, "type": name, "transcript": words}
            event = so_far
        elif type_ == events.TRANSCRIPT_DONE:
            event = without(event, "transcript", "content_index", "output_index")
        elif type_ == events.TRANSCRIPT_DELTA:
            event = without(event, "content_index", "output_index")
        elif type_ == events.RESPONSE_DONE:
            response = without(event["response"], "usage", "conversation_id", "status_details")
            event = {**event, "response": {**response, "usage": {}}, "usage": LUMP}
        elif type_ == events.RESPONSE_CREATED:
            event = {**event, "response": without(event["response"], "conversation_id")}
            yield {"type": "ping", "event_id": "event_ping", "timestamp": 1}
        yield event


class FaceVoice(Dialect):
    """As Hugging Face's: nothing of the assistant's is announced, words come at the end."""

    ANNOUNCED = (
        events.OUTPUT_ITEM_ADDED,
        events.OUTPUT_ITEM_DONE,
        events.PART_ADDED,
        events.PART_DONE,
        events.ITEM_DONE,
        events.TRANSCRIPT_DELTA,
        "rate_limits.updated",
    )

    def say(self, event):
        type_ = event["type"]
        mine = self.active and event.get("item", {}).get("role") == "assistant"
        if type_ in self.ANNOUNCED or mine:
            return
        if type_ == events.ITEM_ADDED:
            event = {**event, "type": "conversation.item.created"}
        if "response" in event:
            event = {**event, "response": {**event["response"], "conversation_id": None}}
        if type_ == events.RESPONSE_DONE:
            event["response"]["usage"] = LUMP
        yield event

    async def refuse(self, code, message, event_id=None, **fields):
        error = {"type": code, "message": message, "code": None, "param": None}
        await self.tell("error", error={**error, "event_id": None})


async def flat_hello(voice, event):
    await voice.tell(events.SESSION_CREATED, session=voice.session)
    await voice.tell("conversation.created", conversation={"id": "conv_1"})


async def xai_hello(voice, event):
    conversation = {"id": "conv_1", "object": "realtime.conversation"}
    await voice.tell("conversation.created", conversation=conversation)


async def flat_update(voice, event):
    """What it does not know is passed over."""
    known = {k: v for k, v in event["session"].items() if k in voice.session and k != "audio"}
    voice.session |= known
    for side in ("input", "output") if "audio" in voice.session else ():
        told = event["session"].get("audio", {}).get(side, {})
        voice.session["audio"][side] |= {k: v for k, v in told.items() if k == "format"}
    await voice.tell(events.SESSION_UPDATED, session=voice.session)


async def append(voice, event):
    detection = turn_detection(voice.session)
    data = base64.b64decode(event["audio"])
    if detection and await voice.listen(data, detection.get("silence_duration_ms", 200)):
        await voice.stop_listening(WORDS)
        await voice.speak("In Paris.")


async def as_asked(voice, event):
    """In text or in sound, as this response wants it."""
    wanted = event.get("response", {}).get("output_modalities")
    voice.session["output_modalities"] = wanted or ["audio"]
    await voice.speak()


async def silently(voice, event):
    """As if nothing had been said."""


def foreign(voice_class, session, **answers):
    """A peer that speaks a dialect."""

    class Foreign(Peer):
        async def _converse(self, socket):
            voice = voice_class(socket, self.session)
            await self.answers["hello"](voice, {})
            async for text in socket:
                event = json.loads(text)
                self.received.append(event)
                if answer := self.answers.get(event["type"]):
                    await answer(voice, event)

    table = {"input_audio_buffer.append": append, **answers}
    return Foreign({**ANSWERS, **table}, session=session)


def beta_peer(**answers):
    told = {"hello": flat_hello, events.SESSION_UPDATE: flat_update, **answers}
    return foreign(BetaVoice, FLAT, **told)


def xai_peer(**answers):
    told = {"hello": xai_hello, events.SESSION_UPDATE: flat_update, **answers}
    return foreign(XaiVoice, XAI, **told)


def face_peer(**answers):
    from rtkit.testing import SESSION

    told = {events.TRUNCATE: silently, events.RESPONSE_CREATE: as_asked, **answers}
    return foreign(FaceVoice, SESSION, **told)


PEERS = {"beta": beta_peer, "xai": xai_peer, "face": face_peer}
