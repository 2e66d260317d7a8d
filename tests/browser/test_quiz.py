"""A quiz in a real JupyterLab: answered by keys and by clicks, told why, written down."""

import json

import pytest

CELLS = (
    "import os\nos.environ['RTKIT_LESSONS'] = 'lessons.jsonl'\nimport rtkit",
    "rtkit.lessons.quiz('02')",
    "rtkit.lessons.check('02.2', lambda pieces, size: pieces)",
    "rtkit.lessons.board()",
    "from rtkit.widgets.quizcard import QuizCard\n"
    "choices = ['`a *b* c` is *d e*', '2 * 3 * 4 and <b>']\n"
    "QuizCard([('Is `<i>` *so*?', choices)], lambda *_: (True, '*No* `</p>`.'), 'asked')",
)
MARKED = """
(box) => [...box.querySelectorAll("code, em, b, i")].map((el) => [el.localName, el.textContent])
"""


@pytest.fixture(scope="module")
def notebook(open_notebook):
    notebook = open_notebook(*CELLS, viewport={"width": 1200, "height": 1500})
    notebook.run_all()
    notebook.wait(notebook.page.locator(".rtkit-quiz").nth(1), 30)
    return notebook


def question(notebook, number):
    return notebook.page.locator(".rtkit-quiz-question").nth(number - 1)


def reason(notebook, number):
    told = question(notebook, number).locator(".rtkit-quiz-reason:not(:empty)")
    told.wait_for(timeout=10_000)
    return told.inner_text()


def test_keys_walk_through_the_answers_and_the_reason_is_told(notebook):
    question(notebook, 1).locator("button").first.focus()
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Enter")
    assert reason(notebook, 1).startswith("Right. Samples at the wrong rate")
    pressed = question(notebook, 1).locator("button[aria-pressed=true]")
    assert pressed.inner_text().split() == ["b", "The", "rate"]


def test_letters_typed_here_are_no_shortcuts_of_the_notebook(notebook):
    notebook.page.keyboard.type("dd")
    assert notebook.page.locator(".rtkit-quiz").count() == 2


def test_another_click_takes_the_place_of_the_first_answer(notebook):
    question(notebook, 2).locator("button").nth(0).click()
    assert reason(notebook, 2).startswith("Not so. That is PCM16")
    question(notebook, 2).locator("button").nth(2).click()
    question(notebook, 2).locator("p", has_text="Right.").wait_for(timeout=10_000)
    assert question(notebook, 2).locator("button[aria-pressed=true]").count() == 1


def test_what_was_answered_is_written_down(notebook):
    told = notebook.ask_kernel("print(rtkit.lessons.progress_file().read_text())")
    rows = [json.loads(line) for line in told.splitlines()]
    passed = {(row["exercise"], row["passed"]) for row in rows}
    assert {("02.q1", True), ("02.q2", False), ("02.q2", True)} <= passed


def test_backticks_are_code_asterisks_are_stress_and_tags_are_text(notebook):
    card = notebook.page.locator(".rtkit-quiz").nth(1)
    card.locator("button").nth(0).click()
    card.locator("p", has_text="Right. No </p>.").wait_for(timeout=10_000)
    assert card.locator("legend").inner_text() == "1. Is <i> so?"
    assert card.locator("button").all_inner_texts()[1].endswith("2 * 3 * 4 and <b>")
    asked, chosen = [["code", "<i>"], ["em", "so"]], [["code", "a *b* c"], ["em", "d e"]]
    assert card.evaluate(MARKED) == [*asked, *chosen, ["em", "No"], ["code", "</p>"]]


def test_a_verdict_and_the_board_are_tables_in_the_page(notebook):
    page = notebook.page
    assert page.locator("table", has_text="chunked(").count() == 1
    assert page.locator("img[alt='what yours does']").count() == 1
    assert page.locator("table", has_text="02 audio").count() == 1
    assert notebook.problems == []
