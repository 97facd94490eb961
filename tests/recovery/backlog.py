# SPDX-License-Identifier: Apache-2.0
"""A journal in which many credits wait, made by the real operations, many to a transaction.

Every record can be opened, sent and printed like any other: sealed under the daemon's own key,
chained, counted. Only the disk is not waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from agent.daemon.parts import journal_dir, seal_file
from agent.daemon.world import machine_digest
from agent.decisions.limits import Limits
from agent.domain.event import BudgetEnded, PaperLeaving
from agent.domain.record import CreditRecord, Paper, PaperKind
from agent.journal import InlineJournal, advancing, open_inline, opening
from agent.journal.store import Operation, Store
from agent.platforms.catalog import Catalog
from agent.platforms.exchange import frozen
from agent.ports import Effect, Opened, PrintedBytes
from tests.journal.building import SEAL_KEY, Bench, without_admission

ROOMY: Final = Limits(10**6, 10**12, 10**12, 10**5, 10**6)
NO_ROOM: Final = Limits(0, 0, 0, 0, 0)
BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class Mix:
    """How many of each sort wait."""

    parked: int
    unsettled: int
    queued: int
    sent: int
    sending: int
    received: int

    @classmethod
    def of(cls, total: int) -> Mix:
        """Mostly parked and unsettled; one in ten with paper that never came out."""
        queued, sent = total // 10, total // 100
        sending, received = total // 100, total // 200
        unsettled = total * 3 // 10
        parked = total - queued - sent - sending - received - unsettled
        return cls(parked, unsettled, queued, sent, sending, received)

    @property
    def total(self) -> int:
        return sum(
            (self.parked, self.unsettled, self.queued, self.sent, self.sending, self.received)
        )


class Backlog:
    """Fills a journal. Times are those of an outage that began two days ago."""

    def __init__(self, folder: Path, now_ms: int) -> None:
        self.bench = Bench(now_ms=now_ms - 2 * 86_400_000, limits=NO_ROOM)
        self._journal: InlineJournal = open_inline(
            folder,
            seal_key=SEAL_KEY,
            machine=machine_digest(),
            clock_ms=self.bench.clock_ms,
            chance=self.bench.chance,
        )
        self._journal.core.store.connection.execute("PRAGMA synchronous = OFF")
        self._adapter = Catalog().plugin("rest", {"url": "http://127.0.0.1:1"}).adapter

    def fill(self, mix: Mix) -> None:
        """Each sort in turn, then closed in order."""
        self._open(mix.parked, link_up=False, room=NO_ROOM)
        self._advance(self._open(mix.unsettled, link_up=True, room=NO_ROOM))
        self._open(mix.queued, link_up=False, room=ROOMY)
        self._print(self._open(mix.sent, link_up=False, room=ROOMY))
        self._open(mix.sending, link_up=True, room=NO_ROOM)
        self._open(mix.received, link_up=True, room=NO_ROOM, resolves=True)
        self._journal.close()

    def _open(
        self, count: int, *, link_up: bool, room: Limits, resolves: bool = False
    ) -> list[CreditRecord]:
        bench = self.bench
        bench.link_up, bench.limits, bench.resolves = link_up, room, resolves

        def one(number: int) -> Operation[object]:
            bench.now_ms += 20
            draft = bench.draft(1_000 + number % 5_000)
            draft = replace(draft, opening=self._first_bytes(draft.record))
            return lambda store: opening.open_credit(store, draft, without_admission, bench.begin)

        opened = self._run(one(number) for number in range(count))
        return [each.decision.record for each in opened if isinstance(each, Opened)]

    def _first_bytes(self, record: CreditRecord) -> Effect | None:
        first = self._adapter.opening(record.credit)
        return None if first is None else frozen(first, None, record.epoch)

    def _advance(self, records: Iterable[CreditRecord]) -> None:
        def one(record: CreditRecord) -> Operation[object]:
            step = self.bench.step(BudgetEnded())
            return lambda store: advancing.advance(store, record.key, BudgetEnded(), step)

        self._run(one(record) for record in records)

    def _print(self, records: Iterable[CreditRecord]) -> None:
        """Left for the printer, and nobody heard of it again."""
        event = PaperLeaving(PaperKind.VOUCHER)

        def leave(record: CreditRecord) -> Callable[[Store], object]:
            def left(store: Store) -> object:
                (job,) = advancing.prints(store, record.key)
                sealed = PrintedBytes(b"paper")
                step = self.bench.step(event)
                return advancing.advance_print(store, job.id, event, step, Paper.SENT, sealed)

            return left

        self._run(leave(record) for record in records)

    def _run(self, operations: Iterable[Operation[object]]) -> list[object]:
        found: list[object] = []
        batch: list[Operation[object]] = []

        def flush() -> None:
            for result in self._journal.core.run(batch):
                if result.fault is not None:
                    raise result.fault
                found.append(result.value)
            batch.clear()

        for operation in operations:
            batch.append(operation)
            if len(batch) == BATCH:
                flush()
        if batch:
            flush()
        return found


def make_backlog(state_dir: Path, total: int, now_ms: int) -> Mix:
    """The state folder of a daemon with `total` records waiting."""
    mix = Mix.of(total)
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = seal_file(state_dir)
    key.write_bytes(SEAL_KEY)
    key.chmod(0o600)
    Backlog(journal_dir(state_dir), now_ms).fill(mix)
    return mix
