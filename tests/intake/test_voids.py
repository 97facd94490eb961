# SPDX-License-Identifier: Apache-2.0
"""Undoing a credit at the till: 200 only once nobody can spend it any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.decisions.limits import Limits
from agent.domain.money import Money
from tests.fakes.counter import issuing
from tests.fakes.platform import Fail
from tests.intake.till import house

WHY = {"operator": "Ana", "reason": "mistake"}


async def test_a_confirmed_credit_is_voided_and_its_code_is_dead(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first = await till.credit()
        await here.counter.settled()
        for _ in range(2):
            answer = await till.post(first["links"]["void"], WHY)
            assert (answer.status, answer["state"], answer["answer"]) == (200, "voided", "refused")
        assert here.counter.issued() == {}
        void = (await here.counter.only()).void
        assert void is not None
        assert (void.by, void.reason) == ("Ana", "mistake")


async def test_what_nobody_knows_of_is_withdrawn(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(limits=Limits(per_credit=1))]) as here:
        here.counter.platform.down = True
        till = await here.till()
        first = await till.credit()
        answer = await till.post(first["links"]["void"], WHY)
        assert (answer.status, answer["state"]) == (200, "withdrawn")
        assert "burn" not in here.counter.platform.calls


@pytest.mark.parametrize(("tested", "status"), [(True, 202), (False, 504)])
async def test_while_the_code_lives_the_answer_is_not_200(
    tmp_path: Path, tested: bool, status: int
) -> None:
    async with house(tmp_path) as here:
        till = await here.till(tested=tested)
        first = await till.credit()
        await here.counter.settled()
        here.counter.platform.fails.append(Fail("unanswered", "burn"))
        answer = await till.post(first["links"]["void"], WHY)
        assert (answer.status, answer["state"]) == (status, "voiding")
        assert answer["answer"] == "ask-a-manager"
        assert answer["manager"] == "voiding"


async def test_what_was_spent_in_part_waits_for_a_person(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first = await till.credit()
        await here.counter.settled()
        here.counter.platform.spend((await here.counter.only()).code, Money(100, "USD"))
        answer = await till.post(first["links"]["void"], WHY)
        assert (answer.status, answer["state"], answer["review"]) == (
            202,
            "review",
            "spent-in-part",
        )


async def test_a_refused_credit_cannot_be_voided(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.fails.append(Fail("refused"))
        till = await here.till()
        first = await till.credit()
        answer = await till.post(f"{first['link']}/void", WHY)
        assert (answer.status, answer["code"], answer["state"]) == (409, "not-now", "refused")
        assert (await here.counter.only()).state == "refused"


async def test_a_manager_who_is_named_must_be_right(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.counter.approvals.add_manager("Mia", "2468")
        till = await here.till()
        first = await till.credit()
        await here.counter.settled()
        link = first["links"]["void"]
        wrong = await till.post(link, {**WHY, "manager": "Mia", "pin": "1111"})
        assert (wrong.status, wrong["code"]) == (403, "pin-wrong")
        assert (await here.counter.only()).void is None
        right = await till.post(link, {**WHY, "manager": "Mia", "pin": "2468"})
        assert right["state"] == "voided"
        void = (await here.counter.only()).void
        assert void is not None
        assert void.by == "Ana with Mia"


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("operator", {"reason": "r"}),
        ("reason", {"operator": "A"}),
        ("reason", {"operator": "A", "reason": "4111111111111111"}),
        ("operator", {"operator": "4111111111111111", "reason": "r"}),
        ("colour", {**WHY, "colour": 1}),
    ],
)
async def test_a_wrong_void_changes_nothing(
    tmp_path: Path, field: str, sent: dict[str, object]
) -> None:
    async with house(tmp_path) as here:
        till = await here.till()
        first = await till.credit()
        await here.counter.settled()
        answer = await till.post(first["links"]["void"], sent)
        assert (answer.status, answer["field"]) == (422, field)
        assert answer["money"] == "unchanged"
        assert (await here.counter.only()).state == "confirmed"
