# SPDX-License-Identifier: Apache-2.0
"""Who stands at a machine for the oracle, and how a journal's tables are read beside its code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.domain.record import Answer, CreditRecord, Paper, PaperKind, State
from agent.domain.voucher import VoucherToken
from agent.platforms.messages import HttpReply, HttpRequest, NoAnswer, NotSent
from tests.simulation import invariants
from tests.simulation.book import Book, Row
from tests.simulation.host import Machine
from tests.simulation.oracle import Oracle


class Watcher:
    """`host.Witness` of one machine."""

    def __init__(self, oracle: Oracle, machine: Machine) -> None:
        self._oracle = oracle
        self._machine = machine

    def opened(self, machine: Machine, restored: bool) -> None:
        self._oracle.opened(machine, table(machine, self._oracle.book), restored)

    def changed(self, machine: Machine, record: CreditRecord, word: Answer | None) -> None:
        self._oracle.changed(machine, record, word)

    def recovered(self, machine: Machine, unfinished: Sequence[CreditRecord]) -> None:
        for record in unfinished:
            self._oracle.entered(machine, record).untold = True
            if record.state is State.SENDING:
                self._oracle.find([f"I8: a start left {record.key} in SENDING"])

    def token(self, code: str, token: str) -> None:
        oracle = self._oracle
        key = VoucherToken.from_text(token).key.text
        entry = oracle.book.entries.get(key)
        if entry is None:
            oracle.find([f"I1: a token of {key} was made, and nobody was told of it"])
        elif entry.out and entry.token not in (None, token) and not entry.excused:
            oracle.find([f"I4: {key} has two tokens, and one is out"])
        else:
            entry.token = token
            oracle.find(invariants.i4_one_code(entry, code))

    def leaving(self, request: HttpRequest) -> None:
        self._oracle.leaving(self._machine, request, lambda key: journalled(self._machine, key))

    def arrived(self, request: HttpRequest, reply: HttpReply | NotSent | NoAnswer) -> None:
        self._oracle.arrived(self._machine, request, reply)

    def broke(self, what: str) -> None:
        self._oracle.find([f"{self._machine.name}: {what}"])

    def bites(self, fault: str) -> None:
        self._oracle.bites(fault, self._machine.name)


_TABLE: Final = (
    "SELECT key, state, revision, perhaps_sent, promised, shared, paper, paper_kind, opened_ms, "
    "reserved, paper_approved_by, amount_minor, currency, store, register FROM credits"
)


_EFFECT: Final = (
    "SELECT 1 FROM effects WHERE key = ? UNION ALL SELECT 1 FROM claim_effects WHERE key = ? "
    "LIMIT 1"
)


def table(machine: Machine, book: Book) -> dict[str, Row]:
    """What a journal's own table says, read without its code. A record that died before anybody
    was told of it has its entry from here on."""
    life = machine.life
    if life is None:
        return {}
    rows = list(life.journal.core.store.connection.execute(_TABLE))
    for row in rows:
        place = f"{row['store']}/{row['register']}"
        book.entry(row["key"], row["amount_minor"], row["currency"], place, machine.name)
    return {
        row["key"]: Row(
            State(row["state"]),
            row["revision"],
            bool(row["perhaps_sent"]),
            bool(row["promised"]),
            bool(row["shared"]),
            Paper(row["paper"]),
            None if row["paper_kind"] is None else PaperKind(row["paper_kind"]),
            reserved=bool(row["reserved"]),
            approved=row["paper_approved_by"] is not None,
            opened_ms=row["opened_ms"],
            told=True,
        )
        for row in rows
    }


def journalled(machine: Machine, key: str) -> bool:
    """Whether an effect of this key stands committed in the machine's journal."""
    life = machine.life
    if life is None:
        return True
    connection = life.journal.core.store.connection
    return connection.execute(_EFFECT, (key, key)).fetchone() is not None and (
        not connection.in_transaction
    )
