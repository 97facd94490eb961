# SPDX-License-Identifier: Apache-2.0
"""Paper owed: no paper comes out, so a manager has the code shown, and the shopper photographs it.

It is one more way out for the very same promise: the same token, the same card, once.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.decisions.answer import answer
from agent.domain.faults import PaperRefused
from agent.domain.record import Answer, ManagerReason, State
from agent.domain.voucher import VoucherToken
from tests.flows.stage import Stage, stage
from tests.flows.test_token_alone import qr_of


async def without_paper(here: Stage) -> str:
    """The platform and the printer are both down; returns the key of the credit on hold."""
    await here.sandbox.switch("down")
    here.printer.set_switch("paper_out", True)
    record = await here.worded(await here.issue(here.request()))
    assert answer(record) is Answer.ASK_A_MANAGER
    assert record.manager is ManagerReason.PAPER_FAILED
    return record.key.text


async def test_a_code_on_the_screen_is_the_card_that_the_platform_issues_later(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        key = await without_paper(here)
        (record,) = await here.journal.listed((), False, 9, None)
        assert record.key.text == key
        shown = await here.house.papers.show(record.key, "Mia")
        assert shown.token is not None
        code = VoucherToken.from_text(shown.token).code
        assert record.code == code
        assert code.grouped() in "\n".join(shown.lines)
        affirmed = await here.house.papers.affirm(record.key, "Mia", True)
        assert answer(affirmed) is Answer.VOUCHER
        await here.sandbox.switch("down", on=False)
        settled = await here.settle(affirmed)
        assert settled.state is State.CONFIRMED
        (card,) = here.cards(settled)
        assert card["code"] == code.reveal()


async def test_the_paper_that_is_printed_later_is_the_same_as_was_shown(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await without_paper(here)
        (record,) = await here.journal.listed((), False, 9, None)
        shown = await here.house.papers.show(record.key, "Mia")
        again = await here.house.papers.shown(await here.known(record))
        assert again.token == shown.token
        here.printer.set_switch("paper_out", False)
        await here.house.papers.affirm(record.key, "Mia", True)
        await here.house.papers.reprint(record.key, "ann", "the paper that was owed", None)
        async with asyncio.timeout(5):
            while not here.printer.papers:
                await here.house.steps.board.next_change(record.key)
        (printed,) = here.printer.papers
        assert shown.token is not None
        assert qr_of(printed.raw).removeprefix("CM1:") == shown.token


async def test_a_voucher_that_lies_there_is_not_shown_as_well(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        record = await here.worded(await here.issue(here.request()))
        assert answer(record) is Answer.VOUCHER
        with pytest.raises(PaperRefused):
            await here.house.papers.show(record.key, "Mia")
        assert await here.known(record) == record
