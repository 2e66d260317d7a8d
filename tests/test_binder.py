"""What Binder would build from binder/, rendered offline by repo2docker itself."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BINDER = ROOT / "binder"
FILES = sorted(path for path in BINDER.iterdir() if path.is_file())
SCRIPTS = ("postBuild", "start")


@pytest.fixture(scope="module")
def dockerfile():
    """The Dockerfile of this repository, as text; nothing is built or fetched."""
    app = pytest.importorskip("repo2docker.app")
    before = os.getcwd()
    os.chdir(ROOT)
    try:
        repo2docker = app.Repo2Docker()
        for kind in repo2docker.buildpacks:
            pack = kind(repo2docker.base_image)
            if pack.detect():
                pack.platform = "linux/amd64"
                return pack.render({})
    finally:
        os.chdir(before)
    pytest.fail("repo2docker recognises nothing in this repository")


def test_python_is_the_pinned_one(dockerfile):
    pinned = (BINDER / "runtime.txt").read_text().strip()
    assert pinned == "python-3.12"
    (base,) = re.findall(r"environment-2epy-2d(3-2e\d+)", dockerfile)  # repo2docker escapes . and -
    assert base == "3-2e12"


def test_the_package_is_installed_with_what_the_notebooks_need(dockerfile):
    assert re.search(r'pip install .*-r "binder/requirements\.txt"', dockerfile)
    assert (BINDER / "requirements.txt").read_text() == "-e .[local,lab]\n"


def test_the_repository_is_there_before_the_install_and_post_build_after_it(dockerfile):
    order = [
        re.search(r"COPY --chown=\d+:\d+ src/ ", dockerfile).start(),
        dockerfile.index('-r "binder/requirements.txt"'),
        dockerfile.index("RUN ./binder/postBuild"),
        dockerfile.index('R2D_ENTRYPOINT="${REPO_DIR}/binder/start"'),
    ]
    assert order == sorted(order)


def test_the_extras_that_binder_installs_exist():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (extras,) = re.findall(r"\[(.*)\]", (BINDER / "requirements.txt").read_text())
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    assert project["requires-python"] == ">=3.11"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_lines_end_as_linux_ends_them(path):
    assert b"\r" not in path.read_bytes()


def test_git_keeps_the_line_ends():
    rules = (ROOT / ".gitattributes").read_text().split("\n")
    assert "binder/* text eol=lf" in rules


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_bash_that_parses(name):
    assert (BINDER / name).read_text().startswith("#!/bin/bash\n")
    subprocess.run(["bash", "-n", str(BINDER / name)], check=True)


def test_start_hands_over_to_the_server_in_the_end():
    assert (BINDER / "start").read_text().rstrip().endswith('exec "$@"')


def test_post_build_uses_files_that_exist():
    used = re.findall(r"\bbinder/[\w.-]+", (BINDER / "postBuild").read_text())
    assert used
    assert not [name for name in used if not (ROOT / name).is_file()]


def test_lab_asks_nobody_for_news():
    settings = json.loads((BINDER / "overrides.json").read_text())
    quiet = settings["@jupyterlab/apputils-extension:notification"]
    assert quiet == {"checkForUpdates": False, "fetchNews": "false"}


def test_the_workspace_opens_the_first_notebook():
    workspace = json.loads((BINDER / "default.jupyterlab-workspace").read_text())
    (opened,) = workspace["data"]["layout-restorer:data"]["main"]["dock"]["widgets"]
    path = workspace["data"][opened]["data"]["path"]
    assert opened == f"notebook:{path}"
    assert (ROOT / path).is_file()


def test_nothing_else_decides_what_binder_builds():
    assert not [name for name in ("environment.yml", "Dockerfile") if (ROOT / name).exists()]
    assert not (ROOT / ".binder").exists()
