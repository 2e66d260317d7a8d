"""The pictures of the course in the README: one that each notebook has stored, on cards of a size.

    python docs/make_course.py [--check]

`--check` changes nothing and says which cards are not those of the notebooks as they are stored.
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import nbformat
from PIL import Image, ImageChops

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parent / "notebooks"
CARDS = HERE / "course"
SIZE = (560, 340)
MARGIN = 12
CHOSEN = {  # number of the notebook -> which of its pictures, from 0
    "00": 3,
    "01": 4,
    "02": 1,
    "03": 5,
    "04": 2,
    "05": 4,
    "06": 1,
    "07": 3,
    "08": 1,
    "09": 3,
    "10": 5,
    "11": 2,
    "12": 2,
    "13": 3,
    "14": 2,
    "15": 1,
}


def pictures(path: Path) -> list[bytes]:
    """The PNGs that a notebook has stored, in their order."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    found = [output.get("data", {}).get("image/png") for output in outputs]
    return [base64.b64decode(png) for png in found if png]


def card(png: bytes) -> Image.Image:
    """A picture in the middle of a white card, as large as it fits."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    room = (SIZE[0] - 2 * MARGIN, SIZE[1] - 2 * MARGIN)
    share = min(room[0] / picture.width, room[1] / picture.height, 1.0)
    fitted = picture.resize(
        (round(picture.width * share), round(picture.height * share)), Image.Resampling.LANCZOS
    )
    empty = Image.new("RGB", SIZE, "white")
    empty.paste(fitted, ((SIZE[0] - fitted.width) // 2, (SIZE[1] - fitted.height) // 2))
    return empty.quantize(64, dither=Image.Dither.NONE)


def same(path: Path, made: Image.Image) -> bool:
    """Whether a stored card shows the same."""
    if not path.is_file():
        return False
    stored = Image.open(path).convert("RGB")
    return ImageChops.difference(stored, made.convert("RGB")).getbbox() is None


def main() -> int:
    """Make the cards, or check them."""
    check = "--check" in sys.argv[1:]
    CARDS.mkdir(exist_ok=True)
    stale = []
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        number = path.stem[:2]
        made, file = card(pictures(path)[CHOSEN[number]]), CARDS / f"{number}.png"
        if check and not same(file, made):
            stale.append(file.name)
        elif not check:
            made.save(file, optimize=True)
    if stale:
        print(f"not those of the notebooks: {', '.join(stale)}. Do: python docs/make_course.py")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
