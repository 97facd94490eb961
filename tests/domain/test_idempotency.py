# SPDX-License-Identifier: Apache-2.0
"""Keys and aliases: their exact form, and that different things never have the same name."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.idempotency import (
    KEY_LENGTH_MAX,
    CallerAlias,
    IdempotencyKey,
    PosAlias,
    is_chance,
)
from agent.domain.place import Place
from tests.domain.strategies import chances, keys, places

visible = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=255)
callers = st.builds(
    CallerAlias, st.sampled_from(["till-a", "till-b"]), st.sampled_from(["03", "3"]), visible
)
pos_aliases = st.builds(
    PosAlias,
    places,
    st.dates(),
    st.text("0123456789ABCabc._/-", min_size=1, max_size=40),
    st.text("0123456789._/-", min_size=1, max_size=40),
)


@given(places, st.integers(0, 10**13 - 1), chances)
def test_a_key_holds_its_parts_and_nothing_else(place: Place, at_ms: int, chance: str) -> None:
    key = IdempotencyKey.make(place, at_ms, chance)
    assert (key.place, key.timestamp_ms, key.chance) == (place, at_ms, chance)
    assert IdempotencyKey(str(key)) == key
    assert len(key.text) <= KEY_LENGTH_MAX


@given(keys, keys)
def test_two_keys_are_equal_only_where_every_part_is(
    one: IdempotencyKey, two: IdempotencyKey
) -> None:
    same = (one.place, one.timestamp_ms, one.chance) == (two.place, two.timestamp_ms, two.chance)
    assert (one == two) == same


def test_the_longest_key_has_36_characters() -> None:
    longest = IdempotencyKey.make(Place("ZZZZZZ", "999999"), 10**13 - 1, "ZZZZZZZZ")
    assert len(longest.text) == KEY_LENGTH_MAX == 36


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0421-03-1763600000000-7K3QF2Z",
        "0421-03-1763600000000-7K3QF2ZDD",
        "0421-03-1763600000000-7k3qf2zd",
        "0421-03-1763600000000-7K3QF2ZI",
        "0421-03-1763600000000-7K3QF2ZU",
        "0421-03-176360000000-7K3QF2ZD",
        "0421-03-17636000000000-7K3QF2ZD",
        "0421000-03-1763600000000-7K3QF2ZD",
        "0421--1763600000000-7K3QF2ZD",
        "-03-1763600000000-7K3QF2ZD",
        "0421-03-1763600000000-7K3QF2ZD\n",
        " 0421-03-1763600000000-7K3QF2ZD",
        "0421-0٣-1763600000000-7K3QF2ZD",
        "abcd-03-1763600000000-7K3QF2ZD",
    ],
)
def test_a_text_of_another_form_is_no_key(text: str) -> None:
    with pytest.raises(ValueError):
        IdempotencyKey(text)


@pytest.mark.parametrize("at_ms", [-1, 10**13])
def test_a_time_that_does_not_fit_makes_no_key(at_ms: int) -> None:
    with pytest.raises(ValueError):
        IdempotencyKey.make(Place("1", "1"), at_ms, "00000000")


@given(st.text(max_size=10))
def test_a_key_is_made_only_from_eight_symbols_of_chance(chance: str) -> None:
    if is_chance(chance):
        assert IdempotencyKey.make(Place("1", "1"), 0, chance).chance == chance
    else:
        with pytest.raises(ValueError):
            IdempotencyKey.make(Place("1", "1"), 0, chance)


def test_a_leading_zero_tells_two_registers_apart() -> None:
    assert Place("0421", "03") != Place("0421", "3")
    two = [IdempotencyKey.make(Place("1", name), 0, "00000000") for name in ("03", "3")]
    assert two[0] != two[1]


@pytest.mark.parametrize("part", ["", "1234567", "0a", "0-1", "0 1", "٣", "03\n"])
def test_a_place_is_one_to_six_plain_characters(part: str) -> None:
    with pytest.raises(ValueError, match="store number"):
        Place(part, "03")
    with pytest.raises(ValueError, match="register id"):
        Place("0421", part)


@given(callers | pos_aliases, callers | pos_aliases)
def test_two_aliases_share_a_text_only_where_they_are_the_same(
    one: CallerAlias | PosAlias, two: CallerAlias | PosAlias
) -> None:
    assert (one.text() == two.text()) == (one == two)


@given(places, st.dates(), st.integers(0, 99999), st.integers(0, 99))
def test_each_part_of_a_pos_alias_makes_another_text(
    place: Place, date: datetime.date, number: int, line: int
) -> None:
    assert (
        len(
            {
                PosAlias(place, date, str(number), str(line)).text(),
                PosAlias(place, date, str(number), f"0{line}").text(),
                PosAlias(place, date, f"0{number}", str(line)).text(),
                PosAlias(place, date, f"{number}.{line}", str(line)).text(),
            }
        )
        == 4
    )


@pytest.mark.parametrize("name", ["", "a b", "a\n", "é", "x" * 256, "\x7f"])
def test_a_caller_names_a_credit_in_visible_ascii(name: str) -> None:
    with pytest.raises(ValueError, match="Idempotency-Key"):
        CallerAlias("till-a", "03", name)


@pytest.mark.parametrize("part", ["", "a b", "a\n", "é", "x" * 41, "a\nb"])
def test_a_pos_number_and_a_line_are_plain_and_short(part: str) -> None:
    date = datetime.date(2025, 11, 20)
    with pytest.raises(ValueError, match="POS transaction number"):
        PosAlias(Place("1", "1"), date, part, "1")
    with pytest.raises(ValueError, match="line"):
        PosAlias(Place("1", "1"), date, "1", part)
