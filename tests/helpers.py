"""A story told to a timeline: what the client, the server and the machine did, and when."""

import numpy as np

from rtkit import events
from rtkit.audio import AudioFormat, encode
from rtkit.timeline import Timeline

FRAME_S = 0.02
USAGE = {
    "total_tokens": 30,
    "input_tokens": 20,
    "output_tokens": 10,
    "input_token_details": {"text_tokens": 8, "audio_tokens": 12, "cached_tokens": 0},
    "output_token_details": {"text_tokens": 2, "audio_tokens": 8},
}


def tone(seconds, rate=24_000, hertz=220.0, level=0.3):
    """A voice of sorts: syllables of a tone, float32[n]."""
    t = np.arange(round(seconds * rate)) / rate
    syllables = np.clip(np.sin(2 * np.pi * 3.5 * t + 0.4), 0, None) ** 0.7
    return (level * syllables * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


def types(moments):
    """The event types in order, each with its source."""
    return [f"{moment.source} {moment.type}" for moment in moments]


class Story:
    """Builds a timeline by telling events; `now` is the hand-held clock (seconds).

    `send`, `hear` and `note` tell one event of the client, the server or the machine, `after`
    seconds later. The other methods tell whole passages in the order of the wire.
    """

    def __init__(self, timeline=None, *, format=AudioFormat.PCM16, silence_ms=500, now=0.0):
        self.timeline = Timeline() if timeline is None else timeline
        self.format = format
        self.silence_ms = silence_ms
        self.now = now
        self.sent_s = 0.0
        self.ids = {}
        self.last_item = None

    def new_id(self, kind):
        self.ids[kind] = self.ids.get(kind, 0) + 1
        return f"{kind}_{self.ids[kind]}"

    def send(self, type_, after=0.0, sound=None, **fields):
        return self._tell("client", events.build(type_, **fields), after, sound)

    def hear(self, type_, after=0.0, sound=None, **fields):
        fields.setdefault("event_id", self.new_id("event"))
        return self._tell("server", {"type": type_, **fields}, after, sound)

    def note(self, type_, after=0.0, **fields):
        return self._tell("local", {"type": type_, **fields}, after, None)

    def _tell(self, source, event, after, sound):
        self.now += after
        return self.timeline.append(self.now, source, event, audio=sound, format=self.format)

    def open(self, turn_detection=True):
        vad = {"type": "server_vad", "silence_duration_ms": self.silence_ms}
        audio = {"input": {"turn_detection": vad if turn_detection else None}}
        self.note("session.opened")
        session = {"type": "realtime", "model": "gpt-realtime-2.1", "audio": audio}
        self.hear("session.created", session=session)
        return self

    def stream(self, samples, pace=1.0):
        """Send sound (float32 at the format's rate) as frames of 20 ms, as it is spoken."""
        data, rate = encode(samples, self.format), self.format.rate
        size = round(FRAME_S * rate) * self.format.bytes_per_sample
        for at in range(0, len(data), size):
            frame = data[at : at + size]
            seconds = len(frame) / self.format.bytes_per_sample / rate
            self.sent_s += seconds
            self.send("input_audio_buffer.append", pace * seconds, frame, audio="")

    def silence(self, seconds, pace=1.0):
        self.stream(np.zeros(round(seconds * self.format.rate), np.float32), pace)

    def speak(self, samples, detection_s=0.04, pace=1.0):
        """A spoken question that the server's turn detection ends; returns the item id."""
        if np.isscalar(samples):
            samples = tone(samples, self.format.rate)
        item_id, start_ms = self.new_id("item"), round(1000 * self.sent_s)
        self.stream(samples[: self.format.rate // 10], pace)
        self.hear(events.SPEECH_STARTED, item_id=item_id, audio_start_ms=start_ms)
        self.stream(samples[self.format.rate // 10 :], pace)
        end_ms = round(1000 * self.sent_s)
        self.silence(self.silence_ms / 1000, pace)
        stop_ms = end_ms + self.silence_ms
        self.hear(events.SPEECH_STOPPED, detection_s, item_id=item_id, audio_end_ms=stop_ms)
        self.commit(item_id)
        return item_id

    def commit(self, item_id):
        before = self.last_item
        self.hear(events.COMMITTED, 0.002, item_id=item_id, previous_item_id=before)
        content = [{"type": "input_audio", "transcript": None}]
        self._add(item_id, "user", content, done=True)

    def _add(self, item_id, role, content, done=False, after=0.001):
        status = "completed" if done else "in_progress"
        item = {"id": item_id, "type": "message", "role": role, "content": content}
        item["status"] = status
        before, self.last_item = self.last_item, item_id
        self.hear(events.ITEM_ADDED, after, item=item, previous_item_id=before)
        if done:
            self.hear(events.ITEM_DONE, item=item, previous_item_id=before)

    def type(self, text, item_id=None):
        """A typed question, and the request to answer it; returns the item id."""
        self.send("conversation.item.create", item=events.user_text(text, item_id)["item"])
        self.send("response.create")
        item_id = item_id or self.new_id("item")
        self._add(item_id, "user", [{"type": "input_text", "text": text}], done=True, after=0.01)
        return item_id

    def transcribe(self, item_id, text, after=0.0, logprobs=None):
        fields = {} if logprobs is None else {"logprobs": logprobs}
        self.hear(
            events.TRANSCRIPTION_COMPLETED,
            after,
            item_id=item_id,
            content_index=0,
            transcript=text,
            usage={"type": "duration", "seconds": 1.0},
            **fields,
        )

    def respond(self, conversation_id="conv_1", after=0.02):
        """A response is created; returns its id."""
        response_id = self.new_id("resp")
        response = {"id": response_id, "status": "in_progress", "output": []}
        response["conversation_id"] = conversation_id
        self.hear(events.RESPONSE_CREATED, after, response=response)
        return response_id

    def begin_item(self, response_id, part="audio"):
        """The response begins a message; returns the fields of its parts' events."""
        item_id = self.new_id("item")
        item = {"id": item_id, "type": "message", "role": "assistant", "content": []}
        where = {"response_id": response_id, "output_index": 0}
        self.hear(events.OUTPUT_ITEM_ADDED, item={**item, "status": "in_progress"}, **where)
        self._add(item_id, "assistant", [], after=0.0)
        where |= {"item_id": item_id, "content_index": 0}
        empty = {"type": part, "transcript" if part == "audio" else "text": ""}
        self.hear("response.content_part.added", part=empty, **where)
        return where

    def pieces(self, where, text, samples, first=0.08, every=0.03):
        """Words, and the sound in pieces of 0.2 s, faster than real time."""
        self.hear(events.TRANSCRIPT_DELTA, first / 2, delta=text, **where)
        size = self.format.rate // 5
        for at in range(0, len(samples), size):
            data = encode(samples[at : at + size], self.format)
            self.hear(events.AUDIO_DELTA, every if at else first / 2, data, delta="", **where)

    def end_item(self, where, text, status="completed"):
        part = {"type": "audio", "transcript": text}
        item = {"id": where["item_id"], "type": "message", "role": "assistant", "status": status}
        item["content"] = [{"type": "output_audio", "transcript": text}]
        self.hear(events.AUDIO_DONE, **where)
        self.hear(events.TRANSCRIPT_DONE, transcript=text, **where)
        self.hear("response.content_part.done", part=part, **where)
        self.hear(events.ITEM_DONE, item=item, previous_item_id=None)
        ends = {"response_id": where["response_id"], "output_index": where["output_index"]}
        self.hear("response.output_item.done", item=item, **ends)

    def end_response(self, response_id, status="completed", reason=None, conversation="conv_1"):
        details = {"type": status, "reason": reason} if reason else None
        response = {"id": response_id, "status": status, "status_details": details, "output": []}
        response["usage"] = USAGE
        self.hear(events.RESPONSE_DONE, response={**response, "conversation_id": conversation})

    def answer(self, text, samples=2.0, play=True, playback_s=0.03):
        """A whole spoken response, played to its end if `play`; returns the item id."""
        if np.isscalar(samples):
            samples = tone(samples, self.format.rate, hertz=140.0)
        response_id = self.respond()
        where = self.begin_item(response_id)
        item_id = where["item_id"]
        first_sound = self.now + 0.08
        self.pieces(where, text, samples)
        self.end_item(where, text)
        self.end_response(response_id)
        if play:
            start = first_sound + playback_s
            self.at(start).note("playback.started", item_id=item_id)
            seconds = len(samples) / self.format.rate
            ms = round(1000 * seconds)
            self.note("playback.finished", seconds, item_id=item_id, played_ms=ms)
        return item_id

    def at(self, t):
        """Set the clock; moments are recorded in the order in which they are told."""
        self.now = t
        return self

    def write(self, text):
        """A whole response in text; returns the item id."""
        response_id = self.respond()
        where = self.begin_item(response_id, "text")
        for n, word in enumerate(text.split(" ")):
            self.hear(events.TEXT_DELTA, 0.02, delta=f" {word}" if n else word, **where)
        self.hear(events.TEXT_DONE, text=text, **where)
        part = {"type": "text", "text": text}
        self.hear("response.content_part.done", part=part, **where)
        item = {"id": where["item_id"], "type": "message", "role": "assistant"}
        item |= {"content": [{"type": "output_text", "text": text}], "status": "completed"}
        self.hear(events.ITEM_DONE, item=item, previous_item_id=None)
        ends = {"response_id": response_id, "output_index": 0}
        self.hear("response.output_item.done", item=item, **ends)
        self.end_response(response_id)
        return where["item_id"]

    def interrupted_answer(self, text, samples=8.0, heard_s=2.0, speech=1.0):
        """A long answer that is talked over after `heard_s`; returns (item id, user item id)."""
        if np.isscalar(samples):
            samples = tone(samples, self.format.rate, hertz=140.0)
        response_id = self.respond()
        where = self.begin_item(response_id)
        first_sound = self.now + 0.08
        self.pieces(where, text, samples)
        self.end_item(where, text)
        self.end_response(response_id)
        start = first_sound + 0.03
        self.at(start).note("playback.started", item_id=where["item_id"])
        self.silence(heard_s - 0.1)
        user = self.talk_over(where["item_id"], heard_s, speech)
        return where["item_id"], user

    def talk_over(self, item_id, heard_s, speech):
        samples = tone(speech, self.format.rate) if np.isscalar(speech) else speech
        user, start_ms = self.new_id("item"), round(1000 * self.sent_s)
        self.stream(samples[: self.format.rate // 10])
        ms = round(1000 * heard_s)
        self.hear(events.SPEECH_STARTED, item_id=user, audio_start_ms=start_ms)
        self.note("playback.flushed", 0.01, item_id=item_id, played_ms=ms)
        cut = {"item_id": item_id, "content_index": 0, "audio_end_ms": ms}
        self.send("conversation.item.truncate", **cut)
        self.hear(events.TRUNCATED, 0.01, **cut)
        self.stream(samples[self.format.rate // 10 :])
        stop_ms = round(1000 * self.sent_s) + self.silence_ms
        self.silence(self.silence_ms / 1000)
        self.hear(events.SPEECH_STOPPED, 0.04, item_id=user, audio_end_ms=stop_ms)
        self.commit(user)
        return user


def talk():
    """A timeline with a spoken turn, an interrupted one, and a typed one."""
    story = Story().open()
    story.silence(1.0)
    story.transcribe(story.speak(1.5), "what is the capital of france")
    story.answer("Paris is the capital of France.", 2.0)
    story.silence(0.5)
    story.transcribe(story.speak(1.0), "tell me a long story")
    _, user = story.interrupted_answer("once upon a time there was a king " * 4, 8.0, 2.5)
    story.transcribe(user, "stop")
    story.answer("All right.", 1.0)
    story.type("bye")
    story.write("Goodbye to you.")
    return story.timeline


def boxes(ax):
    """The drawn rectangles of the words on the axes, in pixels."""
    ax.figure.canvas.draw()
    texts = [text for text in ax.texts if text.get_text().strip()]
    return [(text.get_text(), text.get_window_extent()) for text in texts]


def words(ax):
    """The words on the axes."""
    return [text for text, _ in boxes(ax)]


def overlaps(ax):
    """Pairs of words on the axes that cover one another."""
    found = boxes(ax)
    return [
        (a, b)
        for n, (a, first) in enumerate(found)
        for b, second in found[n + 1 :]
        if first.shrunk(0.98, 0.8).overlaps(second.shrunk(0.98, 0.8))
    ]


def inside(box, figure):
    """Whether a drawn rectangle lies on the paper."""
    wide, high = figure.canvas.get_width_height()
    return box.x0 >= 0 and box.y0 >= 0 and box.x1 <= wide + 1 and box.y1 <= high + 1
