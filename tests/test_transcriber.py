from helpers import Story

from rtkit.parts import TranscriptionConfig
from rtkit.transcriber import RealtimeTranscriber, TranscriptionResult


def test_a_final_text_ends_the_guesses(capsys):
    transcriber = RealtimeTranscriber()
    transcriber.on_partial_transcript("good")
    transcriber.on_partial_transcript("good day", 0.4)
    assert [result.text for result in transcriber.partial_results] == ["good", "good day"]
    assert transcriber.get_current_state()["partial_text"] == "good day"
    transcriber.on_final_transcript("good day to you", 0.9, "en")
    transcriber.on_partial_transcript("what")
    assert transcriber.final_results == [TranscriptionResult("good day to you", 0.9, "en", True)]
    assert transcriber.get_current_state() == {
        "final_text": "good day to you",
        "partial_text": "what",
        "turn_count": 1,
    }
    assert capsys.readouterr().out.splitlines()[2] == "Final (en, 0.90): good day to you"


def test_a_recogniser_that_does_not_say_how_sure_it_is(capsys):
    RealtimeTranscriber().on_final_transcript("hello", None, "auto")
    assert capsys.readouterr().out == "Final (auto): hello\n"


def test_what_a_server_transcribed_is_there_too():
    story = Story().open()
    story.transcribe(story.speak(1.0), "first question")
    story.answer("An answer.", 0.5)
    unheard = story.speak(1.0)
    config = TranscriptionConfig(language="en")
    transcriber = RealtimeTranscriber(config, story.timeline)
    (first,) = [result for result in transcriber.final_results if result.text]
    assert (first.text, first.language, first.is_final) == ("first question", "en", True)
    assert 900 < first.end_time_ms - first.start_time_ms < 1400
    assert transcriber.get_full_transcript() == "first question"
    story.transcribe(unheard, "second")
    assert transcriber.get_full_transcript() == "first question second"
