# SPDX-License-Identifier: Apache-2.0
"""Two registers over one platform, and what a cashier does with a voucher that comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agent.domain.customer import Customer, Skipped
from agent.domain.place import Place
from agent.domain.record import CreditRecord, PaperKind
from agent.domain.voucher import TokenFlag, VoucherToken
from agent.flows.claim import ClaimOrder, ClaimResult
from agent.sandbox.ledger import SandboxCustomer
from agent.signing import RegisterKey
from tests.flows.stage import Stage, stage

ELSEWHERE = Place("0388", "07")
SIGNER = RegisterKey(b"k" * 32)


@asynccontextmanager
async def two_registers(folder: Path, **register: Any) -> AsyncIterator[tuple[Stage, Stage]]:
    """The register that issued, and another one with a journal of its own."""
    here, there = folder / "here", folder / "there"
    for each in (here, there):
        each.mkdir()
    async with (
        stage(here) as issuer,
        stage(there, place=ELSEWHERE, beside=issuer, **register) as other,
    ):
        yield issuer, other


def token_of(record: CreditRecord, **changes: Any) -> VoucherToken:
    """What the paper of a record carries, signed by its register."""
    identity = record.paper_kind is PaperKind.IDENTITY
    parts: dict[str, Any] = {
        "key_id": bytes(4),
        "key": record.key,
        "code": record.code,
        "amount": record.request.amount,
        "expires_on": record.expires_on,
        "flags": TokenFlag.IDENTITY if identity else TokenFlag.NONE,
    }
    return SIGNER.sign(VoucherToken(**{**parts, **changes}))


def order(
    at: Stage, token: VoucherToken, customer: Customer | None = None, **more: Any
) -> ClaimOrder:
    named = Skipped() if customer is None else customer
    return ClaimOrder(token, "bea", at.register.place, named, budget_s=2.0, **more)


async def claim(
    at: Stage, token: VoucherToken, customer: Customer | None = None, **more: Any
) -> ClaimResult:
    return await at.house.claims.claim(order(at, token, customer, **more))


async def voucher(at: Stage, customer: Customer | None = None) -> CreditRecord:
    """A credit on paper that the platform never heard of; the link is up again afterwards."""
    await at.sandbox.switch("down")
    record = await at.issue(at.request(customer=customer))
    await at.sandbox.switch("down", on=False)
    return record


def add_customer(
    at: Stage, customer_id: str = "cus_alice", email: str = "alice@example.com"
) -> None:
    at.sandbox.platform._ledger.add_customer(
        SandboxCustomer(customer_id, "a***"), [("email", email)]
    )
