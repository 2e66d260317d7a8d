"""What every test may ask for: the browser of this machine, and a header that names versions."""

import importlib.metadata
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from rtkit.checkup import find_browser

NAMED = ("numpy", "pydantic", "websockets", "aiohttp", "openai", "jupyterlab", "pocketsphinx")
ROOT = Path(__file__).resolve().parent.parent

os.environ["RTKIT_LESSONS"] = os.devnull  # what tests try is no attempt of a learner

# A machine that is busy with something else is no fault of a property.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_report_header():
    versions = (f"{name} {version(name)}" for name in NAMED)
    return [f"rtkit on {sys.platform}: {', '.join(versions)}", f"browser: {find_browser() or '-'}"]


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


@pytest.fixture(scope="session")
def browser_path():
    """Path of a Chromium, Chrome or Edge (RTKIT_BROWSER overrides); without one, a loud skip.

    With RTKIT_REQUIRE_BROWSER=1 a missing browser is a failure.
    """
    path = find_browser()
    if path:
        return path
    reason = (
        "no Chromium, Chrome or Edge was found; install one (Debian: sudo apt install chromium) "
        "or name it in RTKIT_BROWSER"
    )
    if os.environ.get("RTKIT_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def speech_folder():
    """Folder of human recordings (RTKIT_SPEECH overrides), else a skip."""
    folder = Path(os.environ.get("RTKIT_SPEECH") or ROOT.parent / "shared" / "speech")
    if not folder.is_dir():
        pytest.skip(f"no recordings in {folder}; name a folder in RTKIT_SPEECH")
    return folder


@pytest.fixture(scope="session")
def repo_root():
    return ROOT


@pytest.fixture
def own_recordings(tmp_path, monkeypatch):
    """Sessions are recorded in a folder of this test, and no variable chooses their target."""
    monkeypatch.setenv("RTKIT_RECORDINGS", str(tmp_path / "recordings"))
    monkeypatch.delenv("RTKIT_TARGET", raising=False)


@pytest.fixture
def peer():
    """A realtime server that answers as `scripted` says."""
    from scripted import Peer

    with Peer() as peer:
        yield peer


@pytest.fixture
def session(peer):
    """A session with that server."""
    from scripted import DICT

    from rtkit.session import connect

    with connect(DICT, peer.url, record=False) as session:
        yield session


@pytest.fixture(scope="module")
def embedded():
    """One session with the embedded server for a whole file; the engines take a moment to load."""
    from rtkit.session import connect

    with connect(target="embedded", record=False) as session:
        yield session


@pytest.fixture(autouse=True)
def _noted(request, record_property):
    """What a test shows of a client, for the table of clients (dev.py): @client(name, what)."""
    for marker in request.node.iter_markers("client"):
        name, what = marker.args
        record_property("client", name)
        record_property("version", version(name))
        record_property("shows", what)
