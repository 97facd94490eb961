# SPDX-License-Identifier: Apache-2.0
"""Who must approve, what an approval is good for, and how often a PIN may be guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decisions.approval import (
    LOCKED_FOR_MS,
    TRIES_MAX,
    VALID_FOR_MS,
    after_wrong_pin,
    before_pin,
    check_approval,
    needs_approval,
    wrong_pin,
)
from agent.domain.approval import Approval, Manager, Pairing, PinTries
from agent.domain.faults import ApprovalInvalid, PinLocked
from agent.domain.money import Money

BODY, OTHER = bytes(32), bytes([1] * 32)
GIVEN = Approval("a-1", "Mia", BODY, 1_000_000)


def test_only_an_amount_over_the_bound_needs_approval() -> None:
    assert not needs_approval(Money(10_000, "USD"), 10_000)
    assert needs_approval(Money(10_001, "USD"), 10_000)
    assert needs_approval(Money(1, "USD"), 0)
    assert not needs_approval(Money(10**9, "USD"), None)


@pytest.mark.parametrize("after_ms", [0, 1, VALID_FOR_MS])
def test_an_approval_is_good_for_five_minutes(after_ms: int) -> None:
    assert check_approval(GIVEN, BODY, GIVEN.given_ms + after_ms) == GIVEN


@pytest.mark.parametrize(
    ("approval", "body", "after_ms", "why"),
    [
        (None, BODY, 0, "unknown"),
        (replace(GIVEN, used_by="0421-03-1763600000000-7K3QF2ZD"), BODY, 0, "used"),
        (GIVEN, BODY, VALID_FOR_MS + 1, "too-old"),
        (GIVEN, BODY, -1, "too-old"),
        (GIVEN, OTHER, 0, "other-body"),
    ],
)
def test_an_approval_that_does_not_fit_says_why(
    approval: Approval | None, body: bytes, after_ms: int, why: str
) -> None:
    with pytest.raises(ApprovalInvalid) as refused:
        check_approval(approval, body, GIVEN.given_ms + after_ms)
    assert refused.value.values == {"why": why}


def test_the_fifth_wrong_pin_locks_for_a_quarter_of_an_hour() -> None:
    tries = PinTries()
    for wrong in range(1, TRIES_MAX):
        tries = after_wrong_pin(before_pin(tries, 0), 0)
        assert tries == PinTries(wrong)
        assert wrong_pin(tries).values == {"left": TRIES_MAX - wrong}
    tries = after_wrong_pin(before_pin(tries, 0), 0)
    assert tries == PinTries(TRIES_MAX, LOCKED_FOR_MS)
    assert wrong_pin(tries).values == {"left": 0}
    for at_ms, minutes in ((0, 15), (1, 15), (60_000, 14), (LOCKED_FOR_MS - 1, 1)):
        with pytest.raises(PinLocked) as locked:
            before_pin(tries, at_ms)
        assert locked.value.values == {"minutes": minutes}
    assert before_pin(tries, LOCKED_FOR_MS) == PinTries()


@given(st.lists(st.integers(0, 400_000), max_size=60))
def test_after_every_fifth_guess_comes_a_quarter_of_an_hour(pauses: list[int]) -> None:
    tries, now = PinTries(), 0
    guesses: list[int] = []
    for pause in pauses:
        now += pause
        try:
            tries = after_wrong_pin(before_pin(tries, now), now)
        except PinLocked:
            continue
        guesses.append(now)
    for number in range(TRIES_MAX, len(guesses), TRIES_MAX):
        assert guesses[number] - guesses[number - 1] >= LOCKED_FOR_MS


def test_neither_a_pin_nor_a_token_is_shown() -> None:
    manager = Manager("Mia", "$argon2id$secret")
    pairing = Pairing("p-1", "till", b"secret" * 5, frozenset(), frozenset(), 5_000)
    assert "argon2" not in repr(manager)
    assert "secret" not in repr(manager) + repr(pairing)
