# SPDX-License-Identifier: Apache-2.0
"""The real clock, the real dice, and the machine we run on."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agent.domain.moment import Moment

_TIME_ERROR: Final = 5
_TIMEX_SIZE: Final = 512
_SANE_FROM_MS: Final = 1_767_225_600_000
"""2026-01-01: a clock before it has lost its battery."""
_SANE_UNTIL_MS: Final = 4_102_444_800_000
_STEP_MS: Final = 2_000
_DRAWN_SIZE: Final = 8
_DRAWN_MAX: Final = 1 << 64
_ASK_AGAIN_MS: Final = 1_000
"""How soon the kernel is asked again; a decision takes the time ten times."""


class SystemClock:
    """Wall and boot time. Trusted once the kernel was synchronised since we started.

    A step of over two seconds against boot time, back or forth, takes the trust away until the
    kernel says again that it is synchronised (adjtimex(2): TIME_ERROR means that it is not, and
    whoever sets the clock by hand leaves it so).
    """

    def __init__(
        self,
        read: Callable[[], tuple[int, int]] | None = None,
        synchronised: Callable[[], bool] | None = None,
    ) -> None:
        """`read`: wall and boot time in milliseconds; `synchronised`: what the kernel says."""
        self._read = read or _wall_and_boot_ms
        self._kernel_synchronised = synchronised or _kernel_synchronised
        self._ask_again_ms = 0
        self._boot_id = _text(Path("/proc/sys/kernel/random/boot_id")) or secrets.token_hex(16)
        self._synchronised = False
        self._offset_ms: int | None = None

    def now(self) -> Moment:
        wall_ms, boot_ms = self._read()
        offset_ms = wall_ms - boot_ms
        if self._offset_ms is not None and abs(offset_ms - self._offset_ms) > _STEP_MS:
            self._synchronised, self._ask_again_ms = False, 0
        self._offset_ms = offset_ms
        if not self._synchronised and boot_ms >= self._ask_again_ms:
            self._ask_again_ms = boot_ms + _ASK_AGAIN_MS
            self._synchronised = self._kernel_synchronised()
        sane = _SANE_FROM_MS <= wall_ms < _SANE_UNTIL_MS
        return Moment(wall_ms, boot_ms, self._boot_id, trusted=sane and self._synchronised)

    def monotonic_s(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SystemChance:
    """The kernel's random source: codes are cash.

    Read in advance, a page at a time: a credit draws thirty times.
    """

    def __init__(self) -> None:
        self._pool = b""
        self._used = 0
        self._one = threading.Lock()

    def below(self, bound: int) -> int:
        if not 0 < bound <= _DRAWN_MAX:
            return secrets.randbelow(bound)
        even = _DRAWN_MAX - _DRAWN_MAX % bound
        while True:  # what would favour the small numbers is drawn again
            drawn = self._drawn()
            if drawn < even:
                return drawn % bound

    def fraction(self) -> float:
        return self._drawn() / _DRAWN_MAX

    def _drawn(self) -> int:
        with self._one:  # the journal draws in a thread of its own
            if self._used + _DRAWN_SIZE > len(self._pool):
                self._pool, self._used = os.urandom(4096), 0
            drawn = int.from_bytes(self._pool[self._used : self._used + _DRAWN_SIZE], "big")
            self._used += _DRAWN_SIZE
        return drawn


def machine_digest() -> bytes:
    """SHA-256 over machine id and board serial: another machine, another digest.

    The serial is readable by root only on most boards; what cannot be read counts as empty, so
    an agent that changes its user counts as restored, which is the safe side.
    """
    parts = (
        _text(Path("/etc/machine-id")),
        _text(Path("/sys/class/dmi/id/board_serial"))
        or _text(Path("/proc/device-tree/serial-number")),
    )
    return hashlib.sha256("\n".join(parts).encode()).digest()


def settle_memory() -> None:
    """Once everything is imported: gives back what imports left, and spares the collector.

    What lives now lives for ever, so later collections need not look at it: a full one held the
    event loop for 14 ms before, and for nothing that could be measured after.
    """
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # glibc; elsewhere there is nothing to give back


def _wall_and_boot_ms() -> tuple[int, int]:
    wall_ns, boot_ns = time.time_ns(), time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return wall_ns // 1_000_000, boot_ns // 1_000_000


def _kernel_synchronised() -> bool:
    buffer = ctypes.create_string_buffer(_TIMEX_SIZE)
    try:
        state = int(ctypes.CDLL(None).adjtimex(buffer))
    except (OSError, AttributeError):
        return False
    return 0 <= state < _TIME_ERROR


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
