# SPDX-License-Identifier: Apache-2.0
"""Erasing secrets after their time, forgetting people, and a chain that stays whole through it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain.customer import CustomerKind, CustomerReference, Forgotten
from agent.domain.event import Answered, Heard, PaperLeaving, VoidAsked
from agent.domain.faults import NotNow, UnknownCredit
from agent.domain.outcome import Confirmed
from agent.domain.record import CreditRecord, Paper, PaperKind, VoidRequest
from agent.journal import Journal, verify_journal
from agent.ports import PrintedBytes
from tests.journal.building import SEAL_KEY, Bench, card_of, everything

DAY_MS = 86_400_000
ANA = CustomerReference(CustomerKind.EMAIL, "ana@shop.example")


async def settled(bench: Bench, journal: Journal) -> CreditRecord:
    """Printed as a voucher that is good for thirty days, then confirmed."""
    record = await bench.on_paper(journal, bench.draft(customer=ANA))
    (job,) = await journal.prints(record.key)
    event = PaperLeaving(PaperKind.VOUCHER)
    printed = PrintedBytes(b"bytes", "TOKEN")
    await journal.advance_print(job.id, event, bench.step(event), Paper.SENT, printed)
    return await bench.advance(journal, record, Answered(Confirmed(card_of(record))))


async def test_secrets_are_erased_after_settlement_and_the_papers_life(
    journal: Journal, bench: Bench
) -> None:
    record = await settled(bench, journal)
    waiting = await bench.on_paper(journal)
    bench.now_ms += 20 * DAY_MS
    assert await journal.erase_secrets(7 * DAY_MS) == 0
    assert await journal.token(record.key) == "TOKEN"
    bench.now_ms += 12 * DAY_MS
    assert await journal.erase_secrets(40 * DAY_MS) == 0
    assert await journal.erase_secrets(7 * DAY_MS) == 1
    assert await journal.erase_secrets(7 * DAY_MS) == 0
    assert await journal.token(record.key) is None
    assert await journal.done(record.key) == {}
    (job,) = await journal.prints(record.key)
    assert await journal.printed_bytes(job.id) is None
    untouched = await journal.get(waiting.key)
    assert untouched == waiting


async def test_an_erased_code_is_still_recognised_and_moves_nothing(
    journal: Journal, bench: Bench
) -> None:
    record = await settled(bench, journal)
    bench.now_ms += 40 * DAY_MS
    await journal.erase_secrets(DAY_MS)
    known = await journal.by_code(record.code)
    assert known is not None
    assert known.key == record.key
    assert known.code != record.code
    assert known.code.last_four == record.code.last_four
    for event in (VoidAsked(VoidRequest("eva", "late")), Heard()):
        with pytest.raises(NotNow):
            await bench.advance(journal, record, event)
    assert await journal.get(record.key) == known


async def test_a_forgotten_customer_leaves_the_chain_whole(tmp_path: Path, bench: Bench) -> None:
    async with bench.inline(tmp_path) as journal:
        record = await settled(bench, journal)
        other = await settled(bench, journal)
        await journal.forget(record.key)
        known = await journal.get(record.key)
        assert known is not None
        assert known.request.customer == Forgotten(CustomerKind.EMAIL)
        assert await journal.get(other.key) == other
        await journal.forget(record.key)
        events = [event.kind for event in await journal.history(record.key)]
        assert events[-1] == "forgotten"
    assert verify_journal(tmp_path, seal_key=SEAL_KEY).sound


async def test_an_open_credit_is_not_forgotten(journal: Journal, bench: Bench) -> None:
    record = await bench.on_paper(journal, bench.draft(customer=ANA))
    with pytest.raises(NotNow):
        await journal.forget(record.key)
    with pytest.raises(UnknownCredit):
        await journal.forget(bench.key())
    assert await journal.get(record.key) == record


async def test_people_are_forgotten_some_days_after_settlement(
    tmp_path: Path, bench: Bench
) -> None:
    async with await bench.written(tmp_path) as journal:
        records = [await settled(bench, journal) for _ in range(3)]
        bench.now_ms += 10 * DAY_MS
        young = await settled(bench, journal)
        assert await journal.forget_older(11) == 0
        assert await journal.forget_older(10) == 3
        assert await journal.forget_older(10) == 0
        for record in records:
            known = await journal.get(record.key)
            assert known is not None
            assert known.request.customer == Forgotten(CustomerKind.EMAIL)
        assert await journal.get(young.key) == young
    assert verify_journal(tmp_path, seal_key=SEAL_KEY).sound


async def test_erased_bytes_leave_the_file_with_the_checkpoint(
    tmp_path: Path, bench: Bench
) -> None:
    async with await bench.written(tmp_path) as journal:
        record = await settled(bench, journal)
        select = "SELECT code_sealed FROM credits"
        sealed = await journal.read(lambda store: store.connection.execute(select).fetchone()[0])
        await journal.checkpoint()
        assert sealed in (tmp_path / "journal.db").read_bytes()
        bench.now_ms += 40 * DAY_MS
        await journal.erase_secrets(DAY_MS)
        await journal.checkpoint()
        assert sealed not in everything(tmp_path)
        assert (await journal.get(record.key)) is not None
