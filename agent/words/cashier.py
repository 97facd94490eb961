# SPDX-License-Identifier: Apache-2.0
"""The words for one credit: title, sentence and next step, as a cashier or a manager reads them.

Which of the five words is true is decided in `agent.decisions.answer` and comes in; this module
only finds the sentences. The customer's identifier is never in them.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.outcome import RefusalReason
from agent.domain.record import (
    Answer,
    CreditRecord,
    ManagerReason,
    Paper,
    PaperKind,
    ReviewReason,
    State,
)
from agent.words.catalogue import ENGLISH, is_said, placeholders, say
from agent.words.money_text import money_text


@dataclass(frozen=True, slots=True)
class Told:
    """`title` is one of the five words (or ONE MOMENT); `sentence` begins with the money."""

    title: str
    sentence: str
    next_step: str


def told(
    record: CreditRecord,
    answer: Answer | None,
    held: ManagerReason | None = None,
    language: str = ENGLISH,
) -> Told:
    """What the screen says about a record. `held`: why a manager is asked, where one is."""
    amount = money_text(record.request.amount)
    title = answer_words(answer, amount, language).title
    found = _words(_what_is_so(record, answer, held), amount, language)
    return Told(title, found.sentence, found.next_step)


def answer_words(answer: Answer | None, amount: str, language: str = ENGLISH) -> Told:
    """The words of an answer as such; None while it is on its way."""
    return _words(f"answer.{'waiting' if answer is None else answer.value}", amount, language)


def manager_words(reason: ManagerReason, amount: str, language: str = ENGLISH) -> Told:
    """Why a manager is asked, and what for."""
    return _words(f"manager.{reason.value}", amount, language)


def review_words(reason: ReviewReason, amount: str, language: str = ENGLISH) -> Told:
    """Why a credit waits for a person."""
    return _words(f"review.{reason.value}", amount, language)


def state_words(state: State, amount: str, language: str = ENGLISH) -> Told:
    """Where a credit stands, for lists."""
    return _words(f"state.{state.value}", amount, language)


def paper_words(paper: Paper, language: str = ENGLISH) -> Told:
    """What the paper did. `amount` does not matter to a printer."""
    return _words(f"paper-state.{paper.value}", "", language)


def refusal_words(reason: RefusalReason, amount: str, language: str = ENGLISH) -> Told:
    """Why a platform said no."""
    return _words(f"refusal.{reason.value}", amount, language)


def _what_is_so(record: CreditRecord, answer: Answer | None, held: ManagerReason | None) -> str:
    """The id of the most exact words for a record."""
    match answer:
        case Answer.ASK_A_MANAGER if held is ManagerReason.REVIEW and record.review is not None:
            return f"review.{record.review.value}"
        case Answer.ASK_A_MANAGER if held is not None:
            return f"manager.{held.value}"
        case Answer.VOUCHER if record.paper_kind is PaperKind.IDENTITY:
            return "answer.voucher.identity"
        case Answer.CONFIRMED if record.promised:
            return "answer.confirmed.promised"
        case Answer.CONFIRMED if record.paper is Paper.FAILED:
            return "answer.confirmed.no-paper"
        case Answer.CONFIRMED if record.paper is Paper.NONE:
            return "answer.confirmed.bare"
        case Answer.REFUSED if record.state in (State.WITHDRAWN, State.VOIDED):
            return f"state.{record.state.value}"
        case None:
            return "answer.waiting"
        case _:
            return f"answer.{answer.value}"


def _words(name: str, amount: str, language: str) -> Told:
    return Told(
        *(_part(f"{name}.{part}", amount, language) for part in ("title", "sentence", "next"))
    )


def _part(message_id: str, amount: str, language: str) -> str:
    """One part, with the amount where it takes one; a part that is not there is empty."""
    if not is_said(message_id, language):
        return ""
    takes = placeholders(message_id, language)
    return say(message_id, language, **({"amount": amount} if takes else {}))
