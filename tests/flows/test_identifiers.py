# SPDX-License-Identifier: Apache-2.0
"""Normal forms of identifiers, and card numbers found wherever they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.customer import CustomerKind, CustomerReference, Malformed
from agent.flows import identifiers
from agent.flows.identifiers import holds_card_number

# Test numbers that the schemes and processors publish.
CARDS = (
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "30569309025904",
    "3530111333300000",
    "6240008631401148",
    "6759649826438453",
    "2200000000000004",
)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Jane@Example.COM", "jane@example.com"),
        ("  jane.doe+pos@example.co.uk ", "jane.doe+pos@example.co.uk"),
        ("ｊａｎｅ@example.com", "jane@example.com"),
        ("jane@bücher.example", "jane@xn--bcher-kva.example"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("JÖRG@example.com", "jörg@example.com"),
    ],
)
def test_an_email_comes_into_its_normal_form(typed: str, normal: str) -> None:
    assert identifiers.email(typed) == CustomerReference(CustomerKind.EMAIL, normal)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "jane",
        "@example.com",
        "jane@",
        "jane@localhost",
        "Jane Doe <jane@example.com>",
        '"jane doe"@example.com',
        "jane@exa mple.com",
        "ja ne@example.com",
        "a@b@example.com",
        ".jane@example.com",
        "jane.@example.com",
        "ja..ne@example.com",
        "jane@example..com",
        "jane@-example.com",
        "jane@[127.0.0.1]",
        "jane@example.com, joe@example.com",
        "ja\u200bne@example.com",
        "ja\nne@example.com",
        "x" * 65 + "@example.com",
        "jane@" + "a" * 70 + ".com",
        "jane@example.c",
    ],
)
def test_what_is_no_email_is_malformed_and_not_kept(typed: str) -> None:
    assert identifiers.email(typed) == Malformed(CustomerKind.EMAIL)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_an_email(typed: str) -> None:
    found = identifiers.email(typed)
    if isinstance(found, CustomerReference):
        assert identifiers.email(found.value) == found
    else:
        assert found == Malformed(CustomerKind.EMAIL)


@pytest.mark.parametrize(
    ("typed", "region", "normal"),
    [
        ("(212) 555-0123", "US", "+12125550123"),
        ("+1 212 555 0123", "DE", "+12125550123"),
        ("030 / 901820", "DE", "+4930901820"),
        ("0044 20 7946 0958", "DE", "+442079460958"),
        ("٢١٢ ٥٥٥ ٠١٢٣", "US", None),
        ("２１２５５５０１２３", "US", "+12125550123"),
        ("1-800-FLOWERS", "US", None),
        ("212-555-0123 x5", "US", None),
        ("+1212555012345678", "US", None),
        ("12", "US", None),
        ("", "US", None),
        ("+999 12345678", "US", None),
    ],
)
async def test_a_phone_number_becomes_e164_or_malformed(
    typed: str, region: str, normal: str | None
) -> None:
    found = await identifiers.phone(typed, region)
    if normal is None:
        assert found == Malformed(CustomerKind.PHONE)
    else:
        assert found == CustomerReference(CustomerKind.PHONE, normal)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [(" L-100_a ", "L-100_a"), ("a b", None), ("", None), ("é", None), ("x" * 65, None)],
)
def test_a_loyalty_number_is_taken_as_it_is(typed: str, normal: str | None) -> None:
    expected = (
        Malformed(CustomerKind.LOYALTY)
        if normal is None
        else CustomerReference(CustomerKind.LOYALTY, normal)
    )
    assert identifiers.loyalty(typed) == expected


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_found_in_every_dress(card: str) -> None:
    grouped = " ".join(card[at : at + 4] for at in range(0, len(card), 4))
    wide = "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in card)
    for text in (card, f"pan {card}.", grouped, grouped.replace(" ", "-"), wide, f"x{card}y"):
        assert holds_card_number(text), text
    assert not holds_card_number(card[:-1] + str((int(card[-1]) + 1) % 10))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "return",
        "1001",
        "0421-03-1763600000000",
        "1763600000000",
        "0000000000000000",
        "1234567812345670",
        "4111111111111112",
        "411111111111111100000001",
        "00421030017012024112100",
        "2026-11-21 14:05",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not holds_card_number(text)


def test_separators_count_only_where_they_are_asked_for() -> None:
    assert not holds_card_number("4111-1111-1111-1111", separators=False)
    assert holds_card_number("till-4111111111111111", separators=False)


@given(st.text(max_size=60))
def test_no_text_breaks_the_search(text: str) -> None:
    assert holds_card_number(text) in (True, False)
