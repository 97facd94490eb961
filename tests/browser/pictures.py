# SPDX-License-Identifier: Apache-2.0
"""The pictures of the README: drawn by tests, compared with what is kept, written only on demand.

`COUNTERMARK_PICTURES=1` writes them anew. Without it a run changes no file: a paper must be the
kept one to the letter, and a screenshot must look like it, for letters are drawn a little
differently on every machine.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops, ImageStat

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"
BYTES_MAX: Final = 60_000
COLOURS: Final = 32
SMALL: Final = (80, 80)
DIFFERENCE_MAX: Final = 12
"""Of 255, in the mean over a picture of `SMALL` size. Other letters make 1 to 8; another page
or state of it makes 19 and more."""


def writes() -> bool:
    """Whether the pictures are to be written."""
    return os.environ.get("COUNTERMARK_PICTURES") == "1"


def keep_drawing(name: str, svg: str) -> str:
    """The kept SVG, after writing `svg` where that was asked for."""
    path = FOLDER / name
    if writes():
        path.write_text(svg, "utf-8")
    return path.read_text("utf-8")


def keep_screenshot(name: str, png: bytes) -> bytes:
    """The kept PNG, after writing `png` in few colours where that was asked for."""
    path = FOLDER / name
    if writes():
        image = Image.open(io.BytesIO(png)).convert("RGB")
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.read_bytes()


def size_of(png: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(png)).size


def difference(one: bytes, other: bytes) -> float:
    """How unlike two PNGs look, 0 to 255: the mean over small grey copies of both."""
    small = [
        Image.open(io.BytesIO(each)).convert("L").resize(SMALL, Image.Resampling.BOX)
        for each in (one, other)
    ]
    return float(ImageStat.Stat(ImageChops.difference(*small)).mean[0])
