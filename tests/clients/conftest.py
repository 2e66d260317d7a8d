"""Everything here is marked `long`: environments of their own, run by `python3 dev.py long`."""

import pytest


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/clients" in item.path.as_posix():
            item.add_marker(pytest.mark.long)
