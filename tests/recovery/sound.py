# SPDX-License-Identifier: Apache-2.0
"""A journal with known contents, in which every table has rows, to be damaged page by page."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from agent.decisions.approval import after_wrong_pin
from agent.domain.approval import Approval, Manager, Pairing, PinTries
from agent.domain.credit import Unit
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.event import Answered, BudgetEnded, PaperEnded, PaperLeaving
from agent.domain.idempotency import PosAlias
from agent.domain.outcome import Confirmed
from agent.domain.record import CreditRecord, Paper, PaperKind, State
from agent.journal import InlineJournal, advancing, opening
from agent.ports import Draft, Opened, PrintedBytes
from tests.journal.building import Bench, card_of, without_admission
from tests.recovery.backlog import ROOMY

PAGE: Final = 4096


@dataclass(frozen=True, slots=True)
class Told:
    """A credit that was acknowledged: what a till would send again, and what it was told."""

    draft: Draft
    record: CreditRecord
    token: str | None


class Ground:
    """Builds the journal once; `copy` gives each try its own."""

    def __init__(self, folder: Path, credits_: int, in_log: bool = False) -> None:
        """`in_log`: killed at the end, with most of it in the write-ahead log alone."""
        self.folder = folder
        self.bench = Bench(limits=ROOMY)
        self.told: list[Told] = []
        journal = self.bench.inline(folder)
        journal.core.store.connection.execute("PRAGMA synchronous = OFF")
        self._people(journal)
        for number in range(credits_):
            if in_log and number == credits_ // 4:
                journal.core.checkpoint()
            self.told.append(self._credit(journal, number))
        if in_log:  # as a kill leaves it: whoever closes last would empty the log
            self.folder = shutil.copytree(folder, folder.with_name(f"{folder.name}-killed"))
        journal.close()

    def copy(self, to: Path) -> Path:
        shutil.copytree(self.folder, to)
        return to

    def draft(self, number: int) -> Draft:
        """As a till makes it: two names, sometimes a customer, sometimes returned units."""
        bench = self.bench
        customer = CustomerReference(CustomerKind.EMAIL, f"c{number}@example.com")
        units = [Unit(f"sale-{number}", "1", 1)] if number % 4 == 1 else []
        bench.now_ms += 1_000
        draft = bench.draft(
            1_000 + number,
            customer=customer if number % 3 == 0 else None,
            units=units,
            aliases=(),
        )
        pos = draft.record.request.pos
        place = draft.record.request.place
        names = (f"caller {number}", PosAlias(place, pos.business_date, pos.number, "1").text())
        return replace(draft, aliases=names)

    def again(self, told: Told) -> Draft:
        """The same request, sent once more: with a key and a code that were drawn anew."""
        bench = self.bench
        place = told.record.request.place
        record = replace(told.draft.record, key=bench.key(place), code=bench.code())
        return replace(told.draft, record=record, opening=None)

    def _credit(self, journal: InlineJournal, number: int) -> Told:
        bench, core = self.bench, journal.core
        sort = number % 5
        bench.link_up, bench.resolves = sort != 1, sort == 4
        draft = self.draft(number)

        def run(operation: object) -> object:
            (result,) = core.run([operation])  # type: ignore[list-item]
            if result.fault is not None:
                raise result.fault
            return result.value

        opened = run(
            lambda store: opening.open_credit(store, draft, without_admission, bench.begin)
        )
        assert isinstance(opened, Opened)
        record, token = opened.decision.record, None

        def step(event: object) -> CreditRecord:
            decided = run(
                lambda store: advancing.advance(
                    store,
                    record.key,
                    event,  # type: ignore[arg-type]
                    bench.step(event),  # type: ignore[arg-type]
                )
            )
            return decided.record  # type: ignore[attr-defined,no-any-return]

        if sort == 0:
            record = step(Answered(Confirmed(card_of(record))))
        elif sort in (2, 3):
            record = step(BudgetEnded())
        if sort in (1, 2) and record.paper is Paper.QUEUED:
            token = f"CM1:{number}"
            record = self._print(journal, record, token)
        return Told(draft, record, token)

    def _print(self, journal: InlineJournal, record: CreditRecord, token: str) -> CreditRecord:
        leaving, ended = PaperLeaving(PaperKind.VOUCHER), None
        bench = self.bench

        def print_it(store: object) -> object:
            (job,) = advancing.prints(store, record.key)  # type: ignore[arg-type]
            advancing.advance_print(
                store,  # type: ignore[arg-type]
                job.id,
                leaving,
                bench.step(leaving),
                Paper.SENT,
                PrintedBytes(b"paper" * 300, token),
            )
            event = PaperEnded(PaperKind.VOUCHER, Paper.PRINTED, 1)
            return advancing.advance_print(
                store,  # type: ignore[arg-type]
                job.id,
                event,
                bench.step(event),
                Paper.PRINTED,
                None,
            )

        del ended
        (result,) = journal.core.run([print_it])
        if result.fault is not None:
            raise result.fault
        decided = result.value
        return decided.record  # type: ignore[attr-defined,no-any-return]

    def _people(self, journal: InlineJournal) -> None:
        from agent.journal import access

        moment = self.bench.moment()
        tries = after_wrong_pin(PinTries(), moment)
        pairing = Pairing("p-1", "till", b"h" * 32, frozenset({"issue"}), frozenset({"03"}), 5_000)
        approval = Approval("A1", "eva", bytes(32), self.bench.now_ms, given=moment)
        manager = Manager("eva", "plain:1234 for these tests alone", tries)
        for work in (
            lambda store: access.keep_pairing(store, pairing),
            lambda store: access.keep_manager(store, manager),
            lambda store: access.keep_approval(store, approval),
        ):
            (result,) = journal.core.run([work])
            if result.fault is not None:
                raise result.fault


def trees(file: Path) -> dict[str, int]:
    """The root page of every tree of a journal, by name."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0")
        return {"sqlite_schema": 1, **{str(name): int(root) for name, root in rows}}


def damage(file: Path, page: int, how: str, size: int = PAGE) -> None:
    """Spoils one page: zeros, noise, or one bit of it."""
    with open(file, "r+b") as raw:
        raw.seek((page - 1) * size)
        was = bytearray(raw.read(size))
        match how:
            case "zeros":
                was = bytearray(size)
            case "noise":
                was = bytearray((each * 167 + 89) % 256 for each in range(size))
            case "bit":
                was[len(was) * 2 // 3] ^= 0x10
            case _:
                raise ValueError(how)
        raw.seek((page - 1) * size)
        raw.write(bytes(was))


def shown(records: Sequence[CreditRecord]) -> dict[str, State]:
    return {record.key.text: record.state for record in records}
