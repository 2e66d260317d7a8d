import gc
import json

import pytest

from rtkit.errors import RtkitError
from rtkit.moments import Moment, Span
from rtkit.rows import moment_row, to_bytes
from rtkit.timeline import Timeline


def test_an_event_is_written_once_where_its_text_says_the_same():
    text = '{"type":  "session.created"}'
    assert moment_row(Moment(0.5, "server", {"type": "session.created"}, text=text)) == {
        "t": 0.5,
        "source": "server",
        "text": text,
    }


def test_an_event_of_our_own_is_written_with_the_place_of_its_sound():
    event = {"type": "input_audio_buffer.append", "audio": ""}
    moment = Moment(0.5, "client", event, Span("input", 480, 240))
    assert to_bytes(moment_row(moment)) == (
        b'{"t":0.5,"source":"client","event":{"type":"input_audio_buffer.append","audio":""},'
        b'"audio":["input",480,240]}\n'
    )


def test_text_that_is_too_deep_to_be_read_is_written_as_it_came():
    fact, text = {"type": "error", "where": "receive"}, "[" * 100_000
    row = moment_row(Moment(0.0, "local", fact, text=text))
    assert row == {"t": 0.0, "source": "local", "event": fact, "text": text}


def test_a_file_whose_last_newline_was_lost_is_read_whole(tmp_path):
    timeline = Timeline()
    timeline.append(0.0, "local", {"type": "session.opened"})
    path = timeline.save(tmp_path / "a.jsonl")
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert list(Timeline.load(path)) == list(timeline)


def test_a_broken_line_in_the_middle_is_refused_with_its_number(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"rtkit": "0.1.0", "timeline": 1}\n{"t": 1.0, "sour\n{"t": 2.0}\n')
    with pytest.raises(RtkitError, match=r"line 2 of .*a\.jsonl is no line of a timeline"):
        Timeline.load(path)


def test_text_that_differs_from_its_event_is_stored_beside_it(tmp_path):
    timeline = Timeline()
    timeline.append(0.0, "server", {"type": "unreadable"}, text="not json {")
    loaded = Timeline.load(timeline.save(tmp_path / "a.jsonl"))
    assert (loaded[0].event, loaded[0].text) == ({"type": "unreadable"}, "not json {")


def test_a_file_that_is_no_timeline_is_refused_with_the_line(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"hello": 1}\n')
    with pytest.raises(RtkitError, match=r"line 1 of .*a\.jsonl is no line of a timeline"):
        Timeline.load(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").write_bytes(b"RIFF\xff\xfe\n\n")
    with pytest.raises(RtkitError, match=r"Give a file that Timeline\.save wrote"):
        Timeline.load(tmp_path / "b.jsonl")
    (tmp_path / "c.jsonl").write_bytes(b"")
    with pytest.raises(RtkitError, match="line 1"):
        Timeline.load(tmp_path / "c.jsonl")


def test_a_file_that_is_not_there_is_refused_with_what_is_allowed(tmp_path):
    with pytest.raises(RtkitError, match=r"no timeline at .*nothing\.jsonl\. Give a file"):
        Timeline.load(tmp_path / "nothing.jsonl")


def test_a_file_of_a_newer_rtkit_says_so(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"rtkit": "9.0", "timeline": 99}\n')
    with pytest.raises(RtkitError, match=r"newer rtkit, 9\.0: update rtkit"):
        Timeline.load(tmp_path / "a.jsonl")


def lines_of(count):
    moments = (
        {"t": n / 50, "source": "local", "event": {"type": f"note.{n}"}} for n in range(count)
    )
    return [{"rtkit": "0.1.0", "timeline": 1}, *moments]


@pytest.mark.parametrize("broken", [0, 1, 255, 256, 257, 700])
def test_a_broken_line_is_found_wherever_it_stands(tmp_path, broken):
    lines = [json.dumps(row) for row in lines_of(700)]
    lines[broken] = lines[broken][:-3]
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n")
    with pytest.raises(RtkitError, match=rf"line {broken + 1} of .* is no line"):
        Timeline.load(tmp_path / "a.jsonl")


@pytest.mark.parametrize(
    "row",
    [
        {"t": 1.0, "source": "nobody", "event": {"type": "note"}},
        {"t": "soon", "source": "local", "event": {"type": "note"}},
        {"t": 1.0, "source": "local", "event": "note"},
        {"t": 1.0, "source": "server", "text": "[1]"},
        {"t": 1.0, "source": "server", "text": "1, 2"},
        {"t": 1.0, "source": "server", "text": 5},
        {"t": 1.0, "source": "local", "event": {"type": "note"}, "audio": ["input"]},
        {"t": 1.0, "source": "server", "text": "[" * 100_000},
    ],
)
def test_a_line_that_is_json_but_no_moment_is_refused_with_its_number(tmp_path, row):
    lines = [json.dumps(row) for row in [*lines_of(3), row, *lines_of(2)[1:]]]
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n")
    with pytest.raises(RtkitError, match=r"line 5 of .* is no line of a timeline"):
        Timeline.load(tmp_path / "a.jsonl")


def test_two_rows_in_one_line_are_not_taken_for_two_lines(tmp_path):
    first, *rest = (json.dumps(row) for row in lines_of(3))
    (tmp_path / "a.jsonl").write_text(f"{first}\n{rest[0]}, {rest[1]}\n{rest[2]}\n")
    with pytest.raises(RtkitError, match="line 2"):
        Timeline.load(tmp_path / "a.jsonl")


def test_the_collector_is_left_as_it_was(tmp_path):
    path = Timeline().save(tmp_path / "a.jsonl")
    for wanted in (False, True):
        gc.enable() if wanted else gc.disable()
        Timeline.load(path)
        assert gc.isenabled() is wanted
