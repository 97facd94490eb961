# SPDX-License-Identifier: Apache-2.0
"""Reads the three books and counts: the till's memory, the agent's journal, the platform's ledger.

The journal is read from its own file, so that it can be counted while the agent is dead. Nothing
here writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.commands.demo.cast import Sandbox
from agent.commands.demo.counter import Card, Count, Line, Promise, count
from agent.commands.demo.scenery import CURRENCY
from agent.commands.demo.tillbook import TillBook
from agent.domain.money import Money
from agent.domain.record import OPEN, State
from agent.journal.schema import connect_reader

_LINES: Final = (
    "SELECT key, amount_minor, currency, state, promised, paper, paper_kind, review, manager,"
    " caller, void_kind FROM credits ORDER BY id"
)
_CONFIRMED: Final = frozenset({State.CONFIRMED, State.VOIDING})
_OBSERVED: Final = "SELECT details FROM events WHERE kind = 'observed' ORDER BY seq DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Entry:
    """A credit in the journal, with what a manager needs to know of it."""

    key: str
    line: Line
    paper: str
    paper_kind: str | None
    review: str | None
    manager: str | None
    caller: str
    void_asked: bool

    @property
    def promise(self) -> Promise | None:
        """What a screen said of it, by the journal's word: CONFIRMED, or a voucher that is out."""
        if self.line.promised or self.line.state in _CONFIRMED or self.void_asked:
            return Promise(self.line.amount, self.void_asked)
        return None

    @property
    def is_open(self) -> bool:
        return self.line.state in OPEN

    @property
    def drains(self) -> bool:
        """It goes on by itself once the platform answers."""
        return self.line.state in (State.SENDING, State.PARKED, State.UNSETTLED, State.VOIDING)


class Books:
    """The agent's file below `folder`, the sandbox's ledger, and the till."""

    def __init__(self, folder: Path, sandbox: Sandbox, till: TillBook) -> None:
        self._journal = folder / "state" / "journal" / "journal.db"
        self._sandbox = sandbox
        self._till = till

    def count(self) -> Count:
        """The counter now. Raises OSError where the platform's books cannot be read.

        In the order that `counter.count` wants; what was opened between two reads is read again.
        """
        promises = self._till.promises()
        entries = self.journal()
        lines = {entry.key: entry.line for entry in entries}
        promises |= self._on_screens(entries)
        cards = [_card(each) for each in self._sandbox.ledger()]
        if any(card.key not in lines for card in cards):
            opened_since = {entry.key: entry.line for entry in self.journal()}
            lines = {**opened_since, **lines}
        return count(promises, lines, cards, CURRENCY)

    def _on_screens(self, entries: Sequence[Entry]) -> dict[str, Promise]:
        """What the cashier's page has promised: the till knows nothing of it."""
        others = [entry for entry in entries if entry.caller != self._till.caller]
        return {entry.key: entry.promise for entry in others if entry.promise is not None}

    def journal(self) -> list[Entry]:
        """Every credit of the agent's journal, oldest first; none before there is a journal."""
        return [
            Entry(
                key=row["key"],
                line=Line(
                    Money(row["amount_minor"], row["currency"]),
                    State(row["state"]),
                    bool(row["promised"]),
                ),
                paper=row["paper"],
                paper_kind=row["paper_kind"],
                review=row["review"],
                manager=row["manager"],
                caller=row["caller"],
                void_asked=row["void_kind"] is not None,
            )
            for row in self._rows(_LINES)
        ]

    def entry(self, key: str) -> Entry | None:
        return next((entry for entry in self.journal() if entry.key == key), None)

    def last_observed(self) -> str | None:
        """What the journal noted last of a call that it only watched, as JSON."""
        rows = self._rows(_OBSERVED)
        return str(rows[0]["details"]) if rows else None

    def _rows(self, query: str) -> Sequence[Any]:
        if not self._journal.exists():
            return []
        try:
            with closing(connect_reader(self._journal)) as connection:
                return connection.execute(query).fetchall()
        except sqlite3.DatabaseError as error:
            raise OSError(f"the journal cannot be read: {error}") from error


def _card(credit: dict[str, Any]) -> Card:
    initial = Money(credit["initial"]["minor"], credit["initial"]["currency"])
    return Card(str(credit["key"]), initial, bool(credit["enabled"]))
