"""docs/configuration.md is what the tables say now, and can be read."""

import importlib.util
import re

import pytest

from rtkit.betashape import MOVES
from rtkit.choices import UseCase
from rtkit.linter import RULES
from rtkit.schema import FIELDS
from rtkit.sessionconfig import RealtimeSessionConfig


@pytest.fixture(scope="module")
def maker(repo_root):
    place = repo_root / "docs/make_configuration.py"
    spec = importlib.util.spec_from_file_location("make_configuration", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_that_of_the_tables(maker):
    written = maker.PAGE.read_text(encoding="utf-8")
    assert maker.page().splitlines() == written.splitlines(), "python docs/make_configuration.py"


def test_every_row_of_a_table_has_as_many_cells_as_its_head(maker):
    table = []
    for line in [*maker.page().splitlines(), ""]:
        if line.startswith("|"):
            table.append(len(re.findall(r"(?<!\\)\|", line)))
            continue
        assert len(set(table)) <= 1, line
        table = []


def test_every_field_rule_move_setting_and_use_case_is_on_it(maker):
    page = maker.page()
    for row in FIELDS:
        if maker.shown(row) and not row.path.startswith("input[]"):
            assert f"| `{row.path}` |" in page, row.path
    for rule in RULES:
        assert f"| `{rule.id}`" in page
    for move in MOVES:
        assert f"| `{move.old}` |" in page
    for case in UseCase:
        assert f"(`UseCase.{case.name}`)" in page
    assert set(RealtimeSessionConfig.model_fields) == set(RealtimeSessionConfig.PATHS) | set(
        maker.ELSEWHERE
    )
