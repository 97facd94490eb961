# SPDX-License-Identifier: Apache-2.0
"""A stream of ESC/POS bytes cut into tokens, as the bytes arrive.

Three promises, each kept by a property test. Joined, the tokens' ``raw`` is the input, whatever the
input was. How the input was cut into reads makes no difference, once adjacent texts are
joined. No input raises.

What is not known degrades by rule (``escpos_lengths``): an unknown command is taken as three bytes
when its letter is printable, else its prefix stands alone as a ``Control``; both keep
``known=False`` or their bare byte, so that nobody takes them for understood.

Memory is bounded: a command longer than ``HELD_MAX`` is handed on as ``Piece`` tokens of
``PIECE_BYTES`` while it arrives, never gathered. Images are passed over by their length.

What was printed never shows in a token's ``repr``: it may be worth something to whoever reads it.

Real-time commands between commands are ``RealTime`` tokens. A printer obeys them inside data too;
those are found by ``realtime_in``, which looks at bytes and not at tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from hardware.wire.escpos_lengths import (
    DLE,
    ESC,
    FS,
    GS,
    KANJI_GLYPH_BYTES,
    MEASURES,
    NAME_LENGTHS,
    PREFIX_NAMES,
    Bytes,
    Extent,
    name_of,
)

HELD_MAX: Final = 1 << 20
"""Bytes of one command that are gathered before it is handed on whole; a full 80 mm receipt drawn
as one picture has about 150 KB."""

PIECE_BYTES: Final = 1 << 16
"""Size of each ``Piece`` of a command longer than ``HELD_MAX``; the last one may be shorter."""

COMPLETION_MAX: Final = 1 << 22
"""Bytes that ``completion`` is ready to make up."""

_NOT_TEXT = re.compile(rb"[\x00-\x1f]")
_KANJI_DEFAULT = KANJI_GLYPH_BYTES[0]


@dataclass(frozen=True, slots=True)
class Text:
    """Printable bytes (0x20 and above), in whatever code page is selected."""

    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Control:
    """One control byte: LF, CR, HT, FF, CAN, NUL, or a prefix that introduces nothing."""

    raw: bytes = field(repr=False)

    @property
    def byte(self) -> int:
        return self.raw[0]


@dataclass(frozen=True, slots=True)
class Command:
    """One whole command. ``known`` is false where its length was taken by the rule of thumb."""

    name: str
    raw: bytes = field(repr=False)
    known: bool = True

    @property
    def params(self) -> memoryview:
        """Everything behind the letters that name it."""
        return memoryview(self.raw)[NAME_LENGTHS.get((self.raw[0], self.raw[1]), 2) :]

    @property
    def data(self) -> memoryview:
        """What a counted command counts: the bytes behind its length; else the same as params."""
        if self.raw[1] == ord("("):
            return memoryview(self.raw)[5:]
        if self.name == "GS 8 L":
            return memoryview(self.raw)[7:]
        if self.name in ("GS v 0", "GS Q 0"):
            return memoryview(self.raw)[8:]
        return self.params


@dataclass(frozen=True, slots=True)
class RealTime:
    """DLE EOT, DLE ENQ or DLE DC4 where a command may stand."""

    name: str
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a command longer than ``HELD_MAX``, in order; ``last`` closes it."""

    name: str
    raw: bytes = field(repr=False)
    last: bool


@dataclass(frozen=True, slots=True)
class Incomplete:
    """What was left open when the stream ended. ``missing``: bytes, None where not yet known."""

    name: str
    raw: bytes = field(repr=False)
    missing: int | None


Token = Text | Control | Command | RealTime | Piece | Incomplete


class Tokenizer:
    """Feed it bytes as they come; ``finish`` when no more will come, and it is as new."""

    __slots__ = ("_extent", "_kanji_bytes", "_name", "_pending", "_sent")

    def __init__(self) -> None:
        self._pending = bytearray()
        self._extent: Extent | None = None
        self._sent = 0  # bytes of a giant command already handed on
        self._name = ""
        self._kanji_bytes = _KANJI_DEFAULT

    @property
    def open(self) -> bool:
        """Whether a command has begun and is not whole."""
        return bool(self._pending) or self._sent > 0

    def feed(self, data: Bytes) -> list[Token]:
        """The tokens that ``data`` completes. What it leaves open stays for the next call."""
        pending = self._pending
        if not pending:
            tokens: list[Token] = []
            used = self._cut(data, tokens)
            pending += memoryview(data)[used:]
            return tokens
        pending += data
        if self._extent is not None and not self._sent and len(pending) < self._extent.need:
            return []
        tokens = []
        used = self._cut(pending, tokens)
        if used:
            del pending[:used]
        return tokens

    def finish(self) -> list[Token]:
        """Hand out what is left open, as one ``Incomplete``, and start anew."""
        tokens: list[Token] = []
        if self.open:
            tokens.append(Incomplete(self._open_name(), bytes(self._pending), self.missing()))
        self._pending.clear()
        self._extent, self._sent, self._name = None, 0, ""
        self._kanji_bytes = _KANJI_DEFAULT
        return tokens

    def missing(self) -> int | None:
        """Bytes that the open command still needs; 0 with none open, None while not yet known."""
        if not self.open:
            return 0
        extent = self._extent
        if extent is None or not extent.final:
            return None
        return extent.need - self._sent - len(self._pending)

    def completion(self) -> bytes | None:
        """The bytes that make the open command whole and do as little as possible on paper.

        White dots for images, empty data for symbols, parameters that printers ignore or that
        are their defaults; follow it with ESC @. None when over ``COMPLETION_MAX`` would be needed.
        """
        probe, made = self._copy(), bytearray()
        while probe.open:
            missing = probe.missing()
            if missing is not None and missing > COMPLETION_MAX - len(made):
                return None
            filler = bytes(missing) if missing and probe._past_name() else probe._filler()
            made += filler
            if len(made) > COMPLETION_MAX:
                return None
            probe.feed(filler)
        return bytes(made)

    def _copy(self) -> Tokenizer:
        other = Tokenizer()
        other._pending[:] = self._pending
        other._extent, other._sent, other._name = self._extent, self._sent, self._name
        other._kanji_bytes = self._kanji_bytes
        return other

    def _past_name(self) -> bool:
        return self._sent > 0 or len(self._pending) > 2

    def _filler(self) -> bytes:
        return b"\0" if self._sent else _FILLERS.get(bytes(self._pending), b"\0")

    def _open_name(self) -> str:
        raw = self._pending
        if self._sent:
            return self._name
        if len(raw) >= 2 and MEASURES[raw[0]].get(raw[1]) is not None:
            return name_of(raw)
        return PREFIX_NAMES[raw[0]]

    def _cut(self, buffer: Bytes, tokens: list[Token]) -> int:
        """Append the whole tokens at the front of the buffer; how many bytes they took."""
        size = len(buffer)
        at = self._stream(buffer, 0, size, tokens) if self._sent else 0
        while at < size and not self._sent:
            value = buffer[at]
            if value >= 0x20:
                end = _end_of_text(buffer, at, size)
                tokens.append(Text(bytes(buffer[at:end])))
            elif value in PREFIX_NAMES:
                end = at + self._command(buffer, at, size - at, tokens)
                if end == at:
                    break
            else:
                end = at + 1
                tokens.append(_CONTROLS[value])
            at = end
        return at

    def _command(self, buffer: Bytes, at: int, have: int, tokens: list[Token]) -> int:
        """Append the command at ``at``; the bytes it took, 0 when it is not all there."""
        if have < 2:
            self._extent = None
            return 0
        prefix, letter = buffer[at], buffer[at + 1]
        extent = self._measure(buffer, at, have, self._extent)
        if extent is None:
            self._extent = None
            tokens.append(_CONTROLS[prefix])
            return 1
        if not extent.final or have < extent.need:
            self._extent = extent
            if extent.need > HELD_MAX:
                self._name = name_of(buffer[at : at + 3])
                return self._stream(buffer, at, have, tokens)
            return 0
        self._extent = None
        raw = bytes(buffer[at : at + extent.need])
        if prefix == DLE:
            tokens.append(RealTime(name_of(raw), raw))
            return extent.need
        if extent.need > HELD_MAX:
            self._extent, self._name = extent, name_of(raw)
            return self._stream(buffer, at, have, tokens)
        if letter in _KANJI_LETTERS:
            self._note_kanji_font(raw)
        tokens.append(Command(name_of(raw), raw, extent.known))
        return extent.need

    def _measure(self, buffer: Bytes, at: int, have: int, last: Extent | None) -> Extent | None:
        """What is known of the command's length; None for a prefix that introduces nothing."""
        if last is not None and (last.final or have < last.need):
            return last
        prefix, letter = buffer[at], buffer[at + 1]
        if prefix == FS and letter == 0x32:
            return Extent(4 + self._kanji_bytes, True)
        measure = MEASURES[prefix].get(letter)
        if measure is not None:
            return measure(buffer, at, have, last)
        if prefix != DLE and 0x20 <= letter <= 0x7E:
            return Extent(3, True, known=False)
        return None

    def _stream(self, buffer: Bytes, at: int, have: int, tokens: list[Token]) -> int:
        """Hand on the pieces of a giant command that are there; the bytes they took.

        ``have`` counts from ``at``. Bytes that the measure has yet to read are kept back.
        """
        extent, sent, name = self._extent, self._sent, self._name
        assert extent is not None
        base = at - sent
        if not extent.final and sent + have >= extent.need:
            # Only chained definitions (FS q, ESC &) get here; their letters are long gone.
            measure = MEASURES[FS if name.startswith("FS") else ESC][ord(name[-1])]
            extent = measure(buffer, base, sent + have, extent)
        end = sent + have
        limit = min(end, extent.need if extent.final else extent.at)
        if extent.final:
            limit = min(limit, extent.need - 1)  # the last piece is never an empty one
        while sent + PIECE_BYTES <= limit:
            front = base + sent
            tokens.append(Piece(name, bytes(buffer[front : front + PIECE_BYTES]), False))
            sent += PIECE_BYTES
        if extent.final and end >= extent.need:
            tokens.append(Piece(name, bytes(buffer[base + sent : base + extent.need]), True))
            taken = base + extent.need - at
            self._extent, self._sent, self._name = None, 0, ""
            return taken
        self._extent, self._sent = extent, sent
        return base + sent - at

    def _note_kanji_font(self, raw: bytes) -> None:
        if raw == b"\x1b@":
            self._kanji_bytes = _KANJI_DEFAULT
        elif raw[:6] == b"\x1c(A\x02\x00\x30":
            self._kanji_bytes = KANJI_GLYPH_BYTES.get(raw[6], self._kanji_bytes)


def _end_of_text(buffer: Bytes, at: int, size: int) -> int:
    found = _NOT_TEXT.search(buffer, at)
    return found.start() if found else size


_CONTROLS = {value: Control(bytes([value])) for value in range(0x20)}
_KANJI_LETTERS = frozenset(b"@(")

_FILLERS = {
    bytes([ESC]): b"@",
    bytes([GS]): b"!",
    bytes([FS]): b".",
    b"\x1dv": b"0",
    b"\x1dQ": b"0",
    b"\x1d8": b"L",
    b"\x1dV": b"\x05",  # no such cut: ignored, where 0 would cut
    b"\x1d/": b"\x7f",  # no such size: ignored, where 0 would print a stored picture
    b"\x1b=": b"\x01",  # the printer stays selected
    b"\x10\x04": b"\x01",
}
"""The first byte to add where zero would do something; everywhere else zero does nothing."""


@dataclass(frozen=True, slots=True)
class RealTimeSpot:
    """Where a printer would find a real-time command in these bytes, data or not."""

    offset: int
    name: str
    raw: bytes = field(repr=False)


_REAL_TIME = re.compile(
    rb"""(?=(\x10(?:
        \x04(?: [\x01-\x06] | [\x07\x08\x12][\x00-\xff] )
      | \x05[\x00-\x02]
      | \x14(?: \x01[\x00\x01][\x01-\x08] | \x02\x01\x08 | \x03[\x00-\xff]{5}
              | \x07[\x00-\xff] | \x08\x01\x03\x14\x01\x06\x02\x08 )
    )))""",
    re.VERBOSE,
)


def realtime_in(data: Bytes) -> tuple[RealTimeSpot, ...]:
    """Every real-time command whose bytes occur in ``data``, inside images and symbols too.

    Epson printers obey them on receipt wherever they stand (TM-T85P guide p. 5-3, TM-L90
    specification p. 99). Only those with parameters that a printer accepts are named, so a
    chance 0x10 in an image is not.
    """
    return tuple(
        RealTimeSpot(match.start(), name_of(match[1]), bytes(match[1]))
        for match in _REAL_TIME.finditer(data)
    )
