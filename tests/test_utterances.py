import math

import numpy as np
import pytest
from serverstory import Finish, Forget, Listen, Story, counted_ids, only, words_heard

from rtkit.audio import AudioFormat
from rtkit.config import RealtimeSessionConfig
from rtkit.questions import confidence
from rtkit.server.commands import Agenda, Send
from rtkit.server.conversation import Conversation
from rtkit.server.terms import Wanted
from rtkit.server.utterances import Utterances, logprobs

SOUND = np.zeros(1600, np.int16)
COMPLETED = "conversation.item.input_audio_transcription.completed"
MODEL = Wanted("gpt-transcribe", logprobs=True)


def utterances():
    agenda = Agenda(counted_ids())
    return Utterances(agenda, Conversation("conv_1")), agenda


def committed():
    told, agenda = utterances()
    told.listen(SOUND, 1000.0)
    told.commit(bytes(4800), AudioFormat.PCM16)
    commands = agenda.take()
    return told, agenda, commands[-1].item_id, commands


def test_the_id_of_an_utterance_is_that_of_its_item():
    _, _, item_id, commands = committed()
    kinds = [type(command) for command in commands]
    assert kinds == [Listen, Send, Send, Send, Finish]
    assert commands[0].item_id == commands[1].event["item_id"] == item_id


def test_a_dropped_utterance_is_forgotten_once():
    told, agenda = utterances()
    told.listen(SOUND, 1000.0)
    told.drop()
    told.drop()
    assert [type(command) for command in agenda.take()] == [Listen, Forget]


def test_words_are_awaited_until_they_come():
    told, _, item_id, _ = committed()
    assert told.unheard == {item_id}
    told.heard(item_id, words_heard("hello"), None)
    assert told.unheard == set()


def test_without_transcription_nothing_is_sent():
    told, agenda, item_id, _ = committed()
    told.heard(item_id, words_heard("hello"), None)
    told.failed(item_id, "broken", None)
    assert agenda.take() == []


def guesses(*texts, model="gpt-live-transcribe"):
    """The deltas that come of guesses, and then of the words that were heard at the end."""
    told, agenda = utterances()
    told.listen(SOUND, 1000.0)
    item_id = agenda.take()[0].item_id
    for text in texts[:-1]:
        told.guessed(item_id, text, Wanted(model, logprobs=True))
    ahead = [command.event["delta"] for command in agenda.take()]
    told.commit(bytes(4800), AudioFormat.PCM16)
    agenda.take()
    told.heard(item_id, words_heard(texts[-1]), Wanted(model, logprobs=True))
    *rest, completed = [command.event for command in agenda.take()]
    assert completed["transcript"] == texts[-1]
    return ahead, [event["delta"] for event in rest]


def test_words_are_sent_ahead_once_two_guesses_share_them():
    ahead, rest = guesses("what", "what time is", "what time is it", "what time is it now")
    assert (ahead, rest) == (["what", " time"], [" is", " it", " now"])


def test_a_word_that_was_sent_is_never_taken_back():
    ahead, rest = guesses("one two three", "one two three", "won two three", "won two three")
    assert (ahead, rest) == (["one", " two"], [])


def test_other_models_say_nothing_before_the_commit():
    ahead, rest = guesses("one two", "one two", "one two", model="gpt-transcribe")
    assert (ahead, rest) == ([], ["one", " two"])


def test_silence_is_transcribed_as_nothing():
    told, agenda, item_id, _ = committed()
    told.heard(item_id, words_heard(""), MODEL)
    completed = agenda.take()[-1].event
    assert (completed["transcript"], completed["logprobs"]) == ("", [])


def test_the_confidence_can_be_read_from_the_logprobs():
    told = logprobs(words_heard("what time is it", confidence=0.8).words)
    mean = sum(entry["logprob"] for entry in told) / len(told)
    assert math.exp(mean) == np.float64(0.8).round(6) or abs(math.exp(mean) - 0.8) < 1e-5
    assert bytes(told[0]["bytes"]) == b"what"
    assert logprobs(words_heard("a", confidence=0.0).words)[0]["logprob"] < -13


def test_rtkits_own_sessions_are_told_how_sure_the_recogniser_was():
    story = Story()
    story.send("session.update", session=RealtimeSessionConfig().to_session())
    story.say_and_wait()
    completed = only(story.hear("what time is it", confidence=0.8), COMPLETED)
    assert confidence(completed["logprobs"]) == pytest.approx(0.8)


@pytest.mark.parametrize("include", [None, []])
def test_logprobs_are_sent_when_they_are_asked_for_only(include):
    story = Story()
    story.transcribe()
    story.update(include=include)
    story.say_and_wait()
    assert "logprobs" not in only(story.hear("what time is it"), COMPLETED)


@pytest.mark.parametrize(
    ("model", "languages"), [("gpt-transcribe", [{"code": "en"}]), ("whisper-1", None)]
)
def test_the_language_is_told_by_the_model_that_tells_it(model, languages):
    story = Story()
    story.transcribe(model)
    story.say_and_wait()
    assert only(story.hear("what time is it"), COMPLETED).get("languages") == languages
    story.say_and_wait()
    silent = only(story.hear(""), COMPLETED)
    assert silent.get("languages") == (None if languages is None else [])


def test_a_result_that_nobody_waits_for_changes_nothing():
    told, agenda, item_id, _ = committed()
    told.heard(item_id, words_heard("hello"), MODEL)
    agenda.take()
    told.heard(item_id, words_heard("goodbye"), MODEL)
    told.failed(item_id, "broken", MODEL)
    assert agenda.take() == []
