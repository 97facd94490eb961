# SPDX-License-Identifier: Apache-2.0
"""Pairing by itself: codes, tries, and what a failing store leaves."""

from __future__ import annotations

import base64

import pytest

from agent.domain.faults import Busy, CannotJournal, PairingInvalid
from agent.flows.pairing import OPEN_MAX, Offer, Pairings
from tests.fakes.chance import FakeChance
from tests.fakes.counter import Counter

OFFER = Offer("till", frozenset({"issue"}), frozenset({"03"}), 8000)


def pairings(counter: Counter, *script: int) -> Pairings:
    return Pairings(counter.journal, counter.clock, FakeChance(7, *script))


async def test_a_token_is_256_random_bits_and_a_code_six_digits() -> None:
    async with Counter() as counter:
        made = pairings(counter, *[0] * 12, 42)
        code = made.offer(OFFER)
        assert code.digits == "000042"
        token, pairing = await made.redeem("000042")
        assert len(base64.urlsafe_b64decode(token + "=")) == 32
        assert token not in repr(pairing)
        assert code.digits not in repr(code)
        assert await made.by_token(token) == pairing
        assert await made.by_token(token[:-1]) is None


async def test_a_code_may_be_typed_with_a_space_but_used_once() -> None:
    async with Counter() as counter:
        made = pairings(counter)
        digits = made.offer(OFFER).digits
        await made.redeem(f"{digits[:3]} {digits[3:]}")
        with pytest.raises(PairingInvalid):
            await made.redeem(digits)


async def test_the_fifth_wrong_try_ends_the_code_and_a_new_one_starts_anew() -> None:
    async with Counter() as counter:
        made = pairings(counter)
        digits = made.offer(OFFER).digits
        for _ in range(4):
            with pytest.raises(PairingInvalid):
                await made.redeem("x")
        made_in_between = made.offer(OFFER).digits
        with pytest.raises(PairingInvalid):
            await made.redeem("x")
        for late in (digits, made_in_between):
            with pytest.raises(PairingInvalid):
                await made.redeem(late)
        again = made.offer(OFFER).digits
        with pytest.raises(PairingInvalid):
            await made.redeem("x")
        assert (await made.redeem(again))[1].name == "till"


async def test_open_codes_are_bounded_until_they_end() -> None:
    async with Counter() as counter:
        made = pairings(counter)
        for _ in range(OPEN_MAX):
            made.offer(OFFER)
        with pytest.raises(Busy):
            made.offer(OFFER)
        counter.clock.advance(120)
        assert made.open_codes() == ()
        assert made.offer(OFFER).offer == OFFER


async def test_where_the_store_fails_the_code_can_be_used_again() -> None:
    async with Counter() as counter:
        made = pairings(counter)
        digits = made.offer(OFFER).digits
        counter.disk.full = True
        with pytest.raises(CannotJournal):
            await made.redeem(digits)
        counter.disk.full = False
        assert await counter.journal.pairings() == []
        assert (await made.redeem(digits))[1].timeout_ms == 8000


async def test_a_revoked_pairing_is_nobody_and_cannot_be_changed() -> None:
    async with Counter() as counter:
        made = pairings(counter)
        token, pairing = await made.redeem(made.offer(OFFER).digits)
        assert await made.set_tested(pairing.id, True)
        found = await made.by_token(token)
        assert found is not None
        assert found.tested
        assert await made.revoke(pairing.id)
        assert await made.by_token(token) is None
        assert not await made.set_tested(pairing.id, True)
        assert not await made.revoke(pairing.id)


@pytest.mark.parametrize(
    ("scopes", "printing"), [(frozenset(), "agent"), ({"root"}, "agent"), ({"issue"}, "fax")]
)
def test_a_wrong_offer_cannot_be_made(scopes: frozenset[str], printing: str) -> None:
    with pytest.raises(ValueError):
        Offer("till", frozenset(scopes), frozenset({"03"}), 8000, printing)
