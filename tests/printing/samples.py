# SPDX-License-Identifier: Apache-2.0
"""Records, options and ways to read a paper, for the tests of this folder. It asserts nothing."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy
import zxingcpp

from agent.domain.code import Code
from agent.domain.credit import CreditRequest, PosTransaction, Unit
from agent.domain.customer import Customer, CustomerKind, CustomerReference
from agent.domain.idempotency import IdempotencyKey
from agent.domain.moment import Moment
from agent.domain.money import Money
from agent.domain.place import Place
from agent.domain.record import CreditRecord, Paper, PaperKind, State
from agent.printing.options import PaperOptions, VoucherMode
from agent.printing.press import Press, Route
from agent.printing.render import paper_of
from agent.signing import RegisterKey
from hardware.profiles import Profile, load
from hardware.wire.paper import Paper as DrawnPaper
from hardware.wire.picture import to_bitmap

PLACE: Final = Place("0421", "03")
AT_MS: Final = 1_763_646_600_000
"""2025-11-20 13:50:00 UTC."""
EMAIL: Final = "anna.shopper@mail.example"
EXPIRES: Final = datetime.date(2025, 12, 20)
ANNA: Final = CustomerReference(CustomerKind.EMAIL, EMAIL)
CODE: Final = Code.draw(3, (9, 4, 27, 30, 1, 16, 8, 22, 5, 13, 2, 31, 19, 7))
KEY: Final = IdempotencyKey.make(PLACE, AT_MS, "7K3QF2ZD")
UNITS: Final = (Unit("RET-0012345", "1", 1), Unit("RET-0012345", "2", 1))

SIGNER: Final = RegisterKey(bytes(range(32)))
OTHER_SIGNER: Final = RegisterKey(bytes(range(1, 33)))

# 32, 42 and 48 columns; the last draws its QR by its own command.
PROFILES: Final = ("generic-58", "epson-tm-t88v", "generic-80", "epson-tm-t20iii")

SHORT_HOST: Final = "c.brand.example.org"
LONG_HOST: Final = "credit-claims.somewhere-very-long.brand-department.example.o"

OPTIONS: Final[Mapping[str, PaperOptions]] = {
    "hosted": PaperOptions(VoucherMode.HOSTED, SHORT_HOST, brand="Brand", help_line="Help: 555"),
    "code-only": PaperOptions(VoucherMode.CODE_ONLY, brand="Brand"),
    "store-only": PaperOptions(VoucherMode.STORE_ONLY, brand="Brand"),
}


def a_record(
    state: State = State.PARKED,
    *,
    customer: Customer = ANNA,
    amount: Money | None = None,
    pos_number: str = "118274",
    sale: str | None = "RET-0012345",
    trusted: bool = True,
) -> CreditRecord:
    """An open credit of USD 48.50 for Anna, whose operator is called Otto."""
    request = CreditRequest(
        place=PLACE,
        amount=amount or Money(4850, "USD"),
        operator="Otto Operator",
        reason="too small",
        pos=PosTransaction(datetime.date(2025, 11, 20), pos_number),
        occurred_at_ms=AT_MS,
        customer=customer,
        original_sale=sale,
        units=UNITS,
    )
    return CreditRecord(
        key=KEY,
        code=CODE,
        request=request,
        caller="till",
        state=state,
        opened=Moment(AT_MS, 1000, "boot", trusted),
        changed_ms=AT_MS,
        paper=Paper.QUEUED,
        paper_kind=PaperKind.VOUCHER,
        copies=1,
        expires_on=EXPIRES if trusted else None,
    )


def a_confirmed(*, linked: bool, customer: Customer = ANNA) -> CreditRecord:
    """The same credit once the platform has it."""
    record = a_record(State.CONFIRMED, customer=customer)
    return replace(
        record,
        paper_kind=PaperKind.RECEIPT,
        expires_on=None,
        linked=linked,
        customer_id="platform-customer-77",
        reference="card-1",
        settled_ms=AT_MS + 900,
    )


def a_press(
    profile: str = "generic-80",
    options: PaperOptions | None = None,
    signer: RegisterKey = SIGNER,
    routes: Mapping[str, Route] | None = None,
) -> Press:
    """A press for one model of printer; without routes, as for a till that prints by itself."""
    return Press(routes or {}, options or OPTIONS["hosted"], signer, without_printer=load(profile))


def drawn(job: bytes, profile: Profile) -> DrawnPaper:
    return paper_of(job, profile)


def symbols_on(paper: DrawnPaper) -> list[str]:
    """What a reader finds on the paper, as its dots were sent."""
    return symbols_in(to_bitmap(paper))


def symbols_in(rows: Sequence[bytes]) -> list[str]:
    pixels = numpy.frombuffer(b"".join(rows), dtype=numpy.uint8)
    image = pixels.reshape(len(rows), -1)
    return [found.text for found in zxingcpp.read_barcodes(image)]
