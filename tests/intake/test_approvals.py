# SPDX-License-Identifier: Apache-2.0
"""A manager's yes: before a record, bound to one body, and before paper that has no room."""

from __future__ import annotations

from pathlib import Path

from agent.decisions.limits import Limits
from agent.domain.record import Paper
from agent.ports import PrintEnd
from tests.fakes.counter import issuing
from tests.intake.records import body
from tests.intake.till import Answer, House, Till, house

PIN = {"manager": "Mia", "pin": "2468"}


async def approve(till: Till, **changes: object) -> Answer:
    return await till.post("/v1/approvals", {**PIN, "body": body(**changes)})


async def managed(here: House) -> Till:
    await here.counter.approvals.add_manager("Mia", "2468")
    return await here.till()


async def test_over_the_amount_nothing_is_opened_before_a_manager_says_yes(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(approval_over=4849)]) as here:
        till = await managed(here)
        asked = await till.credit()
        assert (asked.status, asked["code"]) == (403, "approval-required")
        assert asked["money"] == "nothing-issued"
        assert asked["retryable"]
        assert await here.counter.records() == []
        given = await approve(till)
        assert given.status == 201
        assert given["expires_at"].endswith("Z")
        done = await till.credit(approval=given["id"])
        assert (done.status, done["answer"]) == (200, "confirmed")
        again = await till.credit(approval=given["id"])
        assert again["key"] == done["key"]


async def test_at_the_amount_nobody_is_asked(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(approval_over=4850)]) as here:
        assert (await (await here.till()).credit()).status == 200


async def test_an_approval_is_good_for_its_own_body_once_and_for_five_minutes(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, [issuing(approval_over=100)]) as here:
        till = await managed(here)
        first = await approve(till)
        other = await till.credit(minor=4900, approval=first["id"])
        assert (other.status, other["code"], other["why"]) == (
            403,
            "approval-invalid",
            "other-body",
        )
        assert (await till.credit(approval=first["id"])).status == 200
        used = await till.credit("k2", transaction="1002", approval=first["id"], distinct=True)
        assert (used.status, used["code"]) == (403, "approval-invalid")
        late = await approve(till, transaction="1003")
        here.counter.clock.advance(301)
        old = await till.credit("k3", transaction="1003", approval=late["id"], distinct=True)
        assert (old["code"], old["why"]) == ("approval-invalid", "too-old")
        unknown = await till.credit("k4", transaction="1004", approval="X1", distinct=True)
        assert (unknown["code"], unknown["why"]) == ("approval-invalid", "unknown")
        assert len(await here.counter.records()) == 1


async def test_wrong_pins_are_counted_and_lock_the_manager(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await managed(here)
        for left in (4, 3, 2, 1, 0):
            answer = await till.post("/v1/approvals", {**PIN, "pin": "0000", "body": body()})
            assert (answer.status, answer["code"], answer["left"]) == (403, "pin-wrong", left)
        locked = await approve(till)
        assert (locked.status, locked["code"], locked["minutes"]) == (403, "pin-locked", 15)
        assert "Retry-After" in locked.headers
        here.counter.clock.advance(15 * 60 + 1)
        assert (await approve(till)).status == 201


async def test_an_unknown_manager_looks_like_a_wrong_pin(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await managed(here)
        answer = await till.post("/v1/approvals", {"manager": "Max", "pin": "2468", "body": body()})
        assert (answer.status, answer["code"]) == (403, "pin-wrong")


async def test_a_pin_is_digits_and_never_repeated(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await managed(here)
        for pin in ("secret7", "12", "1" * 13):
            answer = await till.post("/v1/approvals", {**PIN, "pin": pin, "body": body()})
            assert (answer.status, answer["field"]) == (422, "pin")
            assert pin not in answer.text.replace("1" * 12, "") or pin == "12"
            assert "secret7" not in "".join(here.lines)


async def test_a_wrong_body_cannot_be_approved(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        till = await managed(here)
        answer = await approve(till, minor=0)
        assert (answer.status, answer["field"]) == (422, "body.amount.minor")


async def test_a_manager_lets_paper_out_though_there_is_no_room(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(limits=Limits(per_credit=100))]) as here:
        here.counter.platform.down = True
        till = await managed(here)
        first = await till.credit()
        assert first["manager"] == "no-room"
        link = first["links"]["approval"]
        wrong = await till.post(link, {**PIN, "pin": "0000"})
        assert (wrong.status, wrong["code"], wrong["money"]) == (403, "pin-wrong", "unchanged")
        assert here.counter.press.out_of == []
        out = await till.post(link, PIN)
        assert (out.status, out["answer"], out["paper"]) == (202, "voucher", "printed")
        assert (await here.counter.only()).paper_approved_by == "Mia"
        again = await till.post(link, PIN)
        assert (again.status, again["code"]) == (409, "paper-refused")
        assert len(here.counter.press.out_of) == 1


async def test_approved_paper_that_fails_still_has_a_word(tmp_path: Path) -> None:
    async with house(tmp_path, [issuing(limits=Limits(per_credit=100))]) as here:
        here.counter.platform.down = True
        here.counter.press.ends.append(PrintEnd(Paper.FAILED, "paper-out"))
        till = await managed(here)
        first = await till.credit()
        out = await till.post(first["links"]["approval"], PIN)
        assert (out["answer"], out["manager"], out["paper"]) == (
            "ask-a-manager",
            "paper-failed",
            "failed",
        )
