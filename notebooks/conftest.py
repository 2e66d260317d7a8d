"""How nbval reads these notebooks: players are stored without their sound (see normalise.py).

Exercises that are run here are no attempts of a learner: they are written down nowhere.
"""

import os

os.environ["RTKIT_LESSONS"] = os.devnull


def pytest_collectstart(collector):
    if getattr(collector, "path", None) and collector.path.suffix == ".ipynb":
        collector.skip_compare += ("text/html",)
