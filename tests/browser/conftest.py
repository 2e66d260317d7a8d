"""One JupyterLab and one playwright for all browser tests; a browser for each microphone."""

import pytest
from playwright.sync_api import sync_playwright

from rtkit.clip import Clip

from .lab import FLAGS, Lab, Notebook, microphone_flags


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in str(item.path.as_posix()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def lab(tmp_path_factory, browser_path):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture(scope="package")
def playwright():
    """Playwright's own loop runs in this thread: it must be gone before other tests use asyncio."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def launch(playwright, browser_path):
    """Launch a browser: with a clip as its microphone, or without any device."""
    opened = []

    def launch(*extra):
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=[*FLAGS, *extra], headless=True
        )
        opened.append(browser)
        return browser

    yield launch
    for browser in opened:
        browser.close()


@pytest.fixture(scope="session")
def microphone(tmp_path_factory):
    """The flags that make a clip the browser's microphone, heard 1 s after it is opened."""

    def flags(clip=None):
        sound = Clip.silence(1.0) + (clip or Clip.silence(0.1)) + Clip.silence(60.0)
        return microphone_flags(sound, tmp_path_factory.mktemp("microphone") / "microphone.wav")

    return flags


@pytest.fixture(scope="module")
def open_notebook(lab, launch, request):
    """Open a notebook of these cells; its kernel is stopped when the module's tests end."""
    opened = []

    def open_notebook(
        *cells, flags=(), permissions=("microphone",), host="localhost", script=None, **context
    ):
        name = lab.write(f"{request.path.stem}{len(opened)}.ipynb", *cells)
        page = launch(*flags).new_context(permissions=list(permissions), **context).new_page()
        if script is not None:
            page.add_init_script(script)
        notebook = Notebook(page, lab, name, host)
        opened.append(notebook)
        return notebook

    yield open_notebook
    for notebook in opened:
        notebook.stop_kernel()
