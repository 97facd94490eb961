# SPDX-License-Identifier: Apache-2.0
"""Which status and which word for which state: only a confirmation is ever a 200."""

from __future__ import annotations

from pathlib import Path

from agent.domain.record import State
from tests.fakes.counter import PLACE, issuing
from tests.fakes.platform import Fail
from tests.intake.till import house


async def test_a_confirmed_credit_is_200_and_the_receipt_is_printed(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        answer = await (await here.till()).credit()
        await here.counter.settled()
        assert answer.status == 200
        assert (answer["state"], answer["answer"]) == ("confirmed", "confirmed")
        assert answer["title"] == "CONFIRMED"
        assert answer["amount"] == {"minor": 4850, "currency": "USD", "text": "USD 48.50"}
        assert answer.headers["Location"] == f"/v1/credits/{answer['key']}"
        record = await here.counter.only()
        assert record.code.last_four == answer["code_last_four"]
        assert record.code.reveal() not in answer.text
        assert record.code.grouped() not in answer.text
        assert len(here.counter.press.out_of) == 1
        assert len(here.counter.issued()) == 1
