"""All widgets in one page: no sheet of one of them changes how another looks."""

import pytest

from .pageview import CHANGED_BY_OTHERS

CELLS = (
    "import rtkit\nsession = rtkit.connect(record=False)\nturn = session.ask('Hello')",
    "rtkit.ConfigPanel()",
    "rtkit.LiveConsole(record=False)",
    "rtkit.lessons.quiz('02')",
    "rtkit.VADTuner()",
    "rtkit.Inspector(session.timeline)",
    "rtkit.Recorder()",
)
ROOTS = (
    *(".rtkit-configpanel", ".rtkit-console", ".rtkit-quiz"),
    *(".rtkit-tuner", ".rtkit-inspector", ".rtkit-recorder"),
)


@pytest.fixture(scope="module")
def notebook(open_notebook):
    notebook = open_notebook(
        *CELLS, viewport={"width": 1200, "height": 6000}, reduced_motion="reduce"
    )
    notebook.run_all()
    for root in (*ROOTS, ".rtkit-tuner[data-ready=true]", ".rtkit-inspector[data-ready=true]"):
        notebook.wait(notebook.page.locator(root), 30)
    return notebook


@pytest.mark.parametrize("root", ROOTS)
def test_a_widget_looks_as_it_does_alone(notebook, root):
    others, elements, changed = notebook.page.evaluate(CHANGED_BY_OTHERS, root)
    assert (others, elements > 10) == (len(ROOTS) - 1, True)
    assert changed == []
