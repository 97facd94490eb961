# SPDX-License-Identifier: Apache-2.0
"""From bytes to values: whatever comes, it ends in a request or in one named fault."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.credit import Unit
from agent.domain.customer import CustomerKind, CustomerReference, Malformed, Skipped
from agent.domain.faults import BadField, HeaderMissing
from agent.domain.money import Money
from agent.intake.bodies import CreditBody
from agent.intake.problems import Refusal
from agent.intake.reading import field_given, idempotency_name, read_body, read_credit
from tests.intake.records import PLACE, body

NOW_MS = 1_795_000_000_000
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*body(), "store", "original_sale", "occurred_at", "minor", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


def read(**changes: Any) -> CreditBody:
    return read_body(CreditBody, json.dumps(body(**changes)).encode())


async def test_a_whole_body_becomes_a_request() -> None:
    given_body = read(
        customer={"email": "Jane@Example.com"},
        occurred_at="2026-11-21T15:05:00.25+01:00",
        original_sale={"receipt": "R-1", "units": [{"line": "2", "number": 3}]},
        distinct=True,
    )
    request, alias = await read_credit(given_body, "0421", "US", NOW_MS)
    assert request.place == PLACE
    assert request.amount == Money(4850, "USD")
    assert request.customer == CustomerReference(CustomerKind.EMAIL, "jane@example.com")
    at = datetime.datetime(2026, 11, 21, 14, 5, 0, 250_000, tzinfo=datetime.UTC)
    assert request.occurred_at_ms == int(at.timestamp() * 1000)
    assert request.units == (Unit("R-1", "2", 3),)
    assert request.distinct
    assert alias.text() == "pos\n0421/03\n2026-11-21\n1001\n1"


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        (None, Skipped(knowingly=False)),
        ({"skipped": True}, Skipped(knowingly=True)),
        ({"loyalty": "L1"}, CustomerReference(CustomerKind.LOYALTY, "L1")),
        ({"phone": "(212) 555-0123"}, CustomerReference(CustomerKind.PHONE, "+12125550123")),
        ({"phone": "555"}, Malformed(CustomerKind.PHONE)),
    ],
)
async def test_every_kind_of_customer_is_read(customer: Any, expected: object) -> None:
    request, _ = await read_credit(read(customer=customer), "0421", "US", NOW_MS)
    assert request.customer == expected


async def test_lines_that_stand_twice_are_two_units() -> None:
    sale = {"receipt": "R", "lines": ["1", "2", "1"]}
    request, _ = await read_credit(read(original_sale=sale), "0421", "US", NOW_MS)
    assert request.units == (Unit("R", "1", 1), Unit("R", "2", 1), Unit("R", "1", 2))


async def test_without_a_time_of_the_till_ours_is_taken() -> None:
    request, _ = await read_credit(read(), "0421", "US", NOW_MS)
    assert request.occurred_at_ms == NOW_MS


@given(JSON)
def test_no_json_breaks_the_reading_of_a_body(found: Any) -> None:
    data = json.dumps(found).encode()
    try:
        assert isinstance(read_body(CreditBody, data), CreditBody)
    except (BadField, Refusal):
        pass
    assert field_given(data, "result") in (True, False)


@given(st.binary(max_size=40))
def test_no_bytes_break_the_reading_of_a_body(data: bytes) -> None:
    with pytest.raises((BadField, Refusal)):
        read_body(CreditBody, data)
    assert not field_given(data, "result")


def refused(data: bytes) -> BadField | None:
    """The fault of a body, or None where it is taken."""
    try:
        read_body(CreditBody, data)
    except BadField as fault:
        return fault
    return None


@given(st.sampled_from(list(body())), JSON)
def test_a_field_of_another_kind_is_named(field: str, value: Any) -> None:
    data = json.dumps({**body(), field: value}, allow_nan=False, default=str)
    fault = refused(data.encode())
    if fault is not None:
        assert str(fault.values["field"]).startswith(field)
        assert fault.values["problem"]


@given(st.text(max_size=300))
def test_a_name_is_visible_ascii_or_missing(header: str) -> None:
    try:
        name = idempotency_name(header)
    except (HeaderMissing, BadField):
        return
    assert 1 <= len(name) <= 255
    assert all("!" <= sign <= "~" for sign in name)


@pytest.mark.parametrize(
    ("header", "name"),
    [('"a\\"b"', 'a"b'), ('"a\\\\b"', "a\\b"), ("8e03978e-40d5", "8e03978e-40d5")],
)
def test_a_quoted_name_is_read_as_the_standard_writes_it(header: str, name: str) -> None:
    assert idempotency_name(header) == name


def test_a_card_number_is_no_name() -> None:
    with pytest.raises(BadField):
        idempotency_name("till-4111111111111111")
