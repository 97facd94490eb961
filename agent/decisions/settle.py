# SPDX-License-Identifier: Apache-2.0
"""What the platform's words mean for a record: answers of a send, findings of a look-up.

*Refused* ends a record only when no effect is unanswered and nothing was promised. *Throttled*
and *Unsent* never lower UNSETTLED to PARKED. *Absent* is believed only as the platform's
abilities allow; else the same bytes go again under a unique code or a live key, or a person must
look.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, assert_never

from agent.decisions.circumstances import Circumstances
from agent.decisions.fresh_key import heard_nothing, hopeless, in_vain, next_epoch, worn_out
from agent.decisions.paper import with_receipt
from agent.decisions.retry import (
    RETRY_AFTER_MAX_S,
    REVIEW_BASE_MS,
    REVIEW_CAP_MS,
    delay_ms,
)
from agent.decisions.transitions import move
from agent.domain.action import Action, AskManager, Decision, LinkCustomer, LookUp, Send
from agent.domain.event import Answered, Looked
from agent.domain.moment import age_least_ms, age_most_ms
from agent.domain.outcome import (
    Absent,
    Accepted,
    Card,
    Confirmed,
    Found,
    FoundDifferent,
    FoundVoid,
    Refused,
    Saying,
    Throttled,
    Unanswered,
    Unknown,
    Unsent,
)
from agent.domain.record import CreditRecord, ManagerReason, Paper, ReviewReason, State

KEY_MARGIN_MS: Final = 3_600_000
"""A key is not leant on in the last hour of its window: bytes may be long on their way."""


def on_answered(record: CreditRecord, event: Answered, at: Circumstances) -> Decision:
    """A send ended."""
    outcome = event.outcome
    if isinstance(outcome, Confirmed) and not _is_this_credit(record, outcome.card):
        outcome = Unanswered("differs", outcome.saying, differs=True)
    match outcome:
        case Confirmed(card, linked, saying):
            moved = move(record, event.name, "confirmed", at.at_ms)
            return _confirmed(moved, card, linked, saying, event.at_counter, at)
        case Refused(_, saying):
            clean = record.state is State.SENDING and not record.shared
            if clean and not record.promised and not record.perhaps_sent:
                moved = move(record, event.name, "refused", at.at_ms)
                return Decision(replace(moved, saying=saying, reserved=False, manager=None))
            moved = move(record, event.name, "refused-late", at.at_ms)
            moved = replace(moved, refused=True, saying=saying, due_ms=at.at_ms)
            return Decision(moved, (LookUp(),))
        case Accepted(reference, saying):
            moved = move(record, event.name, "accepted", at.at_ms)
            moved = replace(moved, reference=reference, saying=saying, perhaps_sent=True)
            return Decision(_later(moved, at))
        case Unsent(_, saying):
            return Decision(_not_executed(record, event, saying, None, at))
        case Throttled(retry_after_s, saying):
            return Decision(_not_executed(record, event, saying, retry_after_s, at))
        case Unanswered(_, saying, differs):
            moved = move(record, event.name, "unanswered", at.at_ms)
            moved = in_vain(replace(moved, perhaps_sent=True, saying=saying), saying)
            return Decision(_later(moved, at), (LookUp(),) if differs else ())
        case _:
            assert_never(outcome)


def on_looked(record: CreditRecord, event: Looked, at: Circumstances) -> Decision:
    """A look-up ended. Where a person asked for the void, it changes nothing by itself."""
    finding = event.finding
    if isinstance(finding, Found) and not _is_this_credit(record, finding.card):
        finding = FoundDifferent(finding.card, record.saying)
    in_review = record.state is State.REVIEW
    if in_review and record.void is not None:
        return Decision(_review_later(move(record, event.name, "waits", at.at_ms), at))
    match finding:
        case Found(card, linked):
            moved = move(record, event.name, "found", at.at_ms)
            return _confirmed(moved, card, linked, record.saying, event.at_counter, at)
        case FoundVoid(card) if card.balance < card.initial:
            moved = move(record, event.name, "void-spent", at.at_ms)
            moved = replace(moved, reference=card.reference, review=ReviewReason.SPENT_IN_PART)
            return into_review(moved, ReviewReason.SPENT_IN_PART, at)
        case FoundVoid(card):
            moved = move(record, event.name, "void", at.at_ms)
            moved = replace(moved, reference=card.reference, reserved=False, manager=None)
            return Decision(moved)
        case FoundDifferent(card, saying):
            case = "waits" if in_review else "different"
            moved = move(record, event.name, case, at.at_ms)
            moved = replace(moved, reference=card.reference, saying=saying)
            return into_review(moved, ReviewReason.DIFFERS, at)
        case Absent():
            return _absent(record, event, at)
        case Unknown(_, saying, retry_after_s):
            case = "waits" if in_review else "unknown"
            moved = replace(move(record, event.name, case, at.at_ms), saying=saying)
            if in_review:
                return Decision(_review_later(moved, at))
            return Decision(_later(heard_nothing(moved), at, retry_after_s))
        case _:
            assert_never(finding)


def _is_this_credit(record: CreditRecord, card: Card) -> bool:
    """The last look (I6): amount, currency and, where it was given back, key."""
    same_key = card.key is None or card.key == record.key.text
    return card.enabled and card.initial == record.request.amount and same_key


def into_review(record: CreditRecord, reason: ReviewReason, at: Circumstances) -> Decision:
    """A person must look; the paper, where there is one, stays promised and looked up."""
    manager = None if record.paper is Paper.PRINTED else ManagerReason.REVIEW
    waiting = _review_later(replace(record, review=record.review or reason, manager=manager), at)
    actions: tuple[Action, ...] = () if manager is None else (AskManager(manager),)
    return Decision(waiting, actions)


def _confirmed(
    record: CreditRecord,
    card: Card,
    linked: bool,
    saying: Saying,
    at_counter: bool,
    at: Circumstances,
) -> Decision:
    settled = replace(
        record,
        reference=card.reference,
        linked=record.linked or linked,
        saying=saying,
        perhaps_sent=True,
        reserved=False,
        review=None,
        manager=None,
        attempts=0,
    )
    printed = with_receipt(settled, at) if at_counter else Decision(settled)
    if not printed.record.link_wanted:
        return printed
    waiting = replace(printed.record, due_ms=at.at_ms + delay_ms(0, at.chance))
    return Decision(waiting, (*printed.actions, LinkCustomer()))


def _not_executed(
    record: CreditRecord,
    event: Answered,
    saying: Saying,
    retry_after_s: int | None,
    at: Circumstances,
) -> CreditRecord:
    again = record.perhaps_sent or record.state is State.UNSETTLED
    case = "unsent-again" if again else "unsent"
    moved = replace(move(record, event.name, case, at.at_ms), saying=saying)
    return _later(moved, at, retry_after_s)


def _absent(record: CreditRecord, event: Looked, at: Circumstances) -> Decision:
    if record.state is State.REVIEW:
        return Decision(_review_later(move(record, event.name, "waits", at.at_ms), at))
    dedupes = at.dedupes and record.request.instrument.on_paper
    if record.state is State.PARKED and record.untold_copy:
        moved = move(record, event.name, "absent-final", at.at_ms)
        return into_review(moved, ReviewReason.RESTORED, at)
    if record.state is State.PARKED and (dedupes or at.exact_lookup or record.exclusive):
        return Decision(move(record, event.name, "absent", at.at_ms), (Send(),))
    if record.refused:
        moved = move(record, event.name, "absent-refused", at.at_ms)
        return into_review(moved, ReviewReason.REFUSED_LATE, at)
    if dedupes:
        moved = move(record, event.name, "absent", at.at_ms)
        return Decision(next_epoch(moved) if worn_out(moved) else moved, (Send(),))
    guarded = at.exact_lookup or _key_lives(record, at)
    if not guarded or hopeless(record, at.now):
        moved = move(record, event.name, "absent-final", at.at_ms)
        return into_review(moved, ReviewReason.CANNOT_RESEND, at)
    moved = move(record, event.name, "absent", at.at_ms)
    passed = 0 if record.last_sent is None else age_least_ms(record.last_sent, at.now)
    if passed >= at.settling_ms:
        return Decision(moved, (Send(),))
    settled_ms = at.at_ms + at.settling_ms - passed
    return Decision(replace(moved, due_ms=max(moved.due_ms or 0, settled_ms)))


def _key_lives(record: CreditRecord, at: Circumstances) -> bool:
    """Whether the platform still knows the key that this was first sent under, for certain: then
    the same bytes bring its first answer, or are carried out for the first time."""
    if at.key_window_ms is None:
        return True
    age_ms = None if record.first_sent is None else age_most_ms(record.first_sent, at.now)
    return age_ms is not None and age_ms < at.key_window_ms - KEY_MARGIN_MS


def _later(
    record: CreditRecord, at: Circumstances, retry_after_s: int | None = None
) -> CreditRecord:
    wait = delay_ms(record.attempts, at.chance)
    if retry_after_s is not None:
        wait += min(max(retry_after_s, 0), RETRY_AFTER_MAX_S) * 1000
    return replace(record, due_ms=at.at_ms + wait, attempts=record.attempts + 1)


def _review_later(record: CreditRecord, at: Circumstances) -> CreditRecord:
    if not (record.shared or record.perhaps_sent):
        return replace(record, due_ms=None)
    wait = delay_ms(record.attempts, at.chance, REVIEW_BASE_MS, REVIEW_CAP_MS)
    return replace(record, due_ms=at.at_ms + wait, attempts=record.attempts + 1)
