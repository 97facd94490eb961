# SPDX-License-Identifier: Apache-2.0
"""What lies on the disk: no code, no token, no person, in any file of the journal's folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.event import Answered, PaperLeaving
from agent.domain.outcome import Confirmed, Saying, Unanswered
from agent.domain.record import CreditRecord, Paper, PaperKind
from agent.journal import Journal, export_journal
from agent.ports import Effect, PrintedBytes
from tests.journal.building import Bench, card_of, everything

EMAIL = "ana.secret@shop.example"
TOKEN = "CM1TOKENTOKENTOKENTOKEN"


async def history(bench: Bench, journal: Journal) -> CreditRecord:
    """A credit on paper, with everything that could give somebody away."""
    customer = CustomerReference(CustomerKind.EMAIL, EMAIL)
    draft = bench.draft(customer=customer)
    code = draft.record.code.reveal()
    path = f"/v1/cards/by-code/{code}"
    draft = replace(draft, opening=Effect("create", 0, "POST", path, code.encode()))
    record = await bench.on_paper(journal, draft)
    (job,) = await journal.prints(record.key)
    event = PaperLeaving(PaperKind.VOUCHER)
    printed = PrintedBytes(b"\x1b@" + code.encode(), TOKEN)
    await journal.advance_print(job.id, event, bench.step(event), Paper.SENT, printed)
    saying = Saying(500, "E1", f"no such customer {EMAIL}", "r-1")
    await bench.advance(journal, record, Answered(Unanswered("http-500", saying)))
    return record


def leaks(folder: Path, record: CreditRecord) -> list[str]:
    raw = everything(folder)
    secrets = (record.code.reveal(), record.code.grouped(), EMAIL, "ana.secret", TOKEN)
    return [secret for secret in secrets if secret.encode() in raw]


async def test_no_secret_stands_open_in_any_file(tmp_path: Path, bench: Bench) -> None:
    async with await bench.written(tmp_path) as journal:
        record = await history(bench, journal)
        stored = await journal.get(record.key)
        assert stored is not None
        assert EMAIL in stored.saying.message
        assert stored.request.customer == CustomerReference(CustomerKind.EMAIL, EMAIL)
        assert (tmp_path / "journal.db-wal").stat().st_size > 0
        assert leaks(tmp_path, record) == []
        await journal.checkpoint()
        assert leaks(tmp_path, record) == []
        assert record.key.text.encode() in everything(tmp_path)
    assert leaks(tmp_path, record) == []


async def test_an_export_holds_no_secret_and_no_person(tmp_path: Path, bench: Bench) -> None:
    async with bench.inline(tmp_path) as journal:
        record = await history(bench, journal)
        hashed = bench.seal().code_hash(record.code).hex()
    lines = list(export_journal(tmp_path))
    assert len(lines) == 1 + 5
    text = "\n".join(lines)
    for secret in (record.code.reveal(), EMAIL, "ana.secret", TOKEN, hashed):
        assert secret not in text
    assert f'"code_last_four":"{record.code.last_four}"' in text
    assert record.key.text in text


async def test_faults_and_representations_show_no_secret(bench: Bench) -> None:
    async with bench.inline() as journal:
        record = await history(bench, journal)
        done = await journal.done(record.key)
        (job,) = await journal.prints(record.key)
        letters = await journal.letters(record.request.place, 0, 9)
        shown = repr([done, job, letters, await journal.history(record.key), journal])
        for secret in (record.code.reveal(), EMAIL, TOKEN):
            assert secret not in shown.replace(f"/v1/cards/by-code/{record.code.reveal()}", "")


async def test_a_confirmed_credit_tells_others_no_reference_of_a_person(bench: Bench) -> None:
    async with bench.inline() as journal:
        record = await bench.opened(journal)
        card = replace(card_of(record), customer_id="customer-77")
        await bench.advance(journal, record, Answered(Confirmed(card)))
        letters = await journal.letters(record.request.place, 0, 9)
        assert "customer-77" not in repr([letters, await journal.history(record.key)])
