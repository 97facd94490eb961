# SPDX-License-Identifier: Apache-2.0
"""Sealing of what must not lie open on a disk: codes, tokens, frozen bodies, print bytes, people.

ChaCha20-Poly1305 (RFC 8439) with a random nonce of 96 bits; what a sealed value is for, and whose
it is, goes in as associated data, so that a value moved to another row does not open. Codes are
found again by an HMAC under a key of their own. Nothing here appears in a `repr` or a fault.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nacl.bindings import (
    crypto_aead_chacha20poly1305_ietf_decrypt,
    crypto_aead_chacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError

from agent.domain.code import Code
from agent.domain.faults import JournalDamaged, SettingsWrong

KEY_SIZE: Final = 32
NONCE_SIZE: Final = 12
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Seal:
    """Seals and opens under one key. `random_bytes(n)`: n bytes that never come twice."""

    __slots__ = ("_key", "_lookup", "_random_bytes")

    def __init__(self, key: bytes, random_bytes: Callable[[int], bytes]) -> None:
        if len(key) != KEY_SIZE:
            raise ValueError(f"a seal key has {KEY_SIZE} bytes")
        self._key = _derived(key, b"seal")
        self._lookup = _derived(key, b"code look-up")
        self._random_bytes = random_bytes

    def close(self, purpose: str, plain: bytes) -> bytes:
        """Nonce and sealed bytes; `purpose` names table and row and must be given to open."""
        nonce = self._random_bytes(NONCE_SIZE)
        return nonce + crypto_aead_chacha20poly1305_ietf_encrypt(
            plain, purpose.encode(), nonce, self._key
        )

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """Raises `JournalDamaged` for a wrong key, a changed value, or one of another row."""
        try:
            return crypto_aead_chacha20poly1305_ietf_decrypt(
                sealed[NONCE_SIZE:], purpose.encode(), sealed[:NONCE_SIZE], self._key
            )
        except CryptoError as error:
            raise JournalDamaged(where=purpose) from error

    def code_hash(self, code: Code) -> bytes:
        """What stands in the journal for looking a code up: 32 bytes that tell nobody the code."""
        return hmac.digest(self._lookup, code.reveal().encode(), hashlib.sha256)

    def __repr__(self) -> str:
        return "Seal(…)"


def _derived(key: bytes, use: bytes) -> bytes:
    return hmac.digest(key, b"countermark journal 1\n" + use, hashlib.sha256)


def load_or_make_key(path: Path) -> bytes:
    """The 32 bytes in `path`; made, with mode 0600 and fsynced, where there is no file.

    Raises `SettingsWrong` where others may read the file or it holds no key.
    """
    try:
        return _load(path)
    except FileNotFoundError:
        _make(path)
        return _load(path)


def _load(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise SettingsWrong(file=str(path), key="seal key", problem="it is no plain file")
        if mode & OTHERS:
            raise SettingsWrong(
                file=str(path),
                key="seal key",
                problem="others than its owner may open it; set its mode to 0600",
            )
        key = file.read(KEY_SIZE + 1)
    if len(key) != KEY_SIZE:
        raise SettingsWrong(
            file=str(path), key="seal key", problem=f"it must hold {KEY_SIZE} bytes"
        )
    return key


def _make(path: Path) -> None:
    """Whole or not at all: written aside, then linked, which never overwrites another's key."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(KEY_SIZE))
            file.flush()
            os.fsync(handle)
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        aside.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes new names in `folder` durable: a file's own fsync does not promise its name."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Makes it for us alone where it is missing; its name is on disk when this returns.

    The name is synced each time: whoever made the folder may have been killed before. A parent
    that we may not open was not made by us either.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(PermissionError):
        sync_folder(folder.parent)
