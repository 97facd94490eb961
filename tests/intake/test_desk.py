# SPDX-License-Identifier: Apache-2.0
"""The desk: what waits, one record whole, and each way in which a person ends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.decisions.limits import Limits
from agent.domain.faults import VoucherInvalid
from agent.domain.money import Money
from agent.domain.record import Paper
from agent.domain.voucher import TokenFlag, VoucherToken
from agent.ports import PrintEnd
from tests.fakes.counter import issuing
from tests.intake.till import Answer, House, house


async def in_review(here: House) -> str:
    """The path of a record that waits for a customer's name, on identity paper."""
    here.counter.platform.add_customer("loyalty", "L1", "c1")
    await here.admin.credit(customer=None)
    await here.counter.settled()
    return f"/v1/admin/queue/{(await here.counter.only()).key}"


async def act(here: House, path: str, act: str, **sent: Any) -> Answer:
    return await here.admin.post(f"{path}/{act}", sent)


async def test_the_queue_has_totals_and_open_credits(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await in_review(here)
        here.counter.platform.down = True
        await here.admin.credit("k2", transaction="2", minor=150)
        here.counter.platform.down = False
        answer = await here.admin.get("/v1/admin/queue")
        assert (answer["count"], answer["on_paper"]) == (2, 2)
        assert answer["by_state"] == {"parked": 1, "review": 1}
        assert answer["amounts"] == [{"minor": 5000, "currency": "USD", "text": "USD 50.00"}]
        assert [each["state"] for each in answer["credits"]] == ["review", "parked"]
        parked = await here.admin.get("/v1/admin/queue?state=parked")
        assert [each["state"] for each in parked["credits"]] == ["parked"]


async def test_one_record_whole_shows_no_code_and_masks_its_customer(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        await here.admin.credit(
            customer={"email": "jane@example.com"}, original_sale={"receipt": "R"}
        )
        record = await here.counter.only()
        answer = await here.admin.get(f"/v1/admin/queue/{record.key}")
        assert answer["customer"] == "email j***@e***"
        assert (answer["promised"], answer["shared"], answer["perhaps_sent"]) == (True, True, False)
        assert (answer["pos"], answer["original_sale"]) == ("2026-11-21 1001 1", "R")
        assert answer["due_at"].endswith("Z")
        (job,) = answer["prints"]
        assert (job["kind"], job["copy"], job["state"], job["by"]) == (
            "voucher",
            1,
            "printed",
            "agent",
        )
        assert record.code.reveal() not in answer.text
        assert "jane" not in answer.text


async def test_retry_sends_what_waits_now(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        await here.admin.credit()
        here.counter.platform.down = False
        path = f"/v1/admin/queue/{(await here.counter.only()).key}"
        answer = await act(here, path, "retry")
        assert (answer.status, answer["state"]) == (200, "confirmed")
        assert len(here.counter.issued()) == 1


async def test_linking_a_customer_lets_the_issue_go_on(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        path = await in_review(here)
        answer = await act(here, path, "link", customer_id="c1", by="Mia")
        assert (answer.status, answer["state"]) == (200, "confirmed")
        card = next(iter(here.counter.platform.cards.values()))
        assert card.customer_id == "c1"


async def test_a_card_is_confirmed_only_if_the_platform_shows_it(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        path = await in_review(here)
        none = await act(here, path, "confirm", reference="fake-1")
        assert (none.status, none["field"]) == (422, "reference")
        here.counter.platform._add((await here.counter.only()).credit, Money(4850, "USD"))
        wrong = await act(here, path, "confirm", reference="fake-9")
        assert wrong.status == 422
        assert (await here.counter.only()).state == "review"
        right = await act(here, path, "confirm", reference="fake-1")
        assert right["state"] == "confirmed"
        here.counter.platform.down = True


async def test_without_the_platform_nothing_is_confirmed(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        path = await in_review(here)
        here.counter.platform.down = True
        answer = await act(here, path, "confirm", reference="fake-1")
        assert (answer.status, answer["code"]) == (503, "platform-unavailable")
        assert answer["money"] == "unchanged"


@pytest.mark.parametrize("how", ["void", "write-off"])
async def test_void_and_write_off_burn_the_code_first(tmp_path: Path, how: str) -> None:
    async with house(tmp_path) as here:
        path = await in_review(here)
        answer = await act(here, path, how, reason="lost", by="Mia")
        assert (answer.status, answer["state"]) == (200, "voided")
        assert (answer["void_by"], answer["void_reason"]) == ("Mia", "lost")
        assert here.counter.issued() == {}
        assert "burn" in here.counter.platform.calls


async def test_only_what_nobody_knows_of_is_withdrawn(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        path = await in_review(here)
        refused = await act(here, path, "withdraw", reason="mistake")
        assert (refused.status, refused["code"]) == (409, "not-now")
        assert (await here.counter.only()).state == "review"
    async with house(tmp_path, [issuing(limits=Limits(per_credit=1))]) as here:
        here.counter.platform.down = True
        await here.admin.credit()
        path = f"/v1/admin/queue/{(await here.counter.only()).key}"
        answer = await act(here, path, "withdraw", reason="mistake")
        assert (answer["state"], answer["void_by"]) == ("withdrawn", "local")


async def test_a_person_says_whether_paper_came_out(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.counter.platform.down = True
        here.counter.press.ends.append(PrintEnd(Paper.UNCERTAIN, "restart"))
        await here.admin.credit()
        path = f"/v1/admin/queue/{(await here.counter.only()).key}"
        assert (await here.admin.get(path))["manager"] == "paper-unproved"
        no = await act(here, path, "affirm", came_out=False, by="Mia")
        assert (no["answer"], no["manager"]) == ("ask-a-manager", "paper-failed")
        yes = await act(here, path, "affirm", came_out=True, by="Mia")
        assert yes["answer"] == "voucher"


@pytest.mark.parametrize(
    ("what", "field", "sent"),
    [
        ("void", "reason", {}),
        ("write-off", "reason", {"reason": ""}),
        ("withdraw", "reason", {"by": "Mia"}),
        ("link", "customer_id", {}),
        ("confirm", "reference", {}),
        ("affirm", "came_out", {"came_out": "yes"}),
        ("retry", "colour", {"colour": 1}),
        ("void", "by", {"reason": "r", "by": "4111111111111111"}),
        ("void", "reason", {"reason": "4111111111111111"}),
    ],
)
async def test_a_wrong_act_changes_nothing(
    tmp_path: Path, what: str, field: str, sent: dict[str, Any]
) -> None:
    async with house(tmp_path) as here:
        path = await in_review(here)
        before = await here.counter.only()
        answer = await act(here, path, what, **sent)
        assert (answer.status, answer["field"]) == (422, field)
        assert await here.counter.only() == before


async def test_a_manager_lifts_the_limits_of_a_fresh_journal(tmp_path: Path) -> None:
    registers = [issuing(limits=Limits(per_credit=10_000))]
    async with house(tmp_path, registers, lift=False) as here:
        here.counter.platform.down = True
        assert (await here.admin.credit())["manager"] == "no-room"
        answer = await here.admin.post("/v1/admin/limits/lift", {"by": "Mia"})
        assert answer.json == {"done": True}
        second = await here.admin.credit("k2", transaction="2", minor=4851)
        assert second["answer"] == "voucher"


async def test_a_voucher_is_verified_by_what_was_passed_in(tmp_path: Path) -> None:
    tokens: dict[str, VoucherToken] = {}

    def verify(text: str) -> VoucherToken:
        if text not in tokens:
            raise VoucherInvalid(why="bad-signature")
        return tokens[text]

    async with house(tmp_path, verify=verify) as here:
        await here.admin.credit()
        record = await here.counter.only()
        ours = VoucherToken(
            bytes(4), record.key, record.code, Money(4850, "USD"), flags=TokenFlag.IDENTITY
        )
        tokens["CM1:OURS"] = ours
        good = await here.admin.post("/v1/admin/vouchers/verify", {"text": "CM1:OURS"})
        assert good.status == 200
        assert (good["key"], good["identity"]) == (record.key.text, True)
        assert good["credit"]["state"] == "confirmed"
        assert record.code.reveal() not in good.text
        bad = await here.admin.post("/v1/admin/vouchers/verify", {"text": "CM1:OTHER"})
        assert (bad.status, bad["code"], bad["why"]) == (422, "voucher-invalid", "bad-signature")


async def test_a_good_voucher_of_another_journal_has_no_credit_here(tmp_path: Path) -> None:
    known: list[VoucherToken] = []

    async with house(tmp_path, verify=lambda text: known[0]) as here:
        await here.admin.credit()
        record = await here.counter.only()
    known.append(VoucherToken(bytes(4), record.key, record.code, Money(4850, "USD")))
    async with house(tmp_path, verify=lambda text: known[0]) as here:
        answer = await here.admin.post("/v1/admin/vouchers/verify", {"text": "CM1:X"})
        assert (answer.status, answer["credit"]) == (200, None)
