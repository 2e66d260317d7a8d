"""docs/where.md names tests that there are, and every way of the sound."""

import re

import pytest

from rtkit.widgets.wire import PATHS


@pytest.fixture
def page(repo_root):
    return (repo_root / "docs/where.md").read_text()


def test_every_test_that_is_named_is_there(page, repo_root):
    named = set(re.findall(r"`(?:tests/)?((?:browser/|long/)?test_\w+\.py)`", page))
    assert len(named) > 5
    missing = [name for name in named if not list((repo_root / "tests").glob(f"**/{name}"))]
    assert missing == []


def test_every_way_of_the_sound_is_told(page):
    rows = [line for line in page.splitlines() if line.startswith("|")]
    for path in PATHS:
        assert any(row.startswith(f"| {path} |") for row in rows)
