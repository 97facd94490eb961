# SPDX-License-Identifier: Apache-2.0
"""The token: its size, its round trip, and that no changed byte passes for the same promise."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.code import Code
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.voucher import (
    PAYLOAD_SIZE,
    TOKEN_SIZE,
    VoucherToken,
    qr_text,
    slip_text,
)
from tests.domain.strategies import keys, tokens

ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
SAMPLE = VoucherToken(
    bytes(4),
    IdempotencyKey("0421-03-1763600000000-7K3QF2ZD"),
    Code.draw(3, tuple(range(14))),
    Money(4850, "USD"),
)


@given(tokens)
def test_a_token_is_119_bytes_and_191_characters(token: VoucherToken) -> None:
    assert len(token.payload()) == PAYLOAD_SIZE == 55
    assert len(token.to_bytes()) == TOKEN_SIZE == 119
    assert len(token.text()) == 191
    assert set(token.text()) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


@given(tokens)
def test_a_token_reads_back_as_itself_from_bytes_and_from_every_text(token: VoucherToken) -> None:
    assert VoucherToken.from_bytes(token.to_bytes()) == token
    for text in (
        token.text(),
        qr_text(token, None),
        qr_text(token, "c.brand.example"),
        qr_text(token, "v" * 60),
    ):
        assert VoucherToken.from_text(text) == token


@given(tokens)
def test_a_token_scanned_in_lower_case_is_accepted(token: VoucherToken) -> None:
    scanned = qr_text(token, "c.brand.example").lower()
    assert VoucherToken.from_text(f"  {scanned}\r\n") == token
    assert VoucherToken.from_text(qr_text(token, None).lower()) == token


@given(tokens, st.integers(0, TOKEN_SIZE - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_makes_another_token(
    token: VoucherToken, place: int, flip: int
) -> None:
    raw = bytearray(token.to_bytes())
    raw[place] ^= flip
    try:
        other = VoucherToken.from_bytes(bytes(raw))
    except ValueError:
        return
    assert other != token
    assert other.to_bytes() == bytes(raw)
    if place < PAYLOAD_SIZE:
        assert other.payload() != token.payload()


def test_every_single_bit_of_a_token_counts() -> None:
    raw = SAMPLE.to_bytes()
    accepted = 0
    for bit in range(TOKEN_SIZE * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            other = VoucherToken.from_bytes(bytes(changed))
        except ValueError:
            continue
        accepted += 1
        assert other != SAMPLE
        assert other.to_bytes() == bytes(changed)
    assert accepted >= 64 * 8


@given(st.binary(min_size=TOKEN_SIZE, max_size=TOKEN_SIZE))
def test_arbitrary_bytes_are_refused_or_canonical(raw: bytes) -> None:
    try:
        token = VoucherToken.from_bytes(bytes([0x10 | raw[0] & 1]) + raw[1:])
    except ValueError:
        return
    assert token.to_bytes()[1:] == raw[1:]


@given(st.binary(max_size=200).filter(lambda raw: len(raw) != TOKEN_SIZE))
def test_bytes_of_another_length_are_no_token(raw: bytes) -> None:
    with pytest.raises(ValueError, match="length"):
        VoucherToken.from_bytes(raw)


@given(st.text(max_size=450))
def test_any_scanned_text_is_a_token_or_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError):
        VoucherToken.from_text(text)


@given(tokens, st.integers(2, 15))
def test_a_token_of_another_version_or_flag_is_refused(token: VoucherToken, other: int) -> None:
    raw = token.to_bytes()
    for first in (other << 4, 0x10 | other):
        with pytest.raises(ValueError, match="version"):
            VoucherToken.from_bytes(bytes([first]) + raw[1:])


@given(tokens, st.integers(1, 60))
def test_the_address_has_the_length_that_its_symbol_holds(token: VoucherToken, size: int) -> None:
    text = qr_text(token, "h" * size)
    assert len(text) == 202 + size
    assert set(text) <= ALPHANUMERIC


def test_a_host_of_19_characters_makes_221_and_one_of_60_makes_262() -> None:
    assert len(qr_text(SAMPLE, "a" * 19)) == 221
    assert len(qr_text(SAMPLE, "a" * 60)) == 262


@pytest.mark.parametrize("host", ["", "a" * 61])
def test_a_host_that_does_not_fit_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="host"):
        qr_text(SAMPLE, host)


@given(tokens)
def test_the_credit_comes_from_key_code_and_amount_alone(token: VoucherToken) -> None:
    bare = replace(token, key_id=bytes(4), expires_on=None, business=bytes(11), signature=bytes(64))
    assert token.credit() == bare.credit()
    read = VoucherToken.from_bytes(token.to_bytes()).credit()
    assert (read.key, read.code, read.amount) == (token.key, token.code, token.amount)
    assert read.vendor_key("create") == token.credit().vendor_key("create")


@given(tokens)
def test_the_signature_covers_everything_but_itself(token: VoucherToken) -> None:
    assert replace(token, signature=bytes(64)).payload() == token.payload()
    assert token.to_bytes() == token.payload() + token.signature


def test_a_part_of_the_wrong_length_makes_no_token() -> None:
    with pytest.raises(ValueError, match="length"):
        replace(SAMPLE, key_id=b"123")
    with pytest.raises(ValueError, match="length"):
        replace(SAMPLE, business=bytes(12))
    with pytest.raises(ValueError, match="length"):
        replace(SAMPLE, signature=bytes(63))


@pytest.mark.parametrize("minor", [0, -1])
def test_a_token_promises_more_than_nothing(minor: int) -> None:
    with pytest.raises(ValueError, match="above zero"):
        replace(SAMPLE, amount=Money(minor, "USD"))


def test_an_expiry_out_of_range_does_not_become_another_day() -> None:
    with pytest.raises(ValueError, match="expiry"):
        replace(SAMPLE, expires_on=datetime.date(2150, 1, 1)).payload()
    with pytest.raises(ValueError, match="expiry"):
        replace(SAMPLE, expires_on=datetime.date(1969, 12, 31)).payload()


@given(tokens)
def test_a_token_shows_neither_its_code_nor_itself(token: VoucherToken) -> None:
    assert token.code.reveal() not in repr(token)
    assert token.text() not in repr(token)


@given(keys)
def test_a_pending_slip_carries_the_key_and_no_value(key: IdempotencyKey) -> None:
    text = slip_text(key)
    assert text == f"CMP:{key}"
    assert set(text) <= ALPHANUMERIC
    with pytest.raises(ValueError):
        VoucherToken.from_text(text)
