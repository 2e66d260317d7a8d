"""Every notebook, opened in a real JupyterLab in a real browser, and run from top to bottom."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser.lab import FLAGS, Lab, Notebook
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
HERE = {"localhost", "127.0.0.1", ""}
WIDGET_FAILED = "Error displaying widget"
OUTPUTS = """
() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
    .filter((cell) => cell.cell_type === "code")
    .map((cell) => ({ count: cell.execution_count, outputs: cell.getOutputs() }))
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser_path):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    for path in FOLDER.iterdir():
        if path.is_file():
            shutil.copy(path, lab.folder / "work" / path.name)
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def browser(browser_path):
    microphone = "--use-fake-device-for-media-stream"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=[*FLAGS, microphone], headless=True
        )
        yield browser
        browser.close()


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.browser
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_in_jupyterlab(lab, browser, path, record_property):
    page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
    page.set_default_timeout(240_000)
    asked, said = [], []
    page.on("request", lambda request: asked.append(urlsplit(request.url)))
    page.on("websocket", lambda socket: asked.append(urlsplit(socket.url)))
    page.on("console", lambda message: said.append(message.text))
    notebook = Notebook(page, lab, path.name)
    try:
        notebook.command("notebook:clear-all-cell-outputs")
        notebook.run_all()
        notebook.wait_idle()
        cells = page.evaluate(OUTPUTS)
        record_property("cells", len(cells))
        assert errors(cells) == []
        assert [n for n, cell in enumerate(cells) if cell["count"] is None] == []
        every_widget_is_drawn(page, cells)
        portrait(page, lab.folder / f"{path.stem}.png")
        assert [text for text in said if WIDGET_FAILED in text] == []
        assert notebook.problems == []
        strangers = {url.hostname for url in asked if (url.hostname or "") not in HERE}
        assert strangers == set()
    finally:
        notebook.stop_kernel()
        page.context.close()


def errors(cells):
    """The errors among the outputs, as text."""
    outputs = [output for cell in cells for output in cell["outputs"]]
    return [f"{o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"]


def every_widget_is_drawn(page, cells):
    """Scroll past every cell, so that all of them are drawn, and look for those that failed."""
    for index in range(page.locator(".jp-Notebook .jp-Cell").count()):
        page.locator(".jp-Notebook .jp-Cell").nth(index).scroll_into_view_if_needed()
        assert page.get_by_text(WIDGET_FAILED).count() == 0
    if any("widget-view" in str(output) for cell in cells for output in cell["outputs"]):
        assert page.locator(".rtkit-panel, .jupyter-widgets").count() > 0


def portrait(page, path):
    """The whole page, from top to bottom, as a picture for somebody to look at."""
    tall = page.evaluate("document.querySelector('.jp-WindowedPanel-inner').scrollHeight")
    page.set_viewport_size({"width": 1200, "height": min(tall + 200, 16_000)})
    page.locator(".jp-Notebook .jp-Cell").first.scroll_into_view_if_needed()
    page.wait_for_timeout(2000)
    page.screenshot(path=path)
