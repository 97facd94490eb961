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
from agent.domain.moment import Moment
from agent.domain.money import Money

BODY, OTHER = bytes(32), bytes([1] * 32)
WALL_MS = 1_795_000_000_000


def at(after_ms: int, stepped_ms: int = 0, boot_id: str = "boot", trusted: bool = True) -> Moment:
    """`after_ms` later by the time since boot; the wall clock was moved by `stepped_ms` besides."""
    return Moment(WALL_MS + after_ms + stepped_ms, 60_000 + after_ms, boot_id, trusted)


GIVEN = Approval("a-1", "Mia", BODY, WALL_MS, given=at(0))
YEARS_MS = 10 * 31_557_600_000


def test_only_an_amount_over_the_bound_needs_approval() -> None:
    assert not needs_approval(Money(10_000, "USD"), 10_000)
    assert needs_approval(Money(10_001, "USD"), 10_000)
    assert needs_approval(Money(1, "USD"), 0)
    assert not needs_approval(Money(10**9, "USD"), None)


@pytest.mark.parametrize("after_ms", [0, 1, VALID_FOR_MS])
def test_an_approval_is_good_for_five_minutes(after_ms: int) -> None:
    assert check_approval(GIVEN, BODY, at(after_ms)) == GIVEN


@pytest.mark.parametrize(
    ("approval", "body", "now", "why"),
    [
        (None, BODY, at(0), "unknown"),
        (replace(GIVEN, used_by="0421-03-1763600000000-7K3QF2ZD"), BODY, at(0), "used"),
        (replace(GIVEN, given=None), BODY, at(0), "too-old"),
        (GIVEN, BODY, at(VALID_FOR_MS + 1), "too-old"),
        (GIVEN, OTHER, at(0), "other-body"),
    ],
)
def test_an_approval_that_does_not_fit_says_why(
    approval: Approval | None, body: bytes, now: Moment, why: str
) -> None:
    with pytest.raises(ApprovalInvalid) as refused:
        check_approval(approval, body, now)
    assert refused.value.values == {"why": why}


@pytest.mark.parametrize("stepped_ms", [-1_000, -VALID_FOR_MS, -YEARS_MS, YEARS_MS])
def test_no_jump_of_the_clock_makes_an_approval_live_longer(stepped_ms: int) -> None:
    with pytest.raises(ApprovalInvalid):
        check_approval(GIVEN, BODY, at(VALID_FOR_MS + 1, stepped_ms))


def test_after_a_reboot_with_a_clock_that_is_not_trusted_an_approval_is_too_old() -> None:
    assert check_approval(GIVEN, BODY, at(60_000, boot_id="next")) == GIVEN
    for now in (at(60_000, boot_id="next", trusted=False), at(0, -YEARS_MS, boot_id="next")):
        with pytest.raises(ApprovalInvalid):
            check_approval(GIVEN, BODY, now)


def test_the_fifth_wrong_pin_locks_for_a_quarter_of_an_hour() -> None:
    tries = PinTries()
    for wrong in range(1, TRIES_MAX):
        tries = after_wrong_pin(before_pin(tries, at(0)), at(0))
        assert tries == PinTries(wrong)
        assert wrong_pin(tries).values == {"left": TRIES_MAX - wrong}
    tries = after_wrong_pin(before_pin(tries, at(0)), at(0))
    assert tries == PinTries(TRIES_MAX, WALL_MS + LOCKED_FOR_MS, at(0))
    assert wrong_pin(tries).values == {"left": 0}
    for at_ms, minutes in ((0, 15), (1, 15), (60_000, 14), (LOCKED_FOR_MS - 1, 1)):
        with pytest.raises(PinLocked) as locked:
            before_pin(tries, at(at_ms))
        assert locked.value.values == {"minutes": minutes}
    assert before_pin(tries, at(LOCKED_FOR_MS)) == PinTries()


@pytest.mark.parametrize("stepped_ms", [-YEARS_MS, -1_000, 0, 1_000, YEARS_MS])
def test_a_lock_lasts_as_long_as_it_says_whatever_the_clock_does(stepped_ms: int) -> None:
    locked = PinTries(TRIES_MAX, WALL_MS + LOCKED_FOR_MS, at(0))
    with pytest.raises(PinLocked):
        before_pin(locked, at(LOCKED_FOR_MS - 1, stepped_ms))
    assert before_pin(locked, at(LOCKED_FOR_MS, stepped_ms)) == PinTries()


def test_after_a_reboot_without_a_clock_a_lock_lasts_once_more_and_no_longer() -> None:
    locked = PinTries(TRIES_MAX, WALL_MS + LOCKED_FOR_MS, at(0))
    early = Moment(0, LOCKED_FOR_MS - 1, "next", trusted=False)
    with pytest.raises(PinLocked):
        before_pin(locked, early)
    assert before_pin(locked, replace(early, boot_ms=LOCKED_FOR_MS)) == PinTries()


@given(st.lists(st.integers(0, 400_000), max_size=60))
def test_after_every_fifth_guess_comes_a_quarter_of_an_hour(pauses: list[int]) -> None:
    tries, now = PinTries(), 0
    guesses: list[int] = []
    for pause in pauses:
        now += pause
        try:
            tries = after_wrong_pin(before_pin(tries, at(now)), at(now))
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
