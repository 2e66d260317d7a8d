import os
import shutil
import tracemalloc

import numpy as np
import pytest
from helpers import Story

from rtkit.errors import RtkitError
from rtkit.rows import FORMAT_VERSION
from rtkit.shelf import SavedSound
from rtkit.store import open_timeline
from rtkit.timeline import Span, Timeline

LENGTH = 500_001  # bytes: two whole pieces of a file, and half a sample at the end


def noise(size=LENGTH, seed=1):
    return np.random.default_rng(seed).integers(0, 256, size, np.uint8).tobytes()


def saved(folder, data=None, name="a.jsonl"):
    timeline = Timeline()
    data = noise() if data is None else data
    timeline.append(0.0, "server", {"type": "session.created", "note": "x" * 10_000})
    timeline.append(0.1, "server", {"type": "response.output_audio.delta"}, audio=data)
    timeline.append(0.2, "local", {"type": "session.closed"})
    return timeline.save(folder / name)


def test_any_stretch_of_the_sound_is_read_from_its_place(tmp_path):
    track = Timeline.load(saved(tmp_path)).tracks["output"]
    assert (len(track), track.size) == (LENGTH // 2, LENGTH)
    draw = np.random.default_rng(2)
    for _ in range(300):
        first, count = (int(n) for n in draw.integers(0, LENGTH // 2, 2))
        expected = noise()[2 * first : min(2 * (first + count), LENGTH - 1)]
        assert track.read(Span("output", first, count)) == expected
    assert track.data == noise()


def test_what_is_added_to_a_loaded_track_follows_what_lies_in_the_file(tmp_path):
    track = Timeline.load(saved(tmp_path, noise(1000))).tracks["output"]
    assert track.append(b"abcd") == Span("output", 500, 2)
    assert track.read(Span("output", 499, 3)) == noise(1000)[-2:] + b"abcd"
    assert track.data == noise(1000) + b"abcd"


def test_loading_reads_no_sound(tmp_path):
    big = saved(tmp_path, noise(40_000_000))
    before = os.stat(big)
    tracemalloc.start()
    timeline = Timeline.load(big)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert timeline.tracks["output"].duration == pytest.approx(40_000_000 / 48_000)
    assert os.stat(big).st_size == before.st_size


def test_damage_in_the_sound_is_told_with_its_line_and_leaves_the_moments_readable(tmp_path):
    path = saved(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    assert lines[6].startswith(b'{"track":"output","audio":"')
    lines[6] = lines[6][:500] + b"!" + lines[6][501:]
    path.write_bytes(b"".join(lines))
    timeline = Timeline.load(path)
    assert [moment.type for moment in timeline][-1] == "session.closed"
    assert timeline.tracks["output"].read(Span("output", 0, 10)) == noise()[:20]
    with pytest.raises(RtkitError, match=r"line 7 of .*a\.jsonl is damaged"):
        timeline.tracks["output"].clip()


def test_a_line_of_sound_that_cannot_be_base64_is_refused_at_once(tmp_path):
    path = saved(tmp_path, noise(1000))
    path.write_bytes(path.read_bytes()[:-4] + b'"}\n')
    with pytest.raises(RtkitError, match=r"line 6 of .*a\.jsonl is no line"):
        Timeline.load(path)


def test_a_file_that_was_cut_off_before_its_sound_says_where(tmp_path):
    path = saved(tmp_path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    with pytest.raises(RtkitError, match="ends after line 3, before the sound of its track 'outpu"):
        Timeline.load(path)


def test_sound_that_was_cut_off_is_told_and_the_rest_can_be_heard(tmp_path, caplog):
    path = saved(tmp_path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    track = Timeline.load(path).tracks["output"]
    assert "holds 196608 of 250000 samples" in caplog.text
    assert track.data == noise()[: 2 * 196608]


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_sound_whose_file_is_gone_or_another_says_so(tmp_path, how):
    path = saved(tmp_path)
    timeline = Timeline.load(path)
    path.unlink() if how == "gone" else saved(tmp_path, noise(700_000))
    with pytest.raises(RtkitError, match="load it again from where it lies now"):
        timeline.clip(timeline[1].audio)
    assert len(timeline) == 3


def test_a_timeline_is_saved_over_the_file_that_its_sound_lies_in(tmp_path):
    path = saved(tmp_path)
    timeline = Timeline.load(path)
    timeline.append(1.0, "local", {"type": "note"})
    timeline.save(path)
    assert timeline.tracks["output"].data == noise()
    again = Timeline.load(path)
    assert (len(again), again.tracks["output"].data) == (4, noise())
    assert [file.name for file in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_file_survives_a_save_that_fails(tmp_path):
    path = saved(tmp_path)
    timeline = Timeline.load(path)
    shutil.copy(path, tmp_path / "copy.jsonl")
    timeline.tracks["output"].stored.read = lambda *_: 1 / 0
    with pytest.raises(ZeroDivisionError):
        timeline.save(tmp_path / "copy.jsonl")
    assert Timeline.load(tmp_path / "copy.jsonl").tracks["output"].data == noise()


def test_the_sound_of_a_recording_is_read_from_its_own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("RTKIT_RECORDINGS", str(tmp_path))
    story = Story(open_timeline())
    story.silence(0.1)
    story.stream(np.full(4800, 0.5))
    folder = story.timeline.journal.folder
    loaded = Timeline.load(folder)
    assert loaded.tracks["input"].data == story.timeline.tracks["input"].data
    story.silence(0.1)  # the recording goes on
    assert loaded.clip(loaded[-1].audio).samples[0] == pytest.approx(0.5, abs=1e-4)
    shutil.rmtree(folder)
    with pytest.raises(RtkitError, match="cannot be read any more"):
        loaded.clip(loaded[-1].audio)


def test_a_track_does_not_lead_out_of_its_folder(tmp_path):
    (tmp_path / "secret.raw").write_bytes(b"1234")
    folder = tmp_path / "recording"
    folder.mkdir()
    head = f'{{"rtkit": "0.1.0", "timeline": {FORMAT_VERSION}}}\n'
    (folder / "events.jsonl").write_text(head + '{"track": "../secret", "format": "pcm16"}\n')
    with pytest.raises(RtkitError, match=r"line 2 .*cannot be called"):
        Timeline.load(folder)


def test_lines_of_sound_in_another_shape_are_read_too(tmp_path):
    path = saved(tmp_path)
    text = path.read_text().replace('{"track":"output","audio":', '{"track" : "output", "audio": ')
    path.write_text(text)
    assert Timeline.load(path).tracks["output"].data == noise()


def test_an_empty_shelf_holds_nothing(tmp_path):
    shelf = SavedSound(tmp_path / "nothing")
    assert (len(shelf), shelf.read(0, 10)) == (0, b"")
