# SPDX-License-Identifier: Apache-2.0
"""The parts of Saleor's answers that we read, as strict models. Pure.

Amounts are JSON numbers, read as Decimal and never as floats. The initial amount of a card is that
of its ISSUED event: `initialBalance` is overwritten when staff set a new balance.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from agent.domain.currency import exponent
from agent.domain.money import MINOR_MAX, Money
from agent.domain.outcome import Card, Saying
from agent.platforms.reading import Model, Odd


def _number(value: object) -> object:
    """A JSON number as Decimal. A float, a string or a truth value is none."""
    if type(value) is int:
        return Decimal(value)
    if isinstance(value, Decimal):
        return value
    raise ValueError("an amount is a JSON number")


class Reply(BaseModel):
    """A part of an answer. Vendors' bodies may grow."""

    model_config = ConfigDict(
        extra="ignore", strict=True, hide_input_in_errors=True, alias_generator=to_camel
    )


Id = Annotated[str, Field(min_length=1, max_length=200)]


class MoneyReply(Reply):
    amount: Annotated[Decimal, BeforeValidator(_number)]
    currency: str

    @model_validator(mode="after")
    def _checked(self) -> Self:
        self.money()
        return self

    def money(self) -> Money:
        """Raises ValueError for more digits than the currency has."""
        scale = exponent(self.currency)
        if not (self.amount.is_finite() and abs(self.amount) <= MINOR_MAX):
            raise ValueError("an amount is out of bounds")
        minor = self.amount.scaleb(scale)
        if minor != minor.to_integral_value():
            raise ValueError(f"{self.currency} has {scale} digits behind the point")
        return Money(int(minor), self.currency)


class _BalanceReply(Reply):
    initial_balance: MoneyReply | None


class _IssuedReply(Reply):
    balance: _BalanceReply | None


class ListedReply(Reply):
    """A card without its code: an audit has no need of it."""

    id: Id
    is_active: bool
    metafield: str | None
    initial_balance: MoneyReply
    current_balance: MoneyReply
    issued: Annotated[list[_IssuedReply], Field(max_length=100)]

    def card(self) -> Card:
        return Card(
            reference=self.id,
            initial=self._initial(),
            balance=self.current_balance.money(),
            enabled=self.is_active,
            key=self.metafield,
        )

    def _initial(self) -> Money:
        """What the card was issued with. A card that was bought has no such event, nor has one
        for the moment in which it is made: then nobody has set another balance yet either."""
        for event in self.issued:
            if event.balance is not None and event.balance.initial_balance is not None:
                return event.balance.initial_balance.money()
        return self.initial_balance.money()


class CardReply(ListedReply):
    code: Annotated[str, Field(min_length=1, max_length=64)]


class DatedReply(ListedReply):
    created: Annotated[datetime.datetime, Field(strict=False)]

    @property
    def created_ms(self) -> int:
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
        at = self.created if self.created.tzinfo else self.created.replace(tzinfo=datetime.UTC)
        return (at - epoch) // datetime.timedelta(milliseconds=1)


class UserReply(Reply):
    id: Id
    is_active: bool = True
    email: str = ""


class IdReply(Reply):
    id: Id
    code: str


class LinkedReply(IdReply):
    assigned_to: UserReply | None


class BalanceReply(IdReply):
    is_active: bool
    current_balance: MoneyReply


def nodes_of(data: Mapping[str, object], name: str) -> list[Any] | None:
    """The nodes of a connection; None for what is no connection."""
    connection = data.get(name)
    edges = connection.get("edges") if isinstance(connection, Mapping) else None
    if not isinstance(edges, list) or not all(_is_map(each) for each in edges):
        return None
    return [each.get("node") for each in edges]


def _is_map(value: object) -> bool:
    return isinstance(value, Mapping)


def model_of(node: object, model: type[Model], said: Saying) -> Model | Odd:
    try:
        return model.model_validate(node)
    except ValidationError:
        return Odd("not-the-contract", said)


# ---- orders


class _TaxedReply(Reply):
    gross: MoneyReply


class _LineIdReply(Reply):
    id: Id


class _GrantedLine(Reply):
    quantity: Annotated[int, Field(ge=0)]
    order_line: _LineIdReply


class Granted(Reply):
    """A granted refund. `status`: NONE, PENDING, SUCCESS or FAILURE."""

    id: Id
    created_at: Annotated[datetime.datetime, Field(strict=False)]
    status: str
    reason: str | None
    amount: MoneyReply
    lines: list[_GrantedLine] | None


class _FulfilledLine(Reply):
    quantity: Annotated[int, Field(ge=0)]
    order_line: _LineIdReply | None


class _FulfilmentReply(Reply):
    status: str
    lines: list[_FulfilledLine] | None


class _OrderLineReply(Reply):
    id: Id
    product_name: str
    variant_name: str
    product_sku: str | None
    quantity: Annotated[int, Field(ge=0)]
    unit_price: _TaxedReply


class _DetailsReply(Reply):
    typename: Annotated[str, Field(alias="__typename")]
    last_digits: str | None = None
    last_chars: str | None = None


class TransactionReply(Reply):
    id: Id
    name: str
    actions: list[str]
    charged_amount: MoneyReply
    refunded_amount: MoneyReply
    refund_pending_amount: MoneyReply
    payment_method_details: _DetailsReply | None


class OrderReply(Reply):
    id: Id
    number: str
    external_reference: str | None
    created: Annotated[datetime.datetime, Field(strict=False)]
    user: _LineIdReply | None
    total: _TaxedReply
    lines: list[_OrderLineReply]
    fulfillments: list[_FulfilmentReply]
    granted_refunds: list[Granted]
    transactions: list[TransactionReply]
