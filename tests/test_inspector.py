"""The inspector without a browser: what a page is answered, what is stored, what is refused."""

import json
import threading

import nbformat
import numpy as np
import pytest
from helpers import Story, talk
from nbclient import NotebookClient
from pages import Page

import rtkit
from rtkit import events
from rtkit.errors import ConfigError, RtkitError
from rtkit.timeline import Timeline
from rtkit.widgets.inspector import Inspector

TALK = talk()


class Looking(Page):
    """A page of an inspector; `number` is that of its choice."""

    def __init__(self, inspector):
        super().__init__(inspector._desk)
        self.number = self.seq = 0
        self.tell("start")
        self.until(lambda: self.texts("start"))

    def look(self, text="", kinds=(), pieces=True, selected=None):
        self.number += 1
        told = {"text": text, "kinds": list(kinds), "pieces": pieces, "selected": selected}
        self.tell("look", number=self.number, **told)
        self.until(lambda: self.newest("shown", "number") == self.number)
        return self.texts("shown")[-1]

    def rows(self, first=0, last=50):
        before = len(self.texts("rows"))
        self.tell("rows", number=self.number, first=first, last=last)
        self.until(lambda: len(self.texts("rows")) > before)
        return self.texts("rows")[-1]["rows"]

    def event(self, **question):
        self.seq += 1
        self.tell("event", seq=self.seq, **question)
        self.until(lambda: self.newest("event", "seq") == self.seq)
        return self.texts("event")[-1]

    def sound(self, key):
        before = sum(isinstance(part, str) for part in self.sent)
        self.tell("sound", key=key)
        self.until(lambda: self.newest("sound", "key") == key)
        assert before
        return b"".join(part for part in self.sent if isinstance(part, bytes))

    def newest(self, type, name):
        texts = self.texts(type)
        return texts[-1][name] if texts else None


@pytest.fixture
def inspector():
    inspector = Inspector(TALK)
    yield inspector
    inspector.close()


@pytest.fixture
def page(inspector):
    page = Looking(inspector)
    page.look()
    return page


def place(type_, nth=0, timeline=TALK):
    return [i for i, moment in enumerate(timeline) if moment.type == type_][nth]


def broken():
    """A response that ends while it is still being made."""
    story = Story().open()
    response_id = story.respond()
    story.begin_item(response_id)
    story.end_response(response_id)
    return story.timeline


def test_a_page_is_told_how_many_events_there_are_and_given_those_it_asks_for(page):
    shown = page.look()
    assert (shown["count"], shown["total"], shown["violations"]) == (577, 577, 0)
    assert shown["counts"]["local"] == 7
    rows = page.rows(100, 103)
    assert [row[0] for row in rows] == [100, 101, 102]
    assert [row[4] for row in rows] == [TALK[i].type for i in (100, 101, 102)]


def test_each_page_has_a_filter_of_its_own(inspector, page):
    other = Looking(inspector)
    assert other.look("capital", ["conversation"], False)["count"] == 2
    at = page.look(pieces=False, selected=place("response.done"))["at"]
    assert page.rows(at, at + 1)[0][:1] == [place("response.done")]
    assert other.rows(0, 9)[-1][4] == "conversation.item.done"


def test_rows_of_a_choice_that_is_over_are_not_sent(page):
    page.tell("rows", number=0, first=0, last=9)
    page.look("capital")
    assert page.texts("rows") == []


def test_an_event_tells_its_values_its_text_and_its_partners(page):
    told = page.event(index=place("response.done"))
    assert told["at"] == told["index"] == place("response.done")
    assert [row[3] for row in told["partners"]] == ["response.created"]
    assert told["tree"][4][0][:3] == ["type", "string", '"response.done"']
    assert json.loads(told["json"]) == TALK[told["index"]].event
    assert told["raw"] is None


def test_the_text_is_as_it_was_received_without_keys_and_sound():
    timeline = Timeline()
    event = {"type": "session.created", "session": {"client_secret": "ek_1234567890abcdef"}}
    timeline.append(0.0, "server", event, text=json.dumps(event))
    inspector = Inspector(timeline)
    page = Looking(inspector)
    page.look()
    told = page.event(index=0)
    assert json.loads(told["raw"]) == {**event, "session": {"client_secret": "***"}}
    assert "ek_123" not in json.dumps(told)
    inspector.close()


def test_partners_are_gone_through_in_a_ring(page):
    first, last = place("response.created"), place("response.done")
    assert page.event(index=first, partner=1)["index"] == last
    assert page.event(index=last, partner=1)["index"] == first
    alone = page.event(index=place("session.created"), partner=1)
    assert (alone["index"], alone["why"]) == (None, "This event has no partner.")


def test_of_many_pieces_only_what_frames_them_is_named(page):
    told = page.event(index=place(events.AUDIO_DONE, 1))
    assert len(told["partners"]) == 10
    assert told["more"] == 30


def test_violations_are_found_with_their_rule():
    inspector = Inspector(broken())
    page = Looking(inspector)
    assert page.look("type:session")["violations"] == 1
    told = page.event(violation=1, near=-1)
    assert told["name"] == "response.done"
    assert told["at"] is None  # the filter hides it
    assert len(told["violations"]) == 2
    assert "is 'open'; allowed there: conversation.item.done" in told["violations"][0]
    inspector.close()


def test_a_timeline_in_order_has_no_violation_to_go_to(page):
    assert page.event(violation=1, near=-1)["why"] == "No event breaks a rule of order."


def test_an_event_with_sound_plays_what_it_brought(page):
    index = place(events.AUDIO_DELTA, 2)
    sound = page.event(index=index)["sound"]
    assert (sound["from"], sound["to"]) == pytest.approx((0.4, 0.6))
    assert sound["own"]
    samples = np.frombuffer(page.sound(sound["key"]), "<i2")
    track = TALK.tracks["output"].clip()
    assert np.array_equal(samples, np.frombuffer(track.cut(0, 2.0).to_pcm16(), "<i2"))


def test_a_frame_of_silence_is_shown_among_its_neighbours(page):
    told = page.event(index=5)
    assert "words" not in told
    assert (told["sound"]["from"], told["sound"]["to"]) == pytest.approx((0.06, 0.08))
    assert told["sound"]["seconds"] == pytest.approx(1.08)


def test_the_words_of_an_item_lead_to_the_events_that_brought_them(page):
    told = page.event(index=place("playback.started"))
    assert [word[0] for word in told["words"]] == "Paris is the capital of France.".split()
    carriers = told["words"][3][3]
    assert page.event(any=carriers)["index"] == carriers[0] == place(events.TRANSCRIPT_DELTA)
    page.look("type:*.done")
    assert page.event(any=carriers)["index"] == place(events.TRANSCRIPT_DONE)


def test_a_timeline_that_grows_is_followed_ten_times_a_second_at_most():
    story = Story().open()
    inspector = Inspector(story.timeline)
    page = Looking(inspector)
    assert page.look("-append")["live"] is False
    story.silence(2.0)
    story.speak(0.5)
    page.until(lambda: page.newest("grown", "total") == len(story.timeline))
    grown = page.texts("grown")
    assert len(grown) <= 2  # told in one go, shown in one go
    assert (grown[-1]["count"], grown[-1]["live"]) == (7, True)
    assert page.rows(0, 9)[-1][4] == "conversation.item.done"
    inspector.close()


def test_a_console_that_begins_anew_is_another_timeline():
    class Console:
        timeline = TALK

    console = Console()
    inspector = Inspector(console)
    page = Looking(inspector)
    assert page.look()["live"] is True
    console.timeline = broken()
    page.until(lambda: page.texts("begun"))
    assert page.look()["total"] == len(console.timeline)
    assert inspector.timeline is console.timeline
    inspector.close()


def test_the_chosen_event_can_be_read_in_later_cells(inspector, page):
    assert inspector.selected is None
    page.event(index=57)
    assert inspector.selected is TALK[57]


def test_nothing_is_left_when_the_last_page_has_gone(inspector):
    page = Looking(inspector)
    page.look()
    names = [thread.name for thread in threading.enumerate()]
    assert any(name.startswith("rtkit inspector") for name in names)
    page.leave()
    page.until(lambda: not any(t.name.startswith("rtkit inspector") for t in threading.enumerate()))
    assert inspector._desk._looks == {}
    page.until(lambda: inspector._desk._timer is None)


def test_a_closed_inspector_says_so(inspector):
    page = Looking(inspector)
    inspector.close()
    page.until(lambda: page.sent[-1] == "closed")
    assert "This inspector was closed" in page.texts("bye")[0]["text"]


def test_what_a_page_makes_up_is_survived(page):
    page.tell("event", seq=1, index=10_000)
    page.tell("event", seq=2, at=-5)
    page.tell("rows", number=page.number, first="x", last=None)
    page.tell("nonsense")
    page.tell("sound", key="no such sound")
    page.until(lambda: page.texts("problem"))
    assert page.event(index=3)["index"] == 3


def test_a_saved_timeline_is_inspected_by_its_path_and_a_lost_file_is_told(tmp_path):
    path = TALK.save(tmp_path / "talk.jsonl")
    inspector = Inspector(path)
    page = Looking(inspector)
    assert page.look()["total"] == len(TALK)
    path.unlink()
    told = page.event(index=place(events.AUDIO_DELTA))
    assert "load it again" in told["trouble"]
    assert told["name"] == events.AUDIO_DELTA
    inspector.close()


def test_what_is_no_timeline_is_refused_with_what_is(tmp_path):
    with pytest.raises(TypeError, match=r"found 42 \(int\). Allowed: a Timeline, a session"):
        Inspector(42)
    with pytest.raises(RtkitError, match="no timeline at"):
        Inspector(tmp_path / "nothing.jsonl")
    with pytest.raises(ConfigError, match="Allowed: direct, proxy, messages"):
        Inspector(TALK, transport="pigeon")
    with pytest.raises(TypeError, match="search is 7"):
        Inspector(TALK, search=7)


def test_headless_it_is_a_table_that_is_the_same_each_time():
    data, _ = Inspector(broken())._repr_mimebundle_()
    again, _ = Inspector(broken())._repr_mimebundle_()
    assert data["text/plain"] == again["text/plain"]
    assert "First session.opened, session.created, response.created" in data["text/plain"]
    assert "▲ out of order" in data["text/html"]
    assert "There is no event yet." in Inspector(Timeline())._repr_mimebundle_()[0]["text/plain"]


def test_a_notebook_without_a_page_stores_the_table(tmp_path):
    cell = "import rtkit\nsession = rtkit.connect()\nrtkit.Inspector(session.timeline.select())"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    (output,) = notebook.cells[0].outputs
    assert output["data"]["text/plain"].startswith("Inspector: the events of a timeline")
    assert "session.created" in output["data"]["text/plain"]


def test_it_is_a_public_name():
    assert rtkit.Inspector is Inspector
