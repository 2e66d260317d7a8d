"""Badges that open the course elsewhere: Binder, Colab, Codespaces, and a link for nbgitpuller.

    python notebooks/badges.py          write them where a page has a place for them
    python notebooks/badges.py --check  say which pages are not as they should be

Owner, repository and branch stand in published.toml and nowhere else. Without an owner the course
is not published, and a page shows none.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

HERE = Path(__file__).parent
PUBLISHED = HERE / "published.toml"
PAGES = (HERE / "README.md", HERE.parent / "README.md")
FIRST = "notebooks/00_quickstart.ipynb"
PLACE = re.compile(r"(<!-- badges -->\n).*?(<!-- /badges -->)", re.DOTALL)


def badges(owner: str, repository: str, branch: str) -> str:
    """The badges as Markdown; "" without an owner."""
    if not owner:
        return ""
    where = f"{quote(owner)}/{quote(repository)}"
    ref = quote(branch, safe="")
    opened = urlencode({"urlpath": f"lab/tree/{FIRST}"})
    binder = f"https://mybinder.org/v2/gh/{where}/{ref}?{opened}"
    colab = f"https://colab.research.google.com/github/{where}/blob/{ref}/{FIRST}"
    pulled = {
        "repo": f"https://github.com/{where}",
        "branch": branch,
        "urlpath": f"lab/tree/{repository}/{FIRST}",
    }
    lines = [
        _badge("Binder", "https://mybinder.org/badge_logo.svg", binder),
        _badge("Colab", "https://colab.research.google.com/assets/colab-badge.svg", colab),
        _badge(
            "Codespaces",
            "https://github.com/codespaces/badge.svg",
            f"https://codespaces.new/{where}?quickstart=1",
        ),
        "",
        "On a JupyterHub with nbgitpuller, with its address in place of HUB:",
        f"`https://HUB/hub/user-redirect/git-pull?{urlencode(pulled)}`",
    ]
    return "\n".join(lines) + "\n"


def _badge(name: str, picture: str, link: str) -> str:
    return f"[![Open in {name}]({picture})]({link})"


def written(page: str, published: Mapping[str, str]) -> str:
    """A page with the badges in their place; as it is if it has none."""
    text = badges(published["owner"], published["repository"], published["branch"])
    return PLACE.sub(lambda place: place[1] + text + place[2], page)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    arguments = parser.parse_args()
    published = tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))
    stale = False
    for path in PAGES:
        page = path.read_text(encoding="utf-8")
        if (new := written(page, published)) == page:
            continue
        print(f"{path.name}: {'stale' if arguments.check else 'written'}")
        stale = True
        if not arguments.check:
            path.write_text(new, encoding="utf-8")
    return 1 if stale and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
