"""The page of the course, its badges, and the container in which it opens elsewhere."""

import json
import re
import subprocess
import sys
import tomllib
from urllib.parse import parse_qs, urlsplit

import pytest
from lessonbook import FOLDER, script

badges = script("badges")
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
LINKED = set(re.findall(r"\((\w+\.ipynb)\)", PAGE))
THERE = {path.name for path in FOLDER.glob("*.ipynb")}
COMING = {f"{name}.ipynb" for name in ("10_latency",)}
ROOT = FOLDER.parent
OURS = {"owner": "ada", "repository": "talk", "branch": "v1/x"}


def test_every_notebook_is_on_the_page_and_every_link_leads_to_one():
    assert LINKED - COMING == THERE - COMING


@pytest.mark.parametrize("name", sorted(THERE))
def test_a_notebook_answers_a_question_or_opens_the_course(name):
    questions = PAGE.partition("## By question")[2].partition("## By section")[0]
    assert name in questions or name[:2] in ("00", "01", "14")


def test_the_measure_that_is_told_is_the_one_that_is_kept():
    rules = script("normalise")
    told = PAGE.partition("house rules")[2].replace(",", "")
    for number in (rules.CELLS.start, rules.CELLS.stop - 1, rules.MOST_WORDS, rules.MOST_LINES):
        assert re.search(rf"\b{number}\b", told)


def test_nothing_is_shown_until_it_is_published():
    published = tomllib.loads((FOLDER / "published.toml").read_text())
    assert badges.badges("", "talk", "main") == ""
    assert badges.written(PAGE, {**published, "owner": ""}).count("badge_logo") == 0


def test_the_page_has_the_badges_that_follow_from_what_is_published():
    command = [sys.executable, str(FOLDER / "badges.py"), "--check"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_published_badges_open_the_first_notebook_of_that_repository():
    text = badges.written(PAGE, OURS)
    links = dict(re.findall(r"\[!\[Open in (\w+)\]\(\S+\)\]\((\S+)\)", text))
    assert set(links) == {"Binder", "Colab", "Codespaces"}
    binder = urlsplit(links["Binder"])
    assert binder.path == "/v2/gh/ada/talk/v1%2Fx"
    assert parse_qs(binder.query)["urlpath"] == ["lab/tree/notebooks/00_quickstart.ipynb"]
    assert (ROOT / badges.FIRST).is_file()
    assert "/github/ada/talk/blob/v1%2Fx/" + badges.FIRST in links["Colab"]
    assert badges.written(text, OURS) == text  # once more changes nothing
    assert badges.written(text, {**OURS, "owner": ""}) == PAGE


def test_the_link_for_a_hub_names_repository_branch_and_notebook():
    (link,) = re.findall(r"`(https://HUB\S+)`", badges.written(PAGE, OURS))
    asked = parse_qs(urlsplit(link).query)
    assert asked["repo"] == ["https://github.com/ada/talk"]
    assert asked["branch"] == ["v1/x"]
    assert asked["urlpath"] == ["lab/tree/talk/notebooks/00_quickstart.ipynb"]


def test_the_container_installs_what_binder_installs_on_the_same_python():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    (extras,) = re.findall(r"\[(.*)\]", (ROOT / "binder" / "requirements.txt").read_text())
    assert f".[{extras}]" in container["postCreateCommand"]
    version = (ROOT / "binder" / "runtime.txt").read_text().strip().partition("-")[2]
    assert container["image"].endswith(f"python:{version}")
    assert badges.FIRST in container["postAttachCommand"]
