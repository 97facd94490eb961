# SPDX-License-Identifier: Apache-2.0
"""A manager's yes, and how often somebody guessed at a PIN."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.moment import Moment


@dataclass(frozen=True, slots=True)
class Approval:
    """One manager's yes to one body, once, for five minutes from `given`.

    `given_ms` is for people to read; it may have been a wrong clock's.
    """

    id: str
    manager: str
    body_digest: bytes
    given_ms: int
    used_by: str | None = None
    given: Moment | None = None


@dataclass(frozen=True, slots=True)
class PinTries:
    """Wrong PINs of one manager; the count is kept in the journal, so a restart keeps it.

    `locked` is when the lock began; `locked_until_ms` what people are told.
    """

    wrong: int = 0
    locked_until_ms: int | None = None
    locked: Moment | None = None


@dataclass(frozen=True, slots=True)
class Manager:
    """Somebody who may approve. `pin_hash` is an argon2id string and never shown."""

    name: str
    pin_hash: str
    tries: PinTries = PinTries()

    def __repr__(self) -> str:
        return f"Manager({self.name!r})"


@dataclass(frozen=True, slots=True)
class Pairing:
    """A caller of the local API. `token_hash` is SHA-256 of its bearer token (256 random bits).

    `registers` it may speak for; `timeout_ms`: the POS's own time-out, declared at pairing, and 0
    for a screen, which has none;
    `tested`: it passed `countermark pos-test`; `printing`: who owns the printer, agent or pos.
    """

    id: str
    name: str
    token_hash: bytes
    scopes: frozenset[str]
    registers: frozenset[str]
    timeout_ms: int
    printing: str = "agent"
    tested: bool = False
    created_ms: int = 0
    revoked_ms: int | None = None

    @property
    def is_screen(self) -> bool:
        """Whether a browser holds it, and no till."""
        return self.timeout_ms == 0

    def __repr__(self) -> str:
        return f"Pairing({self.id!r}, {self.name!r})"
