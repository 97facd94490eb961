# SPDX-License-Identifier: Apache-2.0
"""What a register may promise unconfirmed: each limit at its edge, and a fresh quarter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decisions.limits import Limits, NoRoom, identity_room, offline_room
from agent.domain.exposure import Exposure
from agent.domain.money import Money

LIMITS = Limits(
    per_credit=20_000, outstanding=200_000, per_hour=100_000, oldest_hours=72, unclaimed=50
)
HOUR = 3_600_000
NOW = 1_763_600_000_000
FULL, FRESH = False, True


@pytest.mark.parametrize(
    ("minor", "others", "expected"),
    [
        (1, Exposure(), None),
        (20_000, Exposure(), None),
        (20_001, Exposure(), NoRoom.PER_CREDIT),
        (5_000, Exposure(fresh=True), None),
        (5_001, Exposure(fresh=True), NoRoom.PER_CREDIT),
        (4_850, Exposure(outstanding_minor=195_150), None),
        (4_850, Exposure(outstanding_minor=195_151), NoRoom.OUTSTANDING),
        (4_850, Exposure(outstanding_minor=45_150, fresh=True), None),
        (4_850, Exposure(outstanding_minor=45_151, fresh=True), NoRoom.OUTSTANDING),
        (4_850, Exposure(hour_minor=95_150), None),
        (4_850, Exposure(hour_minor=95_151), NoRoom.PER_HOUR),
        (4_850, Exposure(hour_minor=20_150, fresh=True), None),
        (4_850, Exposure(hour_minor=20_151, fresh=True), NoRoom.PER_HOUR),
        (1, Exposure(oldest_opened_ms=NOW - 72 * HOUR), None),
        (1, Exposure(oldest_opened_ms=NOW - 72 * HOUR - 1), NoRoom.OLDEST),
        (1, Exposure(oldest_opened_ms=NOW + HOUR), None),
        (1, Exposure(unclaimed=1_000), None),
    ],
)
def test_a_voucher_has_room_up_to_each_limit_and_not_beyond(
    minor: int, others: Exposure, expected: NoRoom | None
) -> None:
    assert offline_room(LIMITS, others, Money(minor, "USD"), NOW) is expected


@pytest.mark.parametrize(
    ("minor", "others", "expected"),
    [
        (20_000, Exposure(), None),
        (20_001, Exposure(), NoRoom.PER_CREDIT),
        (5_001, Exposure(fresh=True), NoRoom.PER_CREDIT),
        (1, Exposure(unclaimed=49), None),
        (1, Exposure(unclaimed=50), NoRoom.UNCLAIMED),
        (1, Exposure(unclaimed=11, fresh=True), None),
        (1, Exposure(unclaimed=12, fresh=True), NoRoom.UNCLAIMED),
        (1, Exposure(oldest_opened_ms=0, outstanding_minor=10**9, hour_minor=10**9), None),
    ],
)
def test_an_identity_voucher_has_a_bound_of_its_own_without_age(
    minor: int, others: Exposure, expected: NoRoom | None
) -> None:
    assert identity_room(LIMITS, others, Money(minor, "USD")) is expected


@given(
    st.integers(1, 10**6),
    st.builds(
        Exposure,
        outstanding_minor=st.integers(0, 10**6),
        hour_minor=st.integers(0, 10**6),
        oldest_opened_ms=st.none() | st.integers(NOW - 100 * HOUR, NOW),
        unclaimed=st.integers(0, 100),
        fresh=st.booleans(),
    ),
)
def test_where_there_is_room_no_bound_is_broken_by_taking_it(minor: int, others: Exposure) -> None:
    part = 4 if others.fresh else 1
    if offline_room(LIMITS, others, Money(minor, "USD"), NOW) is None:
        assert minor <= LIMITS.per_credit // part
        assert others.outstanding_minor + minor <= LIMITS.outstanding // part
        assert others.hour_minor + minor <= LIMITS.per_hour // part
        assert NOW - (others.oldest_opened_ms or NOW) <= LIMITS.oldest_hours * HOUR


def test_a_limit_of_zero_promises_nothing() -> None:
    assert offline_room(Limits(per_credit=0), Exposure(), Money(1, "USD"), NOW) is NoRoom.PER_CREDIT
    assert identity_room(Limits(unclaimed=0), Exposure(), Money(1, "USD")) is NoRoom.UNCLAIMED


@pytest.mark.parametrize(
    "name", ["per_credit", "outstanding", "per_hour", "oldest_hours", "unclaimed"]
)
def test_a_limit_below_zero_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Limits(**{name: -1})
