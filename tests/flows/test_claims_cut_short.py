# SPDX-License-Identifier: Apache-2.0
"""A claim of another register's paper is cut short between two steps; a later scan ends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from agent.decisions.claims import ClaimCircumstances, decide_claim
from agent.domain.claim import Claim, ClaimEvent, ClaimLooked, ClaimSending, Scan
from agent.domain.outcome import Absent, Confirmed
from agent.domain.record import State, VoidRequest
from agent.domain.voucher import VoucherToken
from agent.journal import verify_journal
from tests.flows.claiming import ELSEWHERE, claim, token_of, voucher
from tests.flows.stage import Stage, stage

Steps = Callable[[Stage, VoucherToken], Awaitable[Claim]]


async def opened(there: Stage, token: VoucherToken) -> Claim:
    return await there.house.claims._replay._open(token, Scan("bea", ELSEWHERE))


async def advanced(there: Stage, claim: Claim, event: ClaimEvent) -> Claim:
    at = ClaimCircumstances(claim.changed_ms)
    return await there.journal.advance_claim(
        claim.key, event, lambda stands: decide_claim(stands, event, at)
    )


async def looked(there: Stage, token: VoucherToken) -> Claim:
    return await advanced(there, await opened(there, token), ClaimLooked(Absent()))


async def about_to_send(there: Stage, token: VoucherToken) -> Claim:
    return await advanced(there, await looked(there, token), ClaimSending())


async def frozen(there: Stage, token: VoucherToken) -> Claim:
    claim = await about_to_send(there, token)
    effect = there.house.closing._talk.platform.opening(claim.credit)
    assert effect is not None
    await there.journal.claim_effects(claim.key).before(effect)
    return claim


async def sent(there: Stage, token: VoucherToken) -> Claim:
    claim = await about_to_send(there, token)
    platform = there.house.closing._talk.platform
    effects = there.journal.claim_effects(claim.key)
    deadline = there.house.steps.clock.monotonic_s() + 5
    outcome = await platform.issue(claim.credit, None, {}, effects, deadline)
    assert isinstance(outcome, Confirmed)
    return claim


CUTS: list[Steps] = [opened, looked, about_to_send, frozen, sent]


@pytest.mark.parametrize("until", CUTS, ids=lambda each: each.__name__)
async def test_the_next_scan_after_a_restart_ends_in_one_credit(
    tmp_path: Path, until: Steps
) -> None:
    (tmp_path / "there").mkdir()
    async with stage(tmp_path) as here:
        record = await voucher(here)
        token = token_of(record)
        async with stage(tmp_path / "there", place=ELSEWHERE, beside=here) as there:
            cut = await until(there, token)
        async with stage(tmp_path / "there", place=ELSEWHERE, beside=here) as again:
            assert await again.journal.claim(token.key) == cut
            result = await claim(again, token)
            assert result.state is State.CONFIRMED
            assert (await here.settle(record)).state is State.CONFIRMED
            assert len(here.cards(record)) == 1
    journal = tmp_path / "there" / "journal"
    assert verify_journal(journal, seal_key=b"s" * 32).sound


@pytest.mark.parametrize("until", CUTS, ids=lambda each: each.__name__)
async def test_a_void_meanwhile_is_what_the_next_scan_says(tmp_path: Path, until: Steps) -> None:
    (tmp_path / "there").mkdir()
    async with stage(tmp_path) as here:
        record = await voucher(here)
        token = token_of(record)
        async with stage(tmp_path / "there", place=ELSEWHERE, beside=here) as there:
            await until(there, token)
            await here.house.closing.void(record.key, VoidRequest("mia", "wrong item"))
            assert (await here.settle(record)).state is State.VOIDED
            assert (await claim(there, token)).state is State.VOIDED
            assert [card["enabled"] for card in here.cards(record)] == [False]


async def test_a_row_of_a_claim_that_was_changed_is_found(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    async with stage(tmp_path) as here:
        record = await voucher(here)
        async with stage(tmp_path / "there", place=ELSEWHERE, beside=here) as there:
            await claim(there, token_of(record))
            there.journal.core.store.connection.execute("UPDATE claims SET amount_minor = 1")
    verdict = verify_journal(tmp_path / "there" / "journal", seal_key=b"s" * 32)
    assert [finding.key for finding in verdict.findings] == [record.key.text]
