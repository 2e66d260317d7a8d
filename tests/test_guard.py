from hypothesis import given
from hypothesis import strategies as st

from rtkit.widgets.guard import EchoGuard

FRAME = b"\x01\x02" * 480  # 20 ms
SILENT = bytes(960)


def started(item=1):
    return {"type": "started", "item": item}


def finished(item=1):
    return {"type": "finished", "item": item, "played": 480}


def test_while_the_assistant_sounds_and_for_its_tail_the_microphone_is_silent():
    guard = EchoGuard(on=True, tail_ms=60)
    assert guard.passed(FRAME) == FRAME
    guard.told(started())
    assert guard.passed(FRAME) == SILENT
    assert guard.holding
    guard.told(finished())
    assert [guard.passed(FRAME) for _ in range(4)] == [SILENT, SILENT, SILENT, FRAME]
    assert not guard.holding


def test_an_answer_of_two_items_is_over_when_both_are():
    guard = EchoGuard(on=True, tail_ms=0)
    guard.told(started(1))
    guard.told(started(2))
    guard.told(finished(1))
    assert guard.passed(FRAME) == SILENT
    guard.told(finished(2))
    assert guard.passed(FRAME) == FRAME


def test_an_interruption_by_the_button_ends_with_the_tail():
    guard = EchoGuard(on=True, tail_ms=20)
    guard.told(started(1))
    guard.told({"type": "flushed", "id": 1, "items": [{"item": 1, "played": 5}]})
    assert [guard.passed(FRAME) for _ in range(2)] == [SILENT, FRAME]


def test_a_tail_may_end_within_a_frame():
    guard = EchoGuard(on=True, tail_ms=5)
    guard.told(started())
    guard.told(finished())
    assert guard.passed(FRAME) == bytes(240) + FRAME[240:]


def test_without_the_guard_all_passes_and_it_may_be_switched_on_in_mid_answer():
    guard = EchoGuard()
    guard.told(started())
    assert guard.passed(FRAME) == FRAME
    guard.on = True
    assert guard.passed(FRAME) == SILENT


def test_an_item_that_ends_without_a_sound_leaves_no_tail():
    guard = EchoGuard(on=True)
    guard.told(finished())
    assert guard.passed(FRAME) == FRAME


@given(st.lists(st.one_of(st.integers(0, 700), st.sampled_from([started(), finished()]))))
def test_no_sample_is_added_or_lost(told):
    guard, sent, passed = EchoGuard(on=True, tail_ms=13), 0, 0
    for one in told:
        if isinstance(one, int):
            sent += one
            passed += len(guard.passed(b"\x01\x00" * one)) // 2
        else:
            guard.told(one)
    assert passed == sent
