"""When each word was said: told by the embedded server's recogniser, placed on the timeline."""

import asyncio

import numpy as np
import pytest
from helpers import Story
from serverstory import Story as ServerStory
from serverstory import only
from wordtruth import onset_errors, spoken_words

import rtkit
from rtkit import AudioFormat, ServerOptions, VADMode
from rtkit.sounds import read_sounds
from rtkit.transcript import read_transcript
from rtkit.turns import read_turns

COMPLETED = "conversation.item.input_audio_transcription.completed"
WORDS = [
    {"word": "hello", "start_ms": 100, "end_ms": 400, "confidence": 0.9},
    {"word": "there", "start_ms": 400, "end_ms": 800},
]

# what the server tells


def places(event):
    return [(word["word"], word["start_ms"], word["end_ms"]) for word in event["words"]]


def test_only_a_session_that_asked_is_told_where_words_lie():
    for asked in (False, True):
        story = ServerStory(word_times=asked)
        story.transcribe()
        story.say_and_wait()
        assert ("words" in only(story.hear("what time"), COMPLETED)) is asked


def test_words_are_counted_as_the_beginning_of_their_turn_is():
    story = ServerStory(word_times=True)
    story.transcribe()
    for _ in range(3):
        story.silence(1000)
        began = only(story.say_and_wait(), "input_audio_buffer.speech_started")["audio_start_ms"]
        told = only(story.hear("what time"), COMPLETED)
        assert places(told) == [("what", began, began + 90), ("time", began + 100, began + 190)]
        assert [word["confidence"] for word in told["words"]] == [0.9, 0.9]


def test_words_of_a_manual_turn_are_counted_from_the_beginning_of_the_session():
    story = ServerStory(word_times=True)
    story.transcribe()
    story.manual()
    story.speak(600)
    story.send("input_audio_buffer.commit")
    story.hear("what")
    story.silence(400)
    story.send("input_audio_buffer.clear")
    story.speak(500)
    story.send("input_audio_buffer.commit")
    assert places(only(story.hear("time"), COMPLETED)) == [("time", 1000, 1090)]


def test_words_of_sound_that_came_as_an_item_are_counted_from_its_beginning():
    story = ServerStory(word_times=True)
    story.transcribe()
    story.say_and_wait()
    story.hear("what")
    sound = {"type": "input_audio", "audio": "AAAA" * 4000}
    story.type("", content=[sound])
    story.send("response.create")
    assert places(only(story.hear("time"), COMPLETED)) == [("time", 0, 90)]


# where they stand on the timeline


def told(story, item_id, words=WORDS):
    text = " ".join(word["word"] for word in words)
    fields = {"item_id": item_id, "content_index": 0, "transcript": text, "words": words}
    story.hear(COMPLETED, **fields)


def spans(line):
    return [(word.text, round(word.start, 3), round(word.end, 3)) for word in line.words]


def test_words_lie_where_they_were_spoken():
    story = Story().open()
    told(story, story.speak(1.0))
    (line,) = read_transcript(story.timeline)
    assert spans(line) == [("hello", 0.1, 0.4), ("there", 0.4, 0.8)]
    assert [word.confidence for word in line.words] == [0.9, None]
    (turn,) = read_turns(story.timeline)
    assert turn.question_words == line.words


def test_without_the_servers_word_nothing_is_told_of_words():
    story = Story().open()
    story.transcribe(story.speak(1.0), "hello")
    story.answer("Hello.", 0.5)
    story.type("bye")
    assert [line.words for line in read_transcript(story.timeline)] == [None, None, None]
    assert [turn.question_words for turn in read_turns(story.timeline)] == [None, None]


def test_silence_has_times_for_no_words():
    story = Story().open()
    told(story, story.speak(1.0), [])
    assert read_transcript(story.timeline)[0].words == ()


def test_words_of_a_wrong_shape_leave_the_transcript_as_it_is():
    story = Story().open()
    told(story, story.speak(1.0), [{"word": "hello"}])
    (line,) = read_transcript(story.timeline)
    assert (line.text, line.words) == ("hello", None)


def test_a_word_does_not_begin_before_a_pause_in_sending():
    story = Story().open()
    story.speak(0.5)
    story.now += 3.0
    began, sent = story.now, round(1000 * story.sent_s)
    early = {"word": "again", "start_ms": sent - 40, "end_ms": sent + 300}
    told(story, story.speak(1.0), [early])
    assert spans(read_transcript(story.timeline)[1]) == [("again", began, round(began + 0.3, 3))]


def test_words_that_were_sent_at_once_lie_where_their_sound_is_placed():
    story = Story().open()
    told(story, story.speak(1.0, pace=0.0))
    (sound,) = read_sounds(story.timeline)
    (line,) = read_transcript(story.timeline)
    assert [word.start - sound.start for word in line.words] == pytest.approx([0.1, 0.4])


def test_times_of_words_are_saved_and_loaded(tmp_path):
    story = Story().open()
    told(story, story.speak(1.0))
    path = story.timeline.save(tmp_path / "talk.jsonl")
    loaded = rtkit.Timeline.load(path or tmp_path / "talk.jsonl")
    assert read_transcript(loaded) == read_transcript(story.timeline)
    assert read_transcript(loaded)[0].words is not None


def test_a_key_in_a_word_is_masked():
    story = Story().open()
    key = "sk-proj-" + "A1b2C3d4" * 6
    told(story, story.speak(1.0), [{"word": key, "start_ms": 0, "end_ms": 9}])
    (line,) = read_transcript(story.timeline)
    assert key not in line.words[0].text


# the real recogniser, against what the synthesiser says of its own words

SENTENCES = ("What time is it now?", "What is the capital of France?")


async def talk(mode=VADMode.SERVER, form=AudioFormat.PCM16, faults=""):
    """Seconds by which each word is placed late, in a session that hears the sentences."""
    config = rtkit.RealtimeSessionConfig(vad_mode=mode, input_audio_format=form)
    server = ServerOptions(faults=faults)
    errors, said = [], b""
    async with rtkit.connect_async(config, server=server, record=False) as session:
        for number, sentence in enumerate(SENTENCES):
            clip, words = spoken_words(sentence)
            said += bytes(24_000)
            begun, sound = len(said) / 48_000, clip.to_pcm16()
            said += sound + bytes(36_000)
            await say(session, bytes(24_000) + sound + bytes(36_000), mode is VADMode.MANUAL)
            async with asyncio.timeout(60):
                while not (line := line_at(session, number)):
                    await asyncio.sleep(0.05)
            own = mode is VADMode.CLIENT
            at = own_instant if own else instant
            begun = sound[9600:14400] if own else begun
            truth = [(word, at(session.timeline, begun, onset)) for word, onset in words]
            errors += onset_errors(truth, line.words)
    return errors


def line_at(session, number):
    lines = [line for line in session.transcript if line.speaker == "user" and line.final]
    return lines[number] if len(lines) > number else None


async def say(session, data, by_hand):
    """Speak as a person would, 20 ms at a time."""
    loop = asyncio.get_running_loop()
    if by_hand:
        session.press()
    begun = loop.time()
    for at in range(0, len(data), 960):
        await asyncio.sleep(begun + (at + 960) / 48_000 - loop.time())
        session.append(data[at : at + 960])
    if by_hand:
        session.release()


def frames(timeline):
    return [m for m in timeline if m.source != "server" and m.audio and m.audio.track == "input"]


def instant(timeline, begun, seconds):
    """When something was spoken so long after `begun` (seconds of all sound): by its frame."""
    rate = timeline.tracks["input"].format.rate
    sample = round((begun + seconds) * rate)
    holds = (m for m in frames(timeline) if sample < m.audio.first + m.audio.count)
    frame = next(holds)
    return frame.t - (frame.audio.first + frame.audio.count - sample) / rate


def own_instant(timeline, sound, seconds):
    """The same of a turn that the session found itself; `sound` is 0.2 s behind its beginning."""
    begun = timeline.tracks["input"].data.find(sound) // 2 - 4800
    starts = [m for m in timeline if m.type == "turn.started"]
    firsts = [next(f for f in frames(timeline) if f.t >= m.t).audio.first for m in starts]
    pairs = zip(firsts, (m.event["start_t"] for m in starts), strict=True)
    first, start = max(pair for pair in pairs if pair[0] <= begun)
    return start + (begun - first) / 24_000 + seconds


async def talks():
    return await asyncio.gather(
        talk(),
        talk(mode=VADMode.MANUAL),
        talk(mode=VADMode.CLIENT),
        talk(form=AudioFormat.G711_ULAW),
        talk(faults="drop:after=response.created,nth=2"),
    )


def test_words_are_placed_where_the_synthesiser_spoke_them():
    for errors in asyncio.run(talks()):
        assert len(errors) >= 2  # a bad line may leave few words that are heard right
        late_ms = np.sort(1000 * np.abs(errors))
        assert np.median(late_ms) < 60, late_ms
        assert late_ms[-2] < 160, late_ms  # one word may be heard right where another was said
