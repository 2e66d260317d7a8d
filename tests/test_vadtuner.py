"""The tuner without a browser: what a page is answered, what notebooks set, what is stored."""

import asyncio
import json
import threading

import nbformat
import numpy as np
import pytest
import traitlets
from nbclient import NotebookClient
from pages import Page

import rtkit
from rtkit.clip import Clip
from rtkit.config import RealtimeSessionConfig, TranscriptionSessionConfig, VADConfig, VADMode
from rtkit.errors import AudioError, ConfigError
from rtkit.labelled import Labelled
from rtkit.segments import segment
from rtkit.sense import TimedWord
from rtkit.widgets import assets
from rtkit.widgets.outcome import BY_PAUSES, BY_WORDS, difference, figures, summary
from rtkit.widgets.retuning import carried_over, retuned
from rtkit.widgets.vadtuner import STAND_IN, TEXT, VADTuner

QUICK = VADConfig(silence_duration_ms=300)
PATIENT = VADConfig(silence_duration_ms=900)
SEMANTIC = VADConfig(mode=VADMode.SEMANTIC)


def bursts(*seconds):
    """Noise and silence by turns: what the energy detector takes for speech, to a frame."""
    noise = np.random.default_rng(7).uniform(-0.3, 0.3, 24_000 * 9).astype(np.float32)
    parts = [
        Clip(noise[: round(24_000 * s)], 24_000) if n % 2 else Clip.silence(s)
        for n, s in enumerate(seconds)
    ]
    return sum(parts[1:], parts[0])


CLIP = bursts(0.5, 0.8, 0.6, 0.5, 1.5, 0.7, 1.2)  # the first pause ends a turn, or does not


@pytest.fixture
def tuner():
    tuner = VADTuner(CLIP, detector="energy")
    yield tuner
    tuner.close()


@pytest.fixture
def page(tuner):
    return opened(tuner)


def opened(tuner):
    """A page that has come and was told everything."""
    page = Page(tuner._bench)
    page.tell("clip")
    page.until(lambda: page.texts("clip"))
    return page


def shown(page):
    """What the page shows: the newest of what it was told."""
    kinds = ("clip", "heard", "decided")
    texts = [json.loads(data) for data in page.sent if isinstance(data, str)]
    return [text for text in texts if text["type"] in kinds][-1]


def settings(page, side="a", **changes):
    return {**shown(page)[side]["settings"], **changes}


def decide(page, number, a, b=None):
    page.tell("decide", number=number, a=a, b=b)
    page.until(lambda: any(text["number"] == number for text in page.texts("decided")))


def spans(side):
    return [(turn["start"], turn["end"]) for turn in side["turns"]]


def test_a_page_is_given_the_sound_the_probabilities_and_the_turns(page, tuner):
    told = shown(page)
    data = b"".join(part for part in page.sent if isinstance(part, bytes))
    assert data[: told["sound_bytes"]] == CLIP.to_pcm16()
    heard = rtkit.listen(CLIP, "energy")
    chances = np.frombuffer(data[told["sound_bytes"] :], "<f4")
    assert np.array_equal(chances, heard.probabilities)
    assert told["hop_ms"] == 20
    assert spans(told["a"]) == [(s.start_ms, s.end_ms) for s in segment(heard).segments]
    assert told["b"] is None
    assert told["a"]["meanings"]["silence_duration_ms"].startswith("quick")
    assert page.sent[0] == '{"type": "welcome"}'


def test_a_slider_is_answered_by_the_servers_own_state_machine(page, tuner):
    seen = []
    tuner.observe(lambda change: seen.append(change["new"]), "value")
    decide(page, "p.1", settings(page, silence_duration_ms=900, threshold=0.6))
    wanted = VADConfig(silence_duration_ms=900, threshold=0.6)
    found = segment(rtkit.listen(CLIP, "energy"), wanted)
    assert spans(shown(page)["a"]) == [(s.start_ms, s.end_ms) for s in found.segments]
    assert len(found.segments) == 2
    page.until(lambda: seen)
    assert seen == [wanted]
    assert tuner.vad == tuner.value == wanted
    assert tuner.segmentation == found or tuner.segmentation.segments == found.segments


def test_two_settings_are_compared_in_numbers_and_words(page, tuner):
    decide(page, "p.1", settings(page), settings(page, silence_duration_ms=900))
    told = shown(page)
    assert [told[side]["figures"]["turns"] for side in "ab"] == [3, 2]
    assert told["says"].startswith("A: 3 turns; the first ends at ")
    assert told["difference"].startswith("B makes 2 turns of the clip, A 3. With B the caller")
    page.until(lambda: tuner.b == PATIENT)
    decide(page, "p.2", settings(page))
    page.until(lambda: tuner.b is None)


def test_what_the_notebook_sets_moves_the_sliders(page, tuner):
    tuner.value = QUICK
    page.until(lambda: settings(page)["silence_duration_ms"] == 300)
    tuner.b = SEMANTIC.replace(eagerness="low")
    page.until(lambda: shown(page)["b"])
    assert shown(page)["number"] is None
    assert settings(page, "b")["mode"] == "semantic_vad"
    assert settings(page, "b")["eagerness"] == "low"
    tuner.vad = RealtimeSessionConfig(silence_duration_ms=700).vad
    page.until(lambda: settings(page)["silence_duration_ms"] == 700)


def test_flags_that_no_slider_shows_stay_when_sliders_move():
    base = VADConfig(create_response=False, idle_timeout_ms=6000, threshold=0.4)
    told = {"mode": "server_vad", "threshold": 0.4, "prefix_padding_ms": 100}
    told |= {"silence_duration_ms": 500, "eagerness": "auto"}
    moved = retuned(base, told)
    assert moved == base.replace(prefix_padding_ms=100, mode=VADMode.SERVER)
    semantic = retuned(base, {**told, "mode": "semantic_vad"})
    assert semantic.idle_timeout_ms is None
    assert semantic.create_response is False


def test_an_idle_timeout_is_back_when_the_mode_is(page, tuner):
    tuner.value = VADConfig(idle_timeout_ms=6000)
    page.until(lambda: shown(page).get("number", 0) is None)
    decide(page, "p.1", settings(page, mode="semantic_vad"))
    page.until(lambda: tuner.value.mode is VADMode.SEMANTIC)
    decide(page, "p.2", settings(page, mode="server_vad"))
    page.until(lambda: tuner.value.mode is VADMode.SERVER)
    assert tuner.value.idle_timeout_ms == 6000


def test_a_value_that_no_session_has_is_refused_in_words_and_changes_nothing(page, tuner):
    before = tuner.value
    page.tell("decide", number="p.1", a=settings(page, threshold=7), b=None)
    page.until(lambda: page.texts("problem"))
    assert "threshold" in page.texts("problem")[0]["text"]
    assert tuner.value == before


def test_another_clip_is_loaded_and_a_page_that_is_open_shows_it(page, tuner):
    other = bursts(0.3, 0.6, 1.0)
    tuner.clip = other
    page.until(lambda: len(page.texts("clip")) == 2)
    assert shown(page)["sound_bytes"] == len(other.to_pcm16())
    assert len(shown(page)["a"]["turns"]) == len(tuner.segmentation.segments) == 1
    assert tuner.clip is other


def test_a_labelled_clip_and_an_empty_one_are_loaded_too(page, tuner):
    tuner.clip = Labelled(CLIP, ((0.5, 2.4),))
    page.until(lambda: shown(page)["labels"] == [[0.5, 2.4]])  # the sound is the same
    other = bursts(0.3, 0.6, 1.0)
    tuner.clip = Labelled(other, ((0.3, 0.9),))
    assert tuner.clip is other
    page.until(lambda: shown(page)["labels"] == [[0.3, 0.9]])
    tuner.clip = Clip.silence(0)
    page.until(lambda: shown(page)["sound_bytes"] == 0)
    assert shown(page)["says"].startswith("This clip is empty.")
    assert tuner.segmentation.segments == ()


def test_clips_of_another_widget_can_be_linked(tuner):
    class Holder(traitlets.HasTraits):
        clip = traitlets.Instance(Clip)

    holder = Holder(clip=bursts(0.2, 0.4, 0.9))
    traitlets.dlink((holder, "clip"), (tuner, "clip"))
    assert tuner.clip is holder.clip


def test_true_utterances_are_drawn_and_cut_offs_counted():
    labelled = Labelled(CLIP, ((0.5, 2.4), (3.9, 4.6)))
    tuner = VADTuner(labelled, b=PATIENT, detector="energy")
    page = opened(tuner)
    assert shown(page)["labels"] == [[0.5, 2.4], [3.9, 4.6]]
    assert [shown(page)[side]["figures"]["cut_offs"] for side in "ab"] == [1, 0]
    assert "B never cuts the speaker off, A once." in shown(page)["difference"]
    tuner.close()
    tuner = VADTuner(CLIP, labels=[(0.5, 2.4)], detector="energy")
    assert tuner._material.labelled.utterances == ((0.5, 2.4),)
    tuner.close()


def test_without_a_clip_a_spoken_phrase_stands_in_and_says_so():
    tuner = VADTuner()
    page = opened(tuner)
    told = shown(page)
    assert told["note"] == STAND_IN
    assert told["a"]["figures"]["cut_offs"] == 1  # in the pause for thought
    assert figures(segment(tuner.clip, PATIENT), tuner._material.labelled).cut_offs == 0
    tuner.clip = CLIP
    page.until(lambda: len(page.texts("clip")) == 2)
    assert shown(page)["note"] == ""
    assert "cut_offs" in shown(page)["a"]["figures"]
    assert shown(page)["a"]["figures"]["cut_offs"] is None
    tuner.close()


def test_meaning_is_told_by_words_that_are_given():
    words = [TimedWord("the", 1100), TimedWord("end", 2350), TimedWord("please", 2380)]
    tuner = VADTuner(CLIP, SEMANTIC, words=words, detector="energy")
    page = opened(tuner)
    assert shown(page)["words"][0] == ["the", 1100]
    assert shown(page)["a"]["note"] == BY_WORDS
    assert (
        tuner.segmentation.segments
        == segment(rtkit.listen(CLIP, "energy"), SEMANTIC, words).segments
    )
    tuner.close()
    tuner = VADTuner(CLIP, SEMANTIC, words=(), detector="energy")
    assert shown(opened(tuner))["a"]["note"] == BY_PAUSES
    tuner.close()


def test_a_recogniser_hears_the_words_when_they_are_first_needed():
    tuner = VADTuner(vad=SEMANTIC)
    assert len(tuner.segmentation.segments) == 2  # "the capital of" is open: it waits for more
    heard = " ".join(word.text for word in tuner._material.words)
    assert heard == "what is the capital of france what time is it"
    tuner.close()


def test_an_observer_may_wait_for_the_turns(page, tuner):
    seen = []
    tuner.observe(lambda _: seen.append(len(tuner.segmentation.segments)), "value")
    decide(page, "p.1", settings(page, mode="semantic_vad"))
    page.until(lambda: seen, seconds=30)
    assert tuner._material.words is not None


def test_another_detector_hears_the_clip_on_request(page, tuner):
    page.tell("detector", detector="webrtc")
    page.until(lambda: page.texts("heard"))
    assert page.texts("busy")[0]["text"].startswith("webrtc")
    assert shown(page)["detector"] == tuner.detector == "webrtc"
    assert shown(page)["hop_ms"] == 30
    page.tell("detector", detector="crystal ball")
    page.until(lambda: page.texts("problem"))
    assert "'silero', 'webrtc', 'energy'" in page.texts("problem")[0]["text"]
    assert tuner.detector == "webrtc"


def test_a_detector_of_ones_own_can_be_chosen_again():
    class Ear(rtkit.detectors.Energy):
        pass

    tuner = VADTuner(CLIP, detector=Ear())
    assert shown(opened(tuner))["detectors"] == ["silero", "webrtc", "energy", "ear"]
    tuner.detector = "webrtc"
    tuner.detector = "ear"
    assert tuner.detector == "ear"
    tuner.close()


def test_a_setting_is_applied_to_a_configuration_and_leaves_the_rest(tuner):
    tuner.value = VADConfig(threshold=0.7, silence_duration_ms=250)
    tuner.b = SEMANTIC.replace(eagerness="high")
    config = RealtimeSessionConfig(voice="coral", create_response=False, idle_timeout_ms=7000)
    made = tuner.apply_to(config)
    assert made.vad.threshold == 0.7
    assert made.vad.silence_duration_ms == 250
    assert (made.voice, made.create_response, made.idle_timeout_ms) == ("coral", False, 7000)
    semantic = tuner.apply_to(config, "b")
    assert (semantic.vad_mode, semantic.eagerness) == (VADMode.SEMANTIC, "high")
    assert semantic.idle_timeout_ms is None
    assert tuner.apply_to(TranscriptionSessionConfig()).vad_threshold == 0.7
    wire = tuner.apply_to({"type": "realtime"})["audio"]["input"]["turn_detection"]
    assert wire["threshold"] == 0.7
    with pytest.raises(ConfigError, match="no setting 'c'"):
        tuner.apply_to(config, "c")


def test_the_button_changes_a_live_session_and_keeps_its_flags():
    config = RealtimeSessionConfig(silence_duration_ms=650, interrupt_response=False)
    with rtkit.connect(config, record=False) as session:
        tuner = VADTuner(CLIP, session=session, detector="energy")
        assert tuner.value.silence_duration_ms == 650
        page = opened(tuner)
        assert shown(page)["session"] is True
        decide(page, "p.1", settings(page, silence_duration_ms=320))
        page.tell("apply", side="a")
        page.until(lambda: page.texts("applied"))
        done = page.texts("applied")[0]
        assert done["done"] is True
        assert "silence 320 ms" in done["text"]
        turns = session.effective["audio"]["input"]["turn_detection"]
        assert turns["silence_duration_ms"] == 320
        assert turns["interrupt_response"] is False
    page.tell("apply", side="a")
    page.until(lambda: len(page.texts("applied")) == 2)
    assert page.texts("applied")[1]["done"] is False
    assert "session" in page.texts("applied")[1]["text"]
    tuner.close()


def test_a_session_for_async_code_is_changed_too():
    async def talk():
        async with rtkit.connect_async(record=False) as session:
            tuner = VADTuner(CLIP, QUICK, PATIENT, detector="energy")
            await tuner.apply_to(session)
            first = session.effective["audio"]["input"]["turn_detection"]["silence_duration_ms"]
            done, text = await asyncio.to_thread(carried_over, session, tuner.b)
            tuner.close()
            return first, done, text

    first, done, text = asyncio.run(talk())
    assert (first, done) == (300, True)
    assert text == (
        "The session has it now: server_vad, threshold 0.5, padding 300 ms, silence 900 ms."
    )


def test_a_console_without_a_session_says_what_to_do_first():
    console = rtkit.LiveConsole(record=False)
    with pytest.raises(ConfigError, match="no session yet"):
        VADTuner(CLIP, session=console, detector="energy")
    console.close()


def test_turns_by_hand_and_endless_clips_are_refused():
    with pytest.raises(ConfigError, match=r"found in the sound.*manual"):
        VADTuner(CLIP, VADConfig(mode=VADMode.MANUAL), detector="energy")
    with pytest.raises(ConfigError, match="a tuner takes a VADConfig"):
        VADTuner(CLIP, 0.5, detector="energy")
    with pytest.raises(AudioError, match=r"up to 5 minutes, found 6\.0.*clip\.cut\(0, 300\)"):
        VADTuner(Clip.silence(360, 8000), detector="energy")
    with pytest.raises(AudioError, match="a tuner takes a Clip"):
        VADTuner("question.wav", detector="energy")


def test_a_clip_that_is_refused_leaves_the_one_that_was_there(tuner):
    with pytest.raises(AudioError, match="5 minutes"):
        tuner.clip = Clip.silence(360, 8000)
    for other in (None, "question.wav"):
        with pytest.raises(traitlets.TraitError, match="expected a Clip or a Labelled"):
            tuner.clip = other
    assert tuner.clip is CLIP
    with pytest.raises(ConfigError, match="manual"):
        tuner.value = VADConfig(mode=VADMode.MANUAL)
    assert tuner.value == VADConfig()


@pytest.mark.parametrize("mode", [VADMode.CLIENT, VADMode.SERVER])
def test_turns_on_this_side_have_the_same_sliders(mode):
    tuner = VADTuner(CLIP, VADConfig(mode=mode), detector="energy")
    page = opened(tuner)
    assert settings(page)["mode"] == "server_vad"
    decide(page, "p.1", settings(page, silence_duration_ms=900))
    page.until(lambda: tuner.value.silence_duration_ms == 900)
    assert tuner.value.mode is mode
    tuner.close()


def test_sentences_of_one_turn_of_none_and_of_an_open_one():
    told = [
        summary(segment(rtkit.listen(clip, "energy")))
        for clip in (bursts(0.5, 0.8, 1.0), Clip.silence(1.0), bursts(0.5, 0.8), Clip.silence(0))
    ]
    assert told[0].startswith("1 turn; it ends at ")
    assert told[0].endswith("ms after the last word.")
    assert told[1] == (
        "No turn: the probability of speech is 0.00 at most, and the threshold 0.50."
    )
    assert told[2] == "1 turn, still open when the clip ends."
    assert told[3].startswith("This clip is empty.")


def test_settings_that_do_the_same_are_said_to():
    heard = rtkit.listen(bursts(0.5, 0.8, 1.5), "energy")
    same = segment(heard, VADConfig())
    assert difference(same, same).startswith("A and B are the same setting")
    assert difference(same, segment(heard, VADConfig(threshold=0.49))).startswith("Another")
    longer = difference(same, segment(heard, PATIENT))
    assert longer.startswith("Both find 1 turn. With B the caller waits ")
    assert longer.endswith("ms longer.")


def test_many_threads_may_set_and_ask_at_once(page, tuner):
    def set_them(first):
        for ms in range(first, first + 400, 20):
            tuner.value = VADConfig(silence_duration_ms=ms)

    def ask_them(first):
        for n in range(20):
            page.tell("decide", number=f"p.{first + n}", a=settings(page), b=None)

    acts = [(set_them, 200), (ask_them, 0), (set_them, 800), (ask_them, 100)]
    threads = [threading.Thread(target=act, args=(first,)) for act, first in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    page.until(lambda: len(page.texts("decided")) >= 40)
    decide(page, "last", settings(page, silence_duration_ms=440))
    page.until(lambda: tuner.value.silence_duration_ms == 440)
    assert page.texts("problem") == []
    found = segment(rtkit.listen(CLIP, "energy"), tuner.value)
    assert spans(shown(page)["a"]) == [(s.start_ms, s.end_ms) for s in found.segments]


def test_every_page_hears_of_every_change_and_a_closed_tuner_lets_them_go(page, tuner):
    other = opened(tuner)
    decide(page, "p.1", settings(page, silence_duration_ms=900))
    other.until(lambda: settings(other)["silence_duration_ms"] == 900)
    tuner.close()
    page.until(lambda: "closed" in page.sent and "closed" in other.sent)
    assert "Run its cell again" in page.texts("bye")[0]["text"]


def test_headless_it_is_a_sentence_and_a_picture():
    code = "import rtkit\nclip = rtkit.Clip.silence(1.0)\nrtkit.VADTuner(clip, detector='energy')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    [output] = notebook.cells[0].outputs
    assert output.data["text/plain"] == TEXT
    assert TEXT in output.data["text/html"]
    assert "No turn" in output.data["text/html"]
    assert output.data["image/png"] in output.data["text/html"].replace("\n", "")
    states = notebook.metadata.get("widgets", {}).values()
    assert len(json.dumps(list(states))) < 80_000  # the page's source; no sound


def test_the_module_is_whole_and_needs_nothing_from_a_network():
    module, style = assets.module("tuner"), assets.style("tuner")
    assert "class Tuning extends SoundedEngine" in module
    assert "import " not in module
    assert "http:" not in module.replace("http://www.w3.org", "").replace("http://localhost", "")
    assert "url(" not in style
