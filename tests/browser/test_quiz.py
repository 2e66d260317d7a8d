"""A quiz in a real JupyterLab: answered by keys and by clicks, told why, written down."""

import json

import pytest

CELLS = (
    "import os\nos.environ['RTKIT_LESSONS'] = 'lessons.jsonl'\nimport rtkit",
    "rtkit.lessons.quiz('02')",
    "rtkit.lessons.check('02.2', lambda pieces, size: pieces)",
    "rtkit.lessons.board()",
)


@pytest.fixture(scope="module")
def notebook(open_notebook):
    notebook = open_notebook(*CELLS, viewport={"width": 1200, "height": 1500})
    notebook.run_all()
    notebook.wait(notebook.page.locator(".rtkit-quiz"), 30)
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
    assert notebook.page.locator(".rtkit-quiz").count() == 1


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


def test_a_verdict_and_the_board_are_tables_in_the_page(notebook):
    page = notebook.page
    assert page.locator("table", has_text="chunked(").count() == 1
    assert page.locator("img[alt='what yours does']").count() == 1
    assert page.locator("table", has_text="02 audio").count() == 1
    assert notebook.problems == []
