"""Callers as data: in Python, in YAML files, and what is said of those that cannot be."""

import copy
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit import Clip, PhoneLine
from rtkit.audio import AudioFormat
from rtkit.errors import ConfigError
from rtkit.evals import (
    KINDS,
    Backchannel,
    Background,
    BargeIn,
    Burst,
    Caller,
    Expect,
    Play,
    Say,
    Silent,
    Wait,
)
from rtkit.evals.callerfile import STEPS
from rtkit.speech.voices import VOICES

HELLO = Say("Hello.")

texts = st.text(min_size=1, max_size=30).filter(lambda text: text.strip())
texts |= st.sampled_from(["no", "3", "null", "- a: b", "# remark", "Größe: 'q' \"p\"", "~"])
numbers = st.floats(0.5, 600, allow_nan=False).map(lambda number: round(number, 3))
maybe = st.none() | numbers
words = st.lists(st.text("abcdefgh ", min_size=1, max_size=6), max_size=3).map(tuple)
values = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8)
tools = st.tuples(texts, st.none() | st.dictionaries(st.text(max_size=5), values, max_size=2))


@st.composite
def expectations(draw):
    tool, arguments = draw(st.none() | tools) or (None, None)
    told = {"tool": tool, "arguments": arguments, "interrupted_within_ms": draw(maybe)}
    told["not_interrupted"] = draw(st.booleans())
    if draw(st.booleans()):
        return Expect(silence=True, **told)
    answers = draw(st.none() | st.integers(1, 3))
    pattern = draw(st.none() | st.sampled_from(["Par(is|ma)", r"\d+ degrees", "a|b"]))
    return Expect(draw(words), pattern, answers=answers, answered_within_ms=draw(maybe), **told)


voices = st.none() | st.sampled_from(list(VOICES))
said = {"text": texts, "voice": voices, "expect": expectations()}
said |= {"speed": st.sampled_from([0.25, 1.0, 1.5]), "gain_db": st.floats(-60, 20).map(round)}
steps = st.one_of(
    st.builds(Say, **said),
    st.builds(BargeIn, **said, at_ms=numbers),
    st.builds(Backchannel, **said, at_ms=numbers),
    st.builds(Play, clip=st.sampled_from(["/a/b.wav", "/c d/é.wav"]), text=texts),
    st.builds(Burst, noise=st.sampled_from(["white", "hum60"]), expect=expectations()),
    st.builds(Silent, seconds=numbers, expect=expectations()),
    st.builds(Wait, until=st.sampled_from(["answer", "first_sound"]) | numbers),
)
lines = st.builds(
    PhoneLine,
    coding=st.sampled_from([AudioFormat.G711_ULAW, AudioFormat.G711_ALAW]),
    loss=st.sampled_from([0.0, 0.02]),
    concealment=st.sampled_from(["repeat", "silence"]),
)
callers = st.builds(
    Caller,
    name=texts,
    steps=st.lists(steps, max_size=4).map(lambda more: (HELLO, *more)),
    voice=st.sampled_from(list(VOICES)),
    background=st.none() | st.builds(Background, st.just("pink"), st.sampled_from([0.0, 12.5])),
    phone=st.none() | lines,
    patience_s=numbers,
)


@given(callers)
def test_what_is_saved_is_what_is_loaded(tmp_path_factory, caller):
    path = caller.save(tmp_path_factory.mktemp("callers") / "caller.yaml")
    assert Caller.load(path) == caller


@given(callers)
def test_a_caller_goes_to_another_process(caller):
    assert pickle.loads(pickle.dumps(caller)) == caller == copy.deepcopy(caller)


def test_a_file_is_written_as_a_person_would(tmp_path):
    caller = Caller(
        "two questions",
        [
            Say("What is the capital of France?", expect=Expect("Paris", answered_within_ms=900)),
            BargeIn("Stop.", at_ms=700),
            Silent(2, expect=Expect(silence=True)),
        ],
    )
    assert caller.save(tmp_path / "caller.yaml").read_text() == (
        "name: two questions\n"
        "steps:\n"
        "- say: What is the capital of France?\n"
        "  expect:\n"
        "    words:\n"
        "    - Paris\n"
        "    answered_within_ms: 900.0\n"
        "- barge_in: Stop.\n"
        "  at_ms: 700.0\n"
        "- silent: 2.0\n"
        "  expect:\n"
        "    silence: true\n"
    )


def test_a_recording_is_looked_for_beside_the_file(tmp_path):
    (tmp_path / "caller.yaml").write_text("name: x\nsteps:\n- play: clips/menu.wav\n")
    (step,) = Caller.load(tmp_path / "caller.yaml").steps
    assert step.clip == str(tmp_path / "clips" / "menu.wav")


def test_a_clip_is_not_written_into_a_file(tmp_path):
    caller = Caller("x", [Play(Clip.silence(1.0))])
    with pytest.raises(ConfigError, match=r"Save the clip with clip\.save"):
        caller.save(tmp_path / "caller.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: x\nsteps:\n- say: a\n  expct: {}", "line 4: found the key 'expct'; allowed: say, "),
        ("name: x\nsteps:\n- say: a\n  expect: {word: b}", "line 4: found the key 'word'; allowed"),
        ("name: x\nsteps:\n- say: a\n  expect:\n    words: 3", "line 5: words: found 3"),
        ("name: x\nsteps:\n- say: a\n- shout: b", "line 4: a step has one of the keys say, play"),
        ("name: x\nsteps:\n- say: a\n  silent: 1", "line 3: a step has one of the keys"),
        ("name: x\nsteps:\n- say: a\n- silent: 9999", "line 4: silent: found 9999"),
        (
            "name: x\nsteps:\n- say: a\n- wait: lunch",
            "line 4: wait: found 'lunch'; allowed: answer",
        ),
        ("name: x\nsteps:\n- say: ''", "line 3: the text is empty"),
        ("name: x\nvoice: bob\nsteps:\n- say: a", "line 2: voice: no voice is named 'bob'"),
        ("name: x\nphone: {loss: 3}\nsteps:\n- say: a", "line 2: loss is a share from 0"),
        ("name: x\nphone: {coding: mp3}\nsteps:\n- say: a", "line 2: found 'mp3'; allowed: g711"),
        ("name: x\nbackground:\n  noise: rain\nsteps:\n- say: a", "line 3: noise: found 'rain'"),
        (
            "name: x\nsteps:\n- wait: answer\n- say: a",
            "line 2: steps: there is nothing to wait for",
        ),
        ("name: x\nsteps: hello", "line 2: steps: found 'hello'; allowed: a list"),
        ("name: x\nsteps:\n- hello", "line 3: a step is written as keys and values"),
        ("steps:\n- say: a", "line 1: name: not given"),
        ("name: [", "line 1: this is no YAML"),
        ("", "line 1: a caller is written as keys and values; found None"),
    ],
)
def test_a_wrong_file_is_told_by_line_and_by_what_is_allowed(tmp_path, text, words):
    path = tmp_path / "caller.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as told:
        Caller.load(path)
    assert words in str(told.value)
    assert str(path) in str(told.value)


@given(st.text(max_size=60) | st.text("nameps: \n-[]{}saywt13", max_size=60))
def test_any_text_is_a_caller_or_a_config_error(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("callers") / "caller.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        caller = Caller.load(path)
    except ConfigError as error:
        told = str(error)
    else:
        told = f"{caller} {path}"
    assert str(path) in told


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        Caller.load(tmp_path / "nobody.yaml")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Expect(silence=True, words="a"), "silence: expected together with words"),
        (lambda: Expect(pattern="("), "is no regular expression"),
        (lambda: Expect(arguments={"a": 1}), "given without tool"),
        (lambda: Expect(answered_within_ms=0), "answered_within_ms: found 0"),
        (lambda: Expect(answers=0), "For none: silence: true"),
        (lambda: Say("  "), "the text is empty"),
        (lambda: Say("a", speed=9), "speed: found 9"),
        (lambda: BargeIn("a", at_ms=-1), "at_ms: found -1"),
        (lambda: Burst(seconds=0), "seconds: found 0"),
        (lambda: Background(snr_db=200), "snr_db: found 200"),
        (lambda: Caller("", [HELLO]), "name: a caller needs one"),
        (lambda: Caller("x", []), "a caller does something"),
        (lambda: Caller("x", [HELLO], patience_s=0), "patience_s: found 0"),
        (lambda: Caller("x", [Say("a", voice="bob")]), "no voice is named 'bob'"),
    ],
)
def test_what_cannot_be_meant_is_told_at_once(make, words):
    with pytest.raises(ConfigError, match=words):
        make()


def test_a_wait_belongs_to_the_turn_before_it():
    caller = Caller("x", [Say("a"), Wait(), Silent(1), Wait(20), Say("b")])
    assert [number for number, _ in caller.numbered()] == [1, 1, 2, 2, 3]
    assert len(caller.turns) == 3


def test_every_kind_of_step_has_its_key():
    kinds = {Say, BargeIn, Backchannel, Play, Burst, Silent, Wait}
    assert {kind for kind, _ in STEPS.values()} == kinds


def test_a_caller_shows_itself_as_a_table_of_what_is_done_and_expected():
    caller = Caller(
        "x",
        [
            Say("Where?", voice="coral", expect=Expect("Paris", answered_within_ms=900)),
            Wait("first_sound"),
            BargeIn("Stop.", at_ms=700, expect=Expect(interrupted_within_ms=500)),
            Wait(20),
            Burst(seconds=0.5, at_ms=100),
            Play(Clip.silence(2), "hm"),
            Silent(2, expect=Expect(silence=True)),
        ],
        background=Background("pink", 12),
        phone=PhoneLine(),
    )
    sheet = caller.sheet()
    behind = "pink noise 12 dB below it, over a phone line"
    assert sheet.title == f"x: 5 turns in the voice alloy, {behind}"
    assert [tuple(row) for row in sheet.rows] == [
        ("1", 'says "Where?" (coral)', "words: Paris; answered within ms: 900"),
        ("", "waits for the first sound of it", ""),
        ("2", 'speaks over it: "Stop.", 700 ms into the answer', "interrupted within ms: 500"),
        ("", "waits 20 ms", ""),
        ("3", "white noise for 0.5 s at -30 dBFS, 100 ms into the answer", ""),
        ("4", 'plays 2.0 s: "hm"', ""),
        ("5", "is silent for 2 s", "silence"),
    ]
    assert repr(caller) == "Caller('x', 5 turns)"
    assert repr(HELLO) == "Say(text='Hello.')"


def test_the_caller_of_the_page_about_callers_is_one(tmp_path):
    page = (Path(__file__).parent.parent / "docs" / "evals.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "caller.yaml"
    path.write_text(text)
    assert [step.kind for step in Caller.load(path).turns if hasattr(step, "kind")] == [
        *("question", "question", "backchannel", "barge_in")
    ]
    steps, expectations = (
        set(re.findall(r"^\| `(\w+)", part, re.MULTILINE))
        for part in page.partition("## Steps")[2].split("## ")[:2]
    )
    assert steps == set(STEPS)
    assert expectations == set(KINDS)
