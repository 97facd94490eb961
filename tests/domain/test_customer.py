# SPDX-License-Identifier: Apache-2.0
"""Who the credit is for: only normal forms, and masked wherever it is shown."""

from __future__ import annotations

import pytest
from hypothesis import given

from agent.domain.customer import CustomerKind, CustomerReference, Malformed
from tests.domain.strategies import references

EMAIL, PHONE, LOYALTY = CustomerKind.EMAIL, CustomerKind.PHONE, CustomerKind.LOYALTY


@given(references)
def test_no_view_of_a_customer_shows_who_it_is(customer: CustomerReference) -> None:
    shown = customer.masked()
    assert repr(customer) == str(customer) == f"CustomerReference({customer.kind}, {shown})"
    if customer.value:
        assert customer.value not in shown
    if customer.kind is EMAIL:
        name, _, host = customer.value.partition("@")
        assert f"{name}@" not in customer.masked() or len(name) < 2
        assert host not in customer.masked()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (EMAIL, "ana@shop.example"),
        (EMAIL, "o'brien+returns@mail.shop.example"),
        (PHONE, "+4915112345678"),
        (PHONE, "+1234567"),
        (PHONE, "+123456789012345"),
        (LOYALTY, "A-0042_b"),
        (LOYALTY, "7"),
    ],
)
def test_a_normal_form_is_kept_as_it_is(kind: CustomerKind, value: str) -> None:
    assert CustomerReference(kind, value).value == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (EMAIL, ""),
        (EMAIL, "ana"),
        (EMAIL, "ana@"),
        (EMAIL, "@shop.example"),
        (EMAIL, "ana@shop"),
        (EMAIL, "ana@Shop.example"),
        (EMAIL, "an a@shop.example"),
        (EMAIL, "ana@shop.example\n"),
        (EMAIL, "a\x1b@shop.example"),
        (EMAIL, "<ana@shop.example>"),
        (EMAIL, f"{'a' * 65}@shop.example"),
        (PHONE, "015112345678"),
        (PHONE, "+049151"),
        (PHONE, "+123456"),
        (PHONE, "+1234567890123456"),
        (PHONE, "+49 151 123"),
        (PHONE, "+٤٩١٥١١٢٣"),
        (LOYALTY, ""),
        (LOYALTY, "a b"),
        (LOYALTY, "a\x1b"),
        (LOYALTY, "x" * 65),
    ],
)
def test_another_form_is_refused_and_not_repeated(kind: CustomerKind, value: str) -> None:
    with pytest.raises(ValueError) as refused:
        CustomerReference(kind, value)
    assert not value or value not in str(refused.value)


def test_what_was_malformed_is_not_kept() -> None:
    assert set(Malformed.__slots__) == {"kind"}
