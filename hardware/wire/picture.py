# SPDX-License-Identifier: Apache-2.0
"""Draws a job as a printer would: bytes in, papers out.

For people who want to see what was sent, and for tests that read the symbols back. It knows
what our own writer and ordinary POS receipts use: text with its styles, positions, code pages
and tabs, images in three forms, native QR symbols, cuts. Page mode is drawn in the order of its
bytes, and what cannot be drawn (barcodes, stored logos) leaves a marked space.

Native QR symbols come from the caller: ``draw_qr(payload, level, module_dots)`` returns the
modules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hardware.wire.bit_images import column_image, packed_rows, raster_rows, stored_graphics
from hardware.wire.code_pages import EPSON_SLOTS
from hardware.wire.drawing import to_bitmap, to_svg
from hardware.wire.escpos_tokens import Command, Control, Piece, Text, Token, Tokenizer
from hardware.wire.paper import (
    CELL_DOTS,
    Dots,
    Element,
    Mark,
    Paper,
    PaperInProgress,
    Span,
    TextRow,
    lines,
)

__all__ = ["DrawQr", "Paper", "draw", "lines", "to_bitmap", "to_svg"]

DrawQr = Callable[[bytes, str, int], Sequence[Sequence[bool]]]
"""(payload, level L/M/Q/H, dots a module) -> modules, without quiet zone."""

HEIGHT_MAX: Final = 60_000
"""Dots of one paper at most, seven metres: three bytes can ask for 255 lines."""

LINE_DOTS: Final = 30
CELL_HEIGHT: Final = 24
SMALL_CELL: Final = (9, 17)
"""Font A is 12 by 24 dots, Font B 9 by 17 (Epson TM series)."""

_TOO_LONG = "the rest is longer than any paper"

_LEVELS = {48: "L", 49: "M", 50: "Q", 51: "H"}


def draw(
    job: bytes,
    *,
    width_dots: int,
    code_pages: Mapping[int, str] = EPSON_SLOTS,
    draw_qr: DrawQr | None = None,
) -> tuple[Paper, ...]:
    """The papers of a job, in order; blank ones are left out. Never raises for any bytes."""
    if not 8 <= width_dots <= 4096:
        raise ValueError("paper is 8 to 4096 dots wide")
    tokenizer = Tokenizer()
    interpreter = _Interpreter(width_dots, code_pages, draw_qr)
    for token in [*tokenizer.feed(job), *tokenizer.finish()]:
        interpreter.take(token)
    interpreter.end(cut=False)
    return tuple(interpreter.papers)


@dataclass(slots=True)
class _Style:
    """What ESC @ resets."""

    align: int = 0
    bold: bool = False
    inverse: bool = False
    underline: bool = False
    small: bool = False
    wide: int = 1
    high: int = 1
    line_dots: int = LINE_DOTS
    codec: str = "cp437"
    margin: int = 0
    tabs: list[int] = field(default_factory=lambda: list(range(8, 256, 8)))
    qr_dots: int = 3
    qr_level: str = "L"
    qr_data: bytes = field(default=b"", repr=False)
    graphics: tuple[int, tuple[bytes, ...]] | None = field(default=None, repr=False)

    @property
    def cell(self) -> tuple[int, int]:
        width, height = SMALL_CELL if self.small else (CELL_DOTS, CELL_HEIGHT)
        return width * self.wide, height * self.high


class _Interpreter:
    def __init__(self, width: int, code_pages: Mapping[int, str], draw_qr: DrawQr | None) -> None:
        self.papers: list[Paper] = []
        self._width = width
        self._code_pages = code_pages
        self._draw_qr = draw_qr
        self._style = _Style()
        self._paper = PaperInProgress(width)
        self._spans: list[Span] = []
        self._x = 0
        self._line_height = 0

    def take(self, token: Token) -> None:
        match token:
            case Text(raw):
                self._text(raw.decode(self._style.codec, "replace"))
            case Control():
                self._control(token.byte)
            case Command():
                self._command(token)
            case Piece(name, _, last):
                if last:
                    self._note(f"{name}: too large to draw")
            case _:
                pass  # real-time commands and what was left open print nothing

    def end(self, *, cut: bool) -> None:
        if self._spans:
            self._new_line()
        if not self._paper.blank:
            self.papers.append(self._paper.finished(cut=cut))
        self._paper = PaperInProgress(self._width)

    def _note(self, text: str) -> None:
        self._paper.notes.append(text)

    def _control(self, value: int) -> None:
        if value == 0x0A or (value == 0x0C and self._spans):
            self._new_line()
        elif value == 0x09:
            cell = self._style.cell[0]
            column = self._x // cell
            stop = next((tab for tab in self._style.tabs if tab > column), None)
            if stop is not None and stop * cell < self._width:
                self._x = stop * cell

    def _text(self, text: str) -> None:
        """Print at the position, going on to a new line where the paper ends, as printers do."""
        style = self._style
        width, height = style.cell
        while text:
            room = (self._width - style.margin - self._x) // width
            if room <= 0:
                if not self._spans:
                    self._note("text beside the paper")
                    return
                self._new_line()
                continue
            part, text = text[:room], text[room:]
            self._spans.append(
                Span(self._x, part, width, height, style.bold, style.inverse, style.underline)
            )
            self._x += width * len(part)
            self._line_height = max(self._line_height, height)

    def _new_line(self) -> None:
        spans = self._spans
        height = max(self._style.line_dots, self._line_height)
        used = max((span.x + span.width for span in spans), default=0)
        shift = self._aligned(used)
        placed = tuple(_moved(span, shift) for span in spans)
        self._spans, self._x, self._line_height = [], 0, 0
        self._put(TextRow(self._paper.y, height, placed), height)

    def _put(self, element: Element, height: int) -> None:
        paper = self._paper
        if paper.y + height <= HEIGHT_MAX:
            paper.elements.append(element)
            paper.y += height
        elif _TOO_LONG not in paper.notes:
            self._note(_TOO_LONG)

    def _aligned(self, used: int) -> int:
        """The left edge of something ``used`` dots wide."""
        room = max(self._width - self._style.margin - used, 0)
        return self._style.margin + {1: room // 2, 2: room}.get(self._style.align, 0)

    def _place(self, width: int, rows: Sequence[bytes], label: str) -> None:
        """Put dots on the paper; what is right of its edge is lost, as on a printer."""
        if self._spans:
            self._new_line()
        if not rows:
            return
        x = self._aligned(width)
        visible = min(width, self._width - x)
        if visible < width:
            self._note(f"{label}: {width - visible} dots beside the paper")
        dots = Dots(x, self._paper.y, visible, tuple(rows), label)
        self._put(dots, dots.height)

    def _mark(self, label: str, height: int) -> None:
        if self._spans:
            self._new_line()
        mark = Mark(self._style.margin, self._paper.y, self._width // 2, height, label)
        self._put(mark, height)

    def _command(self, command: Command) -> None:
        params = command.params
        value = params[0] if params else 0
        if self._set_style(command.name, value, params):
            return
        match command.name:
            case "ESC @":
                self._style, self._spans, self._x = _Style(), [], 0
            case "ESC d":
                for _ in range(value):
                    self._new_line()
            case "ESC J":
                self._new_line_of(value)
            case "GS V" | "ESC i" | "ESC m":
                self.end(cut=True)
            case "GS v 0":
                rows = raster_rows(command.raw)
                self._place(len(rows[0]) * 8 if rows else 0, rows, "image")
            case "ESC *":
                self._bit_column(command.raw)
            case "GS ( L" | "GS 8 L":
                self._graphics(bytes(command.data))
            case "GS ( k":
                self._symbol(bytes(command.data))
            case "GS k":
                self._mark("barcode", 100)
            case "FS p" | "GS /":
                self._mark("stored image", 60)
            case "ESC p":
                self._note("pulse to the drawer")
            case _:
                pass

    def _set_style(self, name: str, value: int, params: memoryview) -> bool:
        """Commands that change how later bytes look; false for any other."""
        style = self._style
        match name:
            case "ESC a":
                style.align = value & 0x03
            case "ESC E" | "ESC G":
                style.bold = bool(value & 1)
            case "GS B":
                style.inverse = bool(value & 1)
            case "ESC -":
                style.underline = value & 0x03 != 0
            case "ESC M":
                style.small = bool(value & 1)
            case "GS !":
                style.wide, style.high = (value >> 4 & 7) + 1, (value & 7) + 1
            case "ESC !":
                style.small, style.bold = bool(value & 0x01), bool(value & 0x08)
                style.high, style.wide = 1 + bool(value & 0x10), 1 + bool(value & 0x20)
                style.underline = bool(value & 0x80)
            case "ESC 2":
                style.line_dots = LINE_DOTS
            case "ESC 3":
                style.line_dots = value
            case "ESC t":
                style.codec = self._code_pages.get(value, "ascii")
            case "ESC D":
                style.tabs = [tab for tab in params if tab]
            case "GS L":
                style.margin = min(_u16(params), self._width)
            case "ESC $":
                self._x = min(_u16(params), self._width)
            case "ESC \\":
                step = _u16(params)
                step -= 0x10000 if step >= 0x8000 else 0
                self._x = min(max(self._x + step, 0), self._width)
            case _:
                return False
        return True

    def _new_line_of(self, dots: int) -> None:
        """ESC J: print what there is, then feed by dots."""
        before, self._style.line_dots = self._style.line_dots, dots
        self._new_line()
        self._style.line_dots = before

    def _bit_column(self, raw: bytes) -> None:
        """ESC *: an image as high as a line. Its line feed comes as a byte of its own."""
        width, rows = column_image(raw)
        self._place(width, rows, "image")

    def _graphics(self, data: bytes) -> None:
        """GS ( L: function 112 stores a raster image, 50 prints what was stored."""
        function = data[1] if len(data) > 1 else 0
        if function in (2, 50) and self._style.graphics is not None:
            width, rows = self._style.graphics
            self._place(width, rows, "image")
            self._style.graphics = None
        elif function == 112:
            self._style.graphics = stored_graphics(data)
        elif function in (69, 85):
            self._mark("stored image", 60)

    def _symbol(self, data: bytes) -> None:
        """GS ( k: for QR (49), sizes and data are set first, and 81 prints them."""
        if len(data) < 3:
            return
        kind, function, value = data[0], data[1], data[2]
        style = self._style
        if kind != 49:
            if function == 81:
                self._mark("two-dimensional symbol", 100)
        elif function == 67:
            style.qr_dots = value if 1 <= value <= 16 else style.qr_dots
        elif function == 69:
            style.qr_level = _LEVELS.get(value, style.qr_level)
        elif function == 80:
            style.qr_data = data[3:]
        elif function == 81:
            self._print_qr()

    def _print_qr(self) -> None:
        style = self._style
        if not style.qr_data:
            self._note("QR: nothing stored")
            return
        if self._draw_qr is None:
            self._mark("QR", 200)
            return
        modules = self._draw_qr(style.qr_data, style.qr_level, style.qr_dots)
        width = len(modules) * style.qr_dots
        if width > self._width - style.margin:
            self._note("QR: wider than the paper, so the printer prints nothing")
            return
        self._place(width, packed_rows(modules, style.qr_dots), "QR")


def _moved(span: Span, dots: int) -> Span:
    return Span(
        span.x + dots,
        span.text,
        span.cell_width,
        span.cell_height,
        span.bold,
        span.inverse,
        span.underline,
    )


def _u16(params: memoryview) -> int:
    return params[0] | params[1] << 8 if len(params) >= 2 else 0
