import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtkit import events
from rtkit.errors import ConfigError
from rtkit.server.delays import Delays
from rtkit.server.faults import KINDS, PARAMS, Fault, delays_of, faults_of, parse, table


def one(text):
    (fault,) = parse(text)
    return fault


def test_a_text_names_faults_and_faults_give_the_text_back():
    text = "stall:after=response.created,seconds=2.0;drop:at=20;cut:chance=0.1,seed=7"
    faults = parse(text)
    assert [fault.kind for fault in faults] == ["stall", "drop", "cut"]
    assert ";".join(map(str, faults)) == text
    assert parse(";".join(map(str, faults))) == faults
    assert parse("") == parse(" ; ") == ()


def test_faults_that_were_made_by_hand_are_checked_like_text():
    made = (Fault("stall", (("seconds", 2.0), ("at", 3))), *parse("cut:times=always"))
    assert faults_of(made) == made
    assert faults_of("drop") == parse("drop")
    for wrong in (Fault("explode"), Fault("drop", (("at", -1),)), 5):
        with pytest.raises(ConfigError):
            faults_of([wrong])


def test_what_is_not_said_is_as_usual_for_the_kind():
    assert one("drop").types == (events.RESPONSE_CREATED,)
    assert one("drop:at=20").types == ()
    assert one("fail:nth=2").types == (events.RESPONSE_CREATED,)
    assert one("close").number("code") == 1011
    assert one("cut").types == (events.AUDIO_DELTA,)
    assert one("drop").number("times") == 1
    assert one("cut:chance=0.5").number("times") == float("inf")
    assert one("cut:times=always").number("times") == float("inf")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("explode", "no fault is named 'explode'. Allowed: delay, stall"),
        ("stall:minutes=2", "'minutes=2' in the fault .* is not known there. Allowed: at=, nth="),
        ("stall:seconds", "'seconds' in the fault .* not known there"),
        ("stall:seconds=1,seconds=2", "given twice"),
        ("stall:seconds=long", "seconds=long in the fault .* Allowed: 0 to 3600"),
        ("stall:seconds=-1", "Allowed: 0 to 3600"),
        ("stall:seconds=nan", "Allowed: 0 to 3600"),
        ("stall:after=nonsense", "after=nonsense .* Allowed: .*response.created"),
        ("drop:at=0", "at=0 .* Allowed: 1 to 1000000\\."),
        ("drop:at=1.5", "at=1.5"),
        ("drop:chance=2", "Allowed: 0 to 1"),
        ("drop:times=often", "or always"),
        ("drop:of=response.created", "'of=response.created' .* not known there"),
        ("cut:after=response.created", "not known there"),
        ("close:code=1006", "close code: 1000 to 1014"),
        ("close:code=2000", "close code"),
        ("close:reason=" + "x" * 121, "1 to 120 bytes"),
        ("duplicate:of=response.output_audio.delta", "Allowed: session.updated"),
        ("reorder:of=response.done", "Allowed: conversation.item.input_audio_transcription"),
        ("fail:after=session.created", "after=session.created .* Allowed: response.created"),
        ("delay:at=3", "Allowed: detect_ms="),
        ("delay:think_ms=99999999", "0 to 60000"),
        ("drop;" * 1000, "5000 characters. Allowed: 2000"),
    ],
)
def test_bad_text_is_told_with_what_is_allowed_and_what_to_do(text, words):
    with pytest.raises(ConfigError, match=words) as told:
        parse(text)
    assert "python -m rtkit.server.faults" in str(told.value)


@given(st.text(alphabet="stalldropcut:;=,.0123456789 aefnorx\x00é", max_size=60))
def test_any_text_is_faults_or_a_config_error(text):
    try:
        faults = parse(text)
    except ConfigError:
        return
    assert parse("; ".join(map(str, faults))) == faults


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_needs_nothing_but_its_name_and_says_what_a_client_should_do(kind):
    assert one(kind) == Fault(kind)
    row = KINDS[kind]
    assert row.does
    assert row.client
    assert set(row.params) <= set(PARAMS)
    assert set(row.usual or {}) <= set(row.params)
    assert set(row.allowed) <= set(events.SERVER_EVENTS)


def test_delays_are_a_fault_too_and_add_up():
    faults = parse("delay:think_ms=300,jitter_ms=20,seed=5; drop; delay:think_ms=50,detect_ms=7")
    assert delays_of(faults) == Delays(think_ms=350, jitter_ms=20, detect_ms=7, seed=5)
    assert not delays_of(parse("drop"))


def test_a_time_alone_is_kept_by_the_clock():
    assert one("drop:time=5").by_the_clock
    assert not one("drop:time=5,after=response.created").by_the_clock
    assert not one("cut:time=5").by_the_clock
    assert not one("drop").by_the_clock


def test_the_table_is_printed_with_all_kinds_and_parameters():
    printed = subprocess.run(
        [sys.executable, "-m", "rtkit.server.faults"], capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == table()
    for name in (*KINDS, *PARAMS):
        assert f"\n{name} " in printed
