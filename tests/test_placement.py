from rtkit.placement import InputClock
from rtkit.timeline import Span


def clock(frames, ms=20.0):
    """A clock that was told of frames sent at these instants."""
    told = InputClock()
    for number, t in enumerate(frames):
        told.add(t, ms, Span("input", number * 480, 480))
    return told


def test_a_sample_was_spoken_before_its_frame_was_sent():
    told = clock([1.02, 1.04, 1.06])
    assert told.ended(60) == 1.06
    assert told.ended(50) == 1.05
    assert told.begun(0) == 1.0
    assert told.sent(50) == 1.06


def test_positions_beyond_the_end_are_at_the_end():
    assert clock([1.02]).ended(900) == 1.02


def test_without_sound_nothing_is_known():
    assert clock([]).ended(0) is clock([]).begun(0) is None
    assert clock([]).sent(0) is None
    assert not clock([]).in_real_time(0, 20)
    assert clock([]).between(0, 20) == []


def test_a_pause_in_sending_is_a_pause_in_speaking():
    assert clock([1.0, 5.0]).ended(20) == 1.0
    assert clock([1.0, 5.0]).begun(20) == 4.98


def test_sound_that_was_sent_at_once_was_not_spoken_then():
    assert clock([n * 0.02 for n in range(50)]).in_real_time(0, 1000)
    assert not clock([0.0] * 50).in_real_time(0, 1000)
    assert not clock([0.02] + [9.0] * 50).in_real_time(20, 1020)


def test_the_frames_between_two_positions_are_found():
    told = clock([0.02, 0.04, 0.06, 0.08])
    assert [span.first for span in told.between(20, 60)] == [480, 960]
    assert [span.first for span in told.between(30, 60.5)] == [480, 960, 1440]


def test_a_position_before_a_pause_in_sending_moves_behind_it():
    told = clock([1.02, 1.04, 1.06, 4.02, 4.04])
    assert told.resumed(30, 500) == 60
    assert told.resumed(60, 500) == 60
    assert told.resumed(70, 500) == 70
    assert told.resumed(900, 500) == 900
    assert clock([]).resumed(30, 500) == 30


def test_a_pause_in_sending_that_lies_behind_the_padding_is_one_in_the_speech():
    told = clock([1.02, 1.04, 1.06, 4.02, 4.04])
    assert told.resumed(30, 30) == 60
    assert told.resumed(30, 29) == 30
