# SPDX-License-Identifier: Apache-2.0
"""Every fault has a status, a title and words; the table is the only place of statuses."""

from __future__ import annotations

import pytest

from agent.domain import faults
from agent.domain.faults import Fault, all_faults
from agent.intake.problems import STATUSES, MoneyTold, tell
from agent.words import ENGLISH

EXACT = {
    "header-missing": 400,
    "bad-field": 422,
    "unauthorised": 401,
    "scope-missing": 403,
    "approval-required": 403,
    "origin-refused": 403,
    "unknown-credit": 404,
    "alias-conflict": 409,
    "alias-expired": 409,
    "looks-like": 409,
    "record-lost": 409,
    "unit-taken": 409,
    "host-refused": 421,
    "observing": 503,
    "cannot-journal": 503,
    "busy": 503,
    "stopping": 503,
}


def test_every_fault_has_its_row_and_no_row_is_left_over() -> None:
    assert set(STATUSES) == set(all_faults())


@pytest.mark.parametrize("kind", list(all_faults()))
def test_every_fault_is_told_whole(kind: type[Fault]) -> None:
    for issuing in (True, False):
        told = tell(kind(), ENGLISH, issuing=issuing)
        assert 400 <= told.status < 600
        assert told.members["status"] == told.status
        for name in ("type", "title", "detail", "code", "hint", "who", "money", "paper"):
            assert told.members[name], name
        if told.status == 503:
            assert int(told.headers["Retry-After"]) > 0


def test_statuses_are_those_of_the_design() -> None:
    found = {kind.code: row.status for kind, row in STATUSES.items()}
    assert {code: found[code] for code in EXACT} == EXACT


def test_no_fault_is_ever_a_success_or_a_redirect() -> None:
    assert all(row.status >= 400 for row in STATUSES.values())


def test_a_conflict_says_to_look_at_the_record_and_links_to_it() -> None:
    told = tell(faults.LooksLike(key="K", amount="USD 1.00"), ENGLISH, issuing=True)
    assert told.members["money"] == MoneyTold.SEE_RECORD
    assert told.members["link"] == "/v1/credits/K"
    assert "USD 1.00" in str(told.members["detail"])


def test_a_fault_of_the_same_name_as_a_member_does_not_hide_it() -> None:
    told = tell(faults.BadField(field="x", status=200, code="ok"), ENGLISH, issuing=False)
    assert told.members["status"] == 422
    assert told.members["code"] == "bad-field"
    assert told.members["money"] == MoneyTold.UNCHANGED
