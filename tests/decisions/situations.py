# SPDX-License-Identifier: Apache-2.0
"""Records, events and circumstances for tests of decisions: one case for each case of the table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from agent.decisions.circumstances import Circumstances
from agent.domain.claim import Scan
from agent.domain.code import Code
from agent.domain.credit import CreditRequest, Instrument
from agent.domain.customer import CustomerKind, CustomerReference, Malformed
from agent.domain.event import (
    Answered,
    Begun,
    BudgetEnded,
    BurnEnded,
    Claimed,
    CodeShown,
    Event,
    Forwarding,
    Heard,
    LinkEnded,
    Looked,
    PaperAffirmed,
    PaperApproved,
    PaperEnded,
    PaperLeaving,
    PersonConfirmed,
    PersonLinked,
    PersonWithdrew,
    ReprintAsked,
    Resolved,
    Restarted,
    VoidAsked,
)
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.money import Money
from agent.domain.outcome import (
    Absent,
    Accepted,
    BurnRefused,
    Burnt,
    BurnUnknown,
    Card,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Matched,
    RefusalReason,
    Refused,
    Saying,
    SpentInPart,
    Throttled,
    Unanswered,
    Unknown,
    Unmatched,
    Unsent,
)
from agent.domain.place import Place
from agent.domain.record import (
    CreditRecord,
    Paper,
    PaperKind,
    ReviewReason,
    State,
    VoidKind,
    VoidRequest,
)
from tests.domain.strategies import request

START_MS: Final = 1_763_600_000_000
NOW: Final = Moment(START_MS + 60_000, 160_000, "boot-a")
OPENED: Final = Moment(START_MS, 100_000, "boot-a")
KEY: Final = IdempotencyKey("0421-03-1763600000000-7K3QF2ZD")
CODE: Final = Code.draw(3, tuple(range(14)))
AMOUNT: Final = Money(4850, "USD")
ANA: Final = CustomerReference(CustomerKind.EMAIL, "ana@shop.example")
CARD: Final = Card("gc-1", AMOUNT, AMOUNT, True, KEY.text)
VOID: Final = VoidRequest("Mia", "wrong item")
SCAN: Final = Scan("Bea", Place("0388", "07"))
WRITE_OFF: Final = VoidRequest("Mia", "spent", VoidKind.WRITE_OFF)
NAMED: Final[CreditRequest] = request(customer=ANA)
ACCOUNT: Final[CreditRequest] = replace(request(), instrument=Instrument.ACCOUNT)


def at(**changes: Any) -> Circumstances:
    """All is well: the link is up, there is room, the platform has unique codes."""
    return replace(Circumstances(now=NOW), **changes)


def record(state: State = State.RECEIVED, **changes: Any) -> CreditRecord:
    """A record of 48.50 USD that came to `state` in the plainest way."""
    plain = CreditRecord(
        key=KEY,
        code=CODE,
        request=request(),
        caller="till-a",
        state=state,
        opened=OPENED,
        changed_ms=START_MS,
    )
    return replace(plain, **{**_USUAL.get(state, {}), **changes})


_USUAL: Final[dict[State, dict[str, Any]]] = {
    State.SENDING: {"reserved": True, "attempts": 1, "first_sent": OPENED, "last_sent": OPENED},
    State.PARKED: {"reserved": True, "due_ms": START_MS},
    State.UNSETTLED: {
        "reserved": True,
        "perhaps_sent": True,
        "attempts": 1,
        "first_sent": OPENED,
        "last_sent": OPENED,
        "due_ms": START_MS,
    },
    State.REVIEW: {"review": ReviewReason.CUSTOMER_UNMATCHED},
    State.CONFIRMED: {"reference": "gc-1", "settled_ms": START_MS},
    State.REFUSED: {"settled_ms": START_MS},
    State.WITHDRAWN: {"settled_ms": START_MS, "void": VOID},
    State.VOIDING: {"perhaps_sent": True, "void": VOID, "due_ms": START_MS},
    State.VOIDED: {"perhaps_sent": True, "void": VOID, "settled_ms": START_MS},
}


def out(paper: Paper = Paper.PRINTED, kind: PaperKind = PaperKind.VOUCHER) -> dict[str, Any]:
    """The changes of a record whose money paper left the register."""
    return {"paper": paper, "paper_kind": kind, "copies": 1, "shared": True, "promised": True}


@dataclass(frozen=True, slots=True)
class Situation:
    """What the record must be like, what happens, and under which circumstances."""

    event: Event
    changes: dict[str, Any] = field(default_factory=dict)
    around: dict[str, Any] = field(default_factory=dict)


_SENT_AT_ALL: Final = {"perhaps_sent": True}
_SHARED: Final = {"shared": True}

SITUATIONS: Final[dict[tuple[str, str], Situation]] = {
    ("begun", "identity"): Situation(
        Begun(), {"request": request(customer=Malformed(CustomerKind.EMAIL))}
    ),
    ("begun", "link-down"): Situation(Begun(), {}, {"link_up": False}),
    ("begun", "shared"): Situation(Begun(), _SHARED),
    ("begun", "resolve"): Situation(Begun(), {"request": NAMED}),
    ("begun", "send"): Situation(Begun()),
    ("resolved", "matched"): Situation(Resolved(Matched("c-1")), {"request": NAMED}),
    ("resolved", "nobody"): Situation(Resolved(Unmatched()), {"request": NAMED}),
    ("resolved", "nobody-but-promised"): Situation(
        Resolved(Unmatched()), {"request": NAMED, **out()}
    ),
    ("resolved", "unknown"): Situation(Resolved(Unknown("timeout")), {"request": NAMED}),
    ("forwarding", ""): Situation(Forwarding()),
    ("answered", "confirmed"): Situation(Answered(Confirmed(CARD))),
    ("answered", "refused"): Situation(
        Answered(Refused(RefusalReason.LIMIT, Saying(422, "limit")))
    ),
    ("answered", "refused-late"): Situation(
        Answered(Refused(RefusalReason.LIMIT, Saying(422, "limit"))), _SENT_AT_ALL
    ),
    ("answered", "accepted"): Situation(
        Answered(Accepted("job-1", Saying(202))), {"request": ACCOUNT}
    ),
    ("answered", "unsent"): Situation(Answered(Unsent("connect"))),
    ("answered", "unsent-again"): Situation(Answered(Throttled(2)), _SENT_AT_ALL),
    ("answered", "unanswered"): Situation(Answered(Unanswered("timeout"))),
    ("looked", "found"): Situation(Looked(Found(CARD))),
    ("looked", "void"): Situation(Looked(FoundVoid(replace(CARD, enabled=False)))),
    ("looked", "void-spent"): Situation(
        Looked(FoundVoid(replace(CARD, enabled=False, balance=Money(100, "USD"))))
    ),
    ("looked", "different"): Situation(
        Looked(FoundDifferent(replace(CARD, initial=Money(1, "USD")), Saying(200)))
    ),
    ("looked", "absent"): Situation(Looked(Absent())),
    ("looked", "absent-refused"): Situation(Looked(Absent()), {"refused": True}),
    ("looked", "absent-final"): Situation(
        Looked(Absent()), _SHARED, {"dedupes": False, "exact_lookup": False}
    ),
    ("looked", "unknown"): Situation(Looked(Unknown("timeout"))),
    ("looked", "waits"): Situation(Looked(Absent())),
    ("budget-ended", ""): Situation(BudgetEnded()),
    ("restarted", ""): Situation(Restarted()),
    ("paper-approved", ""): Situation(PaperApproved("Mia")),
    ("paper-leaving", "money"): Situation(PaperLeaving(PaperKind.VOUCHER)),
    ("paper-leaving", "receipt"): Situation(PaperLeaving(PaperKind.RECEIPT)),
    ("paper-leaving", "slip"): Situation(PaperLeaving(PaperKind.SLIP)),
    ("paper-ended", ""): Situation(PaperEnded(PaperKind.VOUCHER, Paper.PRINTED), out(Paper.QUEUED)),
    ("paper-affirmed", ""): Situation(PaperAffirmed("Ana", True), out(Paper.SENT)),
    ("code-shown", ""): Situation(CodeShown("Mia"), out(Paper.FAILED)),
    ("reprint-asked", ""): Situation(ReprintAsked("Ana", "torn"), out()),
    ("void-asked", "exclusive"): Situation(VoidAsked(VOID)),
    ("void-asked", "shared"): Situation(VoidAsked(VOID), _SHARED),
    ("burn-ended", "burnt"): Situation(BurnEnded(Burnt(CARD))),
    ("burn-ended", "spent"): Situation(BurnEnded(SpentInPart(CARD, Money(100, "USD")))),
    ("burn-ended", "unknown"): Situation(BurnEnded(BurnUnknown("timeout"))),
    ("burn-ended", "refused"): Situation(BurnEnded(BurnRefused(Saying(405)))),
    ("link-ended", ""): Situation(LinkEnded(LinkResult.LINKED)),
    ("person-linked", "exclusive"): Situation(PersonLinked("Mia", "c-1")),
    ("person-linked", "perhaps-sent"): Situation(PersonLinked("Mia", "c-1"), _SENT_AT_ALL),
    ("person-confirmed", ""): Situation(PersonConfirmed("Mia", "gc-1")),
    ("person-withdrew", "exclusive"): Situation(PersonWithdrew("Mia", "left")),
    ("claimed", "on-its-way"): Situation(Claimed(SCAN)),
    ("claimed", "found"): Situation(Claimed(SCAN)),
    ("claimed", "matched"): Situation(Claimed(replace(SCAN, customer_id="c-1"))),
    ("claimed", "matched-sent"): Situation(Claimed(replace(SCAN, bearer=True)), _SENT_AT_ALL),
    ("claimed", "waits"): Situation(Claimed(SCAN)),
    ("claimed", "void"): Situation(Claimed(SCAN)),
    ("heard", ""): Situation(Heard()),
}
