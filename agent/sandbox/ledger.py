# SPDX-License-Identifier: Apache-2.0
"""The sandbox's own ledger: credits, customers and remembered answers, in one SQLite file.

It knows nothing of HTTP and nothing of faults. Every method is one short transaction on the
caller's thread, durable when it returns (WAL, synchronous=FULL). Times are UTC milliseconds.
For practice and tests: codes stand in it in the clear, as on a real platform.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.domain.money import Money

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS credits (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    initial INTEGER NOT NULL CHECK (initial > 0),
    balance INTEGER NOT NULL CHECK (balance BETWEEN 0 AND initial),
    currency TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1,
    customer_id TEXT,
    created_ms INTEGER NOT NULL,
    note TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS answers (
    vendor_key TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    credit_id INTEGER,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, masked TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS identifiers (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    customer_id TEXT NOT NULL REFERENCES customers (id),
    PRIMARY KEY (kind, value, customer_id)
) STRICT;
"""

_FIND: Final = {
    "id": "SELECT * FROM credits WHERE id = ?",
    "key": "SELECT * FROM credits WHERE key = ?",
    "code": "SELECT * FROM credits WHERE code = ?",
}


class LedgerRefusal(Exception):
    """The ledger says no; nothing was changed. `code` is the contract's problem code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One credit on the sandbox platform."""

    id: int
    key: str
    code: str
    initial: Money
    balance: Money
    enabled: bool
    customer_id: str | None
    created_ms: int
    note: dict[str, str] | None

    def __repr__(self) -> str:
        return f"Entry({self.key}, …{self.code[-4:]}, {self.initial}, enabled={self.enabled})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an Idempotency-Key was answered with. `credit_id` is None for a saved 500."""

    fingerprint: bytes
    status: int
    credit_id: int | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class SandboxCustomer:
    """A customer account. `masked` is what a cashier may see."""

    customer_id: str
    masked: str


class Ledger:
    """The file at `path`, made when absent. Close it when done."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA foreign_keys=ON")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def issue(
        self, key: str, code: str, amount: Money, vendor_key: str, fingerprint: bytes, at_ms: int
    ) -> Entry:
        """Create a credit and remember the answer, in one transaction.

        Raises LedgerRefusal `code-taken` or `key-reused`; code before key.
        """
        with self._transaction() as connection:
            if self._find("code", code) is not None:
                raise LedgerRefusal("code-taken")
            if self._find("key", key) is not None:
                raise LedgerRefusal("key-reused")
            row = connection.execute(
                "INSERT INTO credits (key, code, initial, balance, currency, created_ms)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (key, code, amount.minor, amount.minor, amount.currency, at_ms),
            )
            self._remember(vendor_key, Answer(fingerprint, 201, row.lastrowid, at_ms))
        return self.by_code(code)

    def remember(self, vendor_key: str, answer: Answer) -> None:
        """Keep an answer that created nothing (a saved 500)."""
        with self._transaction():
            self._remember(vendor_key, answer)

    def _remember(self, vendor_key: str, answer: Answer) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)",
            (vendor_key, answer.fingerprint, answer.status, answer.credit_id, answer.at_ms),
        )

    def answer(self, vendor_key: str) -> Answer | None:
        row = self._connection.execute(
            "SELECT fingerprint, status, credit_id, at_ms FROM answers WHERE vendor_key = ?",
            (vendor_key,),
        ).fetchone()
        return None if row is None else Answer(*row)

    def by_id(self, credit_id: int) -> Entry:
        return _present(self._find("id", credit_id))

    def by_code(self, code: str) -> Entry:
        """Raises LedgerRefusal `not-found`."""
        return _present(self._find("code", code))

    def by_key(self, key: str) -> Entry:
        """Raises LedgerRefusal `not-found`."""
        return _present(self._find("key", key))

    def _find(self, column: str, value: str | int) -> Entry | None:
        row = self._connection.execute(_FIND[column], (value,)).fetchone()
        return None if row is None else _entry(row)

    def disable(self, code: str) -> Entry:
        with self._transaction() as connection:
            self.by_code(code)
            connection.execute("UPDATE credits SET enabled = 0 WHERE code = ?", (code,))
        return self.by_code(code)

    def link(self, code: str, customer_id: str) -> Entry:
        """Raises LedgerRefusal `not-found`, `unknown-customer`, `linked-elsewhere`, `disabled`."""
        with self._transaction() as connection:
            entry = self.by_code(code)
            known = connection.execute("SELECT 1 FROM customers WHERE id = ?", (customer_id,))
            if known.fetchone() is None:
                raise LedgerRefusal("unknown-customer")
            if entry.customer_id not in (None, customer_id):
                raise LedgerRefusal("linked-elsewhere")
            if entry.customer_id is None and not entry.enabled:
                raise LedgerRefusal("disabled")
            connection.execute(
                "UPDATE credits SET customer_id = ? WHERE code = ?", (customer_id, code)
            )
        return self.by_code(code)

    def annotate(self, code: str, fields: dict[str, str]) -> Entry:
        with self._transaction() as connection:
            note = {**(self.by_code(code).note or {}), **fields}
            connection.execute(
                "UPDATE credits SET note = ? WHERE code = ?",
                (json.dumps(note, sort_keys=True), code),
            )
        return self.by_code(code)

    def spend(self, code: str, amount: Money) -> Entry:
        """What a web shop does at its checkout. Raises LedgerRefusal `disabled`, `balance`."""
        with self._transaction() as connection:
            entry = self.by_code(code)
            if not entry.enabled:
                raise LedgerRefusal("disabled")
            if entry.balance.currency != amount.currency or entry.balance < amount:
                raise LedgerRefusal("balance")
            connection.execute(
                "UPDATE credits SET balance = balance - ? WHERE code = ?", (amount.minor, code)
            )
        return self.by_code(code)

    def listed(self, since_ms: int, after_id: int, limit: int) -> list[Entry]:
        """Credits created at or after `since_ms` with an id above `after_id`, oldest first."""
        rows = self._connection.execute(
            "SELECT * FROM credits WHERE created_ms >= ? AND id > ? ORDER BY id LIMIT ?",
            (since_ms, after_id, limit),
        )
        return [_entry(row) for row in rows]

    def of_customer(self, customer_id: str) -> list[Entry]:
        rows = self._connection.execute(
            "SELECT * FROM credits WHERE customer_id = ? ORDER BY id", (customer_id,)
        )
        return [_entry(row) for row in rows]

    def add_customer(
        self, customer: SandboxCustomer, identifiers: list[tuple[str, str]]
    ) -> SandboxCustomer:
        """Add or complete a customer; an identifier may well belong to several."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO customers VALUES (?, ?)"
                " ON CONFLICT (id) DO UPDATE SET masked = excluded.masked",
                (customer.customer_id, customer.masked),
            )
            connection.executemany(
                "INSERT OR IGNORE INTO identifiers VALUES (?, ?, ?)",
                [(kind, value, customer.customer_id) for kind, value in identifiers],
            )
        return customer

    def customer(self, customer_id: str) -> SandboxCustomer:
        """Raises LedgerRefusal `not-found`."""
        row = self._connection.execute(
            "SELECT id, masked FROM customers WHERE id = ?", (customer_id,)
        ).fetchone()
        if row is None:
            raise LedgerRefusal("not-found")
        return SandboxCustomer(*row)

    def resolve(self, kind: str, value: str) -> list[SandboxCustomer]:
        rows = self._connection.execute(
            "SELECT customers.id, masked FROM identifiers JOIN customers"
            " ON customers.id = customer_id WHERE kind = ? AND value = ? ORDER BY 1",
            (kind, value),
        )
        return [SandboxCustomer(*row) for row in rows]


def _present(entry: Entry | None) -> Entry:
    if entry is None:
        raise LedgerRefusal("not-found")
    return entry


_Row = tuple[int, str, str, int, int, str, int, str | None, int, str | None]


def _entry(row: _Row) -> Entry:
    id_, key, code, initial, balance, currency, enabled, customer_id, created_ms, note = row
    return Entry(
        id=id_,
        key=key,
        code=code,
        initial=Money(initial, currency),
        balance=Money(balance, currency),
        enabled=bool(enabled),
        customer_id=customer_id,
        created_ms=created_ms,
        note=None if note is None else json.loads(note),
    )
