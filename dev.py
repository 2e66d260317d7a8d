"""One command from a fresh clone: makes .venv from the hashed locks, then does a job in it.

    python3 dev.py lab  [JupyterLab arguments]   the notebooks        (Windows: py dev.py lab)
    python3 dev.py test [pytest arguments]       lint, types, notebooks, tests
    python3 dev.py long                          what takes longer; writes docs/long.md, clients.md
    python3 dev.py lock                          makes requirements/*.txt anew (needs uv)

Standard library only. It parses on every Python since 2.7, so that an old one gets a sentence
instead of a syntax error: no f-strings, no annotations here.
"""

from __future__ import print_function

import binascii
import hashlib
import io
import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "rtkit.json")
WINDOWS = os.name == "nt"
NOTEBOOK = "notebooks/00_quickstart.ipynb"
PYTHONS = ((3, 13), (3, 12), (3, 11))  # order of search; pocketsphinx has no wheel for others
LOCKS = {"lab": ("lab",), "test": ("lab", "test"), "long": ("lab", "test")}  # per job, in order
COMPILE = (
    "uv pip compile --quiet --universal --python-version 3.11 --generate-hashes"
    " --no-emit-index-url --no-header --no-annotate --extra local --extra lab"
).split()
EXTRA = {"lab": [], "test": ["--extra", "test", "-c", "requirements/lab.txt"]}
# calibration.py makes a table of the package, it is no test
BENCHMARKS = (
    "recognition.py",
    "latency.py",
    "server.py",
    "client.py",
    "timelines.py",
    "audio.py",
    "vad.py",
    "stages.py",
    "browser.py",
)
LANES = (  # of the slow tests, run side by side: most of their time is waiting
    (
        "tests/long/test_faults.py",
        "tests/long/test_interruptions.py",
        "tests/long/test_talks.py",
        "tests/long/test_load.py",
        "tests/long/test_clients.py",
        "tests/long/test_hub.py",
    ),
    (
        "tests/long/test_survival.py",
        "tests/long/test_soak.py",
        "tests/long/test_notebooks.py",
        "tests/clients",
        "tests/test_clip.py",
        "tests/test_openai_client.py",
        "tests/test_agents_client.py",
    ),
)
ALONE = ("tests/long/test_handsfree.py", "tests/long/test_evals.py")  # sound that must not break
TEST_LANES = (("tests", "--ignore=tests/browser"), ("tests/browser",))
NOTEBOOK_LANES = (0, 1, 1)  # the lane of the first notebook, of the second, and so on in turn
SLOW = "Slow tests"
SHOWN = ("text", "voice", "tool", "interruption", "transcription")  # columns of docs/clients.md
MOST_LINES = 120  # of what one command said, in docs/long.md
PROBE = (
    "import json,sys\n"
    "try:\n import venv, ensurepip; pip = True\n"
    "except ImportError: pip = False\n"
    "path = getattr(sys, '_base_executable', None) or sys.executable\n"  # never one of a venv
    "print(json.dumps({'version': list(sys.version_info[:3]), 'pip': pip, 'path': path}))"
)


class Stop(Exception):
    """Nothing can go on; the message is what the person reads."""


# ---- which Python ---------------------------------------------------------------------------


def supported(version):
    """Whether every part of rtkit has a wheel for this (major, minor, ...)."""
    return tuple(version[:2]) in PYTHONS


def candidates(environ, listdir=os.listdir, windows=WINDOWS):
    """Commands that may start a supported Python, the likeliest first (not yet tried)."""
    for version in PYTHONS:
        name = "{}.{}".format(*version)
        if windows:
            yield ["py", "-" + name]
        yield ["python" + name]
    pyenv = environ.get("PYENV_ROOT") or os.path.join(os.path.expanduser("~"), ".pyenv")
    versions = os.path.join(pyenv, "versions")
    try:
        found = sorted(listdir(versions), reverse=True)
    except OSError:
        found = []
    for version in PYTHONS:
        for name in found:
            if name.startswith("{}.{}.".format(*version)):
                yield [os.path.join(versions, name, "bin", "python")]


def probe(command):
    """What this Python is, {"version": [3, 12, 1], "pip": True, "path": ...}; None: no start."""
    try:
        text = subprocess.check_output(command + ["-c", PROBE], stderr=subprocess.PIPE)
        return json.loads(text.decode())
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None


def choose(running, others, have_uv, ask=probe):
    """Path of the Python to build with: the running one if it will do, else another.

    With uv a Python without venv and pip will do, and where there is none uv fetches one.
    Raises Stop with what to install.
    """
    without_pip = None
    for command in [running] + list(others):
        facts = ask(command)
        if facts and supported(facts["version"]):
            if have_uv or facts["pip"]:
                return facts["path"]
            without_pip = without_pip or facts["version"]
    if without_pip:
        raise Stop(no_venv_message(without_pip))
    if have_uv:
        return "{}.{}".format(*PYTHONS[0])
    raise Stop(no_python_message(sys.version_info))


def no_venv_message(version):
    name = "python{}.{}-venv".format(*version)
    return (
        "Python {}.{} is here, but its venv module is not, and rtkit needs one.\n"
        "Debian, Ubuntu: sudo apt install {}   (or: sudo apt install python3-venv)\n"
        "Elsewhere: install Python 3.12 from python.org, or uv. Then run this again."
    ).format(version[0], version[1], name)


def no_python_message(version):
    return (
        "This is Python {}.{}; rtkit needs 3.11, 3.12 or 3.13 (its recogniser has no wheels for"
        " others), and none was found.\n"
        "Debian, Ubuntu: sudo apt install python3 python3-venv\n"
        "macOS: brew install python@3.12      Windows: winget install Python.Python.3.12\n"
        "Anywhere: install uv, it brings its own. Then run this again."
    ).format(*version[:2])


# ---- what the environment lacks -------------------------------------------------------------


def digest(*paths):
    """sha256 of these files' bytes, in order; line ends do not count (Windows checkouts)."""
    total = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            total.update(file.read().replace(b"\r\n", b"\n"))
    return total.hexdigest()


def wanted(root=ROOT):
    """What a whole environment's stamp says, apart from its Python."""
    locks = {
        name: digest(os.path.join(root, "requirements", name + ".txt")) for name in ("lab", "test")
    }
    project = digest(
        os.path.join(root, "pyproject.toml"), os.path.join(root, "binder", "overrides.json")
    )
    return {"root": root, "project": project, "locks": locks}


def steps(stamp, want, version, job):
    """What to do for `job`, given the stamp (None: absent) and the version of .venv's Python.

    ["rebuild", ...] when the environment is stale, half made or of another Python; otherwise
    locks to add, and "link" when only the project itself has to be installed again.
    """
    locks = list(LOCKS[job])
    if not fits(stamp, want, version):
        return ["rebuild"] + locks + ["link"]
    missing = [name for name in locks if name not in stamp["locks"]]
    changed = missing or stamp.get("project") != want["project"]
    return missing + (["link"] if changed else [])


def fits(stamp, want, version):
    """Whether what is installed is what the locks say now (a part may still be missing)."""
    if not stamp or not version or not supported(version):
        return False
    if list(version) != stamp.get("python") or stamp.get("root") != want["root"]:
        return False
    installed = stamp.get("locks") or {}
    return bool(installed) and all(want["locks"].get(k) == v for k, v in installed.items())


def read_stamp(path=STAMP):
    try:
        with open(path) as file:
            stamp = json.load(file)
        return stamp if isinstance(stamp, dict) else None
    except (OSError, IOError, ValueError):
        return None


def write_stamp(stamp):
    with open(STAMP + ".new", "w") as file:
        json.dump(stamp, file, indent=1, sort_keys=True)
    os.rename(STAMP + ".new", STAMP)


# ---- making it ------------------------------------------------------------------------------


def in_venv(name):
    return os.path.join(VENV, "Scripts" if WINDOWS else "bin", name)


def run(command, **more):
    """Runs it to its end; Stop when it fails."""
    code = subprocess.call(command, cwd=ROOT, **more)
    if code:
        raise Stop("This failed (exit status {}): {}".format(code, " ".join(command)))


def have_uv():
    try:
        return not subprocess.call(["uv", "--version"], stdout=subprocess.PIPE, stderr=-1)
    except OSError:
        return False


def rebuild(uv):
    python = choose([sys.executable], candidates(os.environ), uv)
    if os.path.lexists(VENV):
        print("Removing .venv: it is stale or half made.")
        remove(VENV)
    print("Making .venv (a minute or two, once).")
    if uv:
        run(
            ["uv", "venv", "--quiet", "--seed", "--python", python, VENV]
        )  # %pip works in notebooks
    else:
        run([python, "-m", "venv", VENV])


def remove(path):
    try:
        os.unlink(path) if os.path.islink(path) else shutil.rmtree(path)
    except OSError as error:
        raise Stop(
            "{} cannot be removed ({}). Stop what runs from it (JupyterLab, an editor), "
            "delete the folder and run this again.".format(path, error)
        )


def installer(uv):
    """The command that installs into .venv."""
    if uv:
        return ["uv", "pip", "install", "--quiet", "--python", in_venv("python")]
    return [in_venv("python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]


def install(name, uv):
    print("Installing requirements/{}.txt.".format(name))
    if not uv and lacks_pip():
        run([in_venv("python"), "-m", "ensurepip", "--default-pip"])
    lock = os.path.join("requirements", name + ".txt")
    run(installer(uv) + ["--require-hashes", "-r", lock])


def lacks_pip():
    """True when .venv (made by uv, say) holds no pip."""
    command = [in_venv("python"), "-c", "import pip"]
    return bool(subprocess.call(command, stderr=subprocess.PIPE))


def link(uv):
    """The project itself, editable; its build tools are in the locks, so nothing is fetched."""
    run(installer(uv) + ["--no-deps", "--no-build-isolation", "-e", "."])
    settings = os.path.join(VENV, "share", "jupyter", "lab", "settings")
    if not os.path.isdir(settings):
        os.makedirs(settings)
    shutil.copy(os.path.join(ROOT, "binder", "overrides.json"), settings)  # no news, no updates


def prepare(job):
    """Brings .venv to what `job` needs; returns within a second when nothing is to be done."""
    want, stamp = wanted(), read_stamp()
    facts = probe([in_venv("python")]) if stamp else None
    todo = steps(stamp, want, facts and facts["version"], job)
    if not todo:
        return
    uv = have_uv()
    if todo[0] == "rebuild":
        rebuild(uv)
        stamp, todo = {"locks": {}}, todo[1:]
    else:
        os.unlink(STAMP)  # whoever is interrupted here starts anew
    for step in todo:
        link(uv) if step == "link" else install(step, uv)
    for name in todo[:-1]:
        stamp["locks"][name] = want["locks"][name]
    stamp.update(python=probe([in_venv("python")])["version"], project=want["project"], root=ROOT)
    write_stamp(stamp)


# ---- the jobs -------------------------------------------------------------------------------


def free_port(first=8888):
    """The first free port of this machine from `first` on; 0 asks the system for any."""
    for port in [first] if not first else range(first, first + 100):
        probe_socket = socket.socket()
        try:
            probe_socket.bind(("127.0.0.1", port))
            return probe_socket.getsockname()[1]
        except (OSError, socket.error):
            continue
        finally:
            probe_socket.close()
    raise Stop("No free port from {} to {}: give one with --port.".format(first, first + 99))


def take_port(arguments):
    """(port or None, the other arguments), from `--port 9000`, `--port=` or `--ServerApp.port=`."""
    rest, port, names = [], None, ("--port", "--ServerApp.port")
    waiting = False
    for argument in arguments:
        name, _, value = argument.partition("=")
        if waiting:
            port, waiting = argument, False
        elif name in names and value:
            port = value
        elif argument in names:
            waiting = True
        else:
            rest.append(argument)
    if waiting or (port is not None and not port.isdigit()):
        raise Stop("--port takes a number, as in --port 8888; found {!r}.".format(port))
    return (None if port is None else int(port)), rest


def lab_command(arguments, token, root=False):
    """(command, address to look at) of JupyterLab; `token` None: the person set one themselves."""
    port, rest = take_port(arguments)
    port = port or free_port(0 if port == 0 else 8888)
    page = "/lab/tree/" + NOTEBOOK
    command = [in_venv("python"), "-m", "jupyterlab", "--port={}".format(port)]
    command += ["--ServerApp.port_retries=0", "--LabApp.default_url=" + page]
    command += ["--LabApp.extension_manager=readonly", "--ServerApp.root_dir=" + ROOT]
    if not any("log" in argument or argument == "--debug" for argument in rest):
        command += ["--log-level=WARN"]
    if root:  # containers: Jupyter refuses root without this
        command += ["--allow-root"]
    address = "http://localhost:{}{}".format(port, page)
    return command + rest, address + ("?token=" + token if token else "")


def lab(arguments):
    prepare("lab")
    own = any("token" in argument or "password" in argument for argument in arguments)
    token = (
        None
        if own
        else os.environ.get("JUPYTER_TOKEN") or binascii.hexlify(os.urandom(16)).decode()
    )
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    command, address = lab_command(arguments, token, root)
    environ = dict(os.environ, **({"JUPYTER_TOKEN": token} if token else {}))
    print("JupyterLab starts; in a few seconds look at {}  (Ctrl-C stops it)".format(address))
    sys.stdout.flush()
    if WINDOWS:
        return subprocess.call(command, cwd=ROOT, env=environ)
    os.chdir(ROOT)
    os.execve(command[0], command, environ)


def checks(root=ROOT):
    """(name, arguments of .venv's Python) of everything that is looked at before the tests."""
    found = [
        ("ruff check", ["-m", "ruff", "check", "."]),
        ("ruff format", ["-m", "ruff", "format", "--check", "."]),
        ("mypy", ["-m", "mypy"]),
    ]
    if os.path.exists(os.path.join(root, "notebooks", "normalise.py")):
        # their form only: whether their outputs are fresh is for nbval, which runs them
        found.append(("notebooks", [os.path.join("notebooks", "normalise.py"), "--rules"]))
    return found


def pytest_command(arguments):
    return ["-m", "pytest", "--nbval", "--nbval-sanitize-with=nbval_sanitize.cfg"] + arguments


def call(arguments):
    return subprocess.call([in_venv("python")] + arguments, cwd=ROOT)


def test(arguments):
    """Lint, format, types, notebooks, then pytest, all of them; pytest has the last word.

    Without further arguments pytest runs in two lanes side by side: most of its time is waiting.
    """
    prepare("test")
    failed = []
    for name, command in checks():
        print("-- " + name)
        sys.stdout.flush()
        if call(command):
            failed.append(name)
    if arguments:
        code = call(pytest_command(arguments))
    else:
        code = beside(*(pytest_command(lane) for lane in shared_lanes()))
    if failed:
        print("Failed before the tests: {}.".format(", ".join(failed)))
    return code or int(bool(failed))


def shared_lanes(root=ROOT):
    """What pytest is given in each lane: its tests, and its share of the notebooks."""
    folder = os.path.join(root, "notebooks")
    found = sorted(name for name in os.listdir(folder) if name.endswith(".ipynb"))
    paths = ["notebooks/" + name for name in found]
    turns = [NOTEBOOK_LANES[n % len(NOTEBOOK_LANES)] for n in range(len(paths))]
    return [
        list(lane) + [path for path, turn in zip(paths, turns) if turn == n]  # noqa: B905
        for n, lane in enumerate(TEST_LANES)
    ]


def beside(shown, kept):
    """The exit status of two commands run side by side; what `kept` says is printed at the end."""
    with tempfile.TemporaryFile() as said:
        other = subprocess.Popen(
            [in_venv("python")] + kept, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            code = call(shown)
            other.wait()
        finally:
            if other.poll() is None:  # interrupted
                other.terminate()
        said.seek(0)
        print(said.read().decode("utf-8", "replace"))
    sys.stdout.flush()
    return code or other.returncode


def lane_commands(results):
    """(title, arguments) of each lane of slow tests, at last of those that must be alone.

    The outcomes go to the files `results`, one for each.
    """
    common = ["-m", "pytest", "-m", "long or client", "-q", "-o", "junit_family=xunit1"]
    names = ["lane {}".format(n + 1) for n in range(len(LANES))] + ["alone"]
    return [
        ("{}, {}".format(SLOW, name), common + ["--junitxml=" + result] + list(lane))
        for name, result, lane in zip(names, results, LANES + (ALONE,))  # noqa: B905
    ]


def bench_commands():
    """(title, arguments) of the benchmarks, which are run alone, one after the other."""
    return [("benchmarks/" + name, [os.path.join("benchmarks", name)]) for name in BENCHMARKS]


def long(arguments):
    """The slow tests (further arguments go to pytest) and the benchmarks, told in docs/long.md.

    First those that may run side by side, then those that must be alone, then the benchmarks.
    What works with which client is told in docs/clients.md, unless none was tried.
    """
    prepare("long")
    folder = tempfile.mkdtemp()
    results = [os.path.join(folder, "lane{}.xml".format(n)) for n in range(len(LANES) + 1)]
    try:
        lanes = lane_commands(results)
        parts = together(lanes[:-1], arguments)
        parts.append(timed(lanes[-1][0], lanes[-1][1] + arguments))
        parts += [timed(title, command) for title, command in bench_commands()]
        day, where = time.strftime("%Y-%m-%d"), machine()
        write("long.md", long_report(parts, outcomes(results), day, where))
        tried = clients(results)
        if tried:
            write("clients.md", clients_report(tried, day, where))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return next((code for _, code, _, _ in parts if code), 0)


def write(name, text):
    with io.open(os.path.join(ROOT, "docs", name), "w", encoding="utf-8") as file:
        file.write(text)
    print("Written: docs/" + name)


def together(commands, arguments):
    """What `timed` says of commands that run side by side, in their order."""
    found = {}

    def run_one(title, command):
        found[title] = timed(title, command + arguments)

    threads = [threading.Thread(target=run_one, args=one) for one in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[title] for title, _ in commands]


def timed(title, command):
    """(title, exit status, seconds, what it said) of a command that is run now."""
    print("-- " + title)
    sys.stdout.flush()
    began = time.time()
    environ = dict(os.environ, PYTHONUNBUFFERED="1")
    process = subprocess.Popen(
        [in_venv("python")] + command,
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    text = tee(process)
    return title, process.returncode, time.time() - began, text


def outcomes(paths):
    """(test, outcome, seconds, what it measured) of each test in some JUnit files."""
    return [
        (short_name(case), outcome(case), float(case.get("time")), told(case))
        for case in cases(paths)
    ]


def cases(paths):
    """The tests of some JUnit files, as elements; a file that is not there has none."""
    import xml.etree.ElementTree  # not everywhere a part of the smallest Python

    there = [path for path in paths if os.path.exists(path)]
    roots = [xml.etree.ElementTree.parse(path).getroot() for path in there]
    return [case for root in roots for case in root.iter("testcase")]


def short_name(case):
    return case.get("name").replace("test_", "", 1).replace("_", " ")


def outcome(case):
    """passed; or failed, error, skipped with the first line of the reason."""
    for kind, word in (("failure", "**failed**"), ("error", "**error**"), ("skipped", "skipped")):
        found = case.find(kind)
        if found is not None:
            reason = (found.get("message") or "").strip().split("\n")[0]
            return "{}: {}".format(word, reason[:200])
    return "passed"


def told(case):
    properties = case.iter("property")
    return "; ".join("{} {}".format(one.get("name"), one.get("value")) for one in properties)


def clients(paths):
    """What was tried with each client: (name, version, {what: outcomes}, all outcomes, remark)."""
    found = {}
    for case in cases(paths):
        given = [(one.get("name"), one.get("value")) for one in case.iter("property")]
        names = dict(given)
        if "client" not in names:
            continue
        name, result = names["client"], outcome(case)
        row = found.setdefault(name, [names.get("version", ""), {}, [], ""])
        row[2].append(result)
        row[3] = names.get("remark", row[3])
        for what in {value for key, value in given if key == "shows"}:
            row[1].setdefault(what, []).append(result)
    return [(name,) + tuple(found[name]) for name in sorted(found)]


def shown(results):
    """The word of a table for the outcomes of the tests of one thing."""
    if not results:
        return "\u2013"
    if all(result == "passed" for result in results):
        return "yes"
    return "not tried" if all(result.startswith("skipped") for result in results) else "**no**"


def clients_report(tried, day, where):
    """The text of docs/clients.md."""
    heads = ("client", "version") + SHOWN + ("errors or warnings", "remarks")
    out = ["# Clients that were tried with `rtkit serve`\n"]
    out.append("{} on {}. Made by `python3 dev.py long`; not edited.\n".format(day, where))
    out.append("Each client is the published package, unmodified. It is told an address, a key,")
    out.append("what to say and a tool; whatever else it sends is its own.")
    out.append("Each *yes* is a test that passed against a server in a process of its own or, for")
    out.append("some of `openai`, in the same process: `tests/test_openai_client.py`,")
    out.append("`tests/test_agents_client.py`, and `tests/clients` for the others.\n")
    out.append("| {} |\n|{}".format(" | ".join(heads), "---|" * len(heads)))
    for name, version, by_what, results, remark in tried:
        cells = [name, version] + [shown(by_what.get(what)) for what in SHOWN]
        cells += [complaints(by_what, results), remark or skipped_because(results)]
        out.append("| {} |".format(" | ".join(cell.replace("|", "/") for cell in cells)))
    return without_places("\n".join(out)) + "\n"


def complaints(by_what, results):
    """Whether the client met an error event: every test of a client fails when it does."""
    word = shown(results if by_what else [])
    return {"yes": "none", "**no**": "see [long.md](long.md)"}.get(word, word)


def skipped_because(results):
    return next((result for result in results if result.startswith("skipped")), "")


def tee(process):
    """Prints what the process says as it says it, and returns it."""
    lines = []
    for line in iter(process.stdout.readline, b""):
        lines.append(line.decode("utf-8", "replace"))
        sys.stdout.write(lines[-1])
        sys.stdout.flush()
    process.wait()
    return "".join(lines)


def machine():
    python = ".".join(map(str, (probe([in_venv("python")]) or {"version": "?"})["version"]))
    return "{}, {} cores, Python {}".format(sys.platform, multiprocessing.cpu_count(), python)


def long_report(parts, tests, day, where):
    """The text of docs/long.md: one table of all that ran, then what the benchmarks printed."""
    out = ["# What takes longer: the last run of `python3 dev.py long`\n"]
    out.append("{} on {}. Made by that command; not edited.\n".format(day, where))
    out.append("| what | outcome | seconds | measured |\n|---|---|---:|---|")
    for title, code, seconds, _ in parts:
        out.append(table_row(title, "passed" if not code else failed(code), seconds, ""))
    out.extend(table_row(*test) for test in tests)
    for title, code, _, text in parts:
        if code or not title.startswith(SLOW):
            out.append("\n## {}\n\n```\n{}\n```".format(title, tail(text)))
    return without_places("\n".join(out)) + "\n"


def failed(code):
    return "**exit status {}**".format(code)


def table_row(what, outcome, seconds, measured):
    cells = (what, outcome, "{:.0f}".format(seconds), measured)
    return "| {} |".format(" | ".join(cell.replace("|", "/") for cell in cells))


def tail(text):
    """The last lines, where a long story is."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n")[-MOST_LINES:])


def without_places(text):
    """The text without the folders and the name of this machine."""
    places = [(ROOT, ""), (tempfile.gettempdir(), "TMP"), (os.path.expanduser("~"), "HOME")]
    for place, word in places:
        if len(place) > 1:
            text = text.replace(place + os.sep, word + "/" if word else "").replace(place, word)
    name = socket.gethostname()
    return text.replace(name, "HOST") if len(name) > 3 and name != "localhost" else text


def lock(arguments):
    """Locks of names, versions and hashes, no addresses; versions that still fit are kept."""
    if not have_uv():
        raise Stop("The locks are made by uv, which is not on PATH. Do: pip install uv")
    for name in ("lab", "test"):
        out = ["pyproject.toml", "requirements/build.in", "-o", "requirements/{}.txt".format(name)]
        run(COMPILE + EXTRA[name] + arguments + out)


JOBS = {"lab": lab, "test": test, "long": long, "lock": lock}


def main(arguments):
    if not arguments or arguments[0] not in JOBS:
        print(__doc__.strip())
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    try:
        return JOBS[arguments[0]](arguments[1:])
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
