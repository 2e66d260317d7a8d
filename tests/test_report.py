"""The report of runs: its pictures, its worst turns to hear and see, its page and its Markdown."""

import base64
import re
from html.parser import HTMLParser

import calltales as tales
import matplotlib
import numpy as np
import pytest
from calltales import Call
from helpers import inside, overlaps, words
from matplotlib import pyplot

from rtkit import Clip
from rtkit.evals import Check, Report, Result, compare
from rtkit.evals.exhibits import case_png, case_wav
from rtkit.evals.pages import Page, Text
from rtkit.evals.pictures import plot_difference, plot_latencies, plot_shares
from rtkit.evals.scoring import scores
from rtkit.evals.worst import worst_turns

matplotlib.use("Agg")

GOOD = {
    "capital": tales.answered,
    "story": tales.interrupted_and_yielding,
    "listener": tales.mm_hmm_let_pass,
}
BAD = {
    "capital": tales.answered_into_a_pause,
    "story": tales.interrupted_and_deaf,
    "listener": tales.mm_hmm_that_stops_the_answer,
}
REPEATS = 4


def kept(tell, folder, caller="capital", config="patient", repeat=0, met=True, error=None):
    """The result of a run that was told, with its timeline in a file."""
    call = Call()
    tell(call)
    path = call.timeline.save(folder / f"{caller}.{config}.{repeat}.jsonl")
    checks = (Check(1, "words", "Paris", "nothing", met),)
    found = scores(call.timeline)
    return Result(caller, config, repeat, repeat, error, checks, found, 1.0, str(path))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return [
        kept(tell, folder, caller, config, repeat, config == "patient")
        for config, told in (("patient", GOOD), ("hasty", BAD))
        for caller, tell in told.items()
        for repeat in range(REPEATS)
    ]


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


# pictures


@pytest.mark.parametrize("draw", [plot_shares, plot_latencies])
def test_words_on_a_picture_do_not_touch_and_stay_on_the_paper(results, draw):
    ax = draw(results)
    assert overlaps(ax) == []
    assert all(inside(t.get_window_extent(), ax.figure) for t in ax.texts if t.get_text().strip())


def test_shares_stand_beside_what_they_are_made_of_or_say_what_they_need(results):
    told = words(plot_shares(results))
    assert "100 % (12 of 12)" in told
    assert "25 % (4 of 16)" in told  # of the hasty turns a quarter was missed
    assert "4 of 4: 10 are needed" in told  # yields


def test_a_share_that_is_withheld_is_not_drawn(results):
    few = [one for one in results if one.repeat == 0]
    ax = plot_shares(few)
    drawn = [line for line in ax.lines if len(line.get_xdata()) == 1]
    assert drawn == []


def test_the_picture_of_latencies_names_what_it_shows(results):
    assert plot_latencies(results).get_xlabel() == "wait for an answer, ms"
    with pytest.raises(ValueError, match="no response_ms was measured in 'hasty'"):
        plot_latencies([one for one in results if one.config == "hasty"], score="yield_ms")


def test_the_picture_of_a_difference_says_what_it_shows(results):
    ax = plot_difference(compare(results, "patient", "hasty"))
    assert "hasty against patient: surely worse" in words(ax)
    assert "12 pairs" in words(ax)
    assert overlaps(ax) == []
    with pytest.raises(ValueError, match="measured in no pair of runs"):
        plot_difference(compare(results, "patient", "hasty", "yield_ms"))


def test_there_is_no_picture_of_nothing():
    with pytest.raises(ValueError, match="no run was made"):
        plot_shares([])


# the worst turns


def test_the_worst_turn_comes_first_and_turns_alike_are_told_once(results):
    told = [str(case) for case in worst_turns(results, 3)]
    assert told[0] == (
        "story, hasty, run 1, turn 2: no answer came; the assistant went on when it was "
        "interrupted (in 4 runs alike)"
    )
    assert told[1].startswith("capital, hasty, run 1, turn 1: the caller was interrupted; words: ")
    assert "what asked for nothing stopped the assistant" in told[2]


def test_a_run_that_broke_off_is_worse_than_any_turn(results, tmp_path):
    broken = kept(tales.answered, tmp_path, error="the server was gone")
    first = worst_turns([*results, broken], 1)[0]
    assert first.faults == ("the run did not come to its end: the server was gone",)


def test_where_nothing_went_wrong_the_slowest_turns_are_shown(tmp_path):
    quick = kept(tales.answered, tmp_path)
    slow = kept(tales.answered_after_silence_in_the_answer, tmp_path, "slow")
    cases = worst_turns([quick, slow], 2)
    assert [case.result.caller for case in cases] == ["slow", "capital"]
    assert (
        str(cases[0]) == "slow, patient, run 1, turn 1: nothing went wrong; answered after 873 ms"
    )
    assert "These are the slowest turns" in Report([quick, slow]).html()


def test_a_run_that_kept_nothing_has_no_turn_to_show():
    gone = Result("a", "b", 0, 0, timeline_path="gone.jsonl")
    assert worst_turns([gone, Result("a", "b", 1, 1)]) == []
    assert "No run has kept a timeline" in Report([gone]).html()


def test_the_sound_of_a_case_holds_the_caller_even_if_nobody_heard_it(results, tmp_path):
    """The assistant is deaf: no turn of the server holds what the caller said."""
    case = worst_turns(results, 1)[0]
    (tmp_path / "case.wav").write_bytes(case_wav(case))
    import wave

    with wave.open(str(tmp_path / "case.wav")) as file:
        shape = (file.getnchannels(), file.getframerate(), file.getsampwidth())
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert shape == (2, 16_000, 2)
    assert len(samples) / 16_000 == pytest.approx(case.end - case.begin, abs=0.01)
    caller = Clip(samples[:, 0] / 32768, 16_000)
    assert caller.speech_start == pytest.approx(0.5, abs=0.03)  # the case begins 0.5 s before
    assert caller.speech_end == pytest.approx(1.5, abs=0.15)  # a tone of one second
    assert np.abs(samples[:, 1]).max() > 3000


def test_the_picture_of_a_case_is_a_png_and_leaves_no_figure_open(results):
    assert case_png(worst_turns(results, 1)[0]).startswith(b"\x89PNG")
    assert pyplot.get_fignums() == []


# the page


class Needs(HTMLParser):
    """What a page would fetch, and what lies in it."""

    def __init__(self, html):
        super().__init__()
        self.sources, self.tags = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.sources += [value for name, value in attrs if name in ("src", "href")]


def test_the_page_stands_alone_and_holds_its_pictures_and_sounds(results):
    page = Needs(Report(results, title="Patient or <hasty>?", worst=3).html())
    assert page.tags.count("audio") == page.tags.count("details") == 3
    assert page.tags.count("img") == 2 + 3
    assert {"script", "link"}.isdisjoint(page.tags)
    assert all(source.startswith("data:") for source in page.sources)
    kinds = [base64.b64decode(source.split(",")[1])[:4] for source in page.sources]
    assert sorted(kinds) == [b"RIFF"] * 3 + [b"\x89PNG"] * 5


def test_what_people_wrote_is_text_on_the_page_and_no_markup():
    html = Page("<b>", (Text("<script>x</script>"),)).html()
    assert "<script>" not in html
    assert "&lt;b&gt;" in html


def test_the_verdicts_come_first_and_the_definitions_with_their_sources_last(results):
    text = Report(results).markdown()
    lines = text.splitlines()
    assert lines[:3] == ["# Evaluation", "", "24 runs, 3 callers, 2 configurations."]
    assert lines[4].startswith("hasty against patient: surely better: cost (")
    assert "surely worse: runs that passed (\u2212100 points), " in lines[4]
    assert "missed turns (+25 points), false interruptions (+25 points)" in lines[4]
    assert text.index("Which turns went worst?") < text.index("What the scores mean")
    assert "tau-voice L_R; FDB response latency" in text


def test_markdown_has_its_pictures_and_sounds_beside_it(results, tmp_path):
    path = Report(results, worst=2).save(tmp_path / "hasty.md")
    linked = re.findall(r"\]\((\S+?)\)", path.read_text())
    assert sorted(linked) == sorted(
        f"hasty_files/{p.name}" for p in (tmp_path / "hasty_files").iterdir()
    )
    assert len(linked) == 2 + 2 * 2


def test_a_report_is_saved_as_html_or_markdown_only(results, tmp_path):
    report = Report(results, worst=0)
    assert report.save(tmp_path / "a.html").read_text().startswith("<!doctype html>")
    with pytest.raises(ValueError, match=r"found 'a.pdf'. Save it as 'a.html'"):
        report.save(tmp_path / "a.pdf")


def test_a_notebook_shows_the_report_and_keeps_its_first_picture(results):
    bundle = Report(results, worst=1)._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert "<audio" in bundle["text/html"]
    assert "<html" not in bundle["text/html"]
    assert bundle["text/plain"].startswith("Report('Evaluation': 24 runs, 3 callers, 2 config")


def test_flaky_callers_are_named(tmp_path):
    mixed = [kept(tales.answered, tmp_path, repeat=n, met=n > 0) for n in range(3)]
    assert "Passing at times only: capital (patient)." in Report(mixed, worst=0).markdown()


def test_a_report_of_nothing_and_of_a_baseline_that_was_not_run_is_refused(results):
    with pytest.raises(ValueError, match="no run was made"):
        Report([])
    with pytest.raises(ValueError, match=r"'slow'. There are: 'patient', 'hasty'"):
        Report(results, baseline="slow")
    assert Report(results, baseline="hasty").comparisons[0].verdict == "surely better"
