"""An environment per client or host, outside the repository, made once for the pins that it has.

It lies in the cache folder of this person (RTKIT_CLIENTS overrides) under a name that holds the
digest of its pins; with other pins another one is made.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
WINDOWS = os.name == "nt"
READY = "ready"  # the file that says that an environment is whole
OLDEST_NODE = 20
INSTALL_S = 540
RUN_S = 150


class Unavailable(Exception):
    """This client cannot be tried on this machine; the message says what it lacks."""


@dataclass(frozen=True)
class Program:
    """A client: the folder of its pins and its program."""

    folder: str

    @property
    def home(self):
        return HERE / self.folder

    @property
    def node(self):
        return (self.home / "package.json").is_file()

    def command(self):
        """What starts its program; makes its environment when there is none yet."""
        place = environment(self.home)
        if not self.node:
            return [python_of(place), str(self.home / "talk.py")]
        shutil.copy(self.home / "talk.mjs", place)  # node looks for packages beside the program
        return [node(), str(place / "talk.mjs")]

    def run(self, *arguments):
        """What it printed, the last line of it; RuntimeError with what it said instead."""
        done = subprocess.run(
            [*self.command(), *arguments], capture_output=True, text=True, timeout=RUN_S
        )
        lines = done.stdout.strip().splitlines()
        if done.returncode or not lines:
            raise RuntimeError(f"{self.folder} failed: {done.stdout[-500:]}{done.stderr[-1500:]}")
        return lines[-1]


def environment(home):
    """The folder of the environment with the pins in `home`; it is made when there is none yet."""
    place = cache() / f"{home.name}-{digest(pins(home))}"
    if not (place / READY).is_file():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        if (home / "requirements.txt").is_file():
            install_python(home, place)
        if (home / "package.json").is_file():
            install_node(home, place)
        (place / READY).touch()
    return place


def pins(home):
    """What an environment depends on, as bytes."""
    python, node = home / "requirements.txt", home / "package-lock.json"
    return (python.read_bytes() + sys.version.encode() if python.is_file() else b"") + (
        node.read_bytes() if node.is_file() else b""
    )


def cache():
    """Where environments are kept."""
    home = Path.home()
    if own := os.environ.get("RTKIT_CLIENTS"):
        return Path(own)
    if WINDOWS:
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "rtkit-clients"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "rtkit-clients"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "rtkit-clients"


def digest(pins):
    """The first twelve digits of the sha256; line ends do not count."""
    return hashlib.sha256(pins.replace(b"\r\n", b"\n")).hexdigest()[:12]


def install_python(home, place):
    """A virtual environment of this Python, from the hashed pins."""
    locked = ("--require-hashes", "-r", home / "requirements.txt")
    if shutil.which("uv"):
        quiet("uv", "venv", "--quiet", "--allow-existing", "--python", sys.executable, place)
        quiet("uv", "pip", "install", "--quiet", "--python", python_of(place), *locked)
    else:
        quiet(sys.executable, "-m", "venv", place)
        pip = (python_of(place), "-m", "pip", "--disable-pip-version-check")
        quiet(*pip, "install", "--quiet", *locked)


def install_node(home, place):
    """The packages of the lock."""
    node()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(home / name, place)
    npm = shutil.which("npm") or missing("npm is not on PATH; it comes with Node.js (nodejs.org)")
    quiet(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=place)


def quiet(*command, cwd=None):
    """Run an installer; Unavailable with the end of what it said when it fails."""
    command = [str(part) for part in command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, cwd=cwd)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-500:]
        raise Unavailable(f"{' '.join(command[:3])} failed (is there a network?): {said}")


def python_of(place):
    """The Python of an environment."""
    return str(place / ("Scripts/python.exe" if WINDOWS else "bin/python"))


def node():
    """The path of Node.js, new enough."""
    path = shutil.which("node") or missing(
        f"Node.js is not on PATH; install version {OLDEST_NODE} or later from nodejs.org"
    )
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout.strip()
    if int(said.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        missing(f"Node.js {said} is too old; install version {OLDEST_NODE} or later")
    return path


def missing(reason):
    raise Unavailable(reason)
