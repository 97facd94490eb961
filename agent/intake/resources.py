# SPDX-License-Identifier: Apache-2.0
"""What callers are told, as pydantic models, and the making of them from records.

Never the whole code of a credit, never the customer: the last four and the key are enough to
find it. The one exception is `print`, the paper itself for a POS that owns the printer.
"""

from __future__ import annotations

import base64
import datetime

from pydantic import BaseModel, ConfigDict, Field

from agent.decisions.answer import answer, held_reason, told_paper
from agent.domain.customer import CustomerReference, Forgotten, Malformed
from agent.domain.money import Money
from agent.domain.record import (
    Answer,
    CreditRecord,
    ManagerReason,
    Paper,
    PaperKind,
    ReviewReason,
    State,
)
from agent.ports import Composed, PrintJob
from agent.telemetry import redact
from agent.words import money_text, told


class Resource(BaseModel):
    """Callers must ignore fields that they do not know: later versions add some."""

    model_config = ConfigDict(
        frozen=True, serialize_by_alias=True, populate_by_name=True, defer_build=True
    )


class AmountTold(Resource):
    minor: int
    currency: str
    text: str = Field(description='For people, such as "USD 48.50"')


class PlatformTold(Resource):
    """The platform's own words, for support."""

    reference: str | None
    code: str
    message: str
    request_id: str


class Links(Resource):
    self_: str = Field(alias="self")
    void: str
    prints: str
    approval: str


class PrintTold(Resource):
    """A paper for the POS's own printer, in three forms. Report what came out to `prints`."""

    job: int
    kind: PaperKind
    copy_: int = Field(alias="copy")
    escpos: str = Field(description="Bytes for the printer, base 64", repr=False)
    svg: str = Field(repr=False)
    lines: list[str] = Field(repr=False)


class CreditTold(Resource):
    """One credit as it stands. Only `state` confirmed is money on the platform."""

    key: str
    revision: int = Field(description="Rises with every change; see `seen`")
    state: State
    answer: Answer | None = Field(description="One of five words; null while it is on its way")
    title: str = Field(description="The word as the cashier reads it")
    message: str = Field(description="What happened to the customer's money")
    next: str = Field(description="What the cashier does now")
    paper: Paper = Field(description="What the paper did: none, sent, printed, uncertain, failed")
    paper_kind: PaperKind | None
    copies: int
    amount: AmountTold
    store: str
    register_: str = Field(alias="register")
    code_last_four: str
    review: ReviewReason | None
    manager: ManagerReason | None
    platform: PlatformTold
    opened_at: str
    settled_at: str | None
    expires_on: datetime.date | None
    links: Links
    print: PrintTold | None = None


class PrintJobTold(Resource):
    job: int
    kind: PaperKind
    copy_: int = Field(alias="copy")
    state: Paper
    by: str
    reason: str
    queued_at: str
    proof: str | None


class WholeCredit(CreditTold):
    """One record whole, for whoever must decide about it."""

    perhaps_sent: bool
    promised: bool
    shared: bool
    refused: bool
    heard: bool
    linked: bool
    attempts: int
    due_at: str | None
    reason: str
    operator: str
    pos: str
    original_sale: str | None
    customer: str = Field(description="Masked")
    void_by: str | None
    void_reason: str | None
    claimed_at: str | None = Field(description="When its paper was first brought back")
    claimed_by: str | None
    prints: list[PrintJobTold]


def credit_told(
    record: CreditRecord, language: str, printed: tuple[PrintJob, Composed] | None = None
) -> CreditTold:
    """The resource of a record, with its paper where the POS is to print it."""
    return CreditTold.model_validate(_parts(record, language, printed))


def whole_told(record: CreditRecord, jobs: list[PrintJobTold], language: str) -> WholeCredit:
    """The same with everything that a decision may need."""
    request = record.request
    pos = request.pos
    return WholeCredit.model_validate(
        {
            **_parts(record, language, None),
            "perhaps_sent": record.perhaps_sent,
            "promised": record.promised,
            "shared": record.shared,
            "refused": record.refused,
            "heard": record.heard,
            "linked": record.linked,
            "attempts": record.attempts,
            "due_at": None if record.due_ms is None else rfc3339(record.due_ms),
            "reason": request.reason,
            "operator": request.operator,
            "pos": f"{pos.business_date.isoformat()} {pos.number} {pos.line}",
            "original_sale": request.original_sale,
            "customer": _masked(record),
            "void_by": None if record.void is None else record.void.by,
            "void_reason": None if record.void is None else record.void.reason,
            "claimed_at": None if record.claimed is None else rfc3339(record.claimed.at_ms),
            "claimed_by": None if record.claimed is None else record.claimed.by,
            "prints": jobs,
        }
    )


def job_told(job: PrintJob) -> PrintJobTold:
    return PrintJobTold(
        job=job.id,
        kind=job.kind,
        copy_=job.copy,
        state=job.state,
        by=job.by,
        reason=job.reason,
        queued_at=rfc3339(job.queued_ms),
        proof=job.proof,
    )


def amount_told(amount: Money) -> AmountTold:
    return AmountTold(minor=amount.minor, currency=amount.currency, text=money_text(amount))


def rfc3339(at_ms: int) -> str:
    """UTC with milliseconds and Z."""
    at = datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parts(
    record: CreditRecord, language: str, printed: tuple[PrintJob, Composed] | None
) -> dict[str, object]:
    word = answer(record)
    held = held_reason(record)
    said = told(record, word, held, language)
    place = record.request.place
    own = f"/v1/credits/{record.key}"
    return {
        "key": record.key.text,
        "revision": record.revision,
        "state": record.state,
        "answer": word,
        "title": said.title,
        "message": said.sentence,
        "next": said.next_step,
        "paper": told_paper(record),
        "paper_kind": record.paper_kind,
        "copies": record.copies,
        "amount": amount_told(record.request.amount),
        "store": place.store,
        "register": place.register,
        "code_last_four": record.code.last_four,
        "review": record.review,
        "manager": held,
        "platform": PlatformTold(
            reference=record.reference,
            code=redact(record.saying.code),
            message=redact(record.saying.message),
            request_id=record.saying.request_id,
        ),
        "opened_at": rfc3339(record.opened.wall_ms),
        "settled_at": None if record.settled_ms is None else rfc3339(record.settled_ms),
        "expires_on": record.expires_on,
        "links": Links(
            self_=own, void=f"{own}/void", prints=f"{own}/prints", approval=f"{own}/approval"
        ),
        "print": None if printed is None else _print_told(*printed),
    }


def _print_told(job: PrintJob, composed: Composed) -> PrintTold:
    return PrintTold(
        job=job.id,
        kind=job.kind,
        copy_=job.copy,
        escpos=base64.b64encode(composed.escpos).decode(),
        svg=composed.svg,
        lines=list(composed.lines),
    )


def _masked(record: CreditRecord) -> str:
    match record.request.customer:
        case CustomerReference() as known:
            return f"{known.kind.value} {known.masked()}"
        case Malformed(kind):
            return f"{kind.value} malformed"
        case Forgotten(kind):
            return f"{kind.value} forgotten"
        case _:
            return "none"
