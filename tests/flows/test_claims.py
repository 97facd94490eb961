# SPDX-License-Identifier: Apache-2.0
"""A voucher comes back to the host that printed it: its own record goes on, whatever its state."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from agent.decisions.decide import decide
from agent.domain.claim import ClaimNews, Scan
from agent.domain.code import Code
from agent.domain.event import Claimed, Restarted
from agent.domain.exposure import Exposure
from agent.domain.faults import (
    NotNow,
    PaperRefused,
    UnknownCredit,
    VoucherDiffers,
)
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.money import Money
from agent.domain.record import Answer, Paper, ReviewReason, State, VoidKind, VoidRequest
from agent.flows.claim import is_expired
from agent.journal import verify_journal
from tests.flows.claiming import add_customer, claim, token_of, voucher
from tests.flows.stage import ALICE, stage


async def test_a_parked_voucher_is_forwarded_once_now(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await voucher(here)
        assert record.state is State.PARKED
        result = await claim(here, token_of(record))
        assert (result.state, result.answer) == (State.CONFIRMED, Answer.CONFIRMED)
        assert result.record is not None
        assert result.record.claimed is not None
        assert result.record.claimed.by == "bea"
        assert len(here.cards(record)) == 1


async def test_without_an_answer_the_record_waits_and_the_paper_stays_good(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await voucher(here)
        await here.sandbox.switch("down")
        result = await claim(here, token_of(record))
        assert result.answer is Answer.VOUCHER
        await here.sandbox.switch("down", on=False)
        assert (await here.settle(record)).state is State.CONFIRMED
        assert len(here.cards(record)) == 1


async def test_a_lost_answer_is_looked_up_before_anything_is_sent(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("answer_lost_after_commit", times=2)
        record = await here.issue(here.request())
        assert record.state is State.UNSETTLED
        result = await claim(here, token_of(record))
        assert result.state is State.CONFIRMED
        assert len(here.cards(record)) == 1


async def test_a_claimed_voucher_is_never_printed_or_shown_again(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await voucher(here)
        await claim(here, token_of(record))
        papers = here.house.papers
        for again in (
            papers.reprint(record.key, "ann", "torn", "mia"),
            papers.approve(record.key, "mia"),
            papers.show(record.key, "mia"),
        ):
            with pytest.raises(NotNow):
                await again
        with pytest.raises(PaperRefused) as refused:
            await papers.reprint(record.key, "ann", "torn", "mia")
        assert refused.value.values["why"] == "claimed"
        assert len(here.printer.papers) == 1


async def test_identity_paper_goes_on_with_its_customer_and_not_without(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await here.issue(here.request(customer=ALICE))
        waiting = await claim(here, token_of(record))
        assert (waiting.state, waiting.news) == (State.REVIEW, ClaimNews.CUSTOMER_NEEDED)
        nobody = await claim(here, token_of(record), ALICE)
        assert nobody.news is ClaimNews.CUSTOMER_UNMATCHED
        assert here.cards(record) == []
        add_customer(here)
        result = await claim(here, token_of(record), ALICE)
        assert (result.state, result.linked) == (State.CONFIRMED, True)
        assert here.cards(record)[0]["customer_id"] == "cus_alice"


async def test_a_store_may_let_the_bearer_of_identity_paper_have_its_card(tmp_path: Path) -> None:
    async with stage(tmp_path, bearer_claims=True) as here:
        record = await here.issue(here.request(customer=ALICE))
        result = await claim(here, token_of(record))
        assert (result.state, result.linked) == (State.CONFIRMED, False)
        assert result.record is not None
        assert result.record.unlinked_flag


async def test_another_review_is_looked_up_and_left_to_a_manager(tmp_path: Path) -> None:
    async with stage(tmp_path, budget_s=3.0) as here:
        await here.sandbox.switch("wrong_amount", ledger="wrong")
        record = await here.issue(here.request())
        assert record.review is ReviewReason.DIFFERS
        await here.sandbox.switch("wrong_amount", on=False)
        result = await claim(here, token_of(record))
        assert (result.news, result.answer) == (ClaimNews.REVIEW, Answer.ASK_A_MANAGER)
        assert len(here.cards(record)) == 1


@pytest.mark.parametrize("kind", VoidKind)
async def test_what_was_voided_says_void_and_creates_nothing(
    tmp_path: Path, kind: VoidKind
) -> None:
    async with stage(tmp_path) as here:
        record = await voucher(here)
        await here.house.closing.void(record.key, VoidRequest("mia", "wrong", kind))
        await here.settle(record)
        result = await claim(here, token_of(record))
        assert (result.state, result.news) == (State.VOIDED, ClaimNews.VOID)
        assert [card["enabled"] for card in here.cards(record)] == [False]


async def test_what_is_being_voided_pays_nothing_out_even_while_the_link_is_down(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        record = await voucher(here)
        await here.sandbox.switch("down")
        await here.house.closing.void(record.key, VoidRequest("mia", "wrong"))
        result = await claim(here, token_of(record))
        assert (result.state, result.answer) == (State.VOIDING, Answer.REFUSED)


async def test_a_confirmed_voucher_is_linked_to_whoever_brings_it_and_never_again(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        add_customer(here)
        record = await here.settle(await voucher(here))
        assert not record.linked
        result = await claim(here, token_of(record), ALICE)
        assert (result.state, result.linked) == (State.CONFIRMED, True)
        card = here.cards(record)[0]
        again = await claim(here, token_of(record), ALICE)
        assert (again.linked, again.other_customer) == (True, False)
        assert here.cards(record) == [card]


async def test_another_amount_or_code_under_our_key_changes_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await voucher(here)
        other = Code.draw(5, tuple(range(14)))
        for changes in ({"amount": Money(1, "USD")}, {"code": other}):
            with pytest.raises(VoucherDiffers):
                await claim(here, token_of(record, **changes))
        assert await here.known(record) == record
        assert here.cards(record) == []


async def test_our_code_under_another_key_changes_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await voucher(here)
        other = await here.issue(here.request())
        with pytest.raises(VoucherDiffers):
            await claim(here, token_of(record, code=other.code))
        assert await here.known(record) == record


@pytest.mark.parametrize(
    ("last_day", "wall_ms", "over"),
    [
        (None, 10**15, False),
        (datetime.date(1970, 1, 2), 2 * 86_400_000 - 1, False),
        (datetime.date(1970, 1, 2), 2 * 86_400_000, True),
    ],
)
def test_paper_is_good_until_its_last_day_is_over(
    last_day: datetime.date | None, wall_ms: int, over: bool
) -> None:
    assert is_expired(last_day, Moment(wall_ms, 0, "boot")) is over


async def test_paper_proves_itself_where_the_journal_forgot_it(tmp_path: Path) -> None:
    """A record of a restored copy may be older than the paper: it is promised all the same."""
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        record = await here.issue(here.request())
        older = replace(
            record, paper=Paper.FAILED, promised=False, shared=False, perhaps_sent=False
        )
        at = here.house.steps.circumstances(record.request.place, Exposure())
        scan = Scan("bea", record.request.place)
        claimed = decide(older, Claimed(scan), at).record
        assert (claimed.paper, claimed.promised, claimed.shared) == (Paper.PRINTED, True, True)
        assert claimed.state is State.PARKED


async def test_nothing_is_known_of_a_key_that_never_came(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await voucher(here)
        assert (await here.house.claims.look(record.key)).state is State.PARKED
        with pytest.raises(UnknownCredit):
            await here.house.claims.look(IdempotencyKey("1-1-1763600000000-00000000"))


async def test_a_crash_after_the_scan_leaves_a_record_that_settles_by_itself(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        record = await voucher(here)
        await here.house.steps.advance(record.key, Claimed(Scan("bea", here.register.place)))
        await here.house.steps.advance(record.key, Restarted())
        assert (await here.settle(record)).state is State.CONFIRMED
        assert len(here.cards(record)) == 1


async def test_the_chain_tells_of_the_claim_and_holds(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await voucher(here)
        await claim(here, token_of(record))
        kinds = [event.kind for event in await here.journal.history(record.key)]
        assert "claimed" in kinds
    assert verify_journal(tmp_path / "journal", seal_key=b"s" * 32).sound
