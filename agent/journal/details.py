# SPDX-License-Identifier: Apache-2.0
"""What the chain tells about an event: short public words, no code, no person, no vendor's text.

Who did it (staff) and why stay in; the platform's card reference, customers and free messages
stay out: the record's digest covers the first, the sealed table holds the others.
"""

from __future__ import annotations

from typing import Final, assert_never

from agent.domain.claim import (
    Claim,
    ClaimAnswered,
    ClaimEvent,
    ClaimLinked,
    ClaimLooked,
    ClaimSending,
    Scan,
    Scanned,
)
from agent.domain.credit import CreditRequest
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
from agent.domain.outcome import (
    Absent,
    Accepted,
    Ambiguous,
    Burn,
    BurnRefused,
    Burnt,
    BurnUnknown,
    Confirmed,
    Finding,
    Found,
    FoundDifferent,
    FoundVoid,
    Matched,
    Outcome,
    Refused,
    Resolution,
    SpentInPart,
    Throttled,
    Unanswered,
    Unknown,
    Unmatched,
    Unsent,
)
from agent.domain.record import PaperKind
from agent.journal.chain import Details

WHY_MAX: Final = 60


def opening_details(request: CreditRequest, caller: str, approved_by: str | None) -> Details:
    """What the first event of a credit says of it."""
    said: dict[str, str | int] = {
        "amount_minor": request.amount.minor,
        "currency": request.amount.currency,
        "place": str(request.place),
        "caller": caller,
        "operator": request.operator,
    }
    if approved_by is not None:
        said["approved_by"] = approved_by
    return said


def details_of(event: Event) -> Details:
    """The public part of an event."""
    match event:
        case Begun() | Forwarding() | BudgetEnded() | Restarted() | Heard():
            return {}
        case Resolved(resolution):
            return _of_resolution(resolution)
        case Answered(outcome, at_counter):
            return {**_of_outcome(outcome), "at_counter": int(at_counter)}
        case Looked(finding, at_counter):
            return {**_of_finding(finding), "at_counter": int(at_counter)}
        case PaperApproved(by) | CodeShown(by):
            return {"by": by}
        case PaperLeaving(kind):
            return {"kind": _kind(kind)}
        case PaperEnded(kind, paper, copy):
            return {"kind": _kind(kind), "paper": paper.value, "copy": copy}
        case PaperAffirmed(by, came_out):
            return {"by": by, "came_out": int(came_out)}
        case ReprintAsked(by, reason, approved_by):
            approved = {} if approved_by is None else {"approved_by": approved_by}
            return {"by": by, "reason": reason, **approved}
        case VoidAsked(request):
            return {"by": request.by, "reason": request.reason, "kind": request.kind.value}
        case BurnEnded(burn):
            return _of_burn(burn)
        case LinkEnded(result):
            return {"result": result.value}
        case PersonLinked(by, _) | PersonConfirmed(by, _):
            return {"by": by}
        case PersonWithdrew(by, reason):
            return {"by": by, "reason": reason}
        case Claimed(scan):
            return _of_scan(scan)
        case _:
            assert_never(event)


def claim_details(claim: Claim) -> Details:
    """What the first event of a claim says of it."""
    said: dict[str, str | int] = {
        "amount_minor": claim.amount.minor,
        "currency": claim.amount.currency,
        "code": claim.code.last_four,
        "by": claim.by,
        "place": str(claim.place),
    }
    if claim.approved_by is not None:
        said["approved_by"] = claim.approved_by
    return said


def details_of_claim(event: ClaimEvent) -> Details:
    """The public part of what happened to a claim."""
    match event:
        case Scanned(scan):
            return _of_scan(scan)
        case ClaimLooked(finding):
            return _of_finding(finding)
        case ClaimSending():
            return {}
        case ClaimAnswered(outcome):
            return _of_outcome(outcome)
        case ClaimLinked(result):
            return {"result": result.value}
        case _:
            assert_never(event)


def _of_scan(scan: Scan) -> Details:
    said: dict[str, str | int] = {"by": scan.by, "place": str(scan.place)}
    if scan.approved_by is not None:
        said["approved_by"] = scan.approved_by
    if scan.customer_id is not None:
        said["customer"] = "other" if scan.other_customer else "named"
    return said


def _kind(kind: PaperKind) -> str:
    return kind.value


def _why(name: str, why: str) -> Details:
    return {"result": name, "why": why[:WHY_MAX]}


def _of_resolution(resolution: Resolution) -> Details:
    match resolution:
        case Matched():
            return {"result": "matched"}
        case Unmatched():
            return {"result": "unmatched"}
        case Ambiguous(count):
            return {"result": "ambiguous", "count": count}
        case Unknown(why):
            return _why("unknown", why)
        case _:
            assert_never(resolution)


def _of_outcome(outcome: Outcome) -> Details:
    match outcome:
        case Confirmed():
            return {"result": "confirmed"}
        case Refused(reason, _):
            return _why("refused", reason.value)
        case Accepted():
            return {"result": "accepted"}
        case Unsent(why):
            return _why("unsent", why)
        case Unanswered(why):
            return _why("unanswered", why)
        case Throttled(retry_after_s):
            return {"result": "throttled", "retry_after_s": retry_after_s}
        case _:
            assert_never(outcome)


def _of_finding(finding: Finding) -> Details:
    match finding:
        case Found():
            return {"result": "found"}
        case FoundVoid():
            return {"result": "found-void"}
        case FoundDifferent():
            return {"result": "found-different"}
        case Absent():
            return {"result": "absent"}
        case Unknown(why):
            return _why("unknown", why)
        case _:
            assert_never(finding)


def _of_burn(burn: Burn) -> Details:
    match burn:
        case Burnt():
            return {"result": "burnt"}
        case SpentInPart(_, spent):
            return {"result": "spent-in-part", "spent_minor": spent.minor}
        case BurnUnknown(why):
            return _why("unknown", why)
        case BurnRefused():
            return {"result": "refused"}
        case _:
            assert_never(burn)
