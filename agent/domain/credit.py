# SPDX-License-Identifier: Apache-2.0
"""A request for a credit, as intake understood it, and the credit that a platform is asked for."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from agent.domain.code import Code
from agent.domain.customer import Customer, CustomerReference, Skipped
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.plastic import Plastic

TEXT_MAX: Final = 40
"""Names and reasons have at most 40 characters (requirements R41)."""
UNITS_MAX: Final = 99
_PRINTABLE: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*")


class Instrument(StrEnum):
    """What the shopper gets. Only code-keyed cards can be put on paper. `PLASTIC`: a scanned gift
    card, whose own number is the only name of the credit."""

    CARD = "card"
    PLASTIC = "plastic"
    ACCOUNT = "account"
    TENDER = "tender"

    @property
    def on_paper(self) -> bool:
        return self is Instrument.CARD


def _short(name: str, text: str) -> None:
    if not 1 <= len(text) <= TEXT_MAX or _PRINTABLE.fullmatch(text) is None:
        raise ValueError(f"{name} is 1 to {TEXT_MAX} printable characters")


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """One returned unit of one line of an original sale; `number` counts from 1."""

    sale: str
    line: str
    number: int

    def __post_init__(self) -> None:
        _short("original_sale.receipt", self.sale)
        _short("original_sale.line", self.line)
        if not 1 <= self.number <= 999:
            raise ValueError("a unit number lies in 1..999")

    def digest(self) -> bytes:
        """What leaves the register in place of the sale's own numbers: SHA-256, 32 bytes."""
        return hashlib.sha256(f"{self.sale}\n{self.line}\n{self.number}".encode()).digest()


@dataclass(frozen=True, slots=True)
class PosTransaction:
    """The till's own name of the event: business date, transaction number, line."""

    business_date: datetime.date
    number: str
    line: str = "1"


@dataclass(frozen=True, slots=True)
class CreditRequest:
    """What a till, a scan or a print job asked for. Amount and place are checked, nothing sent.

    `units` are the exact return units (empty where the till named no original sale). `plastic`:
    the card that was scanned, for that instrument alone; None again once it was forgotten.
    `occurred_at_ms`: the POS's own UTC time where it gives one, else our clock at intake.
    """

    place: Place
    amount: Money
    operator: str
    reason: str
    pos: PosTransaction
    occurred_at_ms: int
    customer: Customer = field(default_factory=Skipped)
    instrument: Instrument = Instrument.CARD
    original_sale: str | None = None
    units: tuple[Unit, ...] = ()
    distinct: bool = False
    plastic: Plastic | None = None

    def __post_init__(self) -> None:
        if not self.amount.positive:
            raise ValueError("amount.minor must be above zero")
        _short("operator", self.operator)
        _short("reason", self.reason)
        if self.original_sale is not None:
            _short("original_sale.receipt", self.original_sale)
        if len(self.units) > UNITS_MAX or len(set(self.units)) != len(self.units):
            raise ValueError(f"a credit names at most {UNITS_MAX} units, each once")
        if self.plastic is not None and self.instrument is not Instrument.PLASTIC:
            raise ValueError("a scanned card goes with the instrument plastic")

    def body_digest(self) -> bytes:
        """What makes two requests *the same body* (design section 4): SHA-256, 32 bytes.

        Amount, currency, instrument, normalised customer, original sale and units, business
        date, POS number and line, and the scanned card; not operator, reason, times or approval.
        """
        customer = self.customer
        named = (
            [customer.kind.value, customer.value]
            if isinstance(customer, CustomerReference)
            else [type(customer).__name__]
        )
        parts = [
            self.amount.minor,
            self.amount.currency,
            self.instrument.value,
            named,
            self.original_sale,
            sorted([unit.sale, unit.line, unit.number] for unit in self.units),
            self.pos.business_date.isoformat(),
            self.pos.number,
            self.pos.line,
            *([] if self.plastic is None else [self.plastic.number]),
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).digest()

    def business_digest(self) -> bytes:
        """One hash over the sorted set of units (11 bytes): catches equal sets only."""
        if not self.units:
            return bytes(11)
        every = b"".join(sorted(unit.digest() for unit in self.units))
        return hashlib.sha256(every).digest()[:11]


@dataclass(frozen=True, slots=True)
class Credit:
    """What a platform is asked to create. The issuance body is made from these alone.

    Exactly what a voucher token carries (key, code, amount): so that whoever verifies a token
    replays the very same issuance. Customer, reason and operator go in later, repeatable steps.
    `plastic`, the scanned card, is for an instrument that never goes on paper.
    """

    key: IdempotencyKey
    code: Code
    amount: Money
    instrument: Instrument = Instrument.CARD
    epoch: int = 0
    plastic: Plastic | None = None

    def vendor_key(self, step: str) -> str:
        """The platform's idempotency key of a step: a UUID that nobody guesses from the key.

        SHA-256 over key, code, step and epoch, in the layout of RFC 9562 version 8.
        """
        seed = f"{self.key}\n{self.code.reveal()}\n{step}\n{self.epoch}"
        raw = bytearray(hashlib.sha256(seed.encode()).digest()[:16])
        raw[6] = raw[6] & 0x0F | 0x80
        raw[8] = raw[8] & 0x3F | 0x80
        text = raw.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
