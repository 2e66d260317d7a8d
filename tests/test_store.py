import os
import stat
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from rtkit.store import (
    FileJournal,
    delete_recordings,
    open_journal,
    open_timeline,
    recorded,
    recordings,
)
from rtkit.timeline import Timeline

NOON = datetime(2026, 11, 22, 12, 0, 0)
SOUND = b"\1\2" * 480


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RTKIT_RECORDINGS", str(tmp_path / "recordings"))
    return tmp_path / "recordings"


def tell(timeline):
    timeline.append(0.0, "local", {"type": "session.opened"})
    timeline.append(0.1, "client", {"type": "input_audio_buffer.append", "audio": ""}, audio=SOUND)
    timeline.append(0.2, "server", {"type": "session.created"}, text='{"type":"session.created"}')
    return timeline


def test_recordings_lie_in_the_named_folder_else_in_the_users_data(folder, monkeypatch):
    assert recordings() == folder
    monkeypatch.delenv("RTKIT_RECORDINGS")
    assert recordings().parts[-2:] == ("rtkit", "recordings")


def test_a_recording_reads_back_as_it_was_told(folder):
    timeline = tell(open_timeline("embedded"))
    loaded = Timeline.load(timeline.journal.folder)
    assert list(loaded) == list(timeline)
    assert loaded.tracks["input"].data == SOUND
    assert (loaded.target, loaded.started) == ("embedded", timeline.started)


def test_a_last_line_that_was_half_written_is_left_out(folder):
    timeline = tell(open_timeline())
    events = timeline.journal.folder / "events.jsonl"
    whole = events.read_bytes()
    for cut in range(1, len(whole.splitlines()[-1]) + 1):
        events.write_bytes(whole[:-1][: len(whole) - 1 - cut])
        assert list(Timeline.load(timeline.journal.folder)) == list(timeline)[:-1]


def test_sound_that_is_missing_at_the_end_leaves_the_moments_readable(folder):
    timeline = tell(open_timeline())
    (timeline.journal.folder / "input.raw").write_bytes(SOUND[:101])
    loaded = Timeline.load(timeline.journal.folder)
    assert len(loaded) == 3
    assert loaded.tracks["input"].read(loaded[1].audio) == SOUND[:100]


def test_a_process_that_is_killed_loses_nothing(folder):
    script = (
        "import os; from rtkit.store import open_timeline; t = open_timeline('embedded')\n"
        "for n in range(50): t.append(n / 50, 'client', {'type': 'input_audio_buffer.append',"
        " 'audio': ''}, audio=bytes([n, 0]) * 480)\n"
        "os.kill(os.getpid(), 9) if os.name == 'posix' else os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode != 0
    loaded = Timeline.load(recorded()[0])
    assert len(loaded) == 50
    assert loaded.tracks["input"].duration == 1.0


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_only_the_user_may_read_a_recording(folder):
    timeline = tell(open_timeline())
    assert stat.S_IMODE(timeline.journal.folder.stat().st_mode) == 0o700
    for file in timeline.journal.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_of_many_sessions_in_one_second_the_newest_are_kept():
    journals = [open_journal(NOON) for _ in range(30)]
    for journal in journals:
        journal.close()
    assert recorded() == [journal.folder for journal in journals[-20:]]


def test_the_newest_twenty_are_kept(folder):
    made = [open_journal(NOON + timedelta(minutes=n)).folder for n in range(23)]
    assert recorded() == made[3:]


def test_two_sessions_in_one_second_have_folders_of_their_own(folder):
    first, second = open_journal(NOON).folder, open_journal(NOON).folder
    assert recorded() == [first, second]


def test_one_call_deletes_the_recordings_and_nothing_else(folder):
    open_journal(NOON)
    open_journal(NOON)
    (folder / "notes.txt").write_text("mine")
    (folder / "holiday").mkdir()
    assert delete_recordings() == 2
    assert {path.name for path in folder.iterdir()} == {"notes.txt", "holiday"}
    assert delete_recordings() == 0


def test_deleting_where_nothing_was_recorded_finds_nothing():
    assert delete_recordings() == 0


def test_a_timeline_without_a_journal_writes_nothing(folder):
    tell(Timeline())
    assert not folder.exists()


def test_a_closed_journal_and_a_full_disk_leave_the_session_alone(folder):
    timeline = tell(open_timeline())
    timeline.close()
    timeline.append(1.0, "local", {"type": "session.closed", "reason": "test"})
    assert len(timeline) == 4
    assert len(Timeline.load(timeline.journal.folder)) == 3


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_ends_the_recording_and_not_the_session(tmp_path):
    journal = FileJournal(tmp_path)
    journal._events.close()
    journal._events = open("/dev/full", "wb", buffering=0)  # noqa: SIM115
    timeline = tell(Timeline(journal))
    assert len(timeline) == 3
    assert isinstance(journal.failed, OSError)
    timeline.close()
