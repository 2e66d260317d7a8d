"""How nbval reads these notebooks: players are stored without their sound (see normalise.py)."""


def pytest_collectstart(collector):
    if getattr(collector, "path", None) and collector.path.suffix == ".ipynb":
        collector.skip_compare += ("text/html",)
