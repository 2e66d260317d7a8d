"""Each defect that is put into the server is found, and none where there is none.

A few runs of each; a hundred are in tests/long/test_evals.py.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from evaldefects import DEFECTS, both, found

REPEAT = 2


@pytest.fixture(scope="module")
def results():
    """Defect -> its runs with it and without it; all at a time, since they mostly wait."""
    with ThreadPoolExecutor(len(DEFECTS)) as threads:
        some = partial(both, repeat=REPEAT, together=REPEAT)
        return dict(zip(DEFECTS, threads.map(some, DEFECTS), strict=True))


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found(results, name):
    sick, _ = results[name]
    assert found(name, sick) == len(sick), str(sick)


@pytest.mark.parametrize("name", DEFECTS)
def test_nothing_is_found_where_nothing_is_wrong(results, name):
    _, healthy = results[name]
    assert all(one.passed for one in healthy), str(healthy)
