"""The recorder without a browser: what it is headless, and what the kernel's side does."""

import asyncio
import base64
import json
import sys

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from pages import Page

from rtkit.clip import Clip
from rtkit.errors import AudioError, ConfigError
from rtkit.speech.synthesis import say
from rtkit.wav import read_wav, write_wav
from rtkit.widgets import assets, recorder
from rtkit.widgets.recorder import TEXT, Recorder
from rtkit.widgets.sentences import LOST_SOUND, NO_PAGE, NOTHING_RECORDED
from rtkit.widgets.takes import SILENT
from rtkit.widgets.wire import FRAME_BYTES, message, pack, unpack

PHRASE = "What time is it?"
SPOKEN = str(say(PHRASE))  # the synthesiser is not the same to the last bit every time
NOT_ALLOWED = "The browser did not allow the microphone."
NOISE = Clip(np.random.default_rng(1).uniform(-0.5, 0.5, 4800), 24_000)  # 0.2 s: ten frames


@pytest.fixture
def rec():
    rec = Recorder()
    yield rec
    rec.close()


@pytest.fixture
def page(rec):
    return Page(rec._studio)


def frames(clip):
    pcm = clip.to_pcm16()
    return [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]


def record(page, clip, order=None):
    """A whole take, as a page records it."""
    page.tell("open", device="", processing=False)
    page.tell("microphone", on=True, label="Desk microphone")
    pieces = frames(clip)
    for number in order or range(len(pieces)):
        page.hear(number, pieces[number])
    page.tell("microphone", on=False, reason="", sentence=None)


class Eager(Page):
    """A page that records NOISE again and again, as soon as it is asked to, until it is stopped."""

    def send(self, data):
        super().send(data)
        if data == message("record"):
            asyncio.get_running_loop().call_soon(self.begin)
        elif data == message("stop"):
            asyncio.get_running_loop().call_soon(self.end)

    def begin(self):
        self.number = 0
        self.guest.receive(self, message("microphone", on=True, label="Desk microphone"))
        self.hear_more()

    def hear_more(self):
        if self.guest.recording is not None:
            self.guest.receive(self, pack(self.number, frames(NOISE)[self.number % 10]))
            self.number += 1
            asyncio.get_running_loop().call_soon(self.hear_more)

    def end(self):
        self.guest.receive(self, message("microphone", on=False, reason="", sentence=None))


class Refusing(Page):
    """A page whose browser does not allow the microphone."""

    def send(self, data):
        super().send(data)
        if data == message("record"):
            refused = message("refused", sentence=NOT_ALLOWED)
            asyncio.get_running_loop().call_soon(self.guest.receive, self, refused)


# ---- without a page


def test_the_text_of_a_recorder_is_always_the_same(rec):
    data, _ = rec._repr_mimebundle_()
    assert repr(rec) == data["text/plain"] == TEXT
    assert TEXT in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data


@pytest.mark.parametrize("ask", [lambda r: r.clip, lambda r: r.record(), lambda r: r.take(1)])
def test_without_a_page_it_says_so_after_a_while_and_names_the_ways_out(rec, monkeypatch, ask):
    monkeypatch.setattr(recorder, "PAGE_WITHIN", 0.05)
    with pytest.raises(AudioError) as told:
        ask(rec)
    assert str(told.value) == NO_PAGE
    assert "rec.say('a phrase')" in NO_PAGE
    assert rec.takes == {}


def test_a_stand_in_is_spoken_only_where_it_was_asked_for_and_says_that_it_is_one(capsys):
    rec = Recorder(stand_in=PHRASE)
    assert rec.takes == {}
    assert str(rec.clip) == SPOKEN
    assert capsys.readouterr().out == (
        "Nothing was recorded, so a spoken phrase stands in: 'What time is it?'\n"
    )
    assert rec.takes == {1: rec.clip}
    assert capsys.readouterr().out == ""


def test_a_clip_can_stand_in_and_a_recording_takes_its_place(capsys):
    rec = Recorder(stand_in=NOISE)
    assert rec.clip == NOISE
    assert "a clip stands in" in capsys.readouterr().out
    record(Page(rec._studio), Clip.silence(0.1) + NOISE)
    assert rec.clip.duration == pytest.approx(0.3)


def test_a_stand_in_of_another_kind_is_refused():
    with pytest.raises(ConfigError, match=r"stand_in is 3. Allowed: a phrase"):
        Recorder(stand_in=3)


def test_a_spoken_phrase_and_a_file_are_takes_too(rec, tmp_path):
    NOISE.save(tmp_path / "noise.wav")
    assert str(rec.say(PHRASE)) == SPOKEN
    assert rec.load(tmp_path / "noise.wav").duration == NOISE.duration
    assert rec.load((tmp_path / "noise.wav").read_bytes()) == rec.takes[2] == rec.clip
    rec.choose(1)
    assert str(rec.clip) == SPOKEN
    rec.delete(1)
    assert list(rec.takes) == [2, 3]
    with pytest.raises(AudioError, match=r"no take 1. There are: 2, 3"):
        rec.choose(1)


def test_a_notebook_runs_headless_with_a_stand_in_and_stores_no_sound():
    cells = [
        f"import rtkit\nrec = rtkit.Recorder(stand_in={PHRASE!r})\nrec",
        "clip = rec.clip\nprint(clip)",
        "rtkit.Recorder().clip",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True).execute()
    shown, read, failed = (cell.outputs for cell in notebook.cells)
    assert [output.data["text/plain"] for output in shown] == [TEXT]
    assert read[0].text.splitlines() == [
        f"Nothing was recorded, so a spoken phrase stands in: {PHRASE!r}",
        SPOKEN,
    ]
    assert failed[0].evalue == NO_PAGE
    models = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"][
        "state"
    ].values()
    [first, *_] = [model["state"] for model in models if model["model_name"] == "AnyModel"]
    large = [name for name, value in first.items() if len(json.dumps(value)) > 200]
    assert sorted(large) == ["_css", "_esm"]  # what is stored with the notebook holds no sound


# ---- with a page


def test_what_the_page_hears_is_the_clip_sample_for_sample(rec, page):
    record(page, NOISE)
    assert rec.clip.to_pcm16() == NOISE.to_pcm16()
    assert rec.clip.rate == 24_000
    assert page.texts("takes")[-1]["rows"][0]["title"] == "Desk microphone"


def test_frames_that_come_out_of_order_are_put_in_order(rec, page):
    record(page, NOISE, order=[1, 0, 3, 2, 4, 5, 9, 8, 7, 6])
    assert rec.clip.to_pcm16() == NOISE.to_pcm16()


def test_a_frame_that_never_came_is_told_and_costs_nothing_else(rec, page):
    record(page, NOISE, order=[0, 1, 2, 3, 4, 5, 6, 8, 9])
    assert rec.clip.duration == pytest.approx(0.18)
    assert rec._studio.takes.rows()[0]["note"] == "20 ms were lost on the way"


def test_a_running_take_tells_its_length_and_level(rec, page):
    assert (rec.recording, rec.duration, rec.level_dbfs) == (False, 0.0, -np.inf)
    page.tell("microphone", on=True, label="")
    for number, frame in enumerate(frames(NOISE)[:5]):
        page.hear(number, frame)
    assert (rec.recording, rec.duration) == (True, 0.1)
    assert rec.level_dbfs == pytest.approx(NOISE.cut(0.08, 0.1).level_dbfs, abs=0.01)
    with pytest.raises(AudioError, match="Press the stop button"):
        rec.clip  # noqa: B018


def test_a_page_that_is_lost_in_the_middle_leaves_what_arrived(rec, page):
    page.tell("microphone", on=True, label="")
    page.hear(0, frames(NOISE)[0])
    page.leave()
    assert rec.clip.duration == 0.02
    assert "closed or its connection lost" in rec._studio.takes.rows()[0]["note"]
    assert not rec.recording


def test_a_microphone_that_is_lost_leaves_what_arrived_and_the_reason(rec, page):
    page.tell("microphone", on=True, label="")
    page.hear(0, frames(NOISE)[0])
    page.tell("microphone", on=False, reason="the microphone was lost", sentence="It stopped.")
    assert rec.clip.duration == 0.02
    assert rec._studio.takes.rows()[0]["note"] == "the microphone was lost"
    assert rec.notice == "It stopped."


def test_digital_silence_is_kept_and_explained(rec, page):
    record(page, Clip.silence(0.1))
    assert rec.clip == Clip.silence(0.1)
    assert page.texts("notice")[-1] == {"type": "notice", "text": SILENT, "kind": "hint"}


def test_a_microphone_that_sends_nothing_makes_no_take(rec, page):
    record(page, NOISE.cut(0, 0))
    assert rec.takes == {}
    assert rec.notice == LOST_SOUND
    with pytest.raises(AudioError) as told:
        rec.clip  # noqa: B018
    assert str(told.value) == f"{NOTHING_RECORDED} {LOST_SOUND}"


def test_every_take_has_a_stream_of_its_own_with_the_constraints_that_were_asked_for(rec, page):
    page.tell("open", device="abc", processing=True)
    stream = rec._studio._stream
    assert page.texts("stream") == [{"type": "stream", "id": stream.model_id}]
    assert stream.constraints["video"] is False
    assert stream.constraints["audio"] == {
        **{"echoCancellation": True, "noiseSuppression": True, "autoGainControl": True},
        **{"channelCount": 1, "deviceId": {"exact": "abc"}},
    }
    page.tell("microphone", on=True, label="")
    page.tell("microphone", on=False, reason="")
    assert stream.comm is None  # closed: that ends its track, whatever the page does
    page.tell("open", device="", processing=False)
    assert "deviceId" not in rec._studio._stream.constraints["audio"]


def test_without_ipywebrtc_the_page_names_the_command(rec, page, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywebrtc", None)
    page.tell("open", device="", processing=False)
    [refused] = page.texts("refused")
    assert "ipywebrtc, which opens the microphone, is not installed" in refused["text"]
    assert "pip install 'rtkit[lab]'" in refused["text"]


def test_the_page_gets_the_chosen_take_as_a_wav_file_with_its_picture(rec, page):
    rec.load(write_wav(NOISE.samples, NOISE.rate))
    rec.say(PHRASE)
    page.tell("choose", number=1)
    picture = page.texts("picture")[-1]
    assert (picture["number"], len(picture["low"])) == (1, len(picture["high"]))
    number, wav = unpack([data for data in page.sent if isinstance(data, bytes)][-1])
    samples, rate = read_wav(wav)
    assert (number, rate) == (1, 24_000)
    assert np.allclose(samples, NOISE.samples, atol=1e-4)
    page.tell("delete", number=2)
    assert len([data for data in page.sent if isinstance(data, bytes)]) == 3  # 1, 2, 1
    page.tell("delete", number=1)
    assert page.texts("takes")[-1]["chosen"] is None
    page.tell("choose", number=1)
    assert "no take 1" in page.texts("notice")[-1]["text"]


def test_a_phrase_that_is_typed_and_a_file_in_pieces_become_takes(rec, page):
    page.tell("say", text=PHRASE)
    page.until(lambda: 1 in rec.takes)
    wav = write_wav(NOISE.samples, NOISE.rate)
    for piece, at in ((1, 5000), (0, 0)):
        data = base64.b64encode(wav[at : at + 5000]).decode()
        page.tell("file", name="noise.wav", piece=piece, count=2, data=data)
    page.until(lambda: 2 in rec.takes)
    assert str(rec.takes[1]) == SPOKEN
    assert rec.takes[2] == Clip.load(wav)
    assert [row["title"] for row in page.texts("takes")[-1]["rows"]] == [PHRASE, "noise.wav"]


def test_a_file_that_is_no_sound_is_explained_in_the_page(rec, page):
    page.tell("file", name="a.pdf", piece=0, count=1, data=base64.b64encode(b"%PDF-1.7").decode())
    page.until(lambda: rec.notice)
    assert "not a sound file that rtkit knows" in rec.notice
    assert rec.takes == {}


def test_a_second_page_takes_over_and_the_first_is_told(rec, page):
    page.tell("microphone", on=True, label="")
    page.hear(0, frames(NOISE)[0])
    second = Page(rec._studio)
    assert page.sent[-1] == "closed"
    assert "open in another page" in page.texts("bye")[0]["text"]
    assert second.texts("takes")[0]["chosen"] == 1


def test_closing_keeps_the_takes_and_lets_the_page_go(rec, page):
    record(page, NOISE)
    rec.close()
    page.until(lambda: "closed" in page.sent)
    assert rec.clip.duration == NOISE.duration


# ---- from code


def test_a_take_of_a_given_length_has_it_to_the_sample(rec):
    Eager(rec._studio)
    clip = rec.take(0.333)
    assert len(clip.samples) == round(0.333 * 24_000)
    assert clip == rec.takes[1]
    assert len(rec.take(0.05).samples) == 1200
    assert list(rec.takes) == [1, 2]


def test_recording_from_code_ends_with_stop(rec):
    Eager(rec._studio)
    rec.record()
    with pytest.raises(AudioError, match="is being recorded"):
        rec.record()
    assert rec.stop() == rec.clip
    with pytest.raises(AudioError, match="nothing is being recorded"):
        rec.stop()


def test_a_refusal_is_raised_where_the_take_was_asked_for(rec):
    Refusing(rec._studio)
    with pytest.raises(AudioError, match=NOT_ALLOWED):
        rec.take(1)
    with pytest.raises(AudioError, match=NOT_ALLOWED):
        rec.record()


def test_a_microphone_that_never_opens_is_named_and_given_up(rec, page, monkeypatch):
    monkeypatch.setattr(recorder, "START_WITHIN", 0.05)
    with pytest.raises(AudioError, match="If the browser asks whether it may be used, answer it"):
        rec.take(1)
    assert page.texts("stop")


@pytest.mark.parametrize("seconds", [0, -1, 4000, float("nan")])
def test_a_length_that_no_take_can_have_is_refused(rec, seconds):
    with pytest.raises(AudioError, match="up to 3600 seconds, found"):
        rec.take(seconds)


def test_the_module_carries_the_microphones_worklet_only_and_names_no_other_place():
    module = assets.module("recorder")
    assert "rtkit-microphone" in module
    assert "PLAYER_SOURCE" not in module
    assert "https://" not in module
    assert "import " not in module
