# SPDX-License-Identifier: Apache-2.0
"""A `CreditRecord` as a row of `credits`, and back, exactly.

The row holds no personal data: who the customer is, the platform's id of them and the vendor's
free words (which may quote either) and the scanned card are one small document, sealed in the
table `personal`. The
code is sealed; its hash and last four stand beside it. A row whose code was erased comes back
with a stand-in code that has the same last four and is no code of anybody (`stand_in`).
"""

from __future__ import annotations

import datetime
import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.domain import symbols
from agent.domain.code import CODE_LENGTH, Code
from agent.domain.credit import CreditRequest, Instrument, PosTransaction, Unit
from agent.domain.customer import (
    Customer,
    CustomerKind,
    CustomerReference,
    Forgotten,
    Malformed,
    Skipped,
)
from agent.domain.faults import JournalDamaged
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.money import Money
from agent.domain.outcome import Saying
from agent.domain.place import Place
from agent.domain.plastic import Plastic
from agent.domain.record import (
    CreditRecord,
    FirstClaim,
    ManagerReason,
    Paper,
    PaperKind,
    ReviewReason,
    State,
    VoidKind,
    VoidRequest,
)
from agent.journal.known import Columns, Standing
from agent.journal.seal import Seal
from agent.journal.store import canonical

SALT_SIZE: Final = 16
NOT_DIGESTED: Final = frozenset({"id", "code_sealed", "customer_sealed"})
"""Columns outside of the digest: erasing a secret must not look like tampering."""


class Form(StrEnum):
    """What was said about the customer, without who it is."""

    REFERENCE = "reference"
    SKIPPED = "skipped"
    SKIPPED_KNOWINGLY = "skipped-knowingly"
    MALFORMED = "malformed"
    FORGOTTEN = "forgotten"


def to_row(record: CreditRecord, seal: Seal) -> Columns:
    """Every column of a new row but `id`."""
    code, key = record.code, record.key.text
    return {
        **opening_columns(record),
        "code_hash": seal.code_hash(code),
        "code_last_four": code.last_four,
        "code_sealed": seal.close(f"code:{key}", code.reveal().encode()),
        **changing_columns(record),
    }


def opening_columns(record: CreditRecord) -> Columns:
    """What never changes once a record stands (but for a forgotten customer)."""
    request = record.request
    form, kind = form_of(request.customer)
    opened = record.opened
    return {
        "key": record.key.text,
        "store": request.place.store,
        "register": request.place.register,
        "amount_minor": request.amount.minor,
        "currency": request.amount.currency,
        "operator": request.operator,
        "reason": request.reason,
        "pos_date": request.pos.business_date.isoformat(),
        "pos_number": request.pos.number,
        "pos_line": request.pos.line,
        "occurred_at_ms": request.occurred_at_ms,
        "customer_form": form.value,
        "customer_kind": None if kind is None else kind.value,
        "instrument": request.instrument.value,
        "original_sale": request.original_sale,
        "units": json.dumps([[unit.sale, unit.line, unit.number] for unit in request.units]),
        "is_distinct": int(request.distinct),
        "caller": record.caller,
        "opened_ms": opened.wall_ms,
        "opened_boot": json.dumps([opened.boot_ms, opened.boot_id, opened.trusted]),
    }


def changing_columns(record: CreditRecord) -> Columns:
    """What a step may change, with what the indexes need to know of it."""
    void, claimed = record.void, record.claimed
    return {
        "state": record.state.value,
        "changed_ms": record.changed_ms,
        "perhaps_sent": int(record.perhaps_sent),
        "promised": int(record.promised),
        "shared": int(record.shared),
        "reserved": int(record.reserved),
        "paper": record.paper.value,
        "paper_kind": None if record.paper_kind is None else record.paper_kind.value,
        "paper_approved_by": record.paper_approved_by,
        "copies": record.copies,
        "expires_on": None if record.expires_on is None else record.expires_on.isoformat(),
        "review": None if record.review is None else record.review.value,
        "manager": None if record.manager is None else record.manager.value,
        "refused": int(record.refused),
        "linked": int(record.linked),
        "unlinked_flag": int(record.unlinked_flag),
        "reference": record.reference,
        "saying_status": record.saying.status,
        "saying_code": record.saying.code,
        "saying_request_id": record.saying.request_id,
        "attempts": record.attempts,
        "last_sent": moment_text(record.last_sent),
        "first_sent": moment_text(record.first_sent),
        "due_ms": record.due_ms,
        "settled_ms": record.settled_ms,
        "void_by": None if void is None else void.by,
        "void_reason": None if void is None else void.reason,
        "void_kind": None if void is None else void.kind.value,
        "claimed_ms": None if claimed is None else claimed.at_ms,
        "claimed_by": None if claimed is None else claimed.by,
        "claimed_at": None if claimed is None else str(claimed.place),
        "heard": int(record.heard),
        "pos_prints": int(record.pos_prints),
        "epoch": record.epoch,
        "vain": record.vain or None,
        "revision": record.revision,
        "open": int(not record.is_settled),
        "exposed": int(record.exposed),
        "unclaimed": int(record.is_unclaimed),
    }


def columns_of(row: sqlite3.Row) -> Columns:
    """A row by names. Asking a `sqlite3.Row` for a name walks through all of them."""
    return dict(zip(row.keys(), row, strict=True))


def from_row(row: Columns, seal: Seal) -> CreditRecord:
    """The record of a row of `credits` joined with `personal.sealed AS personal_sealed`.

    Raises `JournalDamaged` where a sealed value does not open, a person is missing, or a value
    is none that a record may have.
    """
    key: str = row["key"]
    try:
        return _from_row(key, row, seal)
    except (KeyError, TypeError, ValueError) as error:
        raise JournalDamaged(where=f"credits:{key}") from error


def _from_row(key: str, row: Columns, seal: Seal) -> CreditRecord:
    people = Personal.from_sealed(key, row["personal_sealed"], seal)
    status: int | None = row["saying_status"]
    return CreditRecord(
        key=IdempotencyKey(key),
        code=sealed_code(row, seal),
        request=_request(row, people),
        caller=row["caller"],
        state=State(row["state"]),
        opened=Moment(row["opened_ms"], *_boot(row["opened_boot"])),
        changed_ms=row["changed_ms"],
        perhaps_sent=bool(row["perhaps_sent"]),
        promised=bool(row["promised"]),
        shared=bool(row["shared"]),
        reserved=bool(row["reserved"]),
        paper=Paper(row["paper"]),
        paper_kind=None if row["paper_kind"] is None else PaperKind(row["paper_kind"]),
        paper_approved_by=row["paper_approved_by"],
        copies=row["copies"],
        expires_on=_date(row["expires_on"]),
        review=None if row["review"] is None else ReviewReason(row["review"]),
        manager=None if row["manager"] is None else ManagerReason(row["manager"]),
        refused=bool(row["refused"]),
        customer_id=people.customer_id,
        linked=bool(row["linked"]),
        unlinked_flag=bool(row["unlinked_flag"]),
        reference=row["reference"],
        saying=Saying(status, row["saying_code"], people.message, row["saying_request_id"]),
        attempts=row["attempts"],
        last_sent=moment_of(row["last_sent"]),
        first_sent=moment_of(row["first_sent"]),
        due_ms=row["due_ms"],
        settled_ms=row["settled_ms"],
        void=_void(row),
        claimed=_claimed(row),
        heard=bool(row["heard"]),
        pos_prints=bool(row["pos_prints"]),
        epoch=row["epoch"],
        vain=row["vain"] or 0,
        revision=row["revision"],
    )


def row_digest(columns: Columns) -> bytes:
    """SHA-256 over the row as it is saved. Empty columns do not count, so that a column added
    by a later version does not change what was hashed before it."""
    said = {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in columns.items()
        if value is not None and name not in NOT_DIGESTED
    }
    return hashlib.sha256(canonical(said)).digest()


def standing_of(row: sqlite3.Row, seal: Seal) -> Standing:
    """A row as `from_row` takes it, with its record."""
    columns = columns_of(row)
    record = from_row(columns, seal)
    del columns["personal_sealed"]
    return Standing(record, columns)


@dataclass(frozen=True, slots=True, repr=False)
class Personal:
    """What may be erased: the identifier, the platform's customer id, the vendor's free words, and
    the scanned card (its number, its PIN)."""

    customer: str | None = None
    customer_id: str | None = None
    message: str = ""
    plastic: Sequence[str] | None = None

    @classmethod
    def of(cls, record: CreditRecord) -> Personal:
        customer = record.request.customer
        value = customer.value if isinstance(customer, CustomerReference) else None
        card = record.request.plastic
        plastic = None if card is None else [card.number, card.security]
        return cls(value, record.customer_id, record.saying.message, plastic)

    @property
    def empty(self) -> bool:
        return self == Personal()

    def to_bytes(self) -> bytes:
        always: list[object] = [self.customer, self.customer_id, self.message]
        return canonical(always if self.plastic is None else [*always, self.plastic])

    def sealed(self, key: str, salt: bytes, seal: Seal) -> bytes:
        return seal.close(f"personal:{key}", salt + self.to_bytes())

    def commitment(self, salt: bytes) -> bytes:
        """What the chain holds of it; without the salt nobody can try names against it."""
        return hashlib.sha256(salt + self.to_bytes()).digest()

    @classmethod
    def from_sealed(cls, key: str, sealed: bytes | None, seal: Seal) -> Personal:
        if sealed is None:
            return cls()
        plain = seal.open(f"personal:{key}", sealed)
        return cls(*json.loads(plain[SALT_SIZE:]))


def salt_of(key: str, sealed: bytes, seal: Seal) -> bytes:
    return seal.open(f"personal:{key}", sealed)[:SALT_SIZE]


def form_of(customer: Customer) -> tuple[Form, CustomerKind | None]:
    match customer:
        case CustomerReference(kind, _):
            return Form.REFERENCE, kind
        case Malformed(kind):
            return Form.MALFORMED, kind
        case Forgotten(kind):
            return Form.FORGOTTEN, kind
        case Skipped(knowingly):
            return (Form.SKIPPED_KNOWINGLY if knowingly else Form.SKIPPED), None


def stand_in(last_four: str) -> Code:
    """A well-formed code for a row whose own was erased: ERASED…, with the same last four."""
    head, tail = "ERASED00000", last_four[:3]
    for symbol in symbols.ALPHABET:
        text = f"{head}{symbol}{tail}"
        if symbols.check_symbol(text) == last_four[3:] and len(text) == CODE_LENGTH - 1:
            return Code(text + last_four[3:])
    raise JournalDamaged(where="last-four")


def sealed_code(row: Columns, seal: Seal) -> Code:
    """The code of a row, or its stand-in where the code was erased."""
    sealed: bytes | None = row["code_sealed"]
    if sealed is None:
        return stand_in(row["code_last_four"])
    return Code(seal.open(f"code:{row['key']}", sealed).decode())


def _customer(row: Columns, people: Personal) -> Customer:
    form = Form(row["customer_form"])
    if form in (Form.SKIPPED, Form.SKIPPED_KNOWINGLY):
        return Skipped(form is Form.SKIPPED_KNOWINGLY)
    kind = CustomerKind(row["customer_kind"])
    if form is Form.MALFORMED:
        return Malformed(kind)
    if form is Form.FORGOTTEN:
        return Forgotten(kind)
    if people.customer is None:
        raise JournalDamaged(where=f"personal:{row['key']}")
    return CustomerReference(kind, people.customer)


def _request(row: Columns, people: Personal) -> CreditRequest:
    return CreditRequest(
        place=Place(row["store"], row["register"]),
        amount=Money(row["amount_minor"], row["currency"]),
        operator=row["operator"],
        reason=row["reason"],
        pos=PosTransaction(
            datetime.date.fromisoformat(row["pos_date"]), row["pos_number"], row["pos_line"]
        ),
        occurred_at_ms=row["occurred_at_ms"],
        customer=_customer(row, people),
        instrument=Instrument(row["instrument"]),
        original_sale=row["original_sale"],
        units=tuple(Unit(*unit) for unit in json.loads(row["units"])),
        distinct=bool(row["is_distinct"]),
        plastic=None if people.plastic is None else Plastic(*people.plastic),
    )


def _void(row: Columns) -> VoidRequest | None:
    if row["void_kind"] is None:
        return None
    return VoidRequest(row["void_by"], row["void_reason"], VoidKind(row["void_kind"]))


def _claimed(row: Columns) -> FirstClaim | None:
    if row["claimed_ms"] is None:
        return None
    place = Place(*row["claimed_at"].split("/"))
    return FirstClaim(row["claimed_by"], place, row["claimed_ms"])


def moment_text(moment: Moment | None) -> str | None:
    if moment is None:
        return None
    return json.dumps([moment.wall_ms, moment.boot_ms, moment.boot_id, moment.trusted])


def moment_of(text: str | None) -> Moment | None:
    return None if text is None else Moment(*json.loads(text))


def _boot(text: str) -> tuple[int, str, bool]:
    boot_ms, boot_id, trusted = json.loads(text)
    return boot_ms, boot_id, trusted


def _date(text: str | None) -> datetime.date | None:
    return None if text is None else datetime.date.fromisoformat(text)
