# SPDX-License-Identifier: Apache-2.0
"""Claims of other registers' paper: rows of `claims`, sealed like records, told in the chain.

The code is sealed, with its hash and last four beside it; the customer's id is sealed apart, so
that either may be erased alone. A key stands in `claims` or in `credits`, never in both.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from agent.domain.claim import Claim, ClaimEvent, Scanned
from agent.domain.code import Code
from agent.domain.faults import UnknownCredit, VoucherDiffers
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.outcome import Saying
from agent.domain.place import Place
from agent.domain.record import SETTLED, ReviewReason, State
from agent.journal import effects
from agent.journal.chain import Details, Happening, append
from agent.journal.details import claim_details, details_of_claim
from agent.journal.known import Columns
from agent.journal.rows import columns_of, row_digest, sealed_code
from agent.journal.seal import Seal
from agent.journal.store import Store
from agent.ports import ClaimStep, DoneStep, Effect

OPENED: Final = "claim-opened"
EFFECTS: Final = "claim_effects"


def open_claim(store: Store, draft: Claim, scanned: Scanned, again: ClaimStep) -> Claim:
    """As `ports.ClaimBook.open_claim`."""
    row = _row(store, draft.key)
    if row is None:
        _refuse_own(store, draft)
        claim = replace(draft, revision=1)
        columns = _to_columns(claim, store.seal)
        marks = ", ".join("?" * len(columns))
        store.connection.execute(
            f"INSERT INTO claims ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
            tuple(columns.values()),
        )
        _tell(store, claim, columns, OPENED, claim_details(claim), None)
        return claim
    same = row["code_hash"] == store.seal.code_hash(draft.code)
    before = from_row(row, store.seal)
    if not same or before.amount != draft.amount:
        raise VoucherDiffers(key=draft.key.text)
    before = _revived(store, before, draft.code)
    return _save(store, before, again(before), scanned.name, details_of_claim(scanned))


def advance_claim(store: Store, key: IdempotencyKey, event: ClaimEvent, step: ClaimStep) -> Claim:
    """As `ports.ClaimBook.advance_claim`."""
    before = claim(store, key)
    if before is None:
        raise UnknownCredit(key=key.text)
    return _save(store, before, step(before), event.name, details_of_claim(event))


def claim(store: Store, key: IdempotencyKey) -> Claim | None:
    row = _row(store, key)
    return None if row is None else from_row(row, store.seal)


def claims(store: Store, limit: int, after: str | None) -> list[Claim]:
    """In the order of their keys, behind `after`."""
    rows = store.connection.execute(
        "SELECT * FROM claims WHERE key > ? ORDER BY key LIMIT ?", (after or "", limit)
    )
    return [from_row(columns_of(row), store.seal) for row in rows]


def freeze(store: Store, key: IdempotencyKey, effect: Effect) -> None:
    """As `effects.freeze`, in the log of claims."""
    effects.freeze(store, key, effect, EFFECTS)


def keep_reply(store: Store, key: IdempotencyKey, step: str, reply: Mapping[str, str]) -> None:
    """As `effects.keep_reply`, in the log of claims."""
    effects.keep_reply(store, key, step, reply, EFFECTS)


def done(store: Store, key: IdempotencyKey) -> dict[str, DoneStep]:
    """As `effects.done`, in the log of claims."""
    return effects.done(store, key, EFFECTS)


def from_row(row: Columns, seal: Seal) -> Claim:
    """Raises `JournalDamaged` where a sealed value does not open."""
    key: str = row["key"]
    customer: bytes | None = row["customer_sealed"]
    expires: str | None = row["expires_on"]
    return Claim(
        key=IdempotencyKey(key),
        code=sealed_code(row, seal),
        amount=Money(row["amount_minor"], row["currency"]),
        identity=bool(row["identity"]),
        place=Place(row["store"], row["register"]),
        by=row["claimed_by"],
        opened_ms=row["opened_ms"],
        changed_ms=row["changed_ms"],
        state=State(row["state"]),
        expires_on=None if expires is None else datetime.date.fromisoformat(expires),
        approved_by=row["approved_by"],
        customer_id=None if customer is None else seal.open(_customer(key), customer).decode(),
        linked=bool(row["linked"]),
        other_customer=bool(row["other_customer"]),
        bearer=bool(row["bearer"]),
        refused=bool(row["refused"]),
        review=None if row["review"] is None else ReviewReason(row["review"]),
        reference=row["reference"],
        saying=Saying(row["saying_status"], row["saying_code"], "", row["saying_request_id"]),
        scans=row["scans"],
        erased=row["code_sealed"] is None,
        settled_ms=row["settled_ms"],
        revision=row["revision"],
    )


def _to_columns(claim: Claim, seal: Seal) -> Columns:
    key = claim.key.text
    return {
        "key": key,
        "code_hash": seal.code_hash(claim.code),
        "code_last_four": claim.code.last_four,
        "code_sealed": seal.close(f"code:{key}", claim.code.reveal().encode()),
        "amount_minor": claim.amount.minor,
        "currency": claim.amount.currency,
        "identity": int(claim.identity),
        "expires_on": None if claim.expires_on is None else claim.expires_on.isoformat(),
        "store": claim.place.store,
        "register": claim.place.register,
        "claimed_by": claim.by,
        "opened_ms": claim.opened_ms,
        **_changing(claim, seal),
    }


def _changing(claim: Claim, seal: Seal) -> Columns:
    """What a step may change."""
    customer = claim.customer_id
    sealed = None if customer is None else seal.close(_customer(claim.key.text), customer.encode())
    return {
        "customer_sealed": sealed,
        "approved_by": claim.approved_by,
        "changed_ms": claim.changed_ms,
        "state": claim.state.value,
        "linked": int(claim.linked),
        "other_customer": int(claim.other_customer),
        "bearer": int(claim.bearer),
        "refused": int(claim.refused),
        "review": None if claim.review is None else claim.review.value,
        "reference": claim.reference,
        "saying_status": claim.saying.status,
        "saying_code": claim.saying.code,
        "saying_request_id": claim.saying.request_id,
        "scans": claim.scans,
        "settled_ms": claim.settled_ms,
        "revision": claim.revision,
    }


def _save(store: Store, before: Claim, decided: Claim, kind: str, details: Details) -> Claim:
    """The next revision. Raises ValueError for what may never happen, whatever decided it."""
    _refuse_the_impossible(before, decided)
    after = replace(decided, revision=before.revision + 1)
    columns = _changing(after, store.seal)
    pairs = ", ".join(f"{name} = ?" for name in columns)
    store.connection.execute(
        f"UPDATE claims SET {pairs} WHERE key = ?",  # noqa: S608
        (*columns.values(), after.key.text),
    )
    stands = _row(store, after.key)
    if stands is None:
        raise UnknownCredit(key=after.key.text)
    _tell(store, after, stands, kind, details, before.state)
    return after


def _refuse_the_impossible(before: Claim, after: Claim) -> None:
    same = (before.key, before.code, before.amount, before.identity, before.opened_ms) == (
        after.key,
        after.code,
        after.amount,
        after.identity,
        after.opened_ms,
    )
    if not same:
        raise ValueError("a step may not change what a claim is")
    if before.state is State.VOIDED and after.state is not State.VOIDED:
        raise ValueError("what is void never becomes money again")
    if before.state in SETTLED | {State.UNSETTLED} and after.state is State.PARKED:
        raise ValueError("what was perhaps sent never becomes unsent")
    if before.linked and not after.linked:
        raise ValueError("a linked card stays linked")


def _tell(
    store: Store,
    claim: Claim,
    columns: Columns,
    kind: str,
    details: Details,
    source: State | None,
) -> None:
    append(
        store,
        Happening(
            kind=kind,
            details=details,
            key=claim.key.text,
            source=None if source is None else source.value,
            target=claim.state.value,
            revision=claim.revision,
            digest=row_digest(columns),
        ),
    )


def _refuse_own(store: Store, draft: Claim) -> None:
    """A key or code of our own credits is not another's: whoever asks missed a change."""
    found = store.connection.execute(
        "SELECT key FROM credits WHERE key = ? OR code_hash = ? UNION ALL "
        "SELECT key FROM claims WHERE code_hash = ?",
        (draft.key.text, *[store.seal.code_hash(draft.code)] * 2),
    ).fetchone()
    if found is not None:
        raise VoucherDiffers(key=found["key"])


def _revived(store: Store, claim: Claim, code: Code) -> Claim:
    """The paper brings its code back; frozen bytes that were erased are made anew from it."""
    key = claim.key.text
    store.connection.execute("DELETE FROM claim_effects WHERE key = ? AND sealed IS NULL", (key,))
    if not claim.erased:
        return claim
    sealed = store.seal.close(f"code:{key}", code.reveal().encode())
    store.connection.execute("UPDATE claims SET code_sealed = ? WHERE key = ?", (sealed, key))
    return replace(claim, code=code, erased=False)


def _row(store: Store, key: IdempotencyKey) -> Columns | None:
    row = store.connection.execute("SELECT * FROM claims WHERE key = ?", (key.text,)).fetchone()
    return None if row is None else columns_of(row)


def _customer(key: str) -> str:
    return f"claim-customer:{key}"
