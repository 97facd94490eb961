# SPDX-License-Identifier: Apache-2.0
"""What Hypothesis draws for values of the domain: valid ones, all of them."""

from __future__ import annotations

import datetime

from hypothesis import strategies as st

from agent.domain.code import Code
from agent.domain.credit import Credit, CreditRequest, PosTransaction, Unit
from agent.domain.currency import EXPONENTS
from agent.domain.customer import Customer, CustomerKind, CustomerReference, Skipped
from agent.domain.idempotency import IdempotencyKey
from agent.domain.money import MINOR_MAX, Money
from agent.domain.place import Place
from agent.domain.symbols import ALPHABET
from agent.domain.voucher import TokenFlag, VoucherToken

currencies = st.sampled_from(sorted(EXPONENTS))
one_of_each_exponent = st.sampled_from(["JPY", "USD", "KWD"])
amounts = st.builds(Money, st.integers(-MINOR_MAX, MINOR_MAX), currencies)
credit_amounts = st.builds(Money, st.integers(1, MINOR_MAX), currencies)

_parts = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=6)
places = st.builds(Place, _parts, _parts)
chances = st.text(ALPHABET, min_size=8, max_size=8)
keys = st.builds(IdempotencyKey.make, places, st.integers(0, 10**13 - 1), chances)
codes = st.builds(
    Code.draw, st.integers(0, 21), st.tuples(*[st.integers(0, 31) for _ in range(14)])
)
credits_ = st.builds(Credit, keys, codes, credit_amounts)

tokens = st.builds(
    VoucherToken,
    key_id=st.binary(min_size=4, max_size=4),
    key=keys,
    code=codes,
    amount=credit_amounts,
    expires_on=st.none()
    | st.dates(min_value=datetime.date(1970, 1, 2), max_value=datetime.date(2149, 6, 6)),
    business=st.binary(min_size=11, max_size=11),
    flags=st.sampled_from([TokenFlag.NONE, TokenFlag.IDENTITY]),
    signature=st.binary(min_size=64, max_size=64),
)

_plain = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
references = st.one_of(
    st.builds(
        CustomerReference,
        st.just(CustomerKind.EMAIL),
        st.builds(lambda name, host: f"{name}@{host}.example", _plain, _plain),
    ),
    st.builds(
        CustomerReference,
        st.just(CustomerKind.PHONE),
        st.from_regex(r"\A\+[1-9][0-9]{6,14}\Z"),
    ),
    st.builds(CustomerReference, st.just(CustomerKind.LOYALTY), _plain),
)


def request(
    amount: Money | None = None,
    customer: Customer | None = None,
    units: tuple[Unit, ...] = (),
    original_sale: str | None = None,
) -> CreditRequest:
    """A plain request of 48.50 USD at register 0421/03."""
    return CreditRequest(
        place=Place("0421", "03"),
        amount=amount or Money(4850, "USD"),
        operator="Ana",
        reason="return",
        pos=PosTransaction(datetime.date(2025, 11, 20), "7781"),
        occurred_at_ms=1_763_600_000_000,
        customer=customer or Skipped(),
        units=units,
        original_sale=original_sale,
    )
