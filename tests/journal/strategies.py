# SPDX-License-Identifier: Apache-2.0
"""Hypothesis strategies for records: every field of `CreditRecord` by name."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from agent.domain.code import Code
from agent.domain.credit import CreditRequest, Instrument, PosTransaction, Unit
from agent.domain.currency import EXPONENTS
from agent.domain.customer import (
    CustomerKind,
    CustomerReference,
    Forgotten,
    Malformed,
    Skipped,
)
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.money import MINOR_MAX, Money
from agent.domain.outcome import Saying
from agent.domain.place import Place
from agent.domain.plastic import Plastic
from agent.domain.record import (
    FirstClaim,
    ManagerReason,
    Paper,
    PaperKind,
    ReviewReason,
    State,
    VoidKind,
    VoidRequest,
)
from agent.domain.symbols import ALPHABET

short = st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs", "P")), max_size=40).filter(
    lambda text: 1 <= len(text) <= 40 and text.isprintable()
)
numbers = st.integers(0, 2**53)
places = st.builds(
    Place, st.from_regex(r"[0-9A-Z]{1,6}", fullmatch=True), st.sampled_from(["03", "3", "A1"])
)
symbols = st.text(ALPHABET, min_size=8, max_size=8)
codes = st.builds(
    Code.draw,
    st.integers(0, 21),
    st.lists(st.integers(0, 31), min_size=14, max_size=14).map(tuple),
)
moments = st.builds(Moment, numbers, numbers, short, st.booleans())
kinds = st.sampled_from(CustomerKind)
customers = st.one_of(
    st.builds(Skipped, st.booleans()),
    st.builds(Malformed, kinds),
    st.builds(Forgotten, kinds),
    st.sampled_from(
        [
            CustomerReference(CustomerKind.EMAIL, "zoë@shop.example"),
            CustomerReference(CustomerKind.PHONE, "+4915112345678"),
            CustomerReference(CustomerKind.LOYALTY, "L-1"),
        ]
    ),
)
units = st.lists(st.builds(Unit, short, short, st.integers(1, 999)), max_size=3, unique=True)
_plain_requests = st.builds(
    CreditRequest,
    place=places,
    amount=st.builds(Money, st.integers(1, MINOR_MAX), st.sampled_from(sorted(EXPONENTS))),
    operator=short,
    reason=short,
    pos=st.builds(PosTransaction, st.dates(), short, short),
    occurred_at_ms=numbers,
    customer=customers,
    instrument=st.sampled_from(Instrument),
    original_sale=st.none() | short,
    units=units.map(tuple),
    distinct=st.booleans(),
)
_plastics = st.none() | st.sampled_from([Plastic("6036280000001234"), Plastic("6036AB12", "987")])
requests = st.tuples(_plain_requests, _plastics).map(
    lambda pair: (
        replace(pair[0], plastic=pair[1]) if pair[0].instrument is Instrument.PLASTIC else pair[0]
    )
)
sayings = st.builds(Saying, st.none() | st.integers(100, 599), short, short, short)
voids = st.builds(VoidRequest, short, short, st.sampled_from(VoidKind))

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "key": st.builds(IdempotencyKey.make, places, st.integers(0, 10**13 - 1), symbols),
    "code": codes,
    "request": requests,
    "caller": short,
    "state": st.sampled_from(State),
    "opened": moments,
    "changed_ms": numbers,
    "perhaps_sent": st.booleans(),
    "promised": st.booleans(),
    "shared": st.booleans(),
    "reserved": st.booleans(),
    "paper": st.sampled_from(Paper),
    "paper_kind": st.none() | st.sampled_from(PaperKind),
    "paper_approved_by": st.none() | short,
    "copies": st.integers(0, 99),
    "expires_on": st.none() | st.dates(datetime.date(1970, 1, 1), datetime.date(2149, 1, 1)),
    "review": st.none() | st.sampled_from(ReviewReason),
    "manager": st.none() | st.sampled_from(ManagerReason),
    "refused": st.booleans(),
    "customer_id": st.none() | short,
    "linked": st.booleans(),
    "unlinked_flag": st.booleans(),
    "reference": st.none() | short,
    "saying": sayings,
    "attempts": st.integers(0, 10**6),
    "last_sent": st.none() | moments,
    "first_sent": st.none() | moments,
    "due_ms": st.none() | numbers,
    "settled_ms": st.none() | numbers,
    "void": st.none() | voids,
    "claimed": st.none() | st.builds(FirstClaim, short, places, numbers),
    "heard": st.booleans(),
    "pos_prints": st.booleans(),
    "epoch": st.integers(0, 99),
    "vain": st.integers(0, 99),
    "revision": st.integers(0, 10**6),
}
