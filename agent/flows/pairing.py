# SPDX-License-Identifier: Apache-2.0
"""Pairing: six digits on our side, typed at the till, become a bearer token that only it holds.

Codes live in memory for two minutes and five wrong tries, counted over all of them, so that a
second open code gives a guesser nothing. Of a token only its SHA-256 is kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
from dataclasses import dataclass, field, replace
from typing import Final

from agent.domain.approval import Pairing
from agent.domain.faults import Busy, PairingInvalid, Unavailable
from agent.domain.symbols import from_values
from agent.ports import AccessStore, Chance, Clock

CODE_S: Final = 120.0
TRIES_MAX: Final = 5
OPEN_MAX: Final = 8
TOKEN_SIZE: Final = 32
SCREENS_MAX: Final = 32
"""Screens of a register that are asked about; far more than stand there."""
SCOPES: Final = ("issue", "read", "void", "approve", "admin")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a pairing will be allowed. `timeout_ms`: the POS's own, unless it declares another."""

    name: str
    scopes: frozenset[str]
    registers: frozenset[str]
    timeout_ms: int
    printing: str = "agent"

    def __post_init__(self) -> None:
        if not self.scopes or not self.scopes <= set(SCOPES):
            raise ValueError(f"scopes are some of {', '.join(SCOPES)}")
        if self.printing not in ("agent", "pos"):
            raise ValueError("printing is agent or pos")


@dataclass(frozen=True, slots=True)
class OpenCode:
    """A code that waits to be typed. `ends_s`: on the clock that never jumps."""

    id: str
    digits: str = field(repr=False)
    offer: Offer
    ends_s: float


class Pairings:
    """Makes codes, redeems them, and knows who a token belongs to."""

    def __init__(self, access: AccessStore, clock: Clock, chance: Chance) -> None:
        self._access = access
        self._clock = clock
        self._chance = chance
        self._open: dict[str, OpenCode] = {}
        self._wrong = 0

    def offer(self, offer: Offer) -> OpenCode:
        """A new code; raises `Busy` where eight are open already."""
        if not self.open_codes():
            self._wrong = 0
        if len(self._open) >= OPEN_MAX:
            raise Busy(what="pairing-codes")
        code = OpenCode(
            self._id(),
            f"{self._chance.below(10**6):06d}",
            offer,
            self._clock.monotonic_s() + CODE_S,
        )
        self._open[code.id] = code
        return code

    def open_codes(self) -> tuple[OpenCode, ...]:
        """Codes that can still be used."""
        now_s = self._clock.monotonic_s()
        self._open = {each.id: each for each in self._open.values() if now_s < each.ends_s}
        return tuple(self._open.values())

    def close_code(self, code_id: str) -> bool:
        """Takes a code back; False where there is none of this id."""
        return self._open.pop(code_id, None) is not None

    async def redeem(
        self, digits: str, timeout_ms: int | None = None, printing: str | None = None
    ) -> tuple[str, Pairing]:
        """The bearer token, told this once, and its pairing; raises `PairingInvalid`.

        A code is used up before anything is stored; where the store fails it is open again.
        """
        found = self._matching(digits)
        if found is None:
            self._wrong += 1
            if self._wrong >= TRIES_MAX:
                self._open.clear()
            raise PairingInvalid
        del self._open[found.id]
        raw = bytes(self._chance.below(256) for _ in range(TOKEN_SIZE))
        token = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        offer = found.offer
        pairing = Pairing(
            id=self._id(),
            name=offer.name,
            token_hash=token_hash(token),
            scopes=offer.scopes,
            registers=offer.registers,
            timeout_ms=timeout_ms if timeout_ms is not None else offer.timeout_ms,
            printing=printing if printing is not None else offer.printing,
            created_ms=self._clock.now().wall_ms,
        )
        try:
            await self._access.keep_pairing(pairing)
        except Unavailable:
            self._open[found.id] = found
            raise
        return token, pairing

    async def by_token(self, token: str) -> Pairing | None:
        """Whose token this is; None for nobody's, and for one that was revoked."""
        wanted = token_hash(token)
        pairing = await self._access.pairing_by_hash(wanted)
        if pairing is None or pairing.revoked_ms is not None:
            return None
        return pairing if hmac.compare_digest(pairing.token_hash, wanted) else None

    async def screens(self, register: str) -> tuple[str, ...]:
        """The ids of a register's screens, the newest first; revoked ones too: what they began
        is still there."""
        known = reversed(await self._access.pairings())
        ids = (each.id for each in known if each.is_screen and register in each.registers)
        return tuple(itertools.islice(ids, SCREENS_MAX))

    async def revoke(self, pairing_id: str) -> bool:
        """Ends a pairing at once; False where none of this id is left."""
        pairing = await self._living(pairing_id)
        if pairing is None:
            return False
        now_ms = self._clock.now().wall_ms
        await self._access.keep_pairing(replace(pairing, revoked_ms=now_ms))
        return True

    async def set_tested(self, pairing_id: str, tested: bool) -> bool:
        """Whether the till gets 202 (tested) or 504 for what is not confirmed."""
        pairing = await self._living(pairing_id)
        if pairing is None:
            return False
        await self._access.keep_pairing(replace(pairing, tested=tested))
        return True

    async def _living(self, pairing_id: str) -> Pairing | None:
        for pairing in await self._access.pairings():
            if pairing.id == pairing_id and pairing.revoked_ms is None:
                return pairing
        return None

    def _matching(self, digits: str) -> OpenCode | None:
        plain = "".join(digits.split()).encode()
        found = None
        for each in self.open_codes():
            if hmac.compare_digest(each.digits.encode(), plain):
                found = each
        return found

    def _id(self) -> str:
        return from_values([self._chance.below(32) for _ in range(12)])


def token_hash(token: str) -> bytes:
    """What is kept of a bearer token."""
    return hashlib.sha256(token.encode()).digest()
