"""Everything here is marked `long`; recordings go to a folder of their own."""

import random

import pytest

SEED = 20_261_122


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/long" in item.path.as_posix():
            item.add_marker(pytest.mark.long)


@pytest.fixture(autouse=True)
def _recordings(tmp_path, monkeypatch):
    monkeypatch.setenv("RTKIT_RECORDINGS", str(tmp_path / "recordings"))
    monkeypatch.delenv("RTKIT_TARGET", raising=False)


@pytest.fixture
def dice():
    """The same random numbers in every run."""
    return random.Random(SEED)
