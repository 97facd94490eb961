# SPDX-License-Identifier: Apache-2.0
"""A receipt printer of the TM kind as a machine in memory: bytes in, answers and papers out.

It does what the manuals and field reports say printers do, the awkward parts too: real-time
questions are answered at once, even inside an image and while out of paper; everything else waits
its turn, and what waits when the paper ends is printed after the reload. Answers of the simulated
printer and of the simulated network printer are made here, and only here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Final

from hardware.wire.escpos_tokens import (
    Command,
    Control,
    Incomplete,
    Piece,
    RealTime,
    Text,
    Token,
    Tokenizer,
    realtime_in,
)

REAL_TIME_MAX: Final = 10
"""Bytes of the longest real-time command (DLE DC4 8)."""


@dataclass(slots=True)
class Switches:
    """What a person or a test can do to the printer. All off: a healthy TM printer."""

    mute: bool = False  # prints, and answers nothing
    paper_out: bool = False
    near_end: bool = False
    cover_open: bool = False
    error: bool = False  # the cutter jammed
    offline: bool = False
    no_process_id: bool = False  # an older model: GS ( H is not known
    refuse: bool = False  # no connection is taken
    paper_out_after: int | None = None  # bytes still printed before the paper ends
    drop_after: int | None = None  # bytes still taken before the line breaks
    bytes_per_s: int | None = None  # takes no more than this

    def set(self, name: str, value: object) -> None:
        """Set by name; ``ValueError`` for an unknown switch or a value of another kind."""
        kinds = {each.name: each for each in fields(self)}
        if name not in kinds:
            raise ValueError(f"no switch {name!r}; there are {', '.join(sorted(kinds))}")
        if isinstance(kinds[name].default, bool):
            if not isinstance(value, bool):
                raise ValueError(f"{name} is true or false")
        elif value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise ValueError(f"{name} is a number of bytes or null")
        elif isinstance(value, int) and value < (1 if name == "bytes_per_s" else 0):
            raise ValueError(f"{name} is too small")
        setattr(self, name, value)

    @property
    def stopped(self) -> bool:
        """The printer is offline for one reason or another."""
        return self.paper_out or self.cover_open or self.error or self.offline


@dataclass(frozen=True, slots=True)
class FinishedPaper:
    """One paper: its number from 1 on, the bytes that made it, and whether it was cut."""

    number: int
    raw: bytes = field(repr=False)
    cut: bool


@dataclass(slots=True)
class VirtualPrinter:
    """``feed`` it bytes; what it answers comes back, what it prints goes to ``on_paper``."""

    switches: Switches = field(default_factory=Switches)
    on_paper: Callable[[FinishedPaper], None] = lambda paper: None
    papers: list[FinishedPaper] = field(default_factory=list)
    _tokenizer: Tokenizer = field(default_factory=Tokenizer, repr=False)
    _waiting: deque[Token] = field(default_factory=deque)
    _tail: bytes = field(default=b"", repr=False)
    _raw: bytearray = field(default_factory=bytearray, repr=False)
    _visible: bool = False
    _alone: bool = False  # nobody is connected: what is printed last has no cut to wait for
    _asb_mask: int = 0
    _asb_last: bytes = b""

    def feed(self, data: bytes) -> bytes:
        """Take bytes; the answers to send back, empty when mute."""
        self._alone = False
        answers = self._real_time(data)
        self._waiting.extend(self._tokenizer.feed(data))
        return self._heard(answers + self._work())

    def touched(self) -> bytes:
        """Somebody changed a switch: print what waited if that is possible now, and report."""
        return self._heard(self._changed() + self._work())

    def hung_up(self) -> None:
        """The connection ended: what was printed without a cut is a paper of its own.

        What still waits for paper stays, and so does a command that was left open.
        """
        self._alone = True
        if not self._waiting:
            self._finish(cut=False)

    def switched_off(self) -> None:
        """Power off and on: what waited and what was half received is gone."""
        self._finish(cut=False)
        self._waiting.clear()
        self._tokenizer = Tokenizer()
        self._asb_mask, self._tail = 0, b""

    @property
    def waiting_bytes(self) -> int:
        """Bytes received and not printed, because the printer is stopped."""
        return sum(len(token.raw) for token in self._waiting)

    def _heard(self, answers: bytes) -> bytes:
        return b"" if self.switches.mute else answers

    def _real_time(self, data: bytes) -> bytes:
        seen = len(self._tail)
        both = self._tail + data
        self._tail = both[-(REAL_TIME_MAX - 1) :]
        answers = b""
        for spot in realtime_in(both):
            if spot.offset + len(spot.raw) > seen and spot.name == "DLE EOT":
                answers += self._status(spot.raw[2])
        return answers

    def _status(self, n: int) -> bytes:
        now = self.switches
        match n:
            case 1:
                return bytes([0x12 | now.stopped << 3])
            case 2:
                return bytes([0x12 | now.cover_open << 2 | now.paper_out << 5 | now.error << 6])
            case 3:
                return bytes([0x12 | now.error << 3])
            case 4:
                near_end = now.near_end or now.paper_out
                return bytes([0x12 | (0x0C if near_end else 0) | (0x60 if now.paper_out else 0)])
        return b""

    def _asb(self) -> bytes:
        now = self.switches
        paper = (0x03 if now.near_end or now.paper_out else 0) | (0x0C if now.paper_out else 0)
        return bytes([0x10 | now.stopped << 3 | now.cover_open << 5, now.error << 3, paper, 0])

    def _changed(self) -> bytes:
        """The automatic status, when it was asked for and is not what was last told."""
        frame = self._asb()
        if not self._asb_mask or frame == self._asb_last:
            return b""
        self._asb_last = frame
        return frame

    def _work(self) -> bytes:
        """Print what waits, in order, until it is done or the printer stops."""
        answers = b""
        while self._waiting and not self.switches.stopped:
            token = self._waiting[0]
            left = self.switches.paper_out_after
            if left is not None and len(token.raw) > left:
                self.switches.paper_out, self.switches.paper_out_after = True, None
                answers += self._changed()
                break
            if left is not None:
                self.switches.paper_out_after = left - len(token.raw)
            self._waiting.popleft()
            answers += self._print(token)
            if self._alone and not self._waiting:
                self._finish(cut=False)
        return answers

    def _print(self, token: Token) -> bytes:
        match token:
            case RealTime():
                return b""  # answered on receipt, and not part of any paper
            case Text() | Control() | Piece() | Incomplete():
                self._raw += token.raw
                self._visible = self._visible or isinstance(token, Text | Piece)
                return b""
            case Command("GS r"):
                return self._in_order(token.raw[2])
            case Command("GS I"):
                return b"\x20" if token.raw[2] in (1, 49) else b"\x02"
            case Command("GS ( H"):
                known = len(token.data) == 6 and not self.switches.no_process_id
                return b"\x37\x22" + bytes(token.data[2:]) + b"\0" if known else b""
            case Command("GS a"):
                self._asb_mask, self._asb_last = token.raw[2], b""
                return self._changed()
            case Command("ESC v"):
                return self._in_order(1)
        self._raw += token.raw
        if token.name in ("GS V", "ESC i", "ESC m"):
            self._finish(cut=True)
        elif token.name in _VISIBLE:
            self._visible = True
        return b""

    def _in_order(self, n: int) -> bytes:
        if n in (1, 49):
            return bytes([0x03 if self.switches.near_end else 0])
        return b"\0"

    def _finish(self, *, cut: bool) -> None:
        """End the paper. What carries no ink, such as a trailing ESC @, makes none of its own."""
        if self._visible:
            paper = FinishedPaper(len(self.papers) + 1, bytes(self._raw), cut)
            self.papers.append(paper)
            self.on_paper(paper)
        if self._visible or cut:
            self._raw.clear()
        self._visible = False


_VISIBLE = frozenset({"GS v 0", "GS Q 0", "GS ( L", "GS 8 L", "GS ( k", "GS k", "ESC *", "FS p"})
