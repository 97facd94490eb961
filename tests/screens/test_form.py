# SPDX-License-Identifier: Apache-2.0
"""From typed fields to a request: tables, with the sentence for what cannot be taken."""

from __future__ import annotations

import zoneinfo
from typing import Any

import pytest

from agent.domain.currency import EXPONENTS
from agent.domain.customer import CustomerKind, CustomerPolicy, CustomerReference, Malformed
from agent.domain.idempotency import CallerAlias, PosAlias
from agent.domain.money import Money
from agent.flows.register import Register
from agent.screens import form
from agent.screens.doors import ScreenOptions
from agent.screens.form import FormWrong, business_date, example, kept_fields, known_name
from tests.fakes.clock import START_MS
from tests.fakes.counter import PLACE

NAME = "0123456789ABCDEF"
GOOD = {"amount": "48.50", "operator": "Ana", "kind": "none", "reason": "return"}


async def read(currency: str = "USD", **changes: str) -> Any:
    register = Register(PLACE, currency, policy=CustomerPolicy.WANTED)
    fields = {name: text for name, text in {**GOOD, **changes}.items() if text}
    options = ScreenOptions(store="0421")
    return await form.read(fields, NAME, "screen", register, options, START_MS)


async def wrong(currency: str = "USD", **changes: str) -> FormWrong:
    with pytest.raises(FormWrong) as caught:
        await read(currency, **changes)
    return caught.value


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("48.50", "USD", 4850),
        ("48,5", "USD", 4850),
        ("48", "USD", 4800),
        ("48.", "USD", 4800),
        ("0.01", "USD", 1),
        ("1 200,00", "EUR", 120000),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("1,2", "KWD", 1200),
    ],
)
async def test_amounts_are_read_by_the_digits_of_their_currency(
    text: str, currency: str, minor: int
) -> None:
    request, _ = await read(currency, amount=text)
    assert request.amount == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "USD"),
        ("4x", "USD"),
        ("-5", "USD"),
        ("+5", "USD"),
        ("1.2.3", "USD"),
        ("1,234.50", "USD"),
        ("1.234", "USD"),
        ("48.5", "JPY"),
        ("0", "USD"),
        ("0.00", "USD"),
        ("1e3", "USD"),
        ("٤٨", "USD"),
        ("99999999999999", "USD"),
        ("9999999999999", "USD"),
        (".5", "USD"),
        ("inf", "USD"),
    ],
)
async def test_any_other_amount_is_asked_again(text: str, currency: str) -> None:
    assert (await wrong(currency, amount=text)).wrong.field == "amount"


async def test_the_example_of_every_currency_can_be_typed() -> None:
    for currency in EXPONENTS:
        request, _ = await read(currency, amount=example(currency))
        assert request.amount.decimal() == example(currency)


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("email", " Ann@Example.COM ", CustomerReference(CustomerKind.EMAIL, "ann@example.com")),
        ("phone", "(212) 555-0142", CustomerReference(CustomerKind.PHONE, "+12125550142")),
        ("loyalty", "L-77", CustomerReference(CustomerKind.LOYALTY, "L-77")),
    ],
)
async def test_an_identifier_is_read_into_its_normal_form(
    kind: str, text: str, found: CustomerReference
) -> None:
    request, _ = await read(kind=kind, customer=text)
    assert request.customer == found


@pytest.mark.parametrize("kind", ["email", "phone", "loyalty"])
async def test_a_malformed_identifier_is_told_apart_and_only_then_taken(kind: str) -> None:
    told = await wrong(kind=kind, customer="no such thing!")
    assert told.wrong.field == "customer"
    request, _ = await read(kind=kind, customer="no such thing!", as_is="1")
    assert request.customer == Malformed(CustomerKind(kind))


@pytest.mark.parametrize(
    ("kind", "text"), [("none", "ann@example.com"), ("email", ""), ("card", "x"), ("", "x")]
)
async def test_a_customer_is_neither_guessed_nor_dropped(kind: str, text: str) -> None:
    assert (await wrong(kind=kind, customer=text)).wrong.field == "customer"


CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    "changes",
    [
        {"operator": CARD},
        {"reason": "other", "reason_other": CARD},
        {"receipt": CARD},
        {"pos": "4111111111111111"},
        {"amount": "4111111111111111"},
        {"kind": "loyalty", "customer": "4111111111111111"},
        {"kind": "email", "customer": CARD},
        {"kind": "phone", "customer": CARD},
        {"kind": "none", "customer": CARD},
    ],
)
async def test_a_card_number_is_refused_and_not_kept(changes: dict[str, str]) -> None:
    told = await wrong(**changes)
    assert "4111" not in str(told.fields)


async def test_the_names_of_a_credit_are_the_forms_and_the_tills() -> None:
    _, aliases = await read(pos="T5")
    assert aliases[0] == CallerAlias("screen", "0421/03", NAME)
    assert isinstance(aliases[1], PosAlias)
    assert aliases[1].transaction == "T5"
    _, aliases = await read()
    assert aliases[1] == PosAlias(
        PLACE, business_date(START_MS, ScreenOptions("1").zone), f"SCR-{NAME}", "1"
    )


def test_the_business_date_is_the_stores_own_day() -> None:
    at_ms = 1_795_046_400_000  # 2026-11-19 00:00 UTC
    assert business_date(at_ms, zoneinfo.ZoneInfo("UTC")).isoformat() == "2026-11-19"
    assert business_date(at_ms, zoneinfo.ZoneInfo("America/New_York")).isoformat() == "2026-11-18"


def test_only_fields_of_the_form_are_kept_and_a_pin_is_none() -> None:
    kept = kept_fields({"amount": " 5 ", "pin": "2468", "manager": "Mia", "x": "1", "pos": " "})
    assert kept == {"amount": "5"}


@pytest.mark.parametrize("text", ["", "short", NAME + "0", NAME.lower(), "0123456789ABCDEI"])
def test_a_name_that_no_form_of_ours_carried_is_not_taken(text: str) -> None:
    assert known_name(text) is None
    assert known_name(NAME) == NAME
