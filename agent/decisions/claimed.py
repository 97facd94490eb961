# SPDX-License-Identifier: Apache-2.0
"""Our own paper comes back: the record goes on, from where it stands.

The paper proves that code and token were out, whatever this journal remembers: after a restored
backup it may know less than the paper does. A voucher that was brought back is not printed
again: two papers of one claimed credit would only be an argument at a counter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from agent.decisions.circumstances import Circumstances
from agent.decisions.transitions import move
from agent.domain.action import Decision
from agent.domain.claim import Scan
from agent.domain.customer import CustomerReference
from agent.domain.event import Claimed
from agent.domain.faults import NotNow
from agent.domain.record import CreditRecord, FirstClaim, Paper, PaperKind, State

_VOID: Final = frozenset({State.VOIDING, State.VOIDED, State.REFUSED, State.WITHDRAWN})


def on_claimed(record: CreditRecord, event: Claimed, at: Circumstances) -> Decision:
    """Open ones are due at once; identity paper goes on with its customer; void stays void.

    Raises `NotNow` for what can never be on paper: no claim turns a slip into money.
    """
    scan = event.scan
    if not record.request.instrument.on_paper:
        raise NotNow(state=record.state.value, event=event.name, case="instrument")
    moved = move(record, event.name, _case(record, scan), at.at_ms)
    first = moved.claimed or FirstClaim(scan.by, scan.place, at.at_ms)
    if record.state in _VOID:
        return Decision(replace(moved, claimed=first))
    in_flight = record.state is State.SENDING
    out = replace(
        _paper_seen(moved),
        claimed=first,
        shared=True,
        promised=True,
        perhaps_sent=moved.perhaps_sent or in_flight,
    )
    if record.state is State.REVIEW and moved.state is not State.REVIEW:
        out = _collected(out, scan)
    elif takes_customer(record, scan.customer_id):
        out = replace(out, customer_id=scan.customer_id, unlinked_flag=False)
    if moved.state is State.CONFIRMED and not out.link_wanted:
        return Decision(out)
    waiting = record.due_ms is not None and moved.state is record.state
    return Decision(out if waiting else replace(out, due_ms=at.at_ms))


def goes_on(record: CreditRecord, scan: Scan) -> bool:
    """Whether identity paper in review is collected by this scan."""
    identity = record.review is not None and record.review.is_identity
    someone = scan.customer_id is not None or scan.bearer
    return identity and record.void is None and someone


def takes_customer(record: CreditRecord, customer_id: str | None) -> bool:
    """Whether the card may be linked to whoever brings the paper: only where it is nobody's.

    The customer whom the till named comes first; a card that is linked is never re-linked.
    """
    if customer_id is None or record.linked or record.customer_id is not None:
        return False
    if record.state is State.REVIEW:
        return False
    named = isinstance(record.request.customer, CustomerReference)
    return not named or record.unlinked_flag


def _paper_seen(record: CreditRecord) -> CreditRecord:
    """Who holds the paper proves that it came out, whatever the printer said."""
    if record.state is State.CONFIRMED:
        return record
    kind = record.paper_kind
    money = kind if kind is not None and kind.is_money else PaperKind.VOUCHER
    manager = record.manager if record.state is State.REVIEW else None
    return replace(record, paper=Paper.PRINTED, paper_kind=money, manager=manager)


def _collected(record: CreditRecord, scan: Scan) -> CreditRecord:
    """As a person at the desk would link it; without a customer it is a bearer's card."""
    return replace(
        record,
        customer_id=scan.customer_id,
        unlinked_flag=scan.customer_id is None,
        review=None,
        manager=None,
        attempts=0,
    )


def _case(record: CreditRecord, scan: Scan) -> str:
    match record.state:
        case State.CONFIRMED:
            return "found"
        case State.REVIEW if goes_on(record, scan):
            return "matched-sent" if record.perhaps_sent else "matched"
        case State.REVIEW:
            return "waits"
        case state if state in _VOID:
            return "void"
        case _:
            return "on-its-way"
