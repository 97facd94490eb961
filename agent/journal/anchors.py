# SPDX-License-Identifier: Apache-2.0
"""Anchors: the chain's head, written now and then to a file beside the journal.

Each line of `anchors.jsonl` says: at this time the journal had so many events, and the last one's
hash was this. A chain that is shorter, or has another hash there, was cut or rewritten. A line is
written only after the commit that it names, and synced; copies of it elsewhere, or a signature,
make it proof against somebody who can write both files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.journal.seal import sync_folder
from agent.journal.store import canonical

ANCHORS_NAME: Final = "anchors.jsonl"
EVERY: Final = 1_000
"""Events between two anchors of a running daemon."""

Sign = Callable[[bytes], bytes]
Check = Callable[[bytes, bytes], bool]


@dataclass(frozen=True, slots=True)
class Anchor:
    """`seq`: the newest event's number; `count`: how many events there are; `at_ms`: UTC."""

    seq: int
    hash: bytes
    count: int
    at_ms: int
    signature: bytes = b""

    def signed_bytes(self) -> bytes:
        """What a signature is made over."""
        return canonical([self.seq, self.hash.hex(), self.count, self.at_ms])

    def line(self) -> bytes:
        fields = {
            "seq": self.seq,
            "hash": self.hash.hex(),
            "count": self.count,
            "at": self.at_ms,
        }
        if self.signature:
            fields["signature"] = self.signature.hex()
        return canonical(fields) + b"\n"


class AnchorFile:
    """Appends anchors. A half line that a power cut left is closed off, never joined."""

    def __init__(self, folder: Path, sign: Sign | None = None) -> None:
        self._path = folder / ANCHORS_NAME
        self._sign = sign

    def append(self, seq: int, hash_: bytes, at_ms: int) -> None:
        """Returns when the line is on disk; raises OSError."""
        anchor = Anchor(seq, hash_, seq, at_ms)
        if self._sign is not None:
            signature = self._sign(anchor.signed_bytes())
            anchor = Anchor(seq, hash_, seq, at_ms, signature)
        new = not self._path.exists()
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        handle = os.open(self._path, flags, 0o600)
        try:
            size = os.fstat(handle).st_size
            torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            line = (b"\n" if torn else b"") + anchor.line()
            if os.write(handle, line) != len(line):
                raise OSError("the anchor was not written whole")
            os.fsync(handle)
        finally:
            os.close(handle)
        if new:
            sync_folder(self._path.parent)


def read_anchors(folder: Path) -> list[Anchor]:
    """Every whole line, oldest first; lines that a power cut left half-way are skipped."""
    path = folder / ANCHORS_NAME
    if not path.exists():
        return []
    found = (_anchor(line) for line in path.read_bytes().splitlines())
    return [anchor for anchor in found if anchor is not None]


def _anchor(line: bytes) -> Anchor | None:
    try:
        said = json.loads(line)
        return Anchor(
            int(said["seq"]),
            bytes.fromhex(said["hash"]),
            int(said["count"]),
            int(said["at"]),
            bytes.fromhex(said.get("signature", "")),
        )
    except (KeyError, TypeError, ValueError):
        return None
