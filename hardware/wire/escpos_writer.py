# SPDX-License-Identifier: Apache-2.0
"""Builds print jobs: from lines, symbols and dots to ESC/POS bytes, and the questions beside them.

Text goes in as ``SafeText`` only, and a line that is wider than the paper is refused rather than
wrapped, since a wrapped number is another number. QR symbols are sized before they are sent: a
printer drops one that does not fit, without a word (Epson TM-T88III guide, GS ( k).

Images never carry a real-time command: where their dots happen to spell one, a dot is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from hardware.wire.code_pages import CodePage, SafeText, encode, printable
from hardware.wire.escpos_status import PROCESS_ID_FIRST, PROCESS_ID_LAST
from hardware.wire.escpos_tokens import Command, Piece, Tokenizer, realtime_in

QUIET_MODULES: Final = 4
"""White modules that a QR symbol needs on each side (ISO/IEC 18004)."""

MODULE_DOTS_MIN: Final = 5
MODULE_DOTS_DEFAULT: Final = 6
"""Dots a module: six read well on worn heads, under five is a defect."""

MODULE_DOTS_MAX: Final = 16
"""What GS ( k function 67 accepts at most."""

BAND_ROWS: Final = 96
"""Rows of one GS v 0: clones with small buffers garble taller ones."""

LINE_DOTS: Final = 30
"""Line height that every common model reaches with its default spacing of a sixth of an inch."""

Matrix = Sequence[Sequence[bool]]
"""Dots or modules, row by row; true is black. Rows are equally long."""

QR_LEVELS: Final = {"L": 48, "M": 49, "Q": 50, "H": 51}

INITIALIZE: Final = b"\x1b@"


class Align(IntEnum):
    LEFT = 0
    CENTER = 1
    RIGHT = 2


def qr_dots(modules: int, module_dots: int = MODULE_DOTS_DEFAULT) -> int:
    """Width in dots of a symbol with its quiet zone. ``ValueError`` under five dots a module."""
    if not MODULE_DOTS_MIN <= module_dots <= MODULE_DOTS_MAX:
        raise ValueError(f"a QR module is {MODULE_DOTS_MIN} to {MODULE_DOTS_MAX} dots")
    if not (21 <= modules <= 177 and modules % 4 == 1):
        raise ValueError(f"no QR symbol has {modules} modules a side")
    return (modules + 2 * QUIET_MODULES) * module_dots


def fitting_module_dots(modules: int, width_dots: int, wanted: int = MODULE_DOTS_DEFAULT) -> int:
    """The largest module up to ``wanted`` that fits the paper; ``ValueError`` when five do not."""
    for dots in range(wanted, MODULE_DOTS_MIN - 1, -1):
        if qr_dots(modules, dots) <= width_dots:
            return dots
    least = qr_dots(modules, MODULE_DOTS_MIN)
    raise ValueError(f"a QR of {modules} modules needs {least} dots, the paper has {width_dots}")


def ask_real_time(n: int) -> bytes:
    """DLE EOT n: 1 printer, 2 offline cause, 3 error cause, 4 paper. Answered at once."""
    if not 1 <= n <= 4:
        raise ValueError("real-time status is asked for 1 to 4")
    return bytes([0x10, 0x04, n])


def ask_in_order(n: int = 1) -> bytes:
    """GS r n: 1 paper, 2 drawer. Answered when everything before it has been worked off."""
    if n not in (1, 2):
        raise ValueError("status in order is asked for 1 or 2")
    return bytes([0x1D, 0x72, n])


def ask_process_id(process_id: bytes) -> bytes:
    """GS ( H function 48: answered when everything before it has been *printed*."""
    if len(process_id) != 4:
        raise ValueError("a process id has four bytes")
    if any(not PROCESS_ID_FIRST <= value <= PROCESS_ID_LAST for value in process_id):
        raise ValueError("a process id is made of printable ASCII")
    return b"\x1d(H\x06\x00\x30\x30" + process_id


def report_changes(mask: int = 0xFF) -> bytes:
    """GS a n: the printer sends its four status bytes now and on every change; 0 ends it."""
    if not 0 <= mask <= 255:
        raise ValueError("the mask is one byte")
    return bytes([0x1D, 0x61, mask])


def mending(sent: bytes) -> bytes:
    """What to send first on a line that broke while ``sent`` was under way.

    How much arrived is unknown, so enough zeros for the longest command among them: the open one
    takes what it lacks as white dots or empty data, and printers ignore NUL between commands. A
    cut that was under way is made.
    """
    tokenizer = Tokenizer()
    tokens = tokenizer.feed(sent)
    longest = max((len(t.raw) for t in tokens if isinstance(t, Command | Piece)), default=0)
    lacking = tokenizer.completion()
    held = sum(len(t.raw) for t in tokenizer.finish())
    return bytes(max(longest, held + len(lacking or b""), 1)) + INITIALIZE


class JobWriter:
    """One job, in the order it is printed. Every call appends; ``job`` is what to send.

    ``width_dots`` and ``columns`` describe the paper (Font A: twelve dots a column).
    ``cancel_kanji``: the printer starts in a two-byte mode, which has to be left first.
    """

    def __init__(
        self, *, width_dots: int, columns: int, code_page: CodePage, cancel_kanji: bool = False
    ) -> None:
        if not 1 <= columns <= 255 or not 8 <= width_dots <= 4096:
            raise ValueError("paper is 1 to 255 columns and 8 to 4096 dots wide")
        self._width_dots = width_dots
        self._columns = columns
        self._code_page = code_page
        self._width_times = 1
        self._out = bytearray(INITIALIZE)
        # ESC R 0: with another national set, a dollar sign is not one.
        self._out += b"\x1bR\x00" + bytes([0x1B, 0x74, code_page.slot])
        if cancel_kanji:
            self._out += b"\x1c."

    @property
    def job(self) -> bytes:
        return bytes(self._out)

    @property
    def columns_now(self) -> int:
        """Characters that fit a line at the size selected."""
        return self._columns // self._width_times

    def align(self, where: Align) -> None:
        self._out += bytes([0x1B, 0x61, where])

    def bold(self, on: bool) -> None:
        self._out += bytes([0x1B, 0x45, on])

    def inverse(self, on: bool) -> None:
        """White on black. Never beside a QR symbol: a hot head smears into the quiet zone."""
        self._out += bytes([0x1D, 0x42, on])

    def size(self, width: int = 1, height: int = 1) -> None:
        """Character size in multiples, 1 to 8."""
        if not (1 <= width <= 8 and 1 <= height <= 8):
            raise ValueError("characters are 1 to 8 times as wide and as high")
        self._width_times = width
        self._out += bytes([0x1D, 0x21, (width - 1) << 4 | (height - 1)])

    def line(self, text: SafeText) -> None:
        """One line of text. ``ValueError`` when it is wider than the paper at this size."""
        data = encode(printable(text, self._code_page), self._code_page)
        if len(data) > self.columns_now:
            raise ValueError(f"{len(data)} characters on a line of {self.columns_now}")
        self._out += data + b"\n"

    def feed(self, lines: int = 1) -> None:
        if not 1 <= lines <= 255:
            raise ValueError("feed 1 to 255 lines")
        self._out += bytes([0x1B, 0x64, lines])

    def cut(self, *, full: bool = False) -> None:
        """Feed to the cutter and cut (GS V 65/66), which is right only at the start of a line."""
        self._out += bytes([0x1D, 0x56, 65 if full else 66, 0])

    def raster(self, rows: Matrix) -> None:
        """Dots as they are, from the left edge, in bands. ``ValueError`` when wider than paper."""
        if not rows:
            return
        width = len(rows[0])
        if not 0 < width <= self._width_dots or any(len(row) != width for row in rows):
            raise ValueError(f"an image needs equal rows of 1 to {self._width_dots} dots")
        across = (width + 7) // 8
        for top in range(0, len(rows), BAND_ROWS):
            band = rows[top : top + BAND_ROWS]
            head = b"\x1dv0\x00" + across.to_bytes(2, "little") + len(band).to_bytes(2, "little")
            self._out += head + _harmless(b"".join(_packed(row) for row in band))

    def qr_raster(self, modules: Matrix, module_dots: int = MODULE_DOTS_DEFAULT) -> None:
        """A QR symbol as dots, quiet zone included, centred by white dots of our own.

        Works on every printer that draws; clones do not always align images.
        """
        side = len(modules)
        dots = qr_dots(side, module_dots)
        if dots > self._width_dots:
            raise ValueError(f"the QR needs {dots} dots, the paper has {self._width_dots}")
        if any(len(row) != side for row in modules):
            raise ValueError("a QR symbol is square")
        quiet = QUIET_MODULES * module_dots
        left = [False] * ((self._width_dots - dots) // 2 // 8 * 8 + quiet)
        blank = [[False] * (len(left) + side * module_dots)] * quiet
        picture = list(blank)
        for row in modules:
            wide = left + [dark for dark in row for _ in range(module_dots)]
            picture += [wide] * module_dots
        self.align(Align.LEFT)
        self.raster(picture + blank)

    def qr_native(
        self,
        payload: str,
        *,
        modules: int,
        module_dots: int = MODULE_DOTS_DEFAULT,
        level: str = "M",
    ) -> None:
        """A QR symbol that the printer makes (GS ( k), with lines fed as its quiet zone.

        ``modules``: how large it can become, computed for byte mode, since the printer chooses.
        ``ValueError`` when that does not fit, or when the payload is not printable ASCII.
        """
        dots = qr_dots(modules, module_dots)
        if dots > self._width_dots:
            raise ValueError(f"the QR needs {dots} dots, the paper has {self._width_dots}")
        if level not in QR_LEVELS:
            raise ValueError(f"QR levels are L, M, Q and H, not {level!r}")
        if not 1 <= len(payload) <= 2953 or not all(" " <= char <= "~" for char in payload):
            raise ValueError("a QR payload is 1 to 2953 characters of printable ASCII")
        quiet_lines = -(-QUIET_MODULES * module_dots // LINE_DOTS)
        self.feed(quiet_lines)
        self.align(Align.CENTER)
        for function, data in (
            (65, b"2\x00"),
            (67, bytes([module_dots])),
            (69, bytes([QR_LEVELS[level]])),
            (80, b"0" + payload.encode("ascii")),
            (81, b"0"),
        ):
            count = (len(data) + 2).to_bytes(2, "little")
            self._out += b"\x1d(k" + count + bytes([0x31, function]) + data
        self.align(Align.LEFT)
        self.feed(quiet_lines)

    def report_changes(self, mask: int = 0xFF) -> None:
        """See the function of that name: paper that runs out during the job is then told."""
        self._out += report_changes(mask)


def _packed(row: Sequence[bool]) -> bytes:
    across = (len(row) + 7) // 8
    bits = int("".join("1" if dark else "0" for dark in row), 2)
    return (bits << (across * 8 - len(row))).to_bytes(across, "big")


def _harmless(data: bytes) -> bytes:
    """The same dots, but for one added wherever they spell a real-time command."""
    spots = realtime_in(data)
    if not spots:
        return data
    changed = bytearray(data)
    for spot in spots:
        changed[spot.offset] |= 0x01
    return bytes(changed)
