"""Notebook 12 by what can be said of it without running it: its measure, and its solutions."""

from lessonbook import Lesson

from rtkit import AudioFormat, Clip, PhoneLine
from rtkit.audio import bytes_for_ms

LESSON = Lesson("12_telephony")


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=6)


def test_the_first_solution_is_the_size_of_a_packet():
    packet_bytes = LESSON.solution(1, {})["packet_bytes"]
    for ms in (10, 20, 60):
        assert packet_bytes(ms) == bytes_for_ms(ms, AudioFormat.G711_ALAW)


def test_the_second_solution_is_the_delay_of_a_call_without_jitter():
    behind_ms = LESSON.solution(2, {})["behind_ms"]
    for times in ((30, 55, 80), (20, 0, 0), (10, 100, 40)):
        line = PhoneLine(packet_ms=times[0], transit_ms=times[1], buffer_ms=times[2])
        assert round(line.carry(Clip.silence(0.1)).delay_ms) == behind_ms(*times)


def test_the_third_solution_takes_the_shortest_buffer_that_will_do():
    shortest = LESSON.solution(3, {})["shortest"]
    clip = Clip.silence(5)
    tried = {ms: PhoneLine(jitter_ms=20, buffer_ms=ms).carry(clip) for ms in (200, 60, 0, 100)}
    assert [call.concealed < 0.1 for call in tried.values()] == [True, True, False, True]
    assert shortest(tried) == 60
