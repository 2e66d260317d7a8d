"""Each defect that is put into the server is found, and none where there is none.

One run of each; a hundred are in tests/long/test_evals.py.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from evaldefects import DEFECTS, both, found

REPEAT = 1


@pytest.fixture(scope="module")
def results():
    """Defect -> its runs with it and without it, at the same time, since they mostly wait."""
    with ThreadPoolExecutor(len(DEFECTS)) as threads:
        some = partial(both, repeat=REPEAT, together=REPEAT)
        return dict(zip(DEFECTS, threads.map(some, DEFECTS), strict=True))


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found(results, name):
    sick, _, _ = results[name]
    assert found(name, sick) == REPEAT, str(sick)


@pytest.mark.parametrize("name", DEFECTS)
def test_nothing_is_found_where_nothing_is_wrong(results, name):
    _, healthy, _ = results[name]
    assert all(one.passed for one in healthy), str(healthy)
