# SPDX-License-Identifier: Apache-2.0
"""Records and their rows: exact both ways, and no secret in the open columns."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.code import Code
from agent.domain.credit import CreditRequest
from agent.domain.customer import CustomerKind, CustomerReference
from agent.domain.faults import JournalDamaged
from agent.domain.record import CreditRecord
from agent.journal import reading
from agent.journal.rows import (
    SALT_SIZE,
    Personal,
    row_digest,
    salt_of,
    stand_in,
    to_row,
)
from agent.journal.schema import connect, prepare
from agent.journal.store import Store
from tests.journal.building import Bench
from tests.journal.strategies import FIELDS, codes


def stored(record: CreditRecord) -> tuple[CreditRecord, dict[str, Any]]:
    """The record as it comes back from a real table, and its public columns."""
    bench = Bench()
    connection = connect(None)
    try:
        prepare(connection, None)
        connection.execute("PRAGMA foreign_keys = OFF")
        seal = bench.seal()
        store = Store(connection, seal, bench.clock_ms, bench.chance)
        columns = to_row(record, seal)
        names, marks = ", ".join(columns), ", ".join(f":{name}" for name in columns)
        connection.execute(f"INSERT INTO credits ({names}) VALUES ({marks})", columns)
        people = Personal.of(record)
        if not people.empty:
            sealed = people.sealed(record.key.text, bytes(SALT_SIZE), seal)
            connection.execute("INSERT INTO personal VALUES (?, 1, ?)", (record.key.text, sealed))
        back = reading.get(store, record.key)
        assert back is not None
        saved = dict(connection.execute("SELECT * FROM credits").fetchone())
        assert row_digest(saved) == row_digest(dict(columns))
        return back, saved
    finally:
        connection.close()


def test_every_field_of_a_record_has_a_strategy_here() -> None:
    """So that a field which is added and not stored fails the next test."""
    assert list(FIELDS) == [field.name for field in dataclasses.fields(CreditRecord)]


@given(st.fixed_dictionaries(FIELDS))
def test_a_record_comes_back_exactly_as_it_was(fields: dict[str, Any]) -> None:
    record = CreditRecord(**fields)
    back, _ = stored(record)
    assert back == record
    for field in dataclasses.fields(CreditRecord):
        assert getattr(back, field.name) == getattr(record, field.name), field.name
    for field in dataclasses.fields(CreditRequest):
        assert getattr(back.request, field.name) == getattr(record.request, field.name)


@given(st.fixed_dictionaries(FIELDS))
def test_open_columns_hold_no_code_and_no_person(fields: dict[str, Any]) -> None:
    record = CreditRecord(**fields)
    _, columns = stored(record)
    text = json.dumps({name: str(value) for name, value in columns.items()})
    assert record.code.reveal() not in text
    customer = record.request.customer
    if isinstance(customer, CustomerReference) and customer.value != "L-1":
        assert customer.value not in text
    assert "customer_id" not in columns
    assert "saying_message" not in columns


@given(codes)
def test_a_stand_in_has_the_last_four_and_is_another_code(code: Code) -> None:
    other = stand_in(code.last_four)
    assert other.last_four == code.last_four
    assert other.reveal().startswith("ERASED")
    assert other != code


def test_a_digest_sees_every_open_column() -> None:
    bench = Bench()
    _, columns = stored(bench.draft().record)
    whole = row_digest(columns)
    for name, value in columns.items():
        other: Any = "x" if isinstance(value, str) or value is None else b"x"
        changed = row_digest({**columns, name: 7 if isinstance(value, int) else other})
        assert (changed == whole) == (name in ("id", "code_sealed")), name


def test_a_column_that_is_empty_does_not_change_the_digest() -> None:
    _, columns = stored(Bench().draft().record)
    assert row_digest({**columns, "of_a_later_version": None}) == row_digest(columns)


async def test_a_person_who_is_gone_without_a_word_is_damage() -> None:
    bench = Bench()
    customer = CustomerReference(CustomerKind.EMAIL, "ana@shop.example")
    async with bench.inline() as journal:
        record = await bench.opened(journal, bench.draft(customer=customer))
        journal.core.store.connection.execute("DELETE FROM personal")
        with pytest.raises(JournalDamaged):
            await journal.get(record.key)


def test_people_and_salts_are_sealed_to_their_own_key() -> None:
    bench = Bench()
    seal = bench.seal()
    people = Personal("ana@shop.example", "c-1", "no such ana@shop.example")
    salt = bytes(range(SALT_SIZE))
    sealed = people.sealed("key-1", salt, seal)
    assert Personal.from_sealed("key-1", sealed, seal) == people
    assert salt_of("key-1", sealed, seal) == salt
    assert b"ana" not in sealed
    assert "ana" not in repr(people)
    with pytest.raises(JournalDamaged):
        Personal.from_sealed("key-2", sealed, seal)
