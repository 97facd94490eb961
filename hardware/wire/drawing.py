# SPDX-License-Identifier: Apache-2.0
"""Pictures of papers: SVG for people's eyes, a bitmap for machines that read symbols.

The SVG holds shapes and escaped text, never a script, a link or a style from outside. In the
bitmap every dot of an image or symbol is one pixel; letters are left out, for this library has no
font, but their inverse backgrounds are there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from html import escape
from typing import Final

from hardware.wire.paper import Dots, Mark, Paper, Span, TextRow

MARGIN: Final = 16
"""White dots around the paper, in both kinds of picture."""

BLACK: Final = 0
WHITE: Final = 255


def to_bitmap(paper: Paper) -> list[bytes]:
    """Rows of one byte a dot, 0 black and 255 white, with ``MARGIN`` around."""
    width, height = paper.width + 2 * MARGIN, paper.height + 2 * MARGIN
    rows = [bytearray([WHITE]) * width for _ in range(height)]
    for element in paper.elements:
        if isinstance(element, Dots):
            for offset, row in enumerate(element.rows):
                target, left = rows[MARGIN + element.y + offset], MARGIN + element.x
                pixels = b"".join(_PIXELS[value] for value in row)[: element.width]
                target[left : left + len(pixels)] = pixels
        elif isinstance(element, TextRow):
            for span in (span for span in element.spans if span.inverse):
                right = min(span.x + span.width, paper.width) + MARGIN
                for y in range(element.y, min(element.y + span.cell_height, paper.height)):
                    left = MARGIN + span.x
                    rows[MARGIN + y][left:right] = bytes([BLACK]) * (right - left)
    return [bytes(row) for row in rows]


def to_svg(paper: Paper) -> str:
    """The paper as one SVG document; one unit is one dot."""
    width, height = paper.width + 2 * MARGIN, paper.height + 2 * MARGIN
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} shape-rendering="crispEdges">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<g transform="translate({MARGIN} {MARGIN})" font-family="monospace" fill="#000">',
    ]
    for element in paper.elements:
        match element:
            case TextRow(y, _, spans):
                parts.extend(part for span in spans for part in _span(span, y))
            case Dots():
                parts.append(_dots(element))
            case Mark():
                parts.extend(_mark(element))
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _span(span: Span, y: int) -> Iterator[str]:
    if span.inverse:
        yield f'<rect x="{span.x}" y="{y}" width="{span.width}" height="{span.cell_height}"/>'
    text = span.text.rstrip()
    if not text:
        return
    lead = len(text) - len(text.lstrip())
    text = text.lstrip()
    x, width = span.x + lead * span.cell_width, len(text) * span.cell_width
    style = ' font-weight="bold"' if span.bold else ""
    style += ' text-decoration="underline"' if span.underline else ""
    style += ' fill="#fff"' if span.inverse else ""
    # Drawn in a square cell and stretched, so that double width looks as it prints.
    size = span.cell_height * 5 // 6
    base = y + span.cell_height * 4 // 5
    yield (
        f'<text x="{x}" y="{base}" font-size="{size}" textLength="{width}" '
        f'lengthAdjust="spacingAndGlyphs" xml:space="preserve"{style}>{_escaped(text)}</text>'
    )


def _escaped(text: str) -> str:
    """Text that no reader takes for markup; what XML forbids becomes a replacement sign."""
    forbidden = ("Cc", "Cs", "Cn")
    clean = "".join("\ufffd" if unicodedata.category(c) in forbidden else c for c in text)
    return escape(clean, quote=True)


def _dots(dots: Dots) -> str:
    """Runs of black, equal rows joined into one rectangle each, in a single path."""
    steps: list[str] = []
    top = 0
    while top < dots.height:
        row = dots.rows[top]
        bottom = top + 1
        while bottom < dots.height and dots.rows[bottom] == row:
            bottom += 1
        for start, length in _runs(row, dots.width):
            x, y = dots.x + start, dots.y + top
            steps.append(f"M{x} {y}h{length}v{bottom - top}h-{length}z")
        top = bottom
    return f'<path d="{"".join(steps)}"><title>{_escaped(dots.label)}</title></path>'


def _runs(row: bytes, width: int) -> Iterator[tuple[int, int]]:
    bits = bin(int.from_bytes(b"\x01" + row, "big"))[3:][:width]
    at = bits.find("1")
    while at >= 0:
        end = bits.find("0", at)
        end = end if end >= 0 else len(bits)
        yield at, end - at
        at = bits.find("1", end)


def _mark(mark: Mark) -> Iterator[str]:
    yield (
        f'<rect x="{mark.x}" y="{mark.y}" width="{mark.width}" height="{mark.height}" '
        'fill="none" stroke="#000" stroke-dasharray="6 6"/>'
    )
    yield (
        f'<text x="{mark.x + 12}" y="{mark.y + mark.height // 2}" font-size="20">'
        f"{_escaped(mark.label)}</text>"
    )


_PIXELS = [
    bytes(BLACK if value & 0x80 >> bit else WHITE for bit in range(8)) for value in range(256)
]
