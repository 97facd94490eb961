# SPDX-License-Identifier: Apache-2.0
"""Every fault of the platform: the state it ends in, the cashier's word, and one credit."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from agent.domain.record import Answer, PaperKind, ReviewReason, State
from tests.flows.stage import ALICE, stage, word

VOUCHER, CONFIRMED = Answer.VOUCHER, Answer.CONFIRMED

LASTING: list[tuple[str, dict[str, Any], State, Answer]] = [
    ("down", {}, State.PARKED, VOUCHER),
    ("slow", {"ms": 5000}, State.UNSETTLED, VOUCHER),
    ("hang", {}, State.UNSETTLED, VOUCHER),
    ("hang", {"executed": True}, State.UNSETTLED, VOUCHER),
    ("answer_lost_after_commit", {}, State.UNSETTLED, VOUCHER),
    ("saved_500", {}, State.UNSETTLED, VOUCHER),
    ("saved_500", {"executed": True}, State.UNSETTLED, VOUCHER),
    ("throttled", {}, State.PARKED, VOUCHER),
    ("empty_200", {}, State.UNSETTLED, VOUCHER),
    ("accepted_202", {}, State.UNSETTLED, VOUCHER),
    ("redirect_3xx", {}, State.UNSETTLED, VOUCHER),
    ("redirect_3xx", {"status": 307}, State.UNSETTLED, VOUCHER),
    ("html_200", {}, State.UNSETTLED, VOUCHER),
    ("half_closed_body", {}, State.UNSETTLED, VOUCHER),
    ("unavailable_503", {}, State.UNSETTLED, VOUCHER),
    ("not_executed_503", {}, State.PARKED, VOUCHER),
    ("token_expired", {}, State.PARKED, VOUCHER),
]

ONCE: list[tuple[str, dict[str, Any]]] = [
    ("answer_lost_after_commit", {}),
    ("empty_200", {}),
    ("accepted_202", {}),
    ("half_closed_body", {}),
    ("unavailable_503", {}),
    ("html_200", {}),
    ("wrong_amount", {}),
]


@pytest.mark.parametrize(("fault", "options", "state", "answer"), LASTING)
async def test_a_lasting_fault_ends_on_paper_and_later_in_one_credit(
    tmp_path: Path, fault: str, options: dict[str, Any], state: State, answer: Answer
) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch(fault, **options)
        begun = time.monotonic()
        record = await here.issue(here.request())
        waited = time.monotonic() - begun
        assert (record.state, word(record)) == (state, answer)
        assert record.paper_kind is PaperKind.VOUCHER
        assert waited < here.register.budget_s + 2.0  # the printer's own time comes on top
        assert len(here.cards(record)) <= 1
        await here.sandbox.switch(fault, on=False)
        if fault == "saved_500":  # replayed for as long as the platform remembers the key
            await here.sandbox.switch("key_forgotten")
        settled = await here.settle(record)
        assert settled.state is State.CONFIRMED
        assert len(here.cards(record)) == 1
        assert settled.promised
        assert settled.shared


@pytest.mark.parametrize(("fault", "options"), ONCE)
async def test_a_fault_that_strikes_once_is_repeated_under_one_key_and_confirmed(
    tmp_path: Path, fault: str, options: dict[str, Any]
) -> None:
    async with stage(tmp_path, budget_s=3.0) as here:
        await here.sandbox.switch(fault, times=1, **options)
        record = await here.issue(here.request())
        assert (record.state, word(record)) == (State.CONFIRMED, CONFIRMED)
        assert len(here.cards(record)) == 1


async def test_a_hung_platform_keeps_the_cashier_no_longer_than_the_budget(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, budget_s=0.6) as here:
        await here.sandbox.switch("hang")
        begun = time.monotonic()
        await here.house.issue.issue(here.order(here.request()))
        assert time.monotonic() - begun <= 0.7


async def test_a_reset_on_a_kept_connection_is_unanswered_and_asked_again(tmp_path: Path) -> None:
    async with stage(tmp_path, budget_s=3.0) as here:
        await here.issue(here.request())
        await here.sandbox.switch("reset_on_kept_connection", times=1, executed=True)
        record = await here.issue(here.request())
        assert word(record) is CONFIRMED
        assert record.perhaps_sent
        assert len(here.cards(record)) == 1


async def test_a_wrong_amount_in_the_books_is_never_confirmed(tmp_path: Path) -> None:
    async with stage(tmp_path, budget_s=3.0) as here:
        await here.sandbox.switch("wrong_amount", ledger="wrong")
        record = await here.issue(here.request())
        assert (record.state, record.review) == (State.REVIEW, ReviewReason.DIFFERS)
        assert word(record) is Answer.ASK_A_MANAGER
        assert not record.promised
        assert here.printer.papers == []


async def test_a_forgotten_key_still_gives_one_credit_by_the_code(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("answer_lost_after_commit")
        record = await here.issue(here.request())
        await here.sandbox.switch("answer_lost_after_commit", on=False)
        await here.sandbox.switch("key_forgotten")
        await here.sandbox.switch("lookup_lagging", calls=2)
        settled = await here.settle(record)
        assert settled.state is State.CONFIRMED
        assert len(here.cards(record)) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("unknown_customer", ReviewReason.CUSTOMER_UNMATCHED),
        ("duplicate_identifier", ReviewReason.CUSTOMER_AMBIGUOUS),
    ],
)
async def test_a_customer_that_is_not_one_gets_an_identity_voucher(
    tmp_path: Path, fault: str, reason: ReviewReason
) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch(fault)
        record = await here.issue(here.request(customer=ALICE))
        assert (record.state, record.review) == (State.REVIEW, reason)
        assert record.paper_kind is PaperKind.IDENTITY
        assert word(record) is VOUCHER
        assert here.cards(record) == []
