# SPDX-License-Identifier: Apache-2.0
"""The voucher token: what the QR on a money paper carries, byte for byte.

    offset size
    0      1    version 1 in the high nibble, flags in the low one
    1      4    key id: the first bytes of SHA-256 over the register's public key
    5      19   the credit's key: store 4, register 4 (base 37), time 6, chance 5
    24     10   the code, sixteen symbols of five bits
    34     6    amount in minor units
    40     2    currency: three letters in base 26
    42     2    expiry of the paper: days since 1970-01-01, 0 for none
    44     11   hash over the sorted set of returned units, zero for none
    55     64   Ed25519 signature over everything before it

119 bytes are 191 characters of base 32: with "HTTPS://", "/V/" and a host of up to 19
characters that is 221, the most a version 8 symbol holds at level M in alphanumeric mode; 262
at version 9 leaves room for 60 (ISO/IEC 18004 table 7). No personal data is on paper.
"""

from __future__ import annotations

import base64
import datetime
from dataclasses import dataclass
from enum import IntFlag
from typing import Final

from agent.domain import symbols
from agent.domain.code import Code
from agent.domain.credit import Credit
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.place import Place

VERSION: Final = 1
PAYLOAD_SIZE: Final = 55
TOKEN_SIZE: Final = 119
HOST_MAX: Final = 60
_EPOCH: Final = datetime.date(1970, 1, 1)
_DIGITS: Final = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class TokenFlag(IntFlag):
    """`IDENTITY`: nothing is active before a claim or a match at the desk."""

    NONE = 0
    IDENTITY = 1


@dataclass(frozen=True, slots=True)
class VoucherToken:
    """The signed promise of one credit. `signature` is not checked here: see `agent.signing`."""

    key_id: bytes
    key: IdempotencyKey
    code: Code
    amount: Money
    expires_on: datetime.date | None = None
    business: bytes = bytes(11)
    flags: TokenFlag = TokenFlag.NONE
    signature: bytes = bytes(64)

    def __post_init__(self) -> None:
        if len(self.key_id) != 4 or len(self.business) != 11 or len(self.signature) != 64:
            raise ValueError("a token's key id, hash or signature has the wrong length")
        if not 0 < self.amount.minor < 2**48:
            raise ValueError("a voucher's amount is above zero")
        if self.key.timestamp_ms >= 2**48:
            raise ValueError("a voucher's time does not fit")

    def payload(self) -> bytes:
        """The bytes that are signed."""
        days = 0 if self.expires_on is None else (self.expires_on - _EPOCH).days
        if not 0 <= days < 2**16:
            raise ValueError("a voucher's expiry lies between 1970 and 2149")
        return b"".join(
            (
                bytes([VERSION << 4 | int(self.flags)]),
                self.key_id,
                _pack_key(self.key),
                symbols.pack(self.code.reveal()),
                self.amount.minor.to_bytes(6, "big"),
                _pack_currency(self.amount.currency),
                days.to_bytes(2, "big"),
                self.business,
            )
        )

    def to_bytes(self) -> bytes:
        return self.payload() + self.signature

    def text(self) -> str:
        """RFC 4648 base 32 in upper case without padding: 191 characters."""
        return base64.b32encode(self.to_bytes()).decode().rstrip("=")

    def credit(self) -> Credit:
        """The credit that this token promises: all that an issuance body may be made from."""
        return Credit(self.key, self.code, self.amount)

    @classmethod
    def from_bytes(cls, raw: bytes) -> VoucherToken:
        """Read a token. Raises ValueError for anything but a well-formed one."""
        if len(raw) != TOKEN_SIZE:
            raise ValueError("this is not a voucher: it has the wrong length")
        if raw[0] >> 4 != VERSION or raw[0] & 0x0F > TokenFlag.IDENTITY:
            raise ValueError("this voucher is of a version that this register does not know")
        days = int.from_bytes(raw[42:44], "big")
        return cls(
            key_id=raw[1:5],
            key=_unpack_key(raw[5:24]),
            code=Code(symbols.unpack(raw[24:34])),
            amount=Money(int.from_bytes(raw[34:40], "big"), _unpack_currency(raw[40:42])),
            expires_on=_EPOCH + datetime.timedelta(days=days) if days else None,
            business=raw[44:55],
            flags=TokenFlag(raw[0] & 0x0F),
            signature=raw[55:],
        )

    @classmethod
    def from_text(cls, text: str) -> VoucherToken:
        """Read what a scanner read: an address ending in /V/…, a bare CM1: token, or base 32."""
        upper = text.strip().upper()
        if len(upper) > 400:
            raise ValueError("this is not a voucher: it is too long")
        body = upper.rpartition("/V/")[2] if "/V/" in upper else upper.removeprefix("CM1:")
        try:
            raw = base64.b32decode(body + "=" * (-len(body) % 8))
        except ValueError:
            raise ValueError("this is not a voucher: its characters are not base 32") from None
        return cls.from_bytes(raw)


def qr_text(token: VoucherToken, host: str | None) -> str:
    """What the QR holds: the claim address in upper case, or the bare token without a host."""
    if host is None:
        return f"CM1:{token.text()}"
    if not 1 <= len(host) <= HOST_MAX:
        raise ValueError(f"a voucher's host has at most {HOST_MAX} characters")
    return f"HTTPS://{host.upper()}/V/{token.text()}"


def slip_text(key: IdempotencyKey) -> str:
    """What a pending slip's QR holds: a look-up handle, no code, no signature, no value."""
    return f"CMP:{key}"


def _pack_part(part: str) -> bytes:
    value = 0
    for digit in part.ljust(6):
        value = value * 37 + _DIGITS.index(digit)
    return value.to_bytes(4, "big")


def _unpack_part(packed: bytes) -> str:
    value = int.from_bytes(packed, "big")
    digits = []
    for _ in range(6):
        value, digit = divmod(value, 37)
        digits.append(_DIGITS[digit])
    part = "".join(reversed(digits)).rstrip(" ")
    if value or " " in part:
        raise ValueError("this is not a voucher: its store or register cannot be")
    return part


def _pack_key(key: IdempotencyKey) -> bytes:
    place = key.place
    return (
        _pack_part(place.store)
        + _pack_part(place.register)
        + key.timestamp_ms.to_bytes(6, "big")
        + symbols.pack(key.chance)
    )


def _unpack_key(packed: bytes) -> IdempotencyKey:
    place = Place(_unpack_part(packed[:4]), _unpack_part(packed[4:8]))
    return IdempotencyKey.make(
        place, int.from_bytes(packed[8:14], "big"), symbols.unpack(packed[14:])
    )


def _pack_currency(code: str) -> bytes:
    value = 0
    for letter in code:
        value = value * 26 + ord(letter) - ord("A")
    return value.to_bytes(2, "big")


def _unpack_currency(packed: bytes) -> str:
    value = int.from_bytes(packed, "big")
    letters = [chr(ord("A") + value // 26**place % 26) for place in (2, 1, 0)]
    if value >= 26**3:
        raise ValueError("this is not a voucher: its currency cannot be")
    return "".join(letters)
