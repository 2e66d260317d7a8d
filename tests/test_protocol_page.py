"""docs/protocol.md is what the server does now, and can be read."""

import importlib.util
import re

import pytest


@pytest.fixture(scope="module")
def maker(repo_root):
    spec = importlib.util.spec_from_file_location(
        "make_protocol", repo_root / "docs/make_protocol.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_that_of_a_new_run(maker):
    written = maker.PAGE.read_text(encoding="utf-8")
    assert maker.page().splitlines() == written.splitlines(), "python docs/make_protocol.py"


def test_every_row_of_a_table_has_as_many_cells_as_its_head(maker):
    table = []
    for line in [*maker.page().splitlines(), ""]:
        if line.startswith("|"):
            table.append(len(re.findall(r"(?<!\\)\|", line)))
            continue
        assert len(set(table)) <= 1, line
        table = []


def test_every_event_says_when_it_comes_or_what_answers_it(maker):
    assert set(maker.ANSWER) == set(maker.CLIENT_EVENTS)
    assert set(maker.WHEN) == set(maker.SERVER_EVENTS) - set(maker.NOT_SENT)
