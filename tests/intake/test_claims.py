# SPDX-License-Identifier: Apache-2.0
"""POST /v1/claims: which status and word for which end, and what nobody learns from it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.domain.code import Code
from agent.domain.faults import VoucherInvalid
from agent.domain.money import Money
from agent.domain.record import CreditRecord, State, VoidRequest
from agent.domain.voucher import TokenFlag, VoucherToken
from agent.signing import KeyRing, RegisterKey, require_valid
from tests.intake.till import Answer, House, Till, house

SIGNER = RegisterKey(b"k" * 32)
STRANGER = RegisterKey(b"x" * 32)
OTHER_CODE = Code.draw(7, tuple(range(1, 15)))


def trusting(*keys: RegisterKey) -> Callable[[str], VoucherToken]:
    ring = KeyRing([key.public for key in keys])

    def verify(text: str) -> VoucherToken:
        try:
            token = VoucherToken.from_text(text)
        except ValueError as error:
            raise VoucherInvalid(why="unreadable") from error
        require_valid(token, ring)
        return token

    return verify


def token_of(record: CreditRecord, signer: RegisterKey = SIGNER, **changes: Any) -> VoucherToken:
    parts: dict[str, Any] = {
        "key_id": bytes(4),
        "key": record.key,
        "code": record.code,
        "amount": record.request.amount,
    }
    return signer.sign(VoucherToken(**{**parts, **changes}))


async def claimed(till: Till, token: VoucherToken | str, **more: Any) -> Answer:
    text = token if isinstance(token, str) else f"CM1:{token.text()}"
    sent = {"token": text, "register": "03", "operator": "Bea", **more}
    return await till.post("/v1/claims", sent)


async def parked(here: House, till: Till) -> CreditRecord:
    here.counter.platform.down = True
    await till.credit()
    record = await here.counter.only()
    assert record.state is State.PARKED
    return record


@pytest.mark.parametrize(("tested", "status"), [(True, 202), (False, 504)])
async def test_a_voucher_is_200_once_it_is_confirmed_and_open_before(
    tmp_path: Path, tested: bool, status: int
) -> None:
    async with house(tmp_path, verify=trusting(SIGNER)) as here:
        till = await here.till(tested=tested)
        record = await parked(here, till)
        open_ = await claimed(till, token_of(record))
        assert (open_.status, open_["answer"], open_["state"]) == (status, "voucher", "parked")
        assert "stays good" in open_["message"]
        assert open_.headers["Retry-After"] == "5"
        here.counter.platform.down = False
        await here.counter.forwarder.forward(record.key)
        done = await claimed(till, token_of(record))
        assert (done.status, done["answer"], done["news"]) == (200, "confirmed", "confirmed")
        assert done["code_last_four"] == record.code.last_four
        assert done["code"] == record.code.grouped()
        shown = await till.get(f"/v1/claims/{record.key}")
        assert (shown.status, shown["state"], shown["code"]) == (200, "confirmed", None)
        assert record.code.reveal() not in "".join(here.lines)
        assert record.code.grouped() not in "".join(here.lines)


async def test_what_is_void_is_a_conflict_that_says_the_money_first(tmp_path: Path) -> None:
    async with house(tmp_path, verify=trusting(SIGNER)) as here:
        till = await here.till()
        record = await parked(here, till)
        await here.counter.closing.void(record.key, VoidRequest("mia", "wrong"))
        answer = await claimed(till, token_of(record))
        assert (answer.status, answer["code"]) == (409, "voucher-void")
        assert answer["detail"].startswith("No money is on this voucher")
        assert answer["link"] == f"/v1/claims/{record.key}"
        assert here.counter.issued() == {}


async def test_what_nobody_trusted_signed_leads_nowhere_and_few_tries_are_allowed(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, verify=trusting(SIGNER)) as here:
        till = await here.till()
        record = await parked(here, till)
        other = replace(token_of(record), key=type(record.key)("1-1-1763600000000-00000000"))
        for text, why in (
            ("no voucher", "unreadable"),
            (token_of(other_record(record), STRANGER), "unknown-key"),
            (other, "bad-signature"),
        ):
            answer = await claimed(till, text)
            assert (answer.status, answer["code"], answer["why"]) == (422, "voucher-invalid", why)
        for _ in range(7):
            await claimed(till, "no voucher")
        assert (await claimed(till, "no voucher")).status == 429
        assert await here.counter.journal.claims(10, None) == []


def other_record(record: CreditRecord) -> CreditRecord:
    return replace(record, key=type(record.key)("0388-07-1763600000000-7K3QF2ZD"))


async def test_our_own_paper_under_a_lost_key_is_vouched_for_by_the_journal(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, verify=trusting(SIGNER)) as here:
        till = await here.till()
        record = await parked(here, till)
        answer = await claimed(till, token_of(record, STRANGER))
        assert (answer.status, answer["key"]) == (202, record.key.text)
        wrong = replace(token_of(record), signature=bytes(64))
        assert (await claimed(till, wrong)).status == 422


async def test_expired_paper_needs_a_manager(tmp_path: Path) -> None:
    async with house(tmp_path, verify=trusting(SIGNER)) as here:
        till = await here.till()
        await here.counter.approvals.add_manager("Mia", "4711")
        record = other_record(await parked(here, till))
        token = token_of(record, code=OTHER_CODE, expires_on=datetime.date(2020, 1, 1))
        refused = await claimed(till, token)
        assert (refused.status, refused["code"]) == (403, "approval-required")
        assert "still owed" in refused["hint"]
        wrong = await claimed(till, token, manager="Mia", pin="0000")
        assert (wrong.status, wrong["code"]) == (403, "pin-wrong")
        assert await here.counter.journal.claims(10, None) == []
        good = await claimed(till, token, manager="Mia", pin="4711")
        assert good.status == 202
        (claim,) = await here.counter.journal.claims(10, None)
        assert claim.approved_by == "Mia"


async def test_identity_paper_asks_for_the_customer(tmp_path: Path) -> None:
    async with house(tmp_path, verify=trusting(SIGNER)) as here:
        till = await here.till()
        await till.credit(customer={"email": "no address"})
        record = await here.counter.only()
        assert record.state is State.REVIEW
        token = token_of(record, flags=TokenFlag.IDENTITY)
        asked = await claimed(till, token)
        assert (asked.status, asked["news"]) == (202, "customer-needed")
        assert asked["answer"] == "ask-a-manager"
        unknown = await claimed(till, token, customer={"email": "ana@shop.example"})
        assert unknown["news"] == "customer-unmatched"
        assert here.counter.issued() == {}
        here.counter.platform.add_customer("email", "ana@shop.example", "c-1")
        done = await claimed(till, token, customer={"email": "ana@shop.example"})
        assert (done.status, done["linked"], done["code"]) == (200, True, None)


async def test_scope_register_and_fields_are_checked_first(tmp_path: Path) -> None:
    async with house(tmp_path, verify=trusting(SIGNER)) as here:
        reader, elsewhere = await here.till(scopes=["read"]), await here.till(registers=["04"])
        till = await here.till()
        record = await parked(here, till)
        token = token_of(record)
        assert (await claimed(reader, token)).status == 403
        assert (await claimed(elsewhere, token)).status == 403
        assert (await elsewhere.get(f"/v1/claims/{record.key}")).status == 403
        assert (await claimed(here.stranger(), token)).status == 401
        assert (await claimed(till, token, operator="4111 1111 1111 1111")).status == 422
        assert (await claimed(till, token, surprise=1)).status == 422
        assert (await till.get("/v1/claims/1-1-1763600000000-00000000")).status == 404
        assert (await here.counter.only()).claimed is None


async def test_paper_of_another_register_is_claimed_and_shown_by_its_key(tmp_path: Path) -> None:
    async with house(tmp_path, verify=trusting(SIGNER)) as here:
        till = await here.till()
        record = other_record(await parked(here, till))
        here.counter.platform.down = False
        token = token_of(record, code=OTHER_CODE)
        done = await claimed(till, token)
        assert (done.status, done["state"], done["register"]) == (200, "confirmed", "03")
        assert done["links"]["credit"] is None
        shown = await till.get(f"/v1/claims/{record.key}")
        assert (shown["state"], shown["code_last_four"]) == ("confirmed", token.code.last_four)
        more = token_of(record, amount=Money(9700, "USD"), code=token.code)
        differs = await claimed(till, more)
        assert (differs.status, differs["code"]) == (409, "voucher-differs")
