# SPDX-License-Identifier: Apache-2.0
"""The oracle: what tills were told, what the journal holds, what the platform has issued.

Each finding is a sentence that begins with the invariant it breaks (design, section 2). The
journal's file is read directly, so that no code of the daemon speaks for itself.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.journal import verify_journal
from tests.crash.ground import memory
from tests.crash.tills import Book, Sale
from tests.crash.tripwire import downgraded

SETTLED_WORDS: Final = frozenset({"confirmed", "voucher"})
UNDONE: Final = frozenset({"voiding", "voided", "withdrawn"})
_QUERY: Final = (
    "SELECT key, pos_number, amount_minor, currency, state, promised, perhaps_sent, paper, open "
    "FROM credits"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it stands in the file; yes and no are 1 and 0 there."""

    key: str
    transaction: str
    minor: int
    currency: str
    state: str
    promised: int
    perhaps_sent: int
    paper: str
    open: int


def rows_of(journal: Path) -> list[Row]:
    """All records in a journal that no daemon holds; raises sqlite3.Error where it cannot be read.

    A copy is read: what a cut has left stays as it is for the next start.
    """
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        for name in ("journal.db", "journal.db-wal"):
            if (journal / name).exists():
                shutil.copy(journal / name, folder)
        with closing(sqlite3.connect(Path(folder) / "journal.db")) as connection:
            return [Row(*row) for row in connection.execute(_QUERY).fetchall()]


def after_a_crash(book: Book, rows: Sequence[Row], cards: Sequence[Mapping[str, Any]]) -> list[str]:
    """What holds whenever a daemon is gone, whatever became of it."""
    return [
        *_acknowledged(book, {row.key: row for row in rows}),
        *_one_record_each(rows),
        *_known_cards({row.key: row for row in rows}, cards),
    ]


def at_rest(book: Book, rows: Sequence[Row], cards: Sequence[Mapping[str, Any]]) -> list[str]:
    """What holds once every till has asked until it knew, and nothing is under way."""
    by_transaction = {row.transaction: row for row in rows}
    by_key = {str(card["key"]): card for card in cards}
    found = after_a_crash(book, rows, cards)
    found += [f"I8: {row.key} is still {row.state} at rest" for row in rows if row.open]
    for sale in book.sales.values():
        row = by_transaction.get(sale.transaction)
        if row is not None:
            found += _settled(sale, row, by_key.get(row.key))
        elif sale.acknowledged:
            found.append(f"I1: sale {sale.number} has no record")
    issued = sum(int(card["initial"]["minor"]) for card in cards if card["enabled"])
    promised = sum(row.minor for row in rows if row.state == "confirmed")
    if issued != promised:
        found.append(f"I2: the platform has {issued} minor units out, the journal {promised}")
    return found


def chain(journal: Path, seal_key: bytes) -> list[str]:
    """Everything that `countermark journal verify` looks at, of a daemon that has stopped."""
    downgraded(journal)
    verdict = verify_journal(journal, seal_key=seal_key)
    return [f"the chain: {finding}" for finding in verdict.findings]


def _acknowledged(book: Book, by_key: Mapping[str, Row]) -> Iterator[str]:
    for sale in book.sales.values():
        if not sale.acknowledged:
            continue
        row = by_key.get(sale.key)
        if row is None:
            yield f"I1: {sale.key}, told to a till as {sale.words[-1]}, is not in the journal"
        elif (row.minor, row.currency, row.transaction) != (sale.minor, "USD", sale.transaction):
            yield f"I1: {sale.key} is another credit than was told"
        elif "confirmed" in sale.words and row.state != "confirmed" and not _undone(sale, row):
            yield f"I1: {sale.key} was told as confirmed and is {row.state}"
        elif "voucher" in sale.words and not row.promised:
            yield f"I9: {sale.key} was told as a voucher and is not promised"
        elif sale.voided and row.state not in ("voided", "withdrawn"):
            yield f"I1: {sale.key} was told as voided and is {row.state}"


def _one_record_each(rows: Sequence[Row]) -> Iterator[str]:
    for transaction, count in Counter(row.transaction for row in rows).items():
        if count > 1:
            yield f"I3: sale {transaction} has {count} records"


def _known_cards(by_key: Mapping[str, Row], cards: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for key, count in Counter(str(card["key"]) for card in cards).items():
        if count > 1:
            yield f"I3: {key} has {count} cards"
        row = by_key.get(key)
        if row is None:
            yield f"I1: the platform has a card under {key}, of which the journal knows nothing"
        elif not row.perhaps_sent and row.state != "sending":
            yield f"I9: {key} has a card and counts as never sent"


def _settled(sale: Sale, row: Row, card: Mapping[str, Any] | None) -> Iterator[str]:
    if row.state == "confirmed":
        if card is None or not card["enabled"]:
            yield f"I6: {row.key} is confirmed, and there is no card"
        elif card["initial"] != {"minor": sale.minor, "currency": "USD"}:
            yield f"I6: {row.key} is confirmed with another amount"
    elif card is not None and card["enabled"]:
        yield f"I2: {row.key} is {row.state}, and its card can be spent"
    elif not _undone(sale, row):
        yield f"I8: {row.key} ended as {row.state}"


def _undone(sale: Sale, row: Row) -> bool:
    return sale.void_asked and row.state in UNDONE
