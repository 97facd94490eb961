# SPDX-License-Identifier: Apache-2.0
"""Undoing a credit: nothing is paid out before its code is dead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.domain.credit import Unit
from agent.domain.faults import NotNow, PaperRefused, UnitTaken
from agent.domain.money import Money
from agent.domain.record import Answer, ReviewReason, State, VoidKind, VoidRequest
from tests.flows.stage import stage, word

ASKED = VoidRequest("bea", "changed their mind")


async def test_a_confirmed_credit_is_voided_by_killing_its_code(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await here.issue(here.request())
        voided = await here.house.closing.void(record.key, ASKED)
        assert voided.state is State.VOIDED
        (card,) = here.cards(record)
        assert card["enabled"] is False
        assert voided.void == ASKED


async def test_a_voucher_handed_back_offline_is_voiding_and_the_word_is_ask_a_manager(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        record = await here.issue(here.request())
        voiding = await here.house.closing.void(record.key, ASKED)
        assert voiding.state is State.VOIDING
        assert word(voiding) is Answer.ASK_A_MANAGER
        await here.sandbox.switch("down", on=False)
        assert (await here.settle(record)).state is State.VOIDED
        (card,) = here.cards(record)  # burnt: created at the smallest amount and disabled
        assert card["enabled"] is False
        assert card["initial"] == {"minor": 1, "currency": "USD"}


async def test_a_returned_unit_is_free_again_only_when_the_code_is_dead(tmp_path: Path) -> None:
    sold: dict[str, Any] = {"original_sale": "R1", "units": (Unit("R1", "1", 1),)}
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        record = await here.issue(here.request(**sold))
        voiding = await here.house.closing.void(record.key, ASKED)
        assert voiding.state is State.VOIDING
        with pytest.raises(UnitTaken):
            await here.issue(here.request(**sold))
        await here.sandbox.switch("down", on=False)
        assert (await here.settle(record)).state is State.VOIDED
        again = await here.issue(here.request(**sold))
        assert again.key != record.key


async def test_after_a_burn_the_replay_of_the_voucher_finds_it_void(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        record = await here.issue(here.request())
        await here.house.closing.void(record.key, ASKED)
        await here.sandbox.switch("down", on=False)
        await here.settle(record)
        platform = here.house.closing._talk.platform
        deadline = here.house.steps.clock.monotonic_s() + 5
        outcome = await platform.issue(
            record.credit, None, {}, here.journal.effects(record.key), deadline
        )
        assert type(outcome).__name__ != "Confirmed"
        assert sum(bool(card["enabled"]) for card in here.cards(record)) == 0


async def test_a_perhaps_sent_credit_is_never_withdrawn_only_burnt(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("answer_lost_after_commit")
        record = await here.issue(here.request())
        assert record.perhaps_sent
        await here.sandbox.switch("answer_lost_after_commit", on=False)
        with pytest.raises(NotNow):
            await here.house.closing.withdraw(record.key, "bea", "told to nobody")
        voided = await here.house.closing.void(record.key, ASKED)
        assert voided.state is State.VOIDED
        (card,) = here.cards(record)
        assert card["enabled"] is False


async def test_what_nobody_else_can_know_of_is_withdrawn_without_the_platform(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, enrolled=False) as here:
        await here.sandbox.switch("down")
        record = await here.issue(here.request())
        assert (record.state, word(record)) == (State.PARKED, Answer.ASK_A_MANAGER)
        withdrawn = await here.house.closing.void(record.key, ASKED)
        assert withdrawn.state is State.WITHDRAWN
        assert word(withdrawn) is Answer.REFUSED
        await here.sandbox.switch("down", on=False)
        assert (await here.house.forwarder.forward(record.key)).state is State.WITHDRAWN
        assert here.cards(record) == []


async def test_voiding_twice_is_voiding_once(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await here.issue(here.request())
        await here.house.closing.void(record.key, ASKED)
        again = await here.house.closing.void(record.key, VoidRequest("carl", "again"))
        assert again.state is State.VOIDED
        assert again.void == ASKED


async def test_a_spent_credit_goes_to_a_person_and_a_write_off_ends_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        record = await here.issue(here.request(2000))
        here.sandbox.platform._ledger.spend(
            record.code.reveal(), record.request.amount - Money(500, "USD")
        )
        review = await here.house.closing.void(record.key, ASKED)
        assert (review.state, review.review) == (State.REVIEW, ReviewReason.SPENT_IN_PART)
        (card,) = here.cards(record)
        assert card["enabled"] is False
        with pytest.raises(PaperRefused):
            await here.house.papers.reprint(record.key, "ann", "again", None)
        ended = await here.house.closing.write_off(record.key, "dora", "15.00 were spent")
        assert ended.state is State.VOIDED
        assert ended.void == VoidRequest("dora", "15.00 were spent", VoidKind.WRITE_OFF)


async def test_a_refused_credit_cannot_be_voided_and_stays_as_it_is(tmp_path: Path) -> None:
    async with stage(tmp_path, enrolled=False) as here:
        await here.sandbox.switch("down")
        record = await here.issue(here.request())
        withdrawn = await here.house.closing.void(record.key, ASKED)
        with pytest.raises(NotNow):
            await here.house.closing.link(record.key, "bea", "cus_1")
        assert await here.known(record) == withdrawn


async def test_a_withdrawn_credit_prints_nothing_though_its_paper_was_queued(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as here:
        await here.sandbox.switch("down")
        here.printer.hold()
        order = here.order(here.request())
        record, _ = await here.house.issue.issue(order)
        withdrawn = await here.house.closing.void(record.key, ASKED)
        here.printer.release()
        await here.house.spools["03"].stop()
        expected = {State.WITHDRAWN: 0, State.VOIDING: 1}
        assert len(here.printer.papers) == expected[withdrawn.state]
