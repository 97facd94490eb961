# SPDX-License-Identifier: Apache-2.0
"""Whoever holds the paper can replay the very same issuance, byte for byte."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from agent.domain.record import PaperKind
from agent.domain.voucher import VoucherToken
from agent.signing import KeyRing, RegisterKey, verify
from hardware.printers.qr_modules import qr_modules
from hardware.wire.picture import draw, to_bitmap
from tests.flows.stage import ALICE, stage
from tests.printing.samples import symbols_in


def qr_of(job: bytes) -> str:
    """The one symbol on the paper, read from its dots."""
    (paper,) = draw(job, width_dots=576, draw_qr=qr_modules)
    (text,) = symbols_in(to_bitmap(paper))
    return text


@pytest.mark.parametrize("customer", [None, ALICE])
async def test_key_code_and_body_rebuilt_from_the_token_alone_equal_the_journals_bytes(
    tmp_path: Path, customer: object
) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("hang", executed=False, paths=["POST /v1/credits"])
        if customer is not None:
            from tests.flows.test_reviews import known_customer

            known_customer(here)
        record = await here.issue(here.request(customer=customer))  # type: ignore[arg-type]
        assert record.paper_kind is PaperKind.VOUCHER
        read = qr_of(here.printer.papers[-1].raw)
        token = VoucherToken.from_text(read)
        assert verify(token, KeyRing([RegisterKey(b"k" * 32).public]))
        credit = token.credit()
        assert (credit.key, credit.code) == (record.key, record.code)
        rebuilt = here.house.closing._talk.platform.opening(credit)
        (sent,) = (await here.journal.done(record.key)).values()
        assert rebuilt is not None
        assert rebuilt == sent.effect
        assert base64.b64encode(rebuilt.body) == base64.b64encode(sent.effect.body)


async def test_another_holder_of_the_token_gets_the_same_one_credit(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        record = await here.issue(here.request())
        token = VoucherToken.from_text(qr_of(here.printer.papers[-1].raw))
        await here.sandbox.switch("down", on=False)
        platform = here.house.closing._talk.platform
        deadline = here.house.steps.clock.monotonic_s() + 5
        from tests.fakes.platform import MemoryEffects

        claimed = await platform.issue(token.credit(), None, {}, MemoryEffects(), deadline)
        assert type(claimed).__name__ == "Confirmed"
        settled = await here.settle(record)
        assert settled.state.value == "confirmed"
        assert len(here.cards(record)) == 1
