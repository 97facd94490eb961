# SPDX-License-Identifier: Apache-2.0
"""The register's own Ed25519 key, and the ring of public keys that a verifier trusts.

Each register signs with a key that never leaves it, so a verifier holds public keys only: a stolen
handheld forges nobody's vouchers but its own, and is shut out by its key id. Signing is
deterministic (RFC 8032): the same token gives the same bytes, so a reprint is the same paper.

The key remembers the machine on which it was made. On another machine (a cloned or re-imaged
register) a new one is made and the old file is kept aside: two registers must never speak with
one voice. No secret is ever in a `repr`, a fault or a log.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from agent.domain.faults import SettingsWrong, VoucherInvalid
from agent.domain.voucher import VoucherToken
from agent.ports import Chance

SEED_SIZE: Final = 32
PUBLIC_SIZE: Final = 32
KEY_ID_SIZE: Final = 4
MACHINE_SIZE_MAX: Final = 64
_FORMAT: Final = "countermark register key 1"
_PREFIX: Final = "ed25519:"
_FILE_SIZE_MAX: Final = 4096


def key_id(public: bytes) -> bytes:
    """What names a public key in a token: the first four bytes of its SHA-256."""
    return hashlib.sha256(_checked(public)).digest()[:KEY_ID_SIZE]


def public_text(public: bytes) -> str:
    """A public key as it stands in settings and on screens: `ed25519:` and base 64."""
    return _PREFIX + base64.b64encode(_checked(public)).decode()


def read_public(text: str) -> bytes:
    """The inverse of `public_text`. Raises ValueError for anything else."""
    if not text.startswith(_PREFIX):
        raise ValueError("a register's public key begins with ed25519:")
    try:
        raw = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except ValueError:
        raise ValueError("a register's public key is base 64 after ed25519:") from None
    return _checked(raw)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half of a register's key that may be shown to anybody: 32 raw bytes."""

    raw: bytes

    def __post_init__(self) -> None:
        _checked(self.raw)

    @property
    def id(self) -> bytes:
        return key_id(self.raw)

    @property
    def text(self) -> str:
        return public_text(self.raw)


class RegisterKey:
    """This register's key; an `agent.ports.Signer`."""

    __slots__ = ("_private", "_public")

    def __init__(self, seed: bytes) -> None:
        """`seed`: the 32 secret bytes. Raises ValueError for another length."""
        if len(seed) != SEED_SIZE:
            raise ValueError("a signing key is made from 32 bytes")
        self._private = SigningKey(seed)
        self._public = bytes(self._private.verify_key)

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes: may be shown to anybody."""
        return self._public

    @property
    def id(self) -> bytes:
        return key_id(self._public)

    def sign(self, token: VoucherToken) -> VoucherToken:
        """The token under this key's id, signed. May be called any number of times."""
        named = replace(token, key_id=self.id)
        return replace(named, signature=self._private.sign(named.payload()).signature)

    def __repr__(self) -> str:
        return f"RegisterKey({self.id.hex()})"


class KeyRing:
    """The public keys that are trusted here. Two keys under one id are both tried."""

    __slots__ = ("_keys",)

    def __init__(self, publics: Iterable[bytes] = ()) -> None:
        found: dict[bytes, tuple[bytes, ...]] = {}
        for public in publics:
            others = found.get(key_id(public), ())
            if public not in others:
                found[key_id(public)] = (*others, public)
        self._keys = found

    @classmethod
    def of(cls, texts: Iterable[str]) -> KeyRing:
        """A ring from the settings' lines. Raises ValueError for one that is no public key."""
        return cls(read_public(text) for text in texts)

    def named(self, id_: bytes) -> tuple[bytes, ...]:
        """The public keys of an id; none where it is not known."""
        return self._keys.get(id_, ())

    def __contains__(self, public: object) -> bool:
        return any(public in keys for keys in self._keys.values())

    def __len__(self) -> int:
        return sum(len(keys) for keys in self._keys.values())


def verify(token: VoucherToken, ring: KeyRing) -> bool:
    """Whether a key of the ring signed exactly this token."""
    return any(_signed(token, public) for public in ring.named(token.key_id))


def require_valid(token: VoucherToken, ring: KeyRing) -> None:
    """Raises `VoucherInvalid`: `unknown-key` (goes to review) or `bad-signature` (a forgery)."""
    if not ring.named(token.key_id):
        raise VoucherInvalid(why="unknown-key")
    if not verify(token, ring):
        raise VoucherInvalid(why="bad-signature")


def load_or_make(path: Path, machine: bytes, chance: Chance) -> RegisterKey:
    """The register's key, made at the first start.

    `machine`: a hash of the machine's id and board serial, 1 to 64 bytes. On another machine a
    new key is made and the old file stays beside it. Raises `SettingsWrong` for a file that
    others may read or that is damaged: a key is never silently replaced, for every verifier
    would have to learn the new one. Raises OSError where the folder cannot be written.
    """
    if not 1 <= len(machine) <= MACHINE_SIZE_MAX:
        raise ValueError("a machine's hash has 1 to 64 bytes")
    try:
        text = _read_private(path)
    except FileNotFoundError:
        return make_anew(path, machine, chance)
    key, made_on = _parse(path, text)
    return key if made_on == machine else make_anew(path, machine, chance)


def public_of(path: Path) -> PublicKey | None:
    """The public half of the key at `path`, None where none was made yet; makes nothing.

    Raises `SettingsWrong` for a damaged file or one that this user may not read.
    """
    try:
        key, _ = _parse(path, _read_private(path))
    except FileNotFoundError:
        return None
    except PermissionError:
        raise _wrong(path, "only the agent's user may read it; run this as that user") from None
    return PublicKey(key.public)


def make_anew(path: Path, machine: bytes, chance: Chance) -> RegisterKey:
    """A new key at `path` (mode 0600, on disk when this returns); an old one is kept aside.

    At every moment there is a whole key at `path`, or none where there never was one.
    """
    seed = bytes(chance.below(256) for _ in range(SEED_SIZE))
    key = RegisterKey(seed)
    body = {
        "format": _FORMAT,
        "machine": machine.hex(),
        "public": public_text(key.public),
        "seed": base64.b64encode(seed).decode(),
    }
    fresh = path.with_name(f"{path.name}.new")
    _write_private(fresh, json.dumps(body, indent=1) + "\n")
    _keep_aside(path)
    fresh.replace(path)
    _sync_folder(path.parent)
    return key


def _keep_aside(path: Path) -> None:
    """Give the old key's file a second name that tells its content."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        os.link(path, path.with_name(f"{path.name}.aside-{digest}"))
    except (FileNotFoundError, FileExistsError):
        return


def _parse(path: Path, text: str) -> tuple[RegisterKey, bytes]:
    try:
        body = json.loads(text)
        if not isinstance(body, dict) or body.get("format") != _FORMAT:
            raise ValueError("not a register's key")
        key = RegisterKey(base64.b64decode(body["seed"], validate=True))
        if body["public"] != public_text(key.public):
            raise ValueError("the key's halves do not belong together")
        return key, bytes.fromhex(body["machine"])
    except (KeyError, TypeError, ValueError):
        # Not chained: the cause may quote the file, and the file is the secret.
        raise _wrong(
            path, "the file is damaged; restore it or move it away for a new key"
        ) from None


def _read_private(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
            raise _wrong(path, "others may read it; set its mode to 0600")
        return file.read(_FILE_SIZE_MAX)


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        os.fchmod(descriptor, 0o600)
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _signed(token: VoucherToken, public: bytes) -> bool:
    try:
        VerifyKey(public).verify(token.payload(), token.signature)
    except CryptoError:
        return False
    return True


def _checked(public: bytes) -> bytes:
    if len(public) != PUBLIC_SIZE:
        raise ValueError("a register's public key has 32 bytes")
    return public


def _wrong(path: Path, problem: str) -> SettingsWrong:
    return SettingsWrong(key="signing key", file=str(path), problem=problem)
