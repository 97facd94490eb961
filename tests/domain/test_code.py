# SPDX-License-Identifier: Apache-2.0
"""The code: every slip of a typing hand is found, and nothing shows more than four characters."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain import symbols
from agent.domain.code import CODE_LENGTH, Code
from tests.domain.strategies import codes


@given(codes)
def test_every_single_wrong_symbol_is_found(code: Code) -> None:
    text = code.reveal()
    for place in range(CODE_LENGTH):
        for symbol in symbols.ALPHABET.replace(text[place], ""):
            with pytest.raises(ValueError):
                Code(text[:place] + symbol + text[place + 1 :])


@given(codes)
def test_every_swap_of_two_places_is_found(code: Code) -> None:
    text = code.reveal()
    for one in range(CODE_LENGTH):
        for two in range(one + 1, CODE_LENGTH):
            if text[one] == text[two]:
                continue
            swapped = list(text)
            swapped[one], swapped[two] = swapped[two], swapped[one]
            with pytest.raises(ValueError):
                Code("".join(swapped))


@given(codes)
def test_a_code_is_sixteen_symbols_and_begins_with_a_letter(code: Code) -> None:
    text = code.reveal()
    assert len(text) == 16
    assert text[0] in "ABCDEFGHJKMNPQRSTVWXYZ"
    assert set(text) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@given(codes)
def test_a_code_is_printed_in_four_groups_of_four_and_read_back(code: Code) -> None:
    printed = code.grouped()
    assert [len(group) for group in printed.split("-")] == [4, 4, 4, 4]
    assert printed.replace("-", "") == code.reveal()
    assert Code.typed(printed) == code


@given(codes, st.data())
def test_a_code_is_read_however_a_person_types_it(code: Code, data: st.DataObject) -> None:
    typed = ""
    for symbol in code.reveal():
        alike = {"0": "0Oo", "1": "1IiLl"}.get(symbol, symbol + symbol.lower())
        typed += data.draw(st.sampled_from(alike)) + data.draw(st.sampled_from(["", " ", "-"]))
    assert Code.typed(f" {typed}") == code


@given(codes)
def test_no_view_of_a_code_shows_more_than_its_last_four(code: Code) -> None:
    shown = [repr(code), str(code), f"{code}", f"{code!r}", repr((code,)), repr({code: code})]
    hidden = code.reveal()[:-4]
    for text in shown:
        assert not any(hidden[at : at + 5] in text for at in range(len(hidden) - 4))
        assert code.last_four in text
    assert code.last_four == code.reveal()[-4:]


@given(codes, st.integers(0, 15), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZU*"))
def test_a_refusal_does_not_repeat_what_was_typed(code: Code, place: int, symbol: str) -> None:
    text = code.reveal()
    wrong = text[:place] + symbol + text[place + 1 :]
    if wrong == text:
        return
    with pytest.raises(ValueError) as refused:
        Code.typed(wrong)
    said = "".join(traceback.format_exception_only(refused.value))
    assert wrong[:5] not in said
    assert wrong[-5:] not in said
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@given(codes, codes)
def test_codes_are_equal_only_where_every_symbol_is(one: Code, two: Code) -> None:
    assert (one == two) == (one.reveal() == two.reveal())
    assert one == Code(one.reveal())
    assert hash(one) == hash(Code(one.reveal()))
    assert one != one.reveal()


@pytest.mark.parametrize(
    "text", ["", "A", "0" * 16, "A" * 15, "A" * 17, "AAAA-AAAA-AAAA-AAAA", "Ü" * 16]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Code(text)


def test_a_code_is_drawn_from_one_letter_and_fourteen_symbols() -> None:
    with pytest.raises(ValueError):
        Code.draw(0, (0,) * 13)
    with pytest.raises(ValueError):
        Code.draw(0, (0,) * 15)


@given(st.text(symbols.ALPHABET, max_size=31))
def test_the_check_character_makes_the_weighted_sum_zero(text: str) -> None:
    """Computed a second way: multiplication in GF(32) by shift and reduce, no tables."""

    def times(one: int, two: int) -> int:
        product = 0
        for bit in range(5):
            if two >> bit & 1:
                product ^= one << bit
        for bit in range(9, 4, -1):
            if product >> bit & 1:
                product ^= 0b100101 << (bit - 5)
        return product

    total, power = 0, 1
    for value in symbols.values(text):
        power = times(power, 2)
        total ^= times(power, value)
    assert symbols.check_symbol(text) == symbols.ALPHABET[total]


def test_a_check_character_covers_no_more_places_than_have_weights() -> None:
    with pytest.raises(ValueError):
        symbols.check_symbol("0" * 32)


@given(
    st.integers(0, 12).flatmap(lambda n: st.text(symbols.ALPHABET, min_size=8 * n, max_size=8 * n))
)
def test_packed_symbols_unpack_to_themselves(text: str) -> None:
    assert symbols.unpack(symbols.pack(text)) == text


def test_symbols_that_do_not_fill_bytes_are_not_packed() -> None:
    with pytest.raises(ValueError):
        symbols.pack("000")
