"""dev.py's decisions, without building an environment."""

import ast
import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
dev = importlib.util.module_from_spec(spec)
spec.loader.exec_module(dev)


def machine(**pythons):
    """A machine on which these commands start: name -> (version, has venv and pip)."""

    def ask(command):
        if command[-1] not in pythons:
            return None
        version, pip = pythons[command[-1]]
        return {"version": list(version), "pip": pip, "path": "/" + command[-1]}

    return ask


NAMES = [["python3.13"], ["python3.12"], ["python3.11"]]


# ---- which Python


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 1)])
def test_the_running_python_is_taken_when_it_will_do(version):
    ask = machine(python3=(version, True), **{"python3.12": ((3, 12, 1), True)})
    assert dev.choose(["python3"], NAMES, False, ask) == "/python3"


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 4), (3, 14, 0), (3, 15, 0)])
def test_an_older_or_newer_python_gives_way_to_a_supported_one(version):
    ask = machine(python3=(version, True), **{"python3.12": ((3, 12, 1), True)})
    assert dev.choose(["python3"], NAMES, False, ask) == "/python3.12"


def test_a_python_without_venv_gives_way_to_one_with_it():
    ask = machine(python3=((3, 11, 2), False), **{"python3.12": ((3, 12, 1), True)})
    assert dev.choose(["python3"], NAMES, False, ask) == "/python3.12"


def test_with_uv_a_python_needs_no_venv():
    assert dev.choose(["python3"], [], True, machine(python3=((3, 11, 2), False))) == "/python3"


def test_with_uv_a_missing_python_is_left_to_uv():
    assert dev.choose(["python3"], [], True, machine(python3=((3, 14, 0), True))) == "3.13"


def test_a_missing_venv_names_the_package_that_brings_it():
    with pytest.raises(dev.Stop, match=r"sudo apt install python3\.11-venv"):
        dev.choose(["python3"], [], False, machine(python3=((3, 11, 2), False)))


def test_no_python_at_all_says_which_are_allowed_and_how_to_get_one():
    with pytest.raises(dev.Stop, match=r"needs 3\.11, 3\.12 or 3\.13") as caught:
        dev.choose(["python3"], NAMES, False, machine(python3=((3, 14, 0), True)))
    assert "apt install" in str(caught.value)
    assert "brew install" in str(caught.value)
    assert "winget" in str(caught.value)


def test_candidates_are_on_the_path_and_in_pyenv():
    def listdir(path):
        assert Path(path) == Path("/pyenv/versions")
        return ["3.9.1", "3.12.1", "3.14.0", "3.13.2"]

    found = list(dev.candidates({"PYENV_ROOT": "/pyenv"}, listdir, windows=False))
    assert found[:3] == NAMES
    assert [Path(*command).parts[-3] for command in found[3:]] == ["3.13.2", "3.12.1"]


def test_candidates_on_windows_ask_the_launcher():
    found = list(dev.candidates({"PYENV_ROOT": "/none"}, lambda path: [], windows=True))
    assert ["py", "-3.12"] in found


def test_a_probe_tells_this_python_and_none_for_what_does_not_start():
    assert dev.probe([sys.executable])["version"] == list(sys.version_info[:3])
    assert dev.probe(["no-such-python"]) is None


def test_dev_py_has_no_syntax_that_old_pythons_refuse():
    tree = ast.parse((ROOT / "dev.py").read_text(), feature_version=(3, 4))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert not [f.name for f in functions if f.returns or any(a.annotation for a in f.args.args)]


# ---- what the environment lacks

WANT = {"root": "/r", "project": "p1", "locks": {"lab": "l1", "test": "t1"}}


def stamp(**changes):
    whole = {"root": "/r", "project": "p1", "locks": dict(WANT["locks"]), "python": [3, 12, 1]}
    return {**whole, **changes}


def test_a_fitting_environment_needs_nothing():
    for job in ("lab", "test", "long"):
        assert dev.steps(stamp(), WANT, [3, 12, 1], job) == []


def test_test_adds_to_a_lab_environment():
    lab_only = stamp(locks={"lab": "l1"})
    assert dev.steps(lab_only, WANT, [3, 12, 1], "lab") == []
    assert dev.steps(lab_only, WANT, [3, 12, 1], "test") == ["test", "link"]


def test_a_changed_pyproject_only_links_again():
    assert dev.steps(stamp(project="p0"), WANT, [3, 12, 1], "lab") == ["link"]


@pytest.mark.parametrize(
    ("found", "version"),
    [
        pytest.param(None, [3, 12, 1], id="no stamp: half made"),
        pytest.param({}, [3, 12, 1], id="an empty stamp"),
        pytest.param(stamp(locks={"lab": "l0"}), [3, 12, 1], id="a changed lock"),
        pytest.param(stamp(locks={"lab": "l1", "test": "t0"}), [3, 12, 1], id="half changed"),
        pytest.param(stamp(), [3, 12, 2], id="its Python was upgraded"),
        pytest.param(stamp(), None, id="its Python is gone"),
        pytest.param(stamp(python=[3, 14, 0]), [3, 14, 0], id="a Python without wheels"),
        pytest.param(stamp(root="/elsewhere"), [3, 12, 1], id="the folder was moved"),
    ],
)
def test_a_stale_or_half_made_environment_is_made_anew(found, version):
    assert dev.steps(found, WANT, version, "lab") == ["rebuild", "lab", "link"]
    assert dev.steps(found, WANT, version, "test") == ["rebuild", "lab", "test", "link"]


def test_a_broken_stamp_counts_as_none(tmp_path):
    broken = tmp_path / "rtkit.json"
    assert dev.read_stamp(str(broken)) is None
    broken.write_text('{"locks"')
    assert dev.read_stamp(str(broken)) is None
    broken.write_text("[]")
    assert dev.read_stamp(str(broken)) is None


def test_digests_do_not_depend_on_line_ends(tmp_path):
    unix, windows = tmp_path / "a", tmp_path / "b"
    unix.write_bytes(b"a\nb\n")
    windows.write_bytes(b"a\r\nb\r\n")
    assert dev.digest(str(unix)) == dev.digest(str(windows))


def test_the_locks_hold_hashes_and_no_addresses():
    for name in ("lab", "test"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "hatchling==" in text  # the build tools of the editable install


def test_the_test_lock_adds_to_the_lab_lock_and_changes_nothing_in_it():
    def pins(name):
        lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
        return {line.rstrip(" \\") for line in lines if "==" in line and line[0] != " "}

    def versions(name):
        return {pin.split(";")[0].strip() for pin in pins(name)}

    assert versions("lab") <= versions("test")


# ---- the jobs


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--port", "9000", "--no-browser"], (9000, ["--no-browser"])),
        (["--no-browser", "--port=9000"], (9000, ["--no-browser"])),
        (["--ServerApp.port=9000"], (9000, [])),
        (["--no-browser"], (None, ["--no-browser"])),
    ],
)
def test_the_port_is_read_in_every_spelling(arguments, expected):
    assert dev.take_port(arguments) == expected


@pytest.mark.parametrize("arguments", [["--port"], ["--port", "x"], ["--port=x"]])
def test_a_bad_port_is_refused(arguments):
    with pytest.raises(dev.Stop, match="--port takes a number"):
        dev.take_port(arguments)


def test_lab_opens_the_first_notebook_at_the_address_it_names():
    command, address = dev.lab_command(["--no-browser", "--port", "9000"], "abc")
    page = "/lab/tree/notebooks/00_quickstart.ipynb"
    assert "--LabApp.default_url=" + page in command
    assert "--port=9000" in command
    assert command[-1] == "--no-browser"
    assert address == f"http://localhost:9000{page}?token=abc"


def test_lab_names_no_token_when_the_person_set_one():
    _, address = dev.lab_command(["--port=9000", "--IdentityProvider.token=mine"], None)
    assert "token" not in address


def test_lab_allows_root_only_to_root():
    assert "--allow-root" not in dev.lab_command(["--port=9000"], None)[0]
    assert "--allow-root" in dev.lab_command(["--port=9000"], None, root=True)[0]


def test_a_taken_port_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert dev.free_port(port) > port


def test_the_tests_are_lint_format_types_then_notebooks(tmp_path):
    assert [name for name, _ in dev.checks(str(tmp_path))] == ["ruff check", "ruff format", "mypy"]
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "normalise.py").touch()
    assert dev.checks(str(tmp_path))[-1][0] == "notebooks"


def test_further_arguments_go_to_pytest():
    assert dev.pytest_command(["-k", "dev"])[-2:] == ["-k", "dev"]


def test_two_lanes_hold_every_test_and_notebook_once():
    first, second = dev.shared_lanes()
    ignored = [path.removeprefix("--ignore=") for path in first if path.startswith("--ignore=")]
    assert set(ignored) <= set(second)
    assert first[0] == "tests"
    notebooks = [path for path in (*first, *second) if path.endswith(".ipynb")]
    assert sorted(notebooks) == sorted(
        f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")
    )


@pytest.mark.parametrize("codes", [(0, 0), (1, 0), (0, 2)])
def test_a_lane_that_fails_fails_the_whole_and_what_both_say_is_printed(codes, capfd):
    commands = [["-c", f"print('lane', {n}); raise SystemExit({n})"] for n in codes]
    assert dev.beside(*commands) == max(codes)
    assert capfd.readouterr().out.split() == ["lane", str(codes[0]), "lane", str(codes[1])]


def test_long_runs_the_slow_shared_lanes_and_then_the_named_benchmarks():
    every = (*dev.LANES, dev.ALONE)
    files = ["one.xml", "two.xml", "three.xml"]
    lanes = dev.lane_commands(files)
    titles = [f"Slow tests, {name}" for name in ("lane 1", "lane 2", "alone")]
    assert [title for title, _ in lanes] == titles
    assert all(
        f"--junitxml={file}" in command for file, (_, command) in zip(files, lanes, strict=1)
    )
    paths = [path for lane in every for path in lane]
    assert [command[-len(lane) :] for (_, command), lane in zip(lanes, every, strict=True)] == [
        list(lane) for lane in every
    ]
    assert all((ROOT / path).exists() for path in paths)
    there = {f"tests/long/{path.name}" for path in (ROOT / "tests" / "long").glob("test_*.py")}
    assert there <= set(paths), "name it in dev.LANES or dev.ALONE"
    assert [title for title, _ in dev.bench_commands()] == [
        f"benchmarks/{name}" for name in dev.BENCHMARKS
    ]
    assert all((ROOT / "benchmarks" / name).is_file() for name in dev.BENCHMARKS)


def test_lanes_run_side_by_side_and_are_told_in_their_order(tmp_path):
    wait = "import pathlib,sys,time\nmine,other=map(pathlib.Path,sys.argv[1:])\nmine.touch()\n"
    wait += "end=time.time()+20\nwhile not other.exists() and time.time()<end: time.sleep(.01)\n"
    wait += "print(other.exists())"
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    parts = dev.together([("first", ["-c", wait, a, b]), ("second", ["-c", wait, b, a])], [])
    assert [(title, code, text.strip()) for title, code, _, text in parts] == [
        ("first", 0, "True"),
        ("second", 0, "True"),
    ]


RESULTS = """<testsuites><testsuite>
<testcase name="test_a_talk[x]" time="61.2"><properties><property name="turns" value="9"/>
</properties></testcase>
<testcase name="test_b" time="1"><failure message="two | lines&#10;more">told</failure></testcase>
<testcase name="test_c" time="0"><skipped message="no browser"/></testcase>
</testsuite></testsuites>"""


def test_the_long_report_is_dated_tells_failures_and_holds_no_path_of_this_machine(tmp_path):
    (tmp_path / "results.xml").write_text(RESULTS)
    tests = dev.outcomes([str(tmp_path / "results.xml")])
    parts = [
        ("Slow tests", 1, 62.2, f"{dev.ROOT}{os.sep}x.py: no\n"),
        ("benchmarks/b.py", 0, 1.0, "a table\n"),
    ]
    text = dev.long_report(parts, tests, "2026-11-22", "linux, 2 cores, Python 3.12.1")
    assert "2026-11-22 on linux, 2 cores, Python 3.12.1" in text
    assert "| Slow tests | **exit status 1** | 62 |" in text
    assert "| a talk[x] | passed | 61 | turns 9 |" in text
    assert "| b | **failed**: two / lines | 1 |" in text
    assert "| c | skipped: no browser | 0 |" in text
    assert "x.py: no" in text
    assert "a table" in text
    assert dev.ROOT not in text


def test_without_results_there_is_still_a_report(tmp_path):
    assert dev.outcomes([str(tmp_path / "none.xml")]) == []
    assert "**exit status 4**" in dev.long_report([("Slow tests", 4, 1.0, "")], [], "d", "m")


def test_without_a_job_it_prints_what_it_can_do():
    done = subprocess.run(
        [sys.executable, str(ROOT / "dev.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "dev.py lab" in done.stdout


TRIED = """<testsuites><testsuite>
<testcase name="test_a" time="1"><properties><property name="client" value="one"/>
<property name="version" value="1.2"/><property name="shows" value="text"/>
<property name="shows" value="voice"/></properties></testcase>
<testcase name="test_b" time="1"><properties><property name="client" value="one"/>
<property name="shows" value="tool"/></properties><failure message="no">told</failure></testcase>
<testcase name="test_c" time="1"><properties><property name="client" value="two"/>
<property name="version" value="3"/><property name="shows" value="text"/></properties>
<skipped message="Node.js is not on PATH"/></testcase>
<testcase name="test_d" time="1"><properties><property name="client" value="three"/>
<property name="remark" value="never | connects"/></properties></testcase>
<testcase name="test_e" time="1"/>
</testsuite></testsuites>"""


def test_the_table_of_clients_says_what_passed_failed_and_was_not_tried(tmp_path):
    (tmp_path / "results.xml").write_text(TRIED)
    tried = dev.clients([str(tmp_path / "results.xml")])
    text = dev.clients_report(tried, "2026-11-22", "linux")
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert rows == [
        "| one | 1.2 | yes | yes | **no** | – | – | see [long.md](long.md) |  |",
        "| three |  | – | – | – | – | – | – | never / connects |",
        "| two | 3 | not tried | – | – | – | – | not tried | skipped: Node.js is not on PATH |",
    ]
    assert "2026-11-22 on linux" in text


def test_what_passed_met_no_errors(tmp_path):
    (tmp_path / "results.xml").write_text(TRIED.replace('<failure message="no">told</failure>', ""))
    [one] = [row for row in dev.clients([str(tmp_path / "results.xml")]) if row[0] == "one"]
    assert "| yes | – | – | none |" in dev.clients_report([one], "2026-11-22", "linux")


def test_without_results_there_is_no_table_of_clients(tmp_path):
    assert dev.clients([str(tmp_path / "none.xml")]) == []
