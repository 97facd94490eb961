# SPDX-License-Identifier: Apache-2.0
"""A claim of another register's paper: every change of it, as one table, and what decides.

Claiming is replaying the issuance (design 4 and 7), and a foreign token is shared: so it is
looked up before every send. *Absent* leads to a send only where the platform refuses a second
card under one code; else a person must look. What the platform was once seen to have can only
become void.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, assert_never

from agent.domain.claim import (
    Claim,
    ClaimAnswered,
    ClaimEvent,
    ClaimLinked,
    ClaimLooked,
    ClaimSending,
    Scanned,
)
from agent.domain.faults import NotNow
from agent.domain.outcome import (
    Absent,
    Accepted,
    Card,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    LinkResult,
    Refused,
    Saying,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.record import SETTLED, ReviewReason, State

_P, _U, _V, _C, _X = (
    State.PARKED,
    State.UNSETTLED,
    State.REVIEW,
    State.CONFIRMED,
    State.VOIDED,
)
_ANY: Final = (_P, _U, _V, _C)


def _rows(
    event: str, case: str, target: State, *sources: State
) -> dict[tuple[State, str, str], State]:
    return {(source, event, case): target for source in sources}


def _staying(event: str, case: str, *states: State) -> dict[tuple[State, str, str], State]:
    return {(state, event, case): state for state in states}


ROWS: Final[dict[tuple[State, str, str], State]] = {
    **_staying("claim-scanned", "", *_ANY, _X),
    **_rows("claim-looked", "found", _C, *_ANY),
    **_rows("claim-looked", "void", _X, *_ANY),
    **_rows("claim-looked", "different", _V, *_ANY),
    **_staying("claim-looked", "absent", _P, _U),
    **_staying("claim-looked", "waits", _V),
    **_rows("claim-looked", "gone", _V, _C),
    **_rows("claim-looked", "absent-refused", _V, _P, _U),
    **_rows("claim-looked", "absent-final", _V, _P, _U),
    **_staying("claim-looked", "unknown", *_ANY),
    **_rows("claim-sending", "", _U, _P, _U),
    **_rows("claim-answered", "confirmed", _C, _U),
    **_staying("claim-answered", "refused", _U),
    **_staying("claim-answered", "unanswered", _U),
    **_staying("claim-linked", "", _C),
}
"""(from, event, case) -> to. `claim-looked gone`: confirmed once, and now the platform has none."""


@dataclass(frozen=True, slots=True)
class ClaimCircumstances:
    """`at_ms`: UTC milliseconds; `dedupes`: a second card under one code is refused for ever."""

    at_ms: int
    dedupes: bool = True


def decide_claim(claim: Claim, event: ClaimEvent, at: ClaimCircumstances) -> Claim:
    """The claim as it is to be saved. Raises `NotNow` where the table has no row."""
    decided = _decided(claim, event, at)
    if decided.saying is claim.saying:
        return decided
    # A vendor may echo what it was sent, and its free words may name a person: ids alone stay.
    wiped = decided.saying.without(claim.code.reveal())
    said = Saying(wiped.status, wiped.code, "", wiped.request_id)
    return replace(decided, saying=said)


def may_send(claim: Claim) -> bool:
    """Whether an *absent* that was just saved leads on to a send."""
    return claim.state in (_P, _U) and not claim.refused and not claim.customer_wanted


def _decided(claim: Claim, event: ClaimEvent, at: ClaimCircumstances) -> Claim:
    match event:
        case Scanned():
            return _scanned(claim, event, at)
        case ClaimLooked(finding):
            return _looked(claim, finding, at)
        case ClaimSending():
            return _move(claim, event.name, "", at)
        case ClaimAnswered():
            return _answered(claim, event, at)
        case ClaimLinked(result):
            return _linked(_move(claim, event.name, "", at), result)
        case _:
            assert_never(event)


def _scanned(claim: Claim, event: Scanned, at: ClaimCircumstances) -> Claim:
    """Another customer takes the first one's place only while nothing was sent."""
    scan = event.scan
    moved = replace(_move(claim, event.name, "", at), scans=claim.scans + 1)
    if scan.approved_by is not None:
        moved = replace(moved, approved_by=scan.approved_by)
    if claim.state is _X:
        return moved
    moved = replace(moved, bearer=claim.bearer or scan.bearer)
    if scan.customer_id is None or scan.customer_id == claim.customer_id:
        return moved
    if claim.customer_id is None or claim.state is _P:
        return replace(moved, customer_id=scan.customer_id, other_customer=False)
    return moved


def _looked(
    claim: Claim,
    finding: Found | FoundVoid | FoundDifferent | Absent | Unknown,
    at: ClaimCircumstances,
) -> Claim:
    name = ClaimLooked.name
    if isinstance(finding, Found) and not _is_this_credit(claim, finding.card):
        finding = FoundDifferent(finding.card, claim.saying)
    match finding:
        case Found(card, linked):
            return _confirmed(_move(claim, name, "found", at), card, linked)
        case FoundVoid(card):
            moved = _move(claim, name, "void", at)
            return replace(moved, reference=card.reference, review=None)
        case FoundDifferent(card, saying):
            moved = _move(claim, name, "different", at)
            moved = replace(moved, reference=card.reference, saying=saying)
            return replace(moved, review=ReviewReason.DIFFERS)
        case Absent():
            return _absent(claim, at)
        case Unknown(_, saying):
            return replace(_move(claim, name, "unknown", at), saying=saying)
        case _:
            assert_never(finding)


def _absent(claim: Claim, at: ClaimCircumstances) -> Claim:
    name = ClaimLooked.name
    if claim.state is _C:
        return replace(_move(claim, name, "gone", at), review=ReviewReason.DIFFERS)
    if claim.state is _V:
        return _move(claim, name, "waits", at)
    if claim.refused:
        moved = _move(claim, name, "absent-refused", at)
        return replace(moved, review=ReviewReason.REFUSED_LATE)
    if not at.dedupes:
        moved = _move(claim, name, "absent-final", at)
        return replace(moved, review=ReviewReason.CANNOT_RESEND)
    return _move(claim, name, "absent", at)


def _answered(claim: Claim, event: ClaimAnswered, at: ClaimCircumstances) -> Claim:
    outcome = event.outcome
    if isinstance(outcome, Confirmed) and not _is_this_credit(claim, outcome.card):
        outcome = Unanswered("differs", outcome.saying, differs=True)
    match outcome:
        case Confirmed(card, linked, saying):
            moved = _move(claim, event.name, "confirmed", at)
            return _confirmed(replace(moved, saying=saying), card, linked)
        case Refused(_, saying):
            moved = _move(claim, event.name, "refused", at)
            return replace(moved, refused=True, saying=saying)
        case Accepted(_, saying) | Unsent(_, saying) | Throttled(_, saying) | Unanswered(_, saying):
            return replace(_move(claim, event.name, "unanswered", at), saying=saying)
        case _:
            assert_never(outcome)


def _confirmed(claim: Claim, card: Card, linked: bool) -> Claim:
    return replace(
        claim,
        reference=card.reference,
        linked=claim.linked or linked,
        refused=False,
        review=None,
    )


def _linked(claim: Claim, result: LinkResult) -> Claim:
    match result:
        case LinkResult.LINKED:
            return replace(claim, linked=True)
        case LinkResult.ELSEWHERE | LinkResult.REFUSED:
            return replace(claim, other_customer=True)
        case LinkResult.UNKNOWN:
            return claim
        case _:
            assert_never(result)


def _is_this_credit(claim: Claim, card: Card) -> bool:
    """Amount, currency and, where it was given back, key (I6)."""
    same_key = card.key is None or card.key == claim.key.text
    return card.enabled and card.initial == claim.amount and same_key


def _move(claim: Claim, event: str, case: str, at: ClaimCircumstances) -> Claim:
    state = ROWS.get((claim.state, event, case))
    if state is None:
        raise NotNow(state=claim.state.value, event=event, case=case)
    settled = at.at_ms if state in SETTLED else None
    if state is claim.state and claim.settled_ms is not None:
        settled = claim.settled_ms
    return replace(claim, state=state, changed_ms=at.at_ms, settled_ms=settled)
