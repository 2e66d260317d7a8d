import pytest

from rtkit.moments import Moment
from rtkit.playhead import Playhead


def moments(*times):
    return [Moment(t, "local", {"type": "note"}) for t in times]


def shown(head, now):
    return [moment.t for moment in head.due(now)]


@pytest.mark.parametrize("speed", [0.5, 1.0, 4.0])
def test_moments_are_due_at_their_own_pace_times_the_speed(speed):
    head = Playhead(moments(0.0, 1.0, 2.5, 2.5), speed)
    assert shown(head, 100.0) == []  # it does not run yet
    head.start(100.0)
    told = []
    now = 100.0
    while (wakeup := head.next_wakeup()) is not None:
        now = max(now, wakeup)
        told += [(t, (now - 100.0) * speed) for t in shown(head, now)]
    assert told == [(t, pytest.approx(t)) for t in (0.0, 1.0, 2.5, 2.5)]
    assert (head.done, head.next_wakeup()) == (True, None)


def test_without_a_speed_all_is_due_at_once():
    head = Playhead(moments(0.0, 1.0, 500.0), None)
    head.start(3.0)
    assert head.next_wakeup() == 3.0
    assert shown(head, 3.0) == [0.0, 1.0, 500.0]


def test_in_a_pause_nothing_is_due_and_no_time_passes():
    head = Playhead(moments(0.0, 1.0, 2.0))
    head.start(10.0)
    assert shown(head, 10.5) == [0.0]
    head.pause(10.5)
    assert (shown(head, 99.0), head.next_wakeup(), head.position(99.0)) == ([], None, 0.5)
    head.start(100.0)
    assert head.next_wakeup() == 100.5
    assert shown(head, 100.5) == [1.0]


def test_seeking_shows_what_lies_between_at_once_and_goes_on_from_there():
    head = Playhead(moments(0.0, 1.0, 2.0, 9.0))
    head.seek(2.0, 5.0)
    assert shown(head, 5.0) == [0.0, 1.0, 2.0]
    head.start(6.0)
    assert head.next_wakeup() == 13.0
    head.seek(8.5, 7.0)
    assert head.next_wakeup() == 7.5


def test_it_does_not_go_back():
    head = Playhead(moments(0.0, 9.0))
    head.seek(5.0, 0.0)
    with pytest.raises(ValueError, match=r"is at 5\.0 s and cannot go back to 4\.0 s"):
        head.seek(4.0, 0.0)


def test_another_speed_holds_from_now_on():
    head = Playhead(moments(0.0, 10.0))
    head.start(0.0)
    assert shown(head, 2.0) == [0.0]
    head.set_speed(4.0, 2.0)
    assert (head.speed, head.position(2.0), head.next_wakeup()) == (4.0, 2.0, 4.0)
    head.set_speed(None, 3.0)
    assert (head.speed, shown(head, 3.0)) == (None, [10.0])


def test_moments_keep_their_order_even_if_their_times_do_not():
    head = Playhead(moments(0.0, 3.0, 1.0, 4.0))
    head.start(0.0)
    assert (shown(head, 2.0), shown(head, 3.5)) == ([0.0], [3.0, 1.0])


def test_no_more_than_asked_for_are_handed_out_at_a_time():
    head = Playhead(moments(*range(10)), None)
    head.start(0.0)
    assert [len(head.due(0.0, 4)) for _ in range(4)] == [4, 4, 2, 0]


@pytest.mark.parametrize("speed", [0, -1.0, float("inf"), float("nan")])
def test_a_speed_that_is_none_is_refused(speed):
    with pytest.raises(ValueError, match="number above 0, or None"):
        Playhead([], speed)
