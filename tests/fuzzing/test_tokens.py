# SPDX-License-Identifier: Apache-2.0
"""Voucher tokens from a scanner: only what a trusted register signed is ever believed."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Final

from hypothesis import assume
from hypothesis import strategies as st

from agent.domain.code import Code
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import Money
from agent.domain.voucher import VoucherToken, qr_text
from agent.signing import KeyRing, RegisterKey, verify
from tests.domain import strategies as values
from tests.fuzzing.effort import fuzzed
from tests.fuzzing.strategies import sentence_of, spoilt, texts

OURS: Final = RegisterKey(b"o" * 32)
FORGER: Final = RegisterKey(b"f" * 32)
RING: Final = KeyRing([OURS.public])
GENUINE: Final = OURS.sign(
    VoucherToken(
        key_id=bytes(4),
        key=IdempotencyKey("0421-03-1763600000000-7K3QF2ZD"),
        code=Code.draw(3, tuple(range(14))),
        amount=Money(4850, "USD"),
    )
)


def believed(text: str) -> VoucherToken | None:
    """What a register makes of a scan: a token that it may act on, or nothing."""
    try:
        token = VoucherToken.from_text(text)
    except ValueError:
        return None
    return token if verify(token, RING) else None


def forms(raw: bytes) -> list[str]:
    """Every way in which a token reaches us."""
    text = base64.b32encode(raw).decode().rstrip("=")
    return [
        text,
        text.lower(),
        f"CM1:{text}",
        f"  cm1:{text}\r\n",
        f"HTTPS://C.BRAND.EXAMPLE/V/{text}",
        f"https://c.brand.example/v/{text}",
    ]


def test_every_form_of_the_genuine_token_is_believed() -> None:
    assert all(believed(form) == GENUINE for form in forms(GENUINE.to_bytes()))
    assert believed(qr_text(GENUINE, None)) == GENUINE


@fuzzed(flips=st.sets(st.integers(0, 119 * 8 - 1), min_size=1, max_size=24))
def test_a_flipped_bit_never_verifies(flips: set[int]) -> None:
    raw = bytearray(GENUINE.to_bytes())
    for flip in flips:
        raw[flip // 8] ^= 1 << flip % 8
    assert all(believed(form) is None for form in forms(bytes(raw)))


@fuzzed(raw=spoilt(GENUINE.to_bytes()))
def test_what_is_cut_doubled_or_spoilt_is_the_genuine_token_or_nothing(raw: bytes) -> None:
    for form in forms(raw):
        found = believed(form)
        assert found is None or (found == GENUINE and raw == GENUINE.to_bytes())


@fuzzed(before=texts, after=texts, cut=st.integers(0, 191))
def test_text_around_a_token_makes_no_other_token(before: str, after: str, cut: int) -> None:
    text = GENUINE.text()
    for each in (before + text + after, text[:cut] + after + text[cut:], before + text[cut:]):
        found = believed(each)
        assert found is None or found == GENUINE


@fuzzed(token=values.tokens)
def test_a_token_of_a_forger_is_never_believed(token: VoucherToken) -> None:
    signed = FORGER.sign(token)
    assert believed(signed.text()) is None
    assert believed(replace(signed, key_id=OURS.id).text()) is None


@fuzzed(token=values.tokens, seed=st.binary(min_size=32, max_size=32))
def test_a_signature_is_of_one_token_alone(token: VoucherToken, seed: bytes) -> None:
    assume(token.payload()[5:] != GENUINE.payload()[5:])
    moved = replace(token, key_id=OURS.id, signature=GENUINE.signature)
    assert believed(moved.text()) is None
    key = RegisterKey(seed)
    assert verify(key.sign(token), KeyRing([key.public]))


@fuzzed(text=texts | st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=/:V1CM", max_size=420))
def test_any_text_that_is_scanned_is_refused_with_a_sentence(text: str) -> None:
    refused = sentence_of(lambda: VoucherToken.from_text(text))
    assert refused is None or 0 < len(refused) < 120
    assert believed(text) in (None, GENUINE)
