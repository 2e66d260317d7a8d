"""Each defect that is put into the server is found, and none where there is none.

A few runs of each; a hundred are in tests/long/test_evals.py.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from evaldefects import DEFECTS, found, runs

REPEAT = 2


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """(defect, whether it is there) -> its runs; all at a time, since they mostly wait."""
    folder = tmp_path_factory.mktemp("defects")
    names = [(name, sick) for name in DEFECTS for sick in (True, False)]
    with ThreadPoolExecutor(len(names)) as threads:
        some = partial(runs, repeat=REPEAT, together=REPEAT)
        each = [
            threads.submit(some, name, sick, folder=folder / f"{name}{sick}")
            for name, sick in names
        ]
        return {name: future.result() for name, future in zip(names, each, strict=True)}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found(results, name):
    assert found(name, results[name, True]) == REPEAT, str(results[name, True])


@pytest.mark.parametrize("name", DEFECTS)
def test_nothing_is_found_where_nothing_is_wrong(results, name):
    assert all(one.passed for one in results[name, False]), str(results[name, False])
