# SPDX-License-Identifier: Apache-2.0
"""A document as ESC/POS bytes for one printer model, and those very bytes as lines and as SVG.

The same document and profile give the same bytes. All text passes `safe_text` here and nowhere
later, so no name, number or brand can hold a command. Nothing is ever wider than the paper:
sentences go on between words, values take lines of their own, amounts get narrower.
"""

from __future__ import annotations

from typing import Final, assert_never

from agent.printing.document import (
    Banner,
    Big,
    Block,
    Cut,
    Document,
    Feed,
    Line,
    Pair,
    Qr,
    Rule,
    Side,
    Title,
)
from agent.printing.qr import draw_qr, native_modules, qr_modules
from hardware.profiles import Profile
from hardware.wire.code_pages import CodePage, SafeText, printable, safe_text
from hardware.wire.escpos_writer import Align, JobWriter, fitting_module_dots
from hardware.wire.picture import Paper, draw, lines, to_svg

VALUE_MAX: Final = 80
"""Characters of a value; a number is never this long, and what a stranger sent may be."""

TEAR_LINES: Final = 4
"""Lines fed where there is no cutter, so that the last one clears the tear bar."""

_ALIGN: Final = {Side.LEFT: Align.LEFT, Side.CENTER: Align.CENTER}


def render(document: Document, profile: Profile, code_page: CodePage | None = None) -> bytes:
    """The job. Raises ValueError where a QR does not fit the paper at five dots a module."""
    sheet = _SheetWriter(profile, code_page or profile.code_page)
    for block in document.blocks:
        sheet.put(block)
    return sheet.job


def paper_of(job: bytes, profile: Profile) -> Paper:
    """What the printer would make of a job. Raises ValueError for one that prints nothing."""
    papers = draw(job, width_dots=profile.width_dots, code_pages=profile.slots, draw_qr=draw_qr)
    if not papers:
        raise ValueError("the job prints nothing")
    return papers[0]


def plain_lines(paper: Paper) -> tuple[str, ...]:
    """Its text, for a till that prints by itself; the symbol is not among it."""
    found = lines(paper)
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def svg(paper: Paper) -> str:
    """Its picture, dot for dot where the symbol is."""
    return to_svg(paper)


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most `columns`, broken between words, else behind a dash."""
    found: list[str] = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > columns:
            found.append(line)
            line = ""
        line = f"{line} {word}" if line else word
        while len(line) > columns:
            at = line.rfind("-", 0, columns) + 1 or columns
            found.append(line[:at])
            line = line[at:]
    return [*found, line] if line else found


class _SheetWriter:
    """One job under way: the blocks' looks, over the writer's commands."""

    def __init__(self, profile: Profile, page: CodePage) -> None:
        self._profile, self._page = profile, page
        self._columns = profile.columns
        self._writer = JobWriter(
            width_dots=profile.width_dots,
            columns=profile.columns,
            code_page=page,
            cancel_kanji=profile.cancel_kanji,
        )

    @property
    def job(self) -> bytes:
        return self._writer.job

    def put(self, block: Block) -> None:
        match block:
            case Title(text):
                self._lines(text, Align.CENTER, bold=True, high=2)
            case Line(text, side, bold):
                self._lines(text, _ALIGN[side], bold=bold)
            case Pair():
                self._pair(block)
            case Rule():
                self._writer.line(SafeText("-" * self._columns))
            case Banner(text):
                self._banner(text)
            case Big(text):
                self._big(text)
            case Qr(text):
                self._qr(text)
            case Feed(count):
                self._writer.feed(count)
            case Cut():
                self._cut()
            case _:
                assert_never(block)

    def _clean(self, text: str, limit: int | None = None) -> str:
        """As it will stand on paper: one character is one column."""
        safe = safe_text(text) if limit is None else safe_text(text, limit)
        return printable(safe, self._page).value

    def _lines(self, text: str, align: Align, *, bold: bool = False, high: int = 1) -> None:
        self._writer.align(align)
        self._styled(wrapped(self._clean(text), self._columns), bold=bold, high=high)
        self._writer.align(Align.LEFT)

    def _styled(self, rows: list[str], *, bold: bool = False, wide: int = 1, high: int = 1) -> None:
        self._writer.bold(bold)
        self._writer.size(wide, high)
        for row in rows:
            self._writer.line(SafeText(row))
        self._writer.size()
        self._writer.bold(False)

    def _pair(self, pair: Pair) -> None:
        left, right = self._clean(pair.left, VALUE_MAX), self._clean(pair.right, VALUE_MAX)
        room = self._columns - len(left) - len(right)
        if room >= 1:
            rows = [left + " " * room + right]
        else:
            values = [value.rjust(self._columns) for value in wrapped(right, self._columns)]
            rows = [*wrapped(left, self._columns), *values]
        self._styled(rows, bold=pair.strong, high=2 if pair.strong else 1)

    def _banner(self, text: str) -> None:
        rows = wrapped(self._clean(text), self._columns)
        self._writer.inverse(True)
        self._styled([row.center(self._columns) for row in rows], bold=True, high=2)
        self._writer.inverse(False)

    def _big(self, text: str) -> None:
        shown = self._clean(text, VALUE_MAX)
        if len(shown) > self._columns:
            raise ValueError("an amount is wider than the paper")
        wide = 2 if 2 * len(shown) <= self._columns else 1
        self._writer.align(Align.CENTER)
        self._styled([shown], bold=True, wide=wide, high=2)
        self._writer.align(Align.LEFT)

    def _qr(self, text: str) -> None:
        """As dots; by the printer's own command where the profile proves it and any mode of it
        fits, since a symbol that is too wide is dropped without a word."""
        width = self._profile.width_dots
        if self._profile.native_qr:
            side = native_modules(text)
            try:
                dots = fitting_module_dots(side, width)
            except ValueError:
                pass
            else:
                self._writer.qr_native(text, modules=side, module_dots=dots)
                return
        modules = qr_modules(text)
        self._writer.qr_raster(modules, fitting_module_dots(len(modules), width))

    def _cut(self) -> None:
        if self._profile.cutter:
            self._writer.cut()
        else:
            self._writer.feed(TEAR_LINES)
