"""What `segment` says beforehand is what the embedded server does, event for event."""

import asyncio
import time

import numpy as np
import pytest
from serverstory import OFFICIAL, Loudness, Story
from socketstory import connected, serving

import rtkit
from rtkit.audio import AudioFormat, bytes_for_ms, decode, duration_ms, encode, to_base64
from rtkit.clip import Clip
from rtkit.config import VADConfig, VADMode
from rtkit.detectors import Silero, listen
from rtkit.errors import ConfigError
from rtkit.segments import Segment, described, in_force, segment
from rtkit.sense import Guess, TimedWord
from rtkit.server.commands import Send
from rtkit.server.tutor import Tutor
from rtkit.speech.recognition import make_recogniser

FORMATS = list(AudioFormat)
CASES = 200
SAID = (
    ("What is the capital of", "France?"),
    ("Tell me a story", "about a cat and", "a dog."),
    ("Well", "I think", "seven plus"),
    ("Okay.",),
    ("Set an alarm for", "six in the morning, please."),
)
TOLD = {f"input_audio_buffer.{name}" for name in ("speech_started", "speech_stopped", "committed")}
GUESSES = (
    "",
    "what",
    "what is the",
    "what time is it",
    "tell me a story and",
    "okay",
    "seven plus",
)


def noisy(rng, clip):
    """With white noise of -70 to -30 dBFS, or none."""
    level = 10 ** (rng.uniform(-70, -30) / 20) * rng.integers(0, 2)
    return Clip(clip.samples + level * rng.standard_normal(len(clip.samples)), clip.rate)


def lot(*seed):
    """Chance of its own for each case: as sounds differ by a millisecond now and then, chance that
    is shared would make every case after the first another one in each run."""
    return np.random.default_rng(seed)


def talk(rng):
    """One to six seconds of phrases, pauses and noise; now and then it ends in mid-turn."""
    voice = rng.choice([voice.value for voice in rtkit.Voice])
    clip = Clip.silence(rng.uniform(0, 0.6))
    for phrase in SAID[rng.integers(len(SAID))]:
        clip = clip + rtkit.say(phrase, voice, speed=1.4) + Clip.silence(rng.uniform(0.05, 1.2))
    return noisy(rng, clip)


def any_server_vad(rng):
    return {
        "type": "server_vad",
        "threshold": float(rng.choice([0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1])),
        "prefix_padding_ms": int(rng.integers(0, 1000)),
        "silence_duration_ms": int(rng.choice([0, 100, 200, 350, 500, 800])),
    }


def any_semantic_vad(rng):
    return {"type": "semantic_vad", "eagerness": str(rng.choice(["low", "medium", "high", "auto"]))}


def pieces(rng, data, format):
    """The bytes in appends of any size, from a few samples to half a second."""
    most = int(rng.choice([160, 480, 2_400, 12_000]))
    while data:
        size = int(rng.integers(1, most)) * format.bytes_per_sample
        yield data[:size]
        data = data[size:]


class Live(Story):
    """The embedded server's core with a real detector; keeps when each event came."""

    def __init__(self, detector, format, turn_detection):
        self.known = []  # (ms of sound before the append that brought it, ms after it, event)
        self.sent = self.before = 0  # bytes
        super().__init__(lambda: detector)
        self.format = format
        self.set(turn_detection)

    def _take(self, commands):
        self.commands += commands
        sent = [command.event for command in commands if isinstance(command, Send)]
        assert "error" not in {event["type"] for event in sent}, sent
        told = [e for e in sent if e["type"].startswith("input_audio_buffer.")]
        place = (duration_ms(self.before, self.format), duration_ms(self.sent, self.format))
        self.known += [(*place, event) for event in told]
        return sent

    def set(self, turn_detection):
        detection = turn_detection and {**turn_detection, "create_response": False}
        heard = {"format": self.format.to_wire(), "turn_detection": detection}
        self.update(audio={"input": heard})

    def hear_bytes(self, data):
        self.before, self.sent = self.sent, self.sent + len(data)
        for event in self.send("input_audio_buffer.append", audio=to_base64(data)):
            if event["type"] == "input_audio_buffer.committed":
                self.hear("something")


def plain(events, offset_ms=0.0):
    """Events as they are compared: items by number, without what only a conversation knows."""
    items, found = {}, []
    for event in events:
        kept = {k: v for k, v in event.items() if k not in ("event_id", "previous_item_id")}
        for name in ("audio_start_ms", "audio_end_ms"):
            if name in kept:
                kept[name] = round(kept[name] + offset_ms)
        kept["item_id"] = items.setdefault(event["item_id"], f"item_{len(items) + 1}")
        found.append(kept)
    return found


def assert_foretold(live, told):
    """The same events, and each came with the first append that made it knowable."""
    assert plain(event for _, _, event in live.known) == plain(told.events)
    for (before, after, _), known_ms in zip(live.known, told.known_ms, strict=True):
        assert before < known_ms <= after


@pytest.fixture(scope="module")
def silero():
    return Silero()


@pytest.fixture(scope="module")
def heard(silero):
    """A dozen clips, each in one of the three formats, with what Silero makes of it."""
    return [listen(talk(lot(7, number)), silero, FORMATS[number % 3]) for number in range(12)]


def wire(detection):
    clip, format = detection.clip, detection.format
    return encode(clip.resampled(format.rate).samples, format)


# the same as the live server


def test_server_vad_does_what_was_foretold_in_200_random_cases(heard, silero):
    events = 0
    for case in range(CASES):
        rng = lot(11, case)
        detection, vad = heard[case % len(heard)], any_server_vad(rng)
        live = Live(silero, detection.format, vad)
        for data in pieces(rng, wire(detection), detection.format):
            live.hear_bytes(data)
        assert_foretold(live, segment(detection, vad))
        events += len(live.known)
    assert events > 3 * CASES


def test_semantic_vad_does_what_was_foretold_of_the_same_guesses(heard, silero):
    moved = 0
    for case in range(60):
        rng = lot(13, case)
        detection, vad = heard[case % len(heard)], any_semantic_vad(rng)
        live, guesses = Live(silero, detection.format, vad), []
        for data in pieces(rng, wire(detection), detection.format):
            live.hear_bytes(data)
            if rng.random() < 0.2 and live.known:
                guesses.append(Guess(str(rng.choice(GUESSES)), live.core.hearing.position_ms))
                live.guess(guesses[-1].text)
        told = segment(detection, vad, guesses)
        assert_foretold(live, told)
        moved += told.events != segment(detection, vad).events
    assert moved > 20  # the words mattered


def test_after_turn_detection_was_off_it_counts_from_where_it_came_back(heard, silero):
    for number, detection in enumerate(heard):
        rng = lot(17, number)
        vad, data = any_server_vad(rng), wire(detection)
        at = bytes_for_ms(float(rng.uniform(0, 2500)), detection.format)
        live = Live(silero, detection.format, vad)
        for piece in pieces(rng, data[:at], detection.format):
            live.hear_bytes(piece)
        live.set(None)
        live.hear_bytes(bytes(4 * detection.format.bytes_per_sample))
        live.set(vad)
        live.known.clear()
        offset_ms = duration_ms(live.sent, live.format)
        for piece in pieces(rng, data[at:], detection.format):
            live.hear_bytes(piece)
        rest = Clip(decode(data[at:], detection.format), detection.format.rate)
        told = segment(listen(rest, silero, detection.format), vad)
        assert plain(e for _, _, e in live.known) == plain(told.events, offset_ms)


def test_another_detector_is_foretold_as_well(heard):
    for detection in heard[:3]:
        for name in ("energy", "webrtc"):
            live = Live(rtkit.detectors.as_detector(name), detection.format, {"type": "server_vad"})
            live.hear_bytes(wire(detection))
            told = segment(listen(detection.clip, name, detection.format))
            assert plain(e for _, _, e in live.known) == plain(told.events) != []


async def over_a_socket(running, data, format, vad, before=None):
    """The turns that a server tells of when these bytes come; `before(ms)` may hold one up."""
    detection = {**vad, "create_response": False}
    heard = {"format": format.to_wire(), "turn_detection": detection}
    async with connected(running) as client:
        await client.send("session.update", session={"type": "realtime", "audio": {"input": heard}})
        size = bytes_for_ms(20, format)
        for at in range(0, len(data), size):
            if before is not None:
                await before(duration_ms(at, format))
            audio = to_base64(data[at : at + size])
            await client.send("input_audio_buffer.append", audio=audio)
        await client.send("input_audio_buffer.clear")
        sent = await client.until("input_audio_buffer.cleared")
    return [e for e in sent if e["type"] in TOLD]


def test_a_server_on_a_socket_sends_what_was_foretold(heard):
    async def story():
        async with serving(detector=Silero) as running:
            for number, detection in enumerate(heard[:6]):
                vad = any_server_vad(lot(19, number))
                came = await over_a_socket(running, wire(detection), detection.format, vad)
                assert plain(came) == plain(segment(detection, vad).events)
                events.extend(came)

    events = []
    asyncio.run(story())
    assert len(events) > 12


class Noting:
    """The real recogniser, and what it guessed at which place of the input."""

    rate = 16_000

    def __init__(self):
        self.recogniser = make_recogniser("pocketsphinx", Tutor().grammar)
        self.recogniser.ready.result()
        self.core = None
        self.guesses = []

    def __getattr__(self, name):
        return getattr(self.recogniser, name)

    def partial(self):
        text = self.recogniser.partial()
        self.guesses.append(Guess(text, self.core.hearing.position_ms))
        return text


def test_semantic_vad_by_the_words_that_a_real_recogniser_has_does_what_was_foretold(silero):
    first = rtkit.say("What is the capital of France?")
    clip = first + Clip.silence(1.2) + rtkit.say("Tell me a story.") + Clip.silence(1.5)
    heard, vad = listen(clip, silero), {"type": "semantic_vad", "eagerness": "auto"}

    async def story():
        ears, held = Noting(), []
        async with serving(detector=Silero, recogniser=lambda grammar: ears) as running:

            async def before(ms):
                (visit,) = running._house.sessions.values()
                ears.core = visit.core
                if ms > 1000 * first.duration + 400 and not held:
                    held.append(ms)  # the recogniser may take its time
                    async with asyncio.timeout(60):
                        while "capital" not in ears.recogniser.partial():
                            await asyncio.sleep(0.01)

            return await over_a_socket(running, wire(heard), heard.format, vad, before), ears

    came, ears = asyncio.run(story())
    assert plain(came) == plain(segment(heard, vad, ears.guesses).events)
    assert plain(came) != plain(segment(heard, vad).events)


# what it says of a turn


@pytest.fixture(scope="module")
def two_phrases():
    """A pause of 0.4 s between two phrases; by loudness, so that every number can be reckoned."""
    tone = Clip(0.3 * np.sin(2 * np.pi * 220 * np.arange(24_000) / 24_000), 24_000)
    return listen(
        Clip.silence(1.0) + tone + Clip.silence(0.4) + tone + Clip.silence(1.0), Loudness()
    )


def test_a_turn_has_its_padding_before_and_its_silence_after(two_phrases):
    # frames of 32 ms: the tone is heard from the one at 992 ms to the one that ends at 3424 ms
    (turn,) = segment(two_phrases).segments
    assert turn == Segment(692, 3924, 992, 3424, turn.decided_ms)
    assert 3936 <= turn.decided_ms <= 3936 + 20  # the end of the frame, and what soxr holds back
    assert turn.wait_ms == turn.decided_ms - 3424


def test_a_short_silence_makes_two_turns_of_it(two_phrases):
    first, second = segment(two_phrases, VADConfig(silence_duration_ms=200)).segments
    assert (first.speech_end_ms, first.end_ms) == (2016, 2216)
    assert second.start_ms == 2216  # the padding stops at the turn before
    assert second.speech_start_ms == 2400


def test_a_turn_that_the_clip_does_not_end_is_open(two_phrases):
    (turn,) = segment(two_phrases, {"type": "server_vad", "silence_duration_ms": 2000}).segments
    assert turn == Segment(692, None, 992, 3424, None)
    assert turn.wait_ms is None


def test_turns_by_hand_are_none_and_turns_on_this_side_go_by_the_same_numbers(two_phrases):
    assert segment(two_phrases, VADConfig(mode=VADMode.MANUAL)).segments == ()
    assert segment(two_phrases, VADConfig(mode=VADMode.MANUAL)).settings is None
    config = {"silence_duration_ms": 200, "threshold": 0.4}
    own, server = (
        segment(two_phrases, VADConfig(mode=mode, **config))
        for mode in (VADMode.CLIENT, VADMode.SERVER)
    )
    assert own.segments == server.segments
    assert server.settings.leave == pytest.approx(0.25)


def test_words_add_up_to_guesses(two_phrases):
    vad = {"type": "semantic_vad"}
    words = [TimedWord(word, 1100 + 100 * n) for n, word in enumerate("tell me about".split())]
    guesses = [Guess("tell", 1100), Guess("tell me", 1200), Guess("tell me about", 1300)]
    assert segment(two_phrases, vad, words).events == segment(two_phrases, vad, guesses).events
    assert segment(two_phrases, vad, words).segments[0].end_ms is None
    assert segment(two_phrases, vad, [TimedWord("yes", 1500)]).segments[0].end_ms == 3424 + 400


def test_words_that_came_within_the_padding_belong_to_the_turn(two_phrases):
    words = [TimedWord("old", 100), TimedWord("tell", 800), TimedWord("me", 2000)]
    high = {"type": "semantic_vad", "eagerness": "high"}
    assert segment(two_phrases, high, words).segments[0].end_ms is None  # "tell me": 2 s
    assert segment(two_phrases, high, words[2:]).segments[0].end_ms == 3424 + 600  # "me"


def test_a_clip_is_heard_by_silero_by_itself():
    clip = Clip.silence(0.5) + rtkit.say("What time is it?") + Clip.silence(1)
    assert segment(clip).events == segment(listen(clip)).events != ()


def test_the_events_are_the_wire_s_own(two_phrases):
    for event in segment(two_phrases).events:
        OFFICIAL.validate_python({**event, "event_id": "event_1", "previous_item_id": None})


def test_what_a_server_refuses_is_refused_in_its_words(two_phrases):
    with pytest.raises(ConfigError, match="threshold"):
        segment(two_phrases, {"type": "server_vad", "threshold": 2})
    with pytest.raises(ConfigError, match="'server_vad' and 'semantic_vad'"):
        segment(two_phrases, {"type": "loudness"})


def test_what_is_in_force_holds_the_defaults_and_can_be_said_in_a_line():
    assert in_force(None) == in_force(VADConfig()) == in_force({"type": "server_vad"})
    assert described(in_force(VADConfig(mode=VADMode.SEMANTIC))) == "semantic_vad, eagerness auto"
    assert described(None) == "turns by hand"


def test_it_shows_itself_as_a_table(two_phrases):
    told = segment(two_phrases)
    assert "692" in told._repr_html_()
    assert repr(told) == (
        "Segmentation(1 turn; server_vad, threshold 0.5, padding 300 ms, silence 500 ms)"
    )
    assert "open" in str(segment(two_phrases, {"type": "server_vad", "silence_duration_ms": 9000}))


def test_thirty_seconds_are_decided_anew_in_under_10_ms(silero):
    clip = rtkit.say("Tell me a long story about a cat. ") + Clip.silence(0.8)
    detection = listen(Clip(np.resize(clip.samples, 30 * 24_000), 24_000), silero)
    spent = []
    for silence_ms in range(100, 1100, 100):
        began = time.perf_counter()
        segment(detection, VADConfig(silence_duration_ms=silence_ms))
        spent.append(1000 * (time.perf_counter() - began))
    assert min(spent) < 10, spent
