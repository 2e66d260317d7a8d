"""The page about backends: what it shows can be run."""

import re
from pathlib import Path

import rtkit
from rtkit.targets import HEADER_NAMES, KEY_VARIABLES

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "backends.md").read_text("utf-8")


def test_every_target_on_the_page_can_be_made(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "0123456789")
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://name.openai.azure.com")
    calls = re.findall(r"^rtkit\.target\((?:.*|\n(?: +.*\n)+)\)$", PAGE, re.MULTILINE)
    assert len(calls) >= 6
    for call in calls:
        made = eval(call, {"rtkit": rtkit})
        assert isinstance(made, rtkit.Target)
        assert made.headers or made.offers


def test_the_variables_and_functions_of_the_page_exist():
    for name in (*KEY_VARIABLES.values(), "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        assert name in PAGE
    for name in re.findall(r"rtkit\.([a-z_]+)\(", PAGE):
        assert callable(getattr(rtkit, name))
    assert all(f"{argument}=" in PAGE for argument in HEADER_NAMES)
