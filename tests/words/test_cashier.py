# SPDX-License-Identifier: Apache-2.0
"""The words for a credit: all reasons have some, the money comes first, nobody is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.outcome import RefusalReason
from agent.domain.record import Answer, ManagerReason, Paper, PaperKind, ReviewReason, State
from agent.words import Told, answer_words, paper_words, state_words, told
from agent.words.cashier import manager_words, refusal_words, review_words
from tests.printing.samples import CODE, EMAIL, a_record

AMOUNT = "USD 48.50"


def assert_whole(words: Told, *, titled: bool) -> None:
    assert bool(words.title) is titled
    assert words.sentence.startswith((AMOUNT, "No credit was issued")), words
    assert words.sentence.endswith(".")
    assert words.next_step.endswith(".")


@pytest.mark.parametrize("answer", [*Answer, None])
def test_every_answer_has_its_words(answer: Answer | None) -> None:
    assert_whole(answer_words(answer, AMOUNT), titled=True)


def test_the_five_words_are_the_five_words() -> None:
    assert {answer_words(answer, AMOUNT).title for answer in Answer} == {
        "CONFIRMED",
        "VOUCHER",
        "PENDING",
        "REFUSED",
        "ASK A MANAGER",
    }


@pytest.mark.parametrize("reason", ManagerReason)
def test_every_reason_to_ask_a_manager_has_its_words(reason: ManagerReason) -> None:
    assert_whole(manager_words(reason, AMOUNT), titled=False)


@pytest.mark.parametrize("reason", ReviewReason)
def test_every_reason_of_a_review_has_its_words(reason: ReviewReason) -> None:
    assert_whole(review_words(reason, AMOUNT), titled=False)


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_words(state: State) -> None:
    assert_whole(state_words(state, AMOUNT), titled=True)


@pytest.mark.parametrize("reason", RefusalReason)
def test_every_refusal_has_its_words(reason: RefusalReason) -> None:
    assert_whole(refusal_words(reason, AMOUNT), titled=False)


@pytest.mark.parametrize("paper", Paper)
def test_every_state_of_a_paper_has_its_words(paper: Paper) -> None:
    words = paper_words(paper)
    assert words.title
    assert words.sentence.endswith(".")


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("answer", [*Answer, None])
@pytest.mark.parametrize("held", [*ManagerReason, None])
def test_whatever_is_true_of_a_credit_there_are_words_for_it(
    state: State, answer: Answer | None, held: ManagerReason | None
) -> None:
    words = told(a_record(state), answer, held)
    assert_whole(words, titled=True)
    for text in (words.title, words.sentence, words.next_step):
        assert EMAIL not in text
        assert CODE.last_four not in text


def test_a_manager_reads_why_the_credit_waits() -> None:
    record = replace(a_record(State.REVIEW), review=ReviewReason.DIFFERS)
    words = told(record, Answer.ASK_A_MANAGER, ManagerReason.REVIEW)
    assert words.title == "ASK A MANAGER"
    assert "another amount" in words.sentence
    unproved = told(record, Answer.ASK_A_MANAGER, ManagerReason.PAPER_UNPROVED)
    assert "does not say" in unproved.sentence


def test_an_identity_voucher_is_collected_and_not_promised() -> None:
    record = replace(a_record(State.REVIEW), paper_kind=PaperKind.IDENTITY, paper=Paper.PRINTED)
    words = told(record, Answer.VOUCHER)
    assert words.title == "VOUCHER"
    assert "promised" not in words.sentence


def test_a_confirmation_after_the_voucher_says_that_the_paper_is_the_card() -> None:
    record = replace(a_record(State.CONFIRMED), promised=True)
    assert "the printed voucher is the card now" in told(record, Answer.CONFIRMED).sentence


def test_a_confirmation_whose_receipt_failed_warns_of_a_second_credit() -> None:
    record = replace(a_record(State.CONFIRMED), paper=Paper.FAILED)
    assert "Do not issue the credit again" in told(record, Answer.CONFIRMED).next_step


def test_a_voided_credit_is_refused_with_its_own_words() -> None:
    words = told(a_record(State.VOIDED), Answer.REFUSED)
    assert words.title == "REFUSED"
    assert "cancelled" in words.sentence
