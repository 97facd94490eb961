# SPDX-License-Identifier: Apache-2.0
"""A scanned gift card: its form, and that it is never shown."""

from __future__ import annotations

import pytest

from agent.domain.plastic import Plastic

CARD = Plastic("6036280000001234", "9876")


def test_a_scanned_number_loses_spaces_and_dashes_and_keeps_its_digits() -> None:
    assert Plastic.scanned("6036 2800-0000 1234\r\n", " 9876") == CARD
    assert Plastic.scanned("abcd1234ef").number == "ABCD1234EF"


@pytest.mark.parametrize("number", ["", "1234567", "6" * 33, "60362800 0001234", "60362800000é"])
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="number"):
        Plastic(number)


@pytest.mark.parametrize("security", ["12", "1" * 13, "12 34"])
def test_what_is_no_pin_is_refused(security: str) -> None:
    with pytest.raises(ValueError, match="PIN"):
        Plastic("6036280000001234", security)


def test_it_shows_its_last_four_alone() -> None:
    assert str(CARD) == repr(CARD) == "Plastic(…1234)"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("card 6036280000001234 is blocked", "card …1234 is blocked"),
        ("card 6036-2800-0000-1234, PIN 9876.", "card …1234, PIN …."),
        ("transaction 19876 of today", "transaction 19876 of today"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_an_echo_of_it_is_taken_out_of_a_text(said: str, left: str) -> None:
    assert CARD.hidden(said) == left


def test_without_a_pin_the_number_alone_is_taken_out() -> None:
    assert Plastic("ABCD1234").hidden("abcd1234 9876") == "…1234 9876"
