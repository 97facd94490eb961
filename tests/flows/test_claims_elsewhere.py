# SPDX-License-Identifier: Apache-2.0
"""A voucher comes back to a register that did not print it: one credit, whatever happens."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path

import pytest

from agent.domain.claim import ClaimNews
from agent.domain.customer import CustomerKind, CustomerReference, Malformed
from agent.domain.faults import ApprovalRequired, Observing, VoucherDiffers
from agent.domain.money import Money
from agent.domain.record import Answer, ReviewReason, State, VoidRequest
from agent.flows.register import Ring
from tests.flows.claiming import add_customer, claim, token_of, two_registers, voucher
from tests.flows.stage import ALICE

BOB = CustomerReference(CustomerKind.EMAIL, "bob@example.com")


async def test_another_register_replays_the_issuance_and_both_know_one_credit(
    tmp_path: Path,
) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await voucher(here)
        result = await claim(there, token_of(record))
        assert (result.state, result.answer) == (State.CONFIRMED, Answer.CONFIRMED)
        assert (await here.settle(record)).state is State.CONFIRMED
        assert len(here.cards(record)) == 1
        assert (await there.journal.get(record.key)) is None


async def test_the_replayed_bytes_are_the_issuers_own(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        await here.sandbox.switch("hang", executed=False, paths=["POST /v1/credits"], times=1)
        record = await here.issue(here.request())
        await claim(there, token_of(record))
        (sent,) = (await here.journal.done(record.key)).values()
        again = await there.journal.claim_done(record.key)
        assert again["create"].effect == sent.effect


async def test_what_the_issuer_had_confirmed_is_found_and_nothing_is_sent(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await here.settle(await voucher(here))
        result = await claim(there, token_of(record))
        assert result.state is State.CONFIRMED
        assert await there.journal.claim_done(record.key) == {}


async def test_the_same_token_claimed_twice_has_one_outcome(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await voucher(here)
        token = token_of(record)
        first = await claim(there, token)
        again = await claim(there, token)
        assert first.state is again.state is State.CONFIRMED
        assert again.claim is not None
        assert again.claim.scans == 2
        assert len(here.cards(record)) == 1


async def test_two_scans_of_the_same_instant_are_one_credit(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await voucher(here)
        token = token_of(record)
        results = await asyncio.gather(
            claim(there, token), claim(there, token), claim(here, token), claim(there, token)
        )
        assert {result.state for result in results} == {State.CONFIRMED}
        assert len(here.cards(record)) == 1


async def test_without_an_answer_the_paper_stays_good_and_nothing_is_repeated_by_itself(
    tmp_path: Path,
) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await voucher(here)
        await here.sandbox.switch("down")
        result = await claim(there, token_of(record))
        assert (result.state, result.answer) == (State.PARKED, Answer.VOUCHER)
        assert await there.journal.next_due_ms() is None
        await here.sandbox.switch("down", on=False)
        assert (await claim(there, token_of(record))).state is State.CONFIRMED


async def test_a_lost_answer_is_looked_up_by_the_second_scan(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await voucher(here)
        await here.sandbox.switch("hang", executed=True, paths=["POST /v1/credits"], times=1)
        result = await claim(there, token_of(record))
        assert (result.state, result.answer) == (State.UNSETTLED, Answer.VOUCHER)
        assert (await claim(there, token_of(record))).state is State.CONFIRMED
        assert len(here.cards(record)) == 1


async def test_a_look_up_that_lags_never_makes_a_second_credit(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await here.settle(await voucher(here))
        await here.sandbox.switch("lookup_lagging", seconds=60)
        result = await claim(there, token_of(record))
        assert result.answer in (Answer.CONFIRMED, Answer.VOUCHER)
        await here.sandbox.switch("lookup_lagging", on=False)
        assert (await claim(there, token_of(record))).state is State.CONFIRMED
        assert len(here.cards(record)) == 1


async def test_a_void_before_the_claim_makes_every_claim_say_void(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await voucher(here)
        voided = await here.house.closing.void(record.key, VoidRequest("mia", "wrong item"))
        assert (await here.settle(voided)).state is State.VOIDED
        for register in (there, here, there):
            result = await claim(register, token_of(record))
            assert (result.state, result.answer) == (State.VOIDED, Answer.REFUSED)
        assert [card["enabled"] for card in here.cards(record)] == [False]


async def test_a_void_after_the_claim_burns_the_card_and_is_told_at_the_next_scan(
    tmp_path: Path,
) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await voucher(here)
        assert (await claim(there, token_of(record))).state is State.CONFIRMED
        voided = await here.house.closing.void(record.key, VoidRequest("mia", "wrong item"))
        assert (await here.settle(voided)).state is State.VOIDED
        assert (await claim(there, token_of(record))).news is ClaimNews.VOID
        assert [card["enabled"] for card in here.cards(record)] == [False]


async def test_a_void_and_a_claim_of_the_same_instant_end_in_one_outcome(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await voucher(here)
        token = token_of(record)
        voiding = here.house.closing.void(record.key, VoidRequest("mia", "wrong item"))
        await asyncio.gather(voiding, claim(there, token))
        assert (await here.settle(record)).state is State.VOIDED
        assert (await claim(there, token)).news is ClaimNews.VOID
        assert [card["enabled"] for card in here.cards(record)] == [False]


async def test_another_amount_under_a_known_key_is_for_a_person(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await here.settle(await voucher(here))
        forged = token_of(record, amount=Money(99_900, "USD"))
        result = await claim(there, forged)
        assert (result.state, result.answer) == (State.REVIEW, Answer.ASK_A_MANAGER)
        assert result.claim is not None
        assert result.claim.review is ReviewReason.DIFFERS
        with pytest.raises(VoucherDiffers):
            await claim(there, token_of(record))
        with pytest.raises(VoucherDiffers):
            await claim(here, forged)
        assert len(here.cards(record)) == 1


async def test_identity_paper_waits_for_its_customer(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await here.issue(here.request(customer=ALICE))
        assert record.state is State.REVIEW
        result = await claim(there, token_of(record))
        assert (result.news, result.answer) == (ClaimNews.CUSTOMER_NEEDED, Answer.ASK_A_MANAGER)
        nobody = await claim(there, token_of(record), ALICE)
        assert nobody.news is ClaimNews.CUSTOMER_UNMATCHED
        wrong = await claim(there, token_of(record), Malformed(CustomerKind.PHONE))
        assert wrong.news is ClaimNews.CUSTOMER_MALFORMED
        assert here.cards(record) == []
        add_customer(here)
        matched = await claim(there, token_of(record), ALICE)
        assert (matched.state, matched.linked) == (State.CONFIRMED, True)
        assert here.cards(record)[0]["customer_id"] == "cus_alice"
        assert (await here.house.forwarder.forward(record.key)).state is State.CONFIRMED


async def test_a_store_may_let_the_bearer_of_identity_paper_have_its_card(tmp_path: Path) -> None:
    async with two_registers(tmp_path, bearer_claims=True) as (here, there):
        record = await here.issue(here.request(customer=ALICE))
        result = await claim(there, token_of(record))
        assert (result.state, result.linked) == (State.CONFIRMED, False)
        assert len(here.cards(record)) == 1


async def test_a_linked_card_is_never_linked_again_and_another_customer_is_flagged(
    tmp_path: Path,
) -> None:
    async with two_registers(tmp_path) as (here, there):
        add_customer(here)
        add_customer(here, "cus_bob", "bob@example.com")
        record = await voucher(here)
        assert (await claim(there, token_of(record), ALICE)).linked
        again = await claim(there, token_of(record), BOB)
        assert (again.state, again.other_customer) == (State.CONFIRMED, True)
        at_home = await claim(here, token_of(record), BOB)
        assert (at_home.state, at_home.other_customer) == (State.CONFIRMED, True)
        assert [card["customer_id"] for card in here.cards(record)] == ["cus_alice"]


async def test_expired_paper_needs_a_manager_and_is_a_debt_all_the_same(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await voucher(here)
        token = token_of(record, expires_on=datetime.date(2020, 1, 1))
        with pytest.raises(ApprovalRequired):
            await claim(there, token)
        assert await there.journal.claim(record.key) is None
        result = await claim(there, token, approved_by="mia")
        assert result.state is State.CONFIRMED
        assert (await claim(there, token)).state is State.CONFIRMED


async def test_a_register_that_only_observes_takes_no_voucher_back(tmp_path: Path) -> None:
    async with two_registers(tmp_path, ring=Ring.OBSERVE) as (here, there):
        record = await voucher(here)
        with pytest.raises(Observing):
            await claim(there, token_of(record))
        assert here.cards(record) == []


async def test_a_claim_counts_in_no_limit_of_the_register_that_takes_it(tmp_path: Path) -> None:
    async with two_registers(tmp_path) as (here, there):
        record = await voucher(here)
        await here.sandbox.switch("down")
        await claim(there, token_of(record))
        totals = await there.journal.totals(None)
        assert (totals.count, dict(totals.minor_by_currency)) == (0, {})
