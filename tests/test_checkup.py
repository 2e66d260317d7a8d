"""The doctor's findings, on machines that lack things; and the real one on this machine."""

import os
import socket
import stat

import pytest

from rtkit import checkup
from rtkit.checkup import Row, doctor, find_browser


def program(folder, name):
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_row_that_is_well_is_one_line_and_names_no_remedy():
    assert str(Row("port", True, "8765 is free", "unused")) == "ok       port         8765 is free"


def test_a_row_that_lacks_something_names_what_to_do():
    text = str(Row("local", False, "not installed: aiohttp", "pip install 'rtkit[local]'"))
    assert text.splitlines()[0] == "missing  local        not installed: aiohttp"
    assert text.splitlines()[1].strip() == "do: pip install 'rtkit[local]'"


def test_the_exit_status_counts_only_what_is_needed(capsys):
    well, optional = Row("a", True, "x"), Row("b", False, "y", "z", needed=False)
    assert doctor([lambda: well, lambda: optional]) == 0
    assert capsys.readouterr().out.endswith("All is well.\n")
    assert doctor([lambda: well, lambda: Row("c", False, "y", "z")]) == 1
    assert capsys.readouterr().out.endswith("1 thing(s) to do.\n")


@pytest.mark.parametrize(
    ("version", "ok"), [((3, 10, 9), False), ((3, 11, 0), True), ((3, 14, 0), False)]
)
def test_only_pythons_with_wheels_are_well(version, ok):
    assert checkup.python_row(version).ok is ok


def test_packages_are_named_with_their_versions():
    row = checkup.packages_row("", ["numpy"])
    assert row.ok
    assert row.found.startswith("numpy ")


def test_missing_packages_are_named_with_the_extra_that_brings_them():
    row = checkup.packages_row("local", ["numpy", "no-such-thing", "nor-this|nor-that"])
    assert not row.ok
    assert row.found == "not installed: no-such-thing, nor-this or nor-that"
    assert row.remedy == "pip install 'rtkit[local]'"


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"JUPYTERHUB_USER": "ada"}, "JupyterHub: sound takes the way through"),
        ({"JUPYTERHUB_USER": "jo", "BINDER_LAUNCH_HOST": "https://x"}, "Binder: sound takes"),
        ({"COLAB_RELEASE_TAG": "release"}, "Colab: sound goes in kernel messages"),
        ({"TERM_PROGRAM": "vscode"}, "VS Code: its notebooks get no microphone"),
        ({"TERM_PROGRAM": "another"}, "this machine: sound goes straight"),
    ],
)
def test_the_host_of_the_notebooks_is_named_with_the_way_of_their_sound(environ, told):
    row = checkup.host_row(environ)
    assert row.ok
    assert row.found.startswith(told)


def test_a_hub_without_its_proxy_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(checkup, "_version", lambda names: "")
    row = checkup.host_row({"JUPYTERHUB_USER": "ada"})
    assert not row.ok
    assert not row.needed
    assert row.remedy.startswith("pip install jupyter-server-proxy where the Jupyter server runs")


def test_either_of_two_packages_will_do():
    assert checkup.packages_row("local", ["no-such-thing|numpy"]).ok


def test_the_packages_looked_for_are_those_of_pyproject(repo_root):
    import re
    import tomllib

    project = tomllib.loads((repo_root / "pyproject.toml").read_text())["project"]
    for extra, names in checkup.PACKAGES.items():
        given = project["optional-dependencies"][extra] if extra else project["dependencies"]
        others = [line for line in given if not line.startswith("rtkit[")]  # have rows of their own
        wanted = {re.match(r"[\w-]+", line).group() for line in others}
        assert {part for name in names for part in name.split("|")} == wanted


def test_an_engine_that_is_absent_is_told_with_its_command():
    def attempt():
        raise ImportError("espeak-ng is not installed. Do: pip install 'rtkit[local]'")

    row = checkup._tried("voice", attempt)
    assert (row.ok, row.found) == (False, "espeak-ng is not installed.")
    assert row.remedy == "pip install 'rtkit[local]'"


def test_an_engine_that_breaks_is_told_not_raised():
    row = checkup._tried("voice", lambda: 1 / 0)
    assert (row.ok, row.found) == (False, "failed with ZeroDivisionError: division by zero")
    assert "--force-reinstall" in row.remedy


def test_a_browser_is_found_on_the_path_in_order(tmp_path):
    environ = {"PATH": str(tmp_path)}
    edge = program(tmp_path, "msedge")
    assert find_browser(environ) == edge
    chromium = program(tmp_path, "chromium")
    assert find_browser(environ) == chromium


def test_a_named_browser_goes_first_and_a_wrong_name_is_not_replaced(tmp_path):
    program(tmp_path, "chromium")
    mine = program(tmp_path, "mine")
    assert find_browser({"PATH": str(tmp_path), "RTKIT_BROWSER": mine}) == mine
    assert find_browser({"PATH": str(tmp_path), "RTKIT_BROWSER": mine + "x"}) is None


@pytest.mark.skipif(os.name == "nt", reason="the table's files are there on Windows")
def test_a_machine_without_a_browser_has_none(tmp_path, monkeypatch):
    monkeypatch.setattr(checkup, "BROWSER_FILES", ("{ProgramFiles}/chrome.exe",))
    assert find_browser({"PATH": str(tmp_path)}) is None
    (tmp_path / "chrome.exe").touch()
    assert find_browser({"PATH": "", "ProgramFiles": str(tmp_path)}) == f"{tmp_path}/chrome.exe"


def test_a_taken_port_is_absent_and_a_free_one_well():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number = taken.getsockname()[1]
        row = checkup.port_row(number)
        assert (row.ok, row.needed, row.found) == (False, False, f"{number} is taken")
    assert checkup.port_row(number).ok


def test_the_recordings_folder_is_shown_and_tried(tmp_path, monkeypatch):
    monkeypatch.setenv("RTKIT_RECORDINGS", str(tmp_path / "recordings"))
    assert checkup.recordings_row() == Row("recordings", True, str(tmp_path / "recordings"))
    assert not (tmp_path / "recordings").exists()
    (tmp_path / "file").touch()
    monkeypatch.setenv("RTKIT_RECORDINGS", str(tmp_path / "file"))
    row = checkup.recordings_row()
    assert not row.ok
    assert "RTKIT_RECORDINGS" in row.remedy


@pytest.mark.parametrize("row", [checkup.voice_row, checkup.turns_row, checkup.ears_row])
def test_the_engines_of_this_machine_really_work(row):
    found = row()
    assert found.ok, found
