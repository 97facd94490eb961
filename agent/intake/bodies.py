# SPDX-License-Identifier: Apache-2.0
"""The bodies that callers send, as pydantic models: the outer form only.

Unknown fields are refused. What a field means is read in `agent.intake.reading`; here stand
types, lengths and the descriptions that the OpenAPI document shows.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from agent.domain.credit import TEXT_MAX, UNITS_MAX, Instrument
from agent.domain.money import MINOR_MAX

PART_PATTERN: Final = r"^[0-9A-Z]{1,6}$"
PIN_PATTERN: Final = r"^[0-9]+$"
CURRENCY_PATTERN: Final = r"^[A-Z]{3}$"
DATE_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
NUMBER_PATTERN: Final = r"^[0-9A-Za-z._/-]+$"
PATTERN_WORDS: Final = {
    PART_PATTERN: "it is one to six of the characters 0-9 and A-Z",
    PIN_PATTERN: "it is made of digits",
    CURRENCY_PATTERN: "it is three capital letters such as USD",
    DATE_PATTERN: "write it like 2026-11-21",
    NUMBER_PATTERN: "it is made of letters, digits and . _ / -",
}
"""What a person reads in place of a pattern."""

Text = Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
Number = Annotated[str, Field(min_length=1, max_length=TEXT_MAX, pattern=NUMBER_PATTERN)]
Operator = Annotated[
    str, Field(min_length=1, max_length=TEXT_MAX, description="Who works the till")
]
Pin = Annotated[str, Field(min_length=4, max_length=12, pattern=PIN_PATTERN)]
Part = Annotated[str, Field(pattern=PART_PATTERN)]
Registers = Annotated[list[Part], Field(min_length=1, max_length=64)]
Scope = Literal["issue", "read", "void", "approve", "admin"]


class Body(BaseModel):
    """Frozen; unknown fields are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )


class AmountBody(Body):
    """An amount in whole minor units: USD 48.50 is 4850."""

    minor: StrictInt = Field(gt=0, le=MINOR_MAX, description="Minor units, above zero")
    currency: str = Field(pattern=CURRENCY_PATTERN, description="ISO 4217 code")


class CustomerBody(Body):
    """Who the credit is for: exactly one of these. Leave `customer` out where nobody asked."""

    email: str | None = Field(None, max_length=512, repr=False)
    phone: str | None = Field(None, max_length=512, repr=False)
    loyalty: str | None = Field(None, max_length=512, repr=False)
    skipped: Literal[True] | None = Field(
        None, description="The cashier asked and the customer gave nothing"
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [part for part in (self.email, self.phone, self.loyalty, self.skipped) if part]
        empty = [part for part in (self.email, self.phone, self.loyalty) if part == ""]
        if len(given) + len(empty) != 1:
            raise ValueError("it holds exactly one of email, phone, loyalty and skipped")
        return self


class PosBody(Body):
    """The till's own name of the event."""

    business_date: str = Field(
        pattern=DATE_PATTERN, description="The till's business date, YYYY-MM-DD"
    )
    transaction: Number = Field(description="Transaction number, letters, digits and . _ / -")
    line: Number = Field("1", description="Line, where one transaction gives several credits")


class UnitBody(Body):
    """One returned unit of a line; `number` counts from 1."""

    line: Text
    number: StrictInt = Field(ge=1, le=999)


class OriginalSaleBody(Body):
    """The sale that goods come back from, with exact `units`, or with `lines`.

    A line that stands twice in `lines` means its units 1 and 2.
    """

    receipt: Text
    units: list[UnitBody] | None = Field(None, min_length=1, max_length=UNITS_MAX)
    lines: list[Text] | None = Field(None, min_length=1, max_length=UNITS_MAX)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.units is not None and self.lines is not None:
            raise ValueError("it holds units or lines, not both")
        return self


class PlasticBody(Body):
    """The gift card that was scanned, empty until the credit is on it."""

    number: str = Field(min_length=8, max_length=48, repr=False)
    pin: str | None = Field(None, min_length=3, max_length=24, repr=False)


class CreditBody(Body):
    """A store credit to be issued."""

    register_: Part = Field(alias="register", description="Register id; '03' and '3' differ")
    store: Part | None = Field(None, description="Store number; this host's own by default")
    amount: AmountBody
    customer: CustomerBody | None = None
    reason: Text = Field(description="Why the credit is given")
    operator: Operator
    pos: PosBody
    occurred_at: str | None = Field(
        None, max_length=40, description="The POS's own time, RFC 3339 with its offset"
    )
    instrument: Instrument = Field(Instrument.CARD, description="card can be put on paper")
    plastic: PlasticBody | None = Field(
        None, description="For the instrument plastic, and only for it"
    )
    original_sale: OriginalSaleBody | None = None
    distinct: StrictBool = Field(
        False, description="After looks-like: this is another credit for another return"
    )
    approval: str | None = Field(
        None, min_length=1, max_length=40, description="Id of a manager's approval of this body"
    )


class ApprovalBody(Body):
    """A manager's yes to one body, before its record is opened."""

    manager: Text
    pin: Pin = Field(repr=False)
    body: CreditBody = Field(description="The very body that will be sent to /v1/credits")


class PinBody(Body):
    """A manager's yes to paper."""

    manager: Text
    pin: Pin = Field(repr=False)


class _WithManager(Body):
    manager: Text | None = None
    pin: Pin | None = Field(None, repr=False)

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.manager is None) != (self.pin is None):
            raise ValueError("manager and pin are given together or not at all")
        return self


class VoidBody(_WithManager):
    """Undoes a credit."""

    operator: Operator
    reason: Text


class ReprintBody(_WithManager):
    """Asks for COPY n of the same paper."""

    operator: Operator
    reason: Text


class ReportBody(Body):
    """Says what came out: with `job`, of the POS's own printer; without, as a person saw it."""

    job: StrictInt | None = Field(None, ge=1, le=2**62)
    result: Literal["printed", "failed", "uncertain"]
    operator: Operator


class ClaimBody(_WithManager):
    """A voucher that is brought back. A manager is named for expired paper."""

    token: str = Field(
        min_length=1, max_length=400, repr=False, description="What the scanner read, as it is"
    )
    register_: Part = Field(alias="register", description="Register that takes it back")
    store: Part | None = Field(None, description="Store number; this host's own by default")
    operator: Operator
    customer: CustomerBody | None = Field(
        None, description="Who collects it; identity paper needs to know"
    )


class PairingBody(Body):
    """Takes a pairing code up."""

    code: str = Field(min_length=1, max_length=20, repr=False, description="The six digits")
    timeout_ms: StrictInt | None = Field(
        None, ge=1500, le=120_000, description="When the POS itself gives a request up"
    )
    printing: Literal["agent", "pos"] | None = Field(None, description="Who owns the printer")


class PairingCodeBody(Body):
    """What a new pairing will be allowed."""

    name: Text
    registers: Registers
    scopes: list[Scope] = Field(["issue", "read"], min_length=1, max_length=5)
    timeout_ms: StrictInt = Field(10_000, ge=1500, le=120_000)
    printing: Literal["agent", "pos"] = "agent"


class TestedBody(Body):
    """Whether a till has shown that it takes 202 for what it is."""

    tested: StrictBool


class ManagerBody(Body):
    """Somebody who may approve, with a new PIN."""

    name: Text
    pin: Pin = Field(repr=False)


class ByBody(Body):
    """Who acts; the caller by its own name where it is left out."""

    by: Text | None = None


class ReasonBody(ByBody):
    """Who acts and why."""

    reason: Text


class LinkBody(ByBody):
    """Names the platform's own customer id."""

    customer_id: str = Field(min_length=1, max_length=200)


class ConfirmBody(ByBody):
    """Names the platform's own card."""

    reference: str = Field(min_length=1, max_length=200)


class AffirmBody(ByBody):
    """Whether the paper came out, by a person's own eyes."""

    came_out: StrictBool


class TokenBody(Body):
    """What a scanner read from a voucher."""

    text: str = Field(min_length=1, max_length=400, repr=False)
