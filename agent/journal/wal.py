# SPDX-License-Identifier: Apache-2.0
"""Reads a write-ahead log page by page, past a frame that is damaged.

SQLite takes the log up to the first frame whose checksum does not fit, and says nothing about
the rest: after a power cut that is right, for the rest was told to nobody. A damaged frame in
the middle looks the same to it, and would take every commit behind it silently. Each frame's
checksum goes on from the one before, so frames behind a damaged one can be told from old ones.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

HEADER_SIZE: Final = 32
FRAME_HEADER_SIZE: Final = 24
_MAGIC: Final = {0x377F0682: "<", 0x377F0683: ">"}
_MASK: Final = 0xFFFFFFFF
_SHM_MAX_FRAME_AT: Final = 16
PAGE_SIZE: Final = 4096
STRANGERS: Final = 64
"""Frames of another life of the log, one after the other, behind which none of this one comes."""
SURELY_LOST: Final = 2
"""Commits behind the first bad frame that cannot all have been on their way when the power went:
one is written at a time, and synced before the next begins."""


@dataclass(frozen=True, slots=True)
class Log:
    """`pages`: the newest intact copy of each page; `skipped`: damaged frames in between;
    `headless`: nobody can tell how much of it there was."""

    pages: Mapping[int, bytes]
    skipped: int = 0
    headless: bool = False


def read_log(raw: bytes) -> Log:
    """Every frame that is whole and was followed by a commit.

    A frame whose head is gone takes the checksum with it that the next one goes on from: that
    one is believed, for every row in it is judged by itself afterwards.
    """
    head = _head(raw)
    frames = _frames(raw, head)
    if not frames:
        return Log({}, headless=head is None)
    order, running = ("<", None) if head is None else (head.order, head.sums)
    pages: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    missed = skipped = 0
    for frame in frames:
        if frame.number == 0:  # its head is no head of this log
            missed, running = missed + 1, None
            continue
        page = raw[frame.at + FRAME_HEADER_SIZE : frame.at + FRAME_HEADER_SIZE + frame.size]
        whole = running is None or frame.sums == _summed(
            running, raw[frame.at : frame.at + 8] + page, order
        )
        running = frame.sums  # what comes next goes on from what was written here
        if not whole:
            missed += 1
            continue
        waiting[frame.number] = page
        if frame.commit:
            pages |= waiting
            waiting.clear()
            skipped, missed = skipped + missed, 0
    return Log(pages, skipped, head is None)


@dataclass(frozen=True, slots=True)
class _Head:
    """A log's first bytes, where they are whole."""

    order: str
    size: int
    salts: tuple[int, int]
    sums: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Frame:
    """`number`: of its page, 0 for what is no frame of this log."""

    at: int
    size: int
    number: int
    commit: bool
    sums: tuple[int, int]


def _head(raw: bytes) -> _Head | None:
    if len(raw) < HEADER_SIZE:
        return None
    magic, _, size, _, salt_1, salt_2, sum_1, sum_2 = struct.unpack_from(">8I", raw, 0)
    order = _MAGIC.get(magic)
    if order is None or size < 512 or size & (size - 1):
        return None
    if _summed((0, 0), raw[: HEADER_SIZE - 8], order) != (sum_1, sum_2):
        return None
    return _Head(order, size, (salt_1, salt_2), (sum_1, sum_2))


def _frames(raw: bytes, head: _Head | None) -> list[_Frame]:
    """The frames of one life of the log, to the last that can be told; from an earlier life come
    those with other salts. Without a head, that of most of the first few counts."""
    size = PAGE_SIZE if head is None else head.size
    starts = range(HEADER_SIZE, len(raw) - FRAME_HEADER_SIZE - size + 1, FRAME_HEADER_SIZE + size)
    told = [(at, struct.unpack_from(">6I", raw, at)) for at in starts]
    if head is not None:
        salts = head.salts
    elif told:
        seen = Counter((each[2], each[3]) for _, each in told[:STRANGERS])
        salts, many = seen.most_common(1)[0]
        if many < 2 or len(told) < 2:
            return []
    frames: list[_Frame] = []
    last = strangers = 0
    for at, (number, commit, one, two, sum_1, sum_2) in told:
        ours = (one, two) == salts and number > 0
        strangers = 0 if ours else strangers + 1
        if strangers > STRANGERS:
            break
        frames.append(_Frame(at, size, number if ours else 0, bool(commit), (sum_1, sum_2)))
        last = len(frames) if ours else last
    return frames[:last]


def _summed(before: tuple[int, int], data: bytes, order: str) -> tuple[int, int]:
    one, two = before
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for at in range(0, len(words), 2):
        one = (one + words[at] + two) & _MASK
        two = (two + words[at + 1] + one) & _MASK
    return one, two


def is_damaged(log: Path, index: Path, file: Path) -> bool:
    """Whether commits stand in the log that SQLite did not take when it was opened just now.

    Reads the heads of the frames alone, and the index beside it (`-shm`), where SQLite noted how
    far the log is good; so it costs milliseconds. One commit may be what a power cut tore: two
    cannot be. A log without a head is one that was being begun anew, if the file already has
    all that stands in it.
    """
    try:
        size = log.stat().st_size
        if size <= HEADER_SIZE + FRAME_HEADER_SIZE:
            return False
        with open(log, "rb") as opened:
            head = _head(opened.read(HEADER_SIZE))
            if head is not None:
                taken = struct.unpack_from("=I", index.read_bytes()[:136], _SHM_MAX_FRAME_AT)[0]
                return _passed_over(opened, head, taken, size) >= SURELY_LOST
        found = read_log(log.read_bytes())
    except FileNotFoundError:
        return False
    return not found.pages or not _all_in(file, found)


def _passed_over(log: BinaryIO, head: _Head, taken: int, size: int) -> int:
    """Commits behind the frame `taken`, the last that is good."""
    found = strangers = 0
    step = FRAME_HEADER_SIZE + head.size
    for at in range(HEADER_SIZE + taken * step, size - step + 1, step):
        log.seek(at)
        number, commit, one, two, _, _ = struct.unpack(">6I", log.read(FRAME_HEADER_SIZE))
        if (one, two) == head.salts and number > 0:
            found, strangers = found + bool(commit), 0
        else:
            strangers += 1
        if strangers > STRANGERS or found >= SURELY_LOST:
            break
    return found


def _all_in(file: Path, log: Log) -> bool:
    """Whether the file holds every page of the log as the log does."""
    with open(file, "rb") as opened:
        for number, page in log.pages.items():
            opened.seek((number - 1) * len(page))
            if opened.read(len(page)) != page:
                return False
    return True
