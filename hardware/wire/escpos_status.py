# SPDX-License-Identifier: Apache-2.0
"""What an ESC/POS printer says about itself, read byte by byte.

Every answer tells by its fixed bits whom it answers (Epson TM-U295 appendix D, Citizen CT-S310
section 5.3): XON 0x11, XOFF 0x13, DLE EOT ``0xx1xx10``, the first byte of an automatic status (ASB)
``0xx1xx00`` with three bytes ``0xx0xxxx`` behind it, GS r and GS I ``0xx0xxxx``, blocks a header of
0x35, 0x37, 0x3B, 0x3D or 0x5F up to a NUL. The four ASB bytes are read as one frame, since the
third alone looks like the answer to a GS r.

Silence is ``UNKNOWN``, and unknown is never fine: a reader of ``PrinterStatus`` must ask for
``ready``, not for the absence of complaints.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

XON: Final = 0x11
XOFF: Final = 0x13

BLOCK_MAX: Final = 256
"""Bytes of one block answer at most; GS I answers carry up to 80 (TM-T88III guide p. 459)."""

PROCESS_ID_FIRST: Final = 0x20
PROCESS_ID_LAST: Final = 0x7E
"""Bounds of each of the four bytes of a process id (GS ( H function 48)."""


class PaperState(Enum):
    """What the paper sensors say. ``NEAR_END`` is a hint: many models lack that sensor."""

    OK = "ok"
    NEAR_END = "near-end"
    OUT = "out"
    UNKNOWN = "unknown"


class PrinterError(Enum):
    """The worst fault the printer reports."""

    NONE = "none"
    RECOVERS_ALONE = "recovers-alone"  # such as a hot head
    RECOVERABLE = "recoverable"
    CUTTER = "cutter"
    UNRECOVERABLE = "unrecoverable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """What is known of the printer now. None and UNKNOWN: it did not say.

    ``drawer_high`` is the level of the drawer's pin; which level means open depends on the drawer.
    """

    online: bool | None = None
    cover_open: bool | None = None
    paper: PaperState = PaperState.UNKNOWN
    error: PrinterError = PrinterError.UNKNOWN
    drawer_high: bool | None = None

    @property
    def silent(self) -> bool:
        """It said nothing at all."""
        return self == PrinterStatus()

    @property
    def stopper(self) -> str | None:
        """Why it cannot print, as a stable code: the first thing a person has to see to."""
        if self.cover_open:
            return "cover-open"
        if self.paper is PaperState.OUT:
            return "paper-out"
        if self.error not in (PrinterError.NONE, PrinterError.UNKNOWN):
            return "printer-error"
        return "offline" if self.online is False else None

    @property
    def ready(self) -> bool:
        """It says that it is online and has paper, and complains of nothing."""
        has_paper = self.paper in (PaperState.OK, PaperState.NEAR_END)
        return self.online is True and has_paper and self.stopper is None


@dataclass(frozen=True, slots=True)
class RealTimeAnswer:
    """The answer to ``DLE EOT n``. ``n`` is 0 when nobody had asked."""

    n: int
    value: int


@dataclass(frozen=True, slots=True)
class Asb:
    """One automatic status frame of four bytes."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class ByteAnswer:
    """The one-byte answer to GS r or GS I; ``question`` is empty when nobody had asked."""

    question: str
    value: int


@dataclass(frozen=True, slots=True)
class ProcessIdAnswer:
    """Everything before this id's request has been printed."""

    process_id: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """Another block answer, whole, header and NUL included."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class FlowControl:
    """The printer asks the host to go on (XON) or to hold (XOFF)."""

    go_on: bool


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes that fit no answer."""

    raw: bytes


Answer = RealTimeAnswer | Asb | ByteAnswer | ProcessIdAnswer | Block | FlowControl | Noise

_BLOCK_HEADERS = frozenset(b"\x35\x37\x3b\x3d\x5f")


class StatusReader:
    """Feed it what the printer sends; tell it with ``asked`` what the printer was asked.

    Questions are answered in the order asked, real-time ones apart from the rest.
    """

    __slots__ = ("_asb", "_block", "_questions", "_realtime")

    def __init__(self) -> None:
        self._realtime: deque[int] = deque(maxlen=64)
        self._questions: deque[str] = deque(maxlen=64)
        self._asb = bytearray()
        self._block = bytearray()

    def asked_realtime(self, n: int) -> None:
        """``DLE EOT n`` was sent."""
        self._realtime.append(n)

    def asked(self, question: str) -> None:
        """A GS r or GS I that answers with one byte was sent, such as ``"GS r 1"``."""
        self._questions.append(question)

    def forget_realtime(self) -> None:
        """The real-time questions still open will not be answered."""
        self._realtime.clear()

    def feed(self, data: bytes) -> list[Answer]:
        answers: list[Answer] = []
        for value in data:
            self._take(value, answers)
        return answers

    def _take(self, value: int, answers: list[Answer]) -> None:
        if self._block:
            self._take_block(value, answers)
        elif value in (XON, XOFF):
            answers.append(FlowControl(value == XON))
        elif self._asb:
            self._take_asb(value, answers)
        elif value in _BLOCK_HEADERS:
            self._block.append(value)
        elif value & 0x93 == 0x12:
            n = self._realtime.popleft() if self._realtime else 0
            answers.append(RealTimeAnswer(n, value))
        elif value & 0x93 == 0x10:
            self._asb.append(value)
        elif value & 0x90 == 0:
            question = self._questions.popleft() if self._questions else ""
            answers.append(ByteAnswer(question, value))
        else:
            answers.append(Noise(bytes([value])))

    def _take_asb(self, value: int, answers: list[Answer]) -> None:
        if value & 0x90:
            answers.append(Noise(bytes(self._asb)))
            self._asb.clear()
            self._take(value, answers)
            return
        self._asb.append(value)
        if len(self._asb) == 4:
            answers.append(Asb(bytes(self._asb)))
            self._asb.clear()

    def _take_block(self, value: int, answers: list[Answer]) -> None:
        if value in (XON, XOFF):  # flow control goes between any two bytes
            answers.append(FlowControl(value == XON))
            return
        self._block.append(value)
        if value and len(self._block) < BLOCK_MAX:
            return
        raw = bytes(self._block)
        self._block.clear()
        if value:
            answers.append(Noise(raw))
        elif len(raw) == 7 and raw[:2] == b"\x37\x22":
            answers.append(ProcessIdAnswer(raw[2:6]))
        else:
            answers.append(Block(raw))


def learn(status: PrinterStatus, answer: Answer) -> PrinterStatus:
    """The status after this answer; what it does not speak of stays as it was."""
    match answer:
        case RealTimeAnswer(n, value):
            return _learn_realtime(status, n, value)
        case Asb(raw):
            return PrinterStatus(
                online=not raw[0] & 0x08,
                cover_open=bool(raw[0] & 0x20),
                paper=_paper(out=raw[2] & 0x0C, near_end=raw[2] & 0x03),
                error=_error(raw[1]),
                drawer_high=bool(raw[0] & 0x04),
            )
        case ByteAnswer("GS r 1" | "GS r 49", value):
            return replace(status, paper=_paper(out=value & 0x0C, near_end=value & 0x03))
        case ByteAnswer("GS r 2" | "GS r 50", value):
            return replace(status, drawer_high=bool(value & 0x01))
        case _:
            return status


def _learn_realtime(status: PrinterStatus, n: int, value: int) -> PrinterStatus:
    if n == 1:
        return replace(status, online=not value & 0x08, drawer_high=bool(value & 0x04))
    if n == 2:
        learnt = replace(status, cover_open=bool(value & 0x04))
        if value & 0x20:  # printing stopped for want of paper
            learnt = replace(learnt, paper=PaperState.OUT)
        if not value & 0x40:
            return replace(learnt, error=PrinterError.NONE)
        known = status.error not in (PrinterError.NONE, PrinterError.UNKNOWN)
        return learnt if known else replace(learnt, error=PrinterError.RECOVERABLE)
    if n == 3:
        return replace(status, error=_error(value))
    if n == 4:
        paper = _paper(out=value & 0x60, near_end=value & 0x0C)
        return replace(status, paper=paper)
    return status


def _paper(*, out: int, near_end: int) -> PaperState:
    if out:
        return PaperState.OUT
    return PaperState.NEAR_END if near_end else PaperState.OK


def _error(value: int) -> PrinterError:
    """The error bits, which DLE EOT 3 and the second ASB byte share."""
    if value & 0x20:
        return PrinterError.UNRECOVERABLE
    if value & 0x08:
        return PrinterError.CUTTER
    if value & 0x04:
        return PrinterError.RECOVERABLE
    return PrinterError.RECOVERS_ALONE if value & 0x40 else PrinterError.NONE
