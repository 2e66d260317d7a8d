"""A report in a browser: nothing is fetched, and a click brings up a turn's picture and sound."""

import calltales
import pytest

from rtkit.evals import Report, Result
from rtkit.evals.scoring import scores


@pytest.fixture
def page(launch, tmp_path):
    kept = []
    for n, tell in enumerate((calltales.answered, calltales.interrupted_and_deaf)):
        call = calltales.Call()
        tell(call)
        path = str(call.timeline.save(tmp_path / f"{n}.jsonl"))
        kept.append(Result("caller", "default", n, n, None, (), scores(call.timeline), 1.0, path))
    page = launch().new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(Report(kept, worst=2).save(tmp_path / "report.html").as_uri())
    return page


def test_a_click_shows_and_plays_the_worst_turn(page):
    turn = page.locator("details").first
    picture, sound = turn.locator("img"), turn.locator("audio")
    assert not picture.is_visible()
    turn.locator("summary").click()
    assert picture.is_visible()
    assert "the assistant went on" in turn.locator("summary").inner_text()
    assert picture.evaluate("image => image.naturalWidth") > 500
    page.wait_for_function("document.querySelector('details audio').duration > 1")
    assert sound.evaluate("audio => audio.error") is None


def test_nothing_is_fetched_and_nothing_is_wider_than_a_small_window(page):
    page.set_viewport_size({"width": 420, "height": 800})
    assert {url.split(":")[0] for url in page.asked} <= {"file", "data"}
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
