# SPDX-License-Identifier: Apache-2.0
"""What makes two requests the same body, and the vendor's key that follows from a credit."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.code import Code
from agent.domain.credit import Credit, CreditRequest, Instrument, PosTransaction, Unit
from agent.domain.customer import CustomerKind, CustomerReference, Malformed, Skipped
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.plastic import Plastic
from tests.domain.strategies import codes, credits_, keys, references, request

ANA = CustomerReference(CustomerKind.EMAIL, "ana@shop.example")
UNITS = (Unit("S-1", "1", 1), Unit("S-1", "2", 1))
BODY = request(customer=ANA, units=UNITS, original_sale="S-1")
DATE = BODY.pos.business_date

Change = Callable[[CreditRequest], CreditRequest]

IN_THE_BODY: dict[str, Change] = {
    "amount": lambda r: replace(r, amount=Money(4851, "USD")),
    "currency": lambda r: replace(r, amount=Money(4850, "CAD")),
    "instrument": lambda r: replace(r, instrument=Instrument.ACCOUNT),
    "scanned card": lambda r: replace(
        r, instrument=Instrument.PLASTIC, plastic=Plastic("6036280000001234")
    ),
    "customer": lambda r: replace(
        r, customer=CustomerReference(CustomerKind.EMAIL, "bob@shop.example")
    ),
    "customer's kind": lambda r: replace(r, customer=CustomerReference(CustomerKind.LOYALTY, "4")),
    "no customer": lambda r: replace(r, customer=Skipped()),
    "malformed customer": lambda r: replace(r, customer=Malformed(CustomerKind.EMAIL)),
    "original sale": lambda r: replace(r, original_sale="S-2"),
    "no original sale": lambda r: replace(r, original_sale=None),
    "a unit less": lambda r: replace(r, units=UNITS[:1]),
    "a unit's number": lambda r: replace(r, units=(UNITS[0], Unit("S-1", "2", 2))),
    "a unit's line": lambda r: replace(r, units=(UNITS[0], Unit("S-1", "3", 1))),
    "business date": lambda r: replace(
        r, pos=PosTransaction(DATE + datetime.timedelta(days=1), "7781")
    ),
    "POS number": lambda r: replace(r, pos=PosTransaction(DATE, "7782")),
    "POS line": lambda r: replace(r, pos=PosTransaction(DATE, "7781", "2")),
}
NOT_IN_THE_BODY: dict[str, Change] = {
    "operator": lambda r: replace(r, operator="Bob"),
    "reason": lambda r: replace(r, reason="goodwill"),
    "time": lambda r: replace(r, occurred_at_ms=r.occurred_at_ms + 1),
    "distinct": lambda r: replace(r, distinct=True),
    "order of the units": lambda r: replace(r, units=UNITS[::-1]),
}


@pytest.mark.parametrize("name", IN_THE_BODY)
def test_a_change_in_the_body_makes_another_body(name: str) -> None:
    assert IN_THE_BODY[name](BODY).body_digest() != BODY.body_digest()


@pytest.mark.parametrize("name", NOT_IN_THE_BODY)
def test_a_change_beside_the_body_leaves_it_the_same(name: str) -> None:
    assert NOT_IN_THE_BODY[name](BODY).body_digest() == BODY.body_digest()


def test_the_body_is_covered_exactly() -> None:
    """A new field of a request belongs to one of the two lists, or to the place (the register)."""
    touched = {"amount", "instrument", "plastic", "customer", "original_sale", "units", "pos"}
    beside = {"operator", "reason", "occurred_at_ms", "distinct", "place"}
    assert set(CreditRequest.__dataclass_fields__) == touched | beside


def test_another_scanned_card_is_another_body_and_its_pin_is_beside_it() -> None:
    one = replace(BODY, instrument=Instrument.PLASTIC, plastic=Plastic("6036280000001234"))
    other = replace(one, plastic=Plastic("6036280000001235"))
    assert one.body_digest() != other.body_digest()
    typed = replace(one, plastic=Plastic("6036280000001234", "4321"))
    assert typed.body_digest() == one.body_digest()


def test_a_scanned_card_goes_with_its_own_instrument_alone() -> None:
    with pytest.raises(ValueError, match="plastic"):
        replace(BODY, plastic=Plastic("6036280000001234"))


def test_units_of_different_sales_make_different_bodies() -> None:
    one = request(units=(Unit("S-1", "1", 1),))
    two = request(units=(Unit("S-2", "1", 1),))
    assert one.business_digest() != two.business_digest()
    assert one.body_digest() != two.body_digest()


@given(references, references)
def test_requests_for_two_customers_are_two_bodies(
    one: CustomerReference, two: CustomerReference
) -> None:
    same = request(customer=one).body_digest() == request(customer=two).body_digest()
    assert same == (one == two)


def test_the_business_digest_is_of_the_set_of_units() -> None:
    assert len(BODY.business_digest()) == 11
    assert replace(BODY, units=UNITS[::-1]).business_digest() == BODY.business_digest()
    assert replace(BODY, units=UNITS[:1]).business_digest() != BODY.business_digest()
    assert replace(BODY, units=()).business_digest() == bytes(11)


@given(
    st.lists(st.integers(1, 999), min_size=1, max_size=6, unique=True).flatmap(
        lambda numbers: st.tuples(st.just(numbers), st.permutations(numbers))
    )
)
def test_units_in_any_order_have_one_digest(orders: tuple[list[int], list[int]]) -> None:
    one, two = (
        replace(BODY, units=tuple(Unit("S-1", "1", number) for number in numbers))
        for numbers in orders
    )
    assert one.business_digest() == two.business_digest()
    assert one.body_digest() == two.body_digest()


def test_a_credit_names_each_unit_once_and_at_most_99() -> None:
    with pytest.raises(ValueError, match="each once"):
        replace(BODY, units=(UNITS[0], UNITS[0]))
    many = tuple(Unit("S-1", "1", number) for number in range(1, 101))
    assert len(replace(BODY, units=many[:99]).units) == 99
    with pytest.raises(ValueError, match="at most 99"):
        replace(BODY, units=many)


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_a_unit_is_counted_from_one(number: int) -> None:
    with pytest.raises(ValueError, match="unit number"):
        Unit("S-1", "1", number)


@pytest.mark.parametrize("minor", [0, -1])
def test_a_credit_is_above_zero(minor: int) -> None:
    with pytest.raises(ValueError, match=r"amount\.minor"):
        request(Money(minor, "USD"))


@pytest.mark.parametrize("text", ["", "x" * 41, "a\x1bb", "a\nb", "\u202eabc", "a\x9b1"])
def test_a_text_that_could_steer_a_printer_or_a_screen_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="operator"):
        replace(BODY, operator=text)
    with pytest.raises(ValueError, match="reason"):
        replace(BODY, reason=text)
    with pytest.raises(ValueError, match=r"original_sale\.receipt"):
        replace(BODY, original_sale=text)


def test_only_a_code_keyed_card_goes_on_paper() -> None:
    assert [each for each in Instrument if each.on_paper] == [Instrument.CARD]


@given(credits_, st.text(max_size=20))
def test_a_vendor_key_is_a_stable_uuid(credit: Credit, step: str) -> None:
    key = credit.vendor_key(step)
    again = Credit(IdempotencyKey(credit.key.text), Code(credit.code.reveal()), credit.amount)
    assert again.vendor_key(step) == key
    assert str(uuid.UUID(key)) == key
    assert uuid.UUID(key).version == 8
    assert uuid.UUID(key).variant == uuid.RFC_4122


@given(credits_, codes, keys)
def test_a_vendor_key_differs_by_step_epoch_code_and_key(
    credit: Credit, code: Code, key: IdempotencyKey
) -> None:
    found = {
        credit.vendor_key("create"),
        credit.vendor_key("disable"),
        replace(credit, epoch=1).vendor_key("create"),
        replace(credit, code=code).vendor_key("create"),
        replace(credit, key=key).vendor_key("create"),
    }
    different = 3 + (code != credit.code) + (key != credit.key)
    assert len(found) == different


def test_a_known_vendor_key_never_changes() -> None:
    """Register and hub must agree for ever: a change of the recipe would double credits."""
    credit = Credit(
        IdempotencyKey("0421-03-1763600000000-7K3QF2ZD"),
        Code.draw(0, (0,) * 14),
        Money(4850, "USD"),
    )
    assert credit.vendor_key("create") == "fdeb80ea-530a-8581-b918-a55ba0625f1e"


@given(credits_)
def test_a_credit_never_shows_its_code(credit: Credit) -> None:
    assert credit.code.reveal() not in repr(credit)
    assert credit.code.reveal() not in credit.vendor_key("create").upper()


def test_a_place_is_shown_with_both_its_parts() -> None:
    assert str(Place("0421", "03")) == "0421/03"
